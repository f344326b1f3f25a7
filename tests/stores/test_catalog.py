from __future__ import annotations

import dataclasses
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.errors import CorpusError
from assistant.stores.catalog import MAX_VARIABLES, SCHEMA_VERSION, Catalog, Entry
from assistant.types import Article, Filters, Passage, Section
from tests.fakes import make_article
from tests.retriever_contract import BAKU, FILTERS, QUIET, ZEBRA, ids_of, passages_of, passes
from tests.strategies import FEW, articles, texts


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    opened = Catalog(tmp_path / "catalog.sqlite")
    yield opened
    opened.close()


def entry(article: Article) -> Entry:
    passages = passages_of(article)
    seed = sum(map(ord, article.id))
    return Entry(
        article, passages, np.random.default_rng(seed).normal(size=(len(passages), 4)).astype(np.float32)
    )


def put(catalog: Catalog, *some: Article, is_ready: bool = True) -> None:
    catalog.put([entry(article) for article in some])
    if is_ready:
        catalog.finish([article.id for article in some], catalog.unfinished()[1])


def test_an_article_comes_back_as_it_was(catalog: Catalog):
    article = Article(
        "Text.\r\n“Ünïcode” 👩‍👩‍👧\u2028end",
        "Title",
        "Author",
        date(1999, 1, 31),
        "Source",
        "https://u",
        "en",
        "/r",
        "p#1",
    )
    put(catalog, article)
    assert catalog.article(article.id) == article
    found = catalog.entry(article.id)
    assert found is not None
    assert (found.article, found.passages) == (article, passages_of(article))
    np.testing.assert_array_equal(found.vectors, entry(article).vectors)
    assert found.vectors.dtype == np.float32


@FEW
@given(texts, texts, st.none() | st.dates())
def test_any_text_comes_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, text: str, title: str, day: date | None
):
    catalog = Catalog(tmp_path_factory.mktemp("catalog") / "catalog.sqlite")
    article = Article(text or ".", title, title, day, title)
    put(catalog, article)
    assert catalog.article(article.id) == article
    assert dict(catalog.passages(list(ids_of(article)))) == {p.id: (p, article) for p in passages_of(article)}
    catalog.close()


def test_a_pending_article_is_seen_by_no_search(catalog: Catalog):
    put(catalog, BAKU)
    before = catalog.generation()
    put(catalog, ZEBRA, is_ready=False)
    assert catalog.unfinished() == ([ZEBRA.id], [])
    assert catalog.article(ZEBRA.id) is None
    assert catalog.digests([ZEBRA.id, BAKU.id]) == {BAKU.id: BAKU.digest}
    assert list(catalog.articles()) == [BAKU]
    assert catalog.count() == 1
    assert catalog.ids_starting_with(ZEBRA.id[:6]) == []
    assert catalog.passages(list(ids_of(ZEBRA))) == {}
    assert catalog.passage_ids() == ids_of(BAKU)
    assert catalog.generation() == before


def test_a_pending_article_is_at_hand_for_whoever_finishes_it(catalog: Catalog):
    put(catalog, ZEBRA, is_ready=False)
    assert [found.article for found in catalog.entries()] == [ZEBRA]
    before = catalog.generation()
    catalog.finish([ZEBRA.id], [])
    assert catalog.unfinished() == ([], [])
    assert catalog.article(ZEBRA.id) == ZEBRA
    assert catalog.generation() > before


def test_the_passages_of_an_earlier_version_are_noted_as_drops(catalog: Catalog):
    old = make_article("One stays. " * 9 + "Two goes away from here. " * 4, url="https://u")
    new = dataclasses.replace(old, text="One stays. " * 9 + "Three comes. " * 9)
    put(catalog, old)
    put(catalog, new, is_ready=False)
    gone = ids_of(old) - ids_of(new)
    assert gone
    assert ids_of(old) & ids_of(new)
    assert catalog.unfinished() == ([new.id], sorted(gone))
    put(catalog, old, is_ready=False)  # and back: what was to go has to stay
    assert catalog.unfinished() == ([old.id], sorted(ids_of(new) - ids_of(old)))


