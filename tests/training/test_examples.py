from __future__ import annotations

import pytest

from tests.training.rows import DEV_ROWS, FOREST, HARBOUR, LONG, RAILWAY, ROWS, UNBROKEN
from training import mining
from training.data import Row
from training.examples import PASSAGE_CHARS, Example, Sampler, passages

EPOCHS = 60  # so that every kind of example and every way to cut a text comes up


@pytest.fixture(scope="module")
def sampler() -> Sampler:
    return Sampler(ROWS, seed=7)


@pytest.fixture(scope="module")
def drawn(sampler: Sampler) -> list[Example]:
    return [example for number in range(EPOCHS) for example in sampler.epoch(number)]


BY_QUESTION = {row.question: row for row in ROWS}


def of(kind: str, drawn: list[Example]) -> list[tuple[Example, Row]]:
    found = [(each, BY_QUESTION[each.question]) for each in drawn if each.kind == kind]
    assert found
    return found


def test_an_epoch_is_the_same_for_the_same_seed(sampler: Sampler):
    assert Sampler(ROWS, seed=7).epoch(3) == sampler.epoch(3)


def test_epochs_and_seeds_differ(sampler: Sampler):
    assert sampler.epoch(0) != sampler.epoch(1)
    assert sampler.epoch(0) != Sampler(ROWS, seed=8).epoch(0)


def test_every_kind_of_example_is_drawn(drawn: list[Example]):
    assert {each.kind for each in drawn} == {"gold", "rest", "neighbour", "written", "exchanged"}


def test_only_gold_examples_have_an_answer(drawn: list[Example]):
    assert {each.kind for each in drawn if each.answer} == {"gold"}
    assert all(each.answer for each in drawn if each.kind == "gold")


def test_gold_answers_lie_at_their_offsets(drawn: list[Example]):
    for each, row in of("gold", drawn):
        assert each.answer is not None
        start, end = each.answer
        assert each.text[start:end] == row.answer_texts[0]
        assert each.text in row.context


def test_an_answer_that_is_cut_is_cut_at_its_end():
    context = "It began. " * 120 + "He said " + "again and " * 120
    start = context.index("again")
    row = Row("1", "T", "What did he say?", context, ((start, len(context)),), "squad1")
    for number in range(20):
        for each in Sampler([row]).epoch(number):
            if each.answer:
                words = each.text[slice(*each.answer)]
                assert words
                assert context[start:].startswith(words)


def test_gold_texts_are_passages_and_whole_contexts(drawn: list[Example]):
    lengths: dict[str, set[int]] = {row.context: set() for row in ROWS}
    for each, row in of("gold", drawn):
        lengths[row.context].add(len(each.text))
    assert len(HARBOUR) in lengths[HARBOUR]
    assert min(lengths[LONG]) <= 250
    assert 500 < max(lengths[LONG]) <= 900
    assert max(lengths[UNBROKEN]) <= 900


def test_texts_without_an_answer_do_not_hold_one(drawn: list[Example]):
    for kind in ("rest", "neighbour"):
        for each, row in of(kind, drawn):
            assert not mining.answers(each.text, row)
    for each, row in of("rest", drawn):
        assert each.text in row.context
    for each, row in of("neighbour", drawn):
        assert each.text not in row.context


def test_written_near_misses_are_shown_with_their_text_and_a_passage_of_it(drawn: list[Example]):
    for each, row in of("written", drawn):
        assert not row.answers
        assert each.text in row.context


def test_exchanged_questions_are_asked_of_the_text_that_answers_the_old_one(drawn: list[Example]):
    exchanged = [each for each in drawn if each.kind == "exchanged"]
    assert exchanged
    for each in exchanged:
        assert each.question not in {row.question for row in ROWS if row.answers}
        assert any(each.text in row.context for row in ROWS if row.answers)


def test_titles_are_shown_at_times_and_identifiers_never(drawn: list[Example]):
    titles = {each.title for each in drawn}
    assert titles == {"", "Velmar", "Kestrel railway", "Velmar forest", "Olsen"}
    assert {each.title for each, row in of("gold", drawn) if row.title == "Velmar"} == {"", "Velmar"}


def test_the_sets_that_are_many_and_alike_are_drawn_less_often(drawn: list[Example]):
    counts = dict.fromkeys(["squad1", "policy_qa"], 0)
    for _, row in of("gold", drawn):
        if row.source in counts:
            counts[row.source] += 1
    assert counts["squad1"] == EPOCHS * sum(row.source == "squad1" for row in ROWS)
    assert 0 < counts["policy_qa"] < EPOCHS * 0.5


def test_an_unknown_source_is_an_error():
    row = Row("1", "T", "Who?", "Ada.", ((0, 3),), "elsewhere")
    with pytest.raises(KeyError, match="elsewhere"):
        Sampler([row]).epoch(0)


@pytest.mark.parametrize("text", [HARBOUR, RAILWAY, FOREST, LONG, UNBROKEN, *(r.context for r in DEV_ROWS)])
@pytest.mark.parametrize("size", [250, PASSAGE_CHARS])
def test_passages_quote_their_text(text: str, size: int):
    for start, end, passage in passages(text, size):
        assert passage == text[start:end] != ""
        assert len(passage) <= size
