"""Markdown read as an article."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from assistant.errors import SourceError
from assistant.sources import markdown
from assistant.types import Article, Section


def read(data, name="a-report.md"):
    (article,) = markdown.read(data.encode(), name)
    return replace(article, origins=(), sections=())


def test_front_matter_says_what_is_known():
    article = read(
        "---\n"
        "title: Leaders meet\n"
        "author: [Ann Bee, Cy Dee]\n"
        "published: 2024-11-13\n"
        "source: The Paper\n"
        "url: https://News.example/a?utm_source=x\n"
        "language: en-GB\n"
        "retold_from:\n  - something else\n"
        "---\n"
        "The text.\n"
    )
    assert article == Article(
        text="The text.",
        title="Leaders meet",
        author="Ann Bee, Cy Dee",
        published=date(2024, 11, 13),
        source="The Paper",
        url="https://news.example/a",
        language="en",
    )


@pytest.mark.parametrize(
    ("line", "field", "value"),
    [
        ("date: 2024-11-13 10:00:00", "published", date(2024, 11, 13)),
        ("Date: '2024/11/13'", "published", date(2024, 11, 13)),
        ("publisher: The Paper", "source", "The Paper"),
        ("site: The Paper", "source", "The Paper"),
        ("canonical: https://news.example/a", "url", "https://news.example/a"),
        ("lang: de", "language", "de"),
    ],
)
def test_other_names_of_the_fields_are_understood(line, field, value):
    assert getattr(read(f"---\n{line}\n---\nThe text."), field) == value


def test_front_matter_that_is_no_yaml_is_read_line_by_line():
    article = read('---\ntitle: Pakistan: a "story"\nauthor: "Ann Bee"\ndate: 2024-02-30\n---\nThe text.')
    assert article == Article(text="The text.", title='Pakistan: a "story"', author="Ann Bee")


def test_a_rule_at_the_top_is_no_front_matter():
    assert read("---\nJust text.\n\n---\n\nMore.").text == "Just text.\nMore."


@pytest.mark.parametrize("opening", ["---\ntitle: x\n", "--\ntitle: x\n---\n"])
def test_front_matter_that_does_not_open_or_close_is_text(opening):
    assert "title: x" in read(f"{opening}Text.").text


def test_the_first_level_1_heading_is_the_title_and_leaves_the_text():
    article = read("Intro.\n\n## Part\n\n# Leaders *meet*\n\nThe text.\n\n# Another\n")
    assert article.title == "Leaders meet"
    assert read("# Leaders *meet*\n\nThe text.") == Article(text="The text.", title="Leaders meet")
    assert article.text == "Intro.\nPart\nLeaders meet\nThe text.\nAnother"


def test_the_heading_stays_where_front_matter_names_another_title():
    assert read("---\ntitle: One\n---\n# Two\n\nThe text.") == Article(text="Two\nThe text.", title="One")


def test_without_any_title_the_name_of_the_file_is_the_title():
    assert read("The text.").title == "a report"


def test_the_body_becomes_plain_text_one_line_a_block():
    body = (
        "Some *soft*\nwrapped **text** with [a link](https://news.example), "
        "~~struck~~ `code` &amp; more.\n\n"
        "![a picture](p.png) ![](q.png)<https://news.example/b>\n\n"
        "- one\n- two\n  1. nested\n\n"
        "> quoted\n\n"
        "```python\nif x:\n    y()\n```\n\n"
        "| a | b |\n|---|---|\n| c | *d* |\n\n"
        "line\\\nbroken <b>bold</b> <!-- hidden -->\n\n"
        "<div>\nraw\n</div>\n\n"
        "[ref]\n\n[ref]: https://news.example/c\n"
    )
    assert read(body).text.split("\n") == [
        "Some soft wrapped text with a link, struck code & more.",
        "a picture https://news.example/b",
        "one",
        "two",
        "nested",
        "quoted",
        "if x:",
        "    y()",
        "a | b",
        "c | d",
        "line",
        "broken bold ",
        "ref",
    ]


def test_characters_written_as_entities_are_cleaned_too():
    assert read("a&#x202e;b&#8203;c").text == "abc"


def test_aliases_that_multiply_cost_nothing():
    pairs = zip("abcdefghi", "bcdefghij", strict=True)
    lines = ["a: &a [lol, lol]"]
    lines += [f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]" for old, new in pairs]
    assert read("---\n" + "\n".join(lines) + "\ntitle: *j\nauthor: Ann\n---\nText.").author == "Ann"


@pytest.mark.parametrize("body", [">" * 500 + "deep", "".join("  " * n + "- item\n" for n in range(200))])
def test_what_is_nested_too_deeply_is_refused_rather_than_lost(body):
    with pytest.raises(SourceError, match=r"^a-report\.md: its lists and quotes are nested too deeply$"):
        read("Text.\n\n" + body)


@pytest.mark.parametrize("data", ["", "---\ntitle: x\n---\n", "<p>\nraw\n</p>", "[a]: /b"])
def test_files_without_text_are_refused(data):
    with pytest.raises(SourceError, match=r"^a-report\.md: no text in it$"):
        read(data)


def test_headings_are_sections_and_every_fact_says_where_it_was_found():
    data = "---\nauthor: Ann\nlastmod: 2024-11-14\n---\n# Leaders meet\n\nText.\n\n## The *costs*\n\nMore.\n"
    (article,) = markdown.read(data.encode(), "a.md")
    assert article.text == "Text.\nThe costs\nMore."
    assert article.sections == (Section(6, "The costs"),)
    assert article.modified == date(2024, 11, 14)
    assert article.origins == (
        ("author", "front matter"),
        ("modified", "front matter"),
        ("title", "first heading"),
    )
