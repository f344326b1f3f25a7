"""Values of `assistant.types` as HTML: the only module that builds any.

Every string that is not `Html` is text and is escaped on its way into an element, so nothing that an article,
a question or a file name contains can become markup. It knows no components, no events beyond the names that
it puts into `data-action`, and no corpus.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from urllib.parse import urlsplit

from assistant.answering.abstention import odds
from assistant.answering.citations import quote, short_answer_span
from assistant.answering.telling import generation_notes, written_by
from assistant.types import (
    Abstention,
    Answer,
    Article,
    Citation,
    Confidence,
    DateRange,
    Failure,
    Hit,
    IngestReport,
    ItemProgress,
    ItemState,
    Progress,
)
from assistant.ui.examples import Example

NEAREST_SHOWN = 3  # passages under an abstention: enough to see what is near, few enough to stay a side note
ROWS_SHOWN = 100  # files in the table of an upload
NAMES_SHOWN = 8  # titles that an upload's summary lists of each kind

# C0 and C1 controls that HTML forbids or drops, and lone surrogates, which no encoding carries; tab and the
# line ends stay. One for one, so that offsets still fit.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")

Span = tuple[int, int]


class Html(str):
    """Markup that `element` built; all other strings are text."""

    __slots__ = ()


def escape(text: str) -> Html:
    """Turn text into markup that shows exactly this text."""
    return Html(html.escape(_UNPRINTABLE.sub("\ufffd", text), quote=True))


def element(tag: str, *children: str, **attributes: str | int | None) -> Html:
    """Build one element.

    Args:
        tag: Name of the element.
        *children: `Html` goes in as it is, every other string is escaped.
        **attributes: Their names with `_` for `-`, `class_` for `class`; one whose value is None is left out.

    Returns:
        The element with its children.
    """
    given = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{escape(str(value))}"'
        for name, value in attributes.items()
        if value is not None
    )
    return Html(f"<{tag}{given}>{join(children)}</{tag}>")


def join(parts: Iterable[str], separator: str = "") -> Html:
    """Put markup and text one after the other; what is not `Html` is escaped."""
    return Html(escape(separator).join(part if isinstance(part, Html) else escape(part) for part in parts))


def style(css: str) -> Html:
    """Our own style sheet as an element of the page's head; it must not come from outside."""
    return element("style", Html(css))


# --- the conversation ---------------------------------------------------------------------------------------


def masthead() -> Html:
    """The name of the page and what it promises."""
    return element(
        "header",
        element("h1", "Article Assistant"),
        element("p", "Answers in the words of your articles, each sentence with its source."),
        class_="masthead",
    )


def transcript(
    conversation: Sequence[Answer],
    *,
    is_answering: bool = False,
    failure: Failure | None = None,
) -> Html:
    """Render the conversation.

    Args:
        conversation: The answers so far, the last one perhaps incomplete.
        is_answering: Whether the last answer is still growing; an incomplete one that is not was stopped.
        failure: Why the last question got no answer: its name is the question.

    Returns:
        The transcript.
    """
    last = len(conversation) - 1
    turns = [
        _turn(answer, index, is_answering and index == last) for index, answer in enumerate(conversation)
    ]
    if failure:
        turns.append(element("section", _question(failure.name), _failure(failure), class_="turn"))
    return element("div", *turns, class_="transcript", role="log", aria_label="Conversation")


def welcome(examples: Sequence[Example] = ()) -> Html:
    """Render what shows until there is a conversation.

    Args:
        examples: Questions to offer.

    Returns:
        The welcome.
    """
    buttons = [
        element("li", element("button", example.question, type="button", class_="example", data_action="ask"))
        for example in examples
    ]
    offered = (
        [element("h3", "Questions to try"), element("ul", *buttons, class_="examples")] if buttons else []
    )
    return element(
        "section",
        element("h2", "What do you want to know?"),
        element(
            "p",
            "Every sentence of an answer is quoted from an article. Its number opens the article at that "
            "sentence. What the articles do not say is not answered.",
        ),
        *offered,
        class_="welcome",
    )


def _turn(answer: Answer, index: int, is_answering: bool) -> Html:
    body = _abstention(answer, answer.abstention, index) if answer.abstention else _answer_text(answer, index)
    return element(
        "section", _question(answer.question), body, _ending(answer, index, is_answering), class_="turn"
    )


