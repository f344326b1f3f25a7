"""An article that wants to do harm, through every view of the page, on a desktop and on a phone.

`open_page` fails a test if a dialog appears, a script fails or a request leaves for another host.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from assistant.assistant import Assistant
from assistant.types import Article
from tests.hostile import NAUGHTY
from tests.ui.conftest import Open, Serve, ask, gradio_warnings, show_tab, upload

pytestmark = [pytest.mark.browser, gradio_warnings]

LONG = 200_000  # characters of one word
MARKUP = (
    "<script>alert(1)</script><img src=https://evil.example/x.png onerror=alert(2)>"
    "<svg onload=alert(3)></svg><iframe src=https://evil.example></iframe>"
    "![pixel](https://evil.example/p.png)[click](javascript:alert(4))${alert(5)}{{alert(6)}}"
    "<style>*{background:url(https://evil.example/c)}</style><base href=//evil.example>"
    "</mark></p><form action=https://evil.example><input autofocus onfocus=alert(7)></form>"
    "<meta http-equiv=refresh content='0;url=https://evil.example'><b onmouseover=alert(8)>"
)
FACT = f"The comet Zorblax returns in 2061 {MARKUP} says Mallory."
OVERRIDDEN = "\u202eThe comet Zorblax was named by \u2066Eve\u2069 of Quba."
TEXT = "\n".join([FACT, OVERRIDDEN, "w" * LONG, *NAUGHTY, "ע" * LONG])
HOSTILE = Article(
    TEXT,
    title=f"{MARKUP} {'t' * LONG} Zorblax",
    author=f"{MARKUP}{'a' * LONG}",
    source=f"{MARKUP}{'s' * LONG}",
    url=f"https://evil.example/{'u' * 5000}",
)
# What none of ours may hold: what loads, runs, sends or leads away. The reader's link is the one exception.
OURS = ":is(#welcome, #transcript, #next, #strip, #panel, #report)"
ALIVE = "img, script, iframe, style, form, svg, base, meta, b, a:not(.doings a)"


@pytest.mark.parametrize("size", [(1280, 800), (375, 812)], ids=["desktop", "phone"])
def test_is_text_in_every_view_and_the_layout_holds(
    assistant: Assistant, serve: Serve, open_page: Open, size: tuple[int, int]
) -> None:
    assert assistant.add(HOSTILE).failed == ()
    page = open_page(serve(assistant), viewport={"width": size[0], "height": size[1]})
    seen = {}
    for view in views(page):
        alive = page.locator(f"{OURS} :is({ALIVE})").evaluate_all(
            "all => all.map(e => e.outerHTML.slice(0, 80))"
        )
        seen[view] = (alive, page.evaluate("document.documentElement.scrollWidth - innerWidth"))

    assert seen == {view: ([], 0) for view in seen}
    assert len(seen) == 8


def views(page: Page) -> Iterator[str]:
    """Go through the views, naming each."""
    turn = ask(page, "When does the comet Zorblax return?")
    expect(turn.locator(".answer")).to_contain_text(MARKUP.partition("!")[0])
    yield "answer"
    turn.locator(".found summary").click()
    yield "found"
    turn.locator(".answer .marker").first.hover()
    expect(page.locator(".quote.is-shown")).to_contain_text("onerror=alert(2)")
    yield "card"
    page.mouse.move(0, 0)
    turn.locator(".answer .marker").first.click()
    expect(page.locator("#panel .text")).to_contain_text(MARKUP)
    link = page.locator("#panel a[rel]")
    assert (link.count(), link.get_attribute("rel")) == (1, "noopener noreferrer nofollow")
    yield "reader"
    page.locator("#panel .about").click()
    page.locator("#panel .close").click()
    expect(page.locator(".chips li")).to_have_count(1)
    yield "chip"
    page.locator(".strip summary").click()
    yield "filter"
    page.locator(".strip summary").click()
    ask(page, f"Who is {MARKUP} {'q' * 400}?")
    yield "question"
    upload(page, (f"{MARKUP.replace('/', '')[:120]}.txt", TEXT.encode()))
    expect(page.locator("#report .count").first).to_be_visible()
    show_tab(page, "Library")
    yield "library"
