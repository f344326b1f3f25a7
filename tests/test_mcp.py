"""The tools of the Model Context Protocol, driven by the official client: in the process and as a program."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client

from assistant import Article, Assistant
from assistant.mcp import build
from assistant.settings import Settings
from tests.fakes import WordEmbeddings
from tests.retriever_contract import BAKU, QUIET, ZEBRA

READING = {"ask_articles", "list_articles", "read_article", "search_articles"}
CHANGING = {"add_article", "remove_article"}


@pytest.fixture
def assistant(tmp_path: Path) -> Iterator[Assistant]:
    settings = Settings(data_dir=tmp_path / "data")
    with Assistant.open(settings=settings, embedder=WordEmbeddings()) as opened:
        opened.add([BAKU, ZEBRA, QUIET])
        yield opened


def talk(assistant: Assistant, *calls: tuple[str, dict[str, Any]], changes: bool = False) -> list[Any]:
    async def run() -> list[Any]:
        async with Client(build(assistant, offers_changes=changes)) as client:
            return [await client.call_tool(name, arguments) for name, arguments in calls]

    return asyncio.run(run())


def tools(assistant: Assistant, *, changes: bool = False) -> dict[str, Any]:
    async def run() -> dict[str, Any]:
        async with Client(build(assistant, offers_changes=changes)) as client:
            return {tool.name: tool for tool in (await client.list_tools()).tools}

    return asyncio.run(run())


def value(result: Any) -> Any:
    assert not result.is_error, result.content
    return result.structured_content


def refusal(result: Any) -> str:
    assert result.is_error
    return str(result.content[0].text)


class TestTools:
    def test_only_those_that_read_are_offered_unless_told_otherwise(self, assistant: Assistant):
        offered = tools(assistant)
        assert set(offered) == READING
        assert all(tool.annotations.read_only_hint for tool in offered.values())
        offered = tools(assistant, changes=True)
        assert set(offered) == READING | CHANGING
        assert offered["remove_article"].annotations.destructive_hint

    def test_a_tool_that_is_not_offered_cannot_be_called(self, assistant: Assistant):
        [refused] = talk(assistant, ("remove_article", {"article_id": BAKU.id}))
        assert "remove_article" in refusal(refused)
        assert assistant.article(BAKU.id) == BAKU

    def test_each_says_what_it_does_and_takes(self, assistant: Assistant):
        for tool in tools(assistant, changes=True).values():
            assert tool.description
            assert tool.input_schema["type"] == "object"

    def test_search_gives_what_python_gives(self, assistant: Assistant):
        [found] = talk(assistant, ("search_articles", {"query": "a zebra in Baku", "top_k": 2}))
        hits = assistant.search("a zebra in Baku", 2, rerank=True)
        assert value(found) == {"passages": [hit.to_dict() for hit in hits]}

    def test_filters_hold(self, assistant: Assistant):
        [found] = talk(assistant, ("search_articles", {"query": "zebra", "sources": ["Gazette"]}))
        assert {passage["article_id"] for passage in value(found)["passages"]} == {BAKU.id}

    def test_an_answer_carries_its_citations(self, assistant: Assistant):
        text = "The ministers met in Baku on Monday. They spoke about the railway."
        assistant.add(Article(title="Railway talks", text=text, published=date(2024, 11, 13)))
        [answer] = talk(assistant, ("ask_articles", {"question": "Where did the ministers meet?"}))
        shown = value(answer)
        assert shown["citations"][0]["cited_text"] == "The ministers met in Baku on Monday."
        assert "[1]" in shown["text"]

    def test_says_when_the_articles_do_not_say(self, assistant: Assistant):
        [answer] = talk(assistant, ("ask_articles", {"question": "Who won the world cup of 1998?"}))
        assert (value(answer)["text"], value(answer)["citations"]) == ("", [])
        assert value(answer)["abstention"]["message"]

    def test_an_article_is_read_part_by_part(self, assistant: Assistant):
        first, rest = talk(
            assistant,
            ("read_article", {"article_id": BAKU.id, "length": 10}),
            ("read_article", {"article_id": BAKU.id[:8], "start": 10}),
        )
        assert value(first)["next_start"] == 10
        assert value(rest)["next_start"] is None
        assert value(first)["text"] + value(rest)["text"] == BAKU.text

    def test_articles_are_listed_in_pages(self, assistant: Assistant):
        [first] = talk(assistant, ("list_articles", {"limit": 2}))
        [second] = talk(assistant, ("list_articles", {"limit": 2, "cursor": value(first)["next"]}))
        listed = value(first)["articles"] + value(second)["articles"]
        assert [one["id"] for one in listed] == [article.id for article in assistant.articles()]
        assert (value(second)["next"], value(second)["total"]) == (None, 3)

    def test_a_list_is_narrowed_by_words_of_the_title(self, assistant: Assistant):
        [found] = talk(assistant, ("list_articles", {"words": "zebra"}))
        assert [one["title"] for one in value(found)["articles"]] == ["Zebra"]

    def test_articles_are_added_and_removed_if_that_is_offered(self, assistant: Assistant):
        new = {"title": "New", "text": "A new bridge was opened in Ganja.", "published": "2025-01-02"}
        [added] = talk(assistant, ("add_article", new), changes=True)
        assert len(value(added)["added"]) == 1
        article = next(one for one in assistant.articles() if one.title == "New")
        [removed] = talk(assistant, ("remove_article", {"article_id": article.id}), changes=True)
        assert value(removed)["article_id"] == article.id
        assert "New" not in {one.title for one in assistant.articles()}


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        ("read_article", {"article_id": "ffffffff"}, "ffffffff"),
        ("read_article", {"article_id": "ab"}, "6 characters"),
        ("search_articles", {"query": ""}, "1 character"),
        ("search_articles", {"query": "x", "top_k": 51}, "50"),
        (
            "search_articles",
            {"query": "x", "published_from": "2025-02-01", "published_to": "2025-01-01"},
            "after",
        ),
        ("search_articles", {"query": "x", "published_from": "yesterday"}, "date"),
        ("ask_articles", {"question": "y" * 2001}, "2000"),
        ("list_articles", {"limit": 0}, "greater than or equal to 1"),
        ("list_articles", {"cursor": "x"}, "earlier page"),
        ("add_article", {"title": "Blank", "text": " \n "}, "text"),
    ],
)
def test_bad_input_is_refused_with_the_reason(
    assistant: Assistant, tool: str, arguments: dict[str, Any], said: str
):
    [result] = talk(assistant, (tool, arguments), changes=True)
    assert said in refusal(result)


def test_a_client_starts_the_program_and_talks_over_its_pipes(tmp_path: Path):
    command = [sys.executable, "-m", "assistant.cli"]
    data = ["--data-dir", str(tmp_path)]

    async def run() -> Any:
        parameters = StdioServerParameters(
            command=command[0], args=[*command[1:], *data, "mcp", "--changes"], env={**os.environ}
        )
        async with Client(stdio_client(parameters)) as client:
            added = await client.call_tool(
                "add_article", {"title": "Talks", "text": "Ministers met in Baku on Monday."}
            )
            assert not added.is_error, added.content
            return await client.call_tool("ask_articles", {"question": "Where did the ministers meet?"})

    answer = asyncio.run(run())
    assert value(answer)["citations"][0]["cited_text"] == "Ministers met in Baku on Monday."
