"""What every search over passages promises: the dense one, the lexical one and both together."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Protocol

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.chunking import split
from assistant.types import Article, Filters, Passage
from tests.fakes import make_article
from tests.strategies import FEW, articles, sentences

Ranking = list[tuple[str, float]]

DAYS = st.dates(date(2023, 12, 31), date(2024, 1, 10))
PERIODS = (
    st.tuples(DAYS, DAYS).map(sorted) | st.tuples(st.none() | DAYS, st.none()) | st.tuples(st.none(), DAYS)
)
SOURCES = st.lists(st.sampled_from(["", "Gazette", "Herald", "Nobody"]), max_size=2).map(tuple)
FILTERS = st.builds(lambda period, sources: Filters(*period, sources), PERIODS, SOURCES)


class Retriever(Protocol):
    """A search with its store."""

    def add(self, some: Sequence[Article]) -> None: ...

    def remove(self, article: Article) -> None: ...

    def search(self, query: str, k: int, filters: Filters = Filters()) -> Ranking: ...

    def reopen(self) -> None: ...

    def close(self) -> None: ...


def passages_of(article: Article) -> tuple[Passage, ...]:
    return split(article, max_passage_chars=100)


def ids_of(*some: Article) -> set[str]:
    return {passage.id for article in some for passage in passages_of(article)}


def passes(article: Article, filters: Filters) -> bool:
    """The filters by their definition."""
    after, before, day = filters.published_from, filters.published_to, article.published
    return (
        (after is None or (day is not None and day >= after))
        and (before is None or (day is not None and day <= before))
        and (not filters.sources or article.source in filters.sources)
        and (not filters.article_ids or article.id in filters.article_ids)
    )


BAKU = make_article("Ding met Sharif in Baku.", title="Talks", published=date(2024, 1, 2), source="Gazette")
ZEBRA = make_article("A zebra ran through Baku.", title="Zebra", published=date(2024, 1, 5), source="Herald")
QUIET = make_article("Nothing happened in Baku.", title="Quiet", published=None, source="")


class RetrieverContract:
    """Inherited by the tests of each search, which say how it is opened."""

    @pytest.fixture
    def retriever(self, tmp_path: Path) -> Iterator[Retriever]:
        opened = self.open(tmp_path)
        yield opened
        opened.close()

    def open(self, folder: Path) -> Retriever:
        raise NotImplementedError

    def test_nothing_is_found_where_nothing_is(self, retriever: Retriever):
        assert retriever.search("baku", 5) == []

    def test_the_passage_that_shares_most_words_comes_first(self, retriever: Retriever):
        retriever.add([BAKU, ZEBRA, QUIET])
        for article in (BAKU, ZEBRA, QUIET):
            assert retriever.search(article.text, 3)[0][0] in ids_of(article)

    def test_hits_come_best_first_each_once_and_no_more_than_asked_for(self, retriever: Retriever):
        many = [make_article(f"Baku {'summit ' * (n % 7)}number {n}.", title="") for n in range(30)]
        retriever.add(many)
        for k in (1, 7, 30, 100):
            found = retriever.search("summit in Baku", k)
            assert len(found) == min(k, 30)
            assert len({passage_id for passage_id, _ in found}) == len(found)
            assert [score for _, score in found] == sorted((score for _, score in found), reverse=True)

    def test_adding_again_changes_nothing(self, retriever: Retriever):
        retriever.add([BAKU, ZEBRA])
        before = retriever.search("Ding in Baku", 5)
        retriever.add([BAKU, ZEBRA])
        assert retriever.search("Ding in Baku", 5) == [
            (i, pytest.approx(score, abs=1e-6)) for i, score in before
        ]

    def test_what_is_removed_is_found_no_more(self, retriever: Retriever):
        retriever.add([BAKU, ZEBRA, QUIET])
        retriever.remove(ZEBRA)
        assert {passage_id for passage_id, _ in retriever.search("zebra in Baku", 5)} == ids_of(BAKU, QUIET)

    def test_what_was_added_is_found_after_reopening(self, retriever: Retriever):
        retriever.add([BAKU])
        retriever.add([ZEBRA, QUIET])
        retriever.remove(QUIET)
        before = retriever.search("zebra in Baku", 5)
        retriever.reopen()
        assert retriever.search("zebra in Baku", 5) == [
            (i, pytest.approx(score, abs=1e-6)) for i, score in before
        ]

    def test_a_changed_date_or_source_counts_at_once(self, retriever: Retriever):
        retriever.add([BAKU, ZEBRA])
        retriever.add([dataclasses.replace(BAKU, published=date(2025, 5, 5), source="Times")])
        found = [
            retriever.search("Baku", 5, each)
            for each in (Filters(date(2025, 1, 1)), Filters(sources=("Times",)))
        ]
        assert [{passage_id for passage_id, _ in ranking} for ranking in found] == [ids_of(BAKU)] * 2
        assert retriever.search("Baku", 5, Filters(sources=("Gazette",))) == []

    @pytest.mark.parametrize(
        ("filters", "expected"),
        [
            (Filters(published_from=date(2024, 1, 2)), (BAKU, ZEBRA)),
            (Filters(published_from=date(2024, 1, 3)), (ZEBRA,)),
            (Filters(published_to=date(2024, 1, 5)), (BAKU, ZEBRA)),
            (Filters(published_to=date(2024, 1, 4)), (BAKU,)),
            (Filters(date(2024, 1, 2), date(2024, 1, 2)), (BAKU,)),
            (Filters(date.min, date.max), (BAKU, ZEBRA)),
            (Filters(sources=("Gazette",)), (BAKU,)),
            (Filters(sources=("",)), (QUIET,)),
            (Filters(sources=("Gazette", "Herald")), (BAKU, ZEBRA)),
            (Filters(sources=("Gazett",)), ()),
            (Filters(article_ids=(QUIET.id, BAKU.id)), (BAKU, QUIET)),
            (Filters(article_ids=("unknown",)), ()),
            (Filters(date(2024, 1, 1), sources=("Herald",), article_ids=(ZEBRA.id,)), (ZEBRA,)),
        ],
    )
    def test_filters(self, retriever: Retriever, filters: Filters, expected: tuple[Article, ...]):
        retriever.add([BAKU, ZEBRA, QUIET])
        assert {passage_id for passage_id, _ in retriever.search("Baku", 9, filters)} == ids_of(*expected)

    @FEW
    @given(
        st.lists(articles(), min_size=1, max_size=12), st.lists(FILTERS, min_size=1, max_size=6), sentences
    )
    def test_filters_equal_filtering_by_hand(
        self,
        tmp_path_factory: pytest.TempPathFactory,
        some: list[Article],
        filters: list[Filters],
        query: str,
    ):
        retriever = self.open(tmp_path_factory.mktemp("filters"))
        by_id = {article.id: article for article in some}
        owner = {passage.id: article for article in by_id.values() for passage in passages_of(article)}
        retriever.add(list(by_id.values()))
        everything = retriever.search(query, 1000)
        for each in filters:
            found = dict(retriever.search(query, 1000, each))
            assert found.keys() == {i for i, _ in everything if passes(owner[i], each)}
        retriever.close()

    @pytest.mark.parametrize(
        "query",
        [
            "",
            " ",
            "?!",
            "AND OR NOT",
            'body:"baku" -ding +x^2 {[(',
            "*",
            "\x00",
            "z" * 70,
            "北京",
            "baku " * 5000,
        ],
    )
    def test_any_text_can_be_searched_for(self, retriever: Retriever, query: str):
        retriever.add([BAKU, ZEBRA])
        found = retriever.search(query, 5)
        assert {passage_id for passage_id, _ in found} <= ids_of(BAKU, ZEBRA)
