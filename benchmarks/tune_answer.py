"""Weights of the answer and of the abstention, fitted on even lines and reported on odd ones.

Three models, in this order. Sentences: the softmax probability of those that hold the gold answer, among all
sentences of a question's hits. Passages: the same among its passages, brought to a probability.
The answer: a logistic regression of whether the best sentence answers, which is calibrated by being one;
questions about one corpus that are put to the other are its far misses. `python -m benchmarks.tune_answer`
writes `assistant/weights/answering.json` and a report in `results/`, with a row for each question that was
not tuned on: `benchmarks.curves` draws from it what keeps a bar from being reached.
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
from benchmarks import metrics, news_words
from benchmarks.datasets import NEWS_QUIZ_FILES, Evidence, Question, load
from benchmarks.engines import CACHE_FILE, ENGINES, open_engine
from benchmarks.exact import span
from benchmarks.gate import PREMISES, QUESTIONS, corpus_questions
from benchmarks.metrics import expected_calibration_error, holds_answer, overlap, threshold_answering
from benchmarks.reading_cache import ReadingCache
from benchmarks.vector_cache import VectorCache

ROOT = Path(__file__).parent
RIDGE = 0.001
RIDGE_OF_FEW = 0.0001  # where only a few weights are fitted; a sign that is seldom there is held back by more
OWN_WEIGHT = 8.0  # of a question about corpus/ against one of wiki_qa, so that both sets weigh the same
OWN_WEIGHT_ANSWERED = 4.0  # the same for the probability: more of it makes it too high for encyclopedic text
NEWS_WEIGHT = 4.0  # of a question of news_quiz, for all three models
SETS = ("wiki_qa", "corpus", "news_quiz", "premises")
LEVEL_SETS = SETS[:2]  # that the levels are chosen on; a quiz of news leaves out which week it is about
INGEST_ARTICLES = 250
OFF = "@"  # in the id of a question of news_quiz about a year of which the corpus has nothing
EVERY_FAR = 8  # of the questions of wiki_qa, one in so many is put to corpus/
SHARES = {"lenient": 0.9, "balanced": 0.8, "strict": 0.6}  # of the answerable questions that a level answers
DEPTHS = (1, 2, 3, 5, 10, 15, 20)  # passages read, for the curves
SURE, LIKELY = 0.85, 0.6  # probabilities from which an answer is called so

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

    @property
    def question(self) -> Question:
        """The same as the metrics take it."""
        return Question("", self.line, self.text, self.answers, self.evidence, self.is_answerable)


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
    hits: tuple[Hit, ...] = ()  # those passages, in the order in which they were found

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
    arguments.add_argument("--news-by-words", action="store_true", help="see `benchmarks.news_words`")
    arguments.add_argument(
        "--only",
        nargs="+",
        default=[],
        choices=abstention.FEATURES,
        help="keep the models that ship, and fit just these weights of the answer's, with its bias and scale",
    )
    options = arguments.parse_args()
    examples = list(_collect(open_engine(options.engine), options.every, options.news_by_words))
    even = [example for example in examples if example.is_tuning]
    fitted = refit(present(), even, options.only) if options.only else fit(even)
    tuning = [judged(example, fitted) for example in examples if example.is_tuning]
    held_out = [judged(example, fitted) for example in examples if not example.is_tuning]
    levels = {name: round(threshold(tuning, share), 3) for name, share in SHARES.items()}
    run = f"tune-answer-{date.today().isoformat()}" + ("-only" if options.only else "")
    report = {
        "run": run,
        "engine": options.engine,
        "every": options.every,
        "only": options.only,
        "news_by_words": options.news_by_words,
        "thresholds": levels,
        "tuning": summary(tuning, levels["balanced"]),
        "held_out": summary(held_out, levels["balanced"]),
    }
    text = json.dumps(report, indent=1)
    rows = json.dumps(answer_rows(held_out), separators=(",", ":"))
    stored = f'{text[:-2]},\n "depths": {json.dumps(DEPTHS)},\n "questions": {rows}\n}}\n'
    (ROOT / "results" / f"{run}.json").write_text(stored, encoding="utf-8")
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


def _collect(embedder: VectorCache, every: int, by_words: bool) -> Iterator[Example]:
    data = Path(os.environ["BENCH_DATA"])
    wiki = load(data, "wiki_qa")
    chosen = [_asked(q) for q in wiki.questions if q.line // 2 % every == 0]
    with _open("wiki_qa", embedder) as assistant:
        assistant.add(wiki.articles)
        yield from (_example(assistant, each, "wiki_qa", float(every)) for each in chosen)
    far = [Asked(q.text, (), False, q.line, "far") for q in wiki.questions if q.line // 2 % EVERY_FAR == 0]
    with _open("corpus", embedder) as assistant:
        assistant.add(ROOT.parent / "corpus", name="corpus")
        for name, file in (("corpus", QUESTIONS), ("premises", PREMISES)):
            yield from (_example(assistant, each, name, OWN_WEIGHT) for each in _own(assistant, file))
        yield from (_example(assistant, each, "far", 1.0) for each in far)
    news = load(data, "news_quiz", question_files=NEWS_QUIZ_FILES)
    if by_words:
        reader = ReadingCache(CACHE_FILE.with_name("readings.db"))
        yield from (_example_of_words(found) for found in news_words.read(news, embedder, reader))
        return
    with _open("news_quiz", embedder) as assistant:
        for first in range(0, len(news.articles), INGEST_ARTICLES):
            assistant.add(news.articles[first : first + INGEST_ARTICLES])
        yield from (
            _example(assistant, _asked(q, "far" if OFF in q.id else "near"), "news_quiz", NEWS_WEIGHT)
            for q in news.questions
        )


def _example_of_words(one: news_words.Found) -> Example:
    asked = _asked(one.question, "far" if OFF in one.question.id else "near")
    hits = tuple(reading.hit for reading in one.readings)
    found = candidates(asked.text, one.readings, one.document_frequency)
    return Example(
        asked,
        "news_quiz",
        NEWS_WEIGHT,
        found,
        np.array([float(holds_answer(candidate.text, asked.answers)) for candidate in found]),
        reranking.features(one.readings, found),
        np.array([float(_is_hit(hit, asked)) for hit in hits]),
        hits,
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


def _own(assistant: Assistant, file: Path) -> Iterator[Asked]:
    lines = file.read_text(encoding="utf-8").splitlines()
    is_near = [json.loads(line).get("near_miss", False) for line in lines]
    questions = corpus_questions(file, tuple(assistant.articles()))
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
        hits[: reranking.READ],
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
        np.array([_weight_answered(e) for e in usable]),
    )
    return Fitted(sentence, ranking[1:], float(ranking[0]), answered[1:], float(answered[0]))


def present() -> Fitted:
    """The models that ship."""
    learned = calibration.calibration()
    return Fitted(
        np.array(learned.sentence),
        np.array(learned.ranking),
        learned.ranking_bias,
        np.array(learned.answered),
        learned.answered_bias,
    )


def refit(kept: Fitted, examples: Sequence[Example], names: Sequence[str]) -> Fitted:
    """The same models, but for some weights of the answer's; its other weights keep their proportions.

    Args:
        kept: The models.
        examples: To fit on.
        names: Of `abstention.FEATURES`, whose weights are fitted anew.

    Returns:
        The models; orders of sentences and passages do not change.
    """
    places = [abstention.FEATURES.index(name) for name in names]
    proportions = kept.answered.copy()
    proportions[places] = 0.0
    best = [ordered(e, kept.sentence) for e in examples if e.found]
    features = np.array([abstention.features(found) for found, _ in best])
    bias, scale, *weights = _logistic(
        np.hstack([(features @ proportions)[:, None], features[:, places]]),
        np.array([right for _, right in best]),
        np.array([_weight_answered(e) for e in examples if e.found]),
        RIDGE_OF_FEW,
    )
    answered = scale * proportions
    answered[places] = weights
    return replace(kept, answered=answered, answered_bias=float(bias))


def _weight_answered(example: Example) -> float:
    return OWN_WEIGHT_ANSWERED if example.weight == OWN_WEIGHT else example.weight


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
    line: int = 0
    right_rank: int = 0  # of the first sentence that holds the answer; 0 if none does
    hit_1: tuple[bool, ...] = ()  # as found, and with as many passages read and put in order as `DEPTHS` says
    best_hit_1: tuple[bool, ...] = ()  # the same if of those passages a right one always came first


def judged(example: Example, fitted: Fitted) -> Judged:
    """Answer one example with the fitted models."""
    asked = example.asked
    if not example.found:
        return Judged(asked.kind, example.corpus, 0.0, False, 0.0, 0.0, asked.line)
    found, right = ordered(example, fitted.sentence)
    logit = fitted.answered_bias + float(fitted.answered @ abstention.features(found))
    scores = example.passages @ fitted.ranking
    holds = example.passage_holds
    return Judged(
        asked.kind,
        example.corpus,
        1 / (1 + float(np.exp(-logit))),
        bool(right),
        holds[int(np.argmax(scores))],
        holds[0],
        asked.line,
        _right_rank(example, fitted.sentence),
        _by_depth(example, scores),
        _by_depth(example, holds),
    )


def _right_rank(example: Example, sentence: Floats) -> int:
    order = np.argsort(-(example.sentences @ sentence), kind="stable")
    right = np.flatnonzero(example.holds[order])
    return int(right[0]) + 1 if len(right) and example.asked.is_answerable else 0


def _by_depth(example: Example, scores: Floats) -> tuple[bool, ...]:
    """Whether the first 1,000 characters hold a hit as found, and with more and more passages in order."""
    if not example.asked.is_answerable or not example.hits:
        return ()
    return tuple(_has_hit(example, scores, depth) for depth in (0, *DEPTHS))


def _has_hit(example: Example, scores: Floats, depth: int) -> bool:
    order = [*np.argsort(-scores[:depth], kind="stable"), *range(min(depth, len(scores)), len(scores))]
    spans = [span(example.hits[n].passage) for n in order]
    texts = {hit.article.id: hit.article.text for hit in example.hits}
    return metrics.hit_within(spans, example.asked.question, texts, metrics.HIT_1_CHARS)


def answer_rows(rows: Sequence[Judged]) -> dict[str, list[dict[str, Any]]]:
    """What is kept of each question, by corpus."""
    return {corpus: [_answer_row(row) for row in rows if row.corpus == corpus] for corpus in (*SETS, "far")}


def _answer_row(row: Judged) -> dict[str, Any]:
    kept: dict[str, Any] = {
        "line": row.line,
        "kind": row.kind,
        "score": round(row.probability, 4),
        "is_right": row.is_right,
        "right_rank": row.right_rank,
    }
    if row.hit_1:
        kept |= {"hit_1": [*map(int, row.hit_1)], "best_hit_1": [*map(int, row.best_hit_1)]}
    return kept


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
