"""A file or folder looked through for what has changed since it was last read; nothing else is opened.

It knows when a file is surely the one that was read: its stamp and the version of the readers are the same,
the stamp was old enough when it was taken, and the corpus still holds every article that was found, as it
was. So what is remembered may be lost, stale or of an ingest that was stopped: then files are read again, and
no more.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import astuple, fields
from pathlib import Path

from assistant import sources
from assistant.ingest import content_of
from assistant.originals import OriginalKeeper
from assistant.sources.files import Entry
from assistant.sources.parsers import PASSING_HINTS
from assistant.sources.version import readers_version
from assistant.stores.seen import SeenFile, SeenFiles
from assistant.types import Article, Failure, Unchanged

# A file that was written this shortly before it was looked at may be written again without another time: the
# clocks of file systems tick every 10 ms, those of old ones every 2 s. The same rule as git's.
RACY_SECONDS = 2.5
REMEMBERED_FILES = 1000  # written down together

_KINDS = {len(fields(kind)): kind for kind in (Unchanged, Failure)}

Digests = Callable[[Sequence[str], str], dict[str, str]]


class Sync:
    """One look through a file or folder.

    Args:
        path: The file or folder.
        name: What to call the folder instead of its place on the disk; empty for no other name.
        parse: What parses a file.
        seen: What was found in its files before.
        digests: The digests of those of some articles that the corpus holds, for this folder.
        keeper: Keeps the originals of files; by default none is kept.
        version: Of all that decides what is found in a file, beside the file and the readers.
        ignore: Patterns of what to leave out of a folder, beside those of its `.assistantignore`.
        racy_seconds: How old a file must be for its stamp to be trusted.
    """

    def __init__(
        self,
        path: Path,
        name: str,
        *,
        parse: sources.ParseFile,
        seen: SeenFiles,
        digests: Digests,
        keeper: OriginalKeeper | None = None,
        version: str = "",
        ignore: Sequence[str] = (),
        racy_seconds: float = RACY_SECONDS,
    ) -> None:
        self._trusted_ns = time.time_ns() - int(racy_seconds * 1e9)  # before the files are looked at
        root, self._entries = sources.entries(path, ignore=ignore)
        self.root = (name or root) if root else ""
        self.total = sources.count_files(self._entries)
        self._parse, self._seen, self._digests = parse, seen, digests
        self._keeper = keeper
        self._version = f"{readers_version()} {version} {keeper.max_bytes if keeper else 0}"
        self._new: dict[str, SeenFile] = {}

    def items(self) -> Iterator[Article | Failure | Unchanged]:
        """What the files hold, in order; of a file that is as it was, what it held before."""
        known, gone = self._known(), set[str]()
        try:
            for entry in self._entries:
                stamp = self._stamp(entry)
                before, found = known.get(entry.place, ("", []))
                if stamp and stamp == before:
                    yield from found
                else:
                    yield from self._read(entry, stamp)
            if self.root:
                gone = known.keys() - {entry.place for entry in self._entries}
        finally:
            self._seen.put(self.root, self._new, gone=gone)

    def _known(self) -> dict[str, tuple[str, list[Unchanged | Failure]]]:
        """Stamp and content of each file of which the corpus still holds all articles."""
        place = None if self.root else self._entries[0].place
        seen = self._seen.of(self.root, place)
        unpacked = {where: (file.stamp, _unpack(file.found)) for where, file in seen.items()}
        found = {where: (stamp, items) for where, (stamp, items) in unpacked.items() if items is not None}
        articles = [item for _, items in found.values() for item in items if isinstance(item, Unchanged)]
        digests = self._digests([item.id for item in articles], self.root)
        lost = {item.id for item in articles if digests.get(item.id) != item.digest}
        return {
            where: ("" if any(isinstance(i, Unchanged) and i.id in lost for i in items) else stamp, items)
            for where, (stamp, items) in found.items()
        }

    def _read(self, entry: Entry, stamp: str) -> Iterator[Article | Failure]:
        found: list[Unchanged | Failure] = []
        for item in self._items_of(entry):
            found.append(_kept(item))
            yield item
        if stamp and not any(isinstance(item, Failure) and item.hint in PASSING_HINTS for item in found):
            self._new[entry.place] = SeenFile(stamp, _pack(found))
            if len(self._new) >= REMEMBERED_FILES:
                self._seen.put(self.root, self._new)
                self._new = {}

    def _items_of(self, entry: Entry) -> Iterator[Article | Failure]:
        def parse(path: Path) -> Iterator[Article | Failure]:
            return sources.read_entry(entry._replace(path=path), self.root, parse=self._parse)

        if self._keeper is None or entry.problem:
            return parse(entry.path)
        return self._keeper.file(entry.path, entry.place, parse)

    def _stamp(self, entry: Entry) -> str:
        """The file as text; empty if it may change without showing it."""
        if entry.stamp is None:
            return ""
        is_old = max(entry.stamp.modified_ns, entry.stamp.changed_ns) < self._trusted_ns
        return f"{self._version} {' '.join(map(str, entry.stamp))}" if is_old else ""


def _kept(item: Article | Failure) -> Unchanged | Failure:
    if isinstance(item, Failure):
        return item
    return Unchanged(item.id, item.digest, content_of(item), item.name, item.path or item.name)


def _pack(found: Sequence[Unchanged | Failure]) -> str:
    return json.dumps([astuple(item) for item in found], ensure_ascii=False)


def _unpack(text: str) -> list[Unchanged | Failure] | None:
    """What was packed; None if it was by another release."""
    try:
        return [_KINDS[len(row)](*row) for row in json.loads(text)]
    except (ValueError, TypeError, KeyError):
        return None
