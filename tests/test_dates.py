from __future__ import annotations

import time
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
        ("Who met two decades ago?", "1997-06-17", "2007-06-17", "two decades ago"),
        ("What happened 10 minutes ago?", "2022-06-16", "2022-06-16", "10 minutes ago"),
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
    ("today", "question", "start", "end"),
    [
        # what began then and goes on
        ("2024-11-14", "Who resigned since last month?", "2024-10-01", "2024-11-14"),
        ("2024-11-14", "Who resigned since yesterday?", "2024-11-13", "2024-11-14"),
        ("2024-11-14", "Who resigned since two weeks ago?", "2024-10-28", "2024-11-14"),
        ("2024-11-14", "Who resigned since the weekend?", "2024-11-09", "2024-11-14"),
        ("2024-11-14", "Who resigned since the middle of last week?", "2024-11-04", "2024-11-14"),
        ("2024-11-14", "Who resigned after last week's vote?", "2024-11-04", "2024-11-14"),
        ("2024-11-14", "Who resigned before yesterday?", None, "2024-11-12"),
        ("2024-11-14", "What is the news from last week?", "2024-11-04", "2024-11-10"),
        # days of the week
        ("2024-11-13", "What happened last Wednesday?", "2024-11-06", "2024-11-06"),
        ("2024-11-13", "What happened on Wednesday?", "2024-11-13", "2024-11-13"),
        ("2024-11-13", "What happens on Wednesday next week?", "2024-11-20", "2024-11-20"),
        ("2024-11-13", "What was said last week on Friday?", "2024-11-08", "2024-11-08"),
        ("2024-11-14", "Who met between Monday and Wednesday?", "2024-11-11", "2024-11-13"),
        ("2024-11-12", "Who met between Monday and Wednesday?", "2024-11-04", "2024-11-06"),
        ("2024-11-13", "What will be said between Thursday and Tuesday?", "2024-11-14", "2024-11-19"),
        ("2024-11-13", "Who won over the weekend?", "2024-11-09", "2024-11-10"),
        ("2024-11-16", "Who won over the weekend?", "2024-11-16", "2024-11-17"),
        ("2024-11-17", "Who won last weekend?", "2024-11-09", "2024-11-10"),
        # months and seasons
        ("2024-11-14", "Who met last March?", "2024-03-01", "2024-03-31"),
        ("2024-11-14", "Who met last November?", "2023-11-01", "2023-11-30"),
        ("2024-11-14", "Who met in March last year?", "2023-03-01", "2023-03-31"),
        ("2024-11-14", "Who met in early March?", "2024-03-01", "2024-03-10"),
        ("2024-11-14", "Who met in mid-March?", "2024-03-11", "2024-03-20"),
        ("2024-11-14", "Who met late March?", "2024-03-21", "2024-03-31"),
        ("2024-11-14", "Who met in november?", "2024-11-01", "2024-11-30"),
        ("2024-11-14", "Who met between March and December?", "2023-03-01", "2023-12-31"),
        ("2025-02-01", "What happened last winter?", "2023-12-01", "2024-02-29"),
        ("2025-02-01", "What was said on 29 February?", "2024-02-29", "2024-02-29"),
        # several days of a month
        ("2024-11-13", "Who met in the week of 11 November?", "2024-11-11", "2024-11-17"),
        ("2024-11-13", "Who met in the week ending 10 November?", "2024-11-04", "2024-11-10"),
        ("2024-11-14", "Who met from 10 to 12 November?", "2024-11-10", "2024-11-12"),
        ("2024-11-14", "Who met between the 10th and the 12th of November?", "2024-11-10", "2024-11-12"),
        ("2024-11-13", "Who met in the last two weeks of October?", "2024-10-18", "2024-10-31"),
        ("2024-11-13", "Who met in the second week of October?", "2024-10-08", "2024-10-14"),
        ("2024-11-13", "Who met in the last week of last month?", "2024-10-25", "2024-10-31"),
        # what is to come
        ("2024-11-13", "What will happen this Friday?", "2024-11-15", "2024-11-15"),
        ("2024-11-13", "Who is to speak on Friday?", "2024-11-15", "2024-11-15"),
        ("2024-11-13", "Who is going to speak on Friday?", "2024-11-15", "2024-11-15"),
        ("2024-11-13", "What is planned on Friday?", "2024-11-15", "2024-11-15"),
        ("2024-11-13", "In December, what is planned?", "2024-12-01", "2024-12-31"),
        ("2024-11-13", "What will open on 3 May?", "2025-05-03", "2025-05-03"),
        ("2024-11-13", "Who will win at the weekend?", "2024-11-16", "2024-11-17"),
        ("2024-11-13", "What will they decide this week?", "2024-11-07", "2024-11-17"),
        ("2024-11-13", "Who will resign by Friday?", "2024-11-13", "2024-11-15"),
        ("2024-11-13", "Who will resign after Friday?", "2024-11-16", None),
        ("2024-11-13", "What happens next week?", "2024-11-18", "2024-11-24"),
        ("2024-11-13", "What happens tomorrow?", "2024-11-14", "2024-11-14"),
    ],
)
def test_words_that_count_from_another_day(today: str, question: str, start: str | None, end: str | None):
    found = resolve(question, date.fromisoformat(today))
    assert found is not None
    first, last = (day and date.fromisoformat(day) for day in (start, end))
    assert (found.start, found.end, found.is_relative) == (first, last, True)


