"""What may be sent: the bodies of requests, each field with its bounds and an example.

Strict: a number is no text, an unknown field is an error. It knows no article; what the values mean is for
`Assistant` to say.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from assistant.types import Filters, Turn

MAX_QUESTION_CHARS = 10_000
MAX_TOP_K = 100
MAX_TURNS = 100
MAX_NAMES = 1000
TODAY = 'The day that "this week" counts from; news of about then is preferred.'
DATES = 'Whether to mind periods in the question, such as "in March".'

QUESTION_EXAMPLE = "Who met in Baku?"
FILTERS_EXAMPLE: dict[str, Any] = {
    "published_from": "2024-11-01",
    "published_to": "2024-11-30",
    "sources": ["Khaama Press"],
}

MAX_ARTICLES = 1000  # of one request
ARTICLE_EXAMPLE: dict[str, Any] = {
    "title": "Talks in Baku",
    "text": "Ministers met in Baku on Wednesday. They spoke of security.",
    "published": "2024-11-13",
    "source": "Gazette",
    "url": "https://gazette.example/baku",
}


def _iso_day(value: Any) -> Any:
    """A day as `date.isoformat` writes it; pydantic itself would take seconds since 1970, too."""
    if isinstance(value, str) and len(value) == len("2024-11-13"):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    if value is None or type(value) is date:
        return value
    raise ValueError("a day is written like 2024-11-13")


Day = Annotated[date, BeforeValidator(_iso_day), WithJsonSchema({"type": "string", "format": "date"})]
Name = Annotated[str, Field(max_length=500)]


class Body(BaseModel):
    """What all bodies have in common."""

    model_config = ConfigDict(strict=True, extra="forbid")


class FilterBody(Body):
    """Which articles may be looked at; what is not given lets all pass."""

    model_config = ConfigDict(json_schema_extra={"examples": [FILTERS_EXAMPLE]})

    published_from: Day | None = Field(default=None, description="Published on this day or later.")
    published_to: Day | None = Field(default=None, description="Published on this day or earlier.")
    sources: list[Name] = Field(default=[], max_length=MAX_NAMES, description="Publishers, in any case.")
    article_ids: list[Name] = Field(default=[], max_length=MAX_NAMES, description="Ids of articles.")

    @model_validator(mode="after")
    def _in_order(self) -> FilterBody:
        self.filters()
        return self

    def filters(self) -> Filters:
        """The same as the assistant takes it."""
        return Filters(self.published_from, self.published_to, tuple(self.sources), tuple(self.article_ids))


class SearchBody(Body):
    """A search for passages."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"query": "attacks on Chinese citizens", "top_k": 5}]}
    )

    query: str = Field(max_length=MAX_QUESTION_CHARS, description="Any text.")
    top_k: int | None = Field(
        default=None, ge=1, le=MAX_TOP_K, description="Most hits to return; by default the server's setting."
    )
    filters: FilterBody = FilterBody()
    rerank: bool = Field(
        default=False, description="Read the best hits of a question, those that answer first."
    )


class QuestionBody(Body):
    """A question of a conversation that is kept."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"question": QUESTION_EXAMPLE}]})

    question: str = Field(max_length=MAX_QUESTION_CHARS, description="The question.")
    filters: FilterBody = FilterBody()
    today: Day | None = Field(default=None, description=TODAY)
    dates: bool = Field(default=True, description=DATES)


class TitleBody(Body):
    """What a conversation is called."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"title": "Talks in Baku"}]})

    title: str = Field(min_length=1, max_length=500)


class FeedbackBody(Body):
    """What someone thinks of an answer."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"vote": "down", "reason": "It is about another meeting."}]}
    )

    vote: Literal["up", "down", ""] = Field(description="Empty: it is taken back.")
    reason: str = Field(default="", max_length=2000)


class TurnBody(Body):
    """One message of a conversation."""

    role: Literal["user", "assistant"]
    text: str = Field(max_length=MAX_QUESTION_CHARS)


class AskBody(Body):
    """A question to be answered from the articles."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"question": QUESTION_EXAMPLE}]})

    question: str = Field(max_length=MAX_QUESTION_CHARS, description="The question.")
    history: list[TurnBody] = Field(
        default=[], max_length=MAX_TURNS, description="The conversation before, oldest turn first."
    )
    filters: FilterBody = FilterBody()
    today: Day | None = Field(default=None, description=TODAY)
    dates: bool = Field(default=True, description=DATES)
    stream: bool = Field(default=False, description="Answer with server-sent events while the answer grows.")

    def turns(self) -> list[Turn]:
        """The history as the assistant takes it."""
        return [Turn(turn.role, turn.text) for turn in self.history]


class ArticleBody(Body):
    """One article whose text is at hand."""

    text: str = Field(min_length=1, description="Plain text.")
    title: Name = ""
    author: Name = ""
    published: Day | None = Field(default=None, description="Day that the article itself names.")
    source: Name = Field(default="", description="Publisher.")
    url: str = Field(
        default="", max_length=2000, pattern=r"^(https?://[^\s]+)?$", description="Where it is on the web."
    )
    language: str = Field(default="", max_length=35, description='Such as "en".')


class AddArticlesBody(Body):
    """Articles to be added, or to take the place of their earlier versions."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"articles": [ARTICLE_EXAMPLE]}]})

    articles: list[ArticleBody] = Field(min_length=1, max_length=MAX_ARTICLES)


class AddAddressBody(Body):
    """A web address of a page, a feed or a sitemap."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"url": "https://news.example/feed.xml", "limit": 20}]}
    )

    url: str = Field(max_length=2000, pattern=r"^https?://[^\s]+$")
    limit: int | None = Field(
        default=None, ge=1, le=10_000, description="Most articles of a feed or sitemap."
    )
    since: Day | None = Field(default=None, description="Of a feed or sitemap, nothing known to be older.")
