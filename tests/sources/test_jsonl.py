"""JSON Lines read as articles."""

from __future__ import annotations

import json
from datetime import date

import pytest

from assistant.errors import SourceError
from assistant.sources import jsonl
from assistant.types import Article, Failure

NO_TEXT_HINT = (
    'Call the field that holds the text "text", or say which one it is: --field text=NAME. Found: {}.'
)


def read(*lines):
    data = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    return list(jsonl.read(data.encode(), "news/briefs.jsonl"))


def test_every_line_is_an_article_with_its_fields():
    row = {
        "id": "a1",
        "title": "Leaders meet",
        "text": "They met in Baku.\nThey spoke.",
        "date": "2024-11-13",
        "url": "https://news.example/a#top",
        "author": "Ann Bee",
        "source": "The Paper",
        "language": "en",
        "score": 0.5,
    }
    assert read(row) == [
        Article(
            text="They met in Baku.\nThey spoke.",
            title="Leaders meet",
            author="Ann Bee",
            published=date(2024, 11, 13),
            source="The Paper",
            url="https://news.example/a",
            language="en",
            path="#a1",
            origins=(
                ("author", "field author"),
                ("language", "field language"),
                ("published", "field date"),
                ("source", "field source"),
                ("title", "field title"),
                ("url", "field url"),
            ),
        )
    ]


def test_published_comes_before_date():
    (article,) = read({"text": "t", "published": "2024-11-13", "date": "2024-12-24"})
    assert article.published == date(2024, 11, 13)


def test_the_place_of_a_row_is_its_id_or_title_or_number_once_each():
    rows = [
        {"text": "a", "id": 7},
        {"text": "b", "title": "Same"},
        {"text": "c", "title": "Same"},
        {"text": "d", "id": 7},
        {"text": "e"},
    ]
    assert [(article.path, article.title) for article in read(*rows)] == [
        ("#7", "briefs line 1"),
        ("#Same", "Same"),
        ("#Same (line 3)", "Same"),
        ("#7 (line 4)", "briefs line 4"),
        ("#5", "briefs line 5"),
    ]


def test_a_bad_line_is_one_failure_and_loses_no_other():
    lines = [
        {"text": "first"},
        "",
        "{broken",
        "[1, 2]",
        {"title": "no text"},
        {"text": 5},
        {"text": " \u200b"},
        "[" * 100_000,
        '{"text": "big", "id": ' + "9" * 5000 + "}",
        '{"text": "\\ud800 lone", "n": NaN}',
        '{"text": "raw\ttab and \x07bell"}\r',
    ]
    name = "news/briefs.jsonl line {}".format
    found = read(*lines)
    assert [a.text for a in found if isinstance(a, Article)] == ["first", "lone", "raw\ttab and bell"]
    assert [f for f in found if isinstance(f, Failure)] == [
        Failure(
            name(3),
            "it is not JSON (Expecting property name enclosed in double quotes, column 2)",
            jsonl.HINT,
        ),
        Failure(name(4), "it is not a JSON object", jsonl.HINT),
        Failure(name(5), "no field with a text in it", NO_TEXT_HINT.format("title")),
        Failure(name(6), "no field with a text in it", NO_TEXT_HINT.format("text")),
        Failure(name(7), "no text in it", SourceError.hint),
        Failure(name(8), "it is not JSON (nested too deeply)", jsonl.HINT),
        Failure(name(9), "it is not JSON (a number is too long)", jsonl.HINT),
    ]


@pytest.mark.parametrize("data", [b"", b"\n \n\r\n", b"\xef\xbb\xbf\n"])
def test_a_file_without_lines_is_refused(data):
    with pytest.raises(SourceError, match=r"^briefs\.jsonl: no text in it$"):
        list(jsonl.read(data, "briefs.jsonl"))
