"""The Ask tab and the reader pane as a reader uses them, in headless Chromium, over a real server."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from assistant.assistant import Assistant
from assistant.settings import AnsweringSettings, Settings
from assistant.types import Answer, Citation, Filters, Section, Turn
from tests.fakes import WordEmbeddings, make_article
from tests.sources.samples import pdf
from tests.ui.conftest import WAIT_MS, Open, Serve, ask, gradio_warnings, in_viewport, show_tab, upload

pytestmark = [pytest.mark.browser, gradio_warnings]

FACT = "Ding Xuexiang met Shehbaz Sharif in Baku on Wednesday."
SECOND = "In Baku, Ding Xuexiang and Shehbaz Sharif met behind closed doors."
LINES = [
    "How it began",
    f"The talks were long expected. {FACT}",
    *(f"Paragraph {n} tells of the weather over the Caspian Sea." for n in range(40)),
    "What was said",
    f"{SECOND} Both sides spoke of security.",
    *(f"Paragraph {n} tells of the price of cotton." for n in range(40)),
]
TEXT = "\n".join(LINES)
BAKU = make_article(
    TEXT,
    title="Two leaders meet by the sea",
    source="Caspian Gazette",
    published=date(2024, 11, 13),
    sections=(Section(0, LINES[0]), Section(TEXT.index(LINES[42]), LINES[42])),
)
CUP = make_article(
    "Ann Lee won the golden cup of Quba.\nBob Ray won the silver cup of Quba.",
    title="Cups of Quba",
    source="Quba Times",
    published=date(2023, 5, 1),
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Answers whatever has a sentence near, in two."""
    return Settings(data_dir=tmp_path / "data", answering=AnsweringSettings(min_score=0.0, max_sentences=2))


@pytest.fixture
def page(assistant: Assistant, serve: Serve, open_page: Open) -> Page:
    assistant.add([BAKU, CUP])
    return open_page(serve(assistant))


def card(page: Page) -> Locator:
    """The card of a marker that is shown."""
    return page.locator(".quote.is-shown")


class TestCardOfAMarker:
    def test_shows_where_the_sentence_is_from_to_the_mouse(self, page: Page) -> None:
        marker = ask(page, "Who met in Baku?").locator(".answer .marker").first
        marker.hover()

        expect(card(page).locator("p")).to_have_text(
            [BAKU.title, "Caspian Gazette · 13 November 2024", re.compile("Ding Xuexiang")]
        )
        card(page).hover()
        expect(card(page)).to_be_visible()
        page.mouse.move(0, 0)
        expect(card(page)).to_have_count(0)

    def test_shows_to_the_keyboard_and_goes_at_escape(self, page: Page) -> None:
        ask(page, "Who met in Baku?")
        for _ in range(30):
            page.keyboard.press("Shift+Tab")
            if page.locator(".answer .marker:focus").count():
                break
        expect(card(page)).to_have_count(1)
        page.keyboard.press("Escape")
        expect(card(page)).to_have_count(0)
        page.keyboard.press("Enter")
        expect(page.locator("#panel .reader h2")).to_have_text(BAKU.title)

    def test_lies_within_the_window_of_a_phone(self, page: Page, open_page: Open) -> None:
        phone = open_page(page.url, viewport={"width": 375, "height": 500})
        marker = ask(phone, "Who met in Baku?").locator(".answer .marker").first
        marker.hover()
        box = card(phone).bounding_box()

        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 375
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= 500


