"""HTML pages read as articles: trafilatura finds the main text, the page's own metadata says what it is.

The only importer of trafilatura. It knows pages that are already here; it opens no connection and guesses no
date: a page that does not name its day of publication has none.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator

import trafilatura
from lxml import etree
from lxml.html import HtmlElement
from trafilatura.settings import Document

from assistant.errors import SourceError
from assistant.sources import clean, page_metadata
from assistant.types import Article, Section

MAX_DEPTH = 254  # libxml2 silently drops what lies deeper, and what follows it
MAX_ELEMENTS = 100_000  # extraction takes time that grows faster than the page: half a minute at this size
MAX_TWICE = 30_000  # elements of a page that is extracted twice, which takes some seconds at this size
MIN_PRECISE_SHARE = (
    0.6  # of the words found in the ordinary way; chosen on even lines of benchmarks/extraction.py
)
HINT = "Save the page in the browser once it shows the article, or copy the text into a .txt file."

_NO_TEXT = "no article text found in the page"
_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_STYLE = "translate(@style, ' ', '')"
_HIDDEN = [
    "//*[@hidden]",
    f"//*[contains({_STYLE}, 'display:none') or contains({_STYLE}, 'visibility:hidden')]",
    "//template",
]
_BODY_CLASS = re.compile(
    r"\b(?:article|story|post|entry)[-_]{1,2}(?:body|text|content|chunk)\b", re.IGNORECASE
)

# Its messages about single pages would reach the terminal of programs that set up no logging.
logging.getLogger("trafilatura").addHandler(logging.NullHandler())


def read(data: bytes, name: str) -> Iterator[Article]:
    """Read an HTML page: the main text with its tables, without comments, menus and hidden elements.

    Args:
        data: The bytes of the page.
        name: The file's name, for a title of last resort and for errors.

    Yields:
        The one article of the page.

    Raises:
        SourceError: If the page is too large or nested too deeply, or has no article.
    """
    charset = _CHARSET.search(data[:4096])
    text = clean.clean(clean.decode(data, name, declared=_charset_name(charset[1]) if charset else ""))
    tree = _parse(text, name)
    found = _extract(tree, name)
    page = page_metadata.describe(tree, author=found.author or "", source=found.sitename or "")
    body = found.text or ""
    sections = _sections(found, body)
    yield clean.article(name, body, **page.fields, sections=sections, origins=page.origins, on_page=True)


def _charset_name(label: bytes) -> str:
    # What browsers do: pages that say Latin-1 or ASCII mean Windows-1252, and a page that could be read as
    # ASCII up to this point is no UTF-16.
    name = label.decode("ascii", "ignore").lower()
    if name.startswith("utf-16"):
        return ""
    return "cp1252" if name in ("iso-8859-1", "latin1", "latin-1", "ascii", "us-ascii") else name


def _parse(text: str, name: str) -> HtmlElement:
    tree = trafilatura.load_html(text)
    if tree is None:
        raise SourceError(name, _NO_TEXT, hint=HINT)
    depth = elements = deepest = 0
    for event, _ in etree.iterwalk(tree, events=("start", "end")):
        depth += 1 if event == "start" else -1
        elements += event == "start"
        deepest = max(deepest, depth)
    if deepest > MAX_DEPTH:
        raise SourceError(name, f"{_NO_TEXT}: its elements are nested too deeply", hint=HINT)
    if elements > MAX_ELEMENTS:
        raise SourceError(name, f"the page has more than {MAX_ELEMENTS:,} elements", hint=HINT)
    return tree


def _extract(tree: HtmlElement, name: str) -> Document:
    # The main text, found so that little else is in it; in the ordinary way where that loses much of it.
    _join_parts(tree)
    try:
        ordinary = _find(tree)
        is_large = sum(1 for _ in tree.iter()) > MAX_TWICE
        precise = None if is_large else _find(tree, favor_precision=True)
    except Exception as exc:  # hostile pages make it and lxml raise nearly anything
        raise SourceError(name, f"the page cannot be parsed ({type(exc).__name__})", hint=HINT) from exc
    if not _words(ordinary) and not _words(precise):
        raise SourceError(name, _NO_TEXT, hint=HINT)
    found = precise if _words(precise) >= MIN_PRECISE_SHARE * _words(ordinary) else ordinary
    return found or Document()


def _find(tree: HtmlElement, *, favor_precision: bool = False) -> Document | None:
    found = trafilatura.bare_extraction(
        tree,
        with_metadata=True,
        include_comments=False,
        include_tables=True,
        favor_precision=favor_precision,
        prune_xpath=_HIDDEN,
        date_extraction_params={"extensive_search": False, "original_date": True},  # its date is not used
    )
    return found if isinstance(found, Document) else None


def _words(found: Document | None) -> int:
    return len((found.text or "").split()) if found else 0


def _join_parts(tree: HtmlElement) -> None:
    # Some sites cut an article into several elements of one class, with advertisements between them.
    # trafilatura takes the first one for the whole, unless they are one.
    for article in tree.iter("article"):
        parts: dict[str, list[HtmlElement]] = {}
        for element in article.iter("div", "section"):
            kind = element.get("class", "")
            if _BODY_CLASS.search(kind) and len(element.findall("p")) > 1:
                parts.setdefault(kind, []).append(element)
        for first, *others in parts.values():
            for other in others:
                if article not in (first, other) and first not in other.iterancestors():
                    first.extend(list(other))


def _sections(found: Document, text: str) -> list[Section]:
    """The headings of the main text, each with the offset of its line."""
    sections, offset = [], 0
    for head in found.body.iter("head"):
        title = clean.one_line("".join(map(str, head.itertext())))
        match = title and re.compile(rf"^[^\w\n]*{_any_blanks(title)}[^\w\n]*$", re.MULTILINE).search(
            text, offset
        )
        if match:
            sections.append(Section(match.start(), title))
            offset = match.end()
    return sections


def _any_blanks(title: str) -> str:
    return r"\s+".join(map(re.escape, title.split()))
