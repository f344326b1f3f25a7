"""What the project promises, done as a reader does it: the shipped corpus, the real model, a browser."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from assistant.answering.abstention import odds
from assistant.assistant import Assistant
from assistant.models import Embedder, open_embedder
from assistant.settings import Settings
from assistant.ui.examples import EXAMPLES
from tests.ui.conftest import Open, Serve, ask, gradio_warnings, in_viewport, quoted, upload

pytestmark = [pytest.mark.browser, pytest.mark.model, gradio_warnings]

CORPUS = Path(__file__).resolve().parents[2] / "corpus"
BAKU_ARTICLE = Path("cpec", "leaders-meet-in-baku.md")
# A plain-text report in the way of those that people have: the headline first, a line a paragraph, the full
# names in one sentence and the meeting in the next.
REPORT = Path(__file__).with_name("report.txt")
REPORT_TITLE = "China and Pakistan agree to work together on security"


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return open_embedder(Settings().embedding, Settings().models_dir)


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Path:
    """A folder with the shipped corpus and, in `data`, its index."""
    folder = tmp_path_factory.mktemp("shipped")
    shutil.copytree(CORPUS, folder / "corpus")
    with Assistant.open(folder / "data", settings=Settings(), embedder=embedder) as assistant:
        report = assistant.add(folder / "corpus", name="corpus")
    assert report.failed == ()
    return folder


@pytest.fixture
def assistant(shipped: Path, tmp_path: Path, embedder: Embedder) -> Iterator[Assistant]:
    """An assistant of its own for each test, over a copy of the shipped corpus."""
    shutil.copytree(shipped, tmp_path, dirs_exist_ok=True)
    with Assistant.open(tmp_path / "data", settings=Settings(), embedder=embedder) as opened:
        yield opened


def test_who_met_in_baku(assistant: Assistant, serve: Serve, open_page: Open) -> None:
    page = open_page(serve(assistant))
    turn = ask(page, "who met in Baku?")

    expect(turn.locator(".answer")).to_contain_text("Ding Xuexiang")
    expect(turn.locator(".answer")).to_contain_text("Shehbaz Sharif")
    title = "Chinese and Pakistani leaders talk security in Baku"
    expect(turn.locator(".card .title").first).to_have_text(title)
    marker = turn.get_by_role("button", name=f"Source 1: {title}").first
    cited = quoted(page, marker)
    marker.click()
    expect(page.locator("#panel .reader h2")).to_have_text(title)
    expect(page.locator("#panel .reader mark.is-current")).to_have_text(re.compile(f"^{re.escape(cited)}$"))
    assert in_viewport(page, ".reader mark.is-current")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_short_answer_is_in_bold_and_confidence_in_words(
    assistant: Assistant, serve: Serve, open_page: Open, scheme: str
) -> None:
    question = "How many people were injured at Karachi airport?"
    answer = assistant.ask(question)
    assert answer.short_answer is not None
    assert answer.confidence is not None
    page = open_page(serve(assistant), color_scheme=scheme)
    turn = ask(page, question)

    assert answer.short_answer.text == "21"
    expect(turn.locator(".answer strong")).to_have_text(["21"])
    weights = turn.locator(".answer").evaluate(
        "element => [element.querySelector('p'), element.querySelector('strong')]"
        ".map(e => Number(getComputedStyle(e).fontWeight))"
    )
    assert weights == [400, 700]
    word = answer.confidence.capitalize()
    expect(turn.locator(".facts .confidence")).to_have_text(word)
    expect(turn.locator(".facts")).to_contain_text(f"{word}: {odds(answer.score)} · 1 source")


def test_who_met_in_baku_from_a_report_uploaded_in_place_of_ours(
    assistant: Assistant, tmp_path: Path, serve: Serve, open_page: Open
) -> None:
    (tmp_path / "corpus" / BAKU_ARTICLE).unlink()
    assert len(assistant.add(tmp_path / "corpus", name="corpus").removed) == 1
    page = open_page(serve(assistant))
    upload(page, (REPORT.name, REPORT.read_bytes()))
    expect(page.locator("#report .count")).to_have_text(f"Added: 1 {REPORT_TITLE}")
    turn = ask(page, "who met in Baku?")

    expect(turn.locator(".answer")).to_contain_text("Ding Xuexiang")
    expect(turn.locator(".answer")).to_contain_text("Shehbaz Sharif")
    marker = turn.get_by_role("button", name=re.compile(f"^Source [0-9]+: {re.escape(REPORT_TITLE)}$")).first
    cited = quoted(page, marker)
    assert cited in REPORT.read_text(encoding="utf-8")
    marker.click()
    expect(page.locator("#panel .reader mark.is-current")).to_have_text(re.compile(f"^{re.escape(cited)}$"))
    assert in_viewport(page, ".reader mark.is-current")


def test_what_the_corpus_does_not_say(assistant: Assistant, serve: Serve, open_page: Open) -> None:
    page = open_page(serve(assistant))
    turn = ask(page, "Who won the 1998 World Cup?")

    expect(turn.locator(".abstention h3")).to_have_text("The corpus does not say")
    assert turn.locator(".marker").count() == 0
    assert page.locator(".card").count() == 0


def test_all_examples_are_offered_and_answered_by_their_article(
    assistant: Assistant, serve: Serve, open_page: Open
) -> None:
    page = open_page(serve(assistant))
    expect(page.locator(".example")).to_have_text([example.question for example in EXAMPLES])
    answers = [assistant.ask(example.question) for example in EXAMPLES]

    assert [answer.citations[0].article.title if answer.citations else "" for answer in answers] == [
        example.article for example in EXAMPLES
    ]
