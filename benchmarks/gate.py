"""The quality gate: on corpus/ and its questions, no number may fall below its floor.

`baseline.json` holds the floors with the hashes of the corpus and the questions they were measured on. The
gate fails when a floor is broken and when a hash differs; `--pin` measures anew and stores, but refuses to
lower a floor unless `--lower` says so. It knows floors; what is measured is in `quality` and `metrics`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from assistant import Assistant, sources
from assistant.answering import abstention
from assistant.conversation import understand
from assistant.settings import Settings
from assistant.types import Article, Failure, Turn
from benchmarks import metrics, quality
from benchmarks.datasets import Evidence, Question
from benchmarks.engines import product_embedder
from benchmarks.exact import span
from benchmarks.vector_cache import VectorCache

HERE = Path(__file__).parent
CORPUS = HERE.parent / "corpus"
QUESTIONS = HERE / "corpus_questions.jsonl"
PREMISES = HERE / "corpus_questions_premises.jsonl"  # half of them suppose what the corpus does not say
BASELINE = HERE / "baseline.json"
EPSILON = 0.015  # about one question of a hundred: rounding differs between processors and changes no more
EXACT = ("citations_resolve",)  # of these not one may be lost
RANKED = 60
RANKING_METRICS = ("hit_1", "hit_5", "mrr_10")
DECIMALS = 4


@dataclass(frozen=True, slots=True)
class Measured:
    """The gate's numbers, and what they rest on."""

    metrics: dict[str, float]
    counts: dict[str, int]
    rows: tuple[quality.AnswerRow, ...]


def measure(corpus: Path = CORPUS, questions: Path = QUESTIONS, premises: Path = PREMISES) -> Measured:
    """Ingest the corpus with the shipped settings and ask every question."""
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        settings = quality.always_answering(Settings()).model_copy(update={"data_dir": Path(folder)})
        embedder = VectorCache(product_embedder(), Path(":memory:"))  # questions share sentences
        with Assistant.open(settings=settings, embedder=embedder) as assistant:
            report = assistant.add(corpus, name="corpus")
            if report.failed:
                raise RuntimeError(f"{corpus.name}: {report.failed}")
            articles = tuple(assistant.articles())
            measured = _measure(assistant, list(corpus_questions(questions, articles)))
            rows = [quality.answer_row(assistant, q, h) for q, h in corpus_questions(premises, articles)]
            supposed = premise_metrics(rows, abstention.threshold(Settings().answering))
            return replace(measured, metrics=measured.metrics | supposed)


def _measure(assistant: Assistant, asked: Sequence[tuple[Question, tuple[Turn, ...]]]) -> Measured:
    texts = {article.id: article.text for article in assistant.articles()}
    rows = tuple(quality.answer_row(assistant, question, history) for question, history in asked)
    answerable = [(question, history) for question, history in asked if question.is_answerable]
    means = {}
    for prefix, rerank in (("", True), ("found_", False)):
        found = [
            quality.retrieval_row(question, _ranking(assistant, question, history, rerank), texts)
            for question, history in answerable
        ]
        means |= {prefix + name: metrics.mean([row[name] for row in found]) for name in RANKING_METRICS}
    return Measured(
        {name: round(value, DECIMALS) for name, value in (means | _answer_metrics(rows)).items()},
        {"answerable": len(answerable), "unanswerable": len(rows) - len(answerable), "articles": len(texts)},
        rows,
    )


def premise_metrics(rows: Sequence[quality.AnswerRow], least: float) -> dict[str, float]:
    """How many true questions are answered rightly, and how many with a false premise are refused.

    Args:
        rows: What was answered whatever the threshold.
        least: The threshold that ships.
    """
    right = [row.score >= least and row.is_right for row in rows if row.is_answerable]
    refused = [row.score < least for row in rows if not row.is_answerable]
    return {
        "premises_answered_rightly": round(metrics.mean(right), DECIMALS),
        "premises_refused": round(metrics.mean(refused), DECIMALS),
    }


def _ranking(
    assistant: Assistant, question: Question, history: Sequence[Turn], rerank: bool
) -> list[metrics.Span]:
    """The ranking as an answer uses it, read, or as it was found; of a follow-up with the question before."""
    hits = assistant.search_understood(understand(question.text, history), RANKED, rerank=rerank)
    return [span(hit.passage) for hit in hits]


def _answer_metrics(rows: Sequence[quality.AnswerRow]) -> dict[str, float]:
    summary = quality.summarise_answers(rows, abstention.threshold(Settings().answering))
    shipped, matched = summary["shipped_threshold"], summary["threshold_answering_80"]
    return {
        "citations_resolve": summary["citations_resolve"]["mean"],
        "first_sentence_holds_answer": summary["first_sentence_holds_answer"]["mean"],
        "refused_when_80_answered": matched["refused"]["mean"],
        "answered_as_shipped": shipped["answered"]["mean"],
        "refused_as_shipped": shipped["refused"]["mean"],
    }


def corpus_articles(corpus: Path = CORPUS) -> list[Article]:
    """The articles of the corpus.

    Raises:
        ValueError: If one cannot be read.
    """
    articles = []
    for item in sources.read(corpus):
        if isinstance(item, Failure):
            raise ValueError(f"{item.name}: {item.reason}")
        articles.append(item)
    return articles


