"""Speed of the bundled model's engines, and how near their vectors are: `python -m benchmarks.embedding`.

The engines take turns on the same texts, so that whatever else the machine does hurts all alike; ratios to
torch are what holds on another machine. It knows engines and texts; it stores nothing.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from assistant.models import Embedder
from assistant.settings import Settings
from benchmarks.engines import exact_embedder, original_embedder, product_embedder
from benchmarks.gate import corpus_articles, corpus_questions
from benchmarks.pipelines import cut

ROUNDS, PASSAGES, QUESTIONS = 5, 64, 40
ORIGINAL = "torch"
MAKERS = {ORIGINAL: original_embedder, "onnx": exact_embedder, "onnx-int8": product_embedder}


def measure(
    engines: dict[str, Embedder], passages: Sequence[str], questions: Sequence[str], *, rounds: int = ROUNDS
) -> dict[str, dict[str, Any]]:
    """Let the engines embed the same texts in turns.

    Args:
        engines: By name; `torch` is what the others are compared with.
        passages: Embedded together, once a round.
        questions: Embedded one by one, once a round.
        rounds: How often; the median counts.

    Returns:
        For each engine: texts a second, milliseconds a query, both also as a ratio to torch's (above 1 is
        faster), mean and lowest cosine to torch's vectors.
    """
    vectors = {name: engine.embed_passages(passages) for name, engine in engines.items()}  # loads it, too
    seconds: dict[str, list[float]] = {name: [] for name in engines}
    query_seconds: dict[str, list[float]] = {name: [] for name in engines}
    for _ in range(rounds):
        for name, engine in engines.items():
            started = time.perf_counter()
            engine.embed_passages(passages)
            seconds[name].append(time.perf_counter() - started)
        for question in questions:
            for name, engine in engines.items():
                started = time.perf_counter()
                engine.embed_query(question)
                query_seconds[name].append(time.perf_counter() - started)
    rate = {name: len(passages) / statistics.median(times) for name, times in seconds.items()}
    query = {name: statistics.median(times) for name, times in query_seconds.items()}
    cosines = {name: np.sum(rows * vectors[ORIGINAL], axis=1) for name, rows in vectors.items()}
    return {
        name: {
            "texts_per_s": round(rate[name], 1),
            "texts_ratio": round(rate[name] / rate[ORIGINAL], 2),
            "query_ms": round(query[name] * 1000, 2),
            "query_ratio": round(query[ORIGINAL] / query[name], 2),
            "cosine_mean": round(float(cosines[name].mean()), 5),
            "cosine_min": round(float(cosines[name].min()), 5),
        }
        for name in engines
    }


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args(argv)
    texts = [passage.embedded_text for passage in cut(corpus_articles(), Settings())]
    questions = [question.text for question, _ in corpus_questions()][:QUESTIONS]
    measured = measure(
        {name: maker() for name, maker in MAKERS.items()}, texts[:PASSAGES], questions, rounds=options.rounds
    )
    chars = round(sum(map(len, texts[:PASSAGES])) / len(texts[:PASSAGES]))
    print(f"{PASSAGES} passages of {chars} characters on average")
    for name, row in measured.items():
        print(f"{name:10} {json.dumps(row)}")


if __name__ == "__main__":
    main()
