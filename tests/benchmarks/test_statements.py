"""Statements made from questions: true ones say what the evidence says, false ones differ in one thing."""

from __future__ import annotations

import random

import pytest

from benchmarks.statements import KINDS, Pair, Source, change, exchange, pairs, rewritten, statement

EVIDENCE = (
    "In June 2022, Real Madrid beat Liverpool in the final. The army of Pakistan, which had asked for help, "
    "blamed Baloch separatists for the attack on 17 engineers in Karachi. Nobody was arrested on Monday."
)
OTHER = "The harvest of 2019 was poor in Kenya. Farmers near Nairobi lost 40 tonnes of maize in March."
SOURCES = [
    Source(
        1, "one", "Who blamed Baloch separatists for the attack?", "The army of Pakistan", "Attack", EVIDENCE
    ),
    Source(2, "one", "How many tonnes of maize were lost?", "40", "Harvest", OTHER),
    Source(3, "one", "Who beat Liverpool in the final?", "Real Madrid", "Final", EVIDENCE),
]


@pytest.mark.parametrize(
    ("question", "answer", "made"),
    [
        ("Who blamed the separatists?", "The army", "The army blamed the separatists."),
        ("When was the school founded?", "1871", "The school was founded 1871."),
        ("What is the capital of Kenya?", "Nairobi", "Nairobi is the capital of Kenya."),
        ("The final was won by ___.", "Real Madrid", "The final was won by Real Madrid."),
        ("It rained. Who stayed at home?", "Ann", "Ann stayed at home."),
        ("Name the winner", "Ann", "Name the winner: Ann."),
    ],
)
def test_a_question_and_its_answer_become_a_statement(question: str, answer: str, made: str):
    assert statement(question, answer) == made


def made() -> list[Pair]:
    return list(pairs(SOURCES))


def test_pairs_are_the_same_each_time_and_of_all_kinds_but_roles_follow_their_own_chance():
    assert made() == made()
    assert {pair.kind for pair in made()} == {"true", *KINDS}


def test_a_false_statement_differs_from_a_true_one_of_its_question():
    true = {(pair.line, pair.claim) for pair in made() if pair.is_true}
    for pair in made():
        is_same = (pair.line, pair.claim) in true
        assert is_same == (pair.kind in ("true", "passage"))


def test_the_other_passage_does_not_hold_the_answer():
    answers = {source.line: source.answer.lower() for source in SOURCES}
    others = [pair for pair in made() if pair.kind == "passage"]
    assert [pair for pair in others if answers[pair.line] in pair.hit.passage.text.lower()] == []


@pytest.mark.parametrize(
    ("kind", "kept"), [("number", "engineers in Karachi"), ("date", "engineers"), ("name", "17")]
)
def test_one_fact_is_changed(kind: str, kept: str):
    claim = "On Monday 17 engineers in Karachi were hurt."
    for seed in range(20):
        changed = change(claim, kind, EVIDENCE, ["Nairobi"], random.Random(seed))
        assert changed != claim
        assert kept in changed
        assert sum(a != b for a, b in zip(claim.split(), changed.split(), strict=False)) >= 1


def test_a_statement_without_such_a_fact_cannot_be_changed():
    assert change("It rained.", "number", EVIDENCE, ["Nairobi"], random.Random(1)) == ""


@pytest.mark.parametrize(
    ("claim", "exchanged"),
    [
        ("Real Madrid beat Liverpool in the final.", "Liverpool beat Real Madrid in the final."),
        ("Real Madrid and Liverpool won.", ""),  # says the same
        ("Real Madrid met Liverpool.", ""),
        ("Real Madrid beat Arsenal.", ""),  # of whom the evidence says nothing
    ],
)
def test_names_are_exchanged_where_one_does_something_to_the_other(claim: str, exchanged: str):
    assert exchange(claim, EVIDENCE, random.Random(1)) == exchanged


def test_the_sentence_of_the_evidence_is_rewritten_and_never_literal():
    hit = next(pair.hit for pair in made() if pair.line == 3)
    found = rewritten(SOURCES[2], hit, random.Random(1))
    assert found == ["Real Madrid beat Liverpool in the final in June 2022."]
