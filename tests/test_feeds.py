"""The web's side of a corpus, against a real server on loopback."""

from __future__ import annotations

from datetime import date

import pytest

from assistant.assistant import Assistant
from assistant.errors import SourceError
from assistant.feeds import Feeds
from assistant.settings import Settings, WebSettings
from tests.fakes import LocalNetwork, WordEmbeddings
from tests.webserver import article, known, redirect, reply, rss, served

PUBLIC = "93.184.216.34"
MONDAY, FRIDAY = "Mon, 04 Nov 2024 08:00:00 GMT", "Fri, 15 Nov 2024 08:00:00 GMT"
FEED = "http://site.test/feed.xml"


@pytest.fixture
def site():
    with served() as site:
        yield site


@pytest.fixture
def assistant(tmp_path):
    with Assistant.open(tmp_path, settings=Settings(), embedder=WordEmbeddings()) as opened:
        yield opened


@pytest.fixture
def feeds(assistant, site):
    return make(assistant, site)


def make(assistant, site, **settings):
    network = LocalNetwork({"site.test": [[PUBLIC]], "www.site.test": [[PUBLIC]]}, {PUBLIC: site.port})
    return Feeds(assistant.corpus, WebSettings(**{"retries": 0, **settings}), network)


def stories(count=3):
    """A feed and its pages; the servers say 304 to who has them."""
    names = ["Baku", "Karachi", "Gwadar", "Lahore", "Quetta"][:count]
    pages = {f"/{name}": known(article(f"Talks in {name}"), f'"{name}"') for name in names}
    items = [(f"http://site.test/{name}", MONDAY if n else FRIDAY) for n, name in enumerate(names)]
    return pages | {"/feed.xml": known(rss(*items), '"feed"', kind="application/rss+xml")}


def asked(site):
    """What was asked for since the last call."""
    log = [entry for entry in site.log if entry[0] != "/robots.txt"]
    site.log.clear()
    return log


def reasons(report):
    return [failure.reason for failure in report.failed]


# -- adding an address


def test_adds_a_page_and_keeps_it_as_it_is_the_next_time(feeds, assistant, site):
    site.pages["/a"] = known(article(), '"1"')
    assert feeds.add("http://site.test/a").added == ("Talks in Baku",)
    assert feeds.add("http://site.test/a").unchanged == ("Talks in Baku",)
    assert asked(site) == [("/a", 200), ("/a", 304)]
    (found,) = assistant.articles()
    assert (found.url, found.published) == ("http://site.test/a", None)


def test_a_changed_page_replaces_the_old_one(feeds, assistant, site):
    site.pages["/a"] = known(article(), '"1"')
    feeds.add("http://site.test/a")
    site.pages["/a"] = known(article("Talks in Baku end"), '"2"')
    assert feeds.add("http://site.test/a").updated == ("Talks in Baku end",)
    assert len(list(assistant.articles())) == 1


def test_a_page_that_was_removed_is_added_again_when_asked_for(feeds, assistant, site):
    site.pages["/a"] = known(article(), '"1"')
    feeds.add("http://site.test/a")
    assistant.remove(next(assistant.articles()).id)
    assert feeds.add("http://site.test/a").added == ("Talks in Baku",)


def test_adds_the_articles_of_a_feed_up_to_a_limit(feeds, site):
    site.pages |= stories()
    assert feeds.add(FEED, limit=2).added == ("Talks in Baku", "Talks in Karachi")
    assert asked(site) == [("/feed.xml", 200), ("/Baku", 200), ("/Karachi", 200)]


def test_the_feeds_dates_fill_in_those_that_pages_do_not_name(feeds, assistant, site):
    site.pages |= stories(2)
    feeds.add(FEED)
    assert {a.title: (a.published, dict(a.origins)["published"]) for a in assistant.articles()} == {
        "Talks in Baku": (date(2024, 11, 15), "feed"),
        "Talks in Karachi": (date(2024, 11, 4), "feed"),
    }


def test_what_is_known_to_be_older_is_not_even_fetched(feeds, site):
    site.pages |= stories()
    assert feeds.add(FEED, since=date(2024, 11, 10)).added == ("Talks in Baku",)
    assert asked(site) == [("/feed.xml", 200), ("/Baku", 200)]


def test_what_turns_out_to_be_older_is_left_out(feeds, assistant, site):
    dated = '<meta property="article:published_time" content="2020-01-01">'
    site.pages |= {
        "/feed.xml": reply(rss(("http://site.test/a", "")), kind="text/xml"),
        "/a": reply(article(head=dated)),
    }
    report = feeds.add(FEED, since=date(2024, 1, 1))
    assert (report.added, report.failed) == ((), ())


