"""Questions to ask after an answer, made from the articles that it cites: what else they say of the same.

These are candidates: whether the corpus really answers one is tried by the assistant before it is shown. It
knows answers and `forms` of sentences, nothing of retrieval.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from assistant.answering.forms import people, questions_of, says_who
from assistant.answering.questions import content_terms
from assistant.chunking import sentences
from assistant.types import Answer, Article

ARTICLES_READ = 3  # of those that are cited
MAX_CHARS_READ = 20_000  # of an article: its beginning says what it is about


class Place(NamedTuple):
    """A sentence of an article; the whole text if a question is made of its title."""

    article_id: str
    start: int
    end: int


class Suggestion(NamedTuple):
    """A question, and where it is answered; more than one sentence may do."""

    question: str
    places: tuple[Place, ...]


def suggestions(answer: Answer, asked: Sequence[str] = ()) -> list[Suggestion]:
    """Make questions that have to do with an answer.

    Args:
        answer: A complete one.
        asked: Questions that were asked already.

    Returns:
        Questions that stand alone, each once, those first that have most words in common with what was asked
        and cited. None after an abstention: what is near then is beside the point.
    """
    cited = list({citation.article.id: citation.article for citation in answer.citations}.values())
    topic = _topic(answer)
    made = [
        *_of_people(answer, cited),
        *(one for article in cited[:ARTICLES_READ] for one in _of_article(article)),
    ]
    shared = {one: len(_key(one.question) & topic) for one in made}
    known = [question for question in (answer.question, answer.standalone_question, *asked) if question]
    chosen: dict[frozenset[str], Suggestion] = {}
    for one in sorted(made, key=lambda one: -shared[one]):
        key = _key(one.question)
        is_new = not any(  # else one tells the other's answer
            key <= other or other <= key or set(one.places) & set(before.places)
            for other, before in chosen.items()
        )
        if shared[one] and is_new and not any(_says_the_same(one.question, other) for other in known):
            chosen[key] = one
    return list(chosen.values())


def _of_article(article: Article) -> Iterator[Suggestion]:
    """What the title and the sentences of an article answer."""
    for question in questions_of(article.title, article.text):
        yield Suggestion(question, (Place(article.id, 0, len(article.text)),))
    for start, end in _sentences(article):
        for question in questions_of(article.text[start:end], article.text):
            yield Suggestion(question, (Place(article.id, start, end),))


def _of_people(answer: Answer, cited: Sequence[Article]) -> Iterator[Suggestion]:
    """Who those are that the answer names, unless it says so itself."""
    read = {hit.article.id: hit.article for hit in answer.hits} | {article.id: article for article in cited}
    words = " ".join(citation.text for citation in answer.citations)
    for name in people(words):
        if says_who(words, name):
            continue
        places = [
            Place(article.id, start, end)
            for article in read.values()
            if name in article.text
            for start, end in _sentences(article)
            if says_who(article.text[start:end], name)
        ]
        if places:
            yield Suggestion(f"Who is {name}?", tuple(places))


def _sentences(article: Article) -> list[tuple[int, int]]:
    return sentences(article.text[:MAX_CHARS_READ], article.language)


def _topic(answer: Answer) -> frozenset[str]:
    """The terms of what was asked and cited."""
    titles = (citation.article.title for citation in answer.citations)
    cited = (citation.text for citation in answer.citations)
    return _key(" ".join([answer.question, answer.standalone_question, *titles, *cited]))


def _says_the_same(question: str, other: str) -> bool:
    """Whether a question has all words of another one, or the same question word and no further words."""
    key, known = _key(question), _key(other)
    return known <= key or (key <= known and question.split()[0] == other.split()[0])


def _key(question: str) -> frozenset[str]:
    return frozenset(content_terms(question))
