"""The Search tab: its fields, the passages found with their scores, and the code that does the same.

It knows hits; how they were found it does not know.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from assistant.listing import ListedArticle
from assistant.types import Hit
from assistant.ui.lines import Lines
from assistant.ui.render.articles import opener, origin, short, title
from assistant.ui.render.fields import button, choice, field, fold
from assistant.ui.render.markup import Html, count, element, join, marked
from assistant.ui.sought import TOP_KS, Found, Sought, found_words

_BEGIN = (
    "Search the passages themselves, without an answer: by meaning and by words at once. Narrow by publisher "
    "or date, open a passage in its article, take the hits with you as CSV or JSON, or copy the lines of "
    "Python or curl that do the same."
)
_NOTHING = (
    "Nothing was found. A query needs a word to search for, and the filters have to let an article through."
)
_BY_MEANING = "These passages are near it in meaning only; look whether they are about it."
_NOT_NEAR = "Nothing is near it in meaning either. Look at the spelling, or try other words."
_NO_QUESTION = (
    "This is no question, so no passage was read for an answer: they stand by score. “Answers first” needs a "
    "question, such as “Who met in Baku?”"
)
_TOKEN = (
    "The server wants a token: run “assistant token create search” on its machine and set TOKEN to what that "
    "prints, as in export TOKEN=…"
)
_WORDS_SHOWN = 10
_LEGEND = (
    "Score: both searches together, from 0 to 1. Meaning: how near the passage is to the query, at most 1. "
    "Words: how much of the query's rare words it holds (BM25). Answers: how likely it is that the passage "
    "answers the question, if it was read. A dash: not looked at."
)


def search_bar(sought: Sought, sources: Sequence[str]) -> Html:
    """The fields of a search.

    Args:
        sought: What they say at first.
        sources: Publishers to offer.

    Returns:
        A form.
    """
    filters = sought.filters
    chosen = next(iter(filters.sources), "")
    named = [("", "all"), *((source, source) for source in dict.fromkeys([*sources, *filters.sources]))]
    first, last = (day.isoformat() if day else "" for day in (filters.published_from, filters.published_to))
    orders = [("search", "by score"), ("read", "answers first")]
    return element(
        "div",
        field("Search for", "query", sought.query, type="search", placeholder="Words or a question"),
        button("Search", "search", kind="apply"),
        element(
            "div",
            choice("Publisher", "source", named, chosen),
            field("From", "from", first, type="date"),
            field("Until", "to", last, type="date"),
            choice("Hits", "top_k", [(str(k), str(k)) for k in TOP_KS], str(sought.top_k)),
            choice("Order", "order", orders, "read" if sought.is_read else "search"),
            class_="narrow",
        ),
        class_="search-bar",
        data_form="search",
        role="search",
        aria_label="Search passages",
    )


def before_search() -> Html:
    """Say what the tab is for."""
    return element("p", _BEGIN, class_="empty")


def passages(sought: Sought, found: Found, code: Lines) -> Html:
    """What a search found.

    Args:
        sought: What was searched for.
        found: What it came to.
        code: What does the same.

    Returns:
        The hits, the buttons that export them, and the code.
    """
    if not found.hits:
        return element("div", element("p", _NOTHING, class_="empty", role="status"), class_="hits")
    number = count(len(found.hits), "passage")
    said = element("p", f"{number} in {found.seconds:.2f} s", role="status", class_="counted")
    acts = element(
        "p", button("CSV", "csv", kind="plain"), button("JSON", "json", kind="plain"), class_="doings"
    )
    listed = [_hit(rank, hit, sought.query, found.copies) for rank, hit in enumerate(found.hits, 1)]
    token = [element("p", _TOKEN, class_="legend")] if code.needs_token else []
    parts = [
        element("div", said, acts, class_="head"),
        element("ol", *listed),
        element("p", _LEGEND, class_="legend"),
        fold(
            "The same in Python and curl",
            _code("Python", code.python),
            _code("curl", code.curl),
            *token,
            name="code",
        ),
    ]
    if not found.is_near:
        parts = [fold(f"What is least far from it in meaning: {number}", *parts, name="far")]
    return element("div", *_notes(sought, found), *parts, class_="hits")


def _notes(sought: Sought, found: Found) -> Iterator[Html]:
    """What the reader has to know before the hits."""
    if found.is_by_meaning_alone:
        which = "No word of the query stands" if len(found.words) > 1 else "The word does not stand"
        also = _BY_MEANING if found.is_near else _NOT_NEAR
        yield element("p", f"{which} in any article. {also}", class_="note", role="status")
    elif found.missing:
        said = join([element("bdi", f"“{short(word)}”") for word in found.missing[:_WORDS_SHOWN]], ", ")
        yield element("p", "Found in no article: ", said, class_="note")
    if sought.is_order_of_no_use:
        yield element("p", _NO_QUESTION, class_="note")


def _hit(rank: int, hit: Hit, query: str, copies: Mapping[str, ListedArticle]) -> Html:
    span = (hit.passage.start, hit.passage.end)
    text = hit.passage.text
    scores = [element("div", element("dt", name), " ", element("dd", said)) for name, said in _scores(hit)]
    return element(
        "li",
        element("span", str(rank), class_="rank", aria_hidden="true"),
        opener(title(hit.article), hit.article, span, class_="title", dir="auto", data_query=query),
        origin(hit.article),
        element("p", *marked(text, (0, len(text)), found_words(text, query)), class_="passage", dir="auto"),
        element("dl", *scores),
        *_also_in(hit, query, copies),
    )


def _scores(hit: Hit) -> Iterator[tuple[str, str]]:
    yield "Score", f"{hit.score:.2f}"
    yield "Meaning", "—" if hit.similarity is None else f"{hit.similarity:.2f}"
    yield "Words", "—" if hit.lexical is None else f"{hit.lexical:.1f}"
    yield "Answers", "—" if hit.answers is None else f"{hit.answers:.0%}"


def _also_in(hit: Hit, query: str, copies: Mapping[str, ListedArticle]) -> list[Html]:
    others = [copies[other.article_id] for other in hit.also_in if other.article_id in copies]
    if not others:
        return []
    buttons = [
        button(
            short(other.source or other.name),
            "read",
            kind="link",
            data_article=other.id,
            data_version=other.version,
            data_start=0,
            data_end=0,
            data_query=query,
            title=short(other.name),
        )
        for other in others
    ]
    return [element("p", "Also in ", join(buttons, ", "), class_="also")]


def _code(name: str, code: str) -> Html:
    copy = element("button", "Copy", type="button", class_="plain", data_action="copy", data_copy=code)
    label = element("p", element("strong", name), copy, class_="doings")
    return element("div", label, element("pre", code, tabindex=0, aria_label=name), class_="snippet")


def download(name: str, kind: str, text: str) -> Html:
    """A file for the page's script to hand to the reader; nothing of it is shown.

    Args:
        name: The file's name.
        kind: Its media type.
        text: What it holds.

    Returns:
        A hidden element.
    """
    return element("div", text, hidden="", data_file=name, data_kind=kind)
