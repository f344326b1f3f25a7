from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import PROPERTY
from training import curve
from training.curve import LABEL_GAP, MEASURED, Panel

LINES = [
    {"step": 50, "lr": 0.5, "loss": 3.5},
    {"step": 100, "lr": 1.0, "loss": 2.0},
    {"step": 150, "lr": 1.0, "loss": 1.5},
    {"step": 150, "lr": 1.0, "em": 0.5, "f1": 0.62, "news_f1": 0.8, "auroc_span": 0.62, "auroc_head": 0.62},
]
SVG = "{http://www.w3.org/2000/svg}"


def written(folder: Path, lines: list[dict[str, float]]) -> Path:
    path = folder / "curve.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def test_a_curve_is_read_as_it_stands(tmp_path: Path):
    assert curve.read(written(tmp_path, LINES)) == LINES


def test_steps_that_were_done_again_after_a_stop_count_once(tmp_path: Path):
    again = [{"step": 100, "lr": 0.9, "loss": 2.1}, {"step": 150, "lr": 0.9, "loss": 1.6}]
    assert curve.read(written(tmp_path, [*LINES, *again])) == [LINES[0], *again]


def test_a_line_of_the_same_kind_replaces_the_earlier_one(tmp_path: Path):
    again = [{"step": 150, "lr": 0.9, "loss": 1.6}]
    assert curve.read(written(tmp_path, [*LINES, *again])) == [*LINES[:2], LINES[3], *again]


def test_the_drawing_is_well_formed_and_shows_each_series():
    root = ElementTree.fromstring(curve.svg(LINES))
    texts = [element.text for element in root.iter(f"{SVG}text")]
    for name, (words, _) in MEASURED.items():
        assert f"{words} {LINES[-1][name]:.2f}" in texts
    strokes = {element.get("stroke") for element in root.iter(f"{SVG}path")}
    assert strokes >= {"#444444", *(colour for _, colour in MEASURED.values())}
    assert root.findtext(f"{SVG}title") == "Training curve of the reader, 150 steps"


def test_labels_do_not_lie_on_each_other():
    root = ElementTree.fromstring(curve.svg(LINES))
    colours = {colour for _, colour in MEASURED.values()}
    heights = sorted(float(e.get("y", 0)) for e in root.iter(f"{SVG}text") if e.get("fill") in colours)
    assert len(heights) == len(MEASURED)
    assert all(later - earlier >= LABEL_GAP for earlier, later in pairwise(heights))


def test_a_run_that_has_not_been_measured_yet_can_be_drawn():
    ElementTree.fromstring(curve.svg(LINES[:1]))
    ElementTree.fromstring(curve.svg([{"step": 10, "lr": 1.0, "loss": float("nan")}, LINES[3]]))


@PROPERTY
@given(st.floats(0, 100), st.floats(-1e6, 1e6))
def test_every_point_lies_in_its_panel(step: float, value: float):
    x, y = Panel(40, 300, 100, 0.4, 0.9).place(step, value)
    assert 40 <= x <= 300
    assert curve.TOP <= y <= curve.BOTTOM


@pytest.mark.parametrize(
    ("value", "expected"), [(0.4, curve.BOTTOM), (0.9, curve.TOP), (0.65, (curve.TOP + curve.BOTTOM) / 2)]
)
def test_higher_values_are_drawn_higher(value: float, expected: float):
    assert Panel(0, 100, 10, 0.4, 0.9).place(5, value) == (50.0, pytest.approx(expected))
