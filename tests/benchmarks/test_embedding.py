from __future__ import annotations

from benchmarks.embedding import ORIGINAL, measure
from tests.fakes import WordEmbeddings


def test_every_engine_is_compared_with_the_original():
    engines = {ORIGINAL: WordEmbeddings(), "same": WordEmbeddings(), "other": WordEmbeddings()}
    measured = measure(engines, ["They met in Baku.", "It rained."], ["Who met?"], rounds=1)
    assert list(measured) == [ORIGINAL, "same", "other"]
    assert (measured[ORIGINAL]["texts_ratio"], measured[ORIGINAL]["query_ratio"]) == (1, 1)
    assert [row["cosine_min"] for row in measured.values()] == [1, 1, 1]
    assert all(row["texts_per_s"] > 0 for row in measured.values())


class Reversed(WordEmbeddings):
    """Points away from where the words point."""

    def embed_passages(self, texts):
        return -super().embed_passages(texts)


def test_a_vector_that_points_away_counts_as_such():
    measured = measure({ORIGINAL: WordEmbeddings(), "bad": Reversed()}, ["Baku"], ["Baku?"], rounds=1)
    assert measured["bad"]["cosine_mean"] == -1
