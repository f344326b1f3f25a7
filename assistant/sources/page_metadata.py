"""What a web page says of its article: title, author, publisher, dates, address, language.

It knows which place to believe first, and keeps where each fact was found; how titles and dates are written,
`page_titles` and `page_dates` know. A fact that the page does not state stays unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from lxml.html import HtmlElement

from assistant.sources import clean, json_ld, page_dates, page_titles
from assistant.sources.boilerplate import is_boilerplate
from assistant.sources.json_ld import Entity
from assistant.sources.page_dates import Found

AUTHOR_NAMES = (
    "author", "article:author", "byl", "dc.creator", "dcterms.creator", "citation_author", "parsely-author",
    "sailthru.author", "article.author", "dcsext.author",
)  # fmt: skip
SITE_NAMES = ("og:site_name", "publisher", "article:publisher", "dc.publisher", "citation_journal_title")
LANGUAGE_NAMES = ("og:locale", "content-language", "inlanguage", "language", "dc.language")

_NO_NAME = re.compile(
    r"://|www\.|^@|@\S+\.|\.com$|^\W*$|\d{4}|.{81}|^(?:admin\w*|webmaster|editor)$", re.IGNORECASE
)
_AUTHOR_PATHS = (
    ("//*[@itemprop='author']//*[@itemprop='name']", "marked in the text"),
    ("//*[@itemprop='author' and not(.//*[@itemprop])]", "marked in the text"),
    ("//a[@rel='author']", "link to the author"),
)
_BY = re.compile(r"^(?:written )?by\s+", re.IGNORECASE)


class PageMetadata(NamedTuple):
    """What `clean.article` takes, by its names, and where each was found."""

    fields: Mapping[str, Any]
    origins: Mapping[str, str]


def describe(tree: HtmlElement, *, author: str = "", source: str = "") -> PageMetadata:
    """Read what a page says of its article.

    Args:
        tree: The page.
        author: What to believe if the page states no author where authors belong.
        source: The same for the publisher.

    Returns:
        The title, author, source, published and modified day, address and language, as far as they are known.
    """
    metas, own, known = _metas(tree), json_ld.entities(tree), json_ld.by_id(tree)
    sites = [clean.one_line(json_ld.text(name)) for name, _ in _sites(metas, own, known)]
    title = page_titles.find(tree, metas, own, [site for site in sites if site])
    url, url_origin = _first(((clean.canonical_url(value), where) for value, where in _addresses(tree, own)))
    language, language_origin = _first(
        (clean.language_code(value), where) for value, where in _languages(tree, metas, own)
    )
    heading = title.heading if title else None
    days = page_dates.published(tree, metas, own)
    day, day_origin = page_dates.as_shown(
        _first((clean.parse_date(value), where) for value, where in days),
        page_dates.dateline(heading, language),
    )
    changed, changed_origin = _first(
        (clean.parse_date(value), where) for value, where in page_dates.modified(tree, metas, own)
    )
    names = [*_authors(tree, metas, own, known), (author, "page")]
    writer, writer_origin = _first((_author(value), where) for value, where in names)
    site, site_origin = _first(
        (_site(value), where) for value, where in [*_sites(metas, own, known), (source, "page")]
    )
    return PageMetadata(
        {
            "title": title.text if title else "", "author": writer, "source": site, "published": day,
            "modified": changed, "url": url, "language": language,
        },
        {
            "title": title.where if title else "", "author": writer_origin, "source": site_origin,
            "published": day_origin, "modified": changed_origin, "url": url_origin,
            "language": language_origin,
        },
    )  # fmt: skip


def _first(found: Iterable[Found]) -> tuple[Any, str]:
    return next(((value, where) for value, where in found if value), ("", ""))


def _metas(tree: HtmlElement) -> dict[str, str]:
    given: dict[str, str] = {}
    for meta in tree.iterfind(".//meta[@content]"):
        key = meta.get("property") or meta.get("name") or meta.get("itemprop") or meta.get("http-equiv") or ""
        if meta.get("content", "").strip():
            given.setdefault(key.lower(), meta.get("content", ""))
    return given


def _authors(
    tree: HtmlElement, metas: Mapping[str, str], own: Iterable[Entity], known: Mapping[str, Entity]
) -> Iterator[Found]:
    for entity in own:
        yield json_ld.names(entity.get("author"), known), "JSON-LD"
    yield from (([metas[name]], f"meta {name}") for name in AUTHOR_NAMES if name in metas)
    for path, where in _AUTHOR_PATHS:
        yield [element.text_content() for element in tree.xpath(path)[:3]], where


def _author(value: object) -> str:
    parts = [
        part
        for line in (value if isinstance(value, list) else [value])
        for part in json_ld.text(line).split(";")
    ]
    names = (_BY.sub("", clean.one_line(part)) for part in parts)
    return ", ".join(dict.fromkeys(name for name in names if name and not _NO_NAME.search(name)))


def _sites(metas: Mapping[str, str], own: Iterable[Entity], known: Mapping[str, Entity]) -> Iterator[Found]:
    yield from ((metas[name], f"meta {name}") for name in SITE_NAMES[:1] if name in metas)
    for entity in own:
        yield from ((name, "JSON-LD") for name in json_ld.names(entity.get("publisher"), known))
    yield from ((metas[name], f"meta {name}") for name in SITE_NAMES[1:] if name in metas)


def _site(value: object) -> str:
    name = clean.one_line(json_ld.text(value)).split(" | ")[0]
    return (
        ""
        if "://" in name
        or name.startswith("@")
        or is_boilerplate(name)
        or name.casefold().startswith("copyright")
        else name
    )


def _addresses(tree: HtmlElement, own: Iterable[Entity]) -> Iterator[Found]:
    stated = [
        (element.get("href"), "link canonical") for element in tree.iterfind(".//link[@rel='canonical']")
    ]
    stated += [
        (element.get("content"), "meta og:url") for element in tree.iterfind(".//meta[@property='og:url']")
    ]
    for entity in own:
        page = entity.get("mainEntityOfPage")
        stated += [
            (page.get("@id") if isinstance(page, Mapping) else page, "JSON-LD"),
            (entity.get("url"), "JSON-LD"),
        ]
    return ((url, where) for url, where in stated if _names_a_page(clean.canonical_url(url)))


def _names_a_page(url: str) -> bool:
    # An address without a path is the site's, which many pages give as their own.
    return bool(url) and "/" in url.partition("://")[2].rstrip("/?")


def _languages(tree: HtmlElement, metas: Mapping[str, str], own: Iterable[Entity]) -> Iterator[Found]:
    yield tree.get("lang"), "<html lang>"
    yield tree.get("{http://www.w3.org/XML/1998/namespace}lang"), "<html xml:lang>"
    yield from ((metas[name], f"meta {name}") for name in LANGUAGE_NAMES if name in metas)
    yield from ((entity.get("inLanguage"), "JSON-LD") for entity in own)
