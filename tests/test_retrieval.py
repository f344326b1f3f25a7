from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.corpus import Corpus
from assistant.retrieval import beside, fuse, search, smooth
from assistant.settings import ChunkingSettings, RetrievalSettings
from assistant.types import Article, DateRange, Filters
from tests.fakes import WordEmbeddings
from tests.retriever_contract import BAKU, QUIET, ZEBRA, RetrieverContract, ids_of
from tests.strategies import PROPERTY

CHUNKING = ChunkingSettings(max_passage_chars=100)
SCALES = st.floats(0.1, 1000)
IDS = st.sampled_from("abcdefgh")
COSINES = st.dictionaries(IDS, st.floats(-1, 1))
BM25 = st.dictionaries(IDS, st.floats(0.001, 50))


class Hybrid:
    def __init__(self, folder: Path, *, is_brief: bool = False) -> None:
        self._folder, self._is_brief = folder, is_brief
        self.corpus = self._open()

    def _open(self) -> Corpus:
        return Corpus(self._folder, WordEmbeddings(), CHUNKING, is_brief=self._is_brief)

    def add(self, some: Sequence[Article]) -> None:
        self.corpus.add(some)

    def remove(self, article: Article) -> None:
        self.corpus.remove(article.id)

    def search(self, query: str, k: int, filters: Filters = Filters()) -> list[tuple[str, float]]:
        hits = search(self.corpus, query, settings=RetrievalSettings(depth=1000), top_k=k, filters=filters)
        return [(hit.passage.id, hit.score) for hit in hits]

    def reopen(self) -> None:
        self.corpus.close()
        self.corpus = self._open()

    def close(self) -> None:
        self.corpus.close()


class TestHybridSearch(RetrieverContract):
    def open(self, folder: Path) -> Hybrid:
        return Hybrid(folder)


class TestHybridSearchOfABriefCorpus(RetrieverContract):
    def open(self, folder: Path) -> Hybrid:
        return Hybrid(folder, is_brief=True)


@pytest.fixture
def corpus(tmp_path: Path) -> Iterator[Corpus]:
    opened = Corpus(tmp_path, WordEmbeddings(), CHUNKING)
    opened.add([BAKU, ZEBRA, QUIET])
    yield opened
    opened.close()


def test_a_hit_says_what_each_search_thought_of_it(corpus: Corpus):
    hits = search(corpus, "zebra")
    dense = dict(corpus.dense(corpus.embed_query("zebra"), 10, Filters()))
    lexical = dict(corpus.lexical("zebra", 10, Filters()))
    assert {hit.passage.id: hit.similarity for hit in hits} == {
        i: pytest.approx(dense[i], abs=1e-6) for i in dense
    }
    assert {hit.passage.id: hit.lexical for hit in hits} == {i: lexical.get(i) for i in dense}
    assert {hit.passage.id for hit in hits} == ids_of(BAKU, ZEBRA, QUIET)
    assert {hit.article for hit in hits} == {BAKU, ZEBRA, QUIET}


def test_every_hit_quotes_its_article(corpus: Corpus):
    for hit in search(corpus, "Ding met a zebra"):
        assert hit.passage.text == hit.article.text[hit.passage.start : hit.passage.end]
        assert hit.passage.article_id == hit.article.id


def test_as_many_hits_as_the_settings_say(corpus: Corpus):
    assert len(search(corpus, "Baku", settings=RetrievalSettings(top_k=2))) == 2
    assert len(search(corpus, "Baku", settings=RetrievalSettings(top_k=2), top_k=1)) == 1


@pytest.mark.parametrize("query", ["", "  \n", "😀", "?!", "to the", "It was in a"])
def test_a_query_without_a_word_to_search_for_finds_nothing(corpus: Corpus, query: str):
    assert search(corpus, query) == ()


def test_one_word_among_others_is_enough(corpus: Corpus):
    assert search(corpus, "😀 in the zebra")[0].article == ZEBRA


