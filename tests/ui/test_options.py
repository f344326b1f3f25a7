"""What a reader chooses for the next question."""

from __future__ import annotations

from datetime import date

import pytest

from assistant.types import Filters
from assistant.ui.options import Chip, Options
from tests.fakes import make_article

ARTICLE = make_article("Text.", title="A title")
NARROW = Options(
    Filters(date(2024, 1, 2), date(2024, 3, 4), ("Gazette", "Herald"), (ARTICLE.id,)), ("A title",), False, 2
)


def test_each_condition_is_a_chip():
    assert list(NARROW.chips()) == [
        Chip("revising", "", "Changing your last question"),
        Chip("from", "", "From 2024-01-02"),
        Chip("to", "", "Until 2024-03-04"),
        Chip("source", "Gazette", "Gazette"),
        Chip("source", "Herald", "Herald"),
        Chip("article", ARTICLE.id, "A title"),
    ]
    assert list(Options().chips()) == []


def test_each_chip_can_be_taken_away():
    left = NARROW
    for count, chip in enumerate(NARROW.chips(), start=1):
        left = left.without(chip.kind, chip.value)
        assert len(list(left.chips())) == 6 - count
    assert left == Options()


@pytest.mark.parametrize("kind", ["", "article", "nonsense", "source"])
def test_taking_away_what_is_not_there_changes_nothing(kind: str):
    assert NARROW.without(kind, "something else") == NARROW


def test_one_article_takes_the_place_of_another():
    other = make_article("Other.", title="Another")
    assert NARROW.about(other).filters.article_ids == (other.id,)
    assert NARROW.about(other).titles == ("Another",)


@pytest.mark.parametrize(
    ("fields", "filters"),
    [
        ({"from": "2024-05-01", "to": "2024-04-01"}, Filters(date(2024, 4, 1), date(2024, 5, 1))),
        ({"source": "  The   Gazette "}, Filters(sources=("The Gazette",))),
        ({"from": "yesterday", "to": None, "source": ""}, Filters()),
        ({"from": ["2024-05-01"], "source": "x" * 999}, Filters(sources=("x" * 200,))),
    ],
)
def test_what_is_written_in_the_fields_narrows(fields: dict[str, object], filters: Filters):
    assert Options().narrowed(fields) == Options(filters)


def test_fields_left_empty_keep_what_was_chosen():
    assert NARROW.narrowed({"source": "Gazette"}) == NARROW
