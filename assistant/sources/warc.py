"""Web archives (.warc, .warc.gz) read as articles: each page in it that was fetched well.

The only importer of warcio. It knows records; pages are read by `html`.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from assistant.errors import SourceError
from assistant.sources import clean, html
from assistant.types import Article, Failure

MAX_RECORDS = 10_000
MAX_TOTAL_BYTES = 500_000_000  # unpacked
MAX_PAGE_BYTES = 10_000_000

_PAGES = ("text/html", "application/xhtml+xml")


def read(data: bytes, name: str) -> Iterator[Article | Failure]:
    """Read a web archive.

    Args:
        data: The bytes of the file.
        name: The file's name, for errors.

    Yields:
        An article for each page, a failure for each page that has none. Its path is "#" and its address.

    Raises:
        SourceError: If it is damaged or too large, or there is no page in it.
    """
    from warcio.archiveiterator import ArchiveIterator

    total = pages = 0
    for number, record in enumerate(ArchiveIterator(io.BytesIO(data)), 1):
        content = record.content_stream().read(MAX_PAGE_BYTES + 1) if _is_page(record) else b""
        total += len(content)
        if number > MAX_RECORDS or total > MAX_TOTAL_BYTES:
            raise SourceError(name, "it holds too many pages", hint="Split it into smaller files.")
        if content:
            pages += 1
            yield from _page(content, str(record.rec_headers.get_header("WARC-Target-URI") or ""), name)
    if not pages:
        raise SourceError(name, "there is no page in it")


def _is_page(record: Any) -> bool:
    if record.rec_type != "response" or record.http_headers is None:
        return False
    kind = (record.http_headers.get_header("Content-Type") or "").partition(";")[0].strip().lower()
    return kind in _PAGES and record.http_headers.get_statuscode() == "200"


def _page(content: bytes, address: str, name: str) -> Iterator[Article | Failure]:
    called = clean.printable(address) or name
    try:
        if len(content) > MAX_PAGE_BYTES:
            raise SourceError(called, f"the page is larger than {MAX_PAGE_BYTES // 1_000_000} MB")
        for article in html.read(content, called):
            url = article.url or clean.canonical_url(address)
            yield replace(article, url=url, path=f"#{called}")
    except SourceError as error:
        yield Failure(f"{name} {called}", error.reason, error.hint)
