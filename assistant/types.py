"""The values that flow through the assistant, from an article to a cited answer.

Everything here is frozen and knows nothing of files, stores, models or pages. Offsets count characters
(Unicode code points) of `Article.text`, start included, end excluded; for every passage and every citation
`text == article.text[start:end]`. A score is higher-is-better everywhere in this package.
"""

from __future__ import annotations

import hashlib
import json
import re
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from assistant.escaping import escaped, preformatted

BY_HAND = "edited by hand"  # as the origin of a field
NOT_A_DATE = "not a date: "  # as the beginning of the origin of a date that nobody could read
PDF = "application/pdf"
SHOWN_AS_TEXT = frozenset((".txt", ".md", ".markdown", ".html", ".htm", ".xhtml", ".eml", ".mhtml", ".mht"))
MAX_NAME_CHARS = 60  # of the text of an article that has no other name


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:24]


class Section(NamedTuple):
    """A heading of an article and where the part below it begins."""

    start: int  # offset in the article's text
    title: str


@dataclass(frozen=True, slots=True)
class Article:
    """One document of the corpus: clean text and what is known about it.

    `published` is the day the article itself names; unknown stays None. `source` is the publisher. `root` and
    `path` say where a file of a synced folder came from: the folder, and the place within it.

    `modified` is the day of the last change that the article itself names. `sections` are its headings, in
    order; `pages` the offsets at which its pages begin, of a PDF. `origins` says where what is known was
    found, by field: ("published", "JSON-LD"). `original` is the SHA-256 of the file that it was read from and
    the file's suffix, if that is kept.
    """

    text: str
    title: str = ""
    author: str = ""
    published: date | None = None
    source: str = ""
    url: str = ""
    language: str = ""
    root: str = ""
    path: str = ""
    modified: date | None = None
    sections: tuple[Section, ...] = ()
    pages: tuple[int, ...] = ()
    origins: tuple[tuple[str, str], ...] = ()
    original: str = ""

    @property
    def id(self) -> str:
        """What the article is, over all its versions: its URL, else its place in a folder, else its text."""
        if self.url:
            return _digest("url", self.url)
        return _digest("path", self.root, self.path) if self.path else _digest("text", self.text)

    @property
    def name(self) -> str:
        """What to call the article: its title, else its path, else the beginning of its text."""
        beginning = str(self.text)[:MAX_NAME_CHARS]
        cut = "…" if len(beginning) == MAX_NAME_CHARS else ""
        return self.title or self.path or " ".join(beginning.split()) + cut

    @property
    def version(self) -> str:
        """Hash of the text: the citations of one version resolve in that version."""
        return _digest(self.text)

    @property
    def digest(self) -> str:
        """Hash of all that is stored: equal digests mean that nothing needs to be written."""
        published = self.published.isoformat() if self.published else ""
        known = (
            self.title,
            self.author,
            published,
            self.source,
            self.url,
            self.language,
            self.root,
            self.path,
        )
        return _digest(self.text, *known, *([self.further] if self.further else []))

    @property
    def further(self) -> str:
        """`modified`, `sections`, `pages`, `origins` and `original` as JSON; empty if none is known."""
        known = {
            "modified": self.modified and self.modified.isoformat(),
            "sections": [list(section) for section in self.sections],
            "pages": list(self.pages),
            "origins": [list(origin) for origin in self.origins],
            "original": self.original,
        }
        known = {name: value for name, value in known.items() if value}
        return json.dumps(known, ensure_ascii=False) if known else ""

    def with_further(self, text: str) -> Article:
        """The article with what `further` wrote down."""
        known = json.loads(text) if text else {}
        modified = known.get("modified")
        return replace(
            self,
            modified=date.fromisoformat(modified) if modified else None,
            sections=tuple(Section(start, title) for start, title in known.get("sections", ())),
            pages=tuple(known.get("pages", ())),
            origins=tuple((field, where) for field, where in known.get("origins", ())),
            original=known.get("original", ""),
        )


