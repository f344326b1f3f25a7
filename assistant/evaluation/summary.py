"""Figures of an evaluation, each with how many questions it rests on.

It counts rows; it does not ask anything.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from assistant.evaluation.measuring import DEPTH, Row

Z = 1.96  # of 95 %


@dataclass(frozen=True, slots=True)
class Share:
    """A share with its 95 % interval.

    Args:
        name: What it is a share of, in words.
        value: In [0, 1]; None if nothing was counted.
        low: Lower end of the interval.
        high: Upper end of the interval.
        count: How many were counted.
    """

    name: str
    value: float | None
    low: float
    high: float
    count: int

    def to_dict(self) -> dict[str, Any]:
        """The share as plain JSON values."""
        rounded = {"low": round(self.low, 4), "high": round(self.high, 4), "count": self.count}
        return {"value": None if self.value is None else round(self.value, 4), **rounded}


@dataclass(frozen=True, slots=True)
class Summary:
    """All figures of an evaluation.

    Args:
        questions: How many there were.
        generated: How many of them the assistant itself had proposed.
        shares: The figures, in the order to show them, by their short names.
        seconds: Of a question, in the median, search and answer together.
        by_category: Share of right first citations in each category, if there are any.
    """

    questions: int
    generated: int
    shares: dict[str, Share]
    seconds: float
    by_category: dict[str, Share]

    def to_dict(self) -> dict[str, Any]:
        """The figures as plain JSON values."""
        return {
            "questions": self.questions,
            "generated": self.generated,
            "median_answer_seconds": round(self.seconds, 3),
            **{name: share.to_dict() for name, share in self.shares.items()},
            "by_category": {name: share.to_dict() for name, share in self.by_category.items()},
        }


def summarise(rows: Sequence[Row]) -> Summary:
    """Add rows up.

    Args:
        rows: At least one.

    Returns:
        The figures. Intervals are Wilson's, which hold for shares of single questions; those of MRR and of
        citations, whose values are no yes or no or come several from one question, are only near.
    """
    answerable = [row for row in rows if row.question.is_answerable]
    others = [row for row in rows if not row.question.is_answerable]
    answered = [row for row in answerable if row.answer.abstention is None]
    return Summary(
        questions=len(rows),
        generated=sum(row.question.is_generated for row in rows),
        shares={
            **{f"hit@{k}": _hits(answerable, k) for k in (1, 5, DEPTH)},
            f"mrr@{DEPTH}": _share(
                "mean reciprocal rank", [1 / row.rank if row.rank else 0 for row in answerable]
            ),
            "answered": _share(
                "answerable questions that are answered", [r.answer.abstention is None for r in answerable]
            ),
            "first_citation": _share(
                "first citation is right, if answered", [row.right[:1] == (True,) for row in answered]
            ),
            "answer_match": _share(
                "the answer has the right words, if answered",
                [row.is_matched for row in answered if row.is_matched is not None],
            ),
            "citation_precision": _share(
                "citations that are right", [right for row in answered for right in row.right]
            ),
            "citation_recall": _share("evidence that is cited", [row.found for row in answerable]),
            "refused": _share(
                "unanswerable questions that are refused", [r.answer.abstention is not None for r in others]
            ),
        },
        seconds=median(row.answer.seconds for row in rows),
        by_category=_by_category(answerable),
    )


def _by_category(rows: Sequence[Row]) -> dict[str, Share]:
    names = sorted({row.question.category for row in rows} - {""})
    of_each = {name: [row for row in rows if row.question.category == name] for name in names}
    return {name: _share(name, [row.right[:1] == (True,) for row in of_each[name]]) for name in names}


def _hits(rows: Sequence[Row], k: int) -> Share:
    return _share(
        f"a right passage among the first {k}", [row.rank is not None and row.rank <= k for row in rows]
    )


def _share(name: str, values: Iterable[float]) -> Share:
    """A mean of values in [0, 1].

    References:
        Wilson, "Probable inference, the law of succession, and statistical inference", JASA 1927.
    """
    counted = [float(value) for value in values]
    n = len(counted)
    if not n:
        return Share(name, None, 0.0, 1.0, 0)
    share = sum(counted) / n
    middle = (share + Z * Z / (2 * n)) / (1 + Z * Z / n)
    half = Z * math.sqrt(share * (1 - share) / n + Z * Z / (4 * n * n)) / (1 + Z * Z / n)
    return Share(name, share, max(0.0, middle - half), min(1.0, middle + half), n)
