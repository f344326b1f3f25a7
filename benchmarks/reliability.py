"""The reliability diagram: how often answers of a stated probability are right, drawn from stored runs.

`python -m benchmarks.reliability` writes `reliability.svg`. Vertical lines are 95 % intervals of a bin. It
knows how results are laid out and how a drawing is written; it measures nothing.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import numpy as np

from benchmarks import drawing, metrics, results

_DAY = re.compile(r"\d{4}-\d\d-\d\d")
DRAWING = Path(__file__).parent / "reliability.svg"
SETS = ("wiki_qa", "news_quiz", "corpus")
BINS = 10  # with the same number of answers in each
SIDE, LEFT, TOP = 260, 52, 40  # of the square, in pixels
WIDTH, HEIGHT = 620, 350
COLOURS = ("#1b6ca8", "#b3541e", "#2e7d4f")


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers of about the same probability."""

    predicted: float  # mean probability
    right: float  # share of them that is right
    count: int


def bins(probabilities: Sequence[float], outcomes: Sequence[bool], *, number: int = BINS) -> list[Bin]:
    """Answers in order of their probability, cut into bins of the same size.

    Args:
        probabilities: Predicted, in [0, 1].
        outcomes: Whether each was right.
        number: Of bins; fewer if there are fewer answers.
    """
    order = np.argsort(probabilities, kind="stable")
    predicted, happened = np.asarray(probabilities, float)[order], np.asarray(outcomes, float)[order]
    parts = [part for part in np.array_split(np.arange(len(order)), number) if len(part)]
    return [Bin(float(predicted[part].mean()), float(happened[part].mean()), len(part)) for part in parts]


def svg(series: Mapping[str, Sequence[tuple[float, bool]]]) -> str:
    """Draw the diagram.

    Args:
        series: By name, (probability, whether it was right) of each answer; at most three.

    Returns:
        An SVG of a fixed size.
    """
    parts = [*_frame()]
    for (name, answers), colour, place in zip(series.items(), COLOURS, range(3), strict=False):
        predicted, right = [p for p, _ in answers], [r for _, r in answers]
        error = metrics.expected_calibration_error(predicted, right)
        parts += _line(bins(predicted, right), colour)
        y = TOP + 40 + 50 * place
        parts.append(f'<circle cx="{LEFT + SIDE + 30}" cy="{y - 4}" r="4" fill="{colour}"/>')
        parts.append(f'<text x="{LEFT + SIDE + 42}" y="{y}">{escape(name)}</text>')
        usual, seldom = metrics.chance_calibration_error(predicted)
        notes = (
            f"{len(answers):,} answers, expected calibration error {error:.3f}",
            f"by chance alone {usual:.3f}, 1 in 20 above {seldom:.3f}",
        )
        parts += [
            f'<text x="{LEFT + SIDE + 42}" y="{y + 14 * n}" fill="#777777">{note}</text>'
            for n, note in enumerate(notes, 1)
        ]
    return drawing.svg("Reliability of the answers' probabilities", parts, width=WIDTH, height=HEIGHT)


def stored(runs: Sequence[Mapping[str, Any]]) -> dict[str, list[tuple[float, bool]]]:
    """The answers of the newest run of each set, on the lines that nothing was chosen on.

    Args:
        runs: As stored, oldest first.

    Returns:
        By the name of the set, (probability, whether it was right) of each answer.
    """
    found: dict[str, list[tuple[float, bool]]] = {}
    for run in runs:
        for name, questions in run.get("questions", {}).items():
            rows = questions.get("answers", ()) if isinstance(questions, Mapping) else questions
            scored = (row for row in rows if "score" in row)  # what was measured of dates has none
            odd = [(row["score"], row["is_right"]) for row in scored if row.get("line", 0) % 2]
            if odd:
                found[name] = odd
    return found


def _frame() -> list[str]:
    bottom = TOP + SIDE
    parts = [
        f'<text x="{LEFT}" y="20" font-weight="bold">Stated probability and share of right answers</text>'
    ]
    for tenth in range(0, 11, 2):
        x, y = _place(tenth / 10, tenth / 10)
        parts += [
            f'<path d="M{LEFT} {y}H{LEFT + SIDE}M{x} {TOP}V{bottom}" stroke="#e4e4e4"/>',
            f'<text x="{LEFT - 6}" y="{y + 4}" text-anchor="end">{tenth / 10:g}</text>',
            f'<text x="{x}" y="{bottom + 16}" text-anchor="middle">{tenth / 10:g}</text>',
        ]
    parts.append(f'<path d="M{LEFT} {bottom}L{LEFT + SIDE} {TOP}" stroke="#999999" stroke-dasharray="4 3"/>')
    parts.append(f'<text x="{LEFT + SIDE / 2}" y="{bottom + 34}" text-anchor="middle">probability</text>')
    return parts


def _line(found: Sequence[Bin], colour: str) -> list[str]:
    places = [_place(each.predicted, each.right) for each in found]
    path = " ".join(f"{x} {y}" for x, y in places)
    dots = [f'<circle cx="{x}" cy="{y}" r="3.5" fill="{colour}"/>' for x, y in places]
    ends = [metrics.share_interval(each.right, each.count) for each in found]
    heights = [(_place(0, low)[1], _place(0, high)[1]) for low, high in ends]
    spans = [
        f'<path d="M{x} {low}V{high}" stroke="{colour}" stroke-opacity="0.35"/>'
        for (x, _), (low, high) in zip(places, heights, strict=True)
    ]
    return [f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="1.6"/>', *spans, *dots]


def _place(probability: float, share: float) -> tuple[float, float]:
    return round(LEFT + SIDE * probability, 1), round(TOP + SIDE * (1 - share), 1)


def main() -> None:
    argparse.ArgumentParser(description=__doc__).parse_args()
    fits = [
        json.loads(file.read_text(encoding="utf-8")) for file in results.FOLDER.glob("tune-answer-*.json")
    ]
    runs = sorted([*results.load_all(), *fits], key=_day)
    found = stored(runs)
    DRAWING.write_text(svg({name: found[name] for name in SETS if name in found}), encoding="utf-8")


def _day(run: Mapping[str, Any]) -> str:
    """The day of a run; that of a fit is in its name."""
    found = _DAY.search(run.get("date") or run["run"])
    return found.group() if found else ""


if __name__ == "__main__":
    main()