@dataclass(frozen=True, slots=True)
class ArticleVersion:
    """An article as it was or is: what a citation of that version was made from.

    Args:
        article: The article with the title and text of that version.
        replaced: When a newer version took its place; None if it is the present one.
    """

    article: Article
    replaced: datetime | None = None

    @property
    def note(self) -> str:
        """What a reader must know of it: that it is of an older version; empty for the present one."""
        return (
            f"Of an older version, replaced on {self.replaced.date().isoformat()}." if self.replaced else ""
        )


@dataclass(frozen=True, slots=True)
class Original:
    """The file that an article was read from, as it came.

    Args:
        path: Where it is; not to be written to.
        name: A name for it, from the article's.
        media_type: As what it may be shown: a PDF or plain text, never as a live page; anything else is
            "application/octet-stream", only to be saved.
    """

    path: Path
    name: str
    media_type: str

    @classmethod
    def of(cls, article: Article, path: Path) -> Original:
        """The original of an article, which lies there."""
        suffix = path.suffix
        kind = (
            PDF
            if suffix == ".pdf"
            else "text/plain"
            if suffix in SHOWN_AS_TEXT
            else "application/octet-stream"
        )
        stem = re.sub(r"[^\w .-]+", " ", article.name.rpartition("/")[2]).strip(" .")[:MAX_NAME_CHARS]
        stem = stem.removesuffix(suffix) or "article"
        return cls(path, stem + suffix, kind)


@dataclass(frozen=True, slots=True)
class Passage:
    """A retrievable slice of an article."""

    article_id: str
    start: int
    end: int
    text: str
    header: str = ""  # what is embedded in front of the text: the article's title

    @property
    def id(self) -> str:
        """Content address: the same slice of the same article, embedded the same way, has the same id."""
        return _digest(self.article_id, str(self.start), str(self.end), self.header, self.text)

    @property
    def embedded_text(self) -> str:
        """The text that the embedding model reads."""
        return f"{self.header}\n{self.text}" if self.header else self.text


class AlsoIn(NamedTuple):
    """Another article with the same story, told in nearly the same words."""

    article_id: str
    name: str  # as `Article.name`
    source: str
    url: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that was found, with its article and what each search said of it.

    Args:
        passage: The passage found.
        article: Its article.
        score: Fused score in [0, 1]; compares within one search.
        similarity: Cosine of query and passage in [-1, 1]; None if the dense search did not return it.
        lexical: BM25 score, 0 or more, unbounded; None if the lexical search did not return it.
        answers: Probability that the passage answers the question; None if it was not read for one.
        also_in: Near copies of the article, which count as one source with it and are no hits of their own.
    """

    passage: Passage
    article: Article
    score: float
    similarity: float | None = None
    lexical: float | None = None
    answers: float | None = None
    also_in: tuple[AlsoIn, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The hit as plain JSON values."""
        return {
            "score": round(self.score, 4),
            "similarity": None if self.similarity is None else round(self.similarity, 4),
            "lexical": None if self.lexical is None else round(self.lexical, 4),
            "answers": None if self.answers is None else round(self.answers, 4),
            "article_id": self.article.id,
            "passage_id": self.passage.id,
            "start": self.passage.start,
            "end": self.passage.end,
            "text": self.passage.text,
            "also_in": [other._asdict() for other in self.also_in],
            **article_fields(self.article),
        }

    def to_markdown(self) -> str:
        """The passage as a quote with its article; what is no word is escaped."""
        about = _about(self.article)
        name = escaped(self.article.name) + (f" ({escaped(about)})" if about else "")
        return f"{name}\n\n> {escaped(self.passage.text)}"

    def _repr_html_(self) -> str:
        """What a notebook shows; text of articles is escaped."""
        about = _about(self.article)
        return preformatted(f"{self.article.name}{f' ({about})' if about else ''}\n\n{self.passage.text}")


