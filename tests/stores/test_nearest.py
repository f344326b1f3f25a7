"""The catalog's own search by vector: every passage is compared, and only what is ready is found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from assistant.stores.catalog import SCANNED_ROWS, Catalog, Entry
from assistant.types import Article, Filters
from tests.fakes import WordEmbeddings, make_article, make_passage
from tests.retriever_contract import BAKU, QUIET, ZEBRA, RetrieverContract, ids_of, passages_of
from tests.stores.test_vectors import unit_vectors


class Scan:
    """A catalog with an embedder, searched by vector."""

    def __init__(self, folder: Path) -> None:
        self._path, self._embedder = folder / "catalog.sqlite", WordEmbeddings()
        self.catalog = Catalog(self._path)

    def put(self, some: Sequence[Article]) -> None:
        self.catalog.put([self._entry(article) for article in some])

    def add(self, some: Sequence[Article]) -> None:
        self.put(some)
        self.catalog.finish(*self.catalog.unfinished())

    def remove(self, article: Article) -> None:
        self.catalog.delete([article.id])

    def search(self, query: str, k: int, filters: Filters = Filters()) -> list[tuple[str, float]]:
        return self.catalog.nearest(self._embedder.embed_query(query), k, filters)

    def reopen(self) -> None:
        self.catalog.close()
        self.catalog = Catalog(self._path)

    def close(self) -> None:
        self.catalog.close()

    def _entry(self, article: Article) -> Entry:
        passages = passages_of(article)
        vectors = self._embedder.embed_passages([passage.embedded_text for passage in passages])
        return Entry(article, passages, vectors)


class TestSearchByComparingAll(RetrieverContract):
    def open(self, folder: Path) -> Scan:
        return Scan(folder)


@pytest.fixture
def scan(tmp_path: Path) -> Iterator[Scan]:
    opened = Scan(tmp_path)
    yield opened
    opened.close()


def test_what_is_pending_is_not_found(scan: Scan):
    scan.add([BAKU])
    scan.put([ZEBRA, QUIET])
    assert {i for i, _ in scan.search("zebra in Baku", 9)} == ids_of(BAKU)


@pytest.mark.parametrize("count", [1, SCANNED_ROWS - 1, SCANNED_ROWS, 3 * SCANNED_ROWS + 7])
def test_it_equals_brute_force_cosine_however_many_there_are(scan: Scan, count: int):
    vectors, queries = unit_vectors(count, 16, seed=count), unit_vectors(5, 16, seed=0)
    article = make_article("x" * 10 * count)
    passages = tuple(make_passage(f"{n:09} ", article_id=article.id, start=10 * n) for n in range(count))
    scan.catalog.put([Entry(article, passages, vectors)])
    scan.catalog.finish(*scan.catalog.unfinished())
    for query in queries:
        cosine = vectors @ query
        best = np.argsort(-cosine)[:20]
        expected = [(passages[n].id, pytest.approx(float(cosine[n]), abs=1e-6)) for n in best]
        assert scan.catalog.nearest(query, 20) == expected
