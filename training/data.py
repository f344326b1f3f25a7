"""The questions that the reader learns from, split by article."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

FILES = ("questions.jsonl.gz", "more_questions.jsonl.gz")
#: Articles that are never trained on; what is chosen while training is chosen on their questions.
DEV_TITLES = frozenset({"Civil_disobedience", "Kenya"})
DEV_SHARE = 40  # of the articles of other sources, one in so many is kept back


@dataclass(frozen=True)
class Row:
    """One question with the text that answers it, or that does not (a near miss).

    Attributes:
        id: Unique.
        title: Of the article; for some sources only an identifier.
        question: As asked.
        context: The text.
        answers: (start, end) of each answer in `context`; none if the text does not answer.
        source: Name of the data set.
    """

    id: str
    title: str
    question: str
    context: str
    answers: tuple[tuple[int, int], ...]
    source: str

    @property
    def readable_title(self) -> str:
        """The title as people would write it, empty if it is an identifier."""
        return self.title.replace("_", " ") if self.source in {"squad1", "squad2", "new_wiki"} else ""

    @property
    def answer_texts(self) -> tuple[str, ...]:
        """The words of each answer."""
        return tuple(self.context[start:end] for start, end in self.answers)


def load(folder: Path) -> list[Row]:
    """Read all rows of a folder.

    Raises:
        FileNotFoundError: If a file is missing.
        ValueError: If an answer is not where the row says.
    """
    return [row for name in FILES for row in _rows(folder / name)]


def _rows(path: Path) -> Iterator[Row]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield parse(json.loads(line))


def parse(record: dict[str, object]) -> Row:
    """One row from its JSON.

    Raises:
        ValueError: If an answer is not where the row says.
    """
    context = str(record["context"])
    answers = []
    for answer in record["answers"]:  # type: ignore[attr-defined]
        start, end = answer["start"], answer["start"] + len(answer["text"])
        if context[start:end] != answer["text"]:
            raise ValueError(f"{record['id']}: the answer is not at {start}")
        answers.append((start, end))
    return Row(
        str(record["id"]),
        str(record["title"]),
        str(record["question"]).strip(),
        context,
        tuple(answers),
        str(record["source"]),
    )


def split(rows: Iterable[Row]) -> tuple[list[Row], list[Row]]:
    """Split by article into (training, development) rows."""
    train: list[Row] = []
    dev: list[Row] = []
    for row in rows:
        (dev if _is_dev(row) else train).append(row)
    return train, dev


def _is_dev(row: Row) -> bool:
    if row.source in {"squad1", "squad2"}:
        return row.title in DEV_TITLES
    return sum(row.title.encode()) % DEV_SHARE == 0 and row.source != "reddit"
