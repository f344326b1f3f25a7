from __future__ import annotations

from assistant.answering.candidates import Candidate
from assistant.answering.others import unquoted
from assistant.reader import ReadSpan
from assistant.types import Hit, Passage
from tests.fakes import make_article

TEXT = (
    "Huang Guiping died. The driver  Khalid died. Huang Guiping was killed. Some others died. "
    "Li Bo spoke. Omar died at sea. Li Bo, who died, wrote."
)
ARTICLE = make_article(TEXT)
HIT = Hit(Passage(ARTICLE.id, 0, len(TEXT), TEXT), ARTICLE, 1.0)


def sentence(text: str, words: str = "", score: float = 3.0) -> Candidate:
    start = TEXT.index(text)
    at = start + text.index(words)
    span = ReadSpan(at, at + len(words), score) if words else None
    return Candidate(HIT, start, start + len(text), (), 1.0, span)


FIRST = sentence("Huang Guiping died.", "Huang Guiping")
SECOND = sentence("The driver  Khalid died.", "Khalid")
SAME = sentence("Huang Guiping was killed.", "Huang Guiping")
SPANLESS = sentence("Huang Guiping was killed.")
NAMELESS = sentence("Some others died.", "others")
BESIDE = sentence("Li Bo spoke.", "Li Bo")
UNSURE = sentence("Omar died at sea.", "Omar", -1.0)
QUOTED = ("Huang Guiping died. [1]",)


def test_without_answers_before_every_sentence_stays():
    assert unquoted("Who died?", [FIRST, SECOND], ()) == [FIRST, SECOND]


def test_what_was_quoted_and_who_was_named_are_no_others():
    found = [FIRST, SAME, SPANLESS, NAMELESS, SECOND, UNSURE]
    assert unquoted("Who died?", found, QUOTED) == [SECOND]
    assert unquoted("Who died?", [SECOND], (*QUOTED, "The driver Khalid died. [1]")) == []


def test_a_sentence_must_have_the_words_of_the_question_or_of_their_family():
    assert unquoted("Who died?", [BESIDE], QUOTED) == []
    assert unquoted("Who was killed?", [SECOND], QUOTED) == [SECOND]
    assert unquoted("Which people died?", [SECOND, BESIDE], QUOTED) == [SECOND]
    assert unquoted("Who died in Lima?", [SECOND], QUOTED) == []


def test_where_no_fact_is_asked_for_sentences_that_name_it_stay():
    found = [FIRST, SPANLESS, BESIDE]
    assert unquoted("What is known of Guiping?", found, QUOTED) == [SPANLESS]
