"""Weights of the answer and of the abstention, fitted on even lines and reported on odd ones.

Three models, in this order. Sentences: the softmax probability of those that hold the gold answer, among all
sentences of a question's hits. Passages: the same among its passages, brought to a probability.
The answer: a logistic regression of whether the best sentence answers, which is calibrated by being one;
questions about one corpus that are put to the other are its far misses. `python -m benchmarks.tune_answer`
writes `assistant/weights/answering.json` and a report in `results/`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from assistant import retrieval
from assistant.answering import abstention, calibration, reranking
from assistant.answering import candidates as sentence_candidates
from assistant.answering.candidates import Candidate, candidates
from assistant.assistant import Assistant
from assistant.conversation import standalone_question
from assistant.settings import Settings
from assistant.types import Hit
from benchmarks.datasets import NEWS_QUIZ_FILES, Evidence, Question, load
from benchmarks.engines import CACHE_FILE, ENGINES, open_engine
from benchmarks.exact import span
from benchmarks.gate import corpus_questions
from benchmarks.metrics import expected_calibration_error, holds_answer, overlap, threshold_answering
from benchmarks.reading_cache import ReadingCache
from benchmarks.vector_cache import VectorCache

ROOT = Path(__file__).parent
RIDGE = 0.001
OWN_WEIGHT = 8.0  # of a question about corpus/ against one of wiki_qa, so that both sets weigh the same
OWN_WEIGHT_ANSWERED = 4.0  # the same for the probability: more of it makes it too high for encyclopedic text
NEWS_WEIGHT = 4.0  # of a question of news_quiz, for all three models
SETS = ("wiki_qa", "corpus", "news_quiz")
LEVEL_SETS = SETS[:2]  # that the levels are chosen on; a quiz of news leaves out which week it is about
INGEST_ARTICLES = 250
OFF = "@"  # in the id of a question of news_quiz about a year of which the corpus has nothing
EVERY_FAR = 8  # of the questions of wiki_qa, one in so many is put to corpus/
SHARES = {"lenient": 0.9, "balanced": 0.8, "strict": 0.6}  # of the answerable questions that a level answers
SURE, LIKELY = 0.85, 0.5  # probabilities from which an answer is called so

Floats = NDArray[np.float64]
Objective = Callable[[Floats], tuple[float, Floats]]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to put to a corpus."""

    text: str
    answers: tuple[str, ...]
    is_answerable: bool
    line: int
    kind: str  # answerable, near or far
    evidence: tuple[Evidence, ...] = ()


@dataclass(slots=True)
class Example:
    """What was found for a question: features, and which of it holds the answer."""

    asked: Asked
    corpus: str
    weight: float
    found: list[Candidate]
    holds: Floats  # shape (n_sentences,), 0 or 1
    passages: Floats  # shape (n_passages, n_features)
    passage_holds: Floats  # shape (n_passages,), 0 or 1

    @property
    def is_tuning(self) -> bool:
        return self.asked.line % 2 == 0

    @property
    def sentences(self) -> Floats:
        return np.array([candidate.features for candidate in self.found])


@dataclass(frozen=True, slots=True)
class Fitted:
    """The three models."""

    sentence: Floats
    ranking: Floats
    ranking_bias: float
    answered: Floats
    answered_bias: float


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--engine", choices=ENGINES, default="product")
    arguments.add_argument(
        "--every", type=int, default=1, help="take one in so many of wiki_qa's pairs of lines"
    )
    options = arguments.parse_args()
    examples = list(_collect(open_engine(options.engine), options.every))
    fitted = fit([example for example in examples if example.is_tuning])
    tuning = [judged(example, fitted) for example in examples if example.is_tuning]
    levels = {name: round(threshold(tuning, share), 3) for name, share in SHARES.items()}
    run = f"tune-answer-{date.today().isoformat()}"
    report = {
        "run": run,
        "engine": options.engine,
        "thresholds": levels,
        "tuning": summary(tuning, levels["balanced"]),
        "held_out": summary(
            [judged(example, fitted) for example in examples if not example.is_tuning], levels["balanced"]
        ),
    }
    text = json.dumps(report, indent=1) + "\n"
    (ROOT / "results" / f"{run}.json").write_text(text, encoding="utf-8")
    calibration.PATH.write_text(json.dumps(shipped(fitted, levels, run), indent=1) + "\n", encoding="utf-8")
    print(text)


def shipped(fitted: Fitted, levels: dict[str, float], run: str) -> dict[str, Any]:
    """The contents of `answering.json`."""

    def named(names: Sequence[str], weights: Floats) -> dict[str, float]:
        return dict(zip(names, weights.round(3).tolist(), strict=True))

    return {
        "run": f"benchmarks/results/{run}.json",
        "sentence": named(sentence_candidates.FEATURES, fitted.sentence),
        "answered": named(abstention.FEATURES, fitted.answered),
        "answered_bias": round(fitted.answered_bias, 3),
        "ranking": named(reranking.FEATURES, fitted.ranking),
        "ranking_bias": round(fitted.ranking_bias, 3),
        "thresholds": levels,
        "sure": SURE,
        "likely": LIKELY,
    }


