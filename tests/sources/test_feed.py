from __future__ import annotations

from datetime import date

import pytest

from assistant.errors import SourceError
from assistant.sources import feed

RSS = b"""<?xml version="1.0"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>
<title>Gazette</title><language>en-GB</language>
<item><title>One &amp; only</title><link>/one?utm_source=rss</link><author>A. Writer</author>
<pubDate>Wed, 13 Nov 2024 23:30:00 -0500</pubDate><description>short</description>
<content:encoded><![CDATA[<p>The whole text.</p>]]></content:encoded></item>
<item><title>No address</title></item>
</channel></rss>"""
ATOM = b"""<feed xmlns="http://www.w3.org/2005/Atom"><title>Atom</title>
<entry><title>Two</title><link href="https://site.test/two"/><updated>2024-11-14T00:00:00Z</updated></entry>
<entry><title>Three</title><link href="https://site.test/three"/>
<published>2024-11-12T00:00:00Z</published><updated>2024-11-14T00:00:00Z</updated></entry></feed>"""
RDF = b"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="x"><title>Old</title></channel>
<item rdf:about="y"><title>Four</title><link>https://site.test/four</link><dc:date>2024-11-11</dc:date></item></rdf:RDF>"""


def test_reads_rss():
    found = feed.parse(RSS, "feed", base="https://site.test/feed.xml")
    assert (found.title, found.language) == ("Gazette", "en")
    first, second = found.entries
    assert first == feed.Entry(
        "https://site.test/one",
        title="One & only",
        author="A. Writer",
        published=date(2024, 11, 13),  # as it is written, whatever its time zone
        content="<p>The whole text.</p>",
    )
    assert (second.url, second.title) == ("", "No address")


def test_a_day_of_change_is_no_day_of_publication():
    two, three = feed.parse(ATOM, "feed").entries
    assert (two.published, two.modified) == (None, date(2024, 11, 14))
    assert (three.published, three.modified) == (date(2024, 11, 12), date(2024, 11, 14))


def test_the_only_date_of_rss_1_is_that_of_publication():
    (four,) = feed.parse(RDF, "feed").entries
    assert (four.published, four.modified) == (date(2024, 11, 11), None)


@pytest.mark.parametrize("data", [RSS, ATOM, RDF, b"\n  " + RSS])
def test_knows_a_feed_by_its_content(data):
    assert feed.is_feed(data)


@pytest.mark.parametrize(
    "data", [b"", b"<html><rss/></html>", b"<!DOCTYPE html><p>x", b"plain", b"<urlset/>", b"\xff\xfe\x00"]
)
def test_knows_what_is_no_feed(data):
    assert not feed.is_feed(data)


@pytest.mark.parametrize("data", [b"", b"<html/>", b"plain text", b"http://127.0.0.1:9/", b"/etc/passwd"])
def test_says_of_anything_else_that_it_is_no_feed(data):
    """Above all, bytes that look like an address or a path are not opened."""
    with pytest.raises(SourceError, match="it is neither an RSS nor an Atom feed"):
        feed.parse(data, "x")


@pytest.mark.parametrize(
    ("inside", "reason"),
    [
        (b"<a>" * 200 + b"</a>" * 200, "nested too deeply"),
        (b"<a " + b" ".join(b"a%d='x'" % n for n in range(50_000)) + b"/>", "too many attributes"),
        (b"<a/>" * 110_000, "more than 100,000 elements"),
        (b"&" * 1_100_000, "broken XML, and too large to be mended"),
    ],
)
def test_what_would_take_minutes_is_refused_at_once(inside, reason):
    with pytest.raises(SourceError, match=reason):
        feed.parse(b"<rss version='2.0'><channel>" + inside + b"</channel></rss>", "x")


def test_a_feed_that_is_nearly_xml_is_mended():
    found = feed.parse(
        RSS.replace(b"One &amp; only", b"One & only").replace(b"<item><title>No", b"<title>No"), "x"
    )
    assert found.entries[0].title == "One & only"


def test_entities_that_grow_are_refused():
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    about = "<rss version='2.0'><channel><title>&l9;</title></channel></rss>"
    bomb = f'<!DOCTYPE rss [<!ENTITY l0 "ha">{laughs}]>{about}'
    with pytest.raises(SourceError, match="defines entities"):
        feed.parse(bomb.encode(), "x")
