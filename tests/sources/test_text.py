"""Plain text read as an article."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assistant.errors import SourceError
from assistant.sources import text
from assistant.types import Article

REPORT = """Leaders meet in Baku
Deputy Prime Minister Ding met Prime Minister Sharif on Wednesday, on the sidelines of the conference in Baku.
Karachi police reported that two Chinese citizens were injured in a shooting by unidentified gunmen."""


def read(data, name="a-report.txt"):
    found = text.read(data.encode() if isinstance(data, str) else data, name)
    return [replace(article, origins=()) for article in found]


def test_the_first_line_is_the_title_and_every_other_line_stays():
    title, rest = REPORT.split("\n", 1)
    assert read(REPORT) == [Article(text=rest, title=title)]


@pytest.mark.parametrize(
    "data",
    [
        "The leaders met in Baku.\nThey spoke of security.",
        "The leaders met in Baku",
        "----\nThe leaders met in Baku.",
        "The leaders met\nin Baku.",
        "x" * 151 + "\nThe leaders met in Baku.",
    ],
    ids=["ends with a full stop", "is all there is", "has no words", "goes on", "is too long"],
)
def test_without_a_title_the_name_of_the_file_is_the_title(data):
    assert read(data) == [Article(text=data, title="a report")]


def test_a_wrapped_first_paragraph_is_no_title():
    wrapped = (
        "China's deputy prime minister Ding Xuexiang met the Pakistani prime\n"
        "Minister Shehbaz Sharif in Baku on Wednesday, November 13, on the\n"
        "sidelines of the climate conference"
    )
    assert read(wrapped) == [Article(text=wrapped.replace("\n", " "), title="a report")]


def test_a_title_right_above_a_wrapped_paragraph_is_a_title():
    wrapped = (
        "China's deputy prime minister Ding Xuexiang met the Pakistani prime\n"
        "minister Shehbaz Sharif in Baku on Wednesday, November 13, on the\n"
        "sidelines of the climate conference."
    )
    assert read("Leaders meet in Baku\n" + wrapped) == [
        Article(text=wrapped.replace("\n", " "), title="Leaders meet in Baku")
    ]


def test_utf_16_and_windows_line_ends_are_understood():
    assert read("Title\r\n\r\nText.\r\nMore.".encode("utf-16")) == [
        Article(text="Text.\nMore.", title="Title")
    ]


@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf", b" \n\t ", b"\x00\x00", "\u200b".encode()])
def test_files_without_text_are_refused(data):
    with pytest.raises(SourceError, match=r"^a-report\.txt: no text in it$"):
        read(data)


@pytest.mark.parametrize(("data", "origin"), [(b"Title\nText.", "first line"), (b"Text.", "file name")])
def test_it_is_said_where_the_title_was_found(data, origin):
    (article,) = text.read(data, "a-report.txt")
    assert article.origins == (("title", origin),)
