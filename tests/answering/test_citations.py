from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from assistant.answering.citations import SEPARATOR, cite
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
