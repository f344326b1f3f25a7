"""`/articles` and `/trash`: what is in the corpus, taken out of it and brought back."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from starlette.convertors import StringConvertor, register_url_convertor
from starlette.responses import Response

from assistant.api import article_schemas, schemas
from assistant.api.bodies import Day
from assistant.api.desk import Desk, Json, Reading, Writing, problems
from assistant.api.problems import Problem
from assistant.listing import ArticleQuery, ArticleSort
from assistant.types import Article, Filters, article_fields

ArticleId = Annotated[
    str, Path(pattern=r"^[0-9a-f]{24}$", description="Id of the article.", examples=[schemas.ARTICLE_ID])
]
ONE = "/articles/{article_id:article_id}"
FOUND = problems(404, 422, 503)
CHANGED = problems(404, 409, 422, 503)


def router(desk: Desk) -> APIRouter:
    """The addresses for articles that are there."""
    register_url_convertor("article_id", _IdConvertor())
    routes = APIRouter(tags=["articles"])
    assistant = desk.assistant

    @routes.get(
        "/articles",
        summary="List articles",
        response_model=article_schemas.ArticleList,
        responses=problems(422, 503),
    )
    async def list_articles(
        caller: Reading,  # noqa: ARG001
        q: Annotated[str, Query(max_length=1000, description="Words in title, author or source.")] = "",
        published_from: Annotated[Day | None, Query()] = None,
        published_to: Annotated[Day | None, Query()] = None,
        source: Annotated[list[str] | None, Query(max_length=100, description="Publishers.")] = None,
        sort: ArticleSort = ArticleSort.PUBLISHED,
        order: Annotated[str, Query(pattern="^(asc|desc)$")] = "desc",
        limit: Annotated[int, Query(ge=1, le=1000)] = 50,
        cursor: Annotated[str, Query(max_length=4000, description="`next` of the page before.")] = "",
    ) -> Response:
        """List articles without their texts, a page at a time; `next` leads to the page behind."""
        try:
            filters = Filters(published_from, published_to, tuple(source or ()))
            query = ArticleQuery(q, filters, sort, descending=order == "desc", limit=limit, after=cursor)
        except ValueError as exc:
            raise Problem(422, f"{exc}.".replace("after", "cursor")) from exc
        page = await desk.workers.run(assistant.list_articles, query)
        return Json(
            {
                "articles": [article.to_dict() for article in page.articles],
                "total": page.total,
                "next": page.next or None,
            }
        )

    @routes.get(ONE, summary="Read an article", response_model=article_schemas.Article, responses=FOUND)
    async def get_article(
        article_id: ArticleId,
        caller: Reading,  # noqa: ARG001
        version: Annotated[
            str | None, Query(pattern=r"^[0-9a-f]{24}$", description="As a citation names it.")
        ] = None,
    ) -> Response:
        """Read an article, or the version of it that something was cited from."""
        if version is None:
            return Json(article_dict(await desk.workers.run(assistant.article, article_id)))
        found = await desk.workers.run(assistant.article_version, article_id, version)
        return Json(article_dict(found.article) | {"note": found.note})

    @routes.delete(
        ONE,
        summary="Remove an article",
        response_model=article_schemas.ArticleHead,
        responses=CHANGED,
    )
    async def remove_article(article_id: ArticleId, caller: Writing) -> Response:  # noqa: ARG001
        """Remove an article; it is found no more, and can be brought back for some days."""
        return Json(head_dict(await desk.workers.run(assistant.remove, article_id)))

    @routes.post(
        ONE + "/undo",
        summary="Bring it back",
        response_model=article_schemas.ArticleHead,
        responses=CHANGED,
    )
    async def undo_removal(article_id: ArticleId, caller: Writing) -> Response:  # noqa: ARG001
        """Bring back an article that was removed."""
        return Json(head_dict(await desk.workers.run(assistant.undo, article_id)))

    @routes.get(
        "/trash",
        summary="What can be brought back",
        response_model=article_schemas.Trash,
        responses=problems(503),
    )
    async def trash(caller: Reading) -> Response:  # noqa: ARG001
        """List the articles that were removed and can be brought back, latest first."""
        removed = await desk.workers.run(assistant.removed)
        return Json({"articles": [head_dict(a) | {"removed": at.isoformat()} for a, at in removed]})

    return routes


class _IdConvertor(StringConvertor):
    """Takes ids only, so that `/articles/upload` is not the article called "upload"."""

    regex = "[0-9a-f]{24}"


def head_dict(article: Article) -> dict[str, Any]:
    """What is known of an article, without its text."""
    return {
        "id": article.id,
        "version": article.version,
        **article_fields(article),
        "language": article.language,
        "modified": article.modified and article.modified.isoformat(),
    }


def article_dict(article: Article) -> dict[str, Any]:
    """An article with its text."""
    return head_dict(article) | {
        "text": article.text,
        "sections": [section._asdict() for section in article.sections],
        "pages": list(article.pages),
        "note": "",
    }
