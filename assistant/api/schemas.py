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


class Filters(Shape):
    """Which articles could be used."""

    published_from: str | None
    published_to: str | None
    sources: list[str]
    article_ids: list[str]


class Answer(Shape):
    """An answer whose every sentence is cited, or an abstention."""

    question: str
    standalone_question: str
    period: dict[str, str | None] | None
    filters: Filters
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
    form: Literal["summary", "timeline", "list", "comparison"] | None = Field(
        description="How the answer is told if it gathers several facts; null if one fact answers."
    )
    sentences: list[dict[str, Any]]
    groundedness: float | None
    generation: dict[str, Any] | None
    seconds: float


class ConversationHead(Shape):
    """What a list shows of a conversation."""

    id: str
    title: str
    created: str
    updated: str
    turns: int = Field(description="How many questions it has.")


class ConversationList(Shape):
    """Conversations, the one that grew last first."""

    conversations: list[ConversationHead]
    next: str | None = Field(description="`cursor` of the page behind this one; null if it is the last.")


class Turn(Shape):
    """A question of a conversation and its answer."""

    number: int = Field(description="From 0.")
    asked: str
    vote: Literal["up", "down", ""]
    reason: str = Field(description="Of the vote.")
    answer: Answer


class Conversation(Shape):
    """A conversation with its turns, in their order."""

    id: str
    title: str
    created: str
    updated: str
    turns: list[Turn]


class NewTurn(Turn):
    """A turn that was just kept."""

    conversation_id: str


class Feedback(Shape):
    """What was thought of an answer."""

    conversation_id: str
    turn: int
    vote: Literal["up", "down", ""]
    reason: str
    at: str
    answer: Answer


class FeedbackList(Shape):
    """What was thought of answers, in the order in which it was said."""

    feedback: list[Feedback]


class Health(Shape):
    """That the server runs, and what it serves."""

    status: Literal["ok"]
    version: str
    articles: int
    answers: str = Field(description='"extractive", or the chat model that writes the answers.')


class Readiness(Shape):
    """Whether the models are loaded."""

    status: Literal["ready", "starting"]
