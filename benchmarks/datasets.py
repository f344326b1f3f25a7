"""The sets of questions that quality is measured on, read from the folder that `BENCH_DATA` names.

It knows file shapes; it does not know how anything is searched or scored. Questions keep the number of their
line, because retrieval parameters are tuned on even lines only and reported on odd ones.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from assistant.sources.clean import clean
from assistant.types import Article

QA_SETS = ("wiki_qa", "news_quiz", "chunking")
RANKING_SETS = ("scifact", "time_magazine")
NEWS_QUIZ_FILES = (
    "questions.jsonl", "questions_unanswerable_inperiod.jsonl", "questions_offcorpus.jsonl",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Evidence:
    """A slice of an article that supports an answer."""

    article_id: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Question:
    """One question or query, with what counts as found.

    `line` counts from 1. Ranking sets have `relevance` (article id to grade), the others the rest.
    """

    id: str
    line: int
    text: str
    answers: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    is_answerable: bool = True
    relevance: dict[str, int] = field(default_factory=dict)

    @property
    def is_tuning(self) -> bool:
        """Whether parameters may be chosen on it."""
        return self.line % 2 == 0


@dataclass(frozen=True, slots=True)
class Dataset:
    """Articles and the questions about them."""

    name: str
    articles: tuple[Article, ...]
    questions: tuple[Question, ...]
    sha256: str

    @property
    def answerable(self) -> tuple[Question, ...]:
        """The questions that the articles answer."""
        return tuple(question for question in self.questions if question.is_answerable)


def load(folder: Path, name: str, *, question_files: Sequence[str] = ("questions.jsonl",)) -> Dataset:
    """Read one set.

    Args:
        folder: The data folder; the set is in `eval/<name>` below it.
        name: The set's name.
        question_files: Files of questions, one after the other; ranking sets have their own.

    Returns:
        The set; its hash covers the files that were read.

    Raises:
        FileNotFoundError: If the set is not there.
        ValueError: If an evidence text does not occur in its article.
    """
    base = folder / "eval" / name
    documents = next(path for path in (base / "docs.jsonl", base / "docs.jsonl.gz") if path.exists())
    rows = list(_rows(documents))
    articles = tuple(_article(name, row) for row in rows)
    by_document = {row["id"]: article for row, article in zip(rows, articles, strict=True)}
    if name in RANKING_SETS:
        files = [documents, base / "queries.jsonl", base / "qrels.tsv"]
        questions = tuple(_queries(files[1], files[2], by_document))
    else:
        files = [documents, *(base / file for file in question_files)]
        questions = tuple(
            _question(n, row, by_document) for file in files[1:] for n, row in enumerate(_rows(file), 1)
        )
    return Dataset(name, articles, questions, hash_files(*files))


def hash_files(*paths: Path) -> str:
    """SHA-256 over the bytes of files, in order."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    for line in data.decode("utf-8").split("\n"):  # not splitlines: texts hold other line ends
        if line:
            yield json.loads(line)


def _article(name: str, row: dict[str, Any]) -> Article:
    return Article(
        clean(row["text"]),  # as `Assistant.add` does: all pipelines see the same text
        title=row.get("title", ""),
        published=_date(row.get("date", "")),
        url=row.get("url", ""),
        root=name,
        path=row["id"],
    )


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text.replace("/", "-"))
    except ValueError:
        return None


def _question(line: int, row: dict[str, Any], articles: dict[str, Article]) -> Question:
    evidence = tuple(_locate(entry, articles[entry["doc_id"]]) for entry in row["evidence"])
    answers, is_answerable = tuple(row["answers"]), row.get("answerable") is not False
    return Question(row["id"], line, row["question"], answers, evidence, is_answerable)


def _locate(entry: dict[str, Any], article: Article) -> Evidence:
    text, start = clean(entry["text"]), entry.get("start")
    if start is None or article.text[start : start + len(text)] != text:
        start = article.text.index(text)
    return Evidence(article.id, start, start + len(text))


def _queries(queries: Path, qrels: Path, articles: dict[str, Article]) -> Iterator[Question]:
    relevance: dict[str, dict[str, int]] = defaultdict(dict)
    for line in qrels.read_text(encoding="utf-8").splitlines():
        query, document, grade = line.split("\t")[:3]
        if document in articles:
            relevance[query][articles[document].id] = int(grade)
    for number, row in enumerate(_rows(queries), 1):
        yield Question(row["id"], number, row["text"], relevance=dict(relevance[row["id"]]))
