"""A newcomer with a PDF: a server that was just started on an empty folder, a browser, and a clock.

What was clicked and how long each step took is printed (`pytest -s`); docs/web.md has the numbers of one run.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.sources.samples import pdf
from tests.ui.conftest import Open, gradio_warnings, in_viewport

pytestmark = [pytest.mark.browser, pytest.mark.model, gradio_warnings]

MOST_SECONDS = 60  # to a cited answer, without documentation: what the page promises
TYPED_MS = 50  # a sign
FACT = "The ferry to Vis leaves Split at 11:15 and takes two hours and twenty minutes."
MINE = pdf(
    ["Notes on the islands", "We stayed a week on the coast and walked along the walls each evening."],
    ["Ferries", FACT, "Tickets are sold at the harbour, and cars have to wait in the second row."],
)


@dataclass
class Clock:
    """What was done, and the seconds from the first sight of the page until it had its effect."""

    started: float = field(default_factory=time.perf_counter)
    steps: list[tuple[float, str]] = field(default_factory=list)

    def note(self, step: str) -> None:
        self.steps.append((time.perf_counter() - self.started, step))


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """A server of its own process, as `assistant serve` begins it."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("ASSISTANT_")}
    command = [sys.executable, "-m", "assistant.cli", "serve", "--port", "0", "--no-open"]
    process = subprocess.Popen(
        [*command, "--data-dir", str(tmp_path / "data")], stdout=subprocess.PIPE, text=True, env=environ
    )
    assert process.stdout
    with process.stdout as said:
        found = re.search(r"http://\S+", said.readline())
        assert found
        yield found[0]
        process.terminate()
        process.wait(30)


def test_reaches_a_cited_answer_about_an_own_pdf_in_under_a_minute(address: str, open_page: Open) -> None:
    page, clock = open_page(address), Clock()
    page.get_by_role("button", name="Add articles").click()
    clock.note("click: Add articles")
    add(page, "islands.pdf")
    clock.note("drop: the PDF")
    page.get_by_role("tab", name="Ask", exact=True).click()
    page.locator("#question textarea").press_sequentially("When does the ferry to Vis leave?", delay=TYPED_MS)
    clock.note("click: Ask, and the question typed")
    page.keyboard.press("Enter")
    turn = page.locator(".turn").first
    expect(turn.locator(".answer")).to_contain_text(FACT)
    clock.note("Enter: the answer")
    turn.locator(".answer .marker").first.click()
    expect(page.locator("#panel mark.is-current")).to_have_text(FACT)
    clock.note("click: the sentence in the PDF's text")

    print("\n" + "\n".join(f"{seconds:5.1f} s  {step}" for seconds, step in clock.steps))
    assert in_viewport(page, ".reader mark.is-current")
    expect(page.get_by_role("link", name="Open the PDF at page 2")).to_be_visible()
    assert clock.steps[-1][0] < MOST_SECONDS
    assert sum(step.startswith("click") for _, step in clock.steps) == 3


def add(page: Page, name: str) -> None:
    """Let a file fall on the box, and wait until it is in."""
    file = {"name": name, "mimeType": "application/pdf", "buffer": MINE}
    page.locator("#uploads input[type=file]").set_input_files([file])  # type: ignore[list-item]
    expect(page.locator("#report .count")).to_contain_text("Added: 1")
