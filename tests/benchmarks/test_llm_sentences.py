"""The sentences that a real small model wrote, and how the check's verdicts about them are counted."""

from __future__ import annotations

from benchmarks.llm_sentences import Labelled, labelled, summary
from tests.fakes import make_hit

HIT = make_hit("It rained.")


def test_every_sentence_has_its_passages_and_names_only_those():
    rows = list(labelled())
    assert {row.is_supported for row in rows} == {True, False}
    assert [row for row in rows if not row.shown or not set(row.named) <= set(row.shown)] == []
    assert len({(row.sentence, row.shown) for row in rows}) == len(rows)


def test_verdicts_are_counted_against_labels():
    labels = [True, True, False, False, False, False]
    accepted = [True, False, True, False, False, False]
    rows = [Labelled("It rained.", (HIT,), (), label) for label in labels]
    assert summary(rows, accepted) == {
        "sentences": 6,
        "supported": 2,
        "flagged_of_unsupported": 0.75,
        "false_alarms": 0.5,
        "shown_as_supported": 2,
        "right_of_those": 0.5,
    }
