from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answering.periods import Holds, agreement, parts, stated
from assistant.types import DateRange
from tests.strategies import PROPERTY, texts

OCTOBER_1949 = DateRange(date(1949, 10, 1), date(1949, 10, 31), "in Oct 1949")
THROUGH, FROM, UNTIL, AT = Holds.THROUGH, Holds.FROM, Holds.UNTIL, Holds.AT


@pytest.mark.parametrize(
    ("text", "first", "last", "holds"),
    [
        ("Poulitsas (1943–1951), interim", "1943-01-01", "1951-12-31", THROUGH),
        ("Poulitsas ( 1943 – 1951 ) , interim", "1943-01-01", "1951-12-31", THROUGH),
        ("from 1928 until 1935, was", "1928-01-01", "1935-12-31", THROUGH),
        ("between May 1990 and 3 June 1994", "1990-05-01", "1994-06-03", THROUGH),
        ("played there 1990 to 1994", "1990-01-01", "1994-12-31", THROUGH),
        ("the season of 2004-05", "2004-01-01", "2005-12-31", THROUGH),
        ("since May 1999", "1999-05-01", "1999-05-31", FROM),
        ("minister (2010– )", "2010-01-01", "2010-12-31", FROM),
        ("2017-present", "2017-01-01", "2017-12-31", FROM),
        ("held it until 1922.", "1922-01-01", "1922-12-31", UNTIL),
        ("was appointed in 1926.", "1926-01-01", "1926-12-31", AT),
        ("on November 19 , 1980 he", "1980-11-19", "1980-11-19", AT),
        ("in the late 1960s", "1966-01-01", "1969-12-31", AT),
    ],
)
def test_times_of_a_text(text: str, first: str, last: str, holds: Holds):
    (time,) = stated(text)
    assert (time.first, time.last, time.holds) == (
        date.fromisoformat(first),
        date.fromisoformat(last),
        holds,
    )


@pytest.mark.parametrize(
    "text", ["", "in May", "1,945 people", "$1900", "model 20035", "1990%", "31 February 1999, nobody"]
)
def test_what_is_no_time_with_a_year(text: str):
    assert [time for time in stated(text) if time.first != date(1999, 1, 1)] == []


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("1943–1951", 1.0, 1.0),
        ("since 1949", 1.0, 1.0),
        ("until 1950", 0.8, 1.0),
        ("in October 1949", 0.7, 1.0),
        ("in 1947", 0.3, 0.8),  # may have gone on
        ("in 1926", 0.0, 0.2),
        ("1935–1948", 0.0, 0.0),
        ("since 1950", 0.0, 0.0),
        ("in 1951", 0.0, 0.0),
        ("until 1948", 0.0, 0.0),
    ],
)
def test_how_well_a_time_agrees_with_a_month(text: str, least: float, most: float):
    (time,) = stated(text)
    assert least <= agreement(OCTOBER_1949, time) <= most


def test_a_period_with_one_end_asks_for_what_is_near_it():
    before = DateRange(None, date(1921, 3, 31), "before Apr 1921")
    after = DateRange(date(1985, 1, 1), None, "after 1984")
    near, far = stated("1916–1922, 1850–1870")
    assert (agreement(before, near), agreement(before, far)) == (1.0, 0.0)
    near, far = stated("1980–1990, 2010–2015")
    assert (agreement(after, near), agreement(after, far)) == (1.0, 0.0)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A (1929–1935), B (1935–1941)", ["A (1929–1935)", ", B (1935–1941)"]),
        ("1794-1796 - Beall - 1834-1868 - Redin", ["1794-1796 - Beall - ", "1834-1868 - Redin"]),
        (
            "He played for X from 1990 to 1994 and Y from 1994 to 1998.",
            ["He played for X from 1990 to 1994 and", " Y from 1994 to 1998."],
        ),
        ("In 1990 he joined X, and in 1994 left it.", ["In 1990 he joined X, and in ", "1994 left it."]),
        ("No year here.", []),
    ],
)
def test_which_words_belong_to_which_time(text: str, expected: list[str]):
    assert [text[start:end] for start, end in parts(text, stated(text))] == expected


@PROPERTY
@given(texts, st.dates(), st.dates())
def test_any_text_and_any_period(text: str, one: date, other: date):
    times = stated(f"{text} 1990–1994 {text} in 2001")
    assert all(0 <= agreement(DateRange(min(one, other), max(one, other), ""), time) <= 1 for time in times)
    assert all(0 <= agreement(DateRange(one, None, ""), time) <= 1 for time in times)
    assert all(0 <= agreement(DateRange(None, one, ""), time) <= 1 for time in times)


@PROPERTY
@given(st.lists(st.sampled_from(["1990–1994", "in 2001", "A", "B", ", ", " and ", "(", ")"]), max_size=12))
def test_parts_are_the_whole_text(pieces: list[str]):
    text = " ".join(pieces)
    times = stated(text)
    assert "".join(text[start:end] for start, end in parts(text, times)) == (text if times else "")
