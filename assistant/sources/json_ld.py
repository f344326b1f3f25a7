"""What a page says of itself in JSON-LD (schema.org): the entity that is its article, and the names in it.

It knows the shapes in which sites write schema.org, broken ones included; it does not know which of several
sources of a fact to believe. Of entities that are not the page's own, such as related articles and comments,
nothing is read.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from lxml.html import HtmlElement

Entity = Mapping[str, Any]

_ARTICLES = re.compile(r"(?:Article|Posting|Report|Review|Recipe|MedicalWebPage)$")
_PAGES = re.compile(r"(?:WebPage|ItemPage|VideoObject|PodcastEpisode|CreativeWork)$")
_FIELDS = ("headline", "datePublished", "dateModified")
_FIELD_IN_BROKEN_JSON = re.compile(rf'"({"|".join(_FIELDS)})"\s*:\s*"((?:[^"\\]|\\.){{1,300}})"')


def entities(tree: HtmlElement) -> list[Entity]:
    """The page's own entities: articles first, then pages, then what says neither but has a date.

    Args:
        tree: The page.

    Returns:
        JSON objects; of a script that is no JSON, one with the fields that could be made out.
    """
    found: list[Entity] = []
    for script in tree.iterfind(".//script[@type='application/ld+json']"):
        block = script.text or ""
        try:
            found += _within(json.loads(block, strict=False))
        except (ValueError, RecursionError):
            fields = _FIELD_IN_BROKEN_JSON.findall(block)
            found += [dict(reversed(fields))] if fields else []
    return sorted((entity for entity in found if _rank(entity) < 3), key=_rank)


def text(value: object) -> str:
    """A field that is text, without entities such as "&amp;", which many sites leave in; else empty."""
    return html.unescape(html.unescape(value)).strip() if isinstance(value, str) else ""


def names(value: object, known: Mapping[str, Entity] | None = None) -> list[str]:
    """The names of one or more persons or organisations.

    Args:
        value: A name, an object with a name, an object that refers to one by "@id", or a list of these.
        known: The entities of the page by their "@id".

    Returns:
        The names, in order.
    """
    if isinstance(value, list):
        return [name for item in value for name in names(item, known)]
    if isinstance(value, Mapping):
        referred = (known or {}).get(text(value.get("@id")), {})
        name = value.get("name") or referred.get("name")
        return names(name if isinstance(name, str | list) else "")
    name = text(value)
    return [name] if name else []


def by_id(tree: HtmlElement) -> dict[str, Entity]:
    """All entities that have an "@id", by it."""
    found: dict[str, Entity] = {}
    for script in tree.iterfind(".//script[@type='application/ld+json']"):
        try:
            parsed = json.loads(script.text or "", strict=False)
        except (ValueError, RecursionError):
            continue
        for entity in _within(parsed):
            if isinstance(entity.get("@id"), str) and "name" in entity:
                found.setdefault(text(entity["@id"]), entity)
    return found


def _within(value: object) -> Iterator[Entity]:
    # The top level, a list of them, a @graph, the main entity of a page.
    if isinstance(value, list):
        for item in value:
            yield from _within(item)
    elif isinstance(value, Mapping):
        yield value
        yield from _within(value.get("@graph"))
        yield from _within(value.get("mainEntity"))


def _rank(entity: Entity) -> int:
    kinds = entity.get("@type")
    kinds = [kind for kind in (kinds if isinstance(kinds, list) else [kinds]) if isinstance(kind, str)]
    if any(_ARTICLES.search(kind) for kind in kinds):
        return 0
    if any(_PAGES.search(kind) for kind in kinds):
        return 1
    return 2 if "datePublished" in entity else 3