def corpus_questions(
    questions: Path = QUESTIONS, articles: Sequence[Article] = ()
) -> Iterator[tuple[Question, tuple[Turn, ...]]]:
    """The questions with the conversation before each.

    Args:
        questions: The file.
        articles: Where the evidence is; without them questions come without evidence.

    Raises:
        ValueError: If an evidence text is not in the article that it names.
    """
    by_title = {article.title: article for article in articles}
    lines = questions.read_text(encoding="utf-8").split("\n")
    for number, row in enumerate((json.loads(line) for line in lines if line), 1):
        evidence = tuple(_locate(row["id"], entry, by_title) for entry in row["evidence"]) if articles else ()
        question = Question(
            row["id"], number, row["question"], tuple(row["answers"]), evidence, row["answerable"]
        )
        yield question, tuple(Turn(turn["role"], turn["text"]) for turn in row.get("history", ()))


def _locate(question_id: str, entry: Mapping[str, str], articles: Mapping[str, Article]) -> Evidence:
    article = articles.get(entry["article"])
    start = article.text.find(entry["text"]) if article else -1
    if article is None or start < 0:
        raise ValueError(f"{question_id}: the evidence is not in an article titled {entry['article']!r}")
    return Evidence(article.id, start, start + len(entry["text"]))


def hash_folder(folder: Path) -> str:
    """SHA-256 over names and bytes of the files that are articles, in order."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix in sources.SUFFIXES and path.name != "README.md":
            digest.update(f"{path.relative_to(folder).as_posix()}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def hashes(corpus: Path = CORPUS, questions: Path = QUESTIONS, premises: Path = PREMISES) -> dict[str, str]:
    """What the floors were measured on."""
    return {
        "corpus_sha256": hash_folder(corpus),
        "questions_sha256": hashlib.sha256(questions.read_bytes()).hexdigest(),
        "premises_sha256": hashlib.sha256(premises.read_bytes()).hexdigest(),
    }


def problems(
    measured: Mapping[str, float], found: Mapping[str, str], baseline: Mapping[str, Any]
) -> list[str]:
    """Why the gate is shut; empty if it is open.

    Args:
        measured: The numbers.
        found: The hashes of what is there.
        baseline: From `baseline.json`.
    """
    changed = [name for name, value in found.items() if baseline.get(name) != value]
    shut = [f"{name} differs from the baseline: look at the numbers, then run with --pin" for name in changed]
    for name, floor in baseline["floors"].items():
        slack = 0.0 if name in EXACT else baseline["epsilon"]
        value = measured.get(name)
        if value is None:
            shut.append(f"{name} is not measured any more")
        elif value < floor - slack - 1e-9:
            shut.append(f"{name} is {value:.4f}, the floor is {floor:.4f} (less {slack})")
    return shut


def lowered(measured: Mapping[str, float], floors: Mapping[str, float]) -> list[str]:
    """The floors that pinning these numbers would lower or drop."""
    return [
        f"{name} from {floor:.4f} to {measured.get(name, 0.0):.4f}"
        for name, floor in floors.items()
        if measured.get(name, 0.0) < floor
    ]


def pin(measured: Measured, found: Mapping[str, str]) -> dict[str, Any]:
    """A baseline of these numbers."""
    return {
        **found,
        "counts": measured.counts,
        "epsilon": EPSILON,
        "epsilon_means": "how far a number may fall below its floor: about one question of a hundred",
        "floors": measured.metrics,
    }


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Measure quality on corpus/ and compare it with the floors.")
    parser.add_argument("--pin", action="store_true", help="store what is measured as the new floors")
    parser.add_argument("--lower", action="store_true", help="with --pin: also where a floor becomes lower")
    options = parser.parse_args(argv)
    baseline = json.loads(BASELINE.read_text(encoding="utf-8")) if BASELINE.exists() else {"floors": {}}
    measured, found = measure(), hashes()
    for name, value in measured.metrics.items():
        print(f"{name:32} {value:.4f}   floor {baseline['floors'].get(name, '-')}")
    if options.pin:
        return store(BASELINE, measured, found, baseline["floors"], is_lower_allowed=options.lower)
    if not BASELINE.exists():
        print("there is no baseline.json yet: run with --pin")
        return 1
    shut = problems(measured.metrics, found, baseline)
    print("\n".join(shut) or "the gate is open")
    return 1 if shut else 0


def store(
    file: Path,
    measured: Measured,
    found: Mapping[str, str],
    floors: Mapping[str, float],
    *,
    is_lower_allowed: bool,
) -> int:
    """Pin these numbers as the new floors, unless that would lower one unasked.

    Args:
        file: The baseline.
        measured: The numbers.
        found: The hashes of what they were measured on.
        floors: The floors so far.
        is_lower_allowed: Whether a floor may become lower.

    Returns:
        Exit status: 0 if it was stored.
    """
    if (drops := lowered(measured.metrics, floors)) and not is_lower_allowed:
        print("not pinned, these floors would be lower; say --lower if that is meant:", *drops, sep="\n  ")
        return 1
    file.write_text(json.dumps(pin(measured, found), indent=2) + "\n", encoding="utf-8")
    print(f"pinned {file.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
