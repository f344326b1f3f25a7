"""What is answered about articles and jobs, for the OpenAPI document, as in `schemas`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from assistant.api.schemas import AboutArticle, Shape


class ListedArticle(Shape):
    """What a list says of an article."""

    id: str
    title: str = Field(description="Its title, or what else it is called.")
    author: str
    source: str
    published: str | None
    added: str | None = Field(description="When it came into the corpus.")
    url: str
    path: str
    language: str
    passages: int
    copies: int = Field(description="How many other articles are near copies of it.")
    places: int = Field(description="How many other places hold the very same.")


class ArticleList(Shape):
    """A page of a list."""

    articles: list[ListedArticle]
    total: int = Field(description="Of the whole list.")
    next: str | None = Field(description="`cursor` of the page behind this one; null if it is the last.")


class ArticleHead(AboutArticle):
    """What is known of an article."""

    id: str
    version: str = Field(description="Hash of the text: offsets of citations count in this version.")
    language: str
    modified: str | None


class RemovedArticle(ArticleHead):
    """An article that can be brought back."""

    removed: str


class Trash(Shape):
    """What can be brought back, latest first."""

    articles: list[RemovedArticle]


class Section(Shape):
    """A heading."""

    start: int
    title: str


class Article(ArticleHead):
    """An article with its text."""

    text: str
    sections: list[Section]
    pages: list[int] = Field(description="Offsets at which the pages of a PDF begin.")
    note: str = Field(description="Of an older version: that it is one.")


class FailedItem(Shape):
    """What could not be added, and why."""

    name: str
    reason: str
    hint: str


class IngestReport(Shape):
    """What a job did, by the names of the articles."""

    added: list[str]
    updated: list[str]
    unchanged: list[str]
    removed: list[str]
    failed: list[FailedItem]
    passages: int
    seconds: float
    cancelled: bool
    held: list[str] = Field(description="Left out, since a person removed them.")
    notes: list[str] = Field(description="What else is to be known, such as dates that nobody can read.")


class JobProgress(Shape):
    """How far a job is."""

    done: int
    total: int | None
    name: str
    passages: int


class JobError(Shape):
    """Why a job failed as a whole."""

    detail: str
    hint: str


class Job(Shape):
    """Something that is being added."""

    id: str
    state: Literal["queued", "running", "done", "failed", "cancelled"]
    kind: Literal["articles", "address", "files"]
    progress: JobProgress
    report: IngestReport | None = Field(description="Once it has ended.")
    error: JobError | None
    created: str
    updated: str


class JobList(Shape):
    """Jobs, latest first."""

    jobs: list[Job]
