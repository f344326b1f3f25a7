"""What pages say of an article: its title, where it is from, and the button that opens it at a span.

It knows articles, no answers and no conversations.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from datetime import date
from urllib.parse import quote, urlsplit

from assistant.guard import ORIGINALS
from assistant.types import Article
from assistant.ui.render.markup import Html, Span, element, join

MAX_NAME_CHARS = 300  # of a title, an author or a publisher; longer ones are no names
PDF_SUFFIX = ".pdf"
EDGE_WORDS = 6  # at both ends of a text that a link leads to
MAX_FRAGMENT_CHARS = 2000
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")


def title(article: Article) -> str:
    """What to call the article, on one line."""
    return short(" ".join((article.title or article.path).split())) or "Untitled article"


def short(name: str) -> str:
    """A name, cut if it is too long to be one."""
    return name if len(name) <= MAX_NAME_CHARS else f"{name[:MAX_NAME_CHARS]}…"


def language(article: Article) -> str | None:
    """The article's language for a `lang` attribute; None if it is not known or no name of one."""
    return article.language if _LANGUAGE.fullmatch(article.language) else None


def origin(article: Article, *, with_author: bool = False) -> Html:
    """Author, publisher and date of an article, as far as they are known."""
    author = [element("bdi", f"By {short(article.author)}")] if with_author and article.author else []
    source = [element("bdi", short(article.source))] if article.source else []
    published = [_day(article.published)] if article.published else []
    known = join([*author, *source, *published], " · ")
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


def original(article: Article, span: Span) -> Html:
    """The link to the original, at the words of a span where the browser can find them.

    Nothing is fetched until it is clicked; the link says where it leads.
    """
    if not is_web_address(article.url):
        return Html()
    host = (urlsplit(article.url).hostname or "").removeprefix("www.")
    return element(
        "a",
        "Original at ",
        element("bdi", host),
        " ↗",
        href=article.url + _text_fragment(article.url, article.text[slice(*span)]),
        target="_blank",
        rel="noopener noreferrer nofollow",
        title="Leaves this page: opens the web site in a new tab",
    )


def kept_file(article: Article, span: Span) -> Html:
    """The link to the file that the article was read from, a PDF at the page of a span; often empty."""
    if not article.original:
        return Html()
    is_pdf = article.original.endswith(PDF_SUFFIX)
    page = bisect_right(article.pages, span[0]) if is_pdf else 0
    said = f"Open the PDF at page {page}" if page else "Open the PDF" if is_pdf else "Open the file"
    return element(
        "a",
        said,
        href=f"{ORIGINALS}{article.id}/{article.version}" + (f"#page={page}" if page else ""),
        target="_blank",
        rel="noopener noreferrer",
        title="As it was added, in a new tab",
    )


def _text_fragment(url: str, text: str) -> str:
    """What makes a browser scroll to a text of a page; of a long one its first and last words."""
    words = text[:MAX_FRAGMENT_CHARS].split()
    if not words or len(text) > MAX_FRAGMENT_CHARS:
        return ""
    parts = [words] if len(words) <= 2 * EDGE_WORDS else [words[:EDGE_WORDS], words[-EDGE_WORDS:]]
    # a bare "-" means something else there
    quoted = [quote(" ".join(part), safe="", errors="replace").replace("-", "%2D") for part in parts]
    return f"{'' if '#' in url else '#'}:~:text={','.join(quoted)}"


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
