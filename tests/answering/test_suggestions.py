"""Questions to ask next, made from the sentences of articles."""

from __future__ import annotations

import pytest

from assistant.answering.suggestions import Suggestion, suggestions
from assistant.types import Article, Hit, Passage


def hit(article: Article) -> Hit:
    return Hit(Passage(article.id, 0, len(article.text), article.text), article, 0.5)


def made(text: str, title: str = "") -> list[str]:
    return [one.question for one in suggestions([hit(Article(text, title=title))], [])]


@pytest.mark.parametrize(
    ("sentence", "question"),
    [
        ("Li Qiang opened the airport of Gwadar on Monday.", "Who opened the airport of Gwadar on Monday?"),
        ("Rohit Sharma was named player of the match, and India won.", "Who was named player of the match?"),
        ("At least 21 people were hurt at the airport.", "How many people were hurt at the airport?"),
        ("Nelson told reporters that the capsule was safe.", "What did Nelson say?"),
    ],
)  # fmt: skip
def test_a_sentence_gives_the_question_that_it_answers(sentence: str, question: str):
    assert made(sentence) == [question]


@pytest.mark.parametrize(
    "sentence",
    [
        "Two Chinese killed in bombing outside Karachi airport",  # by whom is not said
        "He opened the airport of Gwadar on Monday.",  # who?
        "The capsule came down in the desert of New Mexico.",  # no person
        "Li Qiang opened it there.",  # what, where?
        "Critics said that the text was pushed through.",  # no name
        "Li Qiang promised her that they would come.",
        "It rained.",
        "Li Qiang opened " + "a very long winding road of no end in sight at all " * 3 + "today.",
        "",
    ],
)
def test_what_would_not_stand_alone_gives_none(sentence: str):
    assert made(sentence) == []


def test_the_title_gives_one_too_and_its_answer_may_stand_anywhere():
    article = Article("Long text.", title="Li Qiang opens Gwadar airport")
    assert list(suggestions([hit(article)], [])) == [
        Suggestion("Who opens Gwadar airport?", article.id, 0, len("Long text."))
    ]


def test_nothing_is_offered_that_was_asked_or_only_says_more_words():
    articles = [hit(Article("Li Qiang opened Gwadar airport from Islamabad."))]
    assert list(suggestions(articles, ["Who opened Gwadar airport?"])) == []
    assert len(list(suggestions(articles, ["Who built Gwadar airport?"]))) == 1


def test_articles_take_turns():
    one = Article("Ann Lee won the golden cup. Ann Lee met the queen of Spain.")
    other = Article("Bob Ray launched the blue ship.")
    questions = [made.question for made in suggestions([hit(one), hit(other)], [])]
    assert questions == [
        "Who won the golden cup?",
        "Who launched the blue ship?",
        "Who met the queen of Spain?",
    ]