def _ending(answer: Answer, turn: int, is_answering: bool) -> Html:
    """What stands under an answer; until it is complete only how it goes, so that no later quote moves it."""
    if answer.is_complete:
        notes = [answer.note, *generation_notes(answer)]
        shown = [element("p", note, class_="note", dir="auto") for note in notes if note]
        return join([*shown, _facts(answer, turn)])
    if is_answering:
        return element("p", "Reading the articles", class_="working", role="status")
    return element("p", "Stopped before the answer was complete.", class_="stopped")


def _question(question: str) -> Html:
    return element("h2", question or "(no question)", class_="question", dir="auto")


def _answer_text(answer: Answer, turn: int) -> Html:
    written = _written(answer, turn) if answer.sentences else _paragraphs(answer, turn)
    paragraphs = [element("p", *parts, dir="auto") for parts in written]
    return element("div", *paragraphs, class_="answer") if paragraphs else Html()


def _written(answer: Answer, turn: int) -> Iterator[list[str]]:
    """The parts of each paragraph that a chat model wrote; what nothing supports is greyed, with why."""
    parts: list[str] = []
    for sentence in answer.sentences:
        if parts and sentence.opens_paragraph:
            yield parts
            parts = []
        parts += [" "] if parts else []
        if sentence.is_supported:
            parts += [sentence.text, *(_marker(answer.citations, n, turn) or "" for n in sentence.markers)]
        else:
            why = f"Not supported: {sentence.reason}"
            note = element("span", f" ({why})", class_="why")
            parts.append(element("span", sentence.text, note, class_="unsupported", title=why))
    if parts:
        yield parts


def _paragraphs(answer: Answer, turn: int) -> Iterator[list[str]]:
    """The parts of each paragraph; a quote that follows a marker begins a new one."""
    short = short_answer_span(answer)
    in_bold = [short] if short else []
    parts: list[str] = []
    is_cited = False  # whether the last thing said was a marker
    for kind, (start, end) in _tokens(answer):
        token = answer.text[start:end]
        if parts and (kind == "break" or (kind == "quote" and is_cited)):
            yield parts
            parts = []
        if kind == "marker":
            parts.append(_marker(answer.citations, int(token[1:-1]), turn) or token)
        elif kind != "break":
            start += 0 if parts else len(token) - len(token.lstrip())
            parts += marked(answer.text, (start, end), in_bold, tag="strong")
        is_cited = kind == "marker" or (is_cited and not token.strip())
    if "".join(parts).strip():
        yield parts


def _tokens(answer: Answer) -> Iterator[tuple[str, Span]]:
    """Cut an answer's text into ("quote" | "marker" | "break" | "text", span of the text).

    Quotes are matched whole, first: an article's own "[1]" inside of a quoted sentence is text, not a marker.
    """
    quotes = sorted({quote(citation.text) for citation in answer.citations} - {""}, key=len, reverse=True)
    quoted = "|".join(map(re.escape, quotes)) or r"(?!)"
    pattern = re.compile(rf"(?P<quote>{quoted})|(?P<marker>\[[1-9][0-9]{{0,3}}\])|(?P<break>\s*\n\s*)")
    position = 0
    for match in pattern.finditer(answer.text):
        if match.start() > position:
            yield "text", (position, match.start())
        yield str(match.lastgroup), match.span()
        position = match.end()
    if position < len(answer.text):
        yield "text", (position, len(answer.text))


def _marker(citations: Sequence[Citation], number: int, turn: int) -> Html | None:
    citation = next((citation for citation in citations if citation.marker == number), None)
    if citation is None:
        return None
    label = f"Source {number}: {_title(citation.article)}"
    span = (citation.start, citation.end)
    return _opener(
        str(number), citation.article, span, turn, class_="marker", title=citation.text, aria_label=label
    )


def _opener(text: str, article: Article, span: Span, turn: int, **attributes: str) -> Html:
    """A button that opens an article at a span; the page sends its `data-` values to the server."""
    return element(
        "button",
        text,
        type="button",
        data_action="read",
        data_turn=turn,
        data_article=article.id,
        data_version=article.version,
        data_start=span[0],
        data_end=span[1],
        **attributes,
    )


