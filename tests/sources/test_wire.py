"""What a parser process may send, and that nothing else is taken."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.sources import wire
from assistant.sources.feed import Entry, Feed
from assistant.types import Article, Failure, Section

TEXTS = st.text(st.characters(), max_size=20)
ARTICLES = st.builds(
    Article,
    text=TEXTS,
    title=TEXTS,
    path=TEXTS,
    published=st.none() | st.dates(),
    modified=st.none() | st.dates(),
    sections=st.lists(st.builds(Section, st.integers(0, 99), TEXTS), max_size=3).map(tuple),
    pages=st.lists(st.integers(0, 99), max_size=3).map(tuple),
    origins=st.lists(st.tuples(TEXTS, TEXTS), max_size=3).map(tuple),
    original=TEXTS,
)


@settings(derandomize=True, deadline=None)
@given(ARTICLES | st.builds(Failure, TEXTS, TEXTS, TEXTS))
def test_what_is_sent_arrives(item):
    line = wire.encode(wire.pack(item))
    assert line.count(b"\n") == 1
    assert wire.unpack(wire.decode(line)) == item


def test_names_of_files_that_are_no_unicode_arrive():
    assert wire.decode(wire.encode({"path": "a\udcff.txt"})) == {"path": "a\udcff.txt"}


@pytest.mark.parametrize("line", [b"", b"[]", b"7", b"{", b'{"a": NaN', b"[" * 100_000, b"\xff"])
def test_a_line_that_is_no_message_is_refused(line):
    with pytest.raises(ValueError):  # noqa: PT011 - of whatever kind
        wire.decode(line)


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"article": None},
        {"article": {"title": "no text"}},
        {"article": {"text": 7}},
        {"article": {"text": "t", "published": "tomorrow"}},
        {"article": {"text": "t", "published": 7}},
        {"article": {"text": "t", "pages": ["1"]}},
        {"article": {"text": "t", "pages": [True]}},
        {"article": {"text": "t", "sections": [["1", "One"]]}},
        {"article": {"text": "t", "sections": [1]}},
        {"article": {"text": "t", "origins": [["title"]]}},
        {"article": {"text": "t", "id": "chosen"}},
        {"failure": ["name", "reason"]},
        {"failure": "abc"},
    ],
)
def test_fields_of_other_names_or_types_are_refused(message):
    with pytest.raises(ValueError, match=r"message|isoformat"):
        wire.unpack(message)


def test_an_article_that_knows_little_is_short():
    article = Article(text="Text.", published=date(2024, 11, 13))
    assert wire.encode(wire.pack(article)) == b'{"article":{"text":"Text.","published":"2024-11-13"}}\n'


FEEDS = st.builds(
    Feed,
    TEXTS,
    TEXTS,
    st.lists(
        st.builds(
            Entry,
            TEXTS,
            TEXTS,
            TEXTS,
            st.none() | st.dates(),
            st.none() | st.dates(),
            TEXTS,
            TEXTS,
        ),
        max_size=3,
    ).map(tuple),
)


@settings(derandomize=True, deadline=None)
@given(FEEDS)
def test_a_feed_comes_back_as_it_went(found):
    assert wire.unpack_feed(wire.decode(wire.encode(wire.pack_feed(found)))) == found


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"feed": "x"},
        {"feed": ["a", 1], "entries": []},
        {"feed": ["a", "b"]},
        {"feed": ["a", "b"], "entries": [["x"]]},
        {"feed": ["a", "b"], "entries": [["u", "t", "a", "no day", "", "", ""]]},
        {"feed": ["a", "b"], "entries": {"x": 1}},
    ],
)
def test_a_wrong_feed_is_refused(message):
    with pytest.raises(ValueError, match=r"wrong|Invalid isoformat"):
        wire.unpack_feed(message)
