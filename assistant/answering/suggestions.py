"""Questions to ask next, made from sentences of the articles: who did it, how many there were.

A sentence that begins with a name and a verb answers the question in which "who" stands for the name. These
are candidates: whether the corpus really answers one is tried by the assistant before it is shown. It knows
English sentences and nothing of retrieval.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from assistant.answering.questions import content_terms
from assistant.chunking import sentences
from assistant.types import Article, Hit

ARTICLES_READ = 4  # the nearest
MOST_OF_ARTICLE = 6  # questions
MAX_CHARS_READ = 20_000  # of an article: its beginning says what it is about
MIN_WORDS, MAX_WORDS = 4, 13  # of a question: shorter ones are vague, longer ones no one would ask

_WORD = r"[A-Z][\w'’.-]*"
_NAME = rf"{_WORD}(?: (?:of |and |the |bin |al-)?{_WORD}){{0,5}}"
# Of people and what they make up, such as a party: "who came down empty" would ask for a spacecraft.
_DEED = (
    "accused|agreed|announced|appointed|approved|asked|attacked|beat|became|blamed|built|called|captured|"
    "chose|claimed|condemned|criticised|criticized|defeated|demanded|denied|discovered|elected|founded|"
    "hosted|invented|killed|launched|led|met|opened|ordered|promised|proposed|published|refused|rejected|"
    "replaced|resigned|scored|signed|urged|visited|warned|won|wrote|"
    "was named|was elected|was appointed|was arrested|was sentenced|was sworn in|"
    "accuses|announces|beats|begins|calls|chooses|hosts|kills|launches|leads|makes|meets|names|opens|rejects|"
    "signs|urges|visits|warns|wins"  # as headlines say it
)
_WHO = re.compile(rf"^{_NAME},? (?:has |had )?(?P<rest>(?:{_DEED}) .+)$")
# "Two Chinese killed in bombing": a headline that leaves out "were"
_SUFFERED = re.compile(
    r"^(?!met|agreed|resigned|won|led|called|asked|was)\w+ "
    r"(?:in|at|by|near|outside|on|as|after|over|from|for)\b"
)
_SAID = re.compile(rf"^(?P<name>{_NAME}),? (?:said|told|warned|argued)\b.+$")
_MANY = re.compile(r"[A-Z][a-z]+s")  # "Critics said": a capital for the sentence's beginning only
_NUMBER = (
    r"(?:At least |About |Around |More than )?(?:\d[\d,.]*|[Tt]wo|[Tt]hree|[Ff]our|[Ff]ive|[Ss]ix|[Tt]en)"
)
_HOW_MANY = re.compile(
    rf"^{_NUMBER} (?P<rest>(?:[a-z]+ ){{1,3}}(?:were|had|have|died|took|live|voted|attended) .+)$"
)
# What leads out of the sentence: such a question would not be understood alone.
_LEADS_AWAY = re.compile(
    r"\b(?:he|she|it|they|his|her|its|their|him|them|himself|herself|this|that|these|those|there|meanwhile|"
    r"I|we|also|now|then)\b|[\"“”:;()]"
)
_CLAUSE = re.compile(r",| (?:while|after|before|because|although|as|which|who|and|but) ")
_NOT_NAMES = frozenset(
    "the this that these those it he she they we i you there in on at by for with from after before when "
    "while as but and or if both all some many most one another an a his her its their our what who".split()
)


class Suggestion(NamedTuple):
    """A question, and the sentence of an article that answers it; the whole text if it is of the title."""

    question: str
    article_id: str
    start: int
    end: int


def suggestions(hits: Sequence[Hit], asked: Sequence[str]) -> Iterator[Suggestion]:
    """Make questions from the articles of passages.

    Args:
        hits: The passages, best first.
        asked: Questions that were asked already.

    Yields:
        Questions that stand alone, each once, one an article in turn.
    """
    known = [_key(question) for question in asked if question]
    articles = {hit.article.id: hit.article for hit in reversed(hits)}
    nearest = list(dict.fromkeys(hit.article.id for hit in hits))[:ARTICLES_READ]
    rows = [list(_of_article(articles[article_id])) for article_id in nearest]
    for suggestion in (row[depth] for depth in range(MOST_OF_ARTICLE) for row in rows if depth < len(row)):
        key = _key(suggestion.question)
        if not any(other <= key for other in known):  # nor one that only says more words
            known.append(key)
            yield suggestion


def _of_article(article: Article) -> Iterator[Suggestion]:
    text = article.text[:MAX_CHARS_READ]
    if question := _question(" ".join(article.title.split())):
        yield Suggestion(question, article.id, 0, len(article.text))
    for start, end in sentences(text, article.language):
        if question := _question(" ".join(text[start:end].split())):
            yield Suggestion(question, article.id, start, end)


def _question(sentence: str) -> str:
    """The question that a sentence answers; empty if none can be told by its form."""
    sentence = sentence.rstrip(".!? ")
    if how_many := _HOW_MANY.match(sentence):
        return _asked(f"How many {_first_clause(how_many['rest'])}?")
    if sentence.partition(" ")[0].lower() in _NOT_NAMES:
        return ""
    if (who := _WHO.match(sentence)) and not _SUFFERED.match(who["rest"]):
        return _asked(f"Who {_first_clause(who['rest'])}?")
    said = _SAID.match(sentence)
    return _asked(f"What did {said['name']} say?") if said and not _MANY.fullmatch(said["name"]) else ""


def _first_clause(rest: str) -> str:
    return _CLAUSE.split(rest, maxsplit=1)[0].strip()


def _asked(question: str) -> str:
    words = question.split()
    is_fit = MIN_WORDS <= len(words) <= MAX_WORDS and not _LEADS_AWAY.search(question)
    return question if is_fit and content_terms(question) else ""


def _key(question: str) -> frozenset[str]:
    return frozenset(content_terms(question))
