"""What a passage says otherwise is found, and what it says in other words is left alone."""

from __future__ import annotations

import time

import pytest
from hypothesis import given

from assistant.answering.contradictions import contradiction
from assistant.answering.premises import Premise, claim_of
from tests.fakes import make_hit
from tests.strategies import PROPERTY, texts

HARBOUR = make_hit(
    'The harbour of Oban was not damaged by the storm. "We had luck, and little else," said Moira Kerr, who '
    "runs it. Her deputy, Iain Bell, denies that he closed the gates too late; he rejected the charge at "
    "once. Prices rose in May, and three sailors were injured. The new gates are unsafe, an engineer wrote. "
    "It was not until 1987 that the pier was built. The council refused to pay, but the bank lent "
    "the money. Kerr called the roof stable.",
    title="Storm at Oban",
)


def why(sentence: str) -> str:
    return contradiction(claim_of(sentence), Premise(HARBOUR))


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ("The harbour of Oban was damaged by the storm.", "denies “damaged”"),
        ("Iain Bell admits that he closed the gates too late.", "has “denies”, not “admits”"),
        ("Her deputy, Iain Bell, accepted the charge at once.", "has “rejected”, not “accepted”"),
        ("Prices fell in May.", "has “rose”, not “fell”"),
        ("Three sailors were killed in May.", "has “injured”, not “killed”"),
        ("The new gates are safe, an engineer wrote.", "has “unsafe”, not “safe”"),
        ("Kerr called the roof unstable.", "has “stable”, not “unstable”"),
        ("“We had luck, and a lot else,” said Moira Kerr.", "“We had luck, and a lot else” is not quoted"),
        ('Iain Bell said: "We had luck, and little else."', "does not say that Iain Bell said “We had luck"),
        ("The council paid, but the bank lent the money.", ""),  # more than words can tell
    ],
)
def test_the_reason_names_what_the_passage_says_otherwise(sentence: str, reason: str):
    assert reason in why(sentence)
    assert bool(why(sentence)) is bool(reason)


@pytest.mark.parametrize(
    "sentence",
    [
        "The storm did not damage the harbour of Oban.",
        "“We had luck,” said Moira Kerr.",
        '"We had luck ... and little else," Kerr said.',
        "Bell denies that he closed the gates too late.",
        "Three sailors were injured, and prices rose.",
        "The pier was built in 1987.",
        "The bank lent the money.",
        "The engineer called the gates “unsafe”.",
        "An 'unlucky' day for sailors.",  # one word is no quote
    ],
)
def test_what_agrees_is_left_alone(sentence: str):
    assert why(sentence) == ""


def test_the_search_for_speakers_takes_time_with_the_length_of_the_text_and_no_more():
    def seconds(names: int) -> float:
        quoted = make_hit(f'{"Ab " * names}: "We had luck."')
        claim = claim_of('"We had luck," said Moira Kerr.')
        started = time.perf_counter()
        contradiction(claim, Premise(quoted))
        return time.perf_counter() - started

    few, many = (min(seconds(names) for _ in range(3)) for names in (1000, 4000))
    assert many < 9 * few


@PROPERTY
@given(texts, texts)
def test_any_two_texts_can_be_compared(sentence: str, passage: str):
    hit = make_hit(f"Ann met Bob. {passage}")
    assert isinstance(contradiction(claim_of(sentence), Premise(hit)), str)
    assert isinstance(contradiction(claim_of(f'Ann said "{sentence}" and {passage}'), Premise(hit)), str)
