from __future__ import annotations

import numpy as np
import pytest

from assistant import retrieval
from benchmarks import ablation
from benchmarks.ablation import Candidates
from benchmarks.exact import STOP_WORDS, LexicalPlan, LexicalSearch, nearest, product_plan, with_pairs
from tests.fakes import make_passage

NOT_BROUGHT = 10**6

# Five passages of two articles; the fourth is brought by words alone, the last by neither within depth 3.
FOUND = Candidates(
    ids=np.array([0, 1, 2, 3, 4]),
    cosine=np.array([0.8, 0.6, 0.4, 0.2, -0.1]),
    bm25=np.array([0.0, 5.0, 0.0, 10.0, 1.0]),
    dense_rank=np.array([1, 2, 3, 4, 5]),
    lexical_rank=np.array([NOT_BROUGHT, 2, NOT_BROUGHT, 1, 4]),
    article=np.array([0, 0, 1, 1, 1]),
)


def test_rrf_sums_reciprocal_ranks() -> None:
    scores = ablation.rrf(60, depth=3)(FOUND)
    assert scores == pytest.approx([0.5 / 61, 0.5 / 62 + 0.5 / 62, 0.5 / 63, 0.5 / 61, -np.inf])


def test_a_convex_combination_weighs_cosine_and_relative_bm25() -> None:
    scores = ablation.convex(0.7, depth=3)(FOUND)
    assert scores == pytest.approx([0.56, 0.42 + 0.15, 0.28, 0.14 + 0.3, -np.inf])


def test_an_unknown_cosine_counts_as_the_lowest_brought() -> None:
    scores = ablation.convex(0.7, depth=3, is_filled=False)(FOUND)
    assert scores == pytest.approx([0.56, 0.57, 0.28, 0.28 + 0.3, -np.inf])


@pytest.mark.parametrize(
    ("scale", "expected"),
    [("max", [1.0, 0.75, 0.5, 0.25]), ("min-max", [1.0, 0.5, 0.0, 0.0])],
)
def test_cosines_are_scaled_per_question(scale: str, expected: list[float]) -> None:
    scores = ablation.convex(1.0, scale=scale, depth=3)(FOUND)
    assert scores == pytest.approx([*expected, -np.inf])


def test_the_chosen_fusion_is_the_products() -> None:
    names = [str(i) for i in FOUND.ids]
    similarity = dict(zip(names, FOUND.cosine.tolist(), strict=True))
    bm25 = {name: score for name, score in zip(names, FOUND.bm25.tolist(), strict=True) if score}
    articles = dict(zip(names, map(str, FOUND.article), strict=True))
    fused = retrieval.smooth(retrieval.fuse(similarity, bm25, lexical_scale=75), articles, 0.15)
    scores = ablation.CHOSEN(FOUND)
    assert [scores[int(name)] for name, _ in fused] == pytest.approx([score for _, score in fused])
    assert [int(name) for name, _ in fused] == np.argsort(-scores, kind="stable").tolist()


def test_the_lexical_share_grows_with_the_best_score() -> None:
    assert ablation.by_strength(10, depth=3)(FOUND) == pytest.approx(ablation.convex(0.5, depth=3)(FOUND))
    assert ablation.by_strength(30, depth=3)(FOUND) == pytest.approx(ablation.convex(0.75, depth=3)(FOUND))


def test_only_the_best_passage_of_an_article_is_helped() -> None:
    fused = np.array([0.9, 0.6, 0.3, 0.3, 0.0])
    expected = [(0.9 + 0.1) / 1.2, 0.6 / 1.2, (0.3 + 0.04) / 1.2, 0.3 / 1.2, 0.0]
    assert ablation.with_article(FOUND, fused, 0.2, is_best_only=True) == pytest.approx(expected)


def test_passages_that_are_left_out_do_not_speak_for_their_article() -> None:
    fused = np.array([0.9, 0.6, 0.3, 0.3, -np.inf])
    expected = [(0.9 + 0.1) / 1.2, (0.6 + 0.1) / 1.2, (0.3 + 0.04) / 1.2, (0.3 + 0.04) / 1.2, -np.inf]
    assert ablation.with_article(FOUND, fused, 0.2) == pytest.approx(expected)


def test_neighbours_help_within_an_article_only() -> None:
    scores = ablation.with_neighbours(ablation.dense_alone, 0.5)(FOUND)
    assert scores == pytest.approx([0.8 + 0.3, 0.6 + 0.4, 0.4 + 0.1, 0.2 + 0.2, -0.1 + 0.1])


def test_lexical_search_stems_and_counts_titles() -> None:
    passages = [
        make_passage("It rained."),
        make_passage("The minister spoke.", header="Talks in Baku"),
        make_passage("Ministers met ministers."),
    ]
    search = LexicalSearch(passages, product_plan())
    numbers, scores = search.search("MINISTERS?", 10)
    assert numbers.tolist() == [2, 1]
    assert scores[0] > scores[1] > 0
    assert search.search("baku", 10)[0].tolist() == [1]
    assert search.search("met the ministers", 10)[0].tolist() == [2, 1]
    assert search.search("title:* AND ((", 10)[0].tolist() == []
    assert search.search("?!", 10)[0].tolist() == []


def test_a_pair_of_neighbours_counts_unless_both_are_stop_words() -> None:
    passages = [make_passage("Talks in Baku in May."), make_passage("Baku in talks, May in.")]

    def scores(query: str, boost: float) -> list[float]:
        search = LexicalSearch(
            passages, LexicalPlan("fold+stem", with_pairs("fold+stem", boost, common=STOP_WORDS))
        )
        numbers, found = search.search(query, 10)
        return [float(found[numbers.tolist().index(number)]) for number in range(2)]

    alone = scores("talks in", 0.0)
    assert alone[0] == alone[1]
    with_phrase = scores("talks in", 0.5)
    assert with_phrase[0] > alone[0]
    assert with_phrase[1] == alone[1]
    assert scores("in the", 0.5) == scores("in the", 0.0)
    assert scores("talks talks", 0.5) == scores("talks", 0.0)


def test_nearest_is_exact_and_in_order() -> None:
    vectors = np.eye(4, dtype=np.float32)
    query = np.array([0.1, 0.9, 0.3, 0.2], np.float32)
    numbers, cosines = nearest(vectors, query, 3)
    assert numbers.tolist() == [1, 2, 3]
    assert cosines.tolist() == pytest.approx([0.9, 0.3, 0.2])
    assert nearest(vectors, query, 9)[0].tolist() == [1, 2, 3, 0]


def test_the_report_has_even_and_odd_in_each_cell() -> None:
    measured = {"even": {"hit_1": 0.5, "n": 2}, "odd": {"hit_1": 1.0, "n": 2}, "all": {"hit_1": 0.75, "n": 4}}
    row = {"set": "wiki_qa", "articles": 2, "part": "fusion", "variant": "RRF", **measured}
    page = ablation.report({"date": "2024-11-13", "engine": "words", "rows": [row]})
    assert "## Fusion" in page
    assert "| RRF | .500 / 1.000 |" in page
