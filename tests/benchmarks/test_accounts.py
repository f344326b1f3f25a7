from __future__ import annotations

from dataclasses import replace

import pytest

from assistant.answering.accounts import account_of
from assistant.types import Form
from benchmarks.accounts import Row, questions, summary
from benchmarks.gate import corpus_articles

ROW = Row("a", 1, "summary", True, True, 0.9, 4, 1.0, 1.0, 0.5)


def test_facts_stand_in_the_articles_that_are_named():
    texts = {article.title: " ".join(article.text.split()) for article in corpus_articles()}
    for _, row in questions():
        told = "\n".join(texts[title] for title in row["articles"])
        assert bool(row["facts"]) == bool(row["articles"]) == row["answerable"]
        assert all(piece in told for pieces in row["facts"] for piece in pieces), row["question"]


def test_even_and_odd_lines_have_as_many_of_each():
    halves = [[row for line, row in questions() if line % 2 == half] for half in (0, 1)]
    assert len({len(half) for half in halves}) == 1
    for answerable in (True, False):
        assert len({sum(row["answerable"] is answerable for row in half) for half in halves}) == 1


@pytest.mark.parametrize(("line", "row"), list(questions()))
def test_the_form_of_each_question_is_recognised(line: int, row: dict[str, object]):
    account = account_of(str(row["question"]))
    assert account is not None, line
    assert account.form is Form(str(row["form"]))


def test_a_summary_counts_what_is_answered_rightly_refused_and_told():
    rows = [
        ROW,
        replace(ROW, facts=0.25, on_topic=0.5),
        replace(ROW, score=0.1),
        replace(ROW, is_answerable=False, score=0.1, facts=0.0),
        replace(ROW, is_answerable=False, score=0.8, facts=0.0),
    ]
    numbers = summary(rows, 0.4)
    assert (numbers["n_answerable"], numbers["n_unanswerable"]) == (3, 2)
    assert numbers["answered"] == round(2 / 3, 4)
    assert numbers["answered_rightly"] == round(1 / 3, 4)
    assert numbers["refused"] == 0.5
    assert numbers["facts_told"] == round(1.25 / 3, 4)
    assert numbers["on_topic"] == 0.75
