"""Questions that depend on time, with and without the assistant's minding it, in one run.

news_quiz: a search that is told the day on which a question was asked, against one that is not. time_qa
(hard): whether the first sentence quoted, and the short answer, are of the period that the question names,
against an answer that is told to leave dates alone. Parameters were chosen on even lines. It knows sets and
the public class; it does not know how time is minded. Run as

    BENCH_DATA=… python -m benchmarks.dates [news_quiz] [time_qa]
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from assistant import Assistant
from assistant.dates import publication, resolve
from assistant.evaluation.matching import holds_answer
from assistant.settings import Settings
from assistant.sources.clean import clean
from assistant.types import Article
from benchmarks import datasets, metrics, quality, report, results
from benchmarks.engines import CACHE_FILE, open_engine
from benchmarks.exact import span
from benchmarks.reading_cache import ReadingCache
from benchmarks.vector_cache import VectorCache

BLIND, AWARE = "blind to dates", "as shipped"
DECIMALS = 4

Row = dict[str, Any]


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", nargs="*", default=["news_quiz", "time_qa"])
    parser.add_argument("--data", default=os.environ.get("BENCH_DATA", ""), help="instead of BENCH_DATA")
    options = parser.parse_args(argv)
    embedder = open_engine("product")
    run = results.describe_run(embedder.fingerprint)
    measures: dict[str, Callable[[Path, VectorCache], list[Row]]] = {"news_quiz": news, "time_qa": periods}
    for name in options.sets:
        rows = measures[name](Path(options.data), embedder)
        found = summary(rows)
        print(name, json.dumps(found, indent=1), flush=True)
        results.save(run, {"dates": {name: found}}, {f"dates {name}": rows})
    report.write()


def news(folder: Path, embedder: VectorCache) -> list[Row]:
    """Whether the evidence is found, for each question of news_quiz, by a search with its day and without."""
    dataset = datasets.load(folder, "news_quiz")
    texts = {article.id: article.text for article in dataset.articles}
    lines = (folder / "eval" / "news_quiz" / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    days = {row["id"]: date.fromisoformat(row["date"]) for row in map(json.loads, lines)}
    with opened(embedder) as assistant:
        for first in range(0, len(dataset.articles), quality.INGEST_ARTICLES):
            assistant.add(dataset.articles[first : first + quality.INGEST_ARTICLES])
        return [
            {"line": question.line}
            | {
                name: _found(assistant, question, day, texts)
                for name, day in ((BLIND, None), (AWARE, days[question.id]))
            }
            for question in dataset.answerable
        ]


def _found(
    assistant: Assistant, question: datasets.Question, day: date | None, texts: dict[str, str]
) -> dict[str, float]:
    near = publication(resolve(question.text, day), day) if day else None
    hits = assistant.search(question.text, quality.RANKED, near=near)
    row = quality.retrieval_row(question, [span(hit.passage) for hit in hits], texts)
    return {key: row[key] for key in ("hit_1", "hit_5", "hit_rank_5")}


def periods(folder: Path, embedder: VectorCache) -> list[Row]:
    """Whether the answer of the right period comes first, for each question of time_qa (hard)."""
    base = folder / "eval" / "time_qa"
    articles = [
        Article(clean(row["text"]), title=row["title"], root="time_qa", path=row["id"])
        for row in _rows(base / "docs.jsonl")
    ]
    asked = [
        (line, row) for line, row in enumerate(_rows(base / "questions_hard.jsonl"), 1) if row["answerable"]
    ]
    with opened(embedder) as assistant:
        assistant.add(articles)
        return [
            {"line": line}
            | {name: _answered(assistant, row, minded) for name, minded in ((BLIND, False), (AWARE, True))}
            for line, row in asked
        ]


def _answered(assistant: Assistant, row: Row, minded: bool) -> dict[str, float]:
    answer = assistant.ask(clean(row["question"]), dates=minded)
    first = answer.citations[0].text if answer.citations else ""
    short = answer.short_answer.text if answer.short_answer else ""
    return {
        "first_sentence": float(holds_answer(first, row["answers"])),
        "short_answer": float(holds_answer(short, row["answers"])),
        "short_f1": max(metrics.f1(quality.short_text(answer), gold) for gold in row["answers"]),
    }


def summary(rows: Sequence[Row]) -> dict[str, Any]:
    """Means, gains and shares of misses removed, on even, odd and all lines; intervals of the gains.

    Args:
        rows: Each with its line and the numbers of both ways.

    Returns:
        For each part and each metric the means of both ways and what lies between them.
    """
    parts = {
        "even": [row for row in rows if row["line"] % 2 == 0],
        "odd": [row for row in rows if row["line"] % 2],
        "all": list(rows),
    }
    return {name: _summary_of(part) for name, part in parts.items() if part}


def _summary_of(rows: Sequence[Row]) -> dict[str, Any]:
    found: dict[str, Any] = {"questions": len(rows)}
    for key in rows[0][BLIND]:
        before, after = ([row[name][key] for row in rows] for name in (BLIND, AWARE))
        low, high = metrics.paired_interval(after, before)
        missed = len(rows) - sum(before)
        found[key] = {
            BLIND: round(metrics.mean(before), DECIMALS),
            AWARE: round(metrics.mean(after), DECIMALS),
            "gain": round(metrics.mean(after) - metrics.mean(before), DECIMALS),
            "gain_interval": [round(low, DECIMALS), round(high, DECIMALS)],
            "misses_removed": round((sum(after) - sum(before)) / missed, DECIMALS) if missed else None,
        }
    return found


@contextmanager
def opened(embedder: VectorCache) -> Iterator[Assistant]:
    """An assistant that answers every question, in a folder that is thrown away."""
    with TemporaryDirectory(ignore_cleanup_errors=True) as data:
        settings = quality.always_answering(Settings(data_dir=Path(data)))
        with Assistant.open(
            settings=settings, embedder=embedder, reader=ReadingCache(CACHE_FILE)
        ) as assistant:
            yield assistant


def _rows(path: Path) -> Iterator[Row]:
    for line in path.read_text(encoding="utf-8").split("\n"):
        if line:
            yield json.loads(line)


if __name__ == "__main__":
    main()
