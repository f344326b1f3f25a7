"""Two processes with one corpus: one writes at a time, both see it all, nothing is lost."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.corpus import Corpus
from assistant.errors import CorpusBusyError
from assistant.types import Article, Filters
from tests.contents import contents
from tests.crashing import (
    CHUNKING,
    Child,
    add,
    add_one_by_one,
    build_anew,
    channel,
    done_by,
    hold_the_lock,
    make_articles,
    remove,
    repair,
)
from tests.fakes import WordEmbeddings, make_article

ZEBRA = make_article("A zebra ran through the city of Baku.", title="Zebra")
LION = make_article("A lion slept in Karachi.", title="Lion")


@pytest.fixture
def corpus(tmp_path: Path) -> Iterator[Corpus]:
    opened = Corpus(tmp_path / "data", WordEmbeddings(64), CHUNKING, wait_seconds=0.2)
    opened.add(make_articles(3))
    yield opened
    opened.close()


@pytest.fixture
def folder(corpus: Corpus) -> Path:
    return corpus.data_dir


def finds(corpus: Corpus, article: Article) -> tuple[bool, bool]:
    """Whether an article is found by (its vector, its words)."""
    words = f"{article.title}\n{article.text}"
    corpus.open_indexes()  # or the catalog would stand in for Chroma
    dense = corpus.dense(corpus.embed_query(words), 1, Filters())
    lexical = corpus.lexical(article.title, 5, Filters())
    own = {
        i for i, (_, owner) in corpus.passages([i for i, _ in [*dense, *lexical]]).items() if owner == article
    }
    return bool(own & dict(dense).keys()), bool(own & dict(lexical).keys())


class TestWhileAnotherProcessWrites:
    @pytest.fixture
    def other(self, folder: Path) -> Iterator[int]:
        until, let_go = channel()
        child = Child(hold_the_lock, folder, until)
        pid = child.hear()
        yield pid
        let_go.send("now")
        child.told()

    def test_a_write_gives_up_soon_and_names_it(self, corpus: Corpus, other: int):
        started = time.perf_counter()
        for write in (
            lambda: corpus.add([ZEBRA]),
            lambda: corpus.remove(make_articles(1)[0].id),
            corpus.verify,
        ):
            with pytest.raises(CorpusBusyError, match=f"process {other} is writing to {corpus.data_dir}"):
                write()
        assert time.perf_counter() - started < 10
        assert set(corpus.articles()) == set(make_articles(3))

    def test_searches_go_on(self, corpus: Corpus, other: int):
        article = make_articles(1)[0]
        assert corpus.lexical(article.text, 1, Filters())
        assert corpus.dense(corpus.embed_query(article.text), 1, Filters())

    def test_another_can_be_opened_and_searched(self, folder: Path, other: int):
        second = Corpus(folder, WordEmbeddings(64), CHUNKING, wait_seconds=0.2)
        assert second.count() == 3
        assert second.lexical(make_articles(1)[0].text, 1, Filters())
        second.close()


def test_the_lock_of_a_killed_process_is_free(corpus: Corpus, folder: Path):
    until, _let_go = channel()
    child = Child(hold_the_lock, folder, until)
    child.hear()
    child.kill()
    assert corpus.add([ZEBRA]).added == ("Zebra",)
    assert finds(corpus, ZEBRA) == (True, True)


class TestAnOpenCorpus:
    def test_sees_what_another_process_adds(self, corpus: Corpus, folder: Path):
        assert finds(corpus, ZEBRA) == (False, False)
        for article in (ZEBRA, LION):
            done_by(add, folder, [article])
            assert finds(corpus, article) == (True, True)
        assert corpus.verify().problems == ()

    def test_sees_what_another_process_replaces(self, corpus: Corpus, folder: Path):
        placed = dataclasses.replace(ZEBRA, root="/a", path="zebra")
        changed = dataclasses.replace(placed, text="Both zebras were caught.")
        corpus.add([placed])
        assert finds(corpus, placed) == (True, True)
        done_by(add, folder, [changed])
        assert finds(corpus, changed) == (True, True)
        assert finds(corpus, placed) == (False, False)
        assert corpus.document_frequency("citi") == (0, corpus.verify().passages)

    def test_sees_what_another_process_removes(self, corpus: Corpus, folder: Path):
        corpus.add([ZEBRA])
        done_by(remove, folder, [ZEBRA.id])
        assert finds(corpus, ZEBRA) == (False, False)
        assert corpus.verify().problems == ()

    def test_writes_into_the_indexes_that_another_process_has_built(self, corpus: Corpus, folder: Path):
        meta = next(folder.glob("index-*/lexical/meta.json"))
        meta.unlink()
        assert done_by(repair, folder).repaired
        corpus.add([ZEBRA])
        assert finds(corpus, ZEBRA) == (True, True)
        assert corpus.verify().problems == ()
        assert len(list(folder.glob("index-*"))) == 1

    def test_searches_the_indexes_that_another_process_has_built(self, corpus: Corpus, folder: Path):
        corpus.add([ZEBRA])
        done_by(build_anew, folder, CHUNKING)
        assert finds(corpus, ZEBRA) == (True, True)
        assert done_by(add, folder, [LION]).added == ("Lion",)
        assert finds(corpus, LION) == (True, True)
        assert corpus.verify().problems == ()


def test_articles_added_in_turn_are_all_there(corpus: Corpus, folder: Path):
    some = make_articles(12)
    for number in range(3, 12, 3):
        corpus.add([some[number]])
        done_by(add, folder, [some[number + 1]])
        corpus.add([some[number + 2]])
    assert corpus.verify().problems == ()
    corpus.close()
    stored = contents(folder)
    assert stored.articles == frozenset(some)
    assert stored.is_whole


@pytest.mark.timeout(120)
def test_articles_added_by_two_processes_at_once_are_all_there(corpus: Corpus, folder: Path):
    some = make_articles(23)
    children, words = [], []
    for mine in (some[3::2], some[4::2]):
        hears, speaks = channel()
        children.append(Child(add_one_by_one, folder, mine, hears))
        words.append(speaks)
    assert [child.hear() for child in children] == ["open", "open"]
    for speaks in words:
        speaks.send("go")
    assert [child.told() for child in children] == [
        [True] * 10,
        [True] * 10,
    ]  # each was found by who added it
    assert all(all(finds(corpus, article)) for article in some)  # and by who only looked on
    assert corpus.verify().problems == ()
    corpus.close()
    stored = contents(folder)
    assert stored.articles == frozenset(some)
    assert stored.is_whole