def _facts(answer: Answer, turn: int) -> Html:
    """How sure it is, what was searched and how long it took."""
    facts: list[str] = [_confidence(answer.confidence, answer.score)] if answer.confidence else []
    facts += [written_by(answer)] if answer.sentences else []
    if answer.citations:
        label = _count(len(_by_article(answer.citations)), "source")
        facts.append(
            element("button", label, type="button", class_="link", data_action="sources", data_turn=turn)
        )
    if answer.searched_articles:
        facts.append(f"{_count(answer.searched_articles, 'article')} searched")
    if answer.standalone_question not in ("", answer.question):
        facts.append(_searched_for(answer.standalone_question))
    if answer.period:
        facts.append(_period(answer, answer.period))
    if answer.seconds:
        facts.append(f"{answer.seconds:.1f} s" if answer.seconds >= 0.05 else "under 0.1 s")
    return element("p", join(facts, " · "), class_="facts", dir="auto") if facts else Html()


def _period(answer: Answer, period: DateRange) -> Html:
    """The period that was understood; a click asks the question again without it."""
    attributes = {"data_question": answer.standalone_question or answer.question, "data_dates": "any"}
    drop = element("button", "any date", type="button", class_="link", data_action="ask", **attributes)
    return join([f"preferred {period.describe()} ", drop])


def _searched_for(standalone: str) -> Html:
    """What a follow-up question was taken for; a click puts it into the box to be changed."""
    edit = element(
        "button", "edit", type="button", class_="link", data_action="edit", data_question=standalone
    )
    return join([f"searched for “{standalone}” ", edit])


def _confidence(confidence: Confidence, score: float) -> Html:
    word = element("span", confidence.capitalize(), class_=f"confidence {confidence.value}")
    return join([word, f": {odds(score)}"])


def _abstention(answer: Answer, abstention: Abstention, turn: int) -> Html:
    reason = abstention.reason.value
    parts = [element("h3", reason[:1].upper() + reason[1:]), element("p", abstention.message, dir="auto")]
    if answer.hits:
        near = [_near(hit, turn) for hit in answer.hits[:NEAREST_SHOWN]]
        parts += [element("h4", "Not an answer, but close"), element("ul", *near, class_="near")]
    return element("div", *parts, class_="abstention")


def _near(hit: Hit, turn: int) -> Html:
    span = (hit.passage.start, hit.passage.end)
    return element(
        "li",
        _opener(_title(hit.article), hit.article, span, turn, class_="title", dir="auto"),
        _origin(hit.article),
        element("p", hit.passage.text, class_="passage", dir="auto"),
    )


def _failure(failure: Failure) -> Html:
    hint = [element("p", failure.hint, dir="auto")] if failure.hint else []
    return element(
        "div",
        element("h3", "That did not work"),
        element("p", failure.reason, dir="auto"),
        *hint,
        class_="failure",
        role="alert",
    )


# --- the panel beside it ------------------------------------------------------------------------------------


def sources(answer: Answer | None = None, turn: int = 0) -> Html:
    """List the articles that an answer cites, each with its passages and the cited sentences marked.

    Args:
        answer: The answer; None before the first one.
        turn: Its place in the conversation, from 0.

    Returns:
        The list, or a line that says why it is empty.
    """
    heading = element("h2", "Sources", tabindex=-1)
    if answer is None or not answer.citations:
        return element(
            "div", heading, element("p", _why_no_sources(answer), class_="empty"), class_="sources"
        )
    cards = [_card(answer, citations, turn) for citations in _by_article(answer.citations)]
    return element("div", heading, element("ol", *cards), class_="sources")


def _why_no_sources(answer: Answer | None) -> str:
    if answer is None:
        return "The articles that an answer cites are listed here, with the sentences that it quotes."
    return "Nothing was cited: there is no answer." if answer.abstention else "Nothing is cited yet."


def _by_article(citations: Sequence[Citation]) -> list[list[Citation]]:
    grouped: dict[tuple[str, str], list[Citation]] = {}
    for citation in citations:
        grouped.setdefault((citation.article.id, citation.article.version), []).append(citation)
    return list(grouped.values())


def _card(answer: Answer, citations: Sequence[Citation], turn: int) -> Html:
    article = citations[0].article
    span = (citations[0].start, citations[0].end)
    passages: dict[Span, list[Citation]] = {}
    for citation in citations:
        passages.setdefault(_surroundings(answer.hits, citation), []).append(citation)
    return element(
        "li",
        _opener(_title(article), article, span, turn, class_="title", dir="auto"),
        _origin(article),
        *(element("p", details, class_="origin") for details in _details(citations)),
        *(_cited_passage(passage, cited, turn) for passage, cited in passages.items()),
        class_="card",
    )


def _details(citations: Sequence[Citation]) -> list[str]:
    """Pages and near copies of cited sentences, each once."""
    return list(dict.fromkeys(citation.details for citation in citations if citation.details))


