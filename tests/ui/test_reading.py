"""What the reader pane answers to a click, whatever the click says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import gradio as gr
import pytest

from assistant.assistant import Assistant
from assistant.settings import Settings
from assistant.types import Answer, Article, Citation, Hit, Passage
from assistant.ui import render
from assistant.ui.reading import ReaderPane
from tests.fakes import WordEmbeddings, make_article

URL = "https://gazette.example/baku"
OLD = make_article("Ding met Sharif. They spoke.", url=URL)
NEW = make_article("Ding did not meet Sharif. They wrote.", url=URL)
CITED = (0, 16)
CONVERSATION = (Answer("Who?", "Ding met Sharif. [1]", (Citation(1, OLD, *CITED),), is_complete=True),)
NEARBY = (Answer("Who?", hits=(Hit(Passage(OLD.id, 0, 5, "Ding "), OLD, 0.1),), is_complete=True),)


@pytest.fixture
def assistant(tmp_path: Path) -> Iterator[Assistant]:
    settings = Settings(data_dir=tmp_path)
    with Assistant.open(settings=settings, embedder=WordEmbeddings()) as opened:
        yield opened


def click(to: Article, **changes: object) -> gr.EventData:
    """What the page sends when a marker is clicked: text, as all data of elements is."""
    data = {"article": to.id, "version": to.version, "start": "0", "end": "16"}
    return gr.EventData(None, data | changes)


class TestRead:
    def test_opens_the_article_at_the_cited_span(self, assistant: Assistant) -> None:
        assistant.add(OLD)

        assert ReaderPane(assistant).read((), click(OLD)) == render.reader(OLD, CITED)

    @pytest.mark.parametrize("conversation", [CONVERSATION, NEARBY])
    def test_shows_the_version_that_was_cited_when_it_changed(
        self, assistant: Assistant, conversation: tuple[Answer, ...]
    ) -> None:
        assistant.add(NEW)
        note = "The article has changed since it was cited. This is the version that was cited."

        assert ReaderPane(assistant).read(conversation, click(OLD)) == render.reader(OLD, CITED, note=note)

    def test_shows_the_version_that_was_cited_when_it_is_gone(self, assistant: Assistant) -> None:
        note = "The article has been removed from the corpus. This is the version that was cited."

        assert ReaderPane(assistant).read(CONVERSATION, click(OLD)) == render.reader(OLD, CITED, note=note)

    def test_marks_nothing_in_another_version(self, assistant: Assistant) -> None:
        assistant.add(NEW)
        note = "The article has changed, and the cited version is no longer at hand. This is the current one."

        assert ReaderPane(assistant).read((), click(OLD)) == render.reader(NEW, (0, 0), note=note)

    def test_says_that_an_article_is_gone(self, assistant: Assistant) -> None:
        expected = render.missing_article("The article is no longer in the corpus.")

        assert ReaderPane(assistant).read((), click(OLD)) == expected

    @pytest.mark.parametrize("span", [("5", "3"), ("0", "99999999999"), ("999", "1000")])
    def test_span_outside_of_the_text_marks_what_there_is(
        self, assistant: Assistant, span: tuple[str, str]
    ) -> None:
        assistant.add(OLD)
        shown = ReaderPane(assistant).read((), click(OLD, start=span[0], end=span[1]))

        assert shown == render.reader(OLD, (int(span[0]), int(span[1])))

    @pytest.mark.parametrize(
        "data",
        [
            None,
            "text",
            [1],
            {},
            {"start": "-1"},
            {"start": "1.5"},
            {"start": "٣"},
            {"start": 0},
            {"end": None},
            {"end": "9" * 12},
            {"article": None},
            {"article": ["x"]},
            {"version": 7},
        ],
    )
    def test_ignores_what_names_no_place(self, assistant: Assistant, data: object) -> None:
        assistant.add(OLD)
        event = click(OLD, **data) if isinstance(data, dict) and data else gr.EventData(None, data)

        assert ReaderPane(assistant).read((), event) == gr.skip()
