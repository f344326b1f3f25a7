"""What is measured, as pure functions of rankings.

It knows spans, rankings and numbers; it does not know which pipeline produced them. Every pipeline is looked
at through the same window: a number of characters of its ranked passages, whatever their length.
"""

from __future__ import annotations

import math
import re
import string
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from assistant.evaluation.matching import holds_answer
from benchmarks.datasets import Evidence, Question

HIT_1_CHARS = 1000  # one passage of the LangChain tutorial
HIT_5_CHARS = 5000  # five of them


@dataclass(frozen=True, slots=True)
class Span:
    """A ranked slice of an article."""

    article_id: str
    start: int
    end: int


def is_hit(span: Span, question: Question, texts: Mapping[str, str]) -> bool:
    """Whether a slice overlaps the evidence and holds a gold answer, if there are any."""
    if not any(overlap(span, evidence) for evidence in question.evidence):
        return False
    return not question.answers or holds_answer(
        texts[span.article_id][span.start : span.end], question.answers
    )


def overlap(span: Span, evidence: Evidence) -> int:
    """How many characters two slices share."""
    if span.article_id != evidence.article_id:
        return 0
    return max(0, min(span.end, evidence.end) - max(span.start, evidence.start))


def cut(ranking: Sequence[Span], budget: int) -> list[Span]:
    """The ranking's first `budget` characters; the last passage may be cut short."""
    kept = []
    for span in ranking:
        if budget <= 0:
            break
        kept.append(Span(span.article_id, span.start, min(span.end, span.start + budget)))
        budget -= span.end - span.start
    return kept


def hit_within(ranking: Sequence[Span], question: Question, texts: Mapping[str, str], budget: int) -> bool:
    """Whether the ranking's first `budget` characters hold a hit."""
    return any(is_hit(span, question, texts) for span in cut(ranking, budget))


def first_hit(ranking: Sequence[Span], question: Question, texts: Mapping[str, str]) -> int:
    """Rank of the first hit, from 1; 0 if there is none."""
    return next((rank for rank, span in enumerate(ranking, 1) if is_hit(span, question, texts)), 0)


def reciprocal_rank(rank: int, depth: int = 10) -> float:
    """1 / rank, or 0 beyond `depth` or if nothing was found."""
    return 1 / rank if 0 < rank <= depth else 0.0


def rank_articles(ranking: Iterable[Span]) -> list[str]:
    """Articles in the order of their best passage."""
    return list(dict.fromkeys(span.article_id for span in ranking))


def ndcg(
    rankings: Mapping[str, Sequence[str]], questions: Sequence[Question], depth: int = 10
) -> dict[str, float]:
    """Measure nDCG of article rankings, for each question that has relevant articles, by ir-measures."""
    import ir_measures

    qrels = {question.id: question.relevance for question in questions if question.relevance}
    run = {
        query: {article: float(-rank) for rank, article in enumerate(articles)}
        for query, articles in rankings.items()
    }
    values = dict.fromkeys(qrels, 0.0)
    for metric in ir_measures.iter_calc([ir_measures.nDCG @ depth], qrels, run):
        values[metric.query_id] = float(metric.value)
    return values


@dataclass(frozen=True, slots=True)
class TokenScores:
    """How well retrieved slices cover the marked excerpts, in characters, each in [0, 1]."""

    recall: float
    precision: float
    iou: float


def coverage(spans: Iterable[Span], excerpts: Sequence[Evidence]) -> TokenScores:
    """Recall, precision and intersection over union of retrieved slices against excerpts.

    As in Chroma's chunking evaluation: a character retrieved twice counts twice in the precision's and the
    union's denominators, once in what is covered.

    References:
        Smith and Troynikov, "Evaluating Chunking Strategies for Retrieval", Chroma, 2024.
    """
    spans = list(spans)
    wanted = {(e.article_id, at) for e in excerpts for at in range(e.start, e.end)}
    retrieved = sum(span.end - span.start for span in spans)
    covered = len({(s.article_id, at) for s in spans for at in range(s.start, s.end)} & wanted)
    missed = len(wanted) - covered
    recall = covered / len(wanted) if wanted else 0.0
    return TokenScores(
        recall, covered / retrieved if retrieved else 0.0, covered / (retrieved + missed) if wanted else 0.0
    )


def interval(values: Sequence[float], *, samples: int = 1000, seed: int = 0) -> tuple[float, float]:
    """95 % bootstrap interval of the mean; (0, 0) if there are no values."""
    if not len(values):
        return (0.0, 0.0)
    data = np.asarray(values, float)
    draws = np.random.default_rng(seed).integers(0, len(data), (samples, len(data)))
    low, high = np.percentile(data[draws].mean(axis=1), [2.5, 97.5])
    return (float(low), float(high))


def paired_interval(
    ours: Sequence[float], theirs: Sequence[float], *, samples: int = 1000, seed: int = 0
) -> tuple[float, float]:
    """95 % bootstrap interval of the mean difference over the same questions."""
    return interval(np.subtract(ours, theirs).tolist(), samples=samples, seed=seed)


