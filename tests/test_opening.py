"""Chroma is opened by a thread of its own: searches do not wait for it, writes and the end do."""

from __future__ import annotations

import hashlib
import logging
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from assistant.corpus import Corpus
from assistant.types import Filters
from tests.crashing import CHUNKING, Child, channel, hold_the_lock
from tests.fakes import WordEmbeddings, make_article

LION = make_article("A lion slept in Karachi.", title="Lion")
LOG = 100_000  # records: more than there are, so that all of them are replayed
ZEBRA = make_article("A zebra ran through the city of Baku.", title="Zebra")


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus that Chroma needs about a second of a core to open, a thousand times what a search needs."""
    folder = tmp_path_factory.mktemp("opening") / "filled"
    corpus = Corpus(folder, WordEmbeddings(64), CHUNKING, batch_passages=2000, log_records=LOG)
    lines = (f"Report {n} of {hash_of(n)} says {hash_of(n + 1)} about {hash_of(n + 2)}." for n in range(4000))
    corpus.add([make_article(" ".join(lines), title="Reports"), LION])
    corpus.close()
    return folder


def hash_of(number: int) -> str:
    return hashlib.sha256(str(number).encode()).hexdigest()[:12]


@pytest.fixture
def folder(tmp_path: Path, filled: Path) -> Path:
    shutil.copytree(filled, tmp_path / "data")
    return tmp_path / "data"


@pytest.fixture
def corpus(folder: Path) -> Iterator[Corpus]:
    opened = Corpus(folder, WordEmbeddings(64), CHUNKING, wait_seconds=0.2, log_records=LOG)
    yield opened
    opened.close()


def nearest(corpus: Corpus, text: str = "Lion\nA lion slept in Karachi.") -> str:
    """The article of the passage that is nearest to a text."""
    ((passage_id, _),) = corpus.dense(corpus.embed_query(text), 1, Filters())
    return corpus.article_ids([passage_id])[passage_id]


def is_open(corpus: Corpus) -> bool:
    return not opening() and corpus.is_dense_open


def opening() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "opens Chroma"]


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_the_first_searches_do_not_wait_and_chroma_answers_later(corpus: Corpus):
    assert nearest(corpus) == LION.id
    assert not corpus.is_dense_open  # asked at once: on a busy machine it may be open after a search more
    for _ in range(3):
        assert nearest(corpus) == LION.id
        assert corpus.lexical("lion", 1, Filters())
        assert len(opening()) <= 1
    until(lambda: is_open(corpus))
    # Which ones Chroma finds depends on the graph that it has just built; that it answers does not.
    assert len(corpus.dense(corpus.embed_query("A lion slept in Karachi."), 20, Filters())) == 20


def test_a_write_waits_for_chroma_and_searches_go_on_meanwhile(corpus: Corpus):
    assert nearest(corpus) == LION.id
    writer = threading.Thread(target=lambda: corpus.add([ZEBRA]))
    writer.start()
    assert nearest(corpus) == LION.id
    assert corpus.lexical("lion", 1, Filters())
    assert corpus.article(LION.id) == LION
    assert not corpus.is_dense_open
    writer.join(60)
    assert corpus.is_dense_open
    assert nearest(corpus, "Zebra\nA zebra ran through the city of Baku.") == ZEBRA.id


def test_closing_waits_until_chroma_has_let_go(corpus: Corpus):
    assert nearest(corpus) == LION.id
    assert opening()
    corpus.close()
    assert opening() == []
    assert not corpus.is_dense_open


def test_a_damaged_index_is_built_anew_while_the_catalog_answers(
    folder: Path, corpus: Corpus, caplog: pytest.LogCaptureFixture
):
    (database,) = folder.glob("index-*/dense/chroma.sqlite3")
    database.write_bytes(b"\0" * 5000)
    assert nearest(corpus) == LION.id
    until(lambda: is_open(corpus))
    assert not database.exists()
    assert "the indexes are built anew" in caplog.text
    assert nearest(corpus) == LION.id
    assert corpus.verify().problems == ()


def test_what_cannot_be_opened_is_said_and_tried_again_later(
    folder: Path, corpus: Corpus, caplog: pytest.LogCaptureFixture
):
    (database,) = folder.glob("index-*/dense/chroma.sqlite3")
    database.write_bytes(b"\0" * 5000)
    until_now, let_go = channel()
    other = Child(hold_the_lock, folder, until_now)
    assert other.hear()
    with caplog.at_level(logging.WARNING):
        assert nearest(corpus) == LION.id
        until(lambda: not opening())
    assert "the dense index is not open" in caplog.text
    assert "is writing" in caplog.text
    assert nearest(corpus) == LION.id
    assert opening() == []  # not at each search
    let_go.send("now")
    other.told()
    corpus.add([ZEBRA])  # a write does not put up with it
    assert corpus.is_dense_open
    assert corpus.verify().problems == ()


def test_finds_the_same_before_and_after(corpus: Corpus):
    def found() -> dict[str, float]:
        hits = corpus.dense(corpus.embed_query("Lion A lion slept in Karachi."), 3, Filters())
        return {passage_id: pytest.approx(score, abs=1e-6) for passage_id, score in hits}

    before = found()
    assert not corpus.is_dense_open
    corpus.open_indexes()
    assert found() == before != {}
