from __future__ import annotations

import subprocess
import sys
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.dates import publication, resolve, told_of
from assistant.types import DateRange
from tests.strategies import PROPERTY, texts

TODAY = date(2022, 6, 16)  # a Thursday


@pytest.mark.parametrize(
    ("question", "start", "end", "words"),
    [
        ("What happened last Wednesday?", "2022-06-15", "2022-06-15", "last Wednesday"),
        ("What did she say on Monday?", "2022-06-13", "2022-06-13", "on Monday"),
        ("What did he announce yesterday?", "2022-06-15", "2022-06-15", "yesterday"),
        ("Who met the day before yesterday?", "2022-06-14", "2022-06-14", "the day before yesterday"),
        ("Who resigned this week?", "2022-06-10", "2022-06-16", "this week"),
        ("Who resigned last week?", "2022-06-06", "2022-06-12", "last week"),
        ("Who resigned over the past 3 days?", "2022-06-13", "2022-06-16", "over the past 3 days"),
        ("Who won last month?", "2022-05-01", "2022-05-31", "last month"),
        ("Who won last year?", "2021-01-01", "2021-12-31", "last year"),
        ("What is the latest on the strike?", "2022-06-02", "2022-06-16", "latest"),
        ("Who met in March?", "2022-03-01", "2022-03-31", "in March"),
        ("Who met in November?", "2021-11-01", "2021-11-30", "in November"),
        ("What was signed on 3 May?", "2022-05-03", "2022-05-03", "on 3 May"),
        ("Who left since Tuesday?", "2022-06-14", "2022-06-16", "since Tuesday"),
        (
            "What changed since the election in November?",
            "2021-11-01",
            "2022-06-16",
            "since the election in November",
        ),
    ],
)
def test_words_that_count_from_today(question: str, start: str, end: str, words: str):
    expected = DateRange(date.fromisoformat(start), date.fromisoformat(end), words, is_relative=True)
    assert resolve(question, TODAY) == expected


@pytest.mark.parametrize(
    ("question", "start", "end", "words"),
    [
        ("Who owned it before March 1811?", None, "1811-02-28", "before March 1811"),
        ("Who led it after Dec 2018?", "2019-01-01", None, "after Dec 2018"),
        ("Where did he work between Feb 1914 and Aug 1916?", "1914-02-01", "1916-08-31", None),
        ("Who ruled from 1914 to 1918?", "1914-01-01", "1918-12-31", "from 1914 to 1918"),
        ("Who led it between March and May 2011?", "2011-03-01", "2011-05-31", None),
        ("And in 2023?", "2023-01-01", "2023-12-31", "in 2023"),
        ("Who was mayor in May 2018?", "2018-05-01", "2018-05-31", "in May 2018"),
        ("What was signed on 3 May 2020?", "2020-05-03", "2020-05-03", "on 3 May 2020"),
        ("Who wrote on 2021-02-03?", "2021-02-03", "2021-02-03", "on 2021-02-03"),
        ("Who was president in late 2010s?", "2016-01-01", "2019-12-31", "late 2010s"),
        ("Who ruled in the 19th century?", "1801-01-01", "1900-12-31", "19th century"),
    ],
)
def test_words_of_the_calendar(question: str, start: str | None, end: str | None, words: str | None):
    found = resolve(question, TODAY)
    assert found is not None
    first, last = (day and date.fromisoformat(day) for day in (start, end))
    assert (found.start, found.end, found.is_relative) == (first, last, False)
    assert found.words == words or (words is None and found.words in question)


@pytest.mark.parametrize(
    "question",
    [
        "Who met in Baku?",
        "May I ask who won?",
        "Who leads the march?",
        "Who is the mayor of Mayfield?",
        "What did April say?",
        "What happened on 31 February?",
        "Who was duke after Jan 890?",
        "How many people died in 1?",
        "",
    ],
)
def test_a_question_without_a_period(question: str):
    assert resolve(question, TODAY) is None


@PROPERTY
@given(texts, st.dates(date(2, 1, 1)))
def test_any_text_on_any_day_has_a_period_that_is_in_order_or_none(text: str, today: date):
    for question in (text, f"{text} this week", f"since {text} in March", f"in 20{text}"):
        found = resolve(question, today)
        assert found is None or not (found.start and found.end) or found.start <= found.end


def test_a_question_without_a_word_of_time_does_not_bring_the_library():
    script = (
        "import sys; from datetime import date; from assistant.dates import resolve\n"
        "for q in ('Who met in Baku?', 'Who resigned this week?', 'And in March 2011?'):\n"
        "    resolve(q, date(2022, 6, 16))\n"
        "print('dateparser' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_a_period_says_what_it_was_understood_from():
    found = resolve("Who met in March?", date(2022, 4, 1))
    assert found is not None
    assert found.describe() == "from 2022-03-01 until 2022-03-31, because of “in March”"
    assert found.to_dict() == {"from": "2022-03-01", "until": "2022-03-31", "words": "in March"}


def test_a_day_is_half_as_near_for_each_week_outside():
    week = DateRange(date(2022, 6, 6), date(2022, 6, 12), "last week")
    days = (date(2022, 6, 6), date(2022, 6, 19), date(2022, 5, 23))
    assert [week.nearness(day) for day in days] == [1.0, 0.5, 0.25]
    assert DateRange(None, None, "").nearness(TODAY) == 1.0


def test_what_counts_from_today_is_when_it_was_published():
    relative = DateRange(TODAY - timedelta(6), TODAY, "this week", is_relative=True)
    year = DateRange(date(1805, 1, 1), date(1805, 12, 31), "in 1805")
    assert publication(relative, None) == relative
    assert publication(relative, TODAY) == relative
    assert publication(year, None) is None
    asked = publication(None, TODAY)
    assert asked is not None
    assert (asked.start, asked.end) == (TODAY, TODAY)


@pytest.mark.parametrize(
    ("question", "start", "end"),
    [
        ("Where did it launch from in June 2024?", "2024-06-01", "2024-06-30"),
        ("Which countries joined by land in January 2025?", "2025-01-01", "2025-01-31"),
    ],
)
def test_a_preposition_of_something_else_bounds_no_period(question: str, start: str, end: str):
    period = resolve(question, TODAY)
    assert period
    assert (period.start, period.end) == (date.fromisoformat(start), date.fromisoformat(end))


@pytest.mark.parametrize(
    "question",
    [
        "Who led it between Nov 1918 and Jul 1919?",
        "Who owned it before March 1811?",
        "Who was mayor in late 1970s?",
        "Who was king in the 19th century?",
        "Who ruled 1914–1918?",
        "Who met in Rome in 2014",
    ],
)
def test_what_answers_must_be_of_the_period_that_is_asked_about(question: str):
    period = resolve(question, TODAY)
    assert period
    assert told_of(question, period) == period


@pytest.mark.parametrize(
    "question",
    [
        "Who is the mayor?",
        "Who resigned this week?",  # when articles appeared
        "Who won the 2018 election?",  # the name of an event
        "Where were the Olympics of 2022 held?",
        "A plan was made in 2015. In what year did it begin?",
        "What did he say in 2022 and again in Baku in 2024?",
    ],
)
def test_no_period_that_what_answers_must_be_of(question: str):
    assert told_of(question, resolve(question, TODAY)) is None
