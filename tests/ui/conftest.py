"""A served page and a headless Chromium that looks at it.

Every page that a test opens records its requests and dialogs; whatever the test is about, none may go to
another host and none may appear.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright

from assistant.assistant import Assistant
from assistant.server import create_app
from assistant.settings import AnsweringSettings, Settings
from tests.fakes import WordEmbeddings

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM_ARGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WAIT_MS = 60_000  # the machine may be busy with other things

expect.set_options(timeout=WAIT_MS)
# Gradio's queue uses what pandas 3 deprecates; as an error that would end the queue's task
gradio_warnings = pytest.mark.filterwarnings(
    "ignore:.*(no_silent_downcasting|copy keyword is deprecated):Warning"
)

Serve = Callable[[Assistant], str]
Open = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let a test that drives a browser fail twice before it counts: clicks get lost on a busy machine."""
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Answers whatever has a sentence near, in one: these tests look at the page, not at the threshold."""
    return Settings(data_dir=tmp_path / "data", answering=AnsweringSettings(min_score=0.0, max_sentences=1))


@pytest.fixture
def assistant(settings: Settings) -> Iterator[Assistant]:
    with Assistant.open(settings=settings, embedder=WordEmbeddings()) as opened:
        yield opened


@contextlib.contextmanager
def serving(assistant: Assistant) -> Iterator[str]:
    """Serve the page of an assistant on a free port: the address."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        create_app(assistant, assistant.settings), log_level="warning", ws="none", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
    finally:
        server.should_exit = True
        thread.join(20)
        listener.close()


@pytest.fixture
def serve() -> Iterator[Serve]:
    with contextlib.ExitStack() as stack:
        yield lambda assistant: stack.enter_context(serving(assistant))


@pytest.fixture(scope="session")
def chromium() -> str:
    found = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if found:
        return found
    message = "NO BROWSER TESTS: install Chromium (Debian: apt install chromium) to run them"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(
    scope="module"
)  # not longer: while it runs, no other test of this thread can run an event loop
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=list(CHROMIUM_ARGS))
        yield launched
        launched.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Open]:
    """Open an address in a context of its own; afterwards, nothing may have left the server."""
    contexts: list[BrowserContext] = []
    strays: list[str] = []

    def open_at(address: str, **options: object) -> Page:
        context = browser.new_context(**options)  # type: ignore[arg-type]
        context.set_default_timeout(WAIT_MS)
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda r: strays.append(r.url) if not is_ours(r.url, address) else None)
        page.on("dialog", lambda d: (strays.append(f"dialog: {d.message}"), d.dismiss()))
        page.on("popup", lambda p: strays.append(f"popup: {p.url}"))
        page.on("pageerror", lambda e: strays.append(f"error: {e}"))
        page.goto(address)
        page.wait_for_selector("#question textarea")
        return page

    yield open_at
    for context in contexts:
        context.close()
    assert strays == []


def is_ours(url: str, address: str) -> bool:
    home = address.partition("#")[0]
    return url.startswith((home, "data:", "blob:" + home))


def ask(page: Page, question: str) -> Locator:
    """Ask a question and wait until its turn of the conversation is complete: the turn."""
    turns = page.locator(".turn")
    show_tab(page, "Ask")
    before = turns.count()
    page.locator("#question textarea").fill(question)
    page.keyboard.press("Enter")
    turn = turns.nth(before)
    turn.locator(".facts").wait_for(timeout=WAIT_MS)
    return turn


def show_tab(page: Page, label: str) -> None:
    page.get_by_role("tab", name=label, exact=True).click()


def upload(page: Page, *files: tuple[str, bytes]) -> None:
    show_tab(page, "Library")
    page.locator("#uploads input[type=file]").set_input_files(
        [{"name": name, "mimeType": "application/octet-stream", "buffer": data} for name, data in files]
    )


def quoted(page: Page, marker: Locator) -> str:
    """The sentence that the card of a marker quotes."""
    return page.locator(f"#{marker.get_attribute('aria-describedby')} .said").text_content() or ""


def in_viewport(page: Page, selector: str) -> bool:
    """Whether the whole element lies inside of the window and of every box that it scrolls in."""
    return page.locator(selector).evaluate(
        """element => {
            const own = element.getBoundingClientRect();
            let box = { top: 0, bottom: innerHeight };
            for (let parent = element.parentElement; parent; parent = parent.parentElement) {
                if (!['auto', 'scroll'].includes(getComputedStyle(parent).overflowY)) continue;
                const outer = parent.getBoundingClientRect();
                box = { top: Math.max(box.top, outer.top), bottom: Math.min(box.bottom, outer.bottom) };
            }
            return own.top >= box.top && own.bottom <= box.bottom;
        }"""
    )
