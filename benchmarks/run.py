"""All benchmarks: `make bench`.

Quality is measured on the sets in the folder that the environment variable BENCH_DATA names; without it, only
what needs none: the gate's numbers on corpus/ and the speed. Results go to `results/`, `README.md` is written
anew. Stopped and run again, it embeds nothing twice. It knows the parts and their order, nothing of how they
measure.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from assistant.answering import abstention
from assistant.settings import Settings
from benchmarks import datasets, gate, metrics, quality, report, results, speed
from benchmarks.engines import ENGINES, open_engine
from benchmarks.pipelines import NAMES
from benchmarks.vector_cache import VectorCache

PARTS = ("gate", "speed", "retrieval", "answers")
SPEED_SET = "news_quiz"
SHUFFLED_ARTICLES = 800  # enough for 1,000 passages
STARTED = time.monotonic()


def main(argv: Sequence[str] | None = None) -> None:
    options = _options(argv)
    data = Path(options.data) if options.data else None
    if data is None:
        log("BENCH_DATA is not set: no quality on the evaluation sets")
    engine = open_engine(options.engine)
    run = results.describe_run(engine.fingerprint)
    for part in options.parts:
        for numbers, questions in _measure(part, data, engine, options):
            path = results.save(run, numbers, questions)
            log(f"saved {path.name}: {part}")
    report.write()


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description="Measure quality and speed; data from the folder BENCH_DATA."
    )
    parser.add_argument("--data", default=os.environ.get("BENCH_DATA", ""), help="instead of BENCH_DATA")
    parser.add_argument("--parts", type=_names, default=PARTS, help=", ".join(PARTS))
    parser.add_argument(
        "--sets", type=_names, default=quality.RETRIEVAL_SETS, help="of retrieval and answers"
    )
    parser.add_argument("--pipelines", type=_names, default=NAMES, help=", ".join(NAMES))
    parser.add_argument("--engine", choices=ENGINES, default=ENGINES[0], help="of the quality parts")
    parser.add_argument("--sizes", type=_numbers, default=speed.SIZES, help="passages in the index, of speed")
    return parser.parse_args(argv)


def _measure(part: str, data: Path | None, engine: VectorCache, options: argparse.Namespace) -> Any:
    """Measure one part; yields (numbers, numbers of each question) each time some are complete."""
    if part == "gate":
        measured = gate.measure()
        yield {"gate": measured.metrics}, {"corpus": [asdict(row) for row in measured.rows]}
    elif part == "speed":
        yield {"speed": _speed(data, options.sizes)}, {}
    elif data and part == "retrieval":
        for name in options.sets:
            yield _retrieval(data, name, engine, options.pipelines)
    elif data and part == "answers":
        for name in set(options.sets) & set(quality.ANSWER_SETS):
            yield _answers(data, name, engine)


def _retrieval(data: Path, name: str, engine: VectorCache, names: Sequence[str]) -> tuple[Any, Any]:
    dataset = datasets.load(data, name)
    found = quality.measure_retrieval(dataset, engine, names=names, log=log)
    known = {
        "sha256": dataset.sha256,
        "articles": len(dataset.articles),
        "questions": len(dataset.answerable),
    }
    numbers = known | {"pipelines": quality.summarise_retrieval(found)}
    ids = [question.id for question in dataset.answerable]
    return {"retrieval": {name: numbers}}, {name: {"ids": ids, "retrieval": found}}


def _answers(data: Path, name: str, engine: VectorCache) -> tuple[Any, Any]:
    dataset = datasets.load(data, name, question_files=quality.ANSWER_SETS[name])
    rows = quality.measure_answers(dataset, engine, log=log)
    least = abstention.threshold(Settings().answering)
    numbers = {"sha256": dataset.sha256} | quality.summarise_answers(rows, least)
    if name == "wiki_qa":
        removed = quality.measure_removed(dataset, engine, log=log)
        kept = [row.score for row in rows if row.is_answerable]
        labels = [True] * len(kept) + [False] * len(removed)
        numbers["auroc_removed"] = round(metrics.auroc([*kept, *removed], labels), 4)
    return {"answers": {name: numbers}}, {name: {"answers": [asdict(row) for row in rows]}}


def _speed(data: Path | None, sizes: Sequence[int]) -> dict[str, Any]:
    if data:
        dataset = datasets.load(data, SPEED_SET)
        articles, questions = dataset.articles, [question.text for question in dataset.answerable]
        source = SPEED_SET
    else:
        articles = tuple(speed.shuffled(gate.corpus_articles(), SHUFFLED_ARTICLES))
        questions, source = (
            [row.text for row, _ in gate.corpus_questions()],
            "paragraphs of corpus/, shuffled",
        )
    return {"articles": source} | speed.measure(articles, questions, sizes=sizes, log=log)


def _names(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in _names(text))


def log(line: str) -> None:
    print(f"[{time.monotonic() - STARTED:6.0f} s] {line}", flush=True)


if __name__ == "__main__":
    main()
