from __future__ import annotations

from pathlib import Path

from benchmarks import news_words
from benchmarks.datasets import Dataset, Question
from benchmarks.vector_cache import VectorCache
from tests.fakes import WordEmbeddings, WordReader, make_article


def test_what_has_the_words_of_a_question_is_read_in_the_order_of_fusion():
    articles = (
        make_article("Ding met Sharif in Baku.", title="", path="a"),
        make_article("Rain fell on Baku.", title="", path="b"),
        make_article("Rockets flew.", title="", path="c"),
    )
    questions = (Question("1", 1, "Who met Sharif in Baku?"), Question("2", 2, "Zebras?"))
    embedder = VectorCache(WordEmbeddings(), Path(":memory:"))
    dataset = Dataset("news", articles, questions, "")
    (found,) = news_words.read(dataset, embedder, WordReader())
    assert found.question.id == "1"
    assert [reading.hit.article.path for reading in found.readings] == ["a", "b"]
    assert found.document_frequency("baku") == (2, 3)
    assert found.document_frequency("zebra") == (0, 3)