@PROPERTY
@given(COSINES, BM25, SCALES, st.randoms(use_true_random=False))
def test_fusion_ignores_the_order_of_what_it_is_given(cosines: Any, bm25: Any, scale: float, random: Any):
    shuffled = [dict(random.sample(list(each.items()), len(each))) for each in (cosines, bm25)]
    assert fuse(*shuffled, lexical_scale=scale) == fuse(cosines, bm25, lexical_scale=scale)


@PROPERTY
@given(COSINES, BM25, SCALES)
def test_fusion_gives_every_passage_once_best_first_and_within_its_range(
    cosines: Any, bm25: Any, scale: float
):
    fused = fuse(cosines, bm25, lexical_scale=scale)
    assert sorted(i for i, _ in fused) == sorted({*cosines, *bm25})
    assert [score for _, score in fused] == sorted((score for _, score in fused), reverse=True)
    assert all(0 <= score <= 1 for _, score in fused)


@PROPERTY
@given(COSINES, BM25, SCALES, IDS)
def test_a_passage_that_both_searches_like_best_is_first(
    cosines: Any, bm25: Any, scale: float, favourite: str
):
    fused = fuse(cosines | {favourite: 1.0}, bm25 | {favourite: 60.0}, lexical_scale=scale)
    assert dict(fused)[favourite] == max(score for _, score in fused)


@PROPERTY
@given(st.dictionaries(IDS, st.floats(0, 1)), st.dictionaries(IDS, st.sampled_from("xy")), st.floats(0, 2))
def test_smoothing_keeps_the_passages_and_the_range(scores: Any, articles: Any, weight: float):
    ranking = sorted(scores.items(), key=lambda item: -item[1])
    smoothed = smooth(ranking, articles, weight)
    assert sorted(i for i, _ in smoothed) == sorted(scores)
    assert [score for _, score in smoothed] == sorted((score for _, score in smoothed), reverse=True)
    assert all(0 <= score <= 1 for _, score in smoothed)
    assert smooth(ranking[::-1], articles, weight) == smoothed


@PROPERTY
@given(st.dictionaries(IDS, st.floats(0, 1)), st.floats(0, 2))
def test_smoothing_keeps_the_order_within_an_article(scores: Any, weight: float):
    ranking = sorted(scores.items(), key=lambda item: (-item[1], item[0]))
    assert smooth(ranking, {}, 0) == ranking
    smoothed = dict(smooth(ranking, dict.fromkeys(scores, "x"), weight))
    values = [smoothed[i] for i, _ in ranking]
    assert values == sorted(values, reverse=True)


def test_words_count_more_the_better_they_match_and_never_little():
    cosines, weak = {"a": 0.8, "b": 0.4}, {"b": 5.0}  # a share of 5 / 35, but never less than .22
    assert fuse(cosines, weak, lexical_scale=30.0) == [
        ("a", pytest.approx(0.624)),
        ("b", pytest.approx(0.532)),
    ]
    strong = {"b": 30.0}
    assert fuse(cosines, strong, lexical_scale=30.0) == [("b", pytest.approx(0.7)), ("a", pytest.approx(0.4))]


def test_only_the_best_passage_speaks_for_its_article():
    ranking = [("a", 0.6), ("b", 0.55), ("c", 0.5), ("d", 0.4)]
    smoothed = smooth(ranking, {"a": "x", "b": "y", "c": "y", "d": "y"}, 0.5)
    assert smoothed == [
        ("b", pytest.approx((0.55 + 0.5 * 1.45 / 3) / 1.5)),
        ("a", pytest.approx((0.6 + 0.5 * 0.6 / 3) / 1.5)),
        ("c", pytest.approx(0.5 / 1.5)),
        ("d", pytest.approx(0.4 / 1.5)),
    ]


def test_two_texts_for_the_same_count_half_each(corpus: Corpus):
    settings = RetrievalSettings(article_weight=0)
    one, other = (
        {hit.passage.id: hit.score for hit in search(corpus, text, settings=settings)}
        for text in ("zebra", "Baku")
    )
    both = search(corpus, "zebra", also="Baku", settings=settings)
    assert {hit.passage.id: hit.score for hit in both} == {
        i: pytest.approx((one[i] + other[i]) / 2) for i in one
    }
    mostly = search(corpus, "zebra", also="Baku", also_share=0.25, settings=settings)
    assert {hit.passage.id: hit.score for hit in mostly} == {
        i: pytest.approx(0.75 * one[i] + 0.25 * other[i]) for i in one
    }


