"""The Back button and the addresses of the tabs, in headless Chromium, over a real server."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from assistant.assistant import Assistant
from tests.fakes import make_article
from tests.ui.conftest import Open, Serve, ask, gradio_warnings, show_tab

pytestmark = [pytest.mark.browser, gradio_warnings]

BAKU = make_article("The two ministers met in Baku on Wednesday.", title="A meeting by the sea")
ORCHARD = make_article("Apples ripen late in the orchards of Quba.", title="A late harvest")
CONVERSATION = re.compile("#conversation/[0-9a-f]{24}$")


@pytest.fixture(params=[(1280, 800), (390, 844)], ids=["desktop", "phone"])
def size(request: pytest.FixtureRequest) -> dict[str, Any]:
    width, height = request.param
    return {"viewport": {"width": width, "height": height}}


@pytest.fixture
def page(assistant: Assistant, serve: Serve, open_page: Open, size: dict[str, Any]) -> Page:
    assistant.add([BAKU, ORCHARD])
    return open_page(serve(assistant), **size)


def expect_tab(page: Page, label: str) -> None:
    expect(page.get_by_role("tab", name=label, exact=True)).to_have_attribute("aria-selected", "true")


def expect_read(page: Page, title: str) -> None:
    expect(page.locator("#panel .reader h2")).to_have_text(title)
    page.wait_for_function("history.state.read")


def expect_nothing_read(page: Page) -> None:
    expect(page.locator("#panel .reader")).to_have_count(0)
    page.wait_for_function("!history.state.read")


def test_back_closes_the_reader_and_closing_it_leaves_no_step(page: Page) -> None:
    show_tab(page, "Library")
    expect(page).to_have_url(re.compile("#library$"))
    marker = ask(page, "Who met in Baku?").locator(".answer .marker").first
    expect(page).to_have_url(CONVERSATION)
    marker.click()
    expect_read(page, BAKU.title)
    page.go_back()
    expect_nothing_read(page)
    expect_tab(page, "Ask")
    expect(page).to_have_url(CONVERSATION)
    page.go_forward()
    expect_read(page, BAKU.title)
    page.reload()
    expect_read(page, BAKU.title)
    expect(page.locator("#panel .reader h2")).to_be_focused()
    page.keyboard.press("Escape")
    expect_nothing_read(page)

    marker.click()
    expect_read(page, BAKU.title)
    page.get_by_role("link", name="Link to this sentence").click()
    expect(page).to_have_url(re.compile("#article/"))
    page.locator("#panel .close").click()
    expect_nothing_read(page)
    expect(page).to_have_url(CONVERSATION)
    page.go_back()
    expect_tab(page, "Library")
    expect_nothing_read(page)


def test_tabs_have_addresses_that_open_them(page: Page) -> None:
    home = page.url
    for label in ("Library", "Search", "History"):
        show_tab(page, label)
        expect(page).to_have_url(f"{home}#{label.lower()}")
    page.reload()
    expect_tab(page, "History")
    page.go_back()
    expect_tab(page, "Search")
    page.go_back()
    expect_tab(page, "Library")
    page.go_back()
    expect_tab(page, "Ask")
    expect(page).to_have_url(home)
    page.go_forward()
    expect_tab(page, "Library")
    page.goto("about:blank")
    page.goto(f"{home}#search")
    expect_tab(page, "Search")


def test_back_returns_to_the_conversation_before(page: Page) -> None:
    questions = page.locator(".turn .question")
    ask(page, "Who met in Baku?")
    expect(page).to_have_url(CONVERSATION)
    first = page.url
    page.get_by_role("button", name="New conversation").first.click()
    expect(questions).to_have_count(0)
    ask(page, "Where do apples ripen?")
    expect(page).to_have_url(CONVERSATION)
    show_tab(page, "History")
    expect(page).to_have_url(re.compile("#history$"))
    page.locator(".conversations .title", has_text="Baku").click()
    expect(questions).to_have_text(["Who met in Baku?"])
    expect(page).to_have_url(first)

    page.go_back()
    expect_tab(page, "History")
    page.go_back()
    expect(questions).to_have_text(["Where do apples ripen?"])
    page.go_back()
    expect(questions).to_have_text(["Who met in Baku?"])
    page.go_forward()
    expect(questions).to_have_text(["Where do apples ripen?"])
    expect_tab(page, "Ask")
