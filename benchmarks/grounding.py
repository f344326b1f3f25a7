"""The weights of the grounding check, fitted on even lines and reported on odd ones.

Statements come from `statements`; `python -m benchmarks.grounding` writes `assistant/weights/grounding.json`
and a report in `results/`. With `--report` nothing is fitted: the shipped weights are measured.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.answering import grounding
from assistant.answering.premises import FEATURES, Premise, claim_of, features
from assistant.models import Embedder
from benchmarks.engines import ENGINES, open_engine
from benchmarks.metrics import auroc, auroc_interval
from benchmarks.statements import KINDS, Pair, Source, pairs
from benchmarks.tune_answer import _logistic

ROOT = Path(__file__).parent
FILES = {  # and one in how many of its pairs of lines is taken
    "wiki_qa": ("questions.jsonl", 2),
    "news_quiz": ("questions.jsonl", 1),
    "time_qa": ("questions_easy.jsonl", 6),
}
ACCEPTED = 0.88  # share of the true ones of the even lines that the threshold accepts; .85 is what is asked for
CLEAR = 0.75  # precision aside, the share of them that would also be given a marker

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Measured:
    """A pair with its features."""

    pair: Pair
    features: Floats


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--engine", choices=ENGINES, default="product")
    arguments.add_argument("--every", type=int, default=1, help="take one in so many of the questions")
    arguments.add_argument("--report", action="store_true", help="measure the shipped weights, fit nothing")
    options = arguments.parse_args()
    started = time.perf_counter()
    measured = list(_measured(options.every, open_engine(options.engine)))
    tuning = [each for each in measured if each.pair.line % 2 == 0]
    held_out = [each for each in measured if each.pair.line % 2]
    run = f"grounding-{date.today().isoformat()}"
    if options.report:
        shipped = grounding.grounding_weights()
        weights = np.array([shipped.bias, *shipped.support])
        threshold = shipped.threshold
    else:
        weights = fit(tuning)
        threshold, clear = (quantile(tuning, weights, share) for share in (ACCEPTED, CLEAR))
        known = {
            "run": f"benchmarks/results/{run}.json",
            "support": dict(zip(FEATURES, weights[1:].round(3).tolist(), strict=True)),
            "bias": round(float(weights[0]), 3),
            "threshold": round(threshold, 3),
            "clear": round(clear, 3),
        }
        grounding.PATH.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")
    report = {
        "run": run,
        "engine": options.engine,
        "threshold": round(threshold, 3),
        "tuning": summary(tuning, weights, threshold),
        "held_out": summary(held_out, weights, threshold),
        "held_out_by_set": {
            name: summary([m for m in held_out if m.pair.dataset == name], weights, threshold) for name in FILES
        },
        "seconds": round(time.perf_counter() - started, 1),
    }
    text = json.dumps(report, indent=1) + "\n"
    (ROOT / "results" / f"{run}.json").write_text(text, encoding="utf-8")
    print(text)


def sources(folder: Path, every: int = 1) -> Iterator[Source]:
    """The questions of the sets whose gold answer stands in their evidence."""
    for name, (file, own) in FILES.items():
        titles = _titles(folder / "eval" / name)
        lines = (folder / "eval" / name / file).read_text(encoding="utf-8").splitlines()
        for line, row in enumerate(map(json.loads, lines), 1):
            if row["answerable"] and row["evidence"] and line // 2 % (own * every) == 0:
                evidence = row["evidence"][0]
                title = titles.get(evidence["doc_id"], "")
                yield Source(line, name, row["question"], row["answers"][0], title, evidence["text"])


def _titles(folder: Path) -> dict[str, str]:
    path = next(path for path in (folder / "docs.jsonl", folder / "docs.jsonl.gz") if path.exists())
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return {row["id"]: row.get("title", "") for row in map(json.loads, data.decode().splitlines())}


def _measured(every: int, embedder: Embedder) -> Iterator[Measured]:
    for pair in pairs(list(sources(Path(os.environ["BENCH_DATA"]), every))):
        found = features(claim_of(pair.claim), [Premise(pair.hit)], embedder.embed_passages)
        yield Measured(pair, np.array(found))


def fit(rows: Sequence[Measured]) -> Floats:
    """Bias and weights; true ones weigh as much as all false ones, and each kind of false as much as another."""
    kinds = [row.pair.kind for row in rows]
    share = {kind: (1.0 if kind == "true" else 1 / len(KINDS)) / max(1, kinds.count(kind)) for kind in set(kinds)}
    importance = np.array([share[kind] for kind in kinds])
    is_true = np.array([float(row.pair.is_true) for row in rows])
    return _logistic(np.array([row.features for row in rows]), is_true, importance)


def support(row: Measured, weights: Floats) -> float:
    return float(1 / (1 + np.exp(-(weights[0] + weights[1:] @ row.features))))


def quantile(rows: Sequence[Measured], weights: Floats, share: float) -> float:
    """The support that a share of the true ones reaches."""
    values = sorted(support(row, weights) for row in rows if row.pair.is_true)
    return values[int((1 - share) * len(values))]


def summary(rows: Sequence[Measured], weights: Floats, threshold: float) -> dict[str, Any]:
    """AUROC of each kind of false against the true ones, and what the threshold accepts."""
    values = {kind: [support(r, weights) for r in rows if r.pair.kind == kind] for kind in ("true", *KINDS)}
    report: dict[str, Any] = {"n_true": len(values["true"])}
    report["true_accepted"] = round(float(np.mean(np.array(values["true"]) >= threshold)), 4)
    for kind in KINDS:
        if not values[kind]:
            continue
        scores = [*values["true"], *values[kind]]
        labels = [True] * len(values["true"]) + [False] * len(values[kind])
        report[kind] = {
            "n": len(values[kind]),
            "auroc": round(auroc(scores, labels), 4),
            "interval": [round(end, 4) for end in auroc_interval(scores, labels, samples=200)],
            "accepted": round(float(np.mean(np.array(values[kind]) >= threshold)), 4),
        }
    return report


if __name__ == "__main__":
    main()
