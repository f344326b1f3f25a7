"""Questions with their right answers, as a file of JSON Lines has them.

It knows the file's form; it does not know articles.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.errors import EvaluationError

FIELDS = "question, answers, evidence, article, answerable, category, generated"
MOST_QUESTIONS = 100_000


@dataclass(frozen=True, slots=True)
class Evidence:
    """Words of an article that answer a question.

    Args:
        text: As they stand in the article; white space does not matter.
        article: Title, id, address or path of the article; empty if any article with these words will do.
    """

    text: str
    article: str = ""


@dataclass(frozen=True, slots=True)
class EvaluationQuestion:
    """A question and what is known of its right answer.

    Args:
        question: As a person would ask it.
        answers: Any of them is right; may be empty.
        evidence: Where it stands; may be empty.
        article: Title, id, address or path of the article that answers it; empty if not known.
        is_answerable: Whether the articles answer it at all.
        category: To report on by itself.
        is_generated: Whether it was proposed by the assistant and not written by a person.
    """

    question: str
    answers: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    article: str = ""
    is_answerable: bool = True
    category: str = ""
    is_generated: bool = False


def load(path: Path) -> list[EvaluationQuestion]:
    """Read questions from a file of JSON Lines.

    A line is `{"question": …}` with at least one of `answers` (a text or a list), `evidence` (a text, or
    `{"text": …, "article": …}`, or a list of either), `article`, and `"answerable": false`.

    Args:
        path: The file, UTF-8; blank lines are passed over.

    Returns:
        The questions in order, at least one.

    Raises:
        EvaluationError: If the file cannot be read, or a line is wrong: it is named, with what is wrong.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as exc:
        raise EvaluationError(
            f"{path} cannot be read: {exc}", hint="Give a file of JSON Lines, UTF-8."
        ) from exc
    found = [
        _question(line, f"{path}, line {number}") for number, line in enumerate(lines, 1) if line.strip()
    ]
    if not found:
        raise EvaluationError(
            f"{path} has no questions", hint='Write lines such as {"question": "…", "answers": "…"}.'
        )
    return found[:MOST_QUESTIONS]


def to_line(question: EvaluationQuestion) -> str:
    """The question as `load` reads it, without the end of the line."""
    fields: dict[str, Any] = {
        "question": question.question,
        "answers": list(question.answers),
        "evidence": [{"text": one.text, "article": one.article} for one in question.evidence],
        "article": question.article,
        "answerable": question.is_answerable,
        "category": question.category,
        "generated": question.is_generated,
    }
    return json.dumps(
        {name: value for name, value in fields.items() if value not in ("", [])}, ensure_ascii=False
    )


def _question(line: str, place: str) -> EvaluationQuestion:
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError) as exc:
        raise EvaluationError(f"{place}: it is no JSON ({exc})", hint="Write one object a line.") from exc
    if not isinstance(fields, dict):
        raise EvaluationError(f"{place}: it is no object", hint=f"Its fields are {FIELDS}.")
    question = _text(fields, "question", place)
    if not question.strip():
        raise EvaluationError(f"{place}: it has no question", hint=f"Its fields are {FIELDS}.")
    found = EvaluationQuestion(
        question,
        answers=_texts(fields.get("answers", fields.get("answer")), f"{place}: answers"),
        evidence=_evidence(fields.get("evidence"), f"{place}: evidence"),
        article=_text(fields, "article", place),
        is_answerable=_flag(fields, "answerable", place, default=True),
        category=_text(fields, "category", place),
        is_generated=_flag(fields, "generated", place, default=False),
    )
    if found.is_answerable and not (found.answers or found.evidence or found.article):
        raise EvaluationError(
            f"{place}: nothing says what is right",
            hint='Give answers, evidence or an article, or "answerable": false.',
        )
    return found


def _text(fields: Mapping[str, Any], name: str, place: str) -> str:
    value = fields.get(name, "")
    if not isinstance(value, str):
        raise EvaluationError(f"{place}: {name} is no text", hint=f"Its fields are {FIELDS}.")
    return value.strip()


def _flag(fields: Mapping[str, Any], name: str, place: str, *, default: bool) -> bool:
    value = fields.get(name, default)
    if not isinstance(value, bool):
        raise EvaluationError(f"{place}: {name} is neither true nor false", hint=f"Its fields are {FIELDS}.")
    return value


def _texts(value: Any, what: str) -> tuple[str, ...]:
    values = [value] if isinstance(value, str) else [] if value is None else value
    if not isinstance(values, list) or not all(isinstance(one, str) and one.strip() for one in values):
        raise EvaluationError(f"{what} are no texts", hint='Write "answers": ["…", "…"].')
    return tuple(one.strip() for one in values)


def _evidence(value: Any, what: str) -> tuple[Evidence, ...]:
    values = [value] if isinstance(value, str | dict) else [] if value is None else value
    if not isinstance(values, list):
        raise EvaluationError(f"{what} is no list", hint='Write "evidence": ["a sentence of the article"].')
    return tuple(_one_evidence(one, what) for one in values)


def _one_evidence(value: Any, what: str) -> Evidence:
    fields = {"text": value} if isinstance(value, str) else value
    if not isinstance(fields, dict):
        raise EvaluationError(
            f"{what} is neither text nor object", hint='Write {"text": "…", "article": "…"}.'
        )
    text = _text(fields, "text", what)
    if not text:
        raise EvaluationError(f"{what} has no text", hint='Write {"text": "…", "article": "…"}.')
    return Evidence(text, _text(fields, "article", what))
