from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from assistant import Assistant
from assistant.settings import Settings
from benchmarks import gate, quality
from benchmarks.datasets import Evidence, Question
from benchmarks.quality import AnswerRow
from tests.fakes import WordEmbeddings, make_article

HASHES = {"corpus_sha256": "c", "questions_sha256": "q"}
MEASURED = {"hit_1": 0.8, "citations_resolve": 1.0}


def baseline(**floors: float) -> dict[str, Any]:
    return HASHES | {"epsilon": 0.01, "floors": MEASURED | floors}


def row(score: float, *, is_answerable: bool = True, is_right: bool = True) -> AnswerRow:
    return AnswerRow("q", is_answerable, score, is_right, is_right, is_resolved=True)


def test_the_gate_is_open_at_its_floors() -> None:
    assert gate.problems(MEASURED, HASHES, baseline()) == []


def test_the_gate_gives_way_by_epsilon_and_no_further() -> None:
    assert gate.problems(MEASURED, HASHES, baseline(hit_1=0.81)) == []
    assert gate.problems(MEASURED, HASHES, baseline(hit_1=0.82)) == [
        "hit_1 is 0.8000, the floor is 0.8200 (less 0.01)"
    ]


def test_not_one_citation_may_be_lost() -> None:
    measured = MEASURED | {"citations_resolve": 0.995}
    assert gate.problems(measured, HASHES, baseline()) == [
        "citations_resolve is 0.9950, the floor is 1.0000 (less 0.0)"
    ]


@pytest.mark.parametrize("name", ["corpus_sha256", "questions_sha256"])
def test_changed_inputs_shut_the_gate_until_pinned(name: str) -> None:
    assert gate.problems(MEASURED, HASHES | {name: "other"}, baseline()) == [
        f"{name} differs from the baseline: look at the numbers, then run with --pin"
    ]


def test_a_number_that_is_not_measured_any_more_shuts_the_gate() -> None:
    assert gate.problems({"citations_resolve": 1.0}, HASHES, baseline()) == ["hit_1 is not measured any more"]


def test_pinning_names_the_floors_that_it_would_lower() -> None:
    assert gate.lowered(MEASURED, {"hit_1": 0.79, "citations_resolve": 1.0}) == []
    assert gate.lowered(MEASURED, {"hit_1": 0.9, "mrr_10": 0.5}) == [
        "hit_1 from 0.9000 to 0.8000",
        "mrr_10 from 0.5000 to 0.0000",
    ]


@pytest.mark.parametrize(("is_lower_allowed", "code", "floor"), [(False, 1, 0.9), (True, 0, 0.8)])
def test_a_floor_is_lowered_only_when_that_is_said(
    tmp_path: Path, is_lower_allowed: bool, code: int, floor: float
) -> None:
    file = tmp_path / "baseline.json"
    file.write_text(json.dumps(baseline(hit_1=0.9)), encoding="utf-8")
    measured = gate.Measured(MEASURED, {"answerable": 10}, ())
    floors = baseline(hit_1=0.9)["floors"]
    assert gate.store(file, measured, HASHES, floors, is_lower_allowed=is_lower_allowed) == code
    assert json.loads(file.read_text(encoding="utf-8"))["floors"]["hit_1"] == floor


def test_a_stored_baseline_opens_the_gate(tmp_path: Path) -> None:
    file = tmp_path / "baseline.json"
    measured = gate.Measured(MEASURED, {"answerable": 10}, ())
    assert gate.store(file, measured, HASHES, {}, is_lower_allowed=False) == 0
    assert gate.problems(MEASURED, HASHES, json.loads(file.read_text(encoding="utf-8"))) == []