def test_a_deleted_article_is_gone_at_once_and_its_passages_are_drops(catalog: Catalog):
    put(catalog, BAKU, ZEBRA)
    before = catalog.generation()
    catalog.delete([ZEBRA.id, "unknown"])
    assert catalog.generation() > before
    assert catalog.article(ZEBRA.id) is None
    assert catalog.entry(ZEBRA.id) is None
    assert catalog.passage_ids() == ids_of(BAKU)
    assert catalog.unfinished() == ([], sorted(ids_of(ZEBRA)))
    catalog.finish([], sorted(ids_of(ZEBRA)))
    assert catalog.unfinished() == ([], [])
    assert catalog.problems() == []


def test_a_batch_is_written_wholly_or_not_at_all(catalog: Catalog):
    put(catalog, BAKU)
    broken = dataclasses.replace(entry(ZEBRA), vectors=np.zeros((0, 4), np.float32))
    changed = dataclasses.replace(BAKU, source="Times")
    with pytest.raises(ValueError, match="shorter"):
        catalog.put([entry(changed), entry(QUIET), broken])
    assert [found.article for found in catalog.entries()] == [BAKU]
    assert catalog.unfinished() == ([], [])


def test_articles_come_newest_first_and_those_without_a_date_last(catalog: Catalog):
    b, a = (make_article(f"{title}.", title=title, published=date(2024, 1, 2)) for title in ("B", "A"))
    put(catalog, QUIET, b, ZEBRA, a)
    assert [article.title for article in catalog.articles()] == ["Zebra", "A", "B", "Quiet"]


def test_the_beginning_of_an_id_names_its_article(catalog: Catalog):
    put(catalog, BAKU, ZEBRA)
    assert catalog.ids_starting_with(BAKU.id[:8]) == [BAKU.id]
    assert sorted(catalog.ids_starting_with("")) == sorted([BAKU.id, ZEBRA.id])
    assert catalog.ids_starting_with("%") == []


@FEW
@given(st.lists(articles(), max_size=8), st.lists(FILTERS, min_size=1, max_size=8), st.integers(0, 3))
def test_counting_equals_counting_by_hand(
    tmp_path_factory: pytest.TempPathFactory, some: list[Article], filters: list[Filters], chosen: int
):
    by_id = {article.id: article for article in some}
    catalog = Catalog(tmp_path_factory.mktemp("catalog") / "catalog.sqlite")
    put(catalog, *by_id.values())
    for each in [*filters, Filters(article_ids=tuple(by_id)[:chosen])]:
        assert catalog.count(each) == sum(passes(article, each) for article in by_id.values())
    catalog.close()


def test_more_ids_than_one_statement_takes(catalog: Catalog):
    put(catalog, BAKU)
    many = [f"unknown {n}" for n in range(MAX_VARIABLES * 7)]
    assert catalog.digests([*many, BAKU.id]) == {BAKU.id: BAKU.digest}


def test_vectors_and_articles_of_passages(catalog: Catalog):
    put(catalog, BAKU)
    put(catalog, ZEBRA, is_ready=False)
    asked = [*ids_of(BAKU, ZEBRA), "unknown"]
    assert catalog.article_ids(asked) == dict.fromkeys(ids_of(BAKU), BAKU.id)
    expected = {
        p.id: row
        for each in (BAKU, ZEBRA)
        for p, row in zip(passages_of(each), entry(each).vectors, strict=True)
    }
    found = catalog.vectors(asked)
    assert found.keys() == expected.keys()
    for passage_id, vector in found.items():
        np.testing.assert_array_equal(vector, expected[passage_id])


def test_which_articles_came_from_a_folder(catalog: Catalog):
    here, there = make_article("Here.", root="/a", path="x"), make_article("There.", root="/b", path="x")
    put(catalog, here, there, BAKU)
    assert catalog.ids_of_root("/a") == {here.id: "x"}
    assert catalog.ids_of_root("/") == {}


