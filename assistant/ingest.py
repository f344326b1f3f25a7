"""One run of adding: what came, what became of it, and the batch that is written together.

It knows what makes two articles the same and what is wrong with one; how they are stored it leaves to the
corpus.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, astuple, replace
from datetime import date
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from assistant.stores.holds import Hold, hashed
from assistant.stores.reading import MIN_TWIN_CHARS
from assistant.types import (
    NOT_A_DATE,
    Article,
    Cancelled,
    Failure,
    IngestReport,
    ItemProgress,
    ItemState,
    Progress,
    Unchanged,
    never,
)

if TYPE_CHECKING:
    from assistant.corpus import Corpus
    from assistant.stores.rows import Entry

MOST_IDS = 100  # of articles that a report says, for what shows a few of them
MAX_DATE_NOTES = 10  # in one report
BATCH_ARTICLES = 500  # looked up together when nothing has changed

CLASH_HINT = "The earlier one is in. Give each its own address, or leave one of them out."

_KINDS = {
    "published": date | None,
    "modified": date | None,
    **dict.fromkeys(("sections", "pages", "origins"), tuple),
}

OnProgress = Callable[[Progress], None]


class _Sorted(NamedTuple):
    """The articles of a batch by what is to be done with them."""

    new: list[Article]  # to be embedded and written
    unchanged: set[str]  # ids of those that are in
    twins: dict[str, Article]  # by id: the article of the corpus that stands for it
    repeats: dict[str, Article]  # by id: the article of this batch that stands for it


class Ingest:
    """One run of `Corpus.add`: the batch at hand and what was done so far.

    Args:
        corpus: What writes; its lock is held while a batch is written, and not while one is embedded.
        total: How many items there will be, for the progress.
        on_progress: Called after each batch.
        cancelled: Whether to stop; once it was, it is not asked again.
        joins_copies: Whether equal articles of two places become one.
        holds: What was removed by hand and is to be left out, by the hash of its id.
        root: The folder that the items wholly are, if they are one.
    """

    def __init__(
        self,
        corpus: Corpus,
        total: int | None,
        on_progress: OnProgress | None,
        cancelled: Cancelled = never,
        *,
        joins_copies: bool,
        holds: Mapping[str, Hold],
        root: str = "",
    ) -> None:
        self._corpus, self._total, self._on_progress = corpus, total, on_progress
        self._cancelled, self._joins_copies = cancelled, joins_copies
        self._holds = holds
        self._held_texts = {hold.version for hold in holds.values() if root and hold.root == hashed(root)}
        self._is_cancelled = False
        self._started = time.perf_counter()
        self._batch: dict[str, Article] = {}
        self._batch_chars = 0
        self._done = 0
        self._passages = 0
        self._changed: list[ItemProgress] = []
        self.seen: dict[str, tuple[str, str]] = {}  # by id: (content, name)
        self.removed: tuple[str, ...] = ()
        self.notes: list[str] = []
        self._unread_dates = 0
        self._names: dict[str, list[str]] = {"added": [], "updated": [], "unchanged": [], "held": []}
        self._ids: list[tuple[str, str]] = []
        self._failed: list[Failure] = []

    @property
    def is_cancelled(self) -> bool:
        """Whether it was asked to stop."""
        self._is_cancelled = self._is_cancelled or self._cancelled()
        return self._is_cancelled

    def take(self, item: Article | Failure | Unchanged) -> None:
        """Take what came next; a full batch is written."""
        if isinstance(item, Failure):
            self._fail(item)
        elif isinstance(item, Article) and (problem := _problem(item)):
            self._fail(problem)
        elif self._is_held(item):
            self._leave_out(item)
        elif isinstance(item, Unchanged):
            self._keep(item)
        elif problem := self._clash(item):
            self._fail(problem)
        elif item.id in self.seen:
            self._names["unchanged"].append(f"{item.name} (already there as {self.seen[item.id][1]})")
            self._done += 1
        else:
            self._take(item)

    def _is_held(self, item: Article | Unchanged) -> bool:
        """Whether a person removed this; with another text it is another article, under another name not."""
        hold = self._holds.get(hashed(item.id)) if self._holds else None
        if isinstance(item, Unchanged):
            return hold is not None and hold.digest == item.digest
        if hold is not None:
            return hold.version == item.version
        return len(item.text) >= MIN_TWIN_CHARS and item.version in self._held_texts

    def _leave_out(self, item: Article | Unchanged) -> None:
        if isinstance(item, Article):
            self._corpus.originals.unstage(item.original)
        self._names["held"].append(item.name)
        self._changed.append(
            ItemProgress(item.place if isinstance(item, Unchanged) else _called(item), ItemState.UNCHANGED)
        )
        self._done += 1

    def _keep(self, item: Unchanged) -> None:
        """Note an article that was not read again; what came before under its identity goes first."""
        content, place = self.seen.setdefault(item.id, (item.content, item.place))
        if content != item.content:
            self._fail(Failure(item.place, f"the same identity as {place}", CLASH_HINT))
            return
        self._names["unchanged"].append(
            item.name if place == item.place else f"{item.name} (already there as {place})"
        )
        self._changed.append(ItemProgress(item.place, ItemState.UNCHANGED))
        self._done += 1

    def _fail(self, failure: Failure) -> None:
        self._failed.append(failure)
        self._done += 1
        self._changed.append(ItemProgress(failure.name, ItemState.FAILED, failure.reason, failure.hint))

    def _take(self, item: Article) -> None:
        self.seen[item.id] = content_of(item), _called(item)
        self._batch[item.id] = item
        self._batch_chars += len(item.text)
        if self._batch_chars >= self._corpus.batch_chars or len(self._batch) >= BATCH_ARTICLES:
            self.flush()

    def flush(self) -> None:
        """Embed and write the batch at hand; if it is cancelled, only as much as is embedded by then."""
        if not self._batch:
            if self._changed:
                self._tell(self._changed[-1].name)
            return
        taken = list(self._batch.values())
        self._batch, self._batch_chars = {}, 0
        new = self._sorted(self._corpus.as_edited(taken, is_noted=False)).new
        self._corpus.require_room(new)
        entries = self._embed(new)
        with self._corpus.writing():  # others may have written meanwhile, so all is looked up again
            articles = self._corpus.as_edited(taken, is_noted=True)
            found = {entry.article.id: entry for entry in entries if entry.article in articles}
            batch = self._sorted(articles)
            if not self.is_cancelled and (more := [a for a in batch.new if a.id not in found]):
                found |= {entry.article.id: entry for entry in self._embed(more)}
            entries = [found[article.id] for article in batch.new if article.id in found]
            kinds = self._write(articles, batch, entries)
        for article in articles:
            self._corpus.originals.unstage(article.original)  # what was there already
            if kind := kinds.get(article.id):
                self._note(article, kind, batch.twins.get(article.id) or batch.repeats.get(article.id))
        self._tell(articles[-1].name)

    def _sorted(self, articles: Sequence[Article]) -> _Sorted:
        unchanged = self._corpus.unchanged(articles)
        changed = [article for article in articles if article.id not in unchanged]
        twins = self._corpus.twins(changed) if self._joins_copies else {}
        new = [article for article in changed if article.id not in twins]
        repeats = _repeats(new) if self._joins_copies else {}
        return _Sorted([a for a in new if a.id not in repeats], unchanged, twins, repeats)

    def _embed(self, new: Sequence[Article]) -> list[Entry]:
        if not new:
            return []
        self._changed += [ItemProgress(_called(article), ItemState.EMBEDDING) for article in new]
        self._tell(new[-1].name)
        return self._corpus.embed(
            new,
            on_embedded=lambda count: self._count(count, new[-1]),
            cancelled=lambda: self.is_cancelled,
        )

    def _write(self, articles: Sequence[Article], batch: _Sorted, entries: Sequence[Entry]) -> dict[str, str]:
        """Write what is new; what became of each article that is in now. The lock is held."""
        known = self._corpus.known([article.id for article in articles])
        written = {entry.article.id for entry in entries}
        repeats = {i: first for i, first in batch.repeats.items() if first.id in written}
        self._join(articles, batch.twins)
        if entries:
            self._corpus.bequeath(known & written)
            self._corpus.put(entries)
        self._join(articles, repeats)
        kinds = dict.fromkeys((*batch.unchanged, *batch.twins, *repeats), "unchanged")
        kinds |= dict.fromkeys(written, "added")
        return kinds | dict.fromkeys((known & kinds.keys()) - batch.unchanged, "updated")

    def _note(self, article: Article, kind: str, twin: Article | None) -> None:
        where = f" (already there as {place(twin)})" if twin else ""
        self._names[kind].append(article.name + where)
        if len(self._ids) < MOST_IDS:
            self._ids.append((article.name + where, twin.id if twin else article.id))
        if kind != "unchanged":
            self._note_date(article)
        state = ItemState.UNCHANGED if kind == "unchanged" else ItemState.IN
        self._changed.append(ItemProgress(_called(article), state))
        self._done += 1

    def _note_date(self, article: Article) -> None:
        said = dict(article.origins).get("published", "")
        if not said.startswith(NOT_A_DATE):
            return
        self._unread_dates += 1
        if self._unread_dates <= MAX_DATE_NOTES:
            right = f"set it with `assistant edit {article.id[:10]} --published DATE`"
            self.notes.append(
                f"{_called(article)}: “{said.removeprefix(NOT_A_DATE)}” is not understood as a date; {right}"
            )

    def _join(self, articles: Sequence[Article], twins: Mapping[str, Article]) -> None:
        """Let the twin of each of these that has one stand for it."""
        if twins:
            self._corpus.join([(article, twins[article.id]) for article in articles if article.id in twins])

    def _clash(self, article: Article) -> Failure | None:
        """What an article of these items is if an earlier one has its identity and other content."""
        content, name = self.seen.get(article.id, ("", ""))
        if not content or content == content_of(article):
            return None
        same = f"address ({article.url})" if article.url else "place" if article.path else "text"
        return Failure(article.path or article.name, f"the same {same} as {name}", CLASH_HINT)

    def _count(self, passages: int, article: Article) -> None:
        self._passages += passages
        self._tell(article.name)

    def has_failed(self, path: str) -> bool:
        """Whether the file of an article, or a folder it is in, could not be wholly read this time."""
        names = {re.sub(r" line \d+$", "", failure.name) for failure in self._failed}
        return any(name == "." or path == name or path.startswith((f"{name}#", f"{name}/")) for name in names)

    def report(self) -> IngestReport:
        """What was done so far."""
        names = {kind: tuple(found) for kind, found in self._names.items()}
        more = self._unread_dates - MAX_DATE_NOTES
        notes = [*self.notes, *([f"{more:,} more dates are not understood"] if more > 0 else [])]
        seconds = time.perf_counter() - self._started
        return IngestReport(
            **names,
            removed=self.removed,
            failed=tuple(self._failed),
            notes=tuple(notes),
            ids=tuple(self._ids),
            passages=self._passages,
            seconds=seconds,
            is_cancelled=self._is_cancelled,
        )

    def _tell(self, name: str) -> None:
        changed, self._changed = tuple(self._changed), []
        if self._on_progress:
            total = None if self._total is None else max(self._total, self._done)
            seconds = time.perf_counter() - self._started
            self._on_progress(Progress(self._done, total, name, self._passages, seconds, changed))


def _problem(article: Article) -> Failure | None:
    """Why an article cannot be written, if it cannot."""
    for name, value in asdict(article).items():
        if not isinstance(value, _KINDS.get(name, str)):
            return Failure(article.name, f"its {name} is of type {type(value).__name__}")
    if not article.text.strip():
        return Failure(article.name, "no text in it", "Check that the file is not empty.")
    try:
        "".join([*(value for value in astuple(article) if isinstance(value, str)), article.further]).encode()
    except UnicodeEncodeError:
        name = article.name.encode(errors="backslashreplace").decode()
        return Failure(name, "half a character in it, which no store can write", "Decode its text once more.")
    return None


def place(article: Article) -> str:
    """Where an article is on the disk, as far as its root and path say so; else what it is called."""
    return str(PurePosixPath(article.root, article.path)) if article.path else article.name


def _repeats(articles: Sequence[Article]) -> dict[str, Article]:
    """For the id of each of these whose text an earlier one of them has: that one."""
    first: dict[str, Article] = {}
    repeats = {}
    for article in articles:
        if len(article.text) >= MIN_TWIN_CHARS and first.setdefault(article.version, article) is not article:
            repeats[article.id] = first[article.version]
    return repeats


def _called(article: Article) -> str:
    """The name of an article among those that are being added."""
    return article.path or article.name


def content_of(article: Article) -> str:
    """Hash of all of an article but its place."""
    return replace(article, root="", path="").digest
