"""How the page looks: accessible and within the window, light and dark, on a desktop and on a phone.

Pictures of what was looked at lie in `.artifacts/`.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from assistant.assistant import Assistant
from tests.fakes import make_article
from tests.ui.conftest import Open, Serve, ask, gradio_warnings, show_tab
from tests.ui.looks import LOOKS, look, seen_in
from tests.ui.test_ask_browser import BAKU, CUP

pytestmark = [pytest.mark.browser, gradio_warnings]


@pytest.mark.parametrize(("size", "scheme"), LOOKS, ids=lambda value: str(value))
def test_every_view_is_accessible_and_fits(
    assistant: Assistant, serve: Serve, open_page: Open, size: str, scheme: str
) -> None:
    hebrew = make_article("השביט זורבלקס ישוב בשנת 2061.", title="על השביט", source="עיתון", language="he")
    assistant.add([BAKU, CUP, hebrew])
    page = open_page(serve(assistant), **look(size, scheme))
    expect(page.locator(".warming")).to_have_count(0)
    seen = seen_in(views(page), page, f"{size}-{scheme}")

    assert seen == {name: ([], 0) for name in seen}
    assert len(seen) == 10


def views(page: Page) -> Iterator[str]:
    """Go through the views, naming each."""
    yield "welcome"
    turn = ask(page, "Who met in Baku?")
    expect(page.locator("#question .submit-button")).to_be_visible()
    yield "answer"
    turn.locator(".found summary").click()
    yield "found"
    turn.locator(".answer .marker").first.focus()
    turn.locator(".answer .marker").first.hover()
    yield "card"
    turn.locator(".answer .marker").first.click()
    expect(page.locator("#panel .reader")).to_be_visible()
    yield "reader"
    page.locator("#panel .close").click()
    page.locator(".strip summary").click()
    yield "filter"
    page.get_by_label("Published from").fill("2024-01-01")
    page.get_by_label("Publisher").fill(str(BAKU.source))
    page.get_by_role("button", name="Apply").click()
    expect(page.locator(".chips li")).to_have_count(2)
    expect(ask(page, "Who met Shehbaz Sharif?").locator(".asked-of")).to_be_visible()
    yield "filtered"
    page.locator("#tab-ask").get_by_role("button", name="New conversation").click()
    expect(page.locator(".turn")).to_have_count(0)
    ask(page, "מתי ישוב השביט זורבלקס?")
    yield "hebrew"
    show_tab(page, "Library")
    expect(page.locator("#uploads")).to_be_visible()
    yield "library"
    show_tab(page, "History")
    expect(page.locator(".conversations .title")).to_have_count(2)
    yield "history"