class TestUnderTheAnswer:
    def test_says_how_it_was_found(self, page: Page) -> None:
        turn = ask(page, "Who met in Baku?")
        found = turn.locator(".found")
        expect(found.locator("table")).to_be_hidden()
        found.locator("summary").click()

        expect(found.locator("tbody tr .title").first).to_have_text(BAKU.title)
        numbers = found.locator("tbody tr").first.locator(".number").all_text_contents()
        assert re.fullmatch(r"0\.\d\d|—", numbers[0])
        assert re.fullmatch(r"\d+\.\d|—", numbers[1])
        assert re.fullmatch(r"\d+%", numbers[2])
        ask(page, "Who won the golden cup of Quba?")
        expect(found.locator("table")).to_be_visible()  # and stays open while the next answer grows

    def test_copies_the_answer_with_its_references(self, page: Page) -> None:
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        turn = ask(page, "Who won the silver cup of Quba?")
        turn.get_by_role("button", name="Copy", exact=True).click()
        expect(turn.get_by_role("button", name="Copied")).to_be_visible()
        copied = page.evaluate("navigator.clipboard.readText()")

        assert copied.startswith("Bob Ray won the silver cup of Quba. [1]\n\n")
        assert "Sources:\n[1] Cups of Quba, Quba Times, 1 May 2023" in copied

    def test_asks_again_in_place(self, page: Page) -> None:
        ask(page, "Who won the silver cup of Quba?")
        turn = ask(page, "Who won the golden cup of Quba?")
        first = turn.locator(".facts").element_handle()
        turn.get_by_role("button", name="Ask again").click()
        expect(page.locator(".working")).to_have_count(0)
        expect(page.locator(".turn").last.locator(".facts")).to_be_visible()

        assert first is not None
        expect(page.locator(".question")).to_have_text(
            ["Who won the silver cup of Quba?", "Who won the golden cup of Quba?"]
        )

    def test_a_changed_question_takes_the_place_of_the_last(self, page: Page) -> None:
        ask(page, "Who met in Baku?")
        turn = ask(page, "Who won the golden cup of Quba?")
        turn.get_by_role("button", name="Edit question").click()
        box = page.locator("#question textarea")
        expect(box).to_have_value("Who won the golden cup of Quba?")
        expect(box).to_be_focused()
        expect(page.locator(".chips")).to_contain_text("Changing your last question")
        box.fill("Who won the silver cup of Quba?")
        page.keyboard.press("Enter")

        expect(page.locator(".question")).to_have_text(
            ["Who met in Baku?", "Who won the silver cup of Quba?"]
        )
        expect(page.locator(".turn").last.locator(".answer p").first).to_contain_text("Bob Ray")
        expect(page.locator(".chips")).to_have_count(0)


class TestFollowUps:
    def test_offers_what_the_articles_answer_and_asks_it(self, page: Page) -> None:
        ask(page, "Who won the silver cup of Quba?")
        offer = page.locator("#next").get_by_role("button", name="Who won the golden cup of Quba?")
        offer.click()

        turn = page.locator(".turn").nth(1)
        expect(turn.locator(".answer p").first).to_contain_text("Ann Lee won the golden cup of Quba.")
        expect(turn.locator(".facts")).to_be_visible()
        expect(offer).to_have_count(0)


class TestFilters:
    def test_dates_and_publishers_narrow_until_their_chip_is_taken_away(self, page: Page) -> None:
        page.locator(".strip summary").click()
        page.get_by_label("Published from").fill("2024-01-01")
        page.get_by_label("Publisher").fill("Caspian Gazette")
        page.get_by_role("button", name="Apply").click()
        chips = page.locator(".chips li")
        expect(chips).to_have_text(["From 2024-01-01 ×", "Caspian Gazette ×"])
        turn = ask(page, "Who won the golden cup of Quba?")
        expect(turn.locator(".facts")).to_contain_text("1 article searched")
        expect(turn.locator(".asked-of")).to_have_text("Filters: from 2024-01-01, by Caspian Gazette")
        page.get_by_role("button", name="Take away: From 2024-01-01").click()
        page.get_by_role("button", name="Take away: Caspian Gazette").click()
        expect(chips).to_have_count(0)
        turn = ask(page, "Who won the golden cup of Quba?")

        expect(turn.locator(".facts")).to_contain_text("2 articles searched")
        expect(page.locator(".asked-of")).to_have_count(1)  # of the answer before
        expect(turn.locator(".answer p").first).to_contain_text("Ann Lee")

    def test_chips_that_are_taken_away_at_once_are_all_gone(self, page: Page) -> None:
        page.locator(".strip summary").click()
        page.get_by_label("Published from").fill("2024-01-01")
        page.get_by_label("Until").fill("2024-12-31")
        page.get_by_label("Publisher").fill("Caspian Gazette")
        page.get_by_role("button", name="Apply").click()
        expect(page.locator(".chips li")).to_have_count(3)
        page.locator(".chips").evaluate(
            "chips => chips.querySelectorAll('button').forEach(one => one.click())"
        )

        expect(page.locator(".chips li")).to_have_count(0)

    def test_fields_stay_open_while_the_strip_is_drawn_anew(self, page: Page) -> None:
        ask(page, "Who won the golden cup of Quba?").locator(".card .title").click()
        summary = page.locator(".strip summary")
        summary.click()
        page.locator("#panel").get_by_role("button", name="Ask about this article").click()
        expect(page.locator(".chips li")).to_have_count(1)
        expect(page.locator(".strip .apply")).to_be_visible()
        page.get_by_label("Publisher").press("Escape")
        expect(page.locator(".strip .apply")).to_be_hidden()
        expect(summary).to_be_focused()

    def test_publishers_of_the_corpus_are_offered(self, page: Page) -> None:
        options = page.locator("#publishers option")
        expect(options).to_have_count(2)

        assert options.evaluate_all("all => all.map(o => o.value)") == ["Caspian Gazette", "Quba Times"]