@dataclass(frozen=True, slots=True)
class _Slice:
    """A slice of an article that a marker of an answer stands for."""

    marker: int  # the n of [n], from 1
    article: Article
    start: int
    end: int

    @property
    def text(self) -> str:
        """The words, as they stand in the article."""
        return self.article.text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Citation(_Slice):
    """A marker of an answer, resolved to the exact sentence that it rests on."""

    also_in: tuple[AlsoIn, ...] = ()  # near copies of the article

    @property
    def page(self) -> int | None:
        """The page on which the sentence begins, from 1, if the article knows its pages."""
        return bisect_right(self.article.pages, self.start) or None

    @property
    def details(self) -> str:
        """Where else to look, in words: "p. 3, also in Herald, Times"; often empty."""
        names = dict.fromkeys(other.source or other.name for other in self.also_in)
        parts = [f"p. {self.page}"] if self.page else []
        return ", ".join([*parts, *(["also in " + ", ".join(names)] if names else [])])

    def to_dict(self) -> dict[str, Any]:
        """The citation in the field names of the Anthropic Citations API, and what else we know."""
        return {
            "type": "char_location",
            "marker": self.marker,
            "cited_text": self.text,
            "document_title": self.article.title,
            "start_char_index": self.start,
            "end_char_index": self.end,
            "article_id": self.article.id,
            "article_version": self.article.version,
            "page": self.page,
            "also_in": [other._asdict() for other in self.also_in],
            **article_fields(self.article),
        }

    def to_markdown(self) -> str:
        """The marker, where it is from, and the quoted sentence; what is no word is escaped."""
        told = ", ".join(filter(None, (_about(self.article), self.details)))
        about = f"{escaped(self.article.name)}{f' ({escaped(told)})' if told else ''}"
        address = f" {escaped(self.article.url)}" if self.article.url else ""
        return f"\\[{self.marker}\\] {about}{address}\n\n> {escaped(self.text)}"


@dataclass(frozen=True, slots=True)
class ShortAnswer(_Slice):
    """The few words that answer the question, in the sentence of the citation with the same marker."""

    def to_dict(self) -> dict[str, Any]:
        """The short answer as plain JSON values."""
        return {
            "text": self.text,
            "marker": self.marker,
            "start_char_index": self.start,
            "end_char_index": self.end,
        }


