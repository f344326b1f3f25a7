from __future__ import annotations

from datetime import date

import pytest

from assistant.sources.feed import Entry
from assistant.sources.web import listing, pages
from assistant.sources.web.fetch import Fetched
from tests.webserver import article

URL = "http://site.test/news/talks?utm_source=x"
DATED = '<meta property="article:published_time" content="2024-11-13">'


def read(head="", entry=None, url=URL, kind="text/html", charset="", body=None):
    body = article(head=head).encode() if body is None else body
    (found,) = pages.read(Fetched(url, kind, charset, body), entry)
    return found


def test_an_article_is_known_by_the_address_where_it_was_found():
    found = read()
    assert (found.title, found.url, found.path, found.published) == (
        "Talks in Baku",
        "http://site.test/news/talks",
        "",
        None,
    )


@pytest.mark.parametrize(
    ("canonical", "url"),
    [
        ("https://www.site.test/talks", "https://www.site.test/talks"),
        ("https://site.test/talks", "https://site.test/talks"),
        ("https://bank.test/talks", "http://site.test/news/talks"),
        ("https://evil.site.test/talks", "http://site.test/news/talks"),
        ("https://site.test.evil.example/talks", "http://site.test/news/talks"),
    ],
)
def test_a_page_may_name_another_address_on_its_own_site_only(canonical, url):
    assert read(f'<link rel="canonical" href="{canonical}">').url == url


def test_a_feed_fills_in_a_date_that_the_page_does_not_name():
    entry = Entry(URL, published=date(2024, 11, 12), modified=date(2024, 11, 20))
    assert read(entry=entry).published == date(2024, 11, 12)
    assert ("published", "feed") in read(entry=entry).origins
    named = read(DATED, entry)
    assert named.published == date(2024, 11, 13)
    assert ("published", "feed") not in named.origins


def test_a_day_of_change_is_never_taken_for_the_date():
    assert read(entry=Entry(URL, modified=date(2024, 11, 20), origin="sitemap")).published is None


def test_the_servers_encoding_outranks_the_pages():
    body = article(title="Ľudia v Žiline", head='<meta charset="iso-8859-1">').encode("cp1250")
    assert read(charset="windows-1250", body=body).title == "Ľudia v Žiline"


def test_reads_a_text():
    found = read(kind="text/plain", body=b"Talks in Baku\nDing met Sharif in Baku.\n")
    assert (found.title, found.text) == ("Talks in Baku", "Ding met Sharif in Baku.")


def test_a_page_names_its_feed():
    link = '<LINK REL=alternate type="application/rss+xml" href="/feed?a=1&amp;b=2">'
    fetched = Fetched(URL, "text/html", "", article(head=link).encode())
    assert listing.feed_of(fetched) == "http://site.test/feed?a=1&b=2"
    assert listing.feed_of(Fetched(URL, "text/html", "", article().encode())) == ""
