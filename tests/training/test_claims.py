from __future__ import annotations

import json
import random
import re
from datetime import date
from pathlib import Path

import pytest

from tests.training.rows import ROWS, row
from training import claims
from training.claims import Claim, by_rule, drafted, opening_of, written

#: Enough of them that texts can be exchanged.
MANY = [
    row(each.question, each.context, each.answer_texts[0], title=each.title, source="squad1", n=n)
    for n in range(40)
    for each in ROWS
    if each.answers
]


@pytest.fixture(scope="module")
def made() -> list[Claim]:
    return list(by_rule(MANY, random.Random(3)))


def test_claims_by_rule_are_of_all_kinds_with_their_labels(made: list[Claim]):
    kinds = {claim.kind for claim in made}
    assert kinds >= {"true", "number", "date", "name", "passage", "answer", "dated"}
    for claim in made:
        assert claim.is_supported or claim.kind != "true"
        assert not claim.is_supported or claim.kind in {"true", "dated"}


def test_the_answer_to_another_question_is_no_answer(made: list[Claim]):
    wrong = [claim for claim in made if claim.kind == "answer"]
    who = {claim.claim for claim in wrong if "harbour" in claim.claim}
    assert not any("Ada Norling built the harbour" in claim for claim in who)


def test_a_said_date_is_supported_by_the_same_date_alone(made: list[Claim]):
    dated = [claim for claim in made if claim.kind == "dated"]
    assert {claim.is_supported for claim in dated} == {True, False}
    for claim in dated:
        shown = re.match(r"(\d+) (\w+) (\d{4}):", claim.title)
        assert shown
        day, month, year = shown.groups()
        said = {f"{month} {day}, {year}", f"{day} {month} {year}"}
        assert not claim.is_supported or any(each in claim.claim for each in said)


def test_a_long_text_is_cut_around_the_answer():
    long = row("Where?", "Nothing happened. " * 100 + "It was in Velmar. " + "Rain fell. " * 80, "Velmar")
    text = claims.around(long)
    assert len(text) <= claims.MAX_TEXT
    assert "Velmar" in text


def test_the_opening_of_a_text_ends_with_a_sentence():
    assert opening_of("Short.") == "Short."
    text = "This is a sentence of some length. " * 40
    assert opening_of(text).endswith("length.")
    assert len(opening_of(text)) <= claims.MAX_TEXT


def test_written_claims_stand_beside_their_text(tmp_path: Path):
    known = ROWS[0]
    lines = [
        {"row": known.id, "claim": "Ada Norling built a harbour.", "ok": 1, "kind": "short"},
        {"row": known.id, "claim": "Ada Norling was from Velmar.", "ok": 0, "kind": "place"},
        {"row": "unknown", "claim": "It rained.", "ok": 0, "kind": "world"},
    ]
    path = tmp_path / "statements.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    found = list(written(ROWS, random.Random(1), path))
    assert [claim.text for claim in found] == [known.context] * 2
    assert [claim.is_supported for claim in found] == [True, False]


def test_drafted_sentences_stand_beside_the_text_that_they_share_most_words_with(tmp_path: Path):
    shown = [ROWS[0].id, ROWS[4].id]
    lines = [
        {"rows": shown, "claim": "Ada Norling built the harbour.", "ok": 1, "kind": "para"},
        {"rows": shown, "claim": "Ada Norling drove the first train.", "ok": 0, "kind": "merge"},
        {"rows": [ROWS[0].id, "unknown"], "claim": "It rained.", "ok": 0, "kind": "world"},
    ]
    path = tmp_path / "drafts.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    found = list(drafted(ROWS, path))
    assert [claim.text for claim in found] == [ROWS[0].context, ROWS[4].context]
    assert [(claim.is_supported, claim.kind) for claim in found] == [(True, "true"), (False, "draft")]


def test_the_drafted_sentences_have_both_labels_and_each_stands_once_for_its_texts():
    lines = [json.loads(line) for line in claims.DRAFTED.read_text(encoding="utf-8").splitlines()]
    assert 0.1 < sum(line["ok"] for line in lines) / len(lines) < 0.5
    assert len({(*line["rows"], line["claim"]) for line in lines}) == len(lines)


def test_the_statements_that_were_written_have_both_labels_and_no_text_twice():
    lines = [json.loads(line) for line in claims.WRITTEN.read_text(encoding="utf-8").splitlines()]
    share = sum(line["ok"] for line in lines) / len(lines)
    assert 0.4 < share < 0.6
    assert len({(line["row"], line["claim"]) for line in lines}) == len(lines)
    assert all(line["claim"] == line["claim"].strip() for line in lines)


def test_a_claim_that_says_a_date_gets_no_other():
    rng = random.Random(2)
    claim = Claim("The harbour was built in 1874.", "Velmar", "The harbour was built in 1874.", True, "true")
    varied = [claims._varied(claim, rng) for _ in range(200)]
    assert all(each.is_supported for each in varied)
    assert any(each.title != "Velmar" for each in varied)


def test_a_date_and_a_title_are_shown_together():
    from assistant.entailment import titled

    assert titled("Talks_in_Baku", date(2024, 11, 3)) == "3 November 2024: Talks in Baku"
    assert titled("Talks in Baku", None) == "Talks in Baku"
