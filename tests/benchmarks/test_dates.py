from __future__ import annotations

from benchmarks import dates
from benchmarks.dates import AWARE, BLIND, summary
from benchmarks.report import render


def row(line: int, before: float, after: float) -> dates.Row:
    return {"line": line, BLIND: {"hit_5": before}, AWARE: {"hit_5": after}}


ROWS = [row(1, 0, 1), row(2, 1, 1), row(3, 0, 0), row(5, 1, 1), row(7, 0, 1)]


def test_gains_and_the_share_of_misses_that_are_gone():
    found = summary(ROWS)
    assert {name: part["questions"] for name, part in found.items()} == {"even": 1, "odd": 4, "all": 5}
    odd = found["odd"]["hit_5"]
    assert (odd[BLIND], odd[AWARE], odd["gain"], odd["misses_removed"]) == (0.25, 0.75, 0.5, 0.6667)
    assert found["even"]["hit_5"]["misses_removed"] is None  # there was none


def test_the_readme_shows_what_odd_lines_gain():
    machine = {"processor": "A", "cores": 2, "memory_gib": 8}
    run = {"date": "2026-11-28", "commit": "0" * 40, "dirty": False, "machine": machine}
    text = render([{**run, "dates": {"time_qa": summary(ROWS)}}])
    assert "## Dates: time_qa" in text
    assert "| in the first 5,000 | 0.250 | 0.750 | 0.500 [" in text
    assert text.rstrip().endswith("| 0.67 |")