def _cited_passage(passage: Span, citations: Sequence[Citation], turn: int) -> Html:
    markers = [_marker(citations, citation.marker, turn) or "" for citation in citations]
    parts = marked(
        citations[0].article.text, passage, [(citation.start, citation.end) for citation in citations]
    )
    return element(
        "div", element("div", *markers, class_="markers"), element("p", *parts, dir="auto"), class_="passage"
    )


def _surroundings(hits: Sequence[Hit], citation: Citation) -> Span:
    """The found passage that holds the cited sentence, else the sentence's own line."""
    for hit in hits:
        passage = hit.passage
        is_same = (
            hit.article.version == citation.article.version and passage.article_id == citation.article.id
        )
        if is_same and passage.start <= citation.start and citation.end <= passage.end:
            return passage.start, passage.end
    text = citation.article.text
    line_end = text.find("\n", citation.end)
    return text.rfind("\n", 0, citation.start) + 1, line_end if line_end >= 0 else len(text)


def marked(text: str, span: Span, cited: Sequence[Span], *, tag: str = "mark") -> list[str]:
    """Cut a span of a text into its parts, each cited one in an element.

    Args:
        text: The whole text.
        span: What is to be shown of it.
        cited: What is to be marked of that, in any order; may lie outside or overlap.
        tag: Name of the element.

    Returns:
        The parts that are not empty; without their markup they are `text[span[0]:span[1]]`.
    """
    parts: list[str] = []
    position, end = span
    for start, stop in sorted(cited):
        start, stop = max(start, position), min(stop, end)
        if start < stop:
            parts += [text[position:start], element(tag, text[start:stop])]
            position = stop
    parts.append(text[position:end])
    return [part for part in parts if part]


def reader(article: Article, cited: Span, *, turn: int = 0, note: str = "") -> Html:
    """Render a whole article as clean text, with the cited sentence marked.

    Args:
        article: The article.
        cited: What to mark of its text; an empty span marks nothing.
        turn: The place in the conversation, from 0, whose sources the way back leads to.
        note: What the reader must know about this version.

    Returns:
        The article.
    """
    lines = [
        element("p", *marked(article.text, line, [cited]), dir="auto")
        for line in _lines(article.text)
        if article.text[slice(*line)].strip()
    ]
    return element(
        "article",
        _way_back(turn),
        element("h2", _title(article), tabindex=-1, dir="auto"),
        _origin(article, with_author=True),
        element("p", note, class_="note", role="status") if note else "",
        element("div", *lines, class_="text", lang=_language(article)),
        class_="reader",
        aria_label="Article",
    )


def missing_article(message: str, *, turn: int = 0) -> Html:
    """Render the reader's place when there is no article to show."""
    return element(
        "article", _way_back(turn), element("p", message, class_="note", role="status"), class_="reader"
    )


def _way_back(turn: int) -> Html:
    return element("button", "‹ Sources", type="button", class_="back", data_action="sources", data_turn=turn)


def _lines(text: str) -> Iterator[Span]:
    start = 0
    for line in text.splitlines(keepends=True):
        yield start, start + len(line.rstrip("\r\n"))
        start += len(line)


def _title(article: Article) -> str:
    return " ".join((article.title or article.path).split()) or "Untitled article"


def _language(article: Article) -> str | None:
    return article.language if _LANGUAGE.fullmatch(article.language) else None


def _origin(article: Article, *, with_author: bool = False) -> Html:
    """Author, publisher, date and link of an article, as far as they are known."""
    author = [element("bdi", f"By {article.author}")] if with_author and article.author else []
    source = [element("bdi", article.source)] if article.source else []
    published = [_date(article.published)] if article.published else []
    link = [_link(article.url)] if with_author and _is_web_address(article.url) else []
    known = join([*author, *source, *published, *link], " · ")
    return element("p", known, class_="origin") if known else Html()


def _date(day: date) -> Html:
    return element("time", day_in_words(day), datetime=day.isoformat())


def day_in_words(day: date) -> str:
    """The day as in "13 November 2024"."""
    return f"{day.day} {day:%B} {day.year}"


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return (
            parts.scheme in ("http", "https")
            and bool(parts.hostname)
            and url.isprintable()
            and " " not in url
        )
    except ValueError:
        return False


def _link(url: str) -> Html:
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    return element(
        "a",
        element("bdi", f"Original at {host}"),
        href=url,
        target="_blank",
        rel="noopener noreferrer nofollow",
    )