def test_several_threads_may_read_and_write(catalog: Catalog):
    some = [make_article(f"Number {n}.") for n in range(24)]
    errors: list[Exception] = []

    def work(mine: list[Article]) -> None:
        try:
            for article in mine:
                put(catalog, article)
                assert catalog.article(article.id) == article
        except Exception as exc:  # noqa: BLE001
            errors.append(exc)

    threads = [threading.Thread(target=work, args=(some[n::4],)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
    assert catalog.ids() == {article.id for article in some}


def test_all_that_is_known_of_an_article_comes_back(tmp_path: Path):
    known = Article(
        "One. Two.",
        title="Counting",
        path="counting.pdf",
        modified=date(2024, 11, 14),
        sections=(Section(5, "The “second” part"),),
        pages=(0, 5),
        origins=(("title", "front matter"), ("modified", "JSON-LD")),
        original="ab" * 32,
    )
    catalog = Catalog(tmp_path / "catalog.sqlite")
    put(catalog, known)
    assert catalog.article(known.id) == known
    assert known.digest != replace(known, pages=()).digest
    catalog.close()


FIRST_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE articles (
    id TEXT PRIMARY KEY, digest TEXT NOT NULL, title TEXT NOT NULL, author TEXT NOT NULL, published TEXT,
    source TEXT NOT NULL, url TEXT NOT NULL, language TEXT NOT NULL, root TEXT NOT NULL, path TEXT NOT NULL,
    text TEXT NOT NULL, state TEXT NOT NULL CHECK (state IN ('pending', 'ready'))
);
CREATE INDEX articles_by_root ON articles (root);
CREATE INDEX articles_by_state ON articles (state) WHERE state = 'pending';
CREATE TABLE passages (
    id TEXT PRIMARY KEY, article_id TEXT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    start INTEGER NOT NULL, end INTEGER NOT NULL, header TEXT NOT NULL, vector BLOB NOT NULL
);
CREATE INDEX passages_by_article ON passages (article_id, start);
CREATE TABLE drops (passage_id TEXT PRIMARY KEY);
INSERT INTO meta VALUES ('schema_version', '1'), ('generation', '5');
"""
ITS_COPIES = """
CREATE TABLE copies (
    id TEXT PRIMARY KEY, root TEXT NOT NULL, path TEXT NOT NULL,
    article_id TEXT NOT NULL REFERENCES articles (id) ON DELETE CASCADE
);
CREATE INDEX copies_by_article ON copies (article_id);
CREATE INDEX articles_by_beginning ON articles (title, substr(text, 1, 100));
"""


@pytest.mark.parametrize("more", ["", ITS_COPIES])
def test_a_catalog_of_the_first_schema_is_brought_up_to_date(tmp_path: Path, more: str):
    path = tmp_path / "catalog.sqlite"
    old = entry(Article("An old one.", title="Old", root="/a", path="old.txt"))
    (passage,), (vector,) = old.passages, old.vectors
    with closing(sqlite3.connect(path)) as db, db:
        db.executescript(FIRST_SCHEMA + more)
        row = (
            old.article.id,
            old.article.digest,
            "Old",
            "",
            None,
            "",
            "",
            "",
            "/a",
            "old.txt",
            "An old one.",
        )
        db.execute(f"INSERT INTO articles VALUES ({'?,' * 11} 'ready')", row)
        row = (passage.id, passage.article_id, passage.start, passage.end, passage.header, vector.tobytes())
        db.execute("INSERT INTO passages VALUES (?, ?, ?, ?, ?, ?)", row)
        if more:
            db.execute("INSERT INTO copies VALUES ('c', '/b', 'old.txt', ?)", (old.article.id,))
    catalog = Catalog(path)
    assert list(catalog.articles()) == [old.article]
    assert catalog.meta() == {"schema_version": str(SCHEMA_VERSION), "generation": "5"}
    assert catalog.passages([passage.id]) == {passage.id: (passage, old.article)}
    assert catalog.twin(replace(old.article, root="/c")) == old.article
    assert catalog.copies(old.article.id) == [replace(old.article, root="/b")] * bool(more)
    newer = Article("A new one.", path="new.txt", pages=(0,))
    put(catalog, newer)
    assert catalog.article(newer.id) == newer
    changed = replace(old.article, text="A changed one.")
    put(catalog, changed)
    earlier, _ = catalog.old_version(changed, old.article.version)
    assert (earlier.title, earlier.text) == ("Old", "An old one.")
    assert catalog.problems() == []
    catalog.close()


def test_a_catalog_that_several_begin_at_once_is_begun_once(tmp_path: Path):
    errors: list[Exception] = []
    barrier = threading.Barrier(4)

    def begin() -> None:
        barrier.wait()
        try:
            Catalog(tmp_path / "catalog.sqlite").close()
        except Exception as exc:  # noqa: BLE001
            errors.append(exc)

    threads = [threading.Thread(target=begin) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []


class TestFilesThatAreNoCatalog:
    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        return tmp_path / "catalog.sqlite"

    def test_an_empty_file_becomes_one(self, path: Path):
        path.write_bytes(b"")
        opened = Catalog(path)
        assert opened.meta() == {"schema_version": str(SCHEMA_VERSION), "generation": "0"}
        opened.close()

    def test_noise_is_refused_and_left_alone(self, path: Path):
        path.write_bytes(b"\x93" * 5000)
        with pytest.raises(
            CorpusError, match=r"catalog\.sqlite: the catalog is damaged \(file is not a database\)"
        ) as caught:
            Catalog(path)
        assert "backup" in caught.value.hint
        assert path.read_bytes() == b"\x93" * 5000

    def test_another_database_is_refused(self, path: Path):
        with sqlite3.connect(path) as db:
            db.execute("CREATE TABLE other (x)")
        db.close()
        with pytest.raises(CorpusError, match="no such table: meta"):
            Catalog(path)

    def test_another_schema_version_is_refused(self, path: Path):
        opened = Catalog(path)
        opened.set_meta({"schema_version": "99"})
        opened.close()
        with pytest.raises(CorpusError, match="schema version 99; this release reads"):
            Catalog(path)

    def test_a_folder_is_refused(self, path: Path):
        path.mkdir()
        with pytest.raises(CorpusError, match="unable to open") as caught:
            Catalog(path)
        assert "data folder" in caught.value.hint


def test_a_damaged_page_is_a_problem(tmp_path: Path):
    path = tmp_path / "catalog.sqlite"
    catalog = Catalog(path)
    put(catalog, *(make_article(f"Number {n}. " * 200) for n in range(20)))
    assert catalog.problems() == []
    catalog.close()
    data = bytearray(path.read_bytes())
    data[4096 * 20 : 4096 * 24] = b"\xff" * 4096 * 4
    path.write_bytes(data)
    damaged = Catalog(path)
    with pytest.raises(CorpusError, match=r"the catalog is damaged \(.*malformed\)") as caught:
        damaged.problems()
    assert "assistant restore FILE" in caught.value.hint
    damaged.close()


def test_a_passage_without_an_article_is_a_problem(catalog: Catalog):
    put(catalog, BAKU)
    with sqlite3.connect(catalog.path) as db:
        db.execute("DELETE FROM articles")  # a connection that does not know of foreign keys
    db.close()
    assert catalog.problems() == ["catalog: passages without an article"]


class TestTakingOverTheStateOfARebuild:
    def other(self, path: Path, *some: Article, size: int) -> Catalog:
        made = Catalog(path)
        for article in some:
            passages = tuple(
                Passage(
                    article.id, at, min(at + size, len(article.text)), article.text[at : at + size], "new"
                )
                for at in range(0, len(article.text), size)
            )
            made.put([Entry(article, passages, np.ones((len(passages), 4), np.float32))])
        made.set_meta({"fingerprint": '{"embedding": "new"}', "index": "index-new"})
        made.close()
        return made

    def test_passages_fingerprint_and_index_are_replaced(self, catalog: Catalog, tmp_path: Path):
        put(catalog, BAKU)
        put(catalog, ZEBRA, is_ready=False)
        catalog.set_meta({"fingerprint": '{"embedding": "old"}', "index": "index-old"})
        before = catalog.generation()
        catalog.take_passages_from(self.other(tmp_path / "new.sqlite", BAKU, ZEBRA, size=10).path)
        assert catalog.fingerprint() == {"embedding": "new"}
        assert catalog.meta()["index"] == "index-new"
        assert catalog.generation() > before
        assert list(catalog.articles()) == [ZEBRA, BAKU]
        assert {p.header for p, _ in catalog.passages(sorted(catalog.passage_ids())).values()} == {"new"}
        assert catalog.unfinished() == ([], [])
        assert catalog.problems() == []

    def test_if_it_fails_nothing_has_changed(self, catalog: Catalog, tmp_path: Path):
        put(catalog, BAKU)
        stranger = self.other(tmp_path / "new.sqlite", ZEBRA, size=10)
        meta = catalog.meta()
        with pytest.raises(CorpusError, match="FOREIGN KEY"):
            catalog.take_passages_from(stranger.path)
        assert catalog.meta() == meta
        assert catalog.passage_ids() == ids_of(BAKU)
