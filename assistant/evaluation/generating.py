"""Questions proposed from the sentences of the articles, without a chat model.

A sentence that begins with a name and a verb of the past gives "Who …?" or "What …?" about the rest of it;
one that says when something was done gives "When was …?". A question is kept if the reader, asked it, finds
the same words again. So these are easy questions, in the articles' own words: they tell whether retrieval and
citing work on a collection, not how well hard questions are answered.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

from assistant.assistant import Assistant
from assistant.chunking import sentences
from assistant.evaluation.questions import EvaluationQuestion, Evidence
from assistant.types import Article, Filters

MOST_OF_ARTICLE = 3  # questions about one article
WORDS = range(8, 36)  # of a sentence that is asked about
WORDS_ASKED = range(5, 19)  # of the question
READ = 3  # passages of the article that the reader looks at
MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
DAY = rf"on (?:\w+day, )?(?:{MONTHS}) \d{{1,2}}(?:, \d{{4}})?"

_NAME = r"(?:The\s+)?[A-Z][\w’'-]*(?:\s+(?:(?:of|the|and|for)\s+)?[A-Z][\w’'-]*)*"
_PAST = (
    r"(?:met|won|held|told|led|began|took|gave|made|became|left|beat|came|went|found|built|signed|said|put|hit|"
    r"sent|saw|lost|paid|spoke|wrote|bought|sold|rose|fell|[a-z]{2,}ed)"
)
_WHO = re.compile(rf"({_NAME})\s+({_PAST}\s.+)")
_WHEN = re.compile(rf"({_NAME}|[A-Z][^,]{{3,60}}?)\s+(was|were)\s+([a-z]+ed\b[^,]*?)\s+({DAY})\b")
_CLAUSE_END = re.compile(r"[,;:]\s|\s(?:after|while|as|but|which|who|when|because|and)\s")
# What points outside of the question, or is left over where a clause was cut off.
_UNCLEAR = re.compile(
    r"\b(?:he|she|it|they|him|her|them|his|its|their|this|these|those|there)\b|"
    r"\b(?:with|at|of|in|by|for|to|from|on|a|an|the|that)\?$"
)
_PRONOUNS = frozenset("He She It They We You I This That These Those There".split())
_ORGANISATION = re.compile(
    r"\b(?:Ministry|Group|Company|Party|Council|University|Bank|Court|Government|Army|Agency|Committee|Union|"
    r"Commission|Association|Corporation|Parliament|Police|Nations|States|Inc|Ltd)\b"
)


def generate(assistant: Assistant, count: int, *, seed: int = 0) -> Iterator[EvaluationQuestion]:
    """Propose questions that the articles answer.

    Args:
        assistant: Its articles are asked about, in an order that the seed decides.
        count: Most questions.
        seed: Another one gives other questions.

    Yields:
        The questions, each with its answer, its sentence and its article, marked as generated.
    """
    articles = [*assistant.articles()]
    random.Random(seed).shuffle(articles)
    asked: set[str] = set()
    left = count
    for article in articles:
        for question in _about(assistant, article):
            if left and question.question not in asked:
                asked.add(question.question)
                left -= 1
                yield question
        if not left:
            return


def _about(assistant: Assistant, article: Article) -> Iterator[EvaluationQuestion]:
    kept = 0
    for start, end in sentences(article.text, article.language):
        sentence = article.text[start:end]
        if kept == MOST_OF_ARTICLE:
            return
        for question, answer in propose(sentence):
            if _is_name(answer, article.text) and _is_found_again(assistant, article, question, answer):
                kept += 1
                yield EvaluationQuestion(
                    question,
                    (answer,),
                    (Evidence(sentence, article.id),),
                    category="generated",
                    is_generated=True,
                )
                break


def propose(sentence: str) -> Iterator[tuple[str, str]]:
    """Turn a statement into questions.

    Args:
        sentence: One sentence, as it stands in an article.

    Yields:
        (question, answer) each; the answer's words are the sentence's own.
    """
    if len(sentence.split()) not in WORDS or sentence[-1:] != ".":
        return
    if found := _WHO.match(sentence):
        name, rest = found.groups()
        said = _CLAUSE_END.split(rest.rstrip("."), maxsplit=1)[0].strip()
        word = "What" if name.startswith("The ") or _ORGANISATION.search(name) else "Who"
        yield from _of_right_length(f"{word} {said}?", name)
    if found := _WHEN.match(sentence):
        subject, was, done, day = found.groups()
        yield from _of_right_length(f"When {was} {_inside(subject)} {done}?", day.removeprefix("on "))


def _of_right_length(question: str, answer: str) -> Iterator[tuple[str, str]]:
    if len(question.split()) in WORDS_ASKED and not _UNCLEAR.search(question) and answer not in _PRONOUNS:
        yield question, answer


def _is_name(answer: str, text: str) -> bool:
    """Whether an answer is more than a word with the capital of a sentence's beginning, such as "Critics"."""
    return len(answer.split()) > 1 or re.search(rf"[a-z,] {re.escape(answer)}\b", text) is not None


def _inside(subject: str) -> str:
    """A subject as it stands within a sentence: "the bridge" of "The bridge"."""
    first, _, rest = subject.partition(" ")
    return f"{first.lower()} {rest}" if first in {"The", "A", "An"} else subject


def _is_found_again(assistant: Assistant, article: Article, question: str, answer: str) -> bool:
    """Whether the reader, asked the question about this article, points at words of the answer."""
    hits = assistant.search(question, READ, Filters(article_ids=(article.id,)))
    spans = [span for reading in assistant.reader.read(question, hits) if (span := reading.best)]
    if not spans:
        return False
    best = max(spans, key=lambda span: span.score)
    read = article.text[best.start : best.end]
    return read in answer or answer in read