class TestNewConversation:
    def test_begins_with_nothing_of_the_one_before(self, page: Page) -> None:
        begin = page.locator("#tab-ask").get_by_role("button", name="New conversation")
        expect(begin).to_be_hidden()
        ask(page, "Who won the golden cup of Quba?").locator(".card .title").click()
        page.locator("#panel").get_by_role("button", name="Ask about this article").click()
        expect(page.locator(".chips li")).to_have_count(1)
        expect(page.locator("#next button").first).to_be_visible()
        expect(page).to_have_url(re.compile("#conversation/"))
        page.locator("#question textarea").fill("half a question")
        begin.click()

        expect(page.locator(".turn")).to_have_count(0)
        expect(page.locator(".chips, #next button, .reader")).to_have_count(0)
        expect(page.locator("#question textarea")).to_have_value("")
        expect(page.locator("#question textarea")).to_be_focused()
        expect(page).not_to_have_url(re.compile("#conversation/"))
        expect(begin).to_be_hidden()
        expect(page.locator(".welcome")).to_be_visible()
        ask(page, "Who met in Baku?")
        show_tab(page, "History")
        expect(page.locator(".conversations .title")).to_have_text(
            ["Who met in Baku?", "Who won the golden cup of Quba?"]
        )

    def test_ends_an_answer_that_is_still_growing(
        self, growing: GrowingAssistant, serve: Serve, open_page: Open
    ) -> None:
        page = open_page(serve(growing))
        page.locator("#question textarea").fill("A first question?")
        page.keyboard.press("Enter")
        expect(page.locator(".answer p")).to_have_count(1)
        page.locator("#tab-ask").get_by_role("button", name="New conversation").click()
        expect(page.locator(".turn")).to_have_count(0)
        growing.steps.release(4)
        page.wait_for_timeout(500)  # for what would still come

        expect(page.locator(".turn")).to_have_count(0)
        expect(page.get_by_role("button", name="Ask", exact=True)).to_be_visible()


class TestReading:
    def test_has_headings_and_steps_from_one_citation_to_the_next(
        self, twice: TwiceAssistant, serve: Serve, open_page: Open
    ) -> None:
        twice.add(BAKU)
        page = open_page(serve(twice))
        turn = ask(page, "Who met in Baku?")
        expect(turn.locator(".answer .marker")).to_have_count(2)
        turn.locator(".answer .marker").first.click()
        reader = page.locator("#panel .reader")

        expect(reader.locator(".text h3")).to_have_text(["How it began", "What was said"])
        expect(reader.locator("mark")).to_have_text([FACT, SECOND])
        before = reader.locator("mark.is-current").text_content()
        reader.get_by_role("button", name="Next ›").click()
        expect(reader.locator("mark.is-current")).to_have_text(SECOND)
        expect(reader.locator(".at")).to_have_text("Citation 2 of 2")
        assert in_viewport(page, "mark.is-current")
        reader.get_by_role("button", name="‹ Previous").click()
        expect(reader.locator("mark.is-current")).to_have_text(before or "")

    def test_asks_about_the_article_alone(self, page: Page) -> None:
        ask(page, "Who won the golden cup of Quba?").locator(".card .title").click()
        page.locator("#panel").get_by_role("button", name="Ask about this article").click()
        expect(page.locator(".chips li")).to_have_text(["Cups of Quba ×"])
        turn = ask(page, "Who met in Baku?")

        expect(turn.locator(".facts")).to_contain_text("1 article searched")
        expect(turn.locator(".asked-of")).to_have_text("Filters: in “Cups of Quba”")

    def test_other_passages_that_match_open_in_place(self, page: Page) -> None:
        turn = ask(page, "What was the weather in Baku over the Caspian Sea?")
        turn.locator(".card .title").first.click()
        other = page.locator("#panel .other").first
        said = (other.text_content() or "").rstrip("…")
        other.click()

        expect(page.locator("#panel mark.is-current").first).to_contain_text(said.split(". ")[0])


