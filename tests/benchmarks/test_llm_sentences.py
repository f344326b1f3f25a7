"""The sentences that a real small model wrote, and how the check's verdicts about them are counted."""

from __future__ import annotations

from assistant.answering.grounding import Support
from benchmarks.llm_sentences import Labelled, labelled, summary
from tests.fakes import make_hit

HIT = make_hit("It rained.")


def test_every_sentence_has_its_passages_and_names_only_those():
    rows = list(labelled())
    assert {row.is_supported for row in rows} == {True, False}
    assert [row for row in rows if not row.shown or not set(row.named) <= set(row.shown)] == []
    assert len({(row.sentence, row.shown) for row in rows}) == len(rows)


def test_verdicts_are_counted_against_labels():
    shown, flagged = Support(0.9, True), Support(0.1, False, "not said")
    unsure = Support(0.6, False, "close", is_unconfirmed=True)
    labels = [True, True, True, False, False, False, False, False]
    found = [shown, flagged, unsure, shown, unsure, flagged, flagged, flagged]
    numbers = summary([Labelled("It rained.", (HIT,), (), label) for label in labels], found)
    low, high = numbers.pop("interval_of_those")
    assert 0 < low < 0.5 < high < 1
    assert numbers == {
        "sentences": 8,
        "supported": 3,
        "flagged_of_unsupported": 0.6,
        "false_alarms": 0.3333,
        "not_confirmed": 2,
        "right_of_not_confirmed": 1,
        "shown_as_supported": 2,
        "right_of_those": 0.5,
    }


def test_where_nothing_is_shown_as_supported_no_share_is_right():
    rows = [Labelled("It rained.", (HIT,), (), label) for label in (True, False)]
    numbers = summary(rows, [Support(0.1, False)] * 2)
    assert (numbers["right_of_those"], numbers["interval_of_those"]) == (None, None)
