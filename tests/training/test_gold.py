from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.training.rows import FOREST, HARBOUR, RAILWAY
from training import gold
from training.gold import GoldQuestion

DOCUMENT = {"id": "Velmar", "title": "Velmar town", "text": "\n\n".join([HARBOUR, RAILWAY, FOREST])}
ROWS = (
    {
        "id": "1",
        "question": "Who built the harbour?",
        "answers": ["Ada Norling", "Norling"],
        "evidence": [{"doc_id": "Velmar", "text": HARBOUR}],
        "related": [{"doc_id": "Velmar", "para": 0}],
        "answerable": True,
    },
    {
        "id": "2",
        "question": "Which animal left in 1988?",
        "answers": [],
        "evidence": [],
        "related": [{"doc_id": "Velmar", "para": 2}],
        "answerable": False,
    },
)


def write(folder: Path, rows: Sequence[dict[str, Any]]) -> None:
    base = folder / "eval" / "wiki_qa"
    base.mkdir(parents=True)
    (base / "docs.jsonl").write_text(json.dumps(DOCUMENT) + "\n", encoding="utf-8")
    (base / "questions.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n", encoding="utf-8")


def test_a_question_comes_with_its_paragraph(tmp_path: Path):
    write(tmp_path, ROWS)
    assert gold.load(tmp_path) == [
        GoldQuestion(1, "Who built the harbour?", "Velmar town", HARBOUR, ("Ada Norling", "Norling")),
        GoldQuestion(2, "Which animal left in 1988?", "Velmar town", FOREST, ()),
    ]


def test_even_lines_are_for_choosing(tmp_path: Path):
    write(tmp_path, ROWS)
    assert [question.is_tuning for question in gold.load(tmp_path)] == [False, True]


def test_an_evidence_that_is_not_the_paragraph_is_an_error(tmp_path: Path):
    write(tmp_path, [ROWS[0] | {"related": [{"doc_id": "Velmar", "para": 1}]}])
    with pytest.raises(ValueError, match="line 1: the evidence is not paragraph 1"):
        gold.load(tmp_path)


def test_a_folder_without_the_set_is_an_error(tmp_path: Path):
    with pytest.raises(FileNotFoundError):
        gold.load(tmp_path)
