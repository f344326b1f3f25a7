"""Answers for property tests: every field filled with something."""

from __future__ import annotations

from datetime import date

from hypothesis import strategies as st

from assistant.types import (
    Abstention,
    AlsoIn,
    Answer,
    Article,
    Citation,
    Confidence,
    DateRange,
    Filters,
    Form,
    Generation,
    Hit,
    Passage,
    Reason,
    Section,
    Sentence,
    ShortAnswer,
)
from tests.strategies import days, texts

numbers = st.floats(allow_nan=False, allow_infinity=False)
counts = st.integers(0, 10**6)
names = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
also = st.lists(st.builds(AlsoIn, names, names, names, names), max_size=2).map(tuple)
articles = st.builds(
    Article,
    texts,
    title=names,
    author=names,
    published=days,
    source=names,
    url=names,
    language=names,
    root=names,
    path=names,
    modified=days,
    sections=st.lists(st.builds(Section, counts, names), max_size=2).map(tuple),
    pages=st.lists(counts, max_size=3).map(tuple),
    origins=st.lists(st.tuples(names, names), max_size=2).map(tuple),
    original=names,
)
hits = st.builds(
    Hit,
    st.builds(Passage, names, counts, counts, texts, names),
    articles,
    numbers,
    similarity=st.none() | numbers,
    lexical=st.none() | numbers,
    answers=st.none() | numbers,
    also_in=also,
)
answers = st.builds(
    Answer,
    texts | st.just("\ud800?"),
    text=texts,
    citations=st.lists(st.builds(Citation, counts, articles, counts, counts, also), max_size=3).map(tuple),
    hits=st.lists(hits, max_size=3).map(tuple),
    abstention=st.none()
    | st.builds(Abstention, st.sampled_from(Reason), texts, st.lists(names, max_size=2).map(tuple)),
    score=numbers,
    confidence=st.none() | st.sampled_from(Confidence),
    short_answer=st.none() | st.builds(ShortAnswer, counts, articles, counts, counts),
    note=texts,
    standalone_question=texts,
    period=st.none() | st.builds(DateRange, days, days, names, st.booleans()),
    searched_articles=counts,
    unresolved=st.lists(names, max_size=2).map(tuple),
    sentences=st.lists(
        st.builds(
            Sentence,
            texts,
            st.lists(counts, max_size=2).map(tuple),
            numbers,
            st.booleans(),
            texts,
            st.booleans(),
        ),
        max_size=2,
    ).map(tuple),
    generation=st.none()
    | st.builds(Generation, names, names, counts, counts, counts, counts, counts, texts, texts),
    is_complete=st.booleans(),
    seconds=numbers,
    filters=st.builds(
        Filters,
        st.none() | st.dates(max_value=date(2020, 1, 1)),
        st.none() | st.dates(min_value=date(2020, 1, 1)),
        st.lists(names, max_size=2).map(tuple),
        st.lists(names, max_size=2).map(tuple),
    ),
    form=st.none() | st.sampled_from(Form),
)
