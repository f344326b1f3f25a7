from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest

from benchmarks.curves import Point, ranking, refusal, sentences, svg


def row(score: float, kind: str = "answerable", rank: int = 0, **more: Any) -> dict[str, Any]:
    return {"score": score, "kind": kind, "right_rank": rank, **more}


NEWS = [
    row(0.9, rank=1, hit_1=[0, 1], best_hit_1=[0, 1]),
    row(0.8, rank=2, hit_1=[1, 1], best_hit_1=[1, 1]),
    row(0.7, rank=0, hit_1=[0, 0], best_hit_1=[0, 1]),
    row(0.1, rank=4, hit_1=[0, 0], best_hit_1=[0, 0]),
    row(0.5, "far"),
    row(0.05, "far"),
]


def test_the_order_is_drawn_beside_the_best_one_and_the_bar():
    chart = ranking(NEWS, [5])
    best, read = chart.curves
    assert [point.y for point in read.points] == [0.25, 0.5]
    assert [point.y for point in best.points] == [0.25, 0.75]
    assert [(name, point.y) for name, point in chart.bars] == [
        ("five points above the order found", pytest.approx(0.3))
    ]
    assert chart.x_labels == ["0", "5"]
    assert ranking(NEWS, [5, 20], by_words=True).x_labels == ["0", "5"]


def test_more_is_refused_the_less_is_answered():
    (curve,) = refusal({"news_quiz": NEWS}).curves
    assert curve.name == "news_quiz, of another year (2)"
    assert {point.x: point.y for point in curve.points}[0.75] == 1.0
    assert {point.x: point.y for point in curve.points}[1.0] == 0.5


def test_a_right_sentence_is_among_the_first_ones_the_oftener_the_more_are_looked_through():
    (curve,) = sentences({"news_quiz": NEWS}).curves
    assert [point.y for point in curve.points] == [0.25, 0.5, 0.5, 0.75, 0.75]


def test_the_drawing_has_each_curve_by_its_name_and_its_interval():
    chart = sentences({"corpus": NEWS})
    root = ElementTree.fromstring(svg(chart))
    texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"corpus/ (4)", "bar for corpus/", chart.title, chart.x_title} <= set(texts)
    dots = [dot for dot in root.iter("{http://www.w3.org/2000/svg}circle") if dot.get("r") == "3"]
    heights = [float(dot.get("cy", "nan")) for dot in dots]
    assert heights == sorted(heights, reverse=True)
    assert chart.curves[0].points[0] == Point(0, 0.25, 0.0, 0.75)