def test_the_hash_of_a_folder_follows_names_and_contents(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("one", encoding="utf-8")
    before = gate.hash_folder(tmp_path)
    (tmp_path / "README.md").write_text("about", encoding="utf-8")
    assert gate.hash_folder(tmp_path) == before
    (tmp_path / "a.md").rename(tmp_path / "b.md")
    renamed = gate.hash_folder(tmp_path)
    (tmp_path / "b.md").write_text("two", encoding="utf-8")
    assert len({before, renamed, gate.hash_folder(tmp_path)}) == 3


def test_questions_carry_their_evidence_and_their_conversation(tmp_path: Path) -> None:
    article = make_article("Ding met Sharif in Baku. They spoke of security.", title="Talks")
    file = tmp_path / "questions.jsonl"
    rows = [
        {
            "id": "one",
            "question": "And of what?",
            "answerable": True,
            "answers": ["security"],
            "evidence": [{"article": "Talks", "text": "They spoke of security."}],
            "history": [{"role": "user", "text": "Who met?"}],
        },
        {"id": "two", "question": "Why?", "answerable": False, "answers": [], "evidence": []},
    ]
    file.write_text("".join(json.dumps(entry) + "\n" for entry in rows), encoding="utf-8")
    (first, history), (second, none) = gate.corpus_questions(file, [article])
    assert first == Question("one", 1, "And of what?", ("security",), (Evidence(article.id, 25, 48),))
    assert [turn.text for turn in history] == ["Who met?"]
    assert second == Question("two", 2, "Why?", is_answerable=False)
    assert none == ()


def test_evidence_that_is_in_no_article_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "questions.jsonl"
    evidence = [{"article": "Talks", "text": "They never met."}]
    entry = {"id": "one", "question": "Who?", "answerable": True, "answers": ["x"], "evidence": evidence}
    file.write_text(json.dumps(entry), encoding="utf-8")
    with pytest.raises(ValueError, match="one: the evidence is not in an article titled 'Talks'"):
        list(gate.corpus_questions(file, [make_article(title="Talks")]))


def test_abstention_is_judged_at_the_threshold_that_answers_four_of_five() -> None:
    answerable = [row(0.9), row(0.8), row(0.7, is_right=False), row(0.6), row(0.1)]
    unanswerable = [row(0.65, is_answerable=False), row(0.2, is_answerable=False)]
    found = quality.summarise_answers([*answerable, *unanswerable], min_score=0.75)
    matched, shipped = found["threshold_answering_80"], found["shipped_threshold"]
    assert (matched["threshold"], shipped["threshold"]) == (0.6, 0.75)
    assert [at["answered"]["mean"] for at in (matched, shipped)] == [0.8, 0.4]
    assert [at["right_if_answered"]["mean"] for at in (matched, shipped)] == [0.75, 1.0]
    assert [at["refused"]["mean"] for at in (matched, shipped)] == [0.5, 1.0]
    assert found["first_sentence_holds_answer"]["mean"] == 0.8


def test_premises_are_judged_as_shipped() -> None:
    true = [row(0.8), row(0.8, is_right=False), row(0.1), row(0.5)]
    false = [row(0.2, is_answerable=False, is_right=False), row(0.6, is_answerable=False, is_right=False)]
    assert gate.premise_metrics([*true, *false], least=0.5) == {
        "premises_answered_rightly": 0.5,
        "premises_refused": 0.5,
    }


def test_an_answer_is_judged_by_its_first_cited_sentence(tmp_path: Path) -> None:
    article = make_article("Ding met Sharif in Baku. The weather was mild that autumn.")
    settings = quality.always_answering(Settings(data_dir=tmp_path))
    with Assistant.open(settings=settings, embedder=WordEmbeddings()) as assistant:
        assistant.add(article)
        evidence = (Evidence(article.id, 0, 24),)
        right = quality.answer_row(
            assistant, Question("a", 1, "Who met Sharif in Baku?", ("Ding",), evidence)
        )
        wrong = quality.answer_row(assistant, Question("b", 2, "Who met Sharif in Baku?", ("Li",), evidence))
        elsewhere = quality.answer_row(
            assistant, Question("c", 3, "Who met Sharif in Baku?", ("Ding",), (Evidence(article.id, 25, 58),))
        )
    assert [(r.is_right, r.is_grounded, r.is_resolved) for r in (right, wrong, elsewhere)] == [
        (True, True, True),
        (False, False, True),
        (True, False, True),
    ]
