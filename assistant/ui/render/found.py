"""The fold-out "How this was found": what was searched for, what each search and the reader said.

It knows one answer with its evidence; it computes nothing that the answer does not hold.
"""

from __future__ import annotations

from collections.abc import Iterator

from assistant.answering.telling import written_by
from assistant.types import Answer, Hit, Sentence
from assistant.ui.render.answer import marker
from assistant.ui.render.articles import opener, title
from assistant.ui.render.markup import Html, count, element, join

HITS_SHOWN = 5  # of the evidence: what came first, not all that was looked at
MAX_SNIPPET_CHARS = 180

_LEGEND = (
    "Meaning: how near the passage is to the question, at most 1. Words: how much of the question's rare "
    "words it holds (BM25). Reader: how likely it is that the passage answers the question. A dash: not "
    "looked at."
)


def found(answer: Answer, turn: int) -> Html:
    """Say how an answer, or its absence, came about.

    Args:
        answer: A complete answer.
        turn: Its place in the conversation, from 0.

    Returns:
        A fold-out that is shut at first; nothing if nothing was searched.
    """
    if not answer.hits:
        return Html()
    facts = [part for name, value in _facts(answer) for part in (element("dt", name), _value(value))]
    rows = [_row(answer, hit, turn) for hit in answer.hits[:HITS_SHOWN]]
    head = [element("th", name, scope="col") for name in ("Passage", "Meaning", "Words", "Reader")]
    support = [_supported(answer, sentence, turn) for sentence in answer.sentences]
    return element(
        "details",
        element("summary", "How this was found"),
        element("dl", *facts),
        element("h4", "How well each sentence is supported") if support else "",
        element("ul", *support, class_="support") if support else "",
        element("h4", "What the searches and the reader said"),
        element("table", element("thead", element("tr", *head)), element("tbody", *rows)),
        element("p", _LEGEND, class_="legend"),
        class_="found",
        data_turn=turn,
    )


def _facts(answer: Answer) -> Iterator[tuple[str, str]]:
    yield "Searched for", answer.standalone_question or answer.question
    yield "Dates", answer.period.describe() if answer.period else "any"
    yield "Filters", answer.asked_of or "none"
    searched = count(answer.searched_articles, "article")
    yield "Searched", f"{searched}, {count(len(answer.hits), 'passage')} read"
    if not answer.abstention:
        yield "Wording", written_by(answer) or "every sentence is quoted word for word"
    yield "Took", f"{answer.seconds:.1f} s" if answer.seconds >= 0.05 else "under 0.1 s"


def _value(text: str) -> Html:
    return element("dd", text, dir="auto")


def _row(answer: Answer, hit: Hit, turn: int) -> Html:
    span = (hit.passage.start, hit.passage.end)
    snippet = " ".join(hit.passage.text[: 4 * MAX_SNIPPET_CHARS].split())
    cut = "…" if len(snippet) > MAX_SNIPPET_CHARS else ""
    cited = [
        join([" ", marker(answer.citations, citation.marker, turn) or ""])
        for citation in answer.citations
        if citation.article == hit.article and span[0] <= citation.start and citation.end <= span[1]
    ]
    opened = opener(title(hit.article), hit.article, span, turn, class_="title", dir="auto")
    snippet_line = element("p", snippet[:MAX_SNIPPET_CHARS] + cut, class_="snippet", dir="auto")
    return element(
        "tr",
        element("td", opened, *cited, snippet_line),
        _number("Meaning", hit.similarity, ".2f"),
        _number("Words", hit.lexical, ".1f"),
        _number("Reader", hit.answers, ".0%"),
    )


def _number(name: str, value: float | None, form: str) -> Html:
    return element("td", "—" if value is None else format(value, form), class_="number", data_name=name)


def _supported(answer: Answer, sentence: Sentence, turn: int) -> Html:
    share = element("span", f"{sentence.support:.0%}", class_="share")
    markers = [marker(answer.citations, number, turn) or "" for number in sentence.markers]
    note = element("span", f" ({sentence.doubt})", class_="why") if sentence.doubt else ""
    return element("li", share, " ", element("span", sentence.text, dir="auto"), note, " ", *markers)