@pytest.mark.parametrize("also", ["", "to the", "zebra"])
def test_a_second_text_that_says_nothing_changes_nothing(corpus: Corpus, also: str):
    assert search(corpus, "zebra", also=also) == search(corpus, "zebra")
    assert search(corpus, "zebra", earlier="to the") == search(corpus, "zebra")


def test_what_stands_beside_the_answer_to_the_question_before_is_helped():
    ranking = [("answer", 0.6), ("near", 0.58), ("far", 0.59), ("alone", 0.97)]
    earlier = [("answer", 0.8), ("near", 0.3), ("far", 0.1), ("alone", 0.5)]
    articles = {"answer": "x", "near": "x", "far": "y"}
    assert beside(ranking, earlier, articles) == [
        ("alone", pytest.approx(0.97)),
        ("near", pytest.approx(0.58 + 0.2 * (0.8 - 0.3))),
        ("answer", pytest.approx(0.6)),
        ("far", pytest.approx(0.59)),
    ]


def test_no_score_rises_above_one():
    found = beside([("a", 1.0), ("b", 0.99)], [("b", 0.9), ("c", 0.1)], {"a": "x", "b": "x"})
    assert found == [("a", 1.0), ("b", 0.99)]


def test_of_the_article_before_only_what_was_not_asked_for_is_helped(tmp_path: Path):
    opened = Corpus(tmp_path, WordEmbeddings(), CHUNKING)
    cause, effect = (
        "The harbour strike at Visby began over the wages of the crews.",
        "Ferries stood still for days.",
    )
    other = "A storm kept ferries in the bay."
    opened.add([Article(f"{cause}\n\n{effect * 2}", path="1"), Article(other, path="2")])
    settings = RetrievalSettings(article_weight=0)

    def scores(query: str, **more: str) -> dict[str, float]:
        return {hit.passage.text: hit.score for hit in search(opened, query, settings=settings, **more)}

    earlier = "Why did the harbour strike at Visby begin?"
    alone, before = scores("Where did ferries stand still?"), scores(earlier)
    after = scores("Where did ferries stand still?", earlier=earlier)
    opened.close()
    gain = 0.2 * (before[cause] - before[effect * 2])
    assert gain > 0.05
    assert after == pytest.approx({**alone, effect * 2: alone[effect * 2] + gain})


class TestNear:
    OLD = Article("The harbour strike has ended.", title="Strike", published=date(2020, 3, 2), path="old")
    NEW = Article("The harbour strike has ended.", title="Strike", published=date(2022, 3, 2), path="new")
    UNDATED = Article("The harbour strike has ended.", title="Strike", path="undated")

    @pytest.fixture
    def corpus(self, tmp_path: Path) -> Iterator[Corpus]:
        opened = Corpus(tmp_path, WordEmbeddings(), CHUNKING)
        opened.add([self.OLD, self.NEW, self.UNDATED])
        yield opened
        opened.close()

    @pytest.mark.parametrize(("year", "first"), [(2020, "old"), (2022, "new")])
    def test_articles_of_the_period_come_first_and_none_is_hidden(
        self, corpus: Corpus, year: int, first: str
    ):
        near = DateRange(date(year, 3, 1), date(year, 3, 31), "in March")
        found = [hit.article.path for hit in search(corpus, "harbour strike", near=near)]
        assert found[0] == first
        assert sorted(found) == ["new", "old", "undated"]

    def test_filters_count_all_the_same(self, corpus: Corpus):
        near = DateRange(date(2020, 3, 1), date(2020, 3, 31), "in March")
        filters = Filters(published_from=date(2021, 1, 1))
        hits = search(corpus, "harbour strike", near=near, filters=filters)
        assert [hit.article.path for hit in hits] == ["new"]
