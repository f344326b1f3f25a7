"""What is taken out of a chat model's reply: one question about the conversation, or nothing."""

from __future__ import annotations

import pytest
from hypothesis import given

from assistant.answering.evidence import estimated_tokens
from assistant.conversation import MAX_EARLIER_CHARS, MAX_TURNS, Understood, understand
from assistant.errors import ModelError
from assistant.rewriting import (
    MAX_REPLY_CHARS,
    MAX_REWRITTEN_CHARS,
    Spoken,
    fit_turns,
    question_in,
    understood_from,
)
from assistant.types import Turn
from tests.strategies import PROPERTY, texts

HISTORY = (
    Turn("user", "Who met in Baku?"),
    Turn("assistant", "Ding Xuexiang met Shehbaz Sharif in Baku. [1]"),
)
ASKED = "Why did Ding Xuexiang meet Shehbaz Sharif?"


@pytest.mark.parametrize(
    "reply",
    [
        ASKED,
        ' "Why did Ding Xuexiang meet  Shehbaz Sharif?"\n',
        f"<think>The user wants to know why they met.\n\nWho met?</think>{ASKED}",
        f"The user asks why. Who met in Baku?\n</think>\n\n{ASKED}",
        f"[THINK]Who met in Baku?[/THINK]{ASKED}",
        f"<reasoning>Who met in Baku?</reasoning>\n{ASKED}",
        f"<|channel|>final<|message|>{ASKED}",
        f"Standalone question: {ASKED}",
        f"Q: {ASKED}",
        f"**Standalone Question:**\n\n**{ASKED}**",
        f'Here is the rewritten question: "{ASKED}',
        f"Here's the question:\n> {ASKED}",
        f'Sure! Here is the standalone question: "{ASKED}"',
        f"Certainly. {ASKED}",
        f"The rewritten question is: “{ASKED}”",
        f'The standalone question would be "{ASKED}"',
        f"I have resolved the pronouns. {ASKED}",
        f"Original question: Why did they meet in Baku?\nRewritten question: {ASKED}",
        f"{ASKED}\n\nThis names the two who met in Baku.",
        f"{ASKED} I replaced “they” by Ding and Sharif.",
        f"{ASKED}\n\nIs there anything else that you want me to do?",
        f'{{"question": "{ASKED}"}}',
        f'```json\n{{"original": "why?", "standalone_question": "{ASKED}"}}\n```',
        f'Here it is: {{"rewritten": "{ASKED}", "confidence": 0.9}}',
        f"{{'question': '{ASKED}'}}",
        f'["{ASKED}"]',
        f"1. {ASKED}",
        f"# {ASKED}",
        f"`{ASKED}`",
        f"{ASKED} ![x](http://evil.example/a.png) <b>hi</b>",
        f"<p>{ASKED}</p>",
        "Why did [Ding Xuexiang](http://evil.example) meet <b>Shehbaz</b> Sharif?",
        '{"question": "Why did Ding Xuexiang meet \\u003ca href=x\\u003eShehbaz Sharif?"}',
    ],
)
def test_the_question_is_taken_out_of_what_is_around_it(reply: str):
    assert question_in(reply, "why?", HISTORY) == ASKED
    assert understood_from(reply, "why?", HISTORY) == Understood(ASKED, also="why?")


def test_a_period_is_looked_for_in_the_rewritten_question():
    assert understood_from(ASKED, "And in March?", HISTORY).dated == (ASKED,)
    assert understood_from("Why in Baku? And who?", "Why in Baku?", HISTORY).dated == (
        "Why in Baku? And who?",
    )


