"""What a page says of its article, in the places and the shapes that sites use."""

from __future__ import annotations

import json
from datetime import date

import lxml.html
import pytest

from assistant.sources.page_metadata import describe

PARAGRAPH = "They met on the sidelines of the climate conference, and spoke of security and of trade."
SITE = '<meta property="og:site_name" content="The Paper">'


def page(head="", body="<h1>Leaders meet in Baku</h1><p>They met.</p>", lang="en"):
    return lxml.html.document_fromstring(f"<html lang='{lang}'><head>{head}</head><body>{body}</body></html>")


def json_ld(value):
    return f'<script type="application/ld+json">{json.dumps(value)}</script>'


def found(name, *args, **kwargs):
    described = describe(page(*args, **kwargs))
    return described.fields[name], described.origins[name]


@pytest.mark.parametrize(
    ("head", "body", "title"),
    [
        ("<title>Leaders meet in Baku | The Paper</title>", "", ("Leaders meet in Baku", "<title>")),
        (
            "<title>The Paper: Leaders meet in Baku</title>",
            "",
            ("The Paper: Leaders meet in Baku", "<title>"),
        ),
        (
            "<title>Leaders meet in Baku - Unknown Site</title>",
            "<h1>Unknown</h1><h2>Leaders meet in Baku</h2>",
            ("Leaders meet in Baku", "<title>"),
        ),
        (
            '<meta property="og:title" content="Leaders meet | The Paper"><title>x</title>',
            "<h1>The Paper</h1>",
            ("Leaders meet", "meta og:title"),
        ),
        (
            "<title>Why did the leaders meet in Baku? — The Paper</title>",
            "<h1>The Paper</h1><h1>The leaders meet in Baku</h1><h1>Most read</h1>",
            ("The leaders meet in Baku", "<h1>"),
        ),
        (
            json_ld({"@type": "Article", "headline": "Capital of Azerbaijan"})
            + "<title>Baku - Unknown Site</title>",
            "<h1>Baku</h1>",
            ("Baku", "<h1>"),
        ),
        (
            "<title>World | Leaders meet in Baku for talks | The Paper</title>",
            "<h1>World</h1>",
            ("World | Leaders meet in Baku for talks", "<title>"),
        ),
        (
            json_ld({"@type": "NewsArticle", "headline": "Leaders &amp; ministers &#8211; a meeting"}),
            "",
            ("Leaders & ministers – a meeting", "JSON-LD"),
        ),
        ("", "<h1>Leaders meet</h1>", ("Leaders meet", "<h1>")),
        ("", "<p>Leaders meet</p>", ("", "")),
    ],
)
def test_the_title_is_the_headline_without_the_site(head, body, title):
    assert found("title", SITE + head, body) == title


def test_an_author_may_be_named_in_many_shapes():
    by_id = [
        {"@type": "Article", "author": {"@id": "#a"}},
        {"@type": "Person", "@id": "#a", "name": "Ann Bee"},
    ]
    for value in (by_id, {"@graph": by_id}, {"@type": "Article", "author": [{"name": "Ann Bee"}, "Ann Bee"]}):
        assert found("author", json_ld(value)) == ("Ann Bee", "JSON-LD")


@pytest.mark.parametrize(
    ("head", "body", "author"),
    [
        ('<meta name="author" content="By Ann Bee">', "", "Ann Bee"),
        ('<meta name="author" content="Ann Bee; Cy Dee; Ann Bee">', "", "Ann Bee, Cy Dee"),
        ('<meta property="article:author" content="https://social.example/annbee">', "", ""),
        ('<meta name="author" content="admin">', "<a rel=author href=/a>Ann Bee</a>", "Ann Bee"),
        ("", '<div itemprop=author><b itemprop="name">Ann Bee</b> November 13, 2024</div>', "Ann Bee"),
        ("", "<div itemprop=author>Ann Bee November 13, 2024</div>", ""),
    ],
)
def test_authors_are_names(head, body, author):
    assert found("author", head, body)[0] == author


