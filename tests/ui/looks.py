"""What the tests of looks share: sizes and colours, what axe finds, and whether a page fits its window."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Page

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


def look(size: str, scheme: str) -> dict[str, Any]:
    """How a page is to be opened, as arguments of `open_page`."""
    width, height = SIZES[size]
    window = {"width": width, "height": height}
    return {"color_scheme": scheme, "viewport": window, "reduced_motion": "reduce"}


def seen_in(views: Iterable[str], page: Page, name: str) -> dict[str, tuple[list[str], int]]:
    """What is wrong in each view, by its name: axe's findings and the overflow; pictures are kept."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    seen = {}
    for view in views:
        page.wait_for_timeout(150)  # for what fades in
        page.screenshot(path=PICTURES / f"{name}-{view}.png")
        seen[view] = (findings(page), overflow(page))
    return seen
