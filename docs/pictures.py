"""The pictures of the page in README and docs, taken anew: `python -m docs.pictures [NAME …]`.

The shipped corpus in a folder of its own, a server on a free port, Chromium. It knows where to click and
nothing of how the page is made.
"""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from assistant.assistant import Assistant
from assistant.conversations import Conversations
from assistant.entrance import VISITOR, owner_of
from tests.ui.conftest import CHROMIUM_ARGS, WAIT_MS, ask, serving, show_tab

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
DESK, PHONE = (1280, 800), (375, 740)
GAP, GREY = 20, "#c8c8c8"  # between pictures that are one
DAY = 86_400
KNOWN = "a" * 32  # what the cookie of whoever asked before says
ASKED = (  # days ago, then the questions
    (3, "Who became prime minister of Pakistan in March 2024?", "Who voted against him?"),
    (1, "Where does COP31 take place?"),
    (1, "How many days did the Starliner astronauts spend in space?", "Where did they splash down?"),
    (0, "Who met in Baku?", "What did they speak about?"),
)


@contextmanager
def opened(browser: Browser, address: str, size: tuple[int, int], scheme: str = "light") -> Iterator[Page]:
    """The page in a browser of its own."""
    window = {"width": size[0], "height": size[1]}
    context = browser.new_context(
        viewport=window,  # type: ignore[arg-type]
        color_scheme=scheme,  # type: ignore[arg-type]
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    page.goto(address)
    page.wait_for_selector("#question textarea")
    yield page
    context.close()


def ask_page(page: Page) -> None:
    """An answer, and beside it the article at the sentence."""
    turn = ask(page, "Who met in Baku?")
    page.locator("#next button").first.wait_for()
    turn.locator(".answer .marker").first.click()
    expect(page.locator("#panel mark.is-current")).to_be_visible()


def found_page(page: Page) -> None:
    """How an answer was found."""
    turn = ask(page, "How many people were injured at Karachi airport?")
    turn.locator(".found summary").click()
    turn.locator(".found").evaluate("found => found.scrollIntoView({ block: 'start' })")
    page.mouse.wheel(0, -60)


def library_page(page: Page) -> None:
    """The list, with the pointer on a row."""
    show_tab(page, "Library")
    page.locator("table.articles tbody tr").nth(1).hover()


def search_page(page: Page) -> None:
    """Passages that were read for an answer."""
    show_tab(page, "Search")
    page.locator("#search-bar select[name=order]").select_option("read")
    page.locator("#search-bar input[name=query]").fill("Who was injured at Karachi airport?")
    page.locator("#search-bar input[name=query]").press("Enter")
    page.locator("#hits .counted").wait_for()


def history_page(page: Page) -> None:
    """Conversations of some days, of the visitor who had them."""
    page.context.add_cookies([{"name": VISITOR, "value": KNOWN, "url": page.url}])
    page.reload()
    show_tab(page, "History")
    expect(page.locator(".conversations .title")).to_have_count(len(ASKED))


def phone_answer(page: Page) -> None:
    """An answer on a phone."""
    ask(page, "Who met in Baku?")


def phone_card(page: Page) -> None:
    """The card of a number."""
    ask(page, "Who met in Baku?").locator(".answer .marker").first.hover()


Show = Callable[[Page], None]
PICTURES: dict[str, tuple[tuple[int, int], list[tuple[Show, str]]]] = {
    "chat": (DESK, [(ask_page, "light")]),
    "ask-reader": (DESK, [(ask_page, "dark")]),
    "ask-found": (DESK, [(found_page, "light")]),
    "library": (DESK, [(library_page, "light")]),
    "search": (DESK, [(search_page, "light")]),
    "history": ((1100, 640), [(history_page, "light")]),
    "phone": (PHONE, [(phone_answer, "light"), (phone_card, "dark"), (ask_page, "light")]),
}


def keep_conversations(assistant: Assistant) -> None:
    """Ask some days ago."""
    for days, *questions in ASKED:
        kept = Conversations(assistant.settings.data_dir, clock=lambda ago=days: time.time() - ago * DAY)  # type: ignore[misc]
        conversation = ""
        for question in questions:
            answer = assistant.ask(str(question))
            conversation = kept.keep(owner_of(KNOWN), answer, conversation).conversation_id
        kept.close()


def side_by_side(shots: list[bytes]) -> Image.Image:
    """One picture of several."""
    images = [Image.open(io.BytesIO(shot)).convert("RGB") for shot in shots]
    width = sum(image.width for image in images) + GAP * (len(images) - 1)
    whole = Image.new("RGB", (width, images[0].height), GREY)
    at = 0
    for image in images:
        whole.paste(image, (at, 0))
        at += image.width + GAP
    return whole.quantize(128)


def main(*names: str) -> None:
    """Take the pictures of these names, or all."""
    with TemporaryDirectory() as folder, Assistant.open(Path(folder, "data")) as assistant:
        assistant.add(ROOT / "corpus", name="corpus")
        keep_conversations(assistant)
        with serving(assistant) as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(args=list(CHROMIUM_ARGS), executable_path=_chromium())
            for name in names or PICTURES:
                size, views = PICTURES[name]
                shots = []
                for show, scheme in views:
                    with opened(browser, address, size, scheme) as page:
                        show(page)
                        page.wait_for_timeout(300)  # for what fades in
                        shots.append(page.screenshot())
                side_by_side(shots).save(IMAGES / f"{name}.png", optimize=True)
            browser.close()


def _chromium() -> str | None:
    import shutil

    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


if __name__ == "__main__":
    main(*sys.argv[1:])