# -- questions -------------------------------------------------------------------------------------------


def _collect(embedder: VectorCache, every: int) -> Iterator[Example]:
    data = Path(os.environ["BENCH_DATA"])
    wiki = load(data, "wiki_qa")
    chosen = [_asked(q) for q in wiki.questions if q.line // 2 % every == 0]
    with _open("wiki_qa", embedder) as assistant:
        assistant.add(wiki.articles)
        yield from (_example(assistant, each, "wiki_qa", 1.0) for each in chosen)
    far = [Asked(q.text, (), False, q.line, "far") for q in wiki.questions if q.line // 2 % EVERY_FAR == 0]
    with _open("corpus", embedder) as assistant:
        assistant.add(ROOT.parent / "corpus", name="corpus")
        yield from (_example(assistant, each, "corpus", OWN_WEIGHT) for each in _own(assistant))
        yield from (_example(assistant, each, "far", 1.0) for each in far)
    news = load(data, "news_quiz", question_files=NEWS_QUIZ_FILES)
    with _open("news_quiz", embedder) as assistant:
        for first in range(0, len(news.articles), INGEST_ARTICLES):
            assistant.add(news.articles[first : first + INGEST_ARTICLES])
        yield from (
            _example(assistant, _asked(q, "far" if OFF in q.id else "near"), "news_quiz", NEWS_WEIGHT)
            for q in news.questions
        )


def _asked(question: Question, kind: str = "near") -> Asked:
    kind = "answerable" if question.is_answerable else kind
    return Asked(
        question.text, question.answers, question.is_answerable, question.line, kind, question.evidence
    )


def _open(name: str, embedder: VectorCache) -> Assistant:
    engine = hashlib.sha256(embedder.fingerprint.encode()).hexdigest()[:8]
    settings = Settings(data_dir=ROOT / ".cache" / f"tune-{name}-{engine}")
    reader = ReadingCache(CACHE_FILE.with_name("readings.db"))
    return Assistant.open(settings=settings, embedder=embedder, reader=reader)


def _own(assistant: Assistant) -> Iterator[Asked]:
    text = (ROOT / "corpus_questions.jsonl").read_text(encoding="utf-8")
    is_near = [json.loads(line).get("near_miss", False) for line in text.splitlines()]
    questions = corpus_questions(articles=tuple(assistant.articles()))
    for (question, history), near in zip(questions, is_near, strict=True):
        text = standalone_question(question.text, history)
        yield replace(_asked(question, "near" if near else "far"), text=text)


def _example(assistant: Assistant, asked: Asked, corpus: str, weight: float) -> Example:
    hits = assistant.search(asked.text, retrieval.SEEN_FOR_EVIDENCE)
    evidence = retrieval.evidence(hits, assistant.settings.retrieval.top_k)
    frequency = assistant.corpus.document_frequency
    found = candidates(asked.text, assistant.reader.read(asked.text, evidence), frequency)
    readings = assistant.reader.read(asked.text, hits[: reranking.READ])
    holds = [float(holds_answer(candidate.text, asked.answers)) for candidate in found]
    return Example(
        asked,
        corpus,
        weight,
        found,
        np.array(holds),
        reranking.features(readings, candidates(asked.text, readings, frequency)),
        np.array([float(_is_hit(hit, asked)) for hit in hits[: reranking.READ]]),
    )


def _is_hit(hit: Hit, asked: Asked) -> bool:
    """Whether a passage holds the answer where the question's evidence is."""
    is_there = any(overlap(span(hit.passage), evidence) for evidence in asked.evidence)
    return is_there and holds_answer(hit.passage.text, asked.answers)


# -- fitting ---------------------------------------------------------------------------------------------


def fit(examples: Sequence[Example]) -> Fitted:
    """Fit the three models on examples; the third sees the order that the first gives."""
    usable = [example for example in examples if example.found]
    sentence = _minimum(
        _softmax_loss([(e.sentences, e.holds, e.weight) for e in usable if e.holds.any()]),
        len(sentence_candidates.FEATURES),
    )
    read = [e for e in usable if e.passage_holds.any()]
    ranking = _ranking(read)
    best = [ordered(e, sentence) for e in usable]
    answered = _logistic(
        np.array([abstention.features(found) for found, _ in best]),
        np.array([right for _, right in best]),
        np.array([OWN_WEIGHT_ANSWERED if e.weight == OWN_WEIGHT else e.weight for e in usable]),
    )
    return Fitted(sentence, ranking[1:], float(ranking[0]), answered[1:], float(answered[0]))


def _ranking(examples: Sequence[Example]) -> Floats:
    """Bias and weights of a passage's probability: ordered as a softmax has it, scaled by a regression."""
    order = _minimum(
        _softmax_loss([(e.passages, e.passage_holds, e.weight) for e in examples]), len(reranking.FEATURES)
    )
    bias, slope = _logistic(
        np.concatenate([e.passages @ order for e in examples])[:, None],
        np.concatenate([e.passage_holds for e in examples]),
        np.concatenate([np.full(len(e.passages), e.weight / len(e.passages)) for e in examples]),
    )
    return np.array([bias, *(slope * order)])


def ordered(example: Example, sentence: Floats) -> tuple[list[Candidate], float]:
    """The candidates in the order of a sentence model, and whether the first holds the answer, 0 or 1."""
    scores = example.sentences @ sentence
    order = np.argsort(-scores, kind="stable")
    found = [_rescored(example.found[n], float(scores[n])) for n in order]
    return found, float(example.holds[order[0]]) if example.asked.is_answerable else 0.0


def _rescored(candidate: Candidate, score: float) -> Candidate:
    return Candidate(candidate.hit, candidate.start, candidate.end, candidate.features, score, candidate.span)


def _softmax_loss(rows: Sequence[tuple[Floats, Floats, float]]) -> Objective:
    """Of the share that the right ones of each question have: (features, which are right, weight)."""
    total = sum(weight for _, _, weight in rows)

    def loss(w: Floats) -> tuple[float, Floats]:
        value, gradient = 0.0, np.zeros_like(w)
        for features, holds, weight in rows:
            z = features @ w
            p = np.exp(z - z.max())
            right = p * holds
            value -= weight * float(np.log(right.sum() / p.sum()))
            gradient -= weight * (features.T @ (right / right.sum() - p / p.sum()))
        return value / total + RIDGE * float(w @ w) / 2, gradient / total + RIDGE * w

    return loss


def _logistic(features: Floats, is_positive: Floats, weights: Floats, ridge: float = RIDGE) -> Floats:
    """Bias and weights of a logistic regression."""
    rows = np.hstack([np.ones((len(features), 1)), features])
    y, importance = 2 * is_positive - 1, weights / weights.sum()

    def loss(w: Floats) -> tuple[float, Floats]:
        margin = y * (rows @ w)
        pull = -importance * y / (1 + np.exp(margin))
        held = np.concatenate([[0.0], w[1:]])
        value = float(importance @ np.logaddexp(0, -margin)) + ridge * float(held @ held) / 2
        return value, rows.T @ pull + ridge * held

    return _minimum(loss, rows.shape[1])


def _minimum(loss: Objective, size: int) -> Floats:
    fitted: Floats = minimize(loss, np.zeros(size), jac=True).x
    return fitted


# -- reporting -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Judged:
    """One question as the fitted models answer it."""

    kind: str
    corpus: str
    probability: float
    is_right: bool
    passage_rank_1: float  # whether the passage that is put first holds the answer
    fused_rank_1: float  # the same before reading


def judged(example: Example, fitted: Fitted) -> Judged:
    """Answer one example with the fitted models."""
    if not example.found:
        return Judged(example.asked.kind, example.corpus, 0.0, False, 0.0, 0.0)
    found, right = ordered(example, fitted.sentence)
    logit = fitted.answered_bias + float(fitted.answered @ abstention.features(found))
    first = int(np.argmax(example.passages @ fitted.ranking))
    holds = example.passage_holds
    return Judged(
        example.asked.kind,
        example.corpus,
        1 / (1 + float(np.exp(-logit))),
        bool(right),
        holds[first],
        holds[0],
    )


def threshold(rows: Sequence[Judged], share: float) -> float:
    """The probability that a share of the answerable questions reaches, each corpus counting the same."""
    by_corpus = [
        [row.probability for row in rows if row.corpus == corpus and row.kind == "answerable"]
        for corpus in LEVEL_SETS
    ]
    return float(np.mean([threshold_answering(values, share) for values in by_corpus if values]))


def summary(rows: Sequence[Judged], least: float) -> dict[str, dict[str, float]]:
    """Quality by corpus, at the shipped threshold and at the one that answers .80."""
    report = {}
    for corpus in SETS:
        chosen = [row for row in rows if row.corpus in ({corpus, "far"} if corpus == "corpus" else {corpus})]
        answerable = [row for row in chosen if row.kind == "answerable"]
        if not answerable:
            continue
        at_80, at_85 = (
            threshold_answering([row.probability for row in answerable], share) for share in (0.8, 0.85)
        )
        values = {
            "n": len(chosen),
            "first_sentence_holds_answer": np.mean([row.is_right for row in answerable]),
            "passage_hit_1_read": np.mean([row.passage_rank_1 for row in answerable]),
            "passage_hit_1_found": np.mean([row.fused_rank_1 for row in answerable]),
            "answered_as_shipped": np.mean([row.probability >= least for row in answerable]),
            "ece": expected_calibration_error(
                [row.probability for row in chosen], [row.is_right for row in chosen]
            ),
        }
        for kind in ("near", "far"):
            missed = [row.probability for row in chosen if row.kind == kind]
            if missed:
                values[f"{kind}_refused_at_80"] = np.mean([value < at_80 for value in missed])
                values[f"{kind}_refused_at_85"] = np.mean([value < at_85 for value in missed])
                values[f"{kind}_refused_as_shipped"] = np.mean([value < least for value in missed])
        report[corpus] = {name: round(float(value), 4) for name, value in values.items()}
    return report


if __name__ == "__main__":
    main()
