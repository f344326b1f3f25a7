"""Which conversation an answer is kept with, whatever the page shows by the time that it comes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import gradio as gr
import pytest

from assistant.assistant import Assistant
from assistant.entrance import OWNER_HEADER
from assistant.settings import Settings
from assistant.types import Answer
from assistant.ui.keeping import ConversationKeeper, Shown
from tests.fakes import WordEmbeddings

FIRST, SECOND, THIRD, FOURTH, OTHER = (
    Answer(f"{name}?", name, is_complete=True) for name in ("First", "Second", "Third", "Fourth", "Other")
)


@pytest.fixture
def assistant(tmp_path: Path) -> Iterator[Assistant]:
    with Assistant.open(settings=Settings(data_dir=tmp_path), embedder=WordEmbeddings()) as opened:
        yield opened


@pytest.fixture
def request_() -> gr.Request:
    return gr.Request(session_hash="page", headers={OWNER_HEADER: "me"})


def page(number: int) -> gr.Request:
    return gr.Request(session_hash=f"page {number}", headers={OWNER_HEADER: "me"})


def kept(assistant: Assistant) -> dict[str, list[str]]:
    conversations = assistant.conversations
    heads = conversations.list("me").heads
    return {head.title: [a.question for a in conversations.get(head.id, "me").answers] for head in heads}


def keep(
    keeper: ConversationKeeper, page: gr.Request, answers: list[Answer], shown: Shown | None = None
) -> bool:
    shown = shown or keeper.at(page)
    return keeper.keep(page, answers, shown, shown.turns)


def test_a_conversation_grows(assistant: Assistant, request_: gr.Request) -> None:
    keeper = ConversationKeeper(assistant)
    assert not keep(keeper, request_, [FIRST])
    assert not keep(keeper, request_, [FIRST, SECOND])

    assert kept(assistant) == {"First?": ["First?", "Second?"]}


def test_an_answer_that_comes_late_stays_out_of_what_was_opened_or_begun_meanwhile(
    assistant: Assistant, request_: gr.Request
) -> None:
    keeper = ConversationKeeper(assistant)
    keep(keeper, request_, [OTHER])
    other = keeper.shown(request_)
    asked_in = keeper.show(request_)
    keeper.open(request_, other)
    keep(keeper, request_, [FIRST], asked_in)
    assert keeper.shown(request_) == other
    keeper.show(request_)
    keep(keeper, request_, [FIRST, SECOND], asked_in)

    assert keeper.shown(request_) == ""
    assert kept(assistant) == {"Other?": ["Other?"], "First?": ["First?", "Second?"]}


def test_an_edit_that_was_stopped_is_kept_with_the_next_question(
    assistant: Assistant, request_: gr.Request
) -> None:
    keeper, stopped = ConversationKeeper(assistant), Answer("Stopped?")
    keep(keeper, request_, [FIRST, SECOND])
    assert not keep(keeper, request_, [FIRST, stopped, OTHER])

    assert kept(assistant) == {"First?": ["First?", "Stopped?", "Other?"]}


class TestTwoPages:
    """One conversation that is open in two tabs."""

    @pytest.fixture
    def keeper(self, assistant: Assistant) -> ConversationKeeper:
        keeper = ConversationKeeper(assistant)
        keep(keeper, page(1), [FIRST])
        assert keeper.open(page(2), keeper.shown(page(1)))
        return keeper

    def test_what_was_asked_in_the_other_stays(
        self, assistant: Assistant, keeper: ConversationKeeper
    ) -> None:
        keep(keeper, page(1), [FIRST, SECOND])
        keep(keeper, page(1), [FIRST, SECOND, THIRD])
        assert keep(keeper, page(2), [FIRST, OTHER])

        assert kept(assistant) == {"First?": ["First?", "Second?", "Third?"], "Other?": ["First?", "Other?"]}
        assert keeper.shown(page(1)) != keeper.shown(page(2))

    def test_each_goes_on_by_itself_from_then_on(
        self, assistant: Assistant, keeper: ConversationKeeper
    ) -> None:
        keep(keeper, page(1), [FIRST, SECOND])
        keep(keeper, page(2), [FIRST, OTHER])
        assert not keep(keeper, page(2), [FIRST, OTHER, THIRD])
        assert not keep(keeper, page(1), [FIRST, SECOND, FOURTH])

        assert kept(assistant) == {
            "First?": ["First?", "Second?", "Fourth?"],
            "Other?": ["First?", "Other?", "Third?"],
        }

    def test_one_that_is_opened_again_goes_on(self, assistant: Assistant, keeper: ConversationKeeper) -> None:
        keep(keeper, page(1), [FIRST, SECOND])
        keeper.open(page(2), keeper.shown(page(1)))
        assert not keep(keeper, page(2), [FIRST, SECOND, OTHER])

        assert kept(assistant) == {"First?": ["First?", "Second?", "Other?"]}

    def test_an_edit_takes_the_place_of_nothing_that_its_page_has_not_seen(
        self, assistant: Assistant, keeper: ConversationKeeper
    ) -> None:
        keep(keeper, page(1), [FIRST, SECOND])
        assert keep(keeper, page(2), [OTHER])

        assert kept(assistant) == {"First?": ["First?", "Second?"], "Other?": ["Other?"]}

    def test_two_that_ask_at_the_same_instant_lose_nothing(
        self, assistant: Assistant, keeper: ConversationKeeper
    ) -> None:
        start, moved = threading.Barrier(2), list[bool]()

        def ask(number: int, answer: Answer) -> None:
            start.wait()
            moved.append(keep(keeper, page(number), [FIRST, answer]))

        threads = [threading.Thread(target=ask, args=one) for one in ((1, SECOND), (2, OTHER))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert sorted(moved) == [False, True]
        assert sorted(kept(assistant).values()) == [["First?", "Other?"], ["First?", "Second?"]]


def test_two_questions_of_one_page_at_once_take_the_place_of_neither(
    assistant: Assistant, request_: gr.Request
) -> None:
    keeper = ConversationKeeper(assistant)
    keep(keeper, request_, [FIRST])
    shown = keeper.at(request_)
    seen = shown.turns
    keeper.keep(request_, [FIRST, SECOND], shown, seen)
    keeper.keep(request_, [FIRST, OTHER], shown, seen)

    assert kept(assistant) == {"First?": ["First?", "Second?"], "Other?": ["First?", "Other?"]}
