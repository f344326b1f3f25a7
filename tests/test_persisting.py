"""Chroma's index on disk: written aside without a text, never touched again, damaged ones are built anew."""

from __future__ import annotations

import logging
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from assistant.corpus import Corpus
from assistant.stores.catalog import Catalog
from assistant.stores.persisting import MANIFEST, persist, records_in_log
from assistant.stores.vectors import VectorIndex
from assistant.types import Article, Filters
from tests.contents import contents
from tests.crashing import CHUNKING, Child, Send, add, die_at, is_found, look, make_articles
from tests.fakes import WordEmbeddings, make_article, make_passage

LOG = 30  # records; the sample has more passages
SOME = make_articles(25)
ZEBRA = make_article("A zebra ran through the city of Baku.", title="Zebra")
INDEX_FILES = {"data_level0.bin", "header.bin", "index_metadata.pickle", "length.bin", "link_lists.bin"}


def opened(folder: Path, log_records: int = LOG) -> Corpus:
    return Corpus(folder, WordEmbeddings(64), CHUNKING, log_records=log_records)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("persisting") / "filled"
    corpus = opened(folder)
    corpus.add([*SOME, ZEBRA])
    corpus.close()
    return folder


@pytest.fixture
def folder(tmp_path: Path, filled: Path) -> Path:
    shutil.copytree(filled, tmp_path / "data")
    return tmp_path / "data"


@pytest.fixture
def corpus(folder: Path) -> Iterator[Corpus]:
    corpus = opened(folder)
    yield corpus
    corpus.close()


def dense(folder: Path) -> Path:
    (found,) = folder.glob("index-*/dense*")
    return found


def index_files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in dense(folder).glob("*/*")}


def assert_whole(corpus: Corpus, articles: list[Article]) -> None:
    assert all(is_found(corpus, article) for article in articles)
    assert set(corpus.articles()) == set(articles)
    assert corpus.verify().problems == ()


def test_a_long_log_becomes_index_files(folder: Path, corpus: Corpus):
    assert index_files(folder).keys() == INDEX_FILES
    assert records_in_log(dense(folder)) < LOG
    assert_whole(corpus, [*SOME, ZEBRA])


def test_no_word_of_an_article_is_in_them(folder: Path):
    stored = b"".join(path.read_bytes() for path in dense(folder).rglob("*") if path.is_file())
    assert b"Gazette" in stored  # what searches filter by is kept in clear
    assert b"zebra" not in stored.lower()


def test_what_comes_later_leaves_them_alone(folder: Path, corpus: Corpus):
    before = index_files(folder)
    lion = make_article("A lion slept in Karachi.", title="Lion")
    corpus.add([lion])
    corpus.remove(SOME[0].id)
    assert_whole(corpus, [*SOME[1:], ZEBRA, lion])
    corpus.close()
    assert index_files(folder) == before
    again = opened(folder)
    assert_whole(again, [*SOME[1:], ZEBRA, lion])
    again.close()


def test_the_log_is_written_out_again_and_again(folder: Path, corpus: Corpus):
    first = dense(folder)
    more = make_articles(45)[25:]
    corpus.add(more)
    assert dense(folder) != first
    assert_whole(corpus, [*SOME, ZEBRA, *more])


def test_another_process_goes_over_to_the_new_files(folder: Path, corpus: Corpus):
    assert is_found(corpus, ZEBRA)
    first = dense(folder)
    more = make_articles(45)[25:]
    Child(add_and_persist, folder, more).told()
    assert dense(folder) != first
    assert_whole(corpus, [*SOME, ZEBRA, *more])


def test_what_another_process_has_written_is_opened_and_not_built_anew(folder: Path, corpus: Corpus):
    assert corpus.lexical("zebra", 1, Filters())  # so that half of the old index is open
    Child(add_and_persist, folder, make_articles(45)[25:]).told()
    written = dense(folder)
    corpus.open_indexes()
    assert dense(folder) == written


@pytest.mark.parametrize("name", [*sorted(INDEX_FILES), MANIFEST])
def test_a_damaged_file_is_noticed_and_all_is_built_anew(folder: Path, name: str):
    (file,) = dense(folder).rglob(name)
    data = bytearray(file.read_bytes() or b"?")
    data[random.Random(name).randrange(len(data))] ^= 0xFF
    file.write_bytes(data)
    corpus = opened(folder, log_records=10_000)
    (problem,) = corpus.verify().problems
    assert name in problem
    assert_whole(corpus, [*SOME, ZEBRA])
    corpus.close()
    assert not list(folder.rglob(MANIFEST))


def test_a_purged_vector_is_in_no_file(folder: Path, corpus: Corpus):
    catalog = Catalog(folder / "catalog.sqlite")
    entry = catalog.entry(ZEBRA.id)
    catalog.close()
    assert entry
    gone = entry.vectors[0].tobytes()

    def holding() -> set[str]:
        return {path.name for path in folder.rglob("*") if path.is_file() and gone in path.read_bytes()}

    assert "data_level0.bin" in holding()
    corpus.remove(ZEBRA.id)
    corpus.purge(everything=True)
    assert holding() == set()
    assert_whole(corpus, SOME)


def test_what_cannot_be_written_out_stays_in_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    corpus = opened(tmp_path, log_records=1)  # which Chroma does not write out: it begins with two
    with caplog.at_level(logging.WARNING):
        corpus.add([ZEBRA])
    assert "Chroma's index is not written to disk" in caplog.text
    assert_whole(corpus, [ZEBRA])
    corpus.close()


def test_many_equal_vectors_do_not_keep_an_index_from_being_written(tmp_path: Path):
    vectors = np.random.default_rng(1).standard_normal((2100, 64), np.float32)
    vectors[100:] = vectors[100]
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    index = VectorIndex(tmp_path / "log")
    index.upsert([(make_passage(f"passage {n}"), ZEBRA) for n in range(2100)], vectors)
    persist(tmp_path / "log", tmp_path / "files")
    index.close()
    written = VectorIndex(tmp_path / "files")
    assert written.count() == 2100
    assert written.search(vectors[100], 1)[0][1] > 0.999
    written.close()


def add_and_persist(folder: Path, tell: Send, articles: list[Article]) -> None:
    corpus = opened(folder)
    tell(corpus.add(articles))
    corpus.close()


SLOW = [pytest.param(share, marks=pytest.mark.slow) for share in (0.2, 0.4, 0.6, 0.75, 0.85, 0.94)]


@pytest.mark.parametrize("share", [0.5, 0.9, 0.97, *SLOW])
@pytest.mark.timeout(600)
def test_killed_while_it_is_written_nothing_is_lost(tmp_path: Path, share: float):
    whole = tmp_path / "whole"
    steps = Child(die_at, whole, 10**9, add_and_persist, SOME).told()[-1]
    folder = tmp_path / "killed"
    child = Child(die_at, folder, int(steps * share), add_and_persist, SOME)
    child.told()
    assert child.was_killed
    Child(add, folder, SOME).told()
    state = Child(look, folder).told()[-1]
    assert state.articles == frozenset(SOME)
    assert not state.lost
    assert state.report.problems == ()
    assert contents(folder).is_whole
    assert len(list(folder.glob("index-*/dense*"))) == 1
