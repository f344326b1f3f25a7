"""What is answered, for the OpenAPI document: the shape of each `to_dict` of `assistant.types`.

Answers are not made from these: a test holds the two together.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

ARTICLE_ID = "c52ec9461d3dc0be9a7a1f0e"


class Shape(BaseModel):
    """What all answers have in common."""

    model_config = ConfigDict(extra="forbid")


class WrongPart(Shape):
    """What is wrong where in a request."""

    detail: str
    pointer: str = Field(description="JSON pointer into the body, or the name of a parameter.")


class ProblemDetails(Shape):
    """An error (RFC 9457)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "about:blank",
                    "title": "Not Found",
                    "status": 404,
                    "detail": "no article has the id 3f9c2a",
                    "hint": "List the articles and their ids with `assistant list`.",
                }
            ]
        }
    )

    type: str
    title: str
    status: int
    detail: str
    hint: str = Field(default="", description="What can be done.")
    errors: list[WrongPart] = []
    error: dict[str, Any] = Field(default={}, description="Of a 401: the same in OpenAI's shape.")


class AboutArticle(Shape):
    """What is known of an article beside its text."""

    title: str
    author: str
    published: str | None = Field(description="Day that the article itself names.")
    source: str = Field(description="Publisher.")
    url: str
    path: str


class AlsoIn(Shape):
    """Another article with the same story in nearly the same words."""

    article_id: str
    name: str
    source: str
    url: str


class Hit(AboutArticle):
    """A passage that was found."""

    score: float = Field(description="In [0, 1]; compares within one search.")
    similarity: float | None = Field(description="Cosine of query and passage.")
    lexical: float | None = Field(description="BM25.")
    answers: float | None = Field(description="Probability that it answers, if it was read.")
    article_id: str
    passage_id: str
    start: int = Field(description="Offset in the article's text, in characters.")
    end: int
    text: str
    also_in: list[AlsoIn]


class SearchAnswer(Shape):
    """Hits, best first."""

    hits: list[Hit]
    seconds: float


class Citation(AboutArticle):
    """The sentence that a marker [n] stands for, in the field names of the Anthropic Citations API."""

    type: Literal["char_location"]
    marker: int = Field(description="The n of [n].")
    cited_text: str
    document_title: str
    start_char_index: int
    end_char_index: int
    article_id: str
    article_version: str
    page: int | None
    also_in: list[AlsoIn]


class Abstention(Shape):
    """Why there is no answer."""

    reason: str
    message: str
    missing_terms: list[str]


class ShortAnswer(Shape):
    """The words of a cited sentence that answer the question."""

    text: str
    marker: int
    start_char_index: int
    end_char_index: int


class Answer(Shape):
    """An answer whose every sentence is cited, or an abstention."""

    question: str
    standalone_question: str
    period: dict[str, str | None] | None
    text: str = Field(description="Plain text with markers [n]; empty after an abstention.")
    abstention: Abstention | None
    score: float
    confidence: Literal["sure", "likely", "weak"] | None
    short_answer: ShortAnswer | None
    note: str
    citations: list[Citation]
    hits: list[Hit]
    searched_articles: int
    unresolved: list[str]
    mode: Literal["extractive", "chat"]
    sentences: list[dict[str, Any]]
    groundedness: float | None
    generation: dict[str, Any] | None
    seconds: float


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


class Health(Shape):
    """That the server runs, and what it serves."""

    status: Literal["ok"]
    version: str
    articles: int
    answers: str = Field(description='"extractive", or the chat model that writes the answers.')


class Readiness(Shape):
    """Whether the models are loaded."""

    status: Literal["ready", "starting"]