class TestState:
    def test_an_empty_library_teaches_how_to_begin(
        self, assistant: Assistant, serve: Serve, open_page: Open
    ) -> None:
        page = open_page(serve(assistant))
        expect(page.locator(".welcome li")).to_have_count(3)
        page.get_by_role("button", name="Add articles").click()

        expect(page.locator("#uploads")).to_be_visible()

    def test_a_newcomer_gets_a_cited_answer_about_an_own_pdf_in_two_clicks(
        self, assistant: Assistant, serve: Serve, open_page: Open
    ) -> None:
        page = open_page(serve(assistant))
        page.get_by_role("button", name="Add articles").click()
        data = pdf(["Harbour news", "The lighthouse of Quarmby was lit again on 3 May 2021."])
        upload(page, ("harbour.pdf", data))
        expect(page.locator("#report .count")).to_contain_text("Added: 1")
        page.get_by_role("tab", name="Ask", exact=True).click()
        turn = ask(page, "When was the lighthouse of Quarmby lit again?")
        expect(turn.locator(".answer p").first).to_contain_text("3 May 2021")
        turn.locator(".answer .marker").first.click()

        expect(page.locator("#panel mark").first).to_contain_text("3 May 2021")
        expect(page.locator("#panel .page")).to_have_text(["Page 1"])

    def test_says_that_the_models_are_loading_and_shows_the_page_before(
        self, slow: SlowAssistant, serve: Serve, open_page: Open
    ) -> None:
        page = open_page(serve(slow))
        expect(page.locator(".warming")).to_have_text("Loading the models. You can ask already.")
        expect(page.locator("#question textarea")).to_be_editable()
        slow.is_loaded.set()

        expect(page.locator(".warming")).to_have_count(0)

    def test_the_other_tab_keeps_the_conversation(self, page: Page) -> None:
        ask(page, "Who met in Baku?")
        show_tab(page, "Library")
        show_tab(page, "Ask")

        expect(page.locator(".question")).to_have_text(["Who met in Baku?"])


class TwiceAssistant(Assistant):
    """An assistant that cites an article twice, whatever it is asked."""

    def stream(
        self,
        question: str,
        history: Sequence[Turn] = (),
        filters: Filters = Filters(),
        *,
        today: date | None = None,
        dates: bool = True,
        quoted: bool = False,
    ) -> Iterator[Answer]:
        spans = [(BAKU.text.index(text), BAKU.text.index(text) + len(text)) for text in (FACT, SECOND)]
        citations = tuple(Citation(n, BAKU, *span) for n, span in enumerate(spans, start=1))
        yield Answer(
            question, f"{FACT} [1]\n\n{SECOND} [2]", citations, searched_articles=1, is_complete=True
        )


@pytest.fixture
def twice(settings: Settings) -> Iterator[TwiceAssistant]:
    with TwiceAssistant.open(settings=settings, embedder=WordEmbeddings()) as opened:
        yield opened


class GrowingAssistant(TwiceAssistant):
    """An assistant whose answer grows by a sentence, then by all that stands under it, when it may."""

    def __init__(self, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]
        self.steps = threading.Semaphore(0)

    def follow_ups(self, *args: object, **options: object) -> list[str]:  # type: ignore[override]
        return []  # trying a question would take a step

    def stream(self, question: str, *args: object, **options: object) -> Iterator[Answer]:  # type: ignore[override]
        (whole,) = super().stream(question)
        yield Answer(question, f"{FACT} [1]", whole.citations[:1])
        self.steps.acquire(timeout=WAIT_MS / 1000)
        yield Answer(question, whole.text, whole.citations)
        self.steps.acquire(timeout=WAIT_MS / 1000)
        yield whole


@pytest.fixture
def growing(settings: Settings) -> Iterator[GrowingAssistant]:
    with GrowingAssistant.open(settings=settings, embedder=WordEmbeddings()) as opened:
        yield opened
        opened.steps.release(4)


class TestGrowing:
    def test_nothing_that_is_there_moves(
        self, growing: GrowingAssistant, serve: Serve, open_page: Open
    ) -> None:
        page = open_page(serve(growing))
        growing.steps.release(2)
        ask(page, "A first question?")
        page.locator("#question textarea").fill("And a second one?")
        page.keyboard.press("Enter")
        turn = page.locator(".turn").nth(1)
        places = []
        for paragraphs, ending in ((1, ".working"), (2, ".working"), (2, ".actions")):
            expect(turn.locator(".answer p")).to_have_count(paragraphs)
            expect(turn.locator(ending)).to_be_visible()
            page.wait_for_timeout(300)  # for what would still move
            places.append(turn.locator(".answer p").first.bounding_box())
            growing.steps.release()

        assert places[0] is not None
        assert places == [places[0]] * 3


class SlowAssistant(Assistant):
    """An assistant whose models take as long to load as the test likes."""

    def __init__(self, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]
        self.is_loaded = threading.Event()

    def warm_up(self) -> None:
        self.is_loaded.wait(WAIT_MS / 1000)


@pytest.fixture
def slow(settings: Settings) -> Iterator[SlowAssistant]:
    with SlowAssistant.open(settings=settings, embedder=WordEmbeddings()) as opened:
        yield opened
        opened.is_loaded.set()