# --- adding articles ----------------------------------------------------------------------------------------


def upload_table(items: Sequence[ItemProgress], progress: Progress) -> Html:
    """Say how far an upload is: what became of each file, how fast it goes, how long it will take.

    Args:
        items: The files, in their order; of many, those are shown that something happens to.
        progress: Of all of them.

    Returns:
        A bar, a line and a table.
    """
    bar = element("progress", max=progress.total or None, value=progress.done if progress.total else None)
    states = list(ItemState)
    order = [ItemState.FAILED, ItemState.EMBEDDING, ItemState.READING, ItemState.WAITING, *states]
    shown = items if len(items) <= ROWS_SHOWN else sorted(items, key=lambda item: order.index(item.state))
    rows = [_row(item) for item in shown[:ROWS_SHOWN]]
    if len(items) > ROWS_SHOWN:
        rows.append(element("tr", element("td", f"{len(items) - ROWS_SHOWN:,} more", colspan=2)))
    return element(
        "div",
        bar,
        element("p", _speed(progress)),
        element("table", element("tbody", *rows), class_="files"),
        class_="upload",
        role="status",
    )


def _row(item: ItemProgress) -> Html:
    said: list[str] = [item.state.value]
    if item.reason:
        said += [": ", element("span", item.reason, dir="auto")]
    if item.hint:
        said += [" ", element("span", item.hint, class_="hint", dir="auto")]
    name = element("td", element("bdi", item.name, class_="name"))
    return element("tr", name, element("td", *said, class_=f"state {item.state.value}"))


def _speed(progress: Progress) -> str:
    said = f"{progress.done:,} of {_count(progress.total or progress.done, 'file')}"
    said += f", {_count(progress.passages, 'passage')}"
    if progress.passages:
        said += f" ({progress.passages_per_second:.0f} a second)"
    if progress.seconds_left:
        said += f", about {progress.seconds_left:,.0f} seconds left"
    return said


def upload_report(report: IngestReport) -> Html:
    """Say what an upload did: added, updated, unchanged, and what failed and why."""
    kinds = (("Added", report.added), ("Updated", report.updated), ("Already there", report.unchanged))
    lines = [_names(label, names) for label, names in kinds if names]
    failed = [_failed(failure) for failure in report.failed]
    if failed:
        lines.append(element("p", element("strong", f"Not added: {len(failed)}"), class_="count"))
        lines.append(element("ul", *failed, class_="failed"))
    if report.is_cancelled:
        lines.append(element("p", "Stopped. What is done is kept.", class_="stopped"))
    if not lines:
        lines.append(element("p", "No articles were found in what was uploaded."))
    return element("div", *lines, class_="upload", role="status")


def _names(label: str, names: Sequence[str]) -> Html:
    shown = [element("bdi", name) for name in names[:NAMES_SHOWN]]
    more = [f"{len(names) - NAMES_SHOWN} more"] if len(names) > NAMES_SHOWN else []
    return element(
        "p", element("strong", f"{label}: {len(names)}"), " ", join([*shown, *more], " · "), class_="count"
    )


def _failed(failure: Failure) -> Html:
    parts = [element("bdi", failure.name, class_="name"), " ", element("span", failure.reason, dir="auto")]
    if failure.hint:
        parts += [" ", element("span", failure.hint, class_="hint", dir="auto")]
    return element("li", *parts)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


# --- without HTML -------------------------------------------------------------------------------------------


def plain_text(answer: Answer) -> str:
    """The answer and its numbered sources as plain text, for callers that are programs."""
    if answer.abstention:
        near = [f"- {_reference(hit.article)}" for hit in answer.hits[:NEAREST_SHOWN]]
        return "\n".join(
            [answer.abstention.message, *(["", "Not an answer, but close:", *near] if near else [])]
        )
    cited = [f"[{citation.marker}] {_reference(citation.article)}" for citation in answer.citations]
    notes = [note for note in (answer.note, *generation_notes(answer)) if note]
    unsupported = [f"- {s.text} ({s.reason})" for s in answer.sentences if not s.is_supported]
    note = ["", *notes] if notes else []
    note += ["", "Not supported by the articles:", *unsupported] if unsupported else []
    return "\n".join([answer.text, *note, *(["", "Sources:", *cited] if cited else [])])


def _reference(article: Article) -> str:
    published = day_in_words(article.published) if article.published else ""
    return ", ".join(part for part in (_title(article), article.source, published, article.url) if part)
