from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from assistant.answering.citations import SEPARATOR, cite, quote, short_answer_span
from assistant.types import Answer, Citation, ShortAnswer
from tests.answering.test_extractive import found, hits_of
from tests.fakes import make_article
from tests.strategies import PROPERTY, texts


@PROPERTY
@given(st.lists(texts.filter(str.strip), min_size=1, max_size=4))
def test_every_marker_stands_behind_the_exact_sentence_that_it_resolves_to(some: list[str]):
    chosen = found("Ding in Baku", [hit for text in some for hit in hits_of(make_article(text))])[:5]
    text, citations = cite(chosen)
    assert [citation.marker for citation in citations] == list(range(1, len(chosen) + 1))
    paragraphs = text.split(SEPARATOR) if text else []
    assert len(paragraphs) == len(chosen)
    for paragraph, citation, candidate in zip(paragraphs, citations, chosen, strict=True):
        assert citation.text == citation.article.text[citation.start : citation.end] == candidate.text
        assert citation.article == candidate.hit.article
        assert paragraph == f"{' '.join(citation.text.split())} [{citation.marker}]"


def test_nothing_chosen_is_an_empty_text():
    assert cite([]) == ("", ())


def test_a_marker_within_a_sentence_is_part_of_the_quote_and_cites_nothing():
    article = make_article(
        "Ding met Sharif, says the agency [3] Official source. Markets rose [1] on Friday [0] [99]."
    )
    chosen = found("Who met Sharif?", hits_of(article))
    text, citations = cite(chosen)
    assert len(citations) == len(chosen) == 2
    assert {citation.article for citation in citations} == {article}
    for paragraph, citation in zip(text.split(SEPARATOR), citations, strict=True):
        assert re.fullmatch(rf"{re.escape(citation.text)} \[{citation.marker}\]", paragraph)


@PROPERTY
@given(st.lists(texts.filter(str.strip), min_size=1, max_size=4), st.data())
def test_short_answer_is_found_in_its_own_sentence_whatever_white_space_it_holds(some, data):
    chosen = found("Ding in Baku", [hit for text in some for hit in hits_of(make_article(text))])[:5]
    text, citations = cite(chosen)
    citation = data.draw(st.sampled_from(citations)) if citations else None
    if citation is None:
        return
    start = data.draw(st.integers(citation.start, citation.end - 1))
    short = ShortAnswer(
        citation.marker, citation.article, start, data.draw(st.integers(start + 1, citation.end))
    )
    span = short_answer_span(Answer("?", text, citations, short_answer=short))
    if not short.text.strip():
        assert span is None
        return
    assert span is not None
    quotes = text.split(SEPARATOR)
    place = sum(len(other) + len(SEPARATOR) for other in quotes[: citation.marker - 1])
    assert text[slice(*span)] == quote(short.text)
    assert text[place : span[0]].strip() == quote(citation.article.text[citation.start : start])
    assert span[1] <= place + len(quote(citation.text))


def test_short_answer_is_not_taken_from_a_sentence_that_quotes_its_sentence():
    first = make_article("The page reads: Ding met Sharif. [2] Nothing else.")
    second = make_article("Ding met Sharif.")
    citations = (Citation(1, first, 0, len(first.text)), Citation(2, second, 0, len(second.text)))
    text = f"{first.text} [1]{SEPARATOR}{second.text} [2]"
    answer = Answer("Who?", text, citations, short_answer=ShortAnswer(2, second, 0, 4))
    assert short_answer_span(answer) == (text.rindex("Ding"), text.rindex("Ding") + 4)


def test_short_answer_of_a_sentence_that_is_not_there_yet_is_not_found():
    article = make_article("Ding met Sharif.")
    short = ShortAnswer(1, article, 0, 4)
    assert short_answer_span(Answer("Who?", short_answer=short)) is None
    citations = (Citation(1, article, 0, len(article.text)),)
    assert short_answer_span(Answer("Who?", "Ding met", citations, short_answer=short)) is None