@pytest.mark.parametrize(
    ("question", "day"),
    [
        ("Who said on Friday that prices will rise?", "2024-11-08"),
        ("Which talks planned on Friday were cancelled?", "2024-11-08"),
        ("Who read the will on Friday?", "2024-11-08"),
        ("What did Will Smith say on Friday?", "2024-11-08"),
        ("Who is to blame for the crash on Friday?", "2024-11-08"),
    ],
)
def test_what_is_told_of_the_past_is_not_to_come(question: str, day: str):
    found = resolve(question, date(2024, 11, 13))
    assert found is not None
    assert found.start == date.fromisoformat(day)


def test_what_is_to_come_was_told_of_lately():
    today = date(2024, 11, 13)
    near = publication(resolve("What will open in December?", today), today)
    assert near is not None
    assert (near.start, near.end) == (date(2024, 10, 30), date(2024, 12, 31))


@pytest.mark.parametrize(
    "filler", ["last", "from", "early", "the last 2", "between 1 May and", "is", "10 to"]
)
def test_a_long_question_takes_time_in_proportion_to_its_length(filler: str):
    started = time.process_time()
    for question in (f"2024 {filler}{' ' * 40_000}x", f"in 2024 {f'{filler} ' * 10_000}"):
        resolve(question, TODAY)
    assert time.process_time() - started < 5  # the square of the length would take minutes


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
        ("Who wrote on 12/11/2024?", "2024-11-12", "2024-11-12", "on 12/11/2024"),
        ("Who wrote on 13/11/2024?", "2024-11-13", "2024-11-13", "on 13/11/2024"),
        ("Who wrote on 11/13/2024?", "2024-11-13", "2024-11-13", "on 11/13/2024"),
        ("Who wrote since 1/11/2024?", "2024-11-01", None, "since 1/11/2024"),
        ("Who met in the week of 13 November 2024?", "2024-11-11", "2024-11-17", None),
        ("Who met on 10-12 November 2024?", "2024-11-10", "2024-11-12", "on 10-12 November 2024"),
        ("Who met on November 10-12, 2024?", "2024-11-10", "2024-11-12", "on November 10-12, 2024"),
        ("Who led it from November to February 2011?", "2010-11-01", "2011-02-28", None),
        ("What were sales in Q4 2024?", "2024-10-01", "2024-12-31", "in Q4 2024"),
        ("What were sales in the fourth quarter of 2024?", "2024-10-01", "2024-12-31", None),
        ("What were sales in the first half of 2024?", "2024-01-01", "2024-06-30", None),
        ("Who met in late 2023?", "2023-09-01", "2023-12-31", "in late 2023"),
        ("Who led it until the end of February 2024?", None, "2024-02-29", None),
        ("May I ask who won in 2020?", "2020-01-01", "2020-12-31", "in 2020"),
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
        "What did the last march achieve?",
        "Who led the last March on Rome?",
        "What did the late August Wilson write?",
        "What came in the early march of time?",
        "Who scored in the second half of the match?",
        "What happened the next day?",
        "What happened on 31 February?",
        "What happened on 31/31/2024?",
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
    for question in (
        text,
        f"{text} this week",
        f"since {text} in March",
        f"in 20{text}",
        f"What will be after {text} Friday?",
    ):
        found = resolve(question, today)
        assert found is None or not (found.start and found.end) or found.start <= found.end


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
