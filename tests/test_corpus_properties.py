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


class CorpusMachine(RuleBasedStateMachine):
    """Some articles come from feeds (known by their URL), some from two folders (known by their place)."""

    @initialize(batch=st.integers(1, 4))
    def open(self, batch: int) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.batch = batch
        self.model: dict[str, Article] = {}
        self.corpus = self._open()

    def _open(self) -> Corpus:
        return Corpus(self.folder, WordEmbeddings(64), CHUNKING, batch_passages=self.batch)

    @rule(some=st.lists(articles(url=URLS), min_size=1, max_size=4))
    def add(self, some: list[Article]) -> None:
        report = self.corpus.add(some)
        assert len(report.added) + len(report.updated) + len(report.unchanged) == len(some)
        self.model |= {article.id: article for article in some}

    @rule(root=ROOTS, some=st.dictionaries(PATHS, articles(), max_size=3))
    def sync(self, root: str, some: dict[str, Article]) -> None:
        placed = [dataclasses.replace(article, root=root, path=path) for path, article in some.items()]
        kept = {article.id for article in placed}
        vanished = [a for a in self.model.values() if a.root == root and a.id not in kept]
        report = self.corpus.add(placed, root=root)
        assert sorted(report.removed) == sorted(article.title for article in vanished)
        for article in vanished:
            del self.model[article.id]
        self.model |= {article.id: article for article in placed}

    @rule(data=st.data())
    def add_again(self, data: st.DataObject) -> None:
        some = [article for article in self.model.values() if data.draw(st.booleans())]
        report = self.corpus.add(some)
        assert (len(report.unchanged), report.passages) == (len(some), 0)

    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        if self.model:
            article = self.model.pop(data.draw(st.sampled_from(sorted(self.model))))
            assert self.corpus.remove(article.id) == article

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
        owner = {passage.id: article for article in self.model.values() for passage in passages_of(article)}
        assert {article.id: article for article in self.corpus.articles()} == self.model
        assert self.corpus.count() == len(self.model)
        found = dict(self.corpus.dense(self.corpus.embed_query("ding"), 1000, Filters()))
        assert found.keys() == owner.keys()
        assert self.corpus.passages(list(owner)) == {
            passage.id: (passage, article)
            for article in self.model.values()
            for passage in passages_of(article)
        }
        for word in ("ding", "zebra"):
            with_word = {
                i for i, a in owner.items() if word in self.corpus.passages([i])[i][0].embedded_text.lower()
            }
            assert {i for i, _ in self.corpus.lexical(word, 1000, Filters())} == with_word
            assert self.corpus.document_frequency(word) == (len(with_word), len(owner))
        report = self.corpus.verify()
        assert (report.problems, report.articles, report.passages) == ((), len(self.model), len(owner))

    def teardown(self) -> None:
        if hasattr(self, "corpus"):
            self.corpus.close()
            if list(self.folder.glob("index-*")):
                stored = contents(self.folder)
                assert stored.is_whole
                assert {article.id: article for article in stored.articles} == self.model
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
    latest = list({article.id: article for article in some}.values())
    report = corpus.add(latest)
    assert (len(report.unchanged), report.added, report.updated, report.passages) == (len(latest), (), (), 0)
    assert set(corpus.articles()) == once
    corpus.close()
    shutil.rmtree(folder)
