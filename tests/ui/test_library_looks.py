"""Library and Search: accessible and within the window, light and dark, on a desktop and on a phone.

Pictures of what was looked at lie in `.artifacts/`.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from assistant.assistant import Assistant
from assistant.types import Article
from tests.ui.conftest import Open, Serve, gradio_warnings, show_tab
from tests.ui.looks import LOOKS, SIZES, look, overflow, seen_in
from tests.ui.test_hostile_browser import ALIVE, HOSTILE
from tests.ui.test_library_browser import ARTICLES

pytestmark = [pytest.mark.browser, gradio_warnings]

OURS = ":is(#shelf-bar, #shelf, #overview, #failures, #feeds, #trash, #health, #search-bar, #hits)"
OF_THE_CHART = "svg.bars"  # drawn by us from numbers


@pytest.mark.parametrize(("size", "scheme"), LOOKS, ids=lambda value: str(value))
def test_every_view_is_accessible_and_fits(
    assistant: Assistant, serve: Serve, open_page: Open, size: str, scheme: str
) -> None:
    assistant.add(ARTICLES[:-1])
    page = open_page(serve(assistant), **look(size, scheme))
    seen = seen_in(views(page), page, f"{size}-{scheme}")

    assert seen == {name: ([], 0) for name in seen}
    assert len(seen) == 6


def views(page: Page) -> Iterator[str]:
    """Go through the views, naming each."""
    show_tab(page, "Library")
    expect(page.locator("table.articles")).to_be_visible()
    yield "library-list"
    page.get_by_role("button", name="Correct: Title 26").click()
    expect(page.locator(".correct")).to_be_visible()
    yield "library-editor"
    page.get_by_role("button", name="Remove: Title 25").click()
    expect(page.locator(".toast button")).to_be_visible()
    yield "library-undo"
    for part in ("Feeds", "Storage and health", "The same as a table"):
        page.locator("summary", has_text=part).click()
    page.get_by_role("button", name="Check", exact=True).click()
    expect(page.locator("#health .well")).to_be_visible()
    page.locator("#overview").scroll_into_view_if_needed()
    yield "library-below"
    show_tab(page, "Search")
    page.locator("#search-bar input[name=query]").fill("Which bridge will be open in the spring?")
    page.locator("#search-bar input[name=query]").press("Enter")
    expect(page.locator("#hits .counted")).to_be_visible()
    yield "search-hits"
    page.locator("summary", has_text="The same in Python and curl").click()
    page.locator("#hits .code").scroll_into_view_if_needed()
    yield "search-code"


def test_fields_beside_one_another_stand_on_one_line(
    assistant: Assistant, serve: Serve, open_page: Open
) -> None:
    assistant.add(ARTICLES[:-1])
    page = open_page(serve(assistant), **look("desktop", "light"))
    page.locator(".strip summary").click()
    assert lines(page, ".strip .fields :is(input, button)") == 1
    show_tab(page, "Library")
    assert lines(page, ".shelf-bar :is(input, select, button)") == 1
    show_tab(page, "Search")
    assert lines(page, ".search-bar .narrow :is(input, select)") == 1


def lines(page: Page, selector: str) -> int:
    """How many different edges above and below what is selected has."""
    page.locator(selector).last.wait_for()
    edges = page.locator(selector).evaluate_all(
        "all => all.map(e => e.getBoundingClientRect()).map(box => `${box.top} ${box.bottom}`)"
    )
    return len(set(edges))


def test_on_a_phone_an_article_without_publisher_and_day_says_which_is_not_known(
    assistant: Assistant, serve: Serve, open_page: Open
) -> None:
    assistant.add(Article("An okapi hid.", "Okapi", url="https://x.example/okapi"))
    page = open_page(serve(assistant), **look("phone", "light"))
    show_tab(page, "Library")
    row = page.locator("table.articles tbody tr")
    expect(row.locator(".source")).to_be_hidden()
    day = row.locator(".published")
    assert day.evaluate("e => getComputedStyle(e, '::before').content") == '"Published "'
    starts = [row.locator(part).bounding_box() for part in (".title button", ".published")]
    assert len({box["x"] for box in starts if box}) == 1


@pytest.mark.parametrize("size", list(SIZES))
def test_a_hostile_article_is_text_and_the_layout_holds(
    assistant: Assistant, serve: Serve, open_page: Open, size: str
) -> None:
    assert assistant.add(HOSTILE).failed == ()
    width, height = SIZES[size]
    page = open_page(serve(assistant), viewport={"width": width, "height": height})
    show_tab(page, "Library")
    expect(page.locator("table.articles button.title")).to_contain_text("<script>alert(1)</script>")
    page.get_by_role("button", name="Correct").click()
    expect(page.locator(".correct")).to_be_visible()
    assert (alive(page), overflow(page)) == ([], 0)
    page.get_by_role("button", name="Remove").click()
    expect(page.locator(".toast")).to_be_visible()
    assert (alive(page), overflow(page)) == ([], 0)
    page.locator(".toast button").click()
    expect(page.locator("table.articles button.title")).to_be_visible()  # back, so that it can be found
    show_tab(page, "Search")
    page.locator("#search-bar input[name=query]").fill("comet Zorblax")
    page.locator("#search-bar input[name=query]").press("Enter")
    expect(page.locator(".hits .passage").first).to_contain_text("Zorblax")
    assert (alive(page), overflow(page)) == ([], 0)


def alive(page: Page) -> list[str]:
    """What loads, runs, sends or leads away in what is ours."""
    found = page.locator(f"{OURS} :is({ALIVE}):not({OF_THE_CHART})")
    return list(found.evaluate_all("all => all.map(e => e.outerHTML.slice(0, 80))"))
