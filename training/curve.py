"""The curve of a run as an SVG: loss on the left, what was measured on development questions on the right."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from benchmarks import drawing

WIDTH, HEIGHT = 760, 300  # of the drawing, in pixels
TOP, BOTTOM = 34, 264  # of both panels
LABEL_GAP = 13  # least distance of two labels
MEASURED = {
    "f1": ("F1", "#1b6ca8"),
    "em": ("exact match", "#5aa9d6"),
    "news_f1": ("F1, news", "#2e7d4f"),
    "auroc_span": ("AUROC, span", "#b3541e"),
    "auroc_head": ("AUROC, head", "#e0a458"),
}
Points = Sequence[tuple[float, float]]
Line = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Panel:
    """One pair of axes: x is the step, y grows upwards."""

    left: float
    right: float
    steps: float
    low: float
    high: float

    def place(self, step: float, value: float) -> tuple[float, float]:
        """Where a point is drawn, in pixels; what is beyond the axis is drawn at its end."""
        share = min(1.0, max(0.0, (value - self.low) / (self.high - self.low)))
        x = self.left + (self.right - self.left) * step / self.steps
        return round(x, 1), round(BOTTOM - (BOTTOM - TOP) * share, 1)


def read(path: Path) -> list[dict[str, float]]:
    """The lines of a `curve.jsonl`, without those that a run which was stopped had done again."""
    kept: list[dict[str, float]] = []
    for text in path.read_text(encoding="utf-8").splitlines():
        line: dict[str, float] = json.loads(text)
        while kept and kept[-1]["step"] > line["step"]:
            kept.pop()
        again = [one for one in kept if one["step"] == line["step"] and one.keys() == line.keys()]
        kept = [one for one in kept if one not in again]
        kept.append(line)
    return kept


def svg(lines: Sequence[Line]) -> str:
    """Draw the curve of a run.

    Args:
        lines: From `read`, in order, at least one.

    Returns:
        An SVG of a fixed size.
    """
    steps = max(line["step"] for line in lines)
    losses = [(line["step"], line["loss"]) for line in lines if "loss" in line]
    ceiling = float(max(2, round(max([value for _, value in losses[2:]], default=2.0) + 0.5)))
    loss, dev = Panel(44, 330, steps, 0.0, ceiling), Panel(400, 640, steps, 0.4, 0.9)
    series = {name: [(line["step"], line[name]) for line in lines if name in line] for name in MEASURED}
    parts = [
        *_axes(loss, "loss on what is trained on, mean of 50 steps", [n * ceiling / 4 for n in range(5)]),
        _path(loss, losses, "#444444"),
        *_axes(dev, "development questions, never trained on", [0.4, 0.5, 0.6, 0.7, 0.8, 0.9]),
        *(_path(dev, points, MEASURED[name][1]) for name, points in series.items()),
        *_labels(dev, {name: points[-1] for name, points in series.items() if points}),
    ]
    return drawing.svg(f"Training curve of the reader, {steps:,.0f} steps", parts, width=WIDTH, height=HEIGHT)


def _axes(panel: Panel, title: str, values: Iterable[float]) -> list[str]:
    parts = [f'<text x="{panel.left}" y="18" font-weight="bold">{escape(title)}</text>']
    for value in values:
        _, y = panel.place(0, value)
        parts += [
            f'<path d="M{panel.left} {y}H{panel.right}" stroke="#dddddd"/>',
            f'<text x="{panel.left - 6}" y="{y + 4}" text-anchor="end">{value:g}</text>',
        ]
    for step in (0, panel.steps / 2, panel.steps):
        x, _ = panel.place(step, panel.low)
        parts.append(f'<text x="{x}" y="{BOTTOM + 18}" text-anchor="middle">{step:,.0f}</text>')
    return parts


def _path(panel: Panel, points: Points, colour: str) -> str:
    places = " ".join(f"{x} {y}" for x, y in (panel.place(*point) for point in points))
    return f'<path d="M{places}" fill="none" stroke="{colour}" stroke-width="1.6"/>' if points else ""


def _labels(panel: Panel, ends: Mapping[str, tuple[float, float]]) -> list[str]:
    """A label at the end of each line, moved down where two would lie on each other."""
    parts, free = [], float(TOP)
    for name in sorted(ends, key=lambda name: -ends[name][1]):
        (x, y), (words, colour) = panel.place(*ends[name]), MEASURED[name]
        y = max(y + 4, free)
        free = y + LABEL_GAP
        parts.append(f'<text x="{x + 6}" y="{y}" fill="{colour}">{escape(words)} {ends[name][1]:.2f}</text>')
    return parts