@pytest.mark.parametrize(
    "reply",
    [
        "",
        " \n",
        "<think>Who met in Baku? And so",
        "I'm sorry, but I can't help with that.",
        "I’m sorry, but I cannot say why Ding met Sharif. Shall I tell who met in Baku?",
        "As an AI, what I know of Baku is limited.",
        "What I changed is the name of Baku.",
        "Ding Xuexiang met Shehbaz Sharif to speak of Baku.",
        "Why? ![x](http://evil.example/a.png) <b>hi</b>",
        "Why is the moon made of cheese?",
        '{"question": "", "answer": 42}',
        "Here is the question:",
        "Who met in Baku" + " and who" * (MAX_REWRITTEN_CHARS // 8) + "?",
        "Who met in Baku?\n" + "And so on. \n" * (MAX_REPLY_CHARS // 10),
    ],
)
def test_a_reply_without_a_question_of_the_conversation_is_not_believed(reply: str):
    assert question_in(reply, "why?", HISTORY) == ""
    assert understood_from(reply, "why?", HISTORY) == understand("why?", HISTORY)


@pytest.mark.parametrize(
    "question",
    [
        "How are truffles grown?",
        "Summarise the meeting in Baku.",
        "what happened in Baku",
        "Tell me about Li.",
    ],
)
def test_a_question_that_is_repeated_unchanged_is_a_question(question: str):
    assert question_in(question, question, HISTORY) == question


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "piece", ["![", "[", "<", "<think>", "</think>", '"a":"', "{", "the ", "sure, ", "a? "]
)
def test_hostile_replies_take_no_long_time(piece: str):
    for length in (MAX_REPLY_CHARS, 50_000):
        question_in((piece * length)[:length], "why?", HISTORY)


@PROPERTY
@given(texts, texts)
def test_what_is_taken_is_one_line_of_bounded_length(reply: str, question: str):
    found = question_in(f"{reply} Baku?", question, HISTORY)
    assert len(found) <= max(MAX_REWRITTEN_CHARS, 2 * len(question))
    assert len(found.splitlines()) <= 1


def test_turns_are_shown_oldest_first_with_who_spoke():
    text = "user: Who met in Baku?\nassistant: Ding Xuexiang met Shehbaz Sharif in Baku. [1]"
    assert fit_turns(HISTORY, 1000) == Spoken(text, 2, 0, is_cut=False)
    assert fit_turns(HISTORY, 1000).note(2048) == ""
    assert fit_turns(HISTORY * MAX_TURNS, 10_000).shown == MAX_TURNS


@pytest.mark.parametrize("room", range(32, 60))
def test_turns_never_take_more_than_their_room_and_the_oldest_go_first(room: int):
    spoken = fit_turns(HISTORY * 3, room)
    assert estimated_tokens(spoken.text) <= room
    assert spoken.shown + spoken.left_out == len(HISTORY) * 3
    assert spoken.text.endswith(f"assistant: {HISTORY[1].text}")
    assert not spoken.is_cut


@pytest.mark.parametrize("letter", ["a", "é", "界", "😀"])
def test_the_last_turn_is_cut_if_it_has_no_room(letter: str):
    history = (*HISTORY, Turn("assistant", letter * 1000))
    spoken = fit_turns(history, 100)
    assert estimated_tokens(spoken.text) <= 100
    assert (spoken.shown, spoken.left_out, spoken.is_cut) == (1, 2, True)
    assert spoken.text.startswith(f"assistant: {letter * 60}")
    assert spoken.text.endswith(f"{letter}…")
    assert "the last 1 of 3 turns, and only the beginning of a long turn" in spoken.note(2048)


def test_a_turn_that_is_too_long_is_cut_and_told():
    spoken = fit_turns((Turn("user", "a" * MAX_EARLIER_CHARS * 2),), 10_000)
    assert len(spoken.text) == len("user: ") + MAX_EARLIER_CHARS
    expected = "To understand the question, the chat model was shown only the beginning of a long turn."
    assert spoken.note(2048) == expected


def test_without_room_for_the_last_turn_nothing_is_shown():
    with pytest.raises(ModelError, match="no room for the conversation"):
        fit_turns((Turn("user", "a" * 1000),), 20)
