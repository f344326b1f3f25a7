"""The page as a reader sees it, in headless Chromium, over a real server."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import pytest
from gradio_client import Client
from playwright.sync_api import Page, expect

from assistant.assistant import Assistant
from assistant.errors import ModelError
from assistant.settings import AnsweringSettings, Settings
from assistant.types import Abstention, Answer, Article, Filters, Reason, Turn
from assistant.ui.examples import EXAMPLES
from tests.fakes import WordEmbeddings, make_article
from tests.sources.samples import pdf
from tests.ui.conftest import WAIT_MS, Open, Serve, ask, gradio_warnings, in_viewport, upload

pytestmark = [pytest.mark.browser, gradio_warnings]

FACT = "Vice Premier Ding Xuexiang met Prime Minister Shehbaz Sharif in Baku on Wednesday."
BAKU = make_article(
    "\n\n".join(
        [
            *(f"Paragraph {n} of the report tells of the weather over the Caspian Sea." for n in range(40)),
            f"The talks were long expected. {FACT} Both sides spoke of security.",
            *(f"Paragraph {n} of the report tells of the price of cotton." for n in range(40)),
        ]
    ),
    title="Two leaders meet by the sea",
    source="Caspian Gazette",
    author="A. Reporter",
    published=date(2024, 11, 13),
    url="https://gazette.example/baku",
)
ORCHARD = make_article(
    "Apples ripen late in the orchards of Quba this year.", title="A late harvest", source="Farm"
)


@pytest.fixture
def page(assistant: Assistant, serve: Serve, open_page: Open) -> Page:
    assistant.add([BAKU, ORCHARD])
    return open_page(serve(assistant))


def test_a_pdf_opens_at_the_page_that_is_cited(assistant: Assistant, serve: Serve, open_page: Open) -> None:
    data = pdf(["Weather", "It rained on the first page."], ["Harvest", "Apples ripen late in Quba."])
    assistant.add(data, name="harvest.pdf")
    page = open_page(serve(assistant))
    ask(page, "Which apples ripen late in Quba?").locator(".marker").first.click()

    link = page.get_by_role("link", name="Open the PDF at page 2")
    address, _, fragment = str(link.evaluate("link => link.href")).partition("#")
    assert fragment == "page=2"
    response = page.request.get(address)
    assert (response.body(), response.headers["content-type"]) == (data, "application/pdf")


class TestAnswer:
    def test_names_who_met_and_lists_the_cited_article(self, page: Page) -> None:
        turn = ask(page, "Who met in Baku?")

        expect(turn.locator(".answer p").first).to_have_text(f"{FACT} 1")
        marker = turn.get_by_role("button", name="Source 1: Two leaders meet by the sea").first
        expect(marker).to_have_accessible_description(re.compile(re.escape(FACT)))
        card = turn.locator(".card").first
        expect(card.locator(".title")).to_have_text("Two leaders meet by the sea")
        expect(card.locator(".origin")).to_have_text("Caspian Gazette · 13 November 2024")
        expect(card.locator(".marker")).to_have_text(["1"])

    def test_marker_opens_the_article_at_the_cited_sentence(self, page: Page) -> None:
        turn = ask(page, "Who met in Baku?")
        turn.locator(".marker").first.click()

        reader = page.locator("#panel .reader")
        expect(reader.locator("h2")).to_have_text("Two leaders meet by the sea")
        expect(reader.locator(".origin")).to_have_text("By A. Reporter · Caspian Gazette · 13 November 2024")
        expect(reader.locator("a[rel]")).to_have_text("Original at gazette.example ↗")
        expect(reader.locator("a[rel]")).to_have_attribute("rel", "noopener noreferrer nofollow")
        expect(reader.locator("a[rel]")).to_have_attribute(
            "href",
            "https://gazette.example/baku#:~:text=Vice%20Premier%20Ding%20Xuexiang%20met%20Prime,"
            "Shehbaz%20Sharif%20in%20Baku%20on%20Wednesday.",
        )
        expect(reader.locator("mark")).to_have_text(re.compile(f"^{re.escape(FACT)}$"))
        assert in_viewport(page, ".reader mark")
        assert reader.locator(".text p").all_text_contents() == BAKU.text.split("\n\n")

    def test_reader_takes_room_only_while_it_shows_an_article(self, page: Page) -> None:
        turn = ask(page, "Who met in Baku?")
        expect(page.locator("#side")).to_be_hidden()
        turn.locator(".marker").first.click()
        expect(page.locator("#side")).to_be_visible()
        page.locator("#panel .close").click()

        expect(page.locator("#side")).to_be_hidden()

    def test_keyboard_opens_a_source_and_returns_to_its_marker(self, page: Page) -> None:
        marker = ask(page, "Who met in Baku?").locator(".marker").first
        marker.focus()
        page.keyboard.press("Enter")
        expect(page.locator("#panel .reader h2")).to_be_focused()
        page.keyboard.press("Escape")

        expect(marker).to_be_focused()
        expect(page.locator("#panel .reader")).to_have_count(0)

    def test_each_answer_keeps_its_sources(self, page: Page) -> None:
        first = ask(page, "Who met in Baku?")
        second = ask(page, "Where do apples ripen late?")

        expect(second.locator(".card .title")).to_have_text("A late harvest")
        expect(first.locator(".card .title")).to_have_text("Two leaders meet by the sea")

    def test_cited_version_stays_readable_when_the_article_changes(
        self, page: Page, assistant: Assistant
    ) -> None:
        turn = ask(page, "Who met in Baku?")
        assistant.add(make_article("Nothing is known.", title="Corrected", url=BAKU.url))
        turn.locator(".marker").first.click()

        expect(page.locator("#panel .note")).to_have_text(
            "The article has changed since it was cited. This is the version that was cited."
        )
        expect(page.locator("#panel mark")).to_have_text(FACT)


class TestAbstention:
    @pytest.fixture
    def settings(self, tmp_path: Path) -> Settings:
        return Settings(data_dir=tmp_path / "data", answering=AnsweringSettings(min_score=1.0))

    def test_says_that_the_corpus_does_not_say_and_cites_nothing(self, page: Page) -> None:
        turn = ask(page, "Who won the 1998 World Cup?")

        expect(turn.locator(".abstention h3")).to_have_text("The corpus does not say")
        assert turn.locator(".marker").count() == 0
        assert turn.locator(".answer").count() == 0
        expect(page.locator(".card")).to_have_count(0)

    def test_nearest_passage_opens_in_its_article(self, page: Page) -> None:
        turn = ask(page, "Which minister opened the cotton museum of Ganja?")
        expect(turn.locator(".abstention h4")).to_have_text("Not an answer, but close")
        title = turn.locator(".near .title").first.text_content()
        turn.locator(".near .title").first.click()

        expect(page.locator("#panel .reader h2")).to_have_text(title or "")
        assert page.locator("#panel .reader mark").count() >= 1


class TestQuestionBox:
    def test_shift_and_enter_begin_a_new_line(self, page: Page) -> None:
        box = page.locator("#question textarea")
        box.fill("Who met")
        page.keyboard.press("Shift+Enter")
        page.keyboard.type("in Baku?")

        expect(box).to_have_value("Who met\nin Baku?")
        assert page.locator(".turn").count() == 0

    @pytest.mark.parametrize("text", ["", "  \n "])
    def test_empty_box_asks_nothing(self, page: Page, text: str) -> None:
        page.locator("#question textarea").fill(text)
        page.keyboard.press("Enter")
        ask(page, "Who met in Baku?")

        expect(page.locator(".question")).to_have_text(["Who met in Baku?"])

    def test_conversation_is_the_tabs_own(self, page: Page, open_page: Open) -> None:
        ask(page, "Who met in Baku?")
        other = open_page(page.url)
        ask(other, "Where do apples ripen late?")

        expect(page.locator(".question")).to_have_text(["Who met in Baku?"])
        expect(other.locator(".question")).to_have_text(["Where do apples ripen late?"])


class TestExamples:
    def test_offers_only_questions_whose_article_is_there(
        self, assistant: Assistant, serve: Serve, open_page: Open
    ) -> None:
        assistant.add([make_article(FACT, title=EXAMPLES[0].article), ORCHARD])
        page = open_page(serve(assistant))

        expect(page.locator(".example")).to_have_text(["Who met in Baku?"])

    def test_click_asks_the_question(self, assistant: Assistant, serve: Serve, open_page: Open) -> None:
        assistant.add(make_article(FACT, title=EXAMPLES[0].article))
        page = open_page(serve(assistant))
        page.locator(".example").click()

        expect(page.locator(".question")).to_have_text("Who met in Baku?")
        expect(page.locator(".answer p").first).to_have_text(f"{FACT} 1")


class PausingAssistant(Assistant):
    """An assistant whose answer waits before its last word until it may go on."""

    def __init__(self, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]
        self.may_go_on = threading.Event()
        self.was_closed = threading.Event()

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
        try:
            yield Answer(question, text="First words")
            self.may_go_on.wait(WAIT_MS / 1000)
            yield Answer(question, text="First words and the last", searched_articles=1, is_complete=True)
        finally:
            self.was_closed.set()


@pytest.fixture
def pausing(settings: Settings) -> Iterator[PausingAssistant]:
    with PausingAssistant.open(settings=settings, embedder=WordEmbeddings()) as opened:
        yield opened
        opened.may_go_on.set()


class LateAssistant(PausingAssistant):
    """A pausing assistant that, besides, lists its articles only when it may: the page loads slowly."""

    def __init__(self, *args: object) -> None:
        super().__init__(*args)
        self.may_list = threading.Event()

    def articles(self) -> Iterator[Article]:
        self.may_list.wait(WAIT_MS / 1000)
        return super().articles()


class TestLateWelcome:
    @pytest.fixture
    def late(self, settings: Settings) -> Iterator[LateAssistant]:
        with LateAssistant.open(settings=settings, embedder=WordEmbeddings()) as opened:
            yield opened
            opened.may_list.set()
            opened.may_go_on.set()

    def test_does_not_take_the_place_of_an_answer(
        self, late: LateAssistant, serve: Serve, open_page: Open
    ) -> None:
        late.add(make_article(FACT, title=EXAMPLES[0].article))
        page = open_page(serve(late))
        page.locator("#question textarea").fill("Anything?")
        page.keyboard.press("Enter")
        expect(page.locator(".answer")).to_have_text("First words")
        expect(page.locator(".welcome")).to_be_hidden()
        late.may_list.set()
        expect(page.locator(".example")).to_have_count(1)

        assert page.locator(".answer").all_text_contents() == ["First words"]
        expect(page.locator(".example")).to_be_hidden()
        late.may_go_on.set()
        expect(page.locator(".answer")).to_have_text("First words and the last")


class TestStreaming:
    def test_text_shows_before_the_answer_is_complete(
        self, pausing: PausingAssistant, serve: Serve, open_page: Open
    ) -> None:
        page = open_page(serve(pausing))
        page.locator("#question textarea").fill("Anything?")
        page.keyboard.press("Enter")

        expect(page.locator(".answer")).to_have_text("First words")
        expect(page.locator(".working")).to_be_visible()
        pausing.may_go_on.set()
        expect(page.locator(".answer")).to_have_text("First words and the last")
        expect(page.locator(".working")).to_have_count(0)

    def test_stop_keeps_what_is_there_and_ends_the_work(
        self, pausing: PausingAssistant, serve: Serve, open_page: Open
    ) -> None:
        page = open_page(serve(pausing))
        page.locator("#question textarea").fill("Anything?")
        page.keyboard.press("Enter")
        expect(page.locator(".answer")).to_have_text("First words")
        page.locator("#question .stop-button").click()

        expect(page.locator(".stopped")).to_have_text("Stopped before the answer was complete.")
        expect(page.locator(".answer")).to_have_text("First words")
        expect(page.locator("#question .submit-button")).to_be_visible()
        pausing.may_go_on.set()
        assert pausing.was_closed.wait(WAIT_MS / 1000)
        ask(page, "Something else?")
        expect(page.locator(".answer")).to_have_text(["First words", "First words and the last"])
        expect(page.locator(".stopped")).to_have_count(1)

    def test_question_sent_meanwhile_waits_for_its_turn(
        self, pausing: PausingAssistant, serve: Serve, open_page: Open
    ) -> None:
        page = open_page(serve(pausing))
        box = page.locator("#question textarea")
        box.fill("First?")
        page.keyboard.press("Enter")
        expect(page.locator(".answer")).to_have_text("First words")
        box.fill("Second?")
        page.keyboard.press("Enter")
        pausing.may_go_on.set()

        expect(page.locator(".question")).to_have_text(["First?", "Second?"])
        expect(page.locator(".answer")).to_have_text(["First words and the last"] * 2)


class RecordingAssistant(Assistant):
    """An assistant that keeps what it is asked; it answers a first question, fails on "fail" or abstains."""

    def __init__(self, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]
        self.asked: list[tuple[str, list[Turn]]] = []

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
        self.asked.append((question, list(history)))
        if question == "fail":
            raise ModelError("the model is gone", hint="Fetch it back.")
        abstention = Abstention(Reason.NOT_SUPPORTED, "Nothing says so.") if history else None
        text = "" if abstention else "They did."
        yield Answer(question, text, abstention=abstention, searched_articles=1, is_complete=True)


class TestConversation:
    @pytest.fixture
    def recording(self, settings: Settings) -> Iterator[RecordingAssistant]:
        with RecordingAssistant.open(settings=settings, embedder=WordEmbeddings()) as opened:
            yield opened

    def test_earlier_turns_go_with_the_question(
        self, recording: RecordingAssistant, serve: Serve, open_page: Open
    ) -> None:
        page = open_page(serve(recording))
        for question in ("Who met?", "When?", "Where?"):
            ask(page, question)
        first = [Turn("user", "Who met?"), Turn("assistant", "They did.")]
        second = [Turn("user", "When?")]  # an abstention says nothing that could be searched for

        assert recording.asked == [("Who met?", []), ("When?", first), ("Where?", first + second)]

    def test_failure_shows_reason_and_hint_and_the_next_question_works(
        self, recording: RecordingAssistant, serve: Serve, open_page: Open
    ) -> None:
        page = open_page(serve(recording))
        page.locator("#question textarea").fill("fail")
        page.keyboard.press("Enter")
        expect(page.locator(".failure p")).to_have_text(["the model is gone", "Fetch it back."])
        expect(page.locator("#question .submit-button")).to_be_visible()
        page.locator("#question textarea").fill("Who met?")
        page.keyboard.press("Enter")

        expect(page.locator(".answer")).to_have_text("They did.")
        assert recording.asked == [("fail", []), ("Who met?", [])]

    def test_a_question_that_is_too_long_is_refused_in_view_and_shortened_in_the_box(
        self, page: Page
    ) -> None:
        ask(page, "Who met in Baku?")
        box = page.locator("#question textarea")
        box.fill("Who met in Baku? " * 1000)
        page.locator("#question .submit-button").click()
        expect(page.locator(".failure p").first).to_have_text(
            "The question has 17,000 characters; at most 2,000 are allowed."
        )
        expect(page.locator(".failure")).to_be_in_viewport(ratio=1)
        expect(box).to_have_value("Who met in Baku? " * 1000)
        box.fill("And what did they speak of?")
        page.keyboard.press("Enter")

        expect(page.locator(".facts").nth(1)).to_contain_text(
            "searched for “And what did they speak of? Who met in Baku?”"
        )
        expect(page.locator(".turn")).to_have_count(2)


class TestUpload:
    def test_adds_a_file_that_can_be_asked_about_at_once(self, page: Page) -> None:
        text = b"Harbour news\n\nThe lighthouse of Quarmby was lit again on 3 May 2021 after long repairs."
        upload(page, ("harbour.txt", text))

        expect(page.locator("#report .count")).to_have_text("Added: 1 Harbour news")
        turn = ask(page, "When was the lighthouse of Quarmby lit again?")
        expect(turn.locator(".answer p").first).to_contain_text("lit again on 3 May 2021 after long repairs.")

    def test_says_of_each_file_what_became_of_it(self, page: Page) -> None:
        text = b"Harbour news\n\nThe lighthouse of Quarmby was lit again on 3 May 2021 after long repairs."
        upload(page, ("harbour.txt", text))
        expect(page.locator("#report .count")).to_have_text("Added: 1 Harbour news")
        upload(page, ("harbour.txt", text), ("broken.pdf", b"%PDF-1.4 cut off"))

        expect(page.locator("#report .count")).to_have_text(["Already there: 1 Harbour news", "Not added: 1"])
        expect(page.locator("#report .failed li .name")).to_have_text("broken.pdf")
        expect(page.locator("#report .failed li .hint")).not_to_be_empty()


HOSTILE = (
    "Zorblax was seen here <script>alert(1)</script><img src=https://evil.example/x.png onerror=alert(2)> "
    "![pixel](https://evil.example/pixel.png) [click](javascript:alert(3)) ${alert(4)} {{alert(5)}} "
    "`alert(6)` <iframe src=https://evil.example></iframe> [1] [2] "
    "<style>*{background:url(https://evil.example/c)}</style> "
    "</mark></p><form action=https://evil.example><input type=password></form> by Mallory."
)


class TestHostileArticle:
    def test_is_shown_literally_and_nothing_of_it_runs(
        self, assistant: Assistant, serve: Serve, open_page: Open
    ) -> None:
        hostile = Article(
            HOSTILE,
            title='"><img src=x onerror=alert(7)>',
            author="<b onmouseover=alert(8)>Eve</b>",
            source="<svg onload=alert(9)>",
            url="javascript:alert(10)",
        )
        assistant.add(hostile)
        page = open_page(serve(assistant))
        turn = ask(page, "What was zorblax, seen here by Mallory?")
        turn.locator("[data-action=read]").first.click()

        reader = page.locator("#panel .reader")
        assert reader.locator(".text").text_content() == HOSTILE
        expect(reader.locator("h2")).to_have_text(hostile.title)
        expect(reader.locator(".origin")).to_have_text(f"By {hostile.author} · {hostile.source}")
        ours = page.locator("#transcript, #panel")
        made_by_us = "a:not([href^='#article/']), input:not(.reason > [name=reason])"
        assert ours.locator(f"img, script, iframe, style, form, svg, b, {made_by_us}").count() == 0

    def test_question_is_shown_literally(self, page: Page) -> None:
        question = "Who met in Baku? <img src=https://evil.example/q.png onerror=alert(11)>${alert(12)}"
        turn = ask(page, question)

        expect(turn.locator(".question")).to_have_text(question)


class TestLayout:
    def test_long_words_titles_and_right_to_left_text_fit_a_phone(
        self, assistant: Assistant, serve: Serve, open_page: Open
    ) -> None:
        long_word = "x" * 20_000
        text = f"The comet Zorblax returns in 2061. {long_word}\n\nעוד פסקה על השביט זורבלקס."
        assistant.add(make_article(text, title="T" * 200, source="S" * 200, author="A" * 200))
        page = open_page(serve(assistant), viewport={"width": 390, "height": 844})
        turn = ask(page, "When does the comet Zorblax return?")
        turn.locator("[data-action=read]").first.click()
        expect(page.locator("#panel .reader")).to_be_visible()

        assert page.evaluate("document.documentElement.scrollWidth") == 390
        texts = page.locator("#transcript p, #transcript button, #panel p, #panel h2, #panel bdi")
        assert (
            texts.evaluate_all("all => all.filter(e => e.scrollWidth > e.clientWidth && e.clientWidth > 0)")
            == []
        )
        side = page.locator("#side").bounding_box()
        assert side is not None
        assert side["width"] == 390
        hebrew = page.locator("#panel .reader .text p").last
        assert hebrew.evaluate("element => getComputedStyle(element).direction") == "rtl"

    def test_desktop_window_holds_both_panels_without_scrolling(self, page: Page) -> None:
        ask(page, "Who met in Baku?").locator(".marker").first.click()
        expect(page.locator("#panel .reader mark")).to_be_visible()

        assert page.evaluate("document.documentElement.scrollHeight - innerHeight") == 0

    @pytest.mark.parametrize(("scheme", "lightness"), [("light", range(230, 256)), ("dark", range(40))])
    def test_follows_the_colour_scheme_of_the_system(
        self, page: Page, open_page: Open, scheme: str, lightness: range
    ) -> None:
        shown = open_page(page.url, color_scheme=scheme)
        colours = shown.locator("body, #question .input-container").evaluate_all(
            "all => all.map(e => getComputedStyle(e).backgroundColor)"
        )

        channels = [int(number) for colour in colours for number in re.findall(r"\d+", colour)[:3]]
        assert len(channels) == 6
        assert all(channel in lightness for channel in channels)


def test_programs_get_the_answer_as_plain_text(assistant: Assistant, serve: Serve) -> None:
    assistant.add([BAKU, ORCHARD])
    client = Client(serve(assistant), verbose=False)

    assert client.predict("Who met in Baku?", api_name="/chat") == (
        f"{FACT} [1]\n\nSources:\n"
        f"[1] Two leaders meet by the sea, Caspian Gazette, 13 November 2024, {BAKU.url}"
    )
    assert list(client.view_api(return_format="dict")["named_endpoints"]) == ["/chat"]
