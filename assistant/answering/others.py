"""Others than those who were named before: what "Who else?" leaves of the sentences.

A sentence that was quoted says nothing new, nor does one that answers in words that were quoted. Once the
best ones are gone, the reader thinks too well of the rest (docs/log.md, 2026-11-28), so the words of the
question must be there as well. It knows the text of the answers before, not how they came about.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.answering import families
from assistant.answering.candidates import Candidate
from assistant.answering.citations import quote
from assistant.answering.questions import Kind, content_terms, kind_of, name_terms
from assistant.stores.lexical import terms

_WHICH = re.compile(r"\s*which\s+[\w-]+", re.IGNORECASE)  # of "which countries", no answer need say "country"


def unquoted(question: str, found: Sequence[Candidate], quoted: Sequence[str]) -> list[Candidate]:
    """Leave out the sentences that add nothing to the answers before.

    Args:
        question: The question that was asked first, without "else".
        found: Candidates, best first.
        quoted: The texts of the answers before; none of them leaves all sentences.

    Returns:
        The others, in order, that have a name of the question. Where a name, a place, a time or a number is
        asked for: that have all other words of it, and in which the reader has an answer with a new word.
    """
    if not quoted:
        return list(found)
    before = [quote(text) for text in quoted]
    new = [each for each in found if not any(quote(each.text) in text for text in before)]
    is_fact = kind_of(question) not in (Kind.WHY, Kind.WORDS, Kind.OTHER)
    if not is_fact and not _WHICH.match(question):
        about = set(name_terms(question) or content_terms(question))
        return [each for each in new if about & set(terms(each.text))]
    known = frozenset(term for text in (question, *quoted) for term in terms(text))
    return [each for each in new if _tells(question, each) and _says_new(question, each, known)]


def _tells(question: str, candidate: Candidate) -> bool:
    names = set(name_terms(question))
    deed = families.members(families.WON) & set(terms(question))  # "won" is too common to be a content term
    wanted = (set(content_terms(_WHICH.sub("", question))) | deed) - names
    there = set(terms(candidate.text))
    is_told = wanted <= there | families.told(wanted, there)
    return is_told and names <= set(terms(candidate.hit.passage.embedded_text))


def _says_new(question: str, candidate: Candidate, known: frozenset[str]) -> bool:
    span = candidate.span
    if span is None or span.score <= 0:  # the reader rather sees no answer
        return False
    words = candidate.hit.article.text[span.start : span.end]
    is_named = kind_of(question) is not Kind.WHO or re.search(r"[A-Z]", words)
    return bool(is_named and set(content_terms(words)) - known)
