"""Broad questions about `corpus/`: whether they are answered or refused rightly, and what is quoted.

`corpus_questions_accounts.jsonl` has a question a line: its form, the articles that tell of it, words of
which a sentence on the topic has one (none: all sentences of these articles are on it) and key facts, each as
the pieces of text of which one must be quoted. Constants were chosen on the even lines; the odd ones are
reported. It knows answers; how they are made it does not know.

    python -m benchmarks.accounts            the odd lines; --lines even or all for others
    python -m benchmarks.accounts --show     with every answer
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from assistant import Assistant
from assistant.answering import abstention
from assistant.settings import Settings
from assistant.types import Answer
from benchmarks import metrics, quality, results
from benchmarks.engines import product_embedder
from benchmarks.gate import CORPUS

QUESTIONS = Path(__file__).parent / "corpus_questions_accounts.jsonl"
RIGHT = 0.5  # share of the key facts from which an answer is right
DECIMALS = 4


@dataclass(frozen=True, slots=True)
class Row:
    """What was answered to one question, whatever the threshold."""

    id: str
    line: int
    form: str
    is_answerable: bool
    is_form_right: bool
    score: float
    sentences: int
    on_topic: float  # share of the quoted sentences, in [0, 1]
    facts: float  # share of the key facts that are quoted, in [0, 1]
    seconds: float
    question: str = ""
    text: str = ""


def questions(file: Path = QUESTIONS) -> Iterator[tuple[int, dict[str, Any]]]:
    """The lines of the file with their numbers, from 1."""
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        yield number, json.loads(line)


def asked(assistant: Assistant, line: int, row: dict[str, Any]) -> Row:
    """Ask one question and judge what is quoted."""
    answer = assistant.ask(row["question"])
    quoted = [" ".join(citation.text.split()) for citation in answer.citations]
    told = [any(piece in text for text in quoted for piece in pieces) for pieces in row["facts"]]
    return Row(
        row["id"],
        line,
        row["form"],
        row["answerable"],
        answer.form == row["form"],
        answer.score if quoted else 0.0,
        len(quoted),
        metrics.mean(_on_topic(answer, row)),
        metrics.mean(told),
        answer.seconds,
        row["question"],
        answer.text,
    )


def _on_topic(answer: Answer, row: dict[str, Any]) -> list[bool]:
    return [
        citation.article.title in row["articles"]
        and (not row["words"] or any(word in citation.text for word in row["words"]))
        for citation in answer.citations
    ]


def summary(rows: Sequence[Row], least: float) -> dict[str, float]:
    """Means over some questions, at a threshold.

    Args:
        rows: What was answered.
        least: Least score to answer at.
    """
    answerable = [row for row in rows if row.is_answerable]
    others = [row for row in rows if not row.is_answerable]
    answered = [row for row in answerable if row.score >= least]
    numbers = {
        "n_answerable": len(answerable),
        "n_unanswerable": len(others),
        "form_recognised": metrics.mean([row.is_form_right for row in rows]),
        "answered": metrics.mean([row.score >= least for row in answerable]),
        "answered_rightly": metrics.mean([row.score >= least and row.facts >= RIGHT for row in answerable]),
        "refused": metrics.mean([row.score < least for row in others]),
        "facts_told": metrics.mean([row.facts if row.score >= least else 0.0 for row in answerable]),
        "on_topic": metrics.mean([row.on_topic for row in answered]),
        "sentences": metrics.mean([row.sentences for row in answered]),
        "seconds": metrics.mean([row.seconds for row in rows]),
    }
    return {name: round(value, DECIMALS) for name, value in numbers.items()}


def measure(assistant: Assistant, lines: str = "all", file: Path = QUESTIONS) -> list[Row]:
    """Ask the questions of the odd lines, the even ones, or all."""
    wanted = {"odd": (1,), "even": (0,), "all": (0, 1)}[lines]
    return [asked(assistant, line, row) for line, row in questions(file) if line % 2 in wanted]


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Measure answers to broad questions on corpus/.")
    parser.add_argument("--lines", choices=("odd", "even", "all"), default="odd")
    parser.add_argument("--show", action="store_true", help="print every answer")
    options = parser.parse_args(argv)
    least = abstention.threshold(Settings().answering)
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        settings = quality.always_answering(Settings()).model_copy(update={"data_dir": Path(folder)})
        embedder = product_embedder()
        with Assistant.open(settings=settings, embedder=embedder) as assistant:
            assistant.add(CORPUS, name="corpus")
            assistant.warm_up()
            rows = measure(assistant, options.lines)
    for row in rows if options.show else ():
        print(f"\n{row.line} {row.question} [{row.form}] {row.score:.2f} facts {row.facts:.2f}\n{row.text}")
    parts = {options.lines: summary(rows, least)}
    for form in ("summary", "timeline", "list", "comparison"):
        parts[f"{options.lines}, {form}"] = summary([row for row in rows if row.form == form], least)
    for name, numbers in parts.items():
        print(name, numbers)
    kept = {
        "accounts": [{k: v for k, v in asdict(row).items() if k not in ("question", "text")} for row in rows]
    }
    print(results.save(results.describe_run(embedder.fingerprint), {"accounts": parts}, kept))


if __name__ == "__main__":
    main()