def mean(values: Sequence[float]) -> float:
    """The mean; 0 if there are no values."""
    return float(np.mean(values)) if len(values) else 0.0


def threshold_answering(scores: Sequence[float], share: float) -> float:
    """The highest threshold at which at least `share` of the scores reach it.

    Args:
        scores: Answer scores of the answerable questions; not empty.
        share: In (0, 1].
    """
    ordered = sorted(scores, reverse=True)
    return ordered[max(0, int(np.ceil(share * len(ordered) - 1e-9)) - 1)]


def expected_calibration_error(
    probabilities: Sequence[float], outcomes: Sequence[bool], *, bins: int = 10
) -> float:
    """Mean distance of probability and frequency, over bins that hold the same number of predictions.

    Args:
        probabilities: Predicted, in [0, 1].
        outcomes: What came of each; of none, the error is nan.
        bins: How many; fewer if there are fewer predictions.

    References:
        Nixon et al., "Measuring calibration in deep learning", 2019 (the adaptive variant).
    """
    if not len(outcomes):
        return float("nan")
    order = np.argsort(probabilities, kind="stable")
    predicted, happened = np.asarray(probabilities, float)[order], np.asarray(outcomes, float)[order]
    parts = [part for part in np.array_split(np.arange(len(order)), bins) if len(part)]
    return float(
        sum(len(part) * abs(predicted[part].mean() - happened[part].mean()) for part in parts) / len(order)
    )


def chance_calibration_error(
    probabilities: Sequence[float], *, samples: int = 500, seed: int = 0
) -> tuple[float, float]:
    """The calibration error that these probabilities would have by chance alone if every one were true.

    Args:
        probabilities: Predicted, in [0, 1]; not empty.
        samples: Draws of what came of them.
        seed: Of the draws.

    Returns:
        Its mean, and what it exceeds in one draw of twenty.
    """
    predicted = np.asarray(probabilities, float)
    happened = np.random.default_rng(seed).uniform(size=(samples, len(predicted))) < predicted
    errors = [expected_calibration_error(predicted.tolist(), row.tolist()) for row in happened]
    return float(np.mean(errors)), float(np.quantile(errors, 0.95))


def share_interval(share: float, count: int) -> tuple[float, float]:
    """95 % interval of a share of so many, by Wilson's formula."""
    z, variance = 1.96, share * (1 - share) / count
    middle = share + z * z / (2 * count)
    spread = z * math.sqrt(variance + (z / (2 * count)) ** 2)
    whole = 1 + z * z / count
    return (middle - spread) / whole, (middle + spread) / whole


def f1(text: str, answer: str) -> float:
    """Overlap in words of a text and a gold answer, in [0, 1], as SQuAD scores it."""
    ours, theirs = _words(text), _words(answer)
    common = sum((Counter(ours) & Counter(theirs)).values())
    if not ours or not theirs or not common:
        return float(ours == theirs)
    return 2 * common / (len(ours) + len(theirs))


def best_f1(text: str, answers: Iterable[str]) -> float:
    """Overlap in words with the gold answer that is nearest, in [0, 1]; 0 if there are none."""
    return max((f1(text, answer) for answer in answers), default=0.0)


def exact_match(text: str, answers: Iterable[str]) -> float:
    """1 if a text is one of the gold answers, but for case, punctuation and articles; else 0."""
    return float(any(_words(text) == _words(answer) for answer in answers))


def _words(text: str) -> list[str]:
    """Lower case, without punctuation and articles."""
    text = "".join(char for char in text.lower() if char not in string.punctuation)
    return re.sub(r"\b(a|an|the)\b", " ", text).split()


def auroc(scores: Sequence[float], labels: Sequence[bool]) -> float:
    """How often a positive scores above a negative, ties counting half; nan if one kind is missing."""
    values, is_positive = np.asarray(scores, float), np.asarray(labels, bool)
    positive, negative = values[is_positive], np.sort(values[~is_positive])
    if not len(positive) or not len(negative):
        return float("nan")
    below = np.searchsorted(negative, positive, "left") + np.searchsorted(negative, positive, "right")
    return float(below.mean() / 2 / len(negative))


def auroc_interval(
    scores: Sequence[float], labels: Sequence[bool], *, samples: int = 1000, seed: int = 0
) -> tuple[float, float]:
    """95 % bootstrap interval of `auroc`, positives and negatives drawn apart; nan if one kind is missing."""
    values, is_positive = np.asarray(scores, float), np.asarray(labels, bool)
    positive, negative = values[is_positive], values[~is_positive]
    if not len(positive) or not len(negative):
        return (float("nan"), float("nan"))
    wins = (positive[:, None] > negative[None, :]) + (positive[:, None] == negative[None, :]) / 2
    rng = np.random.default_rng(seed)
    rows, columns = (rng.multinomial(n, np.full(n, 1 / n), samples) / n for n in wins.shape)
    low, high = np.percentile(((rows @ wins) * columns).sum(axis=1), [2.5, 97.5])
    return (float(low), float(high))
