"""The Search tab as a reader uses it, in headless Chromium, over a real server."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from assistant.assistant import Assistant
from assistant.types import Article
from tests.ui.conftest import Open, Serve, gradio_warnings, show_tab

pytestmark = [pytest.mark.browser, gradio_warnings]

EVIL = '=1+1<img src=x onerror="document.title=1">'
ARTICLES = [
    Article(
        "Weather.\n" * 60 + "A zebra ran over the plain.",
        "Zebra",
        "Ann",
        date(2024, 1, 5),
        "Gazette",
        "https://x.example/1",
    ),
    Article("Zebras sleep while they stand.", "Sleep", "", date(2024, 3, 1), "Herald", "https://x.example/2"),
    Article(f"{EVIL} zebra crossing.", EVIL, EVIL, source=EVIL, url="https://x.example/3"),
]


@pytest.fixture
def page(assistant: Assistant, serve: Serve, open_page: Open) -> Page:
    assistant.add(ARTICLES)
    opened = open_page(serve(assistant))
    show_tab(opened, "Search")
    opened.locator("#search-bar option[value=Herald]").wait_for(state="attached")
    return opened


def search(page: Page, query: str) -> None:
    page.locator("#search-bar input[name=query]").fill(query)
    page.keyboard.press("Enter")
    page.locator("#hits .counted").wait_for()


def test_passages_are_found_narrowed_and_opened_at_their_place(page: Page) -> None:
    search(page, "zebra")
    assert page.locator(".hits ol > li").count() >= 3
    assert {text.lower() for text in page.locator(".hits mark").all_inner_texts()} >= {"zebra", "zebras"}
    page.locator(".hits ol > li", has_text="A zebra ran").locator("button.title").click()
    expect(page.locator("#panel mark.is-current").last).to_contain_text("A zebra ran over the plain.")
    page.locator("#search-bar select[name=source]").select_option("Herald")
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page.locator(".hits ol > li")).to_have_count(1)
    expect(page.locator("#search-bar input[name=query]")).to_have_value("zebra")


def test_the_hits_are_exported(page: Page) -> None:
    search(page, "zebra")
    with page.expect_download() as table:
        page.get_by_role("button", name="CSV").click()
    rows = list(csv.DictReader(Path(table.value.path()).read_text(encoding="utf-8").splitlines()))
    assert table.value.suggested_filename == "passages.csv"
    assert {row["title"] for row in rows} == {"Zebra", "Sleep", f"'{EVIL}"}
    with page.expect_download() as file:
        page.get_by_role("button", name="JSON").click()
    assert json.loads(Path(file.value.path()).read_text(encoding="utf-8"))["query"] == "zebra"


def test_code_that_does_the_same_is_offered(page: Page) -> None:
    search(page, "zebra")
    page.locator("summary", has_text="The same in Python and curl").click()
    expect(page.get_by_label("Python", exact=True)).to_contain_text("assistant.search('zebra', 10)")
    expect(page.get_by_label("curl", exact=True)).to_contain_text("/api/v1/search")


def test_hostile_articles_stay_text(page: Page) -> None:
    search(page, "crossing")
    expect(page.locator(".hits button.title").first).to_contain_text(EVIL)
    assert page.locator("#search img").count() == 0
    assert page.title() == "Article Assistant"
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
