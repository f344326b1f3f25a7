"""The curves that say why a bar of quality is not reached, drawn from the newest run of `tune_answer`.

`python -m benchmarks.curves` writes `ranking.svg`, `refusal.svg` and `sentences.svg`, from questions that
nothing was chosen on. It knows the rows of that run and how a drawing is written; it measures nothing.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from benchmarks import bars, drawing, metrics, news_words

HERE = Path(__file__).parent
WIDTH, HEIGHT = 640, 330  # of a drawing, in pixels
LEFT, TOP, SIDE_X, SIDE_Y = 52, 40, 320, 230  # of its axes
COLOURS = ("#1b6ca8", "#b3541e", "#2e7d4f", "#7a4b9d")
NAMES = {"wiki_qa": "wiki_qa", "news_quiz": "news_quiz", "corpus": "corpus/", "premises": "corpus/, premises"}
AMONG = (1, 2, 3, 5, 10)  # first sentences that are looked through
ORDERED_BAR = 0.05  # that reading should add to hit@1 on news_quiz
ANSWERED_BARS = {"news_quiz": (0.85, 0.9), "wiki_qa": (0.8, 0.5)}  # share answered, share refused
FIRST_BARS = {"corpus": 0.8, "wiki_qa": 0.72}

Row = Mapping[str, Any]
Rows = Mapping[str, Sequence[Row]]


@dataclass(frozen=True, slots=True)
class Point:
    """A place on a curve, with the 95 % interval of its height; both ends the same where there is none."""

    x: float
    y: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Curve:
    """Points from left to right."""

    name: str
    colour: str
    points: Sequence[Point]
    is_dashed: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """What is drawn.

    Attributes:
        title: Above it.
        x_title: Below it.
        x_labels: Under the places 0, 1, 2 and so on; without any, x and y are shares from 0 to 1.
        lowest: Least y.
        curves: At most four.
        bars: Places that were to be reached, with a name each.
    """

    title: str
    x_title: str
    x_labels: Sequence[str]
    lowest: float
    curves: Sequence[Curve]
    bars: Sequence[tuple[str, Point]] = field(default=())


# -- what is drawn ---------------------------------------------------------------------------------------


def ranking(rows: Sequence[Row], depths: Sequence[int], *, by_words: bool = False) -> Chart:
    """hit@1 with more and more passages read, beside the best order that these passages allow.

    Args:
        rows: Of news_quiz.
        depths: How many passages the columns of the rows are about, after the first, which is about none.
        by_words: Whether they were found by `news_words`.
    """
    depths = [depth for depth in depths if depth <= news_words.READ] if by_words else depths
    asked = [row for row in rows if "hit_1" in row]

    def points(name: str) -> list[Point]:
        return [_mean(x, [row[name][x] for row in asked]) for x in range(len(depths) + 1)]

    read = points("hit_1")
    aim = read[0].y + ORDERED_BAR
    return Chart(
        f"news_quiz{', found by words' * by_words}: hit@1 by passages read ({len(asked)} questions)",
        "passages read and put in order",
        ["0", *map(str, depths)],
        0.5,
        [
            Curve("a right passage first, if read", COLOURS[1], points("best_hit_1"), is_dashed=True),
            Curve("as ordered by the product", COLOURS[0], read),
        ],
        [("five points above the order found", Point(len(depths), aim, aim, aim))],
    )


def refusal(rows: Rows) -> Chart:
    """How many unanswerable questions are refused at each share of the answerable ones that is answered."""
    kinds = (("news_quiz", "far", "of another year"), ("news_quiz", "near", "same weeks"))
    kinds += (("wiki_qa", "near", "near misses"), ("premises", "near", "false premises"))
    curves = []
    for (corpus, kind, words), colour in zip(kinds, COLOURS, strict=True):
        answered = [row["score"] for row in rows.get(corpus, ()) if row["kind"] == "answerable"]
        missed = [row["score"] for row in rows.get(corpus, ()) if row["kind"] == kind]
        if answered and missed:
            name = f"{NAMES[corpus]}, {words} ({len(missed)})"
            curves.append(Curve(name, colour, _trade(answered, missed)))
    aims = [(f"bar for {name}", Point(x, y, y, y)) for name, (x, y) in ANSWERED_BARS.items()]
    title = "Unanswerable questions refused, by share of answerable ones answered"
    return Chart(title, "share of the answerable questions that is answered", [], 0.0, curves, aims)


def sentences(rows: Rows) -> Chart:
    """Whether one of the first sentences holds the answer: what a better order of them would bring."""
    curves, aims = [], []
    for (corpus, name), colour in zip(NAMES.items(), COLOURS, strict=True):
        ranks = [row["right_rank"] for row in rows.get(corpus, ()) if row["kind"] == "answerable"]
        if not ranks:
            continue
        points = [_mean(x, [0 < rank <= among for rank in ranks]) for x, among in enumerate(AMONG)]
        curves.append(Curve(f"{name} ({len(ranks)})", colour, points))
        if aim := FIRST_BARS.get(corpus):
            aims.append((f"bar for {name}", Point(0, aim, aim, aim)))
    title = "The answer is in one of the first sentences"
    return Chart(title, "first sentences looked through", [*map(str, AMONG)], 0.5, curves, aims)


def _mean(x: float, values: Sequence[float]) -> Point:
    return Point(x, metrics.mean(values), *metrics.interval([float(value) for value in values]))


def _trade(answered: Sequence[float], missed: Sequence[float]) -> list[Point]:
    """Share of the missed ones refused at each twentieth of the others answered; from .5 with an interval."""
    points = []
    for twentieth in range(10, 21):
        least = metrics.threshold_answering(list(answered), twentieth / 20)
        points.append(_mean(twentieth / 20, [score < least for score in missed]))
    return points


# -- drawing ---------------------------------------------------------------------------------------------


def svg(chart: Chart) -> str:
    """Draw a chart: an SVG of a fixed size."""
    place = _places(chart)
    parts = [*_frame(chart, place)]
    for number, curve in enumerate(chart.curves):
        parts += _curve(curve, place, TOP + 16 + 18 * number)
    for number, (name, point) in enumerate(chart.bars):
        parts += _bar(name, point, place, TOP + 16 + 18 * (len(chart.curves) + number))
    return drawing.svg(chart.title, parts, width=WIDTH, height=HEIGHT)


Place = Callable[[float, float], tuple[float, float]]


def _places(chart: Chart) -> Place:
    """Where a point is drawn, in pixels."""
    first, last = (0.0, float(len(chart.x_labels) - 1)) if chart.x_labels else (0.5, 1.0)

    def place(x: float, y: float) -> tuple[float, float]:
        across = (x - first) / (last - first)
        up = (y - chart.lowest) / (1 - chart.lowest)
        return round(LEFT + SIDE_X * across, 1), round(TOP + SIDE_Y * (1 - up), 1)

    return place


def _frame(chart: Chart, place: Place) -> Iterable[str]:
    bottom = TOP + SIDE_Y
    yield f'<text x="{LEFT}" y="20" font-weight="bold">{escape(chart.title)}</text>'
    for tenth in range(round(10 * chart.lowest), 11):
        _, y = place(0, tenth / 10)
        yield f'<path d="M{LEFT} {y}H{LEFT + SIDE_X}" stroke="#e4e4e4"/>'
        yield f'<text x="{LEFT - 6}" y="{y + 4}" text-anchor="end">{tenth / 10:g}</text>'
    labels = chart.x_labels or [f"{tenth / 10:g}" for tenth in range(5, 11)]
    for number, label in enumerate(labels):
        x, _ = place(number if chart.x_labels else 0.5 + number / 10, 1)
        yield f'<text x="{x}" y="{bottom + 16}" text-anchor="middle">{escape(label)}</text>'
    middle = LEFT + SIDE_X / 2
    yield f'<text x="{middle}" y="{bottom + 34}" text-anchor="middle">{escape(chart.x_title)}</text>'


def _curve(curve: Curve, place: Place, y: float) -> list[str]:
    places = [place(point.x, point.y) for point in curve.points]
    path = " ".join(f"{x} {y}" for x, y in places)
    dash = ' stroke-dasharray="5 3"' if curve.is_dashed else ""
    parts = [f'<path d="M{path}" fill="none" stroke="{curve.colour}" stroke-width="1.6"{dash}/>']
    for point in curve.points:
        (x, low), (_, high) = place(point.x, point.low), place(point.x, point.high)
        parts.append(f'<path d="M{x} {low}V{high}" stroke="{curve.colour}" stroke-opacity="0.35"/>')
    parts += [f'<circle cx="{x}" cy="{y}" r="3" fill="{curve.colour}"/>' for x, y in places]
    key = LEFT + SIDE_X + 20
    parts.append(f'<circle cx="{key}" cy="{y - 4}" r="4" fill="{curve.colour}"/>')
    return [*parts, f'<text x="{key + 10}" y="{y}">{escape(curve.name)}</text>']


def _bar(name: str, point: Point, place: Place, y: float) -> list[str]:
    """A cross at a bar, and in the key."""
    key = LEFT + SIDE_X + 20
    crosses = [place(point.x, point.y), (key, y - 4)]
    parts = [
        f'<path d="M{x - 5} {at - 5}l10 10m0 -10l-10 10" stroke="#c22a2a" stroke-width="1.6"/>'
        for x, at in crosses
    ]
    return [*parts, f'<text x="{key + 10}" y="{y}">{escape(name)}</text>']


def main() -> None:
    """Draw the three."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    run = bars.newest()
    if run is None:
        raise SystemExit("no run of tune_answer has kept its questions yet")
    drawn = {
        "ranking": ranking(run["questions"]["news_quiz"], run["depths"], by_words=run["news_by_words"]),
        "refusal": refusal(run["questions"]),
        "sentences": sentences(run["questions"]),
    }
    for name, chart in drawn.items():
        (HERE / f"{name}.svg").write_text(svg(chart), encoding="utf-8")


if __name__ == "__main__":
    main()