def test_the_publisher_is_the_site_or_what_json_ld_says():
    value = {"@type": "Article", "publisher": {"@type": "Organization", "name": "The Gazette"}}
    assert found("source", SITE + json_ld(value)) == ("The Paper", "meta og:site_name")
    assert found("source", json_ld(value)) == ("The Gazette", "JSON-LD")
    assert describe(page(), source="Copyright 2014").fields["source"] == ""


@pytest.mark.parametrize(
    "line",
    [
        "November 13, 2024",
        "Published: Nov. 13, 2024, 10:00 AM ET",
        "Posted on 13 November 2024",
        "13 NOV 2024 - 11:28 GMT",
        "2024-11-13 15:24",
        "November 13, 2024 at 3:48 PM HST - Updated November 14 at 4:46 PM",
        "<time datetime='2024-11-13T10:00:00Z'>two days ago</time>",
    ],
)
def test_a_date_below_the_headline_is_the_day_of_publication(line):
    body = f"<h1>Leaders meet</h1><div>By Ann Bee</div><div>{line}</div><p>They met.</p>"
    assert found("published", body=body) == (date(2024, 11, 13), "dateline")


@pytest.mark.parametrize(
    "lines",
    [
        "<div>Updated November 13, 2024</div>",
        "<div>Last modified:</div><div>November 13, 2024</div>",
        "<time class=updated datetime=2024-11-13>November 13, 2024</time>",
        "<div>November 13, 2024</div><div>November 12, 2024</div>",
        f"{f'<p>{PARAGRAPH}</p>' * 2}<div>November 13, 2024</div>",
        "<div>On November 13, 2024 they met.</div>",
        "<div>5/10/2024</div>",
    ],
)
def test_a_change_another_story_or_the_text_gives_no_day(lines):
    assert (
        found("published", body=f"<h1>Leaders meet</h1>{lines}") == ("", "")
        or not found("published", body=f"<h1>Leaders meet</h1>{lines}")[0]
    )


def test_numbers_are_a_date_where_all_write_the_day_first():
    body = "<h1>Encontro em Baku</h1><div>5/10/2024</div>"
    assert found("published", body=body, lang="pt-BR")[0] == date(2024, 10, 5)


def test_the_day_is_the_one_shown_where_only_the_time_zone_differs():
    head = '<meta property="article:published_time" content="2024-11-14T01:30:00Z">'
    body = "<h1>Leaders meet</h1><div>{}</div>"
    assert found("published", head, body.format("Nov. 13, 2024 8:30 pm ET"))[0] == date(2024, 11, 13)
    for other in ("November 15, 2024", "November 1, 2024"):  # today, in the head of the page; another story
        assert found("published", head, body.format(other))[0] == date(2024, 11, 14)


def test_the_article_counts_before_the_page_and_its_list():
    value = {"@graph": [
        {"@type": "WebPage", "datePublished": "2020-01-01"},
        {"@type": "NewsArticle", "datePublished": "2024-11-13", "dateModified": "2024-11-15"},
    ]}  # fmt: skip
    assert found("published", json_ld(value)) == (date(2024, 11, 13), "JSON-LD")
    assert found("modified", json_ld(value)) == (date(2024, 11, 15), "JSON-LD")


def test_fields_are_made_out_in_broken_json():
    fields = '{"a": "\\x", "headline": "Leaders meet", "datePublished": "2024-11-13"}'
    broken = f'<script type="application/ld+json">{fields}</script>'
    assert found("title", broken, "")[0] == "Leaders meet"
    assert found("published", broken)[0] == date(2024, 11, 13)


def test_the_address_may_be_in_json_ld():
    value = {"@type": "Article", "mainEntityOfPage": {"@id": "https://Paper.example/a"}}
    assert found("url", json_ld(value)) == ("https://paper.example/a", "JSON-LD")