def test_adds_the_pages_of_a_sitemap_newest_first_and_of_its_own_site_only(feeds, site):
    urls = "".join(
        f"<url><loc>{url}</loc><lastmod>{day}</lastmod></url>"
        for url, day in [
            ("http://site.test/Baku", "2024-01-01"),
            ("http://www.site.test/Karachi", "2024-02-01"),
            ("http://bank.test/Gwadar", "2024-03-01"),
        ]
    )
    parts = ("http://site.test/1.xml", "http://bank.test/2.xml")
    index = "".join(f"<sitemap><loc>{url}</loc></sitemap>" for url in parts)
    site.pages |= stories() | {
        "/sitemap.xml": reply(f"<sitemapindex>{index}</sitemapindex>", kind="application/xml"),
        "/1.xml": reply(f"<urlset>{urls}</urlset>", kind="text/xml"),
    }
    report = feeds.add("http://site.test/sitemap.xml")
    assert report.added == ("Talks in Karachi", "Talks in Baku")
    assert reasons(report) == [
        "a sitemap of another site: left out",
        "1 pages of other sites in it: left out",
    ]


def test_one_bad_page_stops_no_other_and_each_has_its_reason(feeds, site):
    items = [(f"http://site.test/{name}", "") for name in ("gone", "image", "Baku", "empty")]
    items += [("http://127.0.0.1/", ""), ("http://169.254.169.254/latest/meta-data", "")]
    site.pages |= stories() | {
        "/feed.xml": reply(rss(*items), kind="text/xml"),
        "/image": reply(b"GIF89a", kind="image/gif"),
        "/empty": reply("<html><body></body></html>"),
    }
    report = feeds.add(FEED)
    assert report.added == ("Talks in Baku",)
    assert [failure.name for failure in report.failed[:3]] == [
        f"http://site.test/{name}" for name in ("gone", "image", "empty")
    ]
    assert reasons(report) == [
        "there is no such page (404)",
        "it is no article but image/gif",
        "no article text found in the page",
        "127.0.0.1 is this machine: refused",
        "169.254.169.254 is the address at which clouds keep their keys: refused",
    ]


def test_what_a_feed_names_must_be_an_article(feeds, site):
    feed = reply(rss((FEED, ""), ("http://site.test/data", "")), kind="text/xml")
    site.pages |= {"/feed.xml": feed, "/data": reply("<data>Some words</data>", kind="application/xml")}
    assert reasons(feeds.add(FEED)) == [
        "it is no article but text/xml",
        "it is no article but application/xml",
    ]
    assert reasons(feeds.add("http://site.test/data")) == ["it is no article but application/xml"]


def test_tells_how_far_it_is(feeds, site):
    site.pages |= stories()
    seen = []
    feeds.add(FEED, on_progress=lambda at: seen.append((at.done, at.total, at.name)))
    assert seen == [(1, 3, "Talks in Baku"), (2, 3, "Talks in Karachi"), (3, 3, "Talks in Gwadar")]


def test_the_corpus_is_free_while_a_server_is_waited_for(assistant, site):
    feeds = make(assistant, site)
    free = []

    def look(_):
        with assistant.corpus.lock.held_if_free() as is_held:
            free.append(is_held)
        return reply(article())

    site.pages |= {"/feed.xml": reply(rss(("http://site.test/a", "")), kind="text/xml"), "/a": look}
    feeds.add(FEED)
    assert free == [True]


# -- subscriptions


def test_the_second_refresh_of_a_feed_gets_only_304s(feeds, site):
    site.pages |= stories()
    assert feeds.subscribe(FEED).title == "Gazette"
    asked(site)
    assert len(feeds.refresh().added) == 3
    assert {status for _, status in asked(site)} == {200}
    report = feeds.refresh()
    assert asked(site) == [("/feed.xml", 304), ("/Baku", 304), ("/Karachi", 304), ("/Gwadar", 304)]
    assert len(report.unchanged) == 3
    assert (report.added, report.updated, report.failed, report.passages) == ((), (), (), 0)


def test_another_process_remembers_it_too(assistant, site):
    site.pages |= stories() | {"/robots.txt": reply("User-agent: *\nDisallow: /x", kind="text/plain")}
    first = make(assistant, site)
    first.subscribe(FEED)
    first.refresh()
    site.log.clear()
    make(assistant, site).refresh()
    assert {status for _, status in site.log} == {304}


def test_a_refresh_brings_what_is_new_and_what_has_changed(feeds, site):
    site.pages |= stories(2)
    feeds.subscribe(FEED)
    feeds.refresh()
    site.pages |= stories(3)
    site.pages["/feed.xml"] = reply(
        rss(*[(f"http://site.test/{n}", MONDAY) for n in ("Baku", "Karachi", "Gwadar")])
    )
    site.pages["/Karachi"] = known(article("Talks in Karachi fail"), '"2"')
    report = feeds.refresh()
    assert (report.added, report.updated) == (("Talks in Gwadar",), ("Talks in Karachi fail",))
    assert report.unchanged == ("Talks in Baku",)


