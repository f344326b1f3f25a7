"""Weights of the extractive answer and of the abstention, fitted on even lines and reported on odd ones.

The sentence weights maximise the softmax probability of the sentences that hold the gold answer, among all
sentences of a question's hits. The abstention weights are a logistic regression of the best sentence's
features on whether the question is answerable; questions about one corpus that are put to the other are its
far misses. Run it with `python -m benchmarks.tune_answer`; paste what it prints into `assistant/answering/`.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from assistant.answering import extractive
from assistant.assistant import Assistant
from assistant.conversation import standalone_question
from assistant.settings import Settings
from assistant.types import Turn
from benchmarks.datasets import load
from benchmarks.engines import ENGINES, open_engine
from benchmarks.metrics import holds_answer
from benchmarks.vector_cache import VectorCache

ROOT = Path(__file__).parent
RIDGE = 0.01
OWN_WEIGHT = 3  # of a question about corpus/ against one of wiki_qa: news, asked for as people ask
ANSWERED = 0.8  # of the answerable questions, at the threshold that is reported


@dataclass(frozen=True, slots=True)
class Example:
    """A question with the features of its candidate sentences and which of them hold the answer."""

    features: NDArray[np.float64]  # shape (n_sentences, n_features)
    holds: NDArray[np.float64]  # shape (n_sentences,), 0 or 1
    is_answerable: bool
    is_tuning: bool
    weight: float
    kind: str  # answerable, near or far


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--engine", choices=ENGINES, default="product")
    embedder = open_engine(arguments.parse_args().engine)
    wiki = load(Path(os.environ["BENCH_DATA"]), "wiki_qa")
    wiki_assistant = _open("wiki_qa", embedder)
    wiki_assistant.add(wiki.articles)
    own_assistant = _open("corpus", embedder)
    own_assistant.add(ROOT.parent / "corpus", name="corpus")
    own = [
        json.loads(line)
        for line in (ROOT / "corpus_questions.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    examples = [
        *_examples(
            wiki_assistant, [(q.text, q.answers, q.is_answerable, q.line, "near") for q in wiki.questions], 1
        ),
        *_examples(own_assistant, [_own_row(row, line) for line, row in enumerate(own, 1)], OWN_WEIGHT),
        *_examples(own_assistant, [(q.text, (), False, q.line, "far") for q in wiki.questions[::4]], 1),
    ]
    weights = _fit_sentences([e for e in examples if e.is_tuning and e.is_answerable])
    bias, answerable = _fit_answerable([e for e in examples if e.is_tuning], weights)
    report = {
        "date": date.today().isoformat(),
        "features": list(extractive.FEATURES),
        "sentence_weights": weights.round(2).tolist(),
        "answerable_weights": answerable.round(2).tolist(),
        "answerable_bias": round(bias, 2),
        "tuning": _report([e for e in examples if e.is_tuning], weights, answerable, bias),
        "held_out": _report([e for e in examples if not e.is_tuning], weights, answerable, bias),
    }
    path = ROOT / "results" / f"tune-answer-{report['date']}.json"
    path.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(report, indent=1))


def _open(name: str, embedder: VectorCache) -> Assistant:
    settings = Settings(data_dir=ROOT / ".cache" / f"tune-{name}")
    return Assistant.open(settings=settings, embedder=embedder)


def _own_row(row: dict, line: int) -> tuple[str, Sequence[str], bool, int, str]:
    history = [Turn(**turn) for turn in row.get("history", [])]
    kind = "near" if row.get("near_miss") else "far"
    return standalone_question(row["question"], history), row["answers"], row["answerable"], line, kind


def _examples(
    assistant: Assistant, rows: Sequence[tuple[str, Sequence[str], bool, int, str]], weight: float
) -> Iterator[Example]:
    corpus = assistant.corpus
    for question, answers, is_answerable, line, kind in rows:
        vector = corpus.embed_query(question)
        found = extractive.candidates(
            question, assistant.evidence(question), vector, corpus.embed_texts, corpus.document_frequency
        )
        if found:
            features = np.array([candidate.features for candidate in found])
            holds = np.array([float(holds_answer(candidate.text, answers)) for candidate in found])
            yield Example(
                features, holds, is_answerable, line % 2 == 0, weight, "answerable" if is_answerable else kind
            )


def _fit_sentences(examples: Sequence[Example]) -> NDArray[np.float64]:
    usable = [e for e in examples if e.holds.any()]

    def loss(w: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        value, gradient, total = 0.0, np.zeros_like(w), 0.0
        for e in usable:
            z = e.features @ w
            p = np.exp(z - z.max())
            right = p * e.holds
            value -= e.weight * float(np.log(right.sum() / p.sum()))
            gradient -= e.weight * (e.features.T @ (right / right.sum() - p / p.sum()))
            total += e.weight
        return value / total + RIDGE * float(w @ w) / 2, gradient / total + RIDGE * w

    return minimize(loss, np.zeros(len(extractive.FEATURES)), jac=True).x


def _fit_answerable(
    examples: Sequence[Example], weights: NDArray[np.float64]
) -> tuple[float, NDArray[np.float64]]:
    x = np.array([_best(e, weights) for e in examples])
    x[:, extractive.FEATURES.index("pairs")] = 0.0  # near misses keep them as well as answers do
    y = np.array([1.0 if e.is_answerable else -1.0 for e in examples])
    share = {kind: sum(e.weight for e in examples if e.kind == kind) for kind in {e.kind for e in examples}}
    importance = np.array([e.weight / share[e.kind] * (2 if e.is_answerable else 1) for e in examples])

    def loss(w: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        margin = y * (w[0] + x @ w[1:])
        pull = -importance * y / (1 + np.exp(margin))
        value = float(importance @ np.logaddexp(0, -margin)) + RIDGE * float(w[1:] @ w[1:]) / 2
        return value, np.concatenate([[pull.sum()], x.T @ pull + RIDGE * w[1:]])

    fitted = minimize(loss, np.zeros(x.shape[1] + 1), jac=True).x
    return float(fitted[0]), fitted[1:]


def _best(example: Example, weights: NDArray[np.float64]) -> NDArray[np.float64]:
    return example.features[int(np.argmax(example.features @ weights))]


def _report(
    examples: Sequence[Example], weights: NDArray[np.float64], answerable: NDArray[np.float64], bias: float
) -> dict[str, dict[str, float]]:
    report = {}
    for name, weight in (("wiki_qa", 1), ("corpus", OWN_WEIGHT)):
        chosen = [e for e in examples if e.weight == weight]
        right = [e.holds[int(np.argmax(e.features @ weights))] for e in chosen if e.is_answerable]
        scores = [1 / (1 + np.exp(-(bias + _best(e, weights) @ answerable))) for e in chosen]
        positive = sorted(s for s, e in zip(scores, chosen, strict=True) if e.is_answerable)
        threshold = positive[int((1 - ANSWERED) * len(positive))]
        report[name] = {"n": len(chosen), "first_holds_answer": round(float(np.mean(right)), 3)}
        report[name]["threshold"] = round(float(threshold), 3)
        for kind in ("near", "far"):
            refused = [s < threshold for s, e in zip(scores, chosen, strict=True) if e.kind == kind]
            report[name][f"{kind}_refused"] = round(float(np.mean(refused)), 3)
    return report


if __name__ == "__main__":
    main()
