"""An answer as JSON and back, the same in every field, its articles apart from it.

An answer names an article many times, and many answers name the same one; so articles are taken out of it
and known by their digest. It knows the values of `types` only by their fields: one that is new needs a
default and nothing here. Where the JSON is kept is for others to say.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from assistant.types import Answer, Article

GONE = "The answer is no longer kept: an article that it was drawn from has been deleted for good."
_HOLDERS = ("citations", "hits", "short_answer")  # the fields of an answer that hold articles

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Packed:
    """An answer taken apart.

    Args:
        body: JSON, in which articles are digests; ASCII.
        articles: Its articles by digest.
        cited: Ids of the articles that its words are drawn from.
        named: Ids of those that it only names, such as near copies of others.
    """

    body: str
    articles: Mapping[str, Article]
    cited: frozenset[str]
    named: frozenset[str]


def pack(answer: Answer) -> Packed:
    """Take an answer apart; `unpack` makes the same of it."""
    body: Json = _answers().dump_python(answer, mode="python")
    articles: dict[str, Article] = {}
    for holder, article in zip(_holders(body), _articles(answer), strict=True):
        holder["article"] = digest = article.digest
        articles[digest] = article
    drawn_from = answer.hits if answer.generation else ()  # a chat model may use what it does not cite
    cited = {c.article.id for c in answer.citations} | {hit.article.id for hit in drawn_from}
    copies = [other for c in answer.citations for other in c.also_in]
    copies += [other for hit in answer.hits for other in hit.also_in]
    named = {other.article_id for other in copies}
    return Packed(json.dumps(body, default=str), articles, frozenset(cited), frozenset(named))


def unpack(body: str, articles: Mapping[str, Article]) -> Answer:
    """Put an answer together.

    Args:
        body: As in `Packed`.
        articles: At least those that it names, by digest.

    Returns:
        The answer.

    Raises:
        ValueError: If it is none, or an article is missing.
    """
    found = json.loads(body)
    try:
        for holder in _holders(found):
            holder["article"] = articles[holder["article"]]
    except (KeyError, TypeError, AttributeError) as exc:
        raise ValueError(f"the answer is not whole: {exc!r}") from exc
    return _answers().validate_python(found)


def without(body: str, article_ids: Collection[str], digests: Collection[str], *, is_cited: bool) -> str:
    """What is left of an answer when articles are deleted for good.

    Args:
        body: As in `Packed`.
        article_ids: The articles.
        digests: The same, as the body names them.
        is_cited: Whether the answer is drawn from one of them: then only the question is left.

    Returns:
        The body of an answer in which nothing of them stands.
    """
    found = json.loads(body)
    if is_cited:
        kept = {name: found[name] for name in ("question", "searched_articles", "seconds") if name in found}
        return json.dumps(kept | {"standalone_question": kept["question"], "note": GONE, "is_complete": True})
    found["hits"] = [hit for hit in found["hits"] if hit["article"] not in digests]
    for holder in _holders(found):
        also_in = holder.get("also_in") or []
        holder["also_in"] = [other for other in also_in if other[0] not in article_ids]
    return json.dumps(found)


def alone(body: str) -> str:
    """The body of an answer whose question stands for itself, without the words of earlier answers in it."""
    found = json.loads(body)
    return json.dumps(found | {"standalone_question": found["question"]})


def pack_article(article: Article) -> bytes:
    """An article as bytes; `unpack_article` makes the same of it."""
    return json.dumps(_article_type().dump_python(article, mode="json"), ensure_ascii=False).encode(
        "utf-8", "surrogatepass"
    )


def unpack_article(content: bytes) -> Article:
    """The article of these bytes; ValueError if they are none."""
    return _article_type().validate_python(json.loads(content.decode("utf-8", "surrogatepass")))


@cache
def _article_type() -> TypeAdapter[Article]:
    return TypeAdapter(Article)


@cache
def _answers() -> TypeAdapter[Answer]:
    return TypeAdapter(Answer)


def _holders(body: Json) -> Iterator[Json]:
    """The parts of an answer's JSON that hold an article, in the order of `_articles`."""
    for name in _HOLDERS:
        held = body.get(name) or []
        yield from held if isinstance(held, list | tuple) else [held]


def _articles(answer: Answer) -> Iterator[Article]:
    yield from (citation.article for citation in answer.citations)
    yield from (hit.article for hit in answer.hits)
    if answer.short_answer:
        yield answer.short_answer.article
