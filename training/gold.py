"""The questions of wiki_qa (SQuAD 2.0) with the paragraph that each was written about, for measuring alone.

It knows the set's files; none of the six articles that its questions are about is in the training data.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILES = ("docs.jsonl", "questions.jsonl")


@dataclass(frozen=True, slots=True)
class GoldQuestion:
    """One question.

    Attributes:
        line: In the file, from 1; even ones are for choosing, odd ones for reporting.
        text: As asked.
        title: Of the article.
        paragraph: That the question was written about; if it answers it, `answers` are in it.
        answers: The words of each answer; none if the question is a near miss.
    """

    line: int
    text: str
    title: str
    paragraph: str
    answers: tuple[str, ...]

    @property
    def is_tuning(self) -> bool:
        """Whether something may be chosen on it."""
        return self.line % 2 == 0


def load(data: Path) -> list[GoldQuestion]:
    """Read all questions.

    Args:
        data: The folder that `eval/wiki_qa` is in.

    Raises:
        FileNotFoundError: If the set is not there.
        ValueError: If an evidence is not the paragraph that the row names.
    """
    documents, questions = (list(_rows(path)) for path in paths(data))
    by_id = {row["id"]: row for row in documents}
    return [_question(line, row, by_id) for line, row in enumerate(questions, 1)]


def paths(data: Path) -> list[Path]:
    """The files that `load` reads."""
    return [data / "eval" / "wiki_qa" / name for name in FILES]


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    for line in path.read_text(encoding="utf-8").split("\n"):  # not splitlines: texts hold other line ends
        if line:
            yield json.loads(line)


def _question(line: int, row: dict[str, Any], documents: dict[str, dict[str, Any]]) -> GoldQuestion:
    related = row["related"][0]
    document = documents[related["doc_id"]]
    paragraph = document["text"].split("\n\n")[related["para"]]
    if any(entry["text"] != paragraph for entry in row["evidence"]):
        raise ValueError(f"line {line}: the evidence is not paragraph {related['para']}")
    return GoldQuestion(line, row["question"], document["title"], paragraph, tuple(row["answers"]))
