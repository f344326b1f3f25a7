"""What pages say of an article: its title, where it is from, and the button that opens it at a span.

It knows articles, no answers and no conversations.
"""

from __future__ import annotations

import re
from datetime import date
from urllib.parse import urlsplit

from assistant.types import Article
from assistant.ui.render.markup import Html, Span, element, join

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")


def title(article: Article) -> str:
    """What to call the article, on one line."""
    return " ".join((article.title or article.path).split()) or "Untitled article"


def language(article: Article) -> str | None:
    """The article's language for a `lang` attribute; None if it is not known or no name of one."""
    return article.language if _LANGUAGE.fullmatch(article.language) else None


def origin(article: Article, *, with_author: bool = False) -> Html:
    """Author, publisher, date and link of an article, as far as they are known."""
    author = [element("bdi", f"By {article.author}")] if with_author and article.author else []
    source = [element("bdi", article.source)] if article.source else []
    published = [_day(article.published)] if article.published else []
    link = [_link(article.url)] if with_author and is_web_address(article.url) else []
    known = join([*author, *source, *published, *link], " · ")
    return element("p", known, class_="origin") if known else Html()


def _day(day: date) -> Html:
    return element("time", day_in_words(day), datetime=day.isoformat())


def day_in_words(day: date) -> str:
    """The day as in "13 November 2024"."""
    return f"{day.day} {day:%B} {day.year}"


def is_web_address(url: str) -> bool:
    """Whether a link may lead there: an http or https address with a host and no odd signs."""
    try:
        parts = urlsplit(url)
        return (
            parts.scheme in ("http", "https")
            and bool(parts.hostname)
            and url.isprintable()
            and " " not in url
        )
    except ValueError:
        return False


def _link(url: str) -> Html:
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    return element(
        "a",
        element("bdi", f"Original at {host}"),
        href=url,
        target="_blank",
        rel="noopener noreferrer nofollow",
    )


def opener(text: str, article: Article, span: Span, turn: int = 0, **attributes: str) -> Html:
    """A button that opens an article at a span; the page sends its `data-` values to the server."""
    return element(
        "button",
        text,
        type="button",
        data_action="read",
        data_turn=turn,
        data_article=article.id,
        data_version=article.version,
        data_start=span[0],
        data_end=span[1],
        **attributes,
    )
