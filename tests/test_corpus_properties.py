"""The corpus against a dictionary: whatever is added, replaced and removed, all three stores agree."""

from __future__ import annotations

import dataclasses
import shutil
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from assistant.corpus import Corpus
from assistant.settings import ChunkingSettings
from assistant.types import Article, Filters
from tests.contents import contents
from tests.fakes import WordEmbeddings
from tests.retriever_contract import passages_of
from tests.strategies import FEW, articles

CHUNKING = ChunkingSettings(max_passage_chars=100)
URLS = st.sampled_from([f"https://e.org/{n}" for n in range(5)])
ROOTS = st.sampled_from(["/a", "/b"])
PATHS = st.sampled_from(["x", "y", "z"])


def content(article: Article) -> Article:
    """An article without its place."""
    return dataclasses.replace(article, root="", path="")


class CorpusMachine(RuleBasedStateMachine):
    """Some articles come from feeds (known by their URL), some from two folders (known by their place).

    The model says what each feed and folder holds; articles that are equal in both folders may be in once.
    """

    @initialize(batch=st.integers(1, 4))
    def open(self, batch: int) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.batch = batch
        self.feeds: dict[str, Article] = {}
        self.folders: dict[str, dict[str, Article]] = {"/a": {}, "/b": {}}
        self.corpus = self._open()

    def _open(self) -> Corpus:
        return Corpus(self.folder, WordEmbeddings(64), CHUNKING, batch_passages=self.batch)

    @rule(some=st.lists(articles(url=URLS), min_size=1, max_size=4))
    def add(self, some: list[Article]) -> None:
        first: dict[str, Article] = {}
        for article in some:
            first.setdefault(article.id, article)
        clashes = sum(article != first[article.id] for article in some)
        report = self.corpus.add(some)
        assert len(report.added) + len(report.updated) + len(report.unchanged) == len(some) - clashes
        assert len(report.failed) == clashes
        self.feeds |= first

    @rule(root=ROOTS, some=st.dictionaries(PATHS, articles(), max_size=3))
    def sync(self, root: str, some: dict[str, Article]) -> None:
        self._sync(root, some)

    @rule(root=ROOTS)
    def copy(self, root: str) -> None:
        """Sync a folder that now holds just what the other one does."""
        (other,) = self.folders.keys() - {root}
        self._sync(root, {article.path: article for article in self.folders[other].values()})

    def _sync(self, root: str, some: dict[str, Article]) -> None:
        placed = [dataclasses.replace(article, root=root, path=path) for path, article in some.items()]
        kept = {article.id for article in placed}
        vanished = [a for a in self.stored().values() if a.root == root and a.id not in kept]
        report = self.corpus.add(placed, root=root)
        assert sorted(report.removed) == sorted(article.title for article in vanished)
        self.folders[root] = {article.id: article for article in placed}

    def stored(self) -> dict[str, Article]:
        return {article.id: article for article in self.corpus.articles()}

    @rule(data=st.data())
    def add_again(self, data: st.DataObject) -> None:
        some = [article for article in self.stored().values() if data.draw(st.booleans())]
        report = self.corpus.add(some)
        assert (len(report.unchanged), report.passages) == (len(some), 0)

    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        if stored := self.stored():
            article = stored.pop(data.draw(st.sampled_from(sorted(stored))))
            assert self.corpus.remove(article.id) == article
            for place in (self.feeds, *self.folders.values()):  # it goes with the copies that it stood for
                for other in [a for a in place.values() if content(a) == content(article)]:
                    if other.id not in stored:
                        del place[other.id]

    @rule()
    def reopen(self) -> None:
        self.corpus.close()
        self.corpus = self._open()

    @rule()
    def lose_the_indexes(self) -> None:
        self.corpus.close()
        for folder in self.folder.glob("index-*"):
            shutil.rmtree(folder)
        self.corpus = self._open()

    @invariant()
    def agrees_with_the_model(self) -> None:
        stored = self.stored()
        live = self.feeds | self.folders["/a"] | self.folders["/b"]
        assert stored.items() <= live.items()
        assert set(map(content, stored.values())) == set(map(content, live.values()))
        owner = {passage.id: article for article in stored.values() for passage in passages_of(article)}
        assert self.corpus.count() == len(stored)
        found = dict(self.corpus.dense(self.corpus.embed_query("ding"), 1000, Filters()))
        assert found.keys() == owner.keys()
        assert self.corpus.passages(list(owner)) == {
            passage.id: (passage, article) for article in stored.values() for passage in passages_of(article)
        }
        for word in ("ding", "zebra"):
            with_word = {
                i for i, a in owner.items() if word in self.corpus.passages([i])[i][0].embedded_text.lower()
            }
            assert {i for i, _ in self.corpus.lexical(word, 1000, Filters())} == with_word
            assert self.corpus.document_frequency(word) == (len(with_word), len(owner))
        report = self.corpus.verify()
        assert (report.problems, report.articles, report.passages) == ((), len(stored), len(owner))

    def teardown(self) -> None:
        if hasattr(self, "corpus"):
            articles = frozenset(self.corpus.articles())
            self.corpus.close()
            if list(self.folder.glob("index-*")):
                stored = contents(self.folder)
                assert stored.is_whole
                assert stored.articles == articles
                assert len(list(self.folder.glob("index-*"))) == 1
            shutil.rmtree(self.folder)


TestCorpusMachine = CorpusMachine.TestCase
TestCorpusMachine.settings = settings(FEW, max_examples=12, stateful_step_count=12)


@settings(FEW, max_examples=10)
@given(st.lists(articles(url=URLS), max_size=6))
def test_adding_twice_is_adding_once(some: list[Article]):
    folder = Path(tempfile.mkdtemp())
    corpus = Corpus(folder, WordEmbeddings(64), CHUNKING)
    corpus.add(some)
    once = set(corpus.articles())
    report = corpus.add(once)
    assert (len(report.unchanged), report.added, report.updated, report.passages) == (len(once), (), (), 0)
    assert set(corpus.articles()) == once
    corpus.close()
    shutil.rmtree(folder)
