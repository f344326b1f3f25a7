"""The list of articles, a page at a time, against all of them sorted and narrowed in Python."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from assistant.listing import ArticleQuery, ArticleSort, fold
from assistant.stores.catalog import Catalog, Entry
from assistant.types import Article, Filters, Passage

SOURCES = ("Gazette", "gazette", "Herald", "", "Zürcher Post")
DAYS = (None, date(2023, 5, 1), date(2024, 2, 29), date(2024, 2, 3))


def story(n: int) -> Article:
    """One of many articles, each another; some without title, publisher or date."""
    title = f"Émile meets No. {n * 7 % 40}" if n % 5 else ""
    return Article(
        f"Text {n} of a story.", title, f"Author {n % 3}", DAYS[n % 4], SOURCES[n % 5], path=f"f{n:03}.txt"
    )


STORIES = [story(n) for n in range(40)]


def entry(article: Article) -> Entry:
    passage = Passage(article.id, 0, len(article.text), article.text)
    return Entry(article, (passage,), np.ones((1, 4), np.float32))


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    opened = Catalog(tmp_path / "catalog.sqlite")
    put(opened, *STORIES)
    yield opened
    opened.close()


def put(catalog: Catalog, *articles: Article) -> None:
    catalog.put([entry(article) for article in articles])
    catalog.finish([article.id for article in articles], [])


def names(catalog: Catalog, **query: object) -> list[str]:
    found = catalog.list_articles(ArticleQuery(**{"limit": 1000} | query))  # type: ignore[arg-type]
    assert found.total == len(found.articles)
    return [article.name for article in found.articles]


KEYS = {
    ArticleSort.PUBLISHED: lambda a: a.published.isoformat() if a.published else "",
    ArticleSort.TITLE: lambda a: fold(a.name),
    ArticleSort.SOURCE: lambda a: a.source.casefold(),
    ArticleSort.ADDED: lambda a: "",  # all of one second: they come in their order
}


@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("sort", list(ArticleSort))
def test_a_list_is_sorted_and_what_is_alike_in_it_comes_as_it_was_added(
    catalog: Catalog, sort: ArticleSort, descending: bool
):
    with closing(sqlite3.connect(catalog.path)) as db, db:
        db.execute("UPDATE listed SET added = '2026-01-01T00:00:00Z'")
    order = sorted(enumerate(STORIES), key=lambda pair: (KEYS[sort](pair[1]), pair[0]), reverse=descending)
    assert names(catalog, sort=sort, descending=descending) == [article.name for _, article in order]


@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("sort", list(ArticleSort))
def test_pages_together_are_the_whole_list(catalog: Catalog, sort: ArticleSort, descending: bool):
    whole = names(catalog, sort=sort, descending=descending)
    by_cursor, after = [], ""
    while True:
        page = catalog.list_articles(ArticleQuery(sort=sort, descending=descending, limit=7, after=after))
        assert page.total == 40
        by_cursor += [article.name for article in page.articles]
        after = page.next
        if not after:
            break
    by_offset = [
        catalog.list_articles(ArticleQuery(sort=sort, descending=descending, limit=7, offset=n)).articles
        for n in range(0, 40, 7)
    ]
    assert by_cursor == whole
    assert [article.name for page in by_offset for article in page] == whole


def test_a_cursor_goes_on_where_it_was_though_articles_come_and_go(catalog: Catalog):
    query = ArticleQuery(sort=ArticleSort.TITLE, descending=False, limit=10)
    first = catalog.list_articles(query)
    rest = names(catalog, sort=ArticleSort.TITLE, descending=False)[10:]
    catalog.delete([article.id for article in first.articles[:5]])
    put(catalog, Article("New.", "0 is before all others", path="new.txt"))
    following = catalog.list_articles(
        ArticleQuery(sort=ArticleSort.TITLE, descending=False, limit=10, after=first.next)
    )
    assert [article.name for article in following.articles] == rest[:10]


@pytest.mark.parametrize(
    ("text", "passes"),
    [
        ("emile", lambda a: "Émile" in a.title),
        ("  ÉMILE   gazette ", lambda a: "Émile" in a.title and a.source.casefold() == "gazette"),
        ("author zurcher", lambda a: a.source == "Zürcher Post"),
        ("f035", lambda a: a.path == "f035.txt"),
        ("100%", lambda a: False),
        ("' OR 1=1 --", lambda a: False),
    ],
)
def test_words_are_sought_in_title_author_and_source(catalog: Catalog, text: str, passes):
    expected = sorted(article.name for article in STORIES if passes(article))
    assert sorted(names(catalog, text=text)) == expected


@pytest.mark.parametrize(
    ("filters", "passes"),
    [
        (Filters(sources=("GAZETTE",)), lambda a: a.source.casefold() == "gazette"),
        (Filters(published_from=date(2024, 2, 3)), lambda a: a.published and a.published >= date(2024, 2, 3)),
        (Filters(published_to=date(2024, 2, 3)), lambda a: a.published and a.published <= date(2024, 2, 3)),
        (Filters(article_ids=(STORIES[3].id, STORIES[9].id)), lambda a: a in (STORIES[3], STORIES[9])),
    ],
)
def test_a_list_is_narrowed_like_a_search(catalog: Catalog, filters: Filters, passes):
    assert sorted(names(catalog, filters=filters)) == sorted(a.name for a in STORIES if passes(a))


def test_only_what_is_ready_is_listed(catalog: Catalog):
    catalog.put([entry(Article("Half in.", "Half", path="half.txt"))])
    assert "Half" not in names(catalog)
    assert catalog.count_articles(ArticleQuery()).total == 40


def test_an_article_that_changes_keeps_its_place_and_when_it_was_added(catalog: Catalog):
    with closing(sqlite3.connect(catalog.path)) as db, db:
        db.execute("UPDATE listed SET added = '2020-01-01T00:00:00Z' WHERE article_id = ?", (STORIES[7].id,))
    changed = Article("Text 7, changed.", "Another title", path="f007.txt")
    put(catalog, changed)
    (found,) = catalog.list_articles(ArticleQuery(text="another")).articles
    assert (found.id, found.added) == (STORIES[7].id, "2020-01-01T00:00:00Z")
    assert names(catalog, sort=ArticleSort.ADDED, descending=False)[0] == "Another title"


def test_what_comes_back_from_the_trash_was_added_when_it_first_came(catalog: Catalog):
    with closing(sqlite3.connect(catalog.path)) as db, db:
        db.execute("UPDATE listed SET added = '2020-01-01T00:00:00Z' WHERE article_id = ?", (STORIES[7].id,))
    catalog.delete([STORIES[7].id], removed=1.0)
    assert len(names(catalog)) == 39
    put(catalog, STORIES[7])
    assert catalog.list_articles(ArticleQuery(sort=ArticleSort.ADDED, descending=False)).articles[0].id == (
        STORIES[7].id
    )


def test_what_is_listed_of_an_article(catalog: Catalog):
    (found,) = catalog.list_articles(ArticleQuery(text="f035")).articles
    assert (found.id, found.name, found.author, found.source) == (
        STORIES[35].id,
        "f035.txt",
        "Author 2",
        "Gazette",
    )
    assert (found.published, found.passages, found.copies, found.places) == (date(2024, 2, 3), 1, 0, 0)
    assert found.added.startswith("20")
    assert found.added.endswith("Z")


class TestNearCopies:
    @pytest.fixture
    def groups(self, catalog: Catalog) -> list[Article]:
        """Five articles of one story, of two publishers, among the others."""
        catalog.join_kin(STORIES[20].id, b"s", [1], [])
        (number,) = {number for number, _, _ in catalog.sharing([1])}
        for n in (3, 4, 21, 22):
            catalog.join_kin(STORIES[n].id, b"s", [1], [number])
        for n in (5, 6):
            catalog.join_kin(STORIES[n].id, b"t", [n], [])
        return [STORIES[n] for n in (20, 3, 4, 21, 22)]

    def test_one_of_each_is_listed_with_the_number_of_the_others(
        self, catalog: Catalog, groups: list[Article]
    ):
        page = catalog.list_articles(ArticleQuery(one_of_each=True, limit=100))
        assert page.total == len(page.articles) == 36
        (shown,) = [article for article in page.articles if article.id in {a.id for a in groups}]
        assert (shown.id, shown.copies) == (STORIES[3].id, 4)  # it was added first
        assert {article.copies for article in page.articles} == {0, 4}

    def test_of_those_that_pass_the_filters_one_is_listed(self, catalog: Catalog, groups: list[Article]):
        zurich = Filters(sources=("Zürcher Post",))  # 4 of the five, and not the first
        found = catalog.list_articles(ArticleQuery(filters=zurich, one_of_each=True)).articles
        assert [a.id for a in found if a.id in {a.id for a in groups}] == [STORIES[4].id]

    @pytest.mark.parametrize("few", [0, 1000])
    def test_so_is_one_of_those_that_hold_the_words(self, catalog: Catalog, groups: list[Article], few: int):
        page = catalog.list_articles(ArticleQuery(text="emile", one_of_each=True, limit=100), few=few)
        shown = [a for a in page.articles if a.id in {a.id for a in groups}]
        assert [a.id for a in shown] == [STORIES[3].id]  # the first has no title
        assert page.total == len(page.articles) == 32 - 3

    def test_a_copy_whose_group_has_gone_is_listed(self, catalog: Catalog, groups: list[Article]):
        catalog.delete([article.id for article in groups[:-1]])
        page = catalog.list_articles(ArticleQuery(one_of_each=True, limit=100))
        assert page.total == len(page.articles) == 36
        assert {article.copies for article in page.articles} == {0}

    def test_the_copies_of_one_are_listed(self, catalog: Catalog, groups: list[Article]):
        found = catalog.list_articles(ArticleQuery(copies_of=STORIES[4].id)).articles
        assert {article.id for article in found} == {article.id for article in groups}


def test_the_counts_by_publisher_and_month(catalog: Catalog):
    counts = catalog.count_articles(ArticleQuery())
    assert counts.sources == (("Gazette", 16), ("Herald", 8), ("Zürcher Post", 8))
    assert counts.months == (("2023-05", 10), ("2024-02", 20))
    assert (counts.undated, counts.total) == (10, 40)
    narrowed = catalog.count_articles(ArticleQuery(text="emile", filters=Filters(sources=("herald",))))
    assert narrowed.sources == (("Herald", 8),)
    months = Counter(
        a.published.isoformat()[:7] if a.published else "" for a in STORIES if a.source == "Herald"
    )
    assert dict(narrowed.months) == {month: n for month, n in months.items() if month}
    assert catalog.count_articles(ArticleQuery(), most_sources=1).sources == (("Gazette", 16),)


def test_a_catalog_of_the_second_schema_is_listed_as_it_opens(tmp_path: Path):
    path = tmp_path / "catalog.sqlite"
    opened = Catalog(path)
    put(opened, *STORIES)
    opened.join_kin(STORIES[1].id, b"s", [1], [])
    opened.join_kin(STORIES[2].id, b"s", [1], [1])
    expected = opened.list_articles(ArticleQuery(limit=100, sort=ArticleSort.TITLE)).articles
    opened.close()
    with closing(sqlite3.connect(path)) as db, db:
        db.executescript(
            "DROP TABLE listed; UPDATE meta SET value = '2' WHERE key = 'schema_version';"
            "ALTER TABLE trash DROP COLUMN added"
        )
    opened = Catalog(path)
    found = opened.list_articles(ArticleQuery(limit=100, sort=ArticleSort.TITLE)).articles
    assert [article.name for article in found] == [article.name for article in expected]
    assert {article.added for article in found} == {""}  # nobody wrote it down
    assert len(names(opened, text="émile zürcher")) == 8
    assert opened.list_articles(ArticleQuery(one_of_each=True)).total == 39
    opened.delete([STORIES[0].id], removed=1.0)
    put(opened, Article("New.", "New", path="new.txt"))
    assert names(opened, sort=ArticleSort.ADDED)[0] == "New"
    opened.close()


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ({"limit": 0}, "limit must be from 1 to 1000"),
        ({"limit": 1001}, "limit must be from 1 to 1000"),
        ({"offset": -1}, "offset must be 0 or more"),
        ({"after": "nonsense"}, "after is not what an earlier page gave"),
        (
            {"after": ArticleQuery(sort=ArticleSort.TITLE).cursor("a", 1)},
            "after is of a list in another order",
        ),
        ({"after": "WzFd"}, "after is not what an earlier page gave"),
    ],
)
def test_a_query_that_cannot_be_meant_is_refused(query: dict, problem: str):
    with pytest.raises(ValueError, match=problem):
        ArticleQuery(**query)


def test_a_page_is_read_in_the_order_of_an_index(catalog: Catalog):
    """Not all articles are sorted for each page: at 100,000 that would be seen."""
    for column in ("published", "added", "name", "source"):
        with closing(sqlite3.connect(catalog.path)) as db:
            plan = db.execute(
                f"EXPLAIN QUERY PLAN SELECT 1 FROM listed l ORDER BY l.{column} DESC, l.number DESC LIMIT 5"
            ).fetchall()
        assert "TEMP B-TREE" not in str(plan)


def test_folding_keeps_order_and_leaves_no_accent():
    assert fold("  Ünïcode\n ÉTÉ ") == "unicode ete"
    assert fold("x" * 10_000) == "x" * 400
    assert all(one <= other for one, other in pairwise(sorted(fold(a.name) for a in STORIES)))
