"""Which conversation an answer is kept with, whatever the page shows by the time that it comes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import gradio as gr
import pytest

from assistant.assistant import Assistant
from assistant.entrance import OWNER_HEADER
from assistant.settings import Settings
from assistant.types import Answer
from assistant.ui.keeping import Keeper
from tests.fakes import WordEmbeddings

FIRST, SECOND, OTHER = (Answer(f"{name}?", name, is_complete=True) for name in ("First", "Second", "Other"))


@pytest.fixture
def assistant(tmp_path: Path) -> Iterator[Assistant]:
    with Assistant.open(settings=Settings(data_dir=tmp_path), embedder=WordEmbeddings()) as opened:
        yield opened


@pytest.fixture
def request_() -> gr.Request:
    return gr.Request(session_hash="page", headers={OWNER_HEADER: "me"})


def kept(assistant: Assistant) -> dict[str, list[str]]:
    conversations = assistant.conversations
    heads = conversations.list("me").heads
    return {head.title: [a.question for a in conversations.get(head.id, "me").answers] for head in heads}


def test_a_conversation_grows(assistant: Assistant, request_: gr.Request) -> None:
    keeper = Keeper(assistant)
    keeper.keep(request_, [FIRST], keeper.at(request_))
    keeper.keep(request_, [FIRST, SECOND], keeper.at(request_))

    assert kept(assistant) == {"First?": ["First?", "Second?"]}


def test_an_answer_that_comes_late_stays_out_of_what_was_opened_or_begun_meanwhile(
    assistant: Assistant, request_: gr.Request
) -> None:
    keeper = Keeper(assistant)
    keeper.keep(request_, [OTHER], keeper.show(request_, ""))
    other = keeper.shown(request_)
    asked_in = keeper.show(request_, "")
    keeper.open(request_, other)
    keeper.keep(request_, [FIRST], asked_in)
    assert keeper.shown(request_) == other
    keeper.show(request_, "")
    keeper.keep(request_, [FIRST, SECOND], asked_in)

    assert keeper.shown(request_) == ""
    assert kept(assistant) == {"Other?": ["Other?"], "First?": ["First?", "Second?"]}
