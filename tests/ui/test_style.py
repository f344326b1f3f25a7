"""The style sheet and the script: legible in both schemes, and nothing in them comes from elsewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from assistant.ui import page

UI = Path(page.__file__).parent
STYLE = (UI / "styles" / "base.css").read_text(encoding="utf-8")
FILES = sorted([*UI.glob("styles/*"), *UI.glob("scripts/*")])
TEXT_ON_GROUND = [
    ("ink", "paper"),
    ("ink", "surface"),
    ("ink-soft", "paper"),
    ("ink-soft", "surface"),
    ("accent", "paper"),
    ("accent", "surface"),
    ("accent", "accent-soft"),
    ("on-accent", "accent"),
    ("paper", "ink"),
    ("mark-ink", "mark"),
    ("alarm", "surface"),
    ("caution", "paper"),
]


def colours(selector: str) -> dict[str, str]:
    (block,) = re.findall(rf"^{re.escape(selector)} {{(.*?)^}}", STYLE, re.DOTALL | re.MULTILINE)
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))


def luminance(colour: str) -> float:
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", [":root", ".dark"])
def test_text_stands_out_from_its_ground(scheme: str) -> None:
    named = colours(scheme)
    ratios = {pair: contrast(named[pair[0]], named[pair[1]]) for pair in TEXT_ON_GROUND}

    assert {pair: ratio for pair, ratio in ratios.items() if ratio < 4.5} == {}  # WCAG 2.2, AA


@pytest.mark.parametrize("scheme", [":root", ".dark"])
def test_edges_of_what_can_be_used_stand_out(scheme: str) -> None:
    named = colours(scheme)

    assert contrast(named["line-strong"], named["surface"]) >= 3  # WCAG 2.2, 1.4.11
    assert contrast(named["accent"], named["surface"]) >= 3


def test_both_schemes_name_the_same_colours() -> None:
    assert colours(":root").keys() == colours(".dark").keys()


def test_gradio_is_given_the_same_paper_and_ink() -> None:
    light, dark = colours(":root"), colours(".dark")

    assert (light["paper"], light["ink"]) == (page.PAPER, page.INK)
    assert (dark["paper"], dark["ink"]) == (page.PAPER_DARK, page.INK_DARK)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_nothing_is_fetched(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert (
        re.findall(r"url\(|@import|@font-face|//[\w.]+\.|\bfetch\(|XMLHttpRequest|sendBeacon|<", text) == []
    )
