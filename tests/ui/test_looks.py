"""How the page looks: accessible and within the window, light and dark, on a desktop and on a phone.

Pictures of what was looked at lie in `.artifacts/`.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Page, expect

from assistant.assistant import Assistant
from tests.fakes import make_article
from tests.ui.conftest import Open, Serve, ask, gradio_warnings, show_tab
from tests.ui.test_ask_browser import BAKU, CUP

pytestmark = [pytest.mark.browser, gradio_warnings]

PICTURES = Path(__file__).resolve().parents[2] / ".artifacts" / "pictures"
SIZES = {"desktop": (1280, 800), "phone": (375, 812)}
LOOKS = [*itertools.product(SIZES, ("light", "dark"))]
# WCAG 2.2 A and AA
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}
# Gradio's own, which we cannot change from outside: see docs/web.md
OF_GRADIO: dict[str, str] = {}


def findings(page: Page) -> list[str]:
    """What axe finds serious or critical."""
    found = Axe().run(page, options=RULES).response["violations"]
    return [
        f"{one['id']}: {node['html'][:160]} ({node.get('failureSummary', '')[:200]})"
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
        if not re.search(OF_GRADIO.get(one["id"], "(?!)"), node["html"])
    ]


def overflow(page: Page) -> int:
    """Pixels by which the page is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - innerWidth"))


@pytest.mark.parametrize(("size", "scheme"), LOOKS, ids=lambda value: str(value))
def test_every_view_is_accessible_and_fits(
    assistant: Assistant, serve: Serve, open_page: Open, size: str, scheme: str
) -> None:
    hebrew = make_article("השביט זורבלקס ישוב בשנת 2061.", title="על השביט", source="עיתון", language="he")
    assistant.add([BAKU, CUP, hebrew])
    width, height = SIZES[size]
    page = open_page(
        serve(assistant),
        color_scheme=scheme,
        viewport={"width": width, "height": height},
        reduced_motion="reduce",
    )
    expect(page.locator(".warming")).to_have_count(0)
    PICTURES.mkdir(parents=True, exist_ok=True)
    seen = {}
    for name in views(page):
        page.wait_for_timeout(150)  # for what fades in
        page.screenshot(path=PICTURES / f"{size}-{scheme}-{name}.png")
        seen[name] = (findings(page), overflow(page))

    assert seen == {name: ([], 0) for name in seen}
    assert len(seen) == 9


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
    page.locator(".strip summary").click()
    ask(page, "מתי ישוב השביט זורבלקס?")
    yield "hebrew"
    show_tab(page, "Library")
    expect(page.locator("#uploads")).to_be_visible()
    yield "library"
    show_tab(page, "History")
    expect(page.locator(".conversations .title")).to_have_count(1)
    yield "history"
