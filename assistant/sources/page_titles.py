"""The headline of a web page, without the name of its site.

It knows where pages write their headline and how they add their site's name; it does not know the article.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from lxml.html import HtmlElement

from assistant.sources import clean
from assistant.sources.json_ld import Entity, text

MIN_SHARED = 0.5  # of a heading's words, with another title of the page, to be the headline
MAX_SITE_WORDS = 4  # "Wikipedia, the free encyclopedia"; a headline behind the name of a section has more

_SEPARATOR = re.compile(r"\s+(?:[|–—»·•:]|::|-|--)\s+|\s*\|\s*")
_NOT_SHOWN = ("script", "style", "noscript", "option", "a")
_WORD = re.compile(r"\w+")


class Title(NamedTuple):
    """A headline, where it was found, and its element, if it is one of the page's own headings."""

    text: str
    where: str
    heading: HtmlElement | None = None


def find(
    tree: HtmlElement, metas: Mapping[str, str], own: Sequence[Entity], sites: Sequence[str]
) -> Title | None:
    """Find the headline: the heading that another title of the page agrees with, else that other title.

    Args:
        tree: The page.
        metas: Its meta tags by name, in small letters.
        own: Its JSON-LD entities, its article first.
        sites: What the page calls its site.

    Returns:
        The headline; None if the page has none.
    """
    stated = [
        Title(_without_site(line, sites), where)
        for value, where in _stated(tree, metas, own)
        if (line := clean.one_line(text(value)))
    ]
    headings = [Title(clean.one_line(h.text_content()), "<h1>", h) for h in tree.iterfind(".//h1")]
    headings = [found for found in headings if found.text and not _is_site(found.text, sites)]
    for heading in headings:
        if any(_agree(heading.text, other.text) for other in stated):
            return heading
    return _shown(tree, stated) or next(iter([*stated, *headings]), None)


def _stated(
    tree: HtmlElement, metas: Mapping[str, str], own: Sequence[Entity]
) -> Iterator[tuple[object, str]]:
    yield from ((entity.get("headline"), "JSON-LD") for entity in own)
    names = ("og:title", "twitter:title", "dc.title", "citation_title", "title")
    yield from ((metas[name], f"meta {name}") for name in names if name in metas)
    yield tree.findtext(".//title"), "<title>"


def _agree(heading: str, other: str) -> bool:
    words, others = set(_words(heading)), set(_words(other))
    if len(words) > 1 and len(words & others) >= MIN_SHARED * len(words):
        return True
    return words == others or bool(words and words == set(_words(_without_last(other))))


def _without_last(title: str) -> str:
    """A title without what comes last, if that may be the name of a site that the page states nowhere."""
    cut = next(reversed(list(_SEPARATOR.finditer(title))), None)
    return title[: cut.start()] if cut and len(_words(title[cut.end() :])) <= MAX_SITE_WORDS else title


def _words(line: str) -> list[str]:
    return _WORD.findall(line.casefold())


def _is_site(line: str, sites: Sequence[str]) -> bool:
    squeezed = "".join(_words(line))
    return bool(squeezed) and any(squeezed == "".join(_words(site)) for site in sites)


def _without_site(title: str, sites: Sequence[str]) -> str:
    """A title without a site's name, which is known, at its end or start."""
    for cut in _SEPARATOR.finditer(title):
        if _is_site(title[: cut.start()], sites):
            return title[cut.end() :]
        if _is_site(title[cut.end() :], sites):
            return title[: cut.start()]
    return title


def _shown(tree: HtmlElement, stated: Sequence[Title]) -> Title | None:
    # Without an <h1>, the page may show its title elsewhere, and then without a name of its site that it
    # states nowhere.
    wanted: dict[str, Title] = {}
    for title in stated:
        cuts = [title.text[: cut.start()] for cut in _SEPARATOR.finditer(title.text)]
        wanted |= {line: title for line in [title.text, *cuts] if len(_words(line)) > 1}
    for element in tree.iterfind(".//body//*"):
        if len(element) <= 2 and element.tag not in _NOT_SHOWN:
            line = clean.one_line(element.text_content())
            if line in wanted:
                return Title(line, wanted[line].where, element)
    return None
