"""The Model Context Protocol at /mcp of the real server, spoken by the official client."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx
import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from assistant.assistant import Assistant
from assistant.stores.tokens import TokenStore
from tests.api.conftest import open_assistant, serving, settings_for

HELLO = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
ACCEPT = {"accept": "application/json, text/event-stream"}


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Assistant, str]]:
    settings = settings_for(tmp_path_factory.mktemp("guarded"), require_token=True)
    with open_assistant(settings) as opened, serving(opened) as address:
        yield opened, address


async def ask(address: str, question: str, headers: dict[str, str]) -> Any:
    async with (
        httpx2.AsyncClient(headers=headers, timeout=60) as http,
        Client(streamable_http_client(f"{address}/mcp", http_client=http)) as client,
    ):
        names = {tool.name for tool in (await client.list_tools()).tools}
        assert names == {"ask_articles", "list_articles", "read_article", "search_articles"}
        return await client.call_tool("ask_articles", {"question": question})


def test_a_client_of_this_machine_gets_a_cited_answer(address: str):
    answer = asyncio.run(ask(address, "Who met Sharif in Baku?", {}))
    assert answer.structured_content["citations"][0]["cited_text"] == "Ding met Sharif in Baku."


def test_a_token_opens_a_server_that_demands_one(guarded: tuple[Assistant, str]):
    assistant, address = guarded
    store = TokenStore(assistant.corpus.data_dir)
    _, secret = store.create("reader", ["read"])
    store.close()
    answer = asyncio.run(ask(address, "Who met Sharif in Baku?", {"authorization": f"Bearer {secret}"}))
    assert answer.structured_content["citations"]


def test_without_a_token_it_says_what_every_door_says(guarded: tuple[Assistant, str]):
    _, address = guarded
    refused = httpx.post(f"{address}/mcp", json=HELLO, headers=ACCEPT)
    assert (refused.status_code, refused.content) == (401, httpx.get(f"{address}/api/v1/articles").content)


def test_a_token_that_may_only_write_reads_nothing(guarded: tuple[Assistant, str]):
    assistant, address = guarded
    store = TokenStore(assistant.corpus.data_dir)
    _, secret = store.create("writer", ["write"])
    store.close()
    headers = ACCEPT | {"authorization": f"Bearer {secret}"}
    assert httpx.post(f"{address}/mcp", json=HELLO, headers=headers).status_code == 403


@pytest.mark.parametrize("headers", [{"host": "evil.example"}, {"origin": "https://evil.example"}])
def test_pages_of_other_sites_are_refused(address: str, headers: dict[str, str]):
    assert httpx.post(f"{address}/mcp", json=HELLO, headers=ACCEPT | headers).status_code in (400, 403)


@pytest.mark.parametrize(
    "body", [b"", b"[", b"null", b"\xff", b"[" * 40 + b"]" * 40, b'{"a": "' + b"x" * 2_000_000]
)
def test_what_is_no_message_is_refused(address: str, body: bytes):
    sent = httpx.post(f"{address}/mcp", content=body, headers=ACCEPT | {"content-type": "application/json"})
    assert 400 <= sent.status_code < 500