class Confidence(StrEnum):
    """How sure an answer is, in a word."""

    SURE = "sure"
    LIKELY = "likely"
    WEAK = "weak"


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of a conversation."""

    role: Literal["user", "assistant"]
    text: str


@dataclass(frozen=True, slots=True)
class Filters:
    """Which articles a search may look at; the conditions are joined by "and", an empty one lets all pass.

    An article without a published date passes no date condition. A corpus takes upper and lower case of a
    source for the same.

    Raises:
        TypeError: If a date is no `date`, or is a `datetime`, or the sources or ids are no tuple of texts.
        ValueError: If the dates are reversed.
    """

    published_from: date | None = None
    published_to: date | None = None  # inclusive
    sources: tuple[str, ...] = ()
    article_ids: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("published_from", "published_to"):
            day = getattr(self, name)
            if day is not None and (not isinstance(day, date) or isinstance(day, datetime)):
                raise TypeError(f"{name} must be a date or None, not {type(day).__name__}")
        for name in ("sources", "article_ids"):
            values = getattr(self, name)
            if not isinstance(values, tuple) or not all(isinstance(value, str) for value in values):
                raise TypeError(f'{name} must be a tuple of texts, such as ("Gazette",), not {values!r}')
        if self.published_from and self.published_to and self.published_from > self.published_to:
            raise ValueError(
                f"published_from {self.published_from} is after published_to {self.published_to}"
            )

    def __bool__(self) -> bool:
        return self != Filters()

    def to_dict(self) -> dict[str, Any]:
        """The conditions as plain JSON values."""
        first, last = (day and day.isoformat() for day in (self.published_from, self.published_to))
        lists = {"sources": list(self.sources), "article_ids": list(self.article_ids)}
        return {"published_from": first, "published_to": last, **lists}

    def describe(self, names: Mapping[str, str] = MappingProxyType({})) -> str:
        """The conditions in words, for the reader; empty if there are none.

        Args:
            names: What to call articles, by their ids; those that are not there are counted.

        Returns:
            The words, as in "from 2024-11-01, by Gazette".
        """
        parts = []
        if self.published_from:
            parts.append(f"from {self.published_from.isoformat()}")
        if self.published_to:
            parts.append(f"until {self.published_to.isoformat()}")
        if self.sources:
            parts.append("by " + " or ".join(self.sources))
        if self.article_ids:
            named = [f"“{names[one]}”" for one in self.article_ids if one in names]
            left = len(self.article_ids) - len(named)
            counted = [f"{left} chosen article{'' if left == 1 else 's'}"] if left else []
            parts.append("in " + " or ".join([*named, *counted]))
        return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class DateRange:
    """A period, with the words of the question that it came from.

    Args:
        start: First day; None if it is open.
        end: Last day; None if it is open.
        words: The words of the question.
        is_relative: Whether the words count from the reference day, so that they most likely speak of when
            an article was published; a year or a month of a year may as well be what articles tell of.
    """

    start: date | None
    end: date | None
    words: str
    is_relative: bool = False

    def __contains__(self, day: date) -> bool:
        return (self.start is None or day >= self.start) and (self.end is None or day <= self.end)

    def nearness(self, day: date) -> float:
        """How near a day is: 1 within the period, half as much for each week outside of it."""
        before = (self.start - day).days if self.start else 0
        after = (day - self.end).days if self.end else 0
        return float(0.5 ** (max(0, before, after) / 7))

    def to_dict(self) -> dict[str, Any]:
        """The period as plain JSON values."""
        first, last = (day.isoformat() if day else None for day in (self.start, self.end))
        return {"from": first, "until": last, "words": self.words}

    def describe(self) -> str:
        """The period in words, for the reader."""
        ends = [f"from {self.start.isoformat()}"] if self.start else []
        ends += [f"until {self.end.isoformat()}"] if self.end else []
        return f"{' '.join(ends)}, because of “{self.words}”"


class Reason(StrEnum):
    """Why there is no answer."""

    EMPTY_QUESTION = "empty question"
    QUESTION_TOO_LONG = "question too long"
    NOTHING_TO_SEARCH_FOR = "no words to search for"
    EMPTY_CORPUS = "empty corpus"
    NOTHING_MATCHES_FILTERS = "no article matches the filters"
    NOT_SUPPORTED = "the corpus does not say"


class Form(StrEnum):
    """How an answer is told that gathers several facts."""

    SUMMARY = "summary"
    TIMELINE = "timeline"
    LIST = "list"
    COMPARISON = "comparison"


@dataclass(frozen=True, slots=True)
class Abstention:
    """A deliberate non-answer: why, and what in the question was not found near anything."""

    reason: Reason
    message: str  # one or two sentences for the reader
    missing_terms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of an answer that a chat model wrote, and what the local check makes of it.

    Args:
        text: Plain text on one line, without markers.
        markers: Of the citations that support it, in their order; empty if it is not supported.
        support: How well its passages support it, in [0, 1].
        is_supported: Whether that is enough.
        reason: Why it is not supported, for the reader; empty if it is.
        opens_paragraph: Whether it begins a new line.
        is_unconfirmed: Whether a passage may well say it in other words, which the check cannot
            confirm; only if it is not supported.
    """

    text: str
    markers: tuple[int, ...] = ()
    support: float = 0.0
    is_supported: bool = False
    reason: str = ""
    opens_paragraph: bool = False
    is_unconfirmed: bool = False

    @property
    def marked(self) -> str:
        """The sentence and its markers."""
        return self.text + "".join(f" [{marker}]" for marker in self.markers)

    @property
    def doubt(self) -> str:
        """What is said beside it: "Not supported: …" or "Not confirmed: …"; empty if it is supported."""
        if self.is_supported:
            return ""
        return f"{'Not confirmed' if self.is_unconfirmed else 'Not supported'}: {self.reason}"

    def to_dict(self) -> dict[str, Any]:
        """The sentence as plain JSON values."""
        return {
            "text": self.text,
            "markers": list(self.markers),
            "support": round(self.support, 4),
            "supported": self.is_supported,
            "unconfirmed": self.is_unconfirmed,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class Generation:
    """How a chat model was asked, and what became of it.

    Args:
        model: Its name, "provider:model".
        prompt: Hash of the prompts that it was sent.
        passages: How many passages it was shown.
        left_out: How many of the evidence had no room in its window.
        tokens: Estimated length of what it was sent.
        window: Tokens that it reads at most, its answer included.
        removed: Sentences that were not supported and are not shown.
        failure: Why its answer is not used and the extractive one stands in; empty if it is used.
        note: What else the reader should know of it, such as that its answer was cut off.
    """

    model: str
    prompt: str = ""
    passages: int = 0
    left_out: int = 0
    tokens: int = 0
    window: int = 0
    removed: int = 0
    failure: str = ""
    note: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The same as plain JSON values."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Answer:
    """The answer to one question; while it streams, a growing one.

    Args:
        question: What the user asked.
        text: Plain text; every sentence that is quoted or supported is followed by its markers `[n]`. Empty
            if the assistant abstains.
        citations: One for each marker of `text`, in the order of the markers.
        hits: The evidence, best first. After an abstention: what came nearest.
        abstention: Set if there is no answer.
        score: Probability that the first sentence answers the question, or that the corpus tells of the topic
            if several facts are gathered; at least the threshold if answered.
        confidence: The same in a word; None if the assistant abstains, or gathered several facts.
        short_answer: The words of a cited sentence that answer the question, where a few words can.
        note: What the reader should know besides, such as that articles disagree; plain text, often empty.
        standalone_question: What was searched once the conversation is folded in.
        period: The period that the question was taken to speak of; None if it names none.
        searched_articles: How many articles the search could look at.
        unresolved: Markers that a chat model wrote and that name no evidence; they are not in the text.
        sentences: What a chat model wrote, each sentence checked; empty for extractive answers.
        generation: How a chat model was asked; None if none is set.
        is_complete: False while the answer is still growing.
        seconds: Time taken so far.
        filters: Which articles could be used.
        form: How it is told if it gathers several facts; None if one fact answers.
    """

    question: str
    text: str = ""
    citations: tuple[Citation, ...] = ()
    hits: tuple[Hit, ...] = ()
    abstention: Abstention | None = None
    score: float = 0.0
    confidence: Confidence | None = None
    short_answer: ShortAnswer | None = None
    note: str = ""
    standalone_question: str = ""
    period: DateRange | None = None
    searched_articles: int = 0
    unresolved: tuple[str, ...] = ()
    sentences: tuple[Sentence, ...] = ()
    generation: Generation | None = None
    is_complete: bool = False
    seconds: float = 0.0
    filters: Filters = Filters()
    form: Form | None = None

    @property
    def asked_of(self) -> str:
        """The filters in words, articles by their names where the evidence has them; often empty."""
        return self.filters.describe({hit.article.id: hit.article.name for hit in self.hits})

    @property
    def mode(self) -> Literal["extractive", "chat"]:
        """Who wrote the text: "extractive" if it is quoted, "chat" if a chat model wrote it."""
        return "chat" if self.generation and not self.generation.failure else "extractive"

    @property
    def groundedness(self) -> float | None:
        """Share of the chat model's sentences that are supported, in [0, 1]; None if it wrote none."""
        removed = self.generation.removed if self.generation else 0
        count = len(self.sentences) + removed
        return sum(sentence.is_supported for sentence in self.sentences) / count if count else None

    def to_dict(self) -> dict[str, Any]:
        """The answer as plain JSON values."""
        abstention = self.abstention and {
            "reason": self.abstention.reason.value,
            "message": self.abstention.message,
            "missing_terms": list(self.abstention.missing_terms),
        }
        return {
            "question": self.question,
            "standalone_question": self.standalone_question,
            "period": self.period and self.period.to_dict(),
            "filters": self.filters.to_dict(),
            "text": self.text,
            "abstention": abstention,
            "score": round(self.score, 4),
            "confidence": self.confidence,
            "short_answer": self.short_answer and self.short_answer.to_dict(),
            "note": self.note,
            "citations": [citation.to_dict() for citation in self.citations],
            "hits": [hit.to_dict() for hit in self.hits],
            "searched_articles": self.searched_articles,
            "unresolved": list(self.unresolved),
            "mode": self.mode,
            "form": self.form,
            "sentences": [sentence.to_dict() for sentence in self.sentences],
            "groundedness": self.groundedness,
            "generation": self.generation and self.generation.to_dict(),
            "seconds": round(self.seconds, 3),
        }

    def to_markdown(self) -> str:
        """The answer with its numbered references, or why there is none; what is no word is escaped."""
        said = [escaped(line) for line in self.text.splitlines() if line.strip()]
        why = [f"*{escaped(self.abstention.message)}*"] if self.abstention else []
        note = [f"*{escaped(each)}*" for each in (self.note, *self._doubts()) if each]
        filters = [f"*{escaped(f'Filters: {self.asked_of}')}*"] if self.filters else []
        return "\n\n".join(
            [*filters, *why, *said, *note, *(citation.to_markdown() for citation in self.citations)]
        )

    def _doubts(self) -> list[str]:
        return [f"“{each.text}” {each.doubt}" for each in self.sentences if each.doubt]

    def _repr_html_(self) -> str:
        """What a notebook shows; text of articles and of models is escaped."""
        why = [f"Filters: {self.asked_of}"] if self.filters else []
        why += [self.abstention.message] if self.abstention else []
        cited = [f"[{c.marker}] {c.article.name}: {c.text}" for c in self.citations]
        said = [*why, self.text, self.note, *self._doubts(), "\n".join(cited)]
        return preformatted("\n\n".join(filter(None, said)))


@dataclass(frozen=True, slots=True)
class Failure:
    """Something that could not be added, and why."""

    name: str
    reason: str
    hint: str = ""


MANY_ALIKE = 5  # failures for one reason that are told one by one
_DETAIL = re.compile(r" \([^()]*\)$")  # of a reason, such as which kind of file it is


def alike(failures: Sequence[Failure]) -> list[tuple[Failure, ...]]:
    """Failures to be told together: those for one reason if they are many, each of the others by itself.

    Args:
        failures: In any order.

    Returns:
        All of them, in the order in which each reason came first.
    """
    by_reason: dict[tuple[str, str], list[Failure]] = {}
    for failure in failures:
        by_reason.setdefault((_DETAIL.sub("", failure.reason), failure.hint), []).append(failure)
    return [
        group
        for found in by_reason.values()
        for group in ([tuple(found)] if len(found) > MANY_ALIKE else [(each,) for each in found])
    ]


@dataclass(frozen=True, slots=True)
class Unchanged:
    """An article of a file that is as it was when it was last read, so that it need not be read again."""

    id: str
    digest: str  # as `Article.digest`
    content: str  # hash of all but its place
    name: str  # as `Article.name`
    place: str  # its path, or what else it is called


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What an ingest did; the tuples hold titles or paths."""

    added: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    failed: tuple[Failure, ...] = ()
    passages: int = 0  # newly embedded
    seconds: float = 0.0
    is_cancelled: bool = False  # ended before all was looked at, because it was asked to
    held: tuple[str, ...] = ()  # left out, since a person removed them
    notes: tuple[str, ...] = ()  # what else a person should know, in words
    ids: tuple[tuple[str, str], ...] = ()  # (name as above, id) of articles that were read: the first of many

    def __add__(self, later: IngestReport) -> IngestReport:
        """What two ingests did, one after the other."""
        sums = {f.name: getattr(self, f.name) + getattr(later, f.name) for f in fields(self)}
        return IngestReport(**sums | {"is_cancelled": self.is_cancelled or later.is_cancelled})

    def to_dict(self) -> dict[str, Any]:
        """The report as plain JSON values."""
        return {
            "added": list(self.added),
            "updated": list(self.updated),
            "unchanged": list(self.unchanged),
            "removed": list(self.removed),
            "failed": [{"name": f.name, "reason": f.reason, "hint": f.hint} for f in self.failed],
            "passages": self.passages,
            "seconds": round(self.seconds, 3),
            "cancelled": self.is_cancelled,
            "held": list(self.held),
            "notes": list(self.notes),
        }


Cancelled = Callable[[], bool]  # whether something that is under way is to stop


def never() -> bool:
    """Not to be cancelled."""
    return False


def always() -> bool:
    """To go on whatever happens."""
    return True


class ItemState(StrEnum):
    """What has become so far of something that is being added."""

    WAITING = "waiting"
    READING = "reading"
    EMBEDDING = "embedding"
    IN = "in"
    UNCHANGED = "unchanged"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class ItemProgress:
    """The state of one article or file; the reason and the hint if it failed."""

    name: str
    state: ItemState
    reason: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class RememberedFailure:
    """A failure that was not mended yet."""

    failure: Failure
    origin: str  # path or address that was to be added; empty if the bytes were handed over
    name: str = ""  # that the origin, a folder, is known by instead of its place
    at: str = ""  # when it failed, ISO 8601 in UTC

    def to_dict(self) -> dict[str, Any]:
        """The failure as plain JSON values."""
        failed = {"name": self.failure.name, "reason": self.failure.reason, "hint": self.failure.hint}
        return failed | {"origin": self.origin, "origin_name": self.name, "at": self.at}


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an ingest is, for a progress bar."""

    done: int  # articles wholly in
    total: int | None  # None while the number is not known
    name: str  # the article or file at hand
    passages: int  # embedded so far
    seconds: float
    changed: tuple[ItemProgress, ...] = ()  # what has another state than when this was told last

    @property
    def passages_per_second(self) -> float:
        """Passages embedded a second since the beginning; 0 at the beginning."""
        return self.passages / self.seconds if self.seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float | None:
        """About how long the rest will take, as the articles took so far; None while that is not known."""
        if not self.total or not self.done:
            return None
        return max(0.0, (self.total - self.done) * self.seconds / self.done)


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """What a check of the corpus found; healthy if there are no problems."""

    articles: int
    passages: int
    problems: tuple[str, ...] = ()
    repaired: tuple[str, ...] = ()

    @property
    def is_healthy(self) -> bool:
        """Whether the three stores agree with one another and with themselves."""
        return not self.problems

    def to_dict(self) -> dict[str, Any]:
        """The report as plain JSON values."""
        return {
            "healthy": self.is_healthy,
            "articles": self.articles,
            "passages": self.passages,
            "problems": list(self.problems),
            "repaired": list(self.repaired),
        }


def _about(article: Article) -> str:
    """Publisher and day of an article, as far as they are known."""
    day = article.published.isoformat() if article.published else ""
    return ", ".join(filter(None, (article.source, day)))


def article_fields(article: Article) -> Mapping[str, Any]:
    """What a reader wants to know of an article beside its text, as plain JSON values."""
    return {
        "title": article.title,
        "author": article.author,
        "published": article.published.isoformat() if article.published else None,
        "source": article.source,
        "url": article.url,
        "path": article.path,
    }
