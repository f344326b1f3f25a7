"""When a web page says that it was published and changed.

It knows the places in which pages write dates; a time of retrieval, a copyright year or a date in the text is
never taken for one, and a page that names no day has none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import islice
from typing import Any

from lxml.html import HtmlElement

from assistant.sources import clean
from assistant.sources.json_ld import Entity

Found = tuple[object, str]  # a value, and where it was found

PUBLISHED_NAMES = (
    "article:published_time", "article:published", "article.published", "og:article:published_time",
    "og:published_time", "datepublished", "date_published", "published_time", "publication_date",
    "citation_publication_date", "citation_date", "dc.date.issued", "dcterms.issued", "dc.date.created",
    "dcterms.created", "dc.date", "dcterms.date", "parsely-pub-date", "sailthru.date",
    "cxenseparse:recs:publishtime", "publish-date", "publishdate", "publish_date", "pubdate", "og:pubdate",
    "pub_date", "originalpublicationdate", "dcsext.articlefirstpublished", "datecreated", "date",
)  # fmt: skip
MODIFIED_NAMES = (
    "article:modified_time", "article:modified", "article.updated", "datemodified", "og:updated_time",
    "dcterms.modified", "dc.date.modified", "lastmod", "last-modified", "revised", "date_modified",
)  # fmt: skip
DATELINE_TEXTS = (
    40  # pieces of text below the headline in which a dateline stands, before the first paragraph
)
PARAGRAPH_CHARS = 80  # the first is the lead, and a date may follow; the second is the text
LABEL_CHARS = 30  # such as "Updated:", before a date
DAY_FIRST = frozenset("pt es fr de it nl ru uk pl cs sk ro tr el da nb no fi id vi".split())

_NUMBERS = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})(?:,? \d{1,2}[:h.]\d{2})?")
_CHANGED = re.compile(r"updat|modif|edited|changed|actuali|mis à jour|aktualisiert", re.IGNORECASE)
_LABEL = re.compile(
    r"^(?:first )?(?:published|posted|created|date|added|publicado|publié|veröffentlicht|am|on|기사입력)?"
    r"(?: (?:on|at|em|el|le|am))?[\s:,|·•\[(-]*",
    re.IGNORECASE,
)


def published(tree: HtmlElement, metas: Mapping[str, str], own: Sequence[Entity]) -> Iterator[Found]:
    """Where a page may name its day of publication, the surest first.

    Args:
        tree: The page.
        metas: Its meta tags by name, in small letters.
        own: Its JSON-LD entities, its article first.

    Yields:
        What is written there, and where.
    """
    yield from _stated(metas, own, "datePublished", PUBLISHED_NAMES)
    yield from _marked(tree, "//*[@itemprop='datePublished']|//time[@pubdate]", "marked in the text")
    yield from _marked(
        tree, "//time[contains(@class, 'entry-date') and contains(@class, 'published')]", "<time>"
    )


def modified(tree: HtmlElement, metas: Mapping[str, str], own: Sequence[Entity]) -> Iterator[Found]:
    """Where a page may name the day of its last change, the surest first.

    Args:
        tree: The page.
        metas: Its meta tags by name, in small letters.
        own: Its JSON-LD entities, its article first.

    Yields:
        What is written there, and where.
    """
    yield from _stated(metas, own, "dateModified", MODIFIED_NAMES)
    yield from _marked(tree, "//*[@itemprop='dateModified']", "marked in the text")


def dateline(heading: HtmlElement | None, language: str) -> tuple[date | None, str]:
    """The date that stands between a page's headline and its first paragraph, alone or with a time.

    Args:
        heading: The element of the headline.
        language: Of the page; 5/10/2018 is in October where all write the day first, and else no date.

    Returns:
        The day, and where it was found. None if no date is there or two are: then one may be that of today,
        or of another story. A date that says "updated" is none.
    """
    days: set[date] = set()
    before, paragraphs = "", 0
    for element, words in islice(_texts_after(heading), DATELINE_TEXTS):
        paragraphs += len(words) > PARAGRAPH_CHARS
        if paragraphs > 1:
            break
        first = _CHANGED.split(words)[0]  # "November 13, 2024 - Updated November 14"
        stamp = element.get("datetime") if element.tag == "time" and first == words else None
        day = clean.parse_date(stamp) or _written(first, language)
        if day and not _CHANGED.search(f"{before} {element.get('class', '')}"):
            days.add(day)
        before = words if len(words) < LABEL_CHARS else ""
    return (days.pop(), "dateline") if len(days) == 1 else (None, "")


def as_shown(stated: tuple[Any, str], shown: tuple[Any, str]) -> tuple[Any, str]:
    """The day that a page states; the one that it shows, if it states none, or the next one by its time zone.

    Args:
        stated: The day of a field, and where it was found; an empty day if there is none.
        shown: The day of the dateline, likewise.

    Returns:
        One of the two.
    """
    if not shown[0]:
        return stated
    return shown if not stated[0] or (stated[0] - shown[0]).days == 1 else stated


def _stated(
    metas: Mapping[str, str], own: Sequence[Entity], key: str, names: Sequence[str]
) -> Iterator[Found]:
    yield from ((entity.get(key), "JSON-LD") for entity in own)
    yield from ((metas[name], f"meta {name}") for name in names if name in metas)


def _written(words: str, language: str) -> date | None:
    bare = _LABEL.sub("", words).rstrip(" ])|·•-")
    if language in DAY_FIRST and (match := _NUMBERS.fullmatch(bare)):
        day, month, year = match.groups()
        return clean.parse_date(f"{year}-{month}-{day}")
    return clean.parse_date(bare)


def _marked(tree: HtmlElement, path: str, where: str) -> Iterator[Found]:
    for element in tree.xpath(path):
        yield element.get("datetime") or element.get("content") or element.text_content(), where


def _texts_after(heading: HtmlElement | None) -> Iterator[tuple[HtmlElement, str]]:
    # Pieces of text in the order of the page, each with its element.
    if heading is None:
        return
    for element in heading.xpath("following::*"):
        if isinstance(element.tag, str) and element.tag not in ("script", "style", "noscript", "option"):
            for piece in (element.text, *(child.tail for child in element)):
                if words := " ".join((piece or "").split()):
                    yield element, words
