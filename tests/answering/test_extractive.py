from __future__ import annotations

import dataclasses
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answering.candidates import FEATURES, MIN_SENTENCE_CHARS, Candidate, candidates
from assistant.answering.extractive import MAX_REPETITION, SHORTLIST, select
from assistant.chunking import sentences, split
from assistant.types import Article, Hit
from tests.fakes import WordEmbeddings, WordReader, make_article
from tests.strategies import PROPERTY, articles

EMBEDDER = WordEmbeddings()
QUESTIONS = st.sampled_from(
    [
        "Who met in Baku?",
        "When did the summit open?",
        "Why zebra rocket?",
        "Name all ballots",
        "How many?",
        "x",
        "",
    ]
)
FREQUENCIES = st.integers(0, 9).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total)))


def hits_of(*some: Article, score: float = 0.5) -> list[Hit]:
    return [Hit(p, article, score) for article in some for p in split(article, max_passage_chars=100)]


def found(question: str, hits: list[Hit], frequency: tuple[int, int] = (1, 9)) -> list[Candidate]:
    return candidates(question, WordReader().read(question, hits), lambda _: frequency)


@PROPERTY
@given(QUESTIONS, st.lists(articles(), max_size=4), FREQUENCIES)
def test_every_sentence_is_a_candidate_once_and_quotes_its_article(
    question: str, some: list[Article], frequency: tuple[int, int]
):
    hits = hits_of(*some)
    expected = {
        (article.id, start, end)
        for article in some
        for start, end in sentences(article.text)
        if end - start >= MIN_SENTENCE_CHARS
    }
    result = found(question, hits, frequency)
    assert sorted((c.hit.article.id, c.start, c.end) for c in result) == sorted(expected)
    assert all(c.text == c.hit.article.text[c.start : c.end] != "" for c in result)


@PROPERTY
@given(QUESTIONS, st.lists(articles(), max_size=4), FREQUENCIES)
def test_candidates_come_best_first_with_features_in_their_range(
    question: str, some: list[Article], frequency: tuple[int, int]
):
    result = found(question, hits_of(*some), frequency)
    assert [c.score for c in result] == sorted((c.score for c in result), reverse=True)
    for candidate in result:
        assert len(candidate.features) == len(FEATURES)
        assert all(-1e-6 <= value <= 1 + 1e-6 for value in candidate.features)


@PROPERTY
@given(QUESTIONS, st.lists(articles(), max_size=4, unique_by=lambda article: article.id), st.randoms())
def test_the_order_of_equal_hits_does_not_matter(question: str, some: list[Article], order: random.Random):
    hits = hits_of(*some)
    shuffled = order.sample(hits, len(hits))

    def scores(result: list[Candidate]) -> list[tuple[str, int, float]]:
        return sorted((c.hit.article.id, c.start, round(c.score, 6)) for c in result)

    assert scores(found(question, shuffled)) == scores(found(question, hits))


def test_without_hits_there_are_no_candidates():
    assert found("Who met in Baku?", []) == []
    assert found("Who met in Baku?", hits_of(make_article("Too short."))) == []


def test_the_sentence_that_shares_the_words_of_the_question_comes_first():
    article = make_article(
        "Nothing happened that morning. Ding met Sharif in Baku. The weather was fine.", title=""
    )
    assert found("Who met Sharif in Baku?", hits_of(article))[0].text == "Ding met Sharif in Baku."


def candidate(number: int, score: float, words: str = "") -> Candidate:
    text = f"{words or f'Sentence number{number} of{number} story{number}'}."
    return Candidate(hits_of(make_article(text))[0], 0, len(text), (0.5,) * len(FEATURES), score)


class TestSelecting:
    @PROPERTY
    @given(
        QUESTIONS,
        st.lists(st.tuples(st.floats(-5, 5), st.integers(0, 3)), max_size=12),
        st.integers(1, 10),
    )
    def test_chooses_from_the_best_on_without_repetition(
        self, question: str, drawn: list[tuple[float, int]], max_sentences: int
    ):
        ordered = sorted(drawn, reverse=True)
        given_ = [candidate(n, score, f"Words{kind} said{kind}") for n, (score, kind) in enumerate(ordered)]
        chosen = select(question, given_, EMBEDDER.embed_passages, max_sentences=max_sentences)
        assert len(chosen) <= max_sentences
        assert chosen[:1] == given_[:1]
        positions = [given_.index(each) for each in chosen]
        assert positions == sorted(set(positions))
        assert all(position < SHORTLIST for position in positions)
        vectors = EMBEDDER.embed_passages([each.text for each in chosen])
        for n, vector in enumerate(vectors):
            assert all(float(vector @ other) < MAX_REPETITION for other in vectors[:n])

    def test_quotes_one_sentence_when_the_others_are_far_behind_and_embeds_none(self):
        embedder = WordEmbeddings()
        given_ = [candidate(1, 9.0), candidate(2, 0.0)]
        assert select("Who met in Baku?", given_, embedder.embed_passages, max_sentences=3) == given_[:1]
        assert embedder.embedded == []

    def test_quotes_several_that_are_equally_good(self):
        given_ = [candidate(n, 1.0) for n in range(4)]
        chosen = select("Who met in Baku?", given_, EMBEDDER.embed_passages, max_sentences=3)
        assert chosen == given_[:3]

    def test_leaves_out_what_says_the_same_again(self):
        same = candidate(1, 1.0)
        given_ = [same, dataclasses.replace(same, score=0.99), candidate(2, 0.98)]
        chosen = select("Who met in Baku?", given_, EMBEDDER.embed_passages, max_sentences=3)
        assert chosen == [given_[0], given_[2]]

    def test_has_nothing_to_choose_from_nothing(self):
        assert select("Who?", [], EMBEDDER.embed_passages, max_sentences=3) == []


@pytest.mark.parametrize("text", ["ding " * 30, "x" * 400, "Ding met Sharif in Baku. " * 40])
def test_a_passage_that_cuts_a_sentence_is_quoted_as_it_stands(text: str):
    article = make_article(text.strip())
    for each in found("ding in Baku", hits_of(article)):
        assert each.text in article.text
        assert each.hit.passage.start <= each.start < each.end <= each.hit.passage.end
