"""HTML pages read as articles: trafilatura finds the main text, the page's own metadata says what it is.

The only importer of trafilatura and lxml. It knows pages that are already here; it opens no connection and
guesses no date: a page that does not name its day of publication has none.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from datetime import date

import trafilatura
from lxml import etree
from lxml.html import HtmlElement
from trafilatura.settings import Document

from assistant.errors import SourceError
from assistant.sources import clean
from assistant.types import Article

MAX_DEPTH = 254  # libxml2 silently drops what lies deeper, and what follows it
MAX_ELEMENTS = 100_000  # extraction takes time that grows faster than the page: half a minute at this size
HINT = "Save the page in the browser once it shows the article, or copy the text into a .txt file."

_NO_TEXT = "no article text found in the page"
_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_STYLE = "translate(@style, ' ', '')"
_HIDDEN = [
    "//*[@hidden]",
    f"//*[contains({_STYLE}, 'display:none') or contains({_STYLE}, 'visibility:hidden')]",
    "//template",
]
_DATE_IN_BROKEN_JSON = re.compile(r'"datePublished"\s*:\s*"([^"]{8,40})"')
_DATE_NAMES = (
    "article:published_time",
    "article:published",
    "og:article:published_time",
    "og:published_time",
    "datepublished",
    "date_published",
    "published_time",
    "publication_date",
    "citation_publication_date",
    "citation_date",
    "dc.date.issued",
    "dcterms.issued",
    "dc.date.created",
    "dcterms.created",
    "dc.date",
    "dcterms.date",
    "parsely-pub-date",
    "sailthru.date",
    "cxenseparse:recs:publishtime",
    "publish-date",
    "publishdate",
    "publish_date",
    "pubdate",
    "date",
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
    yield clean.article(
        name,
        found.text or "",
        title=found.title,
        author=_author(found.author),
        published=_published(tree),
        source=found.sitename,
        url=_url(tree),
        language=_language(tree),
    )


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
    try:
        found = trafilatura.bare_extraction(
            tree,
            with_metadata=True,
            include_comments=False,
            include_tables=True,
            prune_xpath=_HIDDEN,
            date_extraction_params={"extensive_search": False, "original_date": True},  # its date is not used
        )
    except Exception as exc:  # hostile pages make it and lxml raise nearly anything
        raise SourceError(name, f"the page cannot be parsed ({type(exc).__name__})", hint=HINT) from exc
    if not isinstance(found, Document) or not (found.text or "").strip():
        raise SourceError(name, _NO_TEXT, hint=HINT)
    return found


def _author(names: str | None) -> str:
    parts = (re.sub(r"^by\s+", "", part.strip(), flags=re.IGNORECASE) for part in (names or "").split(";"))
    return ", ".join(dict.fromkeys(p for p in parts if p and not re.search(r"://|www\.|@", p)))


def _published(tree: HtmlElement) -> date | None:
    candidates = [*_json_ld_dates(tree), *_meta_dates(tree), *_markup_dates(tree)]
    return next((day for day in map(clean.parse_date, candidates) if day), None)


def _meta_dates(tree: HtmlElement) -> list[str]:
    given: dict[str, str] = {}
    for meta in tree.iterfind(".//meta[@content]"):
        key = meta.get("property") or meta.get("name") or meta.get("itemprop") or ""
        given.setdefault(key.lower(), meta.get("content", ""))
    return [given[key] for key in _DATE_NAMES if key in given]


def _markup_dates(tree: HtmlElement) -> list[str]:
    marked = tree.xpath("//*[@itemprop='datePublished']") + tree.xpath("//time[@pubdate]")
    return [element.get("datetime") or element.get("content") or element.text_content() for element in marked]


def _json_ld_dates(tree: HtmlElement) -> Iterator[str]:
    for script in tree.iterfind(".//script[@type='application/ld+json']"):
        block = script.text or ""
        try:
            yield from _dates_within(json.loads(block, strict=False))
        except (ValueError, RecursionError):
            yield from _DATE_IN_BROKEN_JSON.findall(block)[:1]


def _dates_within(value: object) -> Iterator[str]:
    # Only the page's own entities: the top level, a list of them, a @graph; not comments or related articles.
    if isinstance(value, list):
        for item in value:
            yield from _dates_within(item)
    elif isinstance(value, dict):
        if isinstance(value.get("datePublished"), str):
            yield value["datePublished"]
        yield from _dates_within(value.get("@graph"))
        yield from _dates_within(value.get("mainEntity"))


def _url(tree: HtmlElement) -> str:
    named = [element.get("href") for element in tree.iterfind(".//link[@rel='canonical']")]
    named += [element.get("content") for element in tree.iterfind(".//meta[@property='og:url']")]
    return next((url for url in map(clean.canonical_url, named) if _names_a_page(url)), "")


def _names_a_page(url: str) -> bool:
    # An address without a path is the site's, which many pages give as their own.
    return bool(url) and "/" in url.partition("://")[2].rstrip("/?")


def _language(tree: HtmlElement) -> str:
    locale = tree.find(".//meta[@property='og:locale']")
    return (
        tree.get("lang")
        or tree.get("{http://www.w3.org/XML/1998/namespace}lang")
        or ("" if locale is None else locale.get("content", ""))
    )
