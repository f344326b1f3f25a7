from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from benchmarks import datasets
from benchmarks.datasets import Evidence

TEXT = "Ding met Sharif.\u2028Ding\u200b met Sharif."
ROW = {"id": "d1", "title": "Talks", "text": TEXT, "date": "2024/11/13"}


def write(folder: Path, name: str, rows: list[dict[str, object]]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")


def test_questions_keep_their_line_and_evidence_its_place(tmp_path: Path) -> None:
    base = tmp_path / "eval" / "quiz"
    entry = {"doc_id": "d1", "text": "Ding\u200b met Sharif.", "start": 17}
    question = {"id": "q", "question": "Who?", "answers": ["Ding"], "evidence": [entry]}
    missing = {"id": "n", "question": "When?", "answers": [], "evidence": [], "answerable": False}
    write(base, "docs.jsonl", [ROW])
    write(base, "questions.jsonl", [question, missing])
    dataset = datasets.load(tmp_path, "quiz")
    (article,) = dataset.articles
    assert "\u200b" not in article.text
    assert str(article.published) == "2024-11-13"
    assert [(q.id, q.line, q.is_tuning, q.is_answerable) for q in dataset.questions] == [
        ("q", 1, False, True),
        ("n", 2, True, False),
    ]
    assert dataset.answerable == (dataset.questions[0],)
    start = article.text.rindex("Ding")
    assert dataset.questions[0].evidence == (Evidence(article.id, start, start + 16),)


def test_ranking_sets_have_grades_by_article(tmp_path: Path) -> None:
    base = tmp_path / "eval" / "scifact"
    write(base, "queries.jsonl", [{"id": "7", "text": "a claim"}])
    (base / "qrels.tsv").write_text("7\td1\t2\n7\tgone\t1\n", encoding="utf-8")
    (base / "docs.jsonl.gz").write_bytes(gzip.compress(json.dumps(ROW).encode()))
    dataset = datasets.load(tmp_path, "scifact")
    assert dataset.questions[0].relevance == {dataset.articles[0].id: 2}


def test_evidence_that_is_not_in_its_article_is_an_error(tmp_path: Path) -> None:
    base = tmp_path / "eval" / "quiz"
    write(base, "docs.jsonl", [ROW])
    entry = {"doc_id": "d1", "text": "They never met."}
    write(base, "questions.jsonl", [{"id": "q", "question": "Who?", "answers": ["x"], "evidence": [entry]}])
    with pytest.raises(ValueError, match="substring not found"):
        datasets.load(tmp_path, "quiz")


def test_the_hash_follows_the_questions(tmp_path: Path) -> None:
    base = tmp_path / "eval" / "quiz"
    write(base, "docs.jsonl", [ROW])
    write(base, "questions.jsonl", [])
    before = datasets.load(tmp_path, "quiz").sha256
    write(base, "questions.jsonl", [{"id": "q", "question": "Who?", "answers": [], "evidence": []}])
    assert datasets.load(tmp_path, "quiz").sha256 != before
