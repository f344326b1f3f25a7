"""The Library tab, driven as Gradio drives it: what is listed, changed and said of it."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from assistant.assistant import Assistant
from assistant.corpus import CATALOG_NAME
from assistant.listing import ArticleCounts, ArticleQuery, ArticleSort
from assistant.settings import ServerSettings, Settings, WebSettings
from assistant.types import Article, Filters
from assistant.ui import render
from assistant.ui.adding import is_at_server, takes_folders
from assistant.ui.shelf import Shelf
from assistant.ui.upkeep import Upkeep
from assistant.ui.view import View, corrections
from tests.fakes import WordEmbeddings
from tests.ui.shelved import ARTICLES
from tests.webserver import Site, reply, rss, served
from tests.webserver import article as page

REVERSED = {"from": "2024-01-05", "to": "2024-01-03", "source": "gazette"}


@pytest.fixture
def site() -> Iterator[Site]:
    with served() as opened:
        yield opened


@pytest.fixture
def assistant(tmp_path: Path, site: Site) -> Iterator[Assistant]:
    web = WebSettings(internal_hosts=(f"127.0.0.1:{site.port}",), delay_seconds=0, retries=0)
    settings = Settings(data_dir=tmp_path / "data", web=web)
    with Assistant.open(settings=settings, embedder=WordEmbeddings()) as opened:
        opened.add(ARTICLES)
        yield opened


@pytest.fixture
def shelf(assistant: Assistant) -> Shelf:
    return Shelf(assistant)


def event(**data: object) -> Any:
    return SimpleNamespace(_data=data)


def titles(markup: str) -> list[str]:
    return re.findall(r'<button type="button" class="title"[^>]*>(.*?)</button>', markup)


def last(updates: Any) -> Any:
    async def collect() -> list[Any]:
        return [update async for update in updates]

    return asyncio.run(collect())[-1]


def article_id(title: str, assistant: Assistant) -> str:
    return next(article.id for article in assistant.articles() if article.title == title)


def test_the_list_is_turned_sorted_and_narrowed(shelf: Shelf):
    view, table, bar = shelf.opened(View())
    assert titles(table)[:2] == ["Bridge", "Title 27"]
    assert "1–25 of 29 articles" in table  # one of the two bridges
    assert '<option value="Herald">Herald</option>' in bar
    view, table = shelf.turn(view, event(by="on"))
    assert titles(table) == ["Title 03", "Title 02", "Title 01", "Title 00"]
    assert "26–29 of 29 articles" in table
    view, table = shelf.sort(view, event(sort="title"))
    assert titles(table)[:3] == ["Bridge", "Title 00", "Title 01"]
    assert 'aria-sort="ascending"' in table
    view, table = shelf.sort(view, event(sort="title"))
    assert titles(table)[0] == "Title 27"
    view, table = shelf.find(view, event(fields={"text": "bridge", "copies": "all"}))
    assert titles(table) == ["Bridge again", "Bridge"]  # still sorted by title, downwards
    view, table = shelf.find(view, event(fields=REVERSED))
    assert titles(table) == ["Title 04", "Title 03", "Title 02"]
    _, table = shelf.find(view, event(fields={"text": "nowhere"}))
    assert "No article is like that" in table


def test_what_was_just_added_stands_first_with_a_day_or_without(shelf: Shelf, assistant: Assistant):
    assistant.add([Article("An okapi hid.", "Undated", url="https://x.example/okapi")])
    assistant.add([Article("A zebra ran.", "Old", published=date(1999, 1, 1), url="https://x.example/zebra")])
    _, table, _ = shelf.opened(View())
    assert titles(table)[:2] == ["Old", "Undated"]
    assert re.search(r'aria-sort="descending" class="added"', table)


def test_the_copies_of_a_story_are_listed(shelf: Shelf):
    view, table, _ = shelf.opened(View())
    assert ">1 near copy</button>" in table
    named = re.search(r'data-action="copies" data-article="(\w+)"', table)
    assert named
    view, table = shelf.copies(view, event(article=named[1]))
    assert set(titles(table)) == {"Bridge", "Bridge again"}
    assert "2 articles of one story" in table
    _, table, _ = shelf.all()
    assert len(titles(table)) == 25


def test_what_is_removed_can_be_brought_back_at_once(shelf: Shelf, assistant: Assistant):
    gone = article_id("Title 05", assistant)
    view, table = shelf.remove(View(), event(article=gone))
    assert "“Title 05” was removed." in table
    assert f'data-action="undo" data-article="{gone}"' in table
    assert assistant.corpus.count() == 29
    _, table = shelf.undo(view, event(article=gone))
    assert "“Title 05” is back." in table
    assert assistant.article(gone).title == "Title 05"


def test_the_last_of_a_page_may_go(shelf: Shelf, assistant: Assistant):
    narrowed = View(ArticleQuery(text="title", limit=9, offset=27))
    _, table = shelf.remove(narrowed, event(article=article_id("Title 00", assistant)))
    assert len(titles(table)) == 9
    assert "19–27 of 27" in table


def test_an_article_is_corrected_and_the_correction_taken_back(shelf: Shelf, assistant: Assistant):
    here = article_id("Title 05", assistant)
    view, table = shelf.edit(View(), event(article=here))
    assert 'value="Title 05"' in table
    fields = {"title": " A  better one ", "author": "Cy", "source": "Herald", "published": "2025-02-01"}
    view, table = shelf.keep(view, event(article=here, fields=fields))
    found = assistant.article(here)
    assert (found.title, found.author, found.source, found.published) == (
        "A better one",
        "Cy",
        "Herald",
        date(2025, 2, 1),
    )
    assert "A better one" in titles(table)
    view, table = shelf.keep(view, event(article=here, fields={"title": ""}))
    assert "That was not saved: a title cannot be empty." in table
    _, table = shelf.keep(view, event(article=here, fields=fields))
    assert "Nothing was changed." in table
    assert assistant.article(here).title == "A better one"
    shelf.reset(view, event(article=here))
    assert assistant.article(here).title == "Title 05"


def test_an_article_that_is_not_there_is_an_error_in_words(shelf: Shelf):
    for act in (shelf.remove, shelf.undo, shelf.keep):
        _, table = act(View(), event(article="0" * 24, fields={"title": "x"}))
        assert re.search(r'role="alert"><span dir="auto">no (removed )?article has the id', table)


def test_an_article_is_fetched_again_from_the_web(shelf: Shelf, assistant: Assistant, site: Site):
    site.pages["/a"] = reply(page("Zebra"))
    assistant.add(f"http://127.0.0.1:{site.port}/a")
    here = article_id("Zebra", assistant)
    site.pages["/a"] = reply(page("Zebra", text="A zebra slept in the shade of a wide tree at noon. " * 5))
    _, table = last(shelf.again(View(), event(article=here)))
    assert "Changed: " in table
    assert "slept" in assistant.article(here).text


def test_an_article_of_a_folder_is_read_again_with_its_folder(
    shelf: Shelf, assistant: Assistant, tmp_path: Path
):
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "lion.txt").write_text("A lion slept.")
    assistant.add(folder)
    here = article_id("lion", assistant)
    (folder / "lion.txt").write_text("A lion woke up.")
    _, table = last(shelf.again(View(), event(article=here)))
    assert "Changed: lion" in table
    assert assistant.article(here).text == "A lion woke up."
    (folder / "lion.txt").unlink()
    _, table = last(shelf.again(View(), event(article=here)))
    assert "is not at hand any more" in table
    assert assistant.article(here).text == "A lion woke up."  # nothing is lost by asking


def test_markup_in_an_article_is_text(shelf: Shelf, assistant: Assistant):
    evil = "<img src=x onerror=alert(1)>\"'>"
    assistant.add(Article("Text of it.", evil, evil, source=evil, url="https://x.example/evil"))
    _, table, bar = shelf.opened(View(ArticleQuery(text="onerror")))
    parts = Upkeep(assistant).opened()
    for markup in (table, bar, *parts):
        assert "<img" not in markup


@pytest.mark.parametrize(
    "fields", [{}, {"from": "soon", "source": 7, "text": None}, {"text": "x" * 100_000}, {"copies": ["all"]}]
)
def test_whatever_is_sent_is_a_list(shelf: Shelf, fields: dict[str, object]):
    view, table = shelf.find(View(), event(fields=fields))
    assert len(view.query.text) <= 200
    assert "shelf" in table
    assert corrections({"source": None, "title": ["x"]}, ARTICLES[0]) == {"source": "", "title": "['x']"}


def test_sorting_by_what_is_no_column_changes_nothing(shelf: Shelf):
    assert shelf.sort(View(), event(sort="'; DROP TABLE articles"))[0].query.sort is ArticleSort.ADDED
    assert shelf.turn(View(), event(by="99"))[0].query.offset == 0


class TestUpkeep:
    @pytest.fixture
    def upkeep(self, assistant: Assistant) -> Upkeep:
        return Upkeep(assistant)

    def test_counts_are_drawn_and_said(self, upkeep: Upkeep):
        overview, *_ = upkeep.opened()
        assert overview.count("<rect") == 3  # January, a month without, March
        assert (
            "Articles by month, 2024-01 to 2024-03; most in 2024-01: 28. 1 article without a date."
            in overview
        )
        assert re.search(r'data-source="Gazette"[^>]*><bdi>Gazette', overview)

    def test_a_feed_is_subscribed_to_fetched_and_left(self, upkeep: Upkeep, assistant: Assistant, site: Site):
        origin = f"http://127.0.0.1:{site.port}"
        site.pages["/feed"] = reply(rss((f"{origin}/one", "")), kind="application/rss+xml")
        site.pages["/one"] = reply(page("One"))
        said = last(upkeep.subscribe(event(fields={"feed": f"{origin}/feed"})))
        assert "Subscribed to “Gazette”" in said
        assert "Feeds (1)" in said
        assert "1 new" in last(upkeep.refresh())
        left = upkeep.unsubscribe(event(feed=f"{origin}/feed"))
        assert "Unsubscribed; its articles stay." in left
        assert assistant.feeds.subscriptions() == []
        assert "Give the address" in last(upkeep.subscribe(event(fields={"feed": "  "})))
        assert 'class="problem"' in last(upkeep.subscribe(event(fields={"feed": "http://[bad"})))

    def test_what_failed_is_listed_and_tried_again(
        self, upkeep: Upkeep, assistant: Assistant, tmp_path: Path
    ):
        (tmp_path / "broken.pdf").write_bytes(b"%PDF-broken")
        assistant.add(tmp_path / "broken.pdf")
        _, failed, *_ = upkeep.opened()
        assert "Not added (1)" in failed
        assert "the PDF is damaged" in failed
        (tmp_path / "broken.pdf").write_text("It is text now.")
        (tmp_path / "broken.pdf").rename(tmp_path / "broken.txt")
        assert "does not exist" in last(upkeep.retry())
        assert assistant.failures() == ()

    def test_the_trash_gives_back_and_is_emptied(self, upkeep: Upkeep, assistant: Assistant):
        first, second = (assistant.remove(article_id(f"Title 0{n}", assistant)) for n in (1, 2))
        assert "Trash (2)" in upkeep.opened()[3]
        assert "“Title 01” is back." in upkeep.back(event(article=first.id))
        assert "1 deleted for good." in upkeep.purge()
        assert assistant.removed() == []
        assert "no removed article" in upkeep.back(event(article=second.id))

    def test_a_sound_library_is_said_to_be_well_and_a_damaged_one_is_repaired(
        self, upkeep: Upkeep, assistant: Assistant
    ):
        assert "30 articles" in upkeep.opened()[4]
        assert "All is well: 30 articles and" in last(upkeep.check())
        with closing(sqlite3.connect(assistant.corpus.data_dir / CATALOG_NAME)) as db, db:
            db.execute("DELETE FROM passages WHERE start = 0 AND article_id = ?", (ARTICLES[0].id,))
        assert "1 passages are missing" in last(upkeep.check())
        assert "Repaired; 30 articles" in last(upkeep.repair())
        assert "All is well" in last(upkeep.check())


class TestReadOnly:
    @pytest.fixture(autouse=True)
    def read_only(self, assistant: Assistant) -> None:
        assistant.remove(ARTICLES[1].id)
        assistant.feeds  # noqa: B018 - opened before
        assistant.is_read_only = True

    def test_nothing_is_offered_that_changes(self, assistant: Assistant, shelf: Shelf):
        _, table, _ = shelf.opened(View())
        markup = "".join((table, *Upkeep(assistant).opened()))
        for action in ("edit", "remove", "again", "subscribe", "refresh", "retry", "back", "purge", "repair"):
            assert f'data-action="{action}"' not in markup
        assert 'data-action="check"' in markup

    def test_what_failed_is_told_to_who_may_mend_it_only(self, assistant: Assistant):
        assistant.is_read_only = False
        assistant.add(b"%PDF-broken", name="secret.pdf")
        assert "secret.pdf" in Upkeep(assistant).opened()[1]
        assistant.is_read_only = True
        assert Upkeep(assistant).opened()[1] == ""

    def test_whoever_asks_all_the_same_is_refused(self, assistant: Assistant, shelf: Shelf, site: Site):
        upkeep, here = Upkeep(assistant), ARTICLES[0].id
        site.pages["/feed"] = reply(
            rss((f"http://127.0.0.1:{site.port}/one", "")), kind="application/rss+xml"
        )
        for act in (shelf.remove, shelf.keep, shelf.reset):
            assert 'role="alert"' in act(View(), event(article=here, fields={"title": "x"}))[1]
        feed = event(fields={"feed": f"http://127.0.0.1:{site.port}/feed"})
        for said in (
            last(upkeep.subscribe(feed)),
            last(upkeep.refresh()),
            last(upkeep.retry()),
            upkeep.purge(),
        ):
            assert "can only be read" in said
        assert (site.log, assistant.feeds.subscriptions()) == ([], [])
        assert len(assistant.removed()) == 1
        assert assistant.article(here) == ARTICLES[0]


def test_many_months_are_drawn_by_year():
    months = tuple((f"{year}-06", 2) for year in range(1960, 2025))
    bars = render.timeline(months)
    assert (len(bars), bars[0], bars[-1]) == (40, ("1985", 2), ("2024", 2))
    assert render.timeline((("2024-02", 1), ("2024-04", 3))) == [
        ("2024-02", 1),
        ("2024-03", 0),
        ("2024-04", 3),
    ]
    assert render.timeline(()) == []
    assert render.overview(ArticleCounts()) == ""


@pytest.mark.parametrize(
    ("host", "is_offered"),
    [("127.0.0.1", True), ("localhost", True), ("::1", True), ("0.0.0.0", False), ("192.168.1.4", False)],
)
def test_a_folder_is_offered_only_where_no_one_else_can_reach_the_page(host: str, is_offered: bool):
    assert takes_folders(Settings(server=ServerSettings(host=host))) is is_offered


@pytest.mark.parametrize(
    ("host", "headers", "is_there"),
    [("127.0.0.1", {}, True), ("127.0.0.1", {"x-forwarded-for": "8.8.8.8"}, False), ("10.0.0.7", {}, False)],
)
def test_a_proxy_that_hands_on_is_not_the_user_of_the_machine(
    host: str, headers: dict[str, str], is_there: bool
):
    request: Any = SimpleNamespace(client=SimpleNamespace(host=host), headers=headers)
    assert is_at_server(request) is is_there


def test_a_change_lists_what_is_typed_now_from_its_first_page(shelf: Shelf):
    stale = View(ArticleQuery(limit=9, offset=9))  # of before "title 1" was typed
    view, table = shelf.relist(stale, event(fields={"text": "title  1"}))
    assert (view.query.text, view.query.offset) == ("title 1", 0)
    assert titles(table)[0] == "Title 21"


def test_a_change_leaves_the_page_that_is_shown_and_what_is_open_in_it(shelf: Shelf, assistant: Assistant):
    first = article_id("Title 00", assistant)
    shown = View(ArticleQuery(text="title", limit=9, offset=18), editing=first)
    view, _ = shelf.relist(shown, event(fields={"text": " title "}))
    assert view == shown


def test_filters_of_a_view_are_those_of_a_search():
    view = View().narrowed({"from": "2024-01-05", "source": " Herald "})
    assert view.query.filters == Filters(date(2024, 1, 5), None, ("Herald",))
    assert view.is_narrowed
