"""What the Ask tab answers to an event, whatever the event says."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from assistant.assistant import Assistant
from assistant.entrance import OWNER_HEADER
from assistant.errors import CorpusError
from assistant.settings import AnsweringSettings, Settings
from assistant.types import Answer, Filters
from assistant.ui import render
from assistant.ui.ask import Ask
from assistant.ui.keeping import ConversationKeeper
from assistant.ui.options import Options
from tests.fakes import WordEmbeddings, make_article

ARTICLE = make_article("Text.", title="A title")
CONVERSATION = (Answer("First?", "One.", is_complete=True), Answer("Second?", "Two.", is_complete=True))
SKIPPED = (gr.skip(),) * 3


@pytest.fixture
def assistant(tmp_path: Path) -> Iterator[Assistant]:
    settings = Settings(data_dir=tmp_path, answering=AnsweringSettings(min_score=0))
    with Assistant.open(settings=settings, embedder=WordEmbeddings()) as opened:
        yield opened


def tab(assistant: Assistant) -> Ask:
    return Ask(assistant, ConversationKeeper(assistant))


def event(**data: object) -> gr.EventData:
    return gr.EventData(None, data)


class TestRevise:
    def test_puts_the_last_question_into_the_box(self, assistant: Assistant) -> None:
        question, options, strip = tab(assistant).revise(CONVERSATION, Options(), event(turn="1"))

        assert (question, options) == ("Second?", Options(revising=1))
        assert strip == render.strip(Options(revising=1))

    @pytest.mark.parametrize("turn", ["0", "2", "-1", "", None, 1, "x"])
    def test_of_another_turn_does_nothing(self, assistant: Assistant, turn: object) -> None:
        assert tab(assistant).revise(CONVERSATION, Options(), event(turn=turn)) == SKIPPED

    def test_of_no_conversation_does_nothing(self, assistant: Assistant) -> None:
        assert tab(assistant).revise((), Options(), event(turn="0")) == SKIPPED


class TestStream:
    def test_the_turns_before_are_sent_once(self, assistant: Assistant) -> None:
        assistant.add(make_article("Bob Ray won the cup of Quba."))
        page = gr.Request(session_hash="page", headers={})

        async def updates() -> list[tuple[Any, ...]]:
            asked = tab(assistant).ask("Who won the cup of Quba?", CONVERSATION, Options(), page)
            return [update async for update in asked]

        first, *others = [update[1] for update in asyncio.run(updates())]
        assert first["earlier"] == render.transcript(CONVERSATION)
        assert "Reading the articles" in first["value"]
        assert len(others) > 1
        assert [turn.count("<section") for turn in others] == [1] * len(others)
        assert "Bob Ray won" in others[-1]

    def test_a_failure_leaves_the_conversation_and_gives_the_question_back(self, failing: Assistant) -> None:
        page = gr.Request(session_hash="page", headers={})

        async def updates() -> list[tuple[Any, ...]]:
            asked = tab(failing).ask("Who?", CONVERSATION, Options(revising=1), page)
            return [update async for update in asked]

        box, transcript, conversation, *_ = asyncio.run(updates())[-1]
        assert (box.value, conversation) == ("Who?", CONVERSATION)
        assert "Second?" in transcript["value"]
        assert "That did not work" in transcript["value"]

    def test_a_question_that_is_too_long_is_no_turn_and_comes_back(self, assistant: Assistant) -> None:
        keeper, question = ConversationKeeper(assistant), "who met " * 11_000
        page = gr.Request(session_hash="page", headers={OWNER_HEADER: "me"})

        async def updates() -> list[tuple[Any, ...]]:
            asked = Ask(assistant, keeper).ask(question, CONVERSATION, Options(revising=1), page)
            return [update async for update in asked]

        first, *_, (box, transcript, conversation, options, strip) = asyncio.run(updates())
        assert (box.value, conversation, options) == (question, CONVERSATION, Options(revising=1))
        assert strip == render.strip(Options(revising=1))
        assert "The question has 88,000 characters; at most 2,000 are allowed." in transcript["value"]
        assert max(len(first[1]["value"]), len(transcript["value"])) < 10_000
        assert assistant.conversations.list(None).heads == ()


class FailingAssistant(Assistant):
    """An assistant that answers nothing."""

    def stream(self, *args: object, **options: object) -> Iterator[Answer]:
        raise CorpusError("the index is gone", hint="Rebuild it.")


@pytest.fixture
def failing(tmp_path: Path) -> Iterator[FailingAssistant]:
    with FailingAssistant.open(settings=Settings(data_dir=tmp_path), embedder=WordEmbeddings()) as opened:
        yield opened


class TestOpen:
    NARROWED = Options(Filters(sources=("Gazette",)))

    def test_a_new_conversation_has_nothing_of_the_one_before(self, assistant: Assistant) -> None:
        transcript, conversation, options, strip, offered, box = tab(assistant).open((), self.NARROWED)

        assert transcript == gr.update(value="", earlier="")
        assert (conversation, options) == ((), Options())
        assert (strip, offered, box.value) == (render.strip(Options()), "", "")

    def test_what_is_typed_stays_for_one_that_is_there(self, assistant: Assistant) -> None:
        _, conversation, options, *_, box = tab(assistant).open(CONVERSATION, self.NARROWED)

        assert (conversation, options) == (CONVERSATION, Options())
        assert "value" not in box.constructor_args

    def test_a_question_that_was_being_changed_replaces_none_there(self, assistant: Assistant) -> None:
        _, _, options, *_, box = tab(assistant).open(CONVERSATION, Options(revising=0))

        assert (options, box.value) == (Options(), "")


class TestOptions:
    def test_about_narrows_to_the_article(self, assistant: Assistant) -> None:
        assistant.add(ARTICLE)
        options, *_ = tab(assistant).about(Options(), event(article=ARTICLE.id))

        assert options == Options(Filters(article_ids=(ARTICLE.id,)), ("A title",))

    @pytest.mark.parametrize("article", ["", "nothing", None, ["x"], 7])
    def test_about_an_unknown_article_does_nothing(self, assistant: Assistant, article: object) -> None:
        assert tab(assistant).about(Options(), event(article=article)) == SKIPPED

    @pytest.mark.parametrize(
        "data", [None, "text", {}, {"filter": 7}, {"fields": "x"}, {"fields": {"from": 3}}]
    )
    def test_nonsense_changes_nothing(self, assistant: Assistant, data: object) -> None:
        options = Options(Filters(sources=("Gazette",)))
        sent = gr.EventData(None, data)

        assert tab(assistant).drop(options, sent)[0] == options
        assert tab(assistant).narrow(options, sent)[0] == options

    def test_mode_is_switched_to_and_fro(self, assistant: Assistant) -> None:
        quoted, _ = tab(assistant).switch_mode(Options())

        assert quoted == Options(is_quoted=True)
        assert tab(assistant).switch_mode(quoted)[0] == Options()


def test_the_strip_says_who_writes_and_offers_the_other():
    def said(options: Options, model: str) -> str:
        return render.strip(options, model=model).partition('class="mode"')[2]

    assert "quoted word for word" in said(Options(), "")
    assert "data-action" not in said(Options(), "")
    assert "Written by openai:gpt" in said(Options(), "openai:gpt")
    assert "quote instead" in said(Options(), "openai:gpt")
    assert "let openai:gpt write" in said(Options(is_quoted=True), "openai:gpt")


def test_follow_ups_are_only_what_the_articles_answer(assistant: Assistant):
    assistant.add(make_article("Ann Lee won the golden cup of Quba.\nBob Ray won the silver cup of Quba."))
    answer = assistant.ask("Who won the silver cup of Quba?")
    narrowed = Filters(sources=("Nobody",))

    assert assistant.follow_ups(answer, narrowed) == []
    assert assistant.follow_ups(answer) == ["Who won the golden cup of Quba?"]
    assert assistant.follow_ups(answer, asked=["Who won the golden cup of Quba?"]) == []
    assert assistant.follow_ups(answer, most=0) == []
