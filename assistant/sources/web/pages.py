"""What was fetched made into articles: the readers of files do it, the web's address says whose it is.

It knows which kinds of content there are and whether two addresses are of one site. A page may name another
address as its own only on its own site, or it could take the place of another site's article.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import replace
from urllib.parse import unquote, urlsplit

from assistant import sources
from assistant.errors import SourceError
from assistant.sources import ParseBytes, clean, parse_bytes
from assistant.sources.feed import Entry
from assistant.sources.web.addresses import shown
from assistant.sources.web.fetch import Fetched
from assistant.types import Article, Failure

PAGES = {"text/html": ".html", "application/xhtml+xml": ".html"}
DOCUMENTS = {
    "text/plain": ".txt",
    "text/markdown": ".md",
    "application/pdf": ".pdf",
    "application/rtf": ".rtf",
    "application/epub+zip": ".epub",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": ".pptx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.oasis.opendocument.text": ".odt",
}
LISTS = frozenset(
    (
        "application/rss+xml",
        "application/atom+xml",
        "application/rdf+xml",
        "application/xml",
        "text/xml",
        "application/gzip",
        "application/x-gzip",
    )
)
_ONE_SITE = ("www.", "m.", "amp.", "mobile.")
_MIN_SHARED = 2


def readable() -> frozenset[str]:
    """The media types that can become articles."""
    documents = {kind for kind, suffix in DOCUMENTS.items() if suffix in sources.SUFFIXES}
    return frozenset({*PAGES, *documents})


def read(
    fetched: Fetched, entry: Entry | None = None, *, parse: ParseBytes = parse_bytes
) -> list[Article | Failure]:
    """Make articles of what was fetched.

    Args:
        fetched: A page or a document.
        entry: What the feed or sitemap says of it, for a date that the page itself does not name.
        parse: What parses the bytes.

    Returns:
        At least one article, and a failure for each part that is none.

    Raises:
        SourceError: If there is no article in it.
    """
    try:
        found = sources.read_bytes(_in_utf_8(fetched), _name(fetched), parse=parse)
    except SourceError as error:
        raise SourceError(shown(fetched.url), error.reason, hint=error.hint) from error
    is_single = len(found) == 1
    return [
        _placed(item, fetched.url, entry, "" if is_single else f"#{number}")
        if isinstance(item, Article)
        else item
        for number, item in enumerate(found, 1)
    ]


def is_same_site(one: str, other: str) -> bool:
    """Whether two addresses are of one site: the same host, but for "www." and the like."""
    return _site(one) == _site(other) != ""


def _placed(article: Article, url: str, entry: Entry | None, part: str) -> Article:
    final = clean.canonical_url(url)
    if part:
        article = replace(article, url="", path=final + part)
    else:
        article = replace(article, url=article.url if is_same_site(article.url, final) else final)
    if entry and article.published is None and entry.published:
        origins = (*(o for o in article.origins if o[0] != "published"), ("published", entry.origin))
        article = replace(article, published=entry.published, origins=origins)
    return article


def _site(url: str) -> str:
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return ""
    for prefix in _ONE_SITE:
        if host.startswith(prefix) and host.count(".") >= _MIN_SHARED:
            return host.removeprefix(prefix)
    return host


def _name(fetched: Fetched) -> str:
    """A file's name for it, with the suffix of its kind; the readers go by that."""
    suffix = (PAGES | DOCUMENTS).get(fetched.kind, ".html")
    stem = unquote(urlsplit(fetched.url).path).rstrip("/").rpartition("/")[2]
    stem = re.sub(r"\.\w{1,5}$", "", stem) or urlsplit(fetched.url).hostname or shown(fetched.url)
    return clean.printable(stem)[:100] + suffix


def _in_utf_8(fetched: Fetched) -> bytes:
    """The text as UTF-8 if the server named another encoding, which outranks what the page says of itself."""
    is_text = fetched.kind.startswith("text/") or fetched.kind in PAGES
    try:
        name = codecs.lookup(fetched.charset).name if is_text and fetched.charset else "utf-8"
        name = "cp1252" if name in ("iso8859-1", "ascii") else name  # what browsers do
        return fetched.body if name == "utf-8" else fetched.body.decode(name).encode()
    except (LookupError, ValueError):  # unknown, or not true
        return fetched.body
