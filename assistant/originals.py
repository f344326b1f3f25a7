"""Which files are kept as they came, and for which articles.

Kept is the file of a single article, such as a PDF: of one with many, such as a table, each change of a row
would be a change of all its articles. What is parsed is the copy that is kept, so that the two cannot
differ. It knows files and articles; where originals lie it leaves to the store.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from assistant.errors import SourceError
from assistant.sources import files
from assistant.sources.detect import suffix as suffix_of
from assistant.sources.formats import SUFFIXES
from assistant.stores.originals import BLOCK_BYTES, Originals
from assistant.types import Article, Failure

OF_MANY = frozenset({"table", "json", "jsonl", "feed", "warc", "zip"})  # kinds that hold many articles
PDF_SIGN, PDF_SUFFIX = b"%PDF-", ".pdf"

Items = Iterator[Article | Failure]


class OriginalKeeper:
    """Keeps originals while files are read.

    Args:
        store: Where they go.
        max_bytes: Size of the largest file that is kept; 0 keeps none.
    """

    def __init__(self, store: Originals, max_bytes: int) -> None:
        self._store, self.max_bytes = store, max_bytes

    def file(self, path: Path, name: str, parse: Callable[[Path], Items]) -> Iterator[Article | Failure]:
        """Read a file from a copy that is kept if there is just one article in it.

        Args:
            path: The file; not a symbolic link.
            name: What it is called.
            parse: Yields its articles.

        Yields:
            What is in it, its article with the name of the original.

        Raises:
            CorpusError: If the copy cannot be written.
        """
        staged = self._staged(path, name) if self._may_keep(name) else None
        yield from self._marked(parse(staged[1]), staged[0]) if staged else parse(path)

    def data(self, data: bytes, name: str, items: Items) -> Iterator[Article | Failure]:
        """Keep the bytes of a file if there is just one article in it; yields as `file`."""
        is_kept = self._may_keep(name) and len(data) <= self.max_bytes
        staged = self._store.stage([data], _suffix(name, data)) if is_kept else None
        yield from self._marked(items, staged[0]) if staged else items

    def _may_keep(self, name: str) -> bool:
        return self.max_bytes > 0 and SUFFIXES.get(suffix_of(name)) not in OF_MANY

    def _staged(self, path: Path, name: str) -> tuple[str, Path] | None:
        with contextlib.suppress(SourceError), files.opened(path, name) as file:
            first = file.read(BLOCK_BYTES)
            if first and files.size(file) <= self.max_bytes:
                rest = iter(lambda: file.read(BLOCK_BYTES), b"")
                return self._store.stage(_chained(first, rest, name), _suffix(name, first))
        return None  # whoever parses it says why

    def _marked(self, items: Items, original: str) -> Iterator[Article | Failure]:
        """Items as they come, but an article that is the only one with its original."""
        held: Article | None = None
        count = 0
        for item in items:
            if not isinstance(item, Article):
                yield item
                continue
            count += 1
            if count == 1:
                held = item
                continue
            if held:
                yield held
                held = None
            yield item
        if held:
            yield replace(held, original=original)
        else:
            self._store.unstage(original)


def _chained(first: bytes, rest: Iterator[bytes], name: str) -> Iterator[bytes]:
    yield first
    try:
        yield from rest
    except OSError as exc:
        raise SourceError(name, files.explain(exc), hint=files.UNREADABLE_HINT) from exc


def _suffix(name: str, beginning: bytes) -> str:
    """The suffix of a kind of file that we know; that of a PDF by its content, since it is shown as one."""
    if beginning.startswith(PDF_SIGN):
        return PDF_SUFFIX
    suffix = suffix_of(name)
    is_known = suffix in SUFFIXES and suffix != PDF_SUFFIX and suffix.count(".") == 1
    return suffix if is_known else ""