def test_pages_whose_server_cannot_say_what_changed_are_left_until_the_feed_says_so(feeds, site):
    site.pages |= {"/feed.xml": reply(rss(("http://site.test/a", MONDAY))), "/a": reply(article())}
    feeds.subscribe(FEED)
    feeds.refresh()
    asked(site)
    assert feeds.refresh().unchanged == ("Talks in Baku",)
    assert asked(site) == [("/feed.xml", 200)]
    site.pages["/feed.xml"] = reply(rss(("http://site.test/a", FRIDAY)))
    feeds.refresh()
    assert asked(site) == [("/feed.xml", 200), ("/a", 200)]


def test_what_the_reader_removed_stays_away(feeds, assistant, site):
    site.pages |= stories(1)
    feeds.subscribe(FEED)
    feeds.refresh()
    assistant.remove(next(assistant.articles()).id)
    report = feeds.refresh()
    assert (report.added, list(assistant.articles())) == ((), [])


def test_what_the_reader_removed_comes_back_only_with_another_text(feeds, assistant, site):
    def feed(title):
        return known(rss(("http://site.test/Baku", MONDAY)).replace(">t<", f">{title}<"), f'"{title}"')

    site.pages |= stories(1) | {"/feed.xml": feed("first")}
    feeds.subscribe(FEED)
    feeds.refresh()
    assistant.remove(next(assistant.articles()).id)
    assistant.purge(everything=True)
    assert feeds.refresh().held == ()  # it is not even looked at
    site.pages["/feed.xml"] = feed("anew")
    assert feeds.refresh().held == ("Talks in Baku",)
    assert list(assistant.articles()) == []
    site.pages |= {"/Baku": known(article("Talks in Baku", text="They ended. " * 30), '"2"')}
    site.pages["/feed.xml"] = feed("again")
    assert feeds.refresh().added == ("Talks in Baku",)


def test_a_feed_that_fails_stops_no_other_and_says_so_until_it_is_back(feeds, site):
    site.pages |= stories(1) | {"/other.xml": reply(rss(("http://site.test/Karachi", ""))), **{}}
    site.pages |= {"/Karachi": reply(article("Talks in Karachi"))}
    feeds.subscribe(FEED)
    feeds.subscribe("http://site.test/other.xml")
    site.pages["/feed.xml"] = reply(b"", 404)
    report = feeds.refresh()
    assert report.added == ("Talks in Karachi",)
    assert reasons(report) == ["there is no such page (404)"]
    assert [s.problem for s in feeds.subscriptions()] == ["there is no such page (404)", ""]
    site.pages |= stories(1)
    feeds.refresh()
    assert [s.problem for s in feeds.subscriptions()] == ["", ""]


def test_what_failed_in_a_refresh_is_listed_and_tried_again_by_a_refresh(assistant, site):
    network = LocalNetwork({"site.test": [[PUBLIC]]}, {PUBLIC: site.port})
    assistant.feeds = Feeds(
        assistant.corpus,
        WebSettings(retries=0),
        network,
        on_refreshed=lambda url, report: assistant._failures.note(url, "", report),
    )
    site.pages |= stories(2) | {"/Karachi": reply(b"", 404)}
    assistant.feeds.subscribe(FEED)
    assistant.feeds.refresh()
    (one,) = assistant.failures()
    assert (one.origin, one.failure.reason) == (FEED, "there is no such page (404)")
    assistant.remove(next(assistant.articles()).id)
    site.pages |= stories(2)
    report = assistant.retry()
    assert (report.added, assistant.failures()) == (("Talks in Karachi",), ())  # and not what was removed


def test_a_page_leads_to_its_feed(feeds, site):
    link = '<link rel="alternate" type="application/rss+xml" href="/feed.xml">'
    site.pages |= stories() | {"/": reply(article(head=link))}
    assert feeds.subscribe("http://site.test/").url == FEED


def test_a_feed_is_subscribed_to_once(feeds, site):
    site.pages |= stories()
    assert feeds.subscribe(FEED) == feeds.subscribe(FEED)
    assert [s.url for s in feeds.subscriptions()] == [FEED]


def test_what_is_no_feed_is_not_subscribed_to(feeds, site):
    site.pages |= {"/a": reply(article()), "/b": redirect("http://127.0.0.1/")}
    with pytest.raises(SourceError, match="it is no feed and names none"):
        feeds.subscribe("http://site.test/a")
    with pytest.raises(SourceError, match="is this machine"):
        feeds.subscribe("http://site.test/b")
    assert feeds.subscriptions() == []


def test_a_subscription_ends_and_its_articles_stay(feeds, assistant, site):
    site.pages |= stories()
    feeds.subscribe(FEED)
    feeds.refresh()
    feeds.unsubscribe(FEED)
    assert feeds.subscriptions() == []
    assert len(list(assistant.articles())) == 3
    for act in (feeds.unsubscribe, feeds.refresh):
        with pytest.raises(SourceError, match="there is no subscription to it"):
            act(FEED)
