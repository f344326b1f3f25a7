from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given

from assistant.entailment import ROOM, OnnxEntailment, excerpt, titled
from assistant.errors import ModelError
from assistant.models.weights import WEIGHTS, checked
from tests.fakes import make_hit
from tests.strategies import PROPERTY, texts

MODEL = OnnxEntailment()
QUARRY = make_hit(
    "The quarry of Torvald closed in June after its owner, Merete Holm, had sold the machines to a Polish "
    "company. The mayor, Anders Lind, called it a black day for the town. About 240 people worked there.",
    title="Quarry closes",
)
LONG = " ".join(f"On day {n} the clerk noted that nothing had happened in the harbour." for n in range(40))


@pytest.mark.parametrize(
    ("supported", "unsupported"),
    [
        (
            "Merete Holm sold the quarry's machines to a company from Poland.",
            "Anders Lind sold the quarry's machines to a company from Poland.",
        ),
        (
            "Anders Lind, the mayor, said that it was a black day for the town.",
            "Merete Holm, the mayor, said that it was a black day for the town.",
        ),
        ("The quarry of Torvald was closed in June.", "The quarry of Torvald was opened in June."),
        (
            "Roughly 240 people had jobs in the quarry.",
            "Roughly 240 people had jobs in the Polish company.",
        ),
    ],
)
def test_what_a_passage_says_is_told_from_what_it_almost_says(supported: str, unsupported: str):
    (right,), (wrong,) = MODEL.compare(supported, [QUARRY]), MODEL.compare(unsupported, [QUARRY])
    assert right > wrong


def test_the_passage_that_says_it_is_told_from_another():
    other = make_hit("Rain fell on the harbour all day, and the ferries stayed in port.", title="Weather")
    found = MODEL.compare("Merete Holm owned the quarry.", [other, QUARRY])
    assert found.shape == (2,)
    assert found[1] > 0 > found[0]


def test_nothing_is_compared_with_no_passages():
    assert MODEL.compare("Nothing.", []).shape == (0,)


def test_a_text_with_room_is_read_whole():
    assert excerpt("Nothing of it.", QUARRY.passage.text[:ROOM]) == QUARRY.passage.text[:ROOM]


def test_of_a_long_text_the_sentences_with_the_words_and_those_before_them_are_read():
    text = f"{LONG} Berit Olsen came to Velmar in May. She painted the lighthouse. {LONG}"
    found = excerpt("Berit Olsen painted the lighthouse of Velmar.", text)
    assert "Berit Olsen came to Velmar in May. She painted the lighthouse." in found
    assert len(found) <= ROOM


def test_a_sentence_longer_than_the_room_is_read_alone():
    text = f"{LONG[:-1].replace('.', ',')} and the lighthouse was painted. It rained. {LONG}"
    assert excerpt("The lighthouse was painted.", text).endswith("the lighthouse was painted.")


@PROPERTY
@given(texts, texts)
def test_nothing_is_read_that_is_not_in_the_text(claim: str, text: str):
    for passage in (text, f"{text} {LONG}"):
        characters = iter("".join(passage.split()))
        read = "".join(excerpt(claim, passage).split())
        assert all(any(one == other for other in characters) for one in read)


def test_a_title_is_shown_with_its_date():
    assert titled("Talks_in_Baku", date(2024, 11, 3)) == "3 November 2024: Talks in Baku"
    assert titled("Talks in Baku", None) == "Talks in Baku"


def test_the_weights_are_those_that_their_description_names():
    assert checked(WEIGHTS, "entailment") == WEIGHTS / "entailment.onnx"


def test_weights_that_are_missing_are_an_error_with_a_hint(tmp_path: Path):
    with pytest.raises(ModelError, match="entailment model's weights cannot be read") as raised:
        OnnxEntailment(tmp_path).compare("Nothing.", [QUARRY])
    assert raised.value.hint == "Reinstall the package."
