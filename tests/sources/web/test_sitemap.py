from __future__ import annotations

import gzip
from datetime import date

import pytest

from assistant.errors import SourceError
from assistant.sources.web import sitemap

PAGES = b"""<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
 xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">
<url><loc> https://site.test/old </loc><lastmod>2024-01-01T10:00:00Z</lastmod></url>
<url><loc>https://site.test/undated</loc></url>
<url><loc>https://site.test/new</loc><news:news><news:publication_date>2024-11-13</news:publication_date>
<news:title>New</news:title></news:news></url>
<url><loc>javascript:alert(1)</loc></url></urlset>"""
INDEX = b"<sitemapindex><sitemap><loc>https://site.test/1.xml</loc></sitemap></sitemapindex>"


def test_lists_the_newest_page_first_and_those_without_a_date_last():
    found = sitemap.parse(PAGES, "x")
    assert [page.url for page in found.pages] == [
        "https://site.test/new",
        "https://site.test/old",
        "https://site.test/undated",
    ]
    assert (found.pages[0].published, found.pages[0].title) == (date(2024, 11, 13), "New")
    assert (found.pages[1].published, found.pages[1].modified) == (None, date(2024, 1, 1))


def test_reads_an_index():
    found = sitemap.parse(INDEX, "x")
    assert [further.url for further in found.sitemaps] == ["https://site.test/1.xml"]
    assert found.pages == ()


def test_a_cut_sitemap_gives_what_it_has():
    assert [page.url for page in sitemap.parse(PAGES[:270], "x").pages] == ["https://site.test/old"]


def test_is_unpacked_up_to_a_limit():
    assert sitemap.unpacked(gzip.compress(PAGES), "x", 10_000) == PAGES
    assert sitemap.unpacked(PAGES, "x", 10) == PAGES
    with pytest.raises(SourceError, match="unpacked it is larger than"):
        sitemap.unpacked(gzip.compress(b" " * 10_000_000), "x", 1_000_000)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"<urlset", "broken XML"),
        (b'<!DOCTYPE u [<!ENTITY a "b">]><urlset>&a;</urlset>', "defines entities"),
        (b"<urlset>" + b"<url>" * 50, "nested too deeply"),
    ],
)
def test_refuses_what_it_cannot_trust(data, reason):
    with pytest.raises(SourceError, match=reason):
        sitemap.parse(data, "x")
