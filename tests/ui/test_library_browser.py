"""The Library tab as a reader uses it, in headless Chromium, over a real server."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from assistant.assistant import Assistant
from assistant.types import Article
from tests.ui.conftest import Open, Serve, ask, gradio_warnings, show_tab, upload
from tests.ui.shelved import ARTICLES as SHELVED

pytestmark = [pytest.mark.browser, gradio_warnings]

EVIL = '<img src=x onerror="document.title=1">'
ARTICLES = [
    *SHELVED,
    Article(
        "Evil text. " + "w" * 200_000, EVIL + "W" * 5000, EVIL, source=EVIL, url="https://x.example/evil"
    ),
]


@pytest.fixture
def page(assistant: Assistant, serve: Serve, open_page: Open) -> Page:
    assistant.add(ARTICLES)
    opened = open_page(serve(assistant))
    show_tab(opened, "Library")
    opened.locator("table.articles").wait_for()
    return opened


def titles(page: Page) -> list[str]:
    return page.locator("table.articles button.title").all_inner_texts()


class TestList:
    def test_is_searched_while_typing_sorted_by_its_heads_and_turned(self, page: Page) -> None:
        expect(page.locator(".counted")).to_have_text("1–25 of 30 articles")
        assert titles(page)[1:3] == ["Bridge", "Title 27"]  # behind the hostile one, which was added last
        page.get_by_role("button", name="On ›").click()
        expect(page.locator(".counted")).to_have_text("26–30 of 30 articles")
        page.locator("#shelf-bar input[name=text]").press_sequentially("title 1")
        expect(page.locator(".counted")).to_contain_text("1–13 of 13 articles")
        expect(page.locator("#shelf-bar input[name=text]")).to_be_focused()
        page.get_by_role("button", name="Title", exact=True).click()
        expect(page.locator("th[aria-sort]")).to_have_attribute("aria-sort", "ascending")
        assert titles(page)[1] == "Title 01"  # behind the hostile one, which has a 1, too
        page.locator("#shelf-bar input[name=from]").fill("2024-01-15")
        expect(page.locator(".counted")).to_contain_text("1–7 of 7 articles")
        page.get_by_role("button", name="Show all articles").click()
        expect(page.locator(".counted")).to_have_text("1–25 of 30 articles")
        expect(page.locator("#shelf-bar input[name=text]")).to_have_value("")

    def test_groups_near_copies(self, page: Page) -> None:
        page.get_by_role("button", name="1 near copy").click()
        expect(page.locator(".counted")).to_contain_text("2 articles of one story")
        assert set(titles(page)) == {"Bridge", "Bridge again"}

    def test_opens_an_article_in_the_reader_pane(self, page: Page) -> None:
        page.get_by_role("button", name="Title 27", exact=True).click()
        expect(page.locator("#panel .reader h2")).to_have_text("Title 27")
        expect(page.locator("#panel .text")).to_have_text("Number 27 of them.")
        page.keyboard.press("Escape")
        expect(page.locator("#panel .reader")).to_have_count(0)
        expect(page.get_by_role("button", name="Title 27", exact=True)).to_be_focused()

    def test_brings_back_what_was_removed(self, page: Page, assistant: Assistant) -> None:
        page.get_by_role("button", name="Remove: Title 27").click()
        expect(page.locator(".toast")).to_contain_text("“Title 27” was removed.")
        expect(page.get_by_role("button", name="Title 27", exact=True)).to_have_count(0)
        assert assistant.corpus.count() == 30
        page.locator(".toast").get_by_role("button", name="Undo").click()
        expect(page.get_by_role("button", name="Title 27", exact=True)).to_be_visible()
        assert assistant.corpus.count() == 31

    def test_corrects_an_article(self, page: Page, assistant: Assistant) -> None:
        page.get_by_role("button", name="Correct: Title 27").click()
        form = page.locator(".correct")
        form.locator("input[name=title]").fill("A better title")
        form.locator("input[name=published]").fill("2025-02-01")
        form.locator("input[name=source]").fill("Herald")
        form.locator("input[name=source]").press("Enter")
        expect(page.locator(".toast")).to_contain_text("“A better title” is corrected.")
        (found,) = [article for article in assistant.articles() if article.title == "A better title"]
        assert (found.source, found.published) == ("Herald", date(2025, 2, 1))

    def test_shows_hostile_names_as_text_and_keeps_its_layout(self, page: Page) -> None:
        page.locator("#shelf-bar input[name=text]").fill("onerror")
        expect(page.locator(".counted")).to_contain_text("1–1 of 1 article")
        expect(page.locator("table.articles button.title")).to_contain_text(EVIL)
        assert page.locator("#library img").count() == 0
        assert page.title() == "Article Assistant"
        for width in (1280, 390):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") <= width

    def test_an_empty_library_says_how_to_begin(
        self, assistant: Assistant, serve: Serve, open_page: Open
    ) -> None:
        page = open_page(serve(assistant))
        show_tab(page, "Library")
        expect(page.locator("#shelf .empty")).to_contain_text("Drop files into the box above")


class TestBelow:
    def test_a_publisher_of_the_chart_lists_its_articles(self, page: Page) -> None:
        expect(page.locator("#overview svg")).to_have_attribute(
            "aria-label", re.compile("Articles by month, 2024-01 to")
        )
        page.locator("#overview").get_by_role("button", name="Herald").click()
        expect(page.locator(".counted")).to_contain_text("1–1 of 1 article")
        expect(page.locator("#shelf-bar select[name=source]")).to_have_value("Herald")

    def test_a_check_ends_in_words(self, page: Page) -> None:
        page.locator("summary", has_text="Storage and health").click()
        page.get_by_role("button", name="Check", exact=True).click()
        expect(page.locator("#health .well")).to_contain_text("All is well: 31 articles and")

    def test_an_upload_stands_first_and_leads_to_a_question_about_it(self, page: Page) -> None:
        upload(page, ("okapi.txt", b"The okapi of Quba sleeps at noon."))
        page.locator("#report button", has_text="okapi").click()
        expect(page.locator("#panel .text")).to_have_text("The okapi of Quba sleeps at noon.")
        assert titles(page)[0] == "okapi"
        page.get_by_role("button", name="Ask about this article").click()
        expect(page.locator(".chips li")).to_contain_text("okapi")
        turn = ask(page, "When does it sleep?")
        expect(turn.locator(".answer")).to_contain_text("sleeps at noon")

    def test_an_upload_is_in_the_list_and_what_failed_says_why(self, page: Page) -> None:
        upload(page, ("zebra.txt", b"A zebra ran over the wide plain."), ("broken.pdf", b"%PDF-broken"))
        page.locator("#shelf-bar input[name=text]").fill("zebra")
        expect(page.locator("#shelf").get_by_role("button", name="zebra", exact=True)).to_be_visible()
        page.locator("summary", has_text="Not added (1)").click()
        expect(page.locator("#failures .problem")).to_contain_text("the PDF is damaged")

    def test_a_folder_of_this_computer_is_added(self, page: Page, tmp_path: Path) -> None:
        folder = tmp_path / "mine"
        folder.mkdir()
        (folder / "lion.txt").write_text("A lion slept in the shade.")
        page.locator("#folder textarea, #folder input").fill(str(folder))
        page.locator("#folder .submit-button").click()
        expect(page.locator("#report")).to_contain_text("Added: 1")
        page.locator("#shelf-bar input[name=text]").fill("lion")
        expect(page.locator("#shelf").get_by_role("button", name="lion", exact=True)).to_be_visible()
