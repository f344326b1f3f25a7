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
from typing import TYPE_CHECKING

from assistant.stores.reading import MIN_TWIN_CHARS
from assistant.types import Article, Failure, IngestReport, Progress, Unchanged

if TYPE_CHECKING:
    from assistant.corpus import Corpus

BATCH_ARTICLES = 500  # looked up together when nothing has changed

CLASH_HINT = "The earlier one is in. Give each its own address, or leave one of them out."

_KINDS = {
    "published": date | None,
    "modified": date | None,
    **dict.fromkeys(("sections", "pages", "origins"), tuple),
}

OnProgress = Callable[[Progress], None]


class Ingest:
    """One run of `Corpus.add`: the batch at hand and what was done so far.

    Args:
        corpus: What writes; its lock is held.
        total: How many items there will be, for the progress.
        on_progress: Called after each batch.
        joins_copies: Whether equal articles of two places become one.
    """

    def __init__(
        self, corpus: Corpus, total: int | None, on_progress: OnProgress | None, *, joins_copies: bool
    ) -> None:
        self._corpus, self._total, self._on_progress = corpus, total, on_progress
        self._joins_copies = joins_copies
        self._started = time.perf_counter()
        self._batch: dict[str, Article] = {}
        self._batch_chars = 0
        self._done = 0
        self._passages = 0
        self.seen: dict[str, tuple[str, str]] = {}  # by id: (content, name)
        self.removed: tuple[str, ...] = ()
        self._names: dict[str, list[str]] = {"added": [], "updated": [], "unchanged": []}
        self._failed: list[Failure] = []

    def take(self, item: Article | Failure | Unchanged) -> None:
        """Take what came next; a full batch is written."""
        if isinstance(item, Failure):
            self._fail(item)
        elif isinstance(item, Unchanged):
            self._keep(item)
        elif problem := _problem(item) or self._clash(item):
            self._fail(problem)
        elif item.id in self.seen:
            self._names["unchanged"].append(f"{item.name} (already there as {self.seen[item.id][1]})")
            self._done += 1
        else:
            self._take(item)

    def _keep(self, item: Unchanged) -> None:
        """Note an article that was not read again; what came before under its identity goes first."""
        content, place = self.seen.setdefault(item.id, (item.content, item.place))
        if content != item.content:
            self._fail(Failure(item.place, f"the same identity as {place}", CLASH_HINT))
            return
        self._names["unchanged"].append(
            item.name if place == item.place else f"{item.name} (already there as {place})"
        )
        self._done += 1

    def _fail(self, failure: Failure) -> None:
        self._failed.append(failure)
        self._done += 1

    def _take(self, item: Article) -> None:
        self.seen[item.id] = content_of(item), item.path or item.name
        self._batch[item.id] = item
        self._batch_chars += len(item.text)
        if self._batch_chars >= self._corpus.batch_chars or len(self._batch) >= BATCH_ARTICLES:
            self.flush()

    def flush(self) -> None:
        """Write the batch at hand."""
        if not self._batch:
            return
        articles = self._corpus.as_edited(list(self._batch.values()))
        unchanged, known = self._corpus.unchanged(articles), self._corpus.known(list(self._batch))
        changed = [article for article in articles if article.id not in unchanged]
        twins = self._corpus.twins(changed) if self._joins_copies else {}
        new = [article for article in changed if article.id not in twins]
        repeats = _repeats(new) if self._joins_copies else {}
        twins |= repeats
        new = [article for article in new if article.id not in repeats]
        self._join(changed, {i: twin for i, twin in twins.items() if i not in repeats})
        if new:
            self._corpus.bequeath(known & {article.id for article in new})
            self._corpus.write(new, on_embedded=lambda count: self._count(count, new[-1]))
        self._join(changed, repeats)
        for article in articles:
            is_new = article.id not in unchanged and article.id not in twins
            kind = "updated" if article.id in known - unchanged else "added" if is_new else "unchanged"
            where = f" (already there as {place(twins[article.id])})" if article.id in twins else ""
            self._names[kind].append(article.name + where)
        self._done += len(articles)
        self._batch, self._batch_chars = {}, 0
        self._tell(articles[-1])

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
        self._tell(article)

    def has_failed(self, path: str) -> bool:
        """Whether the file of an article, or a folder it is in, could not be wholly read this time."""
        names = {re.sub(r" line \d+$", "", failure.name) for failure in self._failed}
        return any(name == "." or path == name or path.startswith((f"{name}#", f"{name}/")) for name in names)

    def report(self) -> IngestReport:
        """What was done so far."""
        names = {kind: tuple(found) for kind, found in self._names.items()}
        seconds = time.perf_counter() - self._started
        return IngestReport(
            **names,
            removed=self.removed,
            failed=tuple(self._failed),
            passages=self._passages,
            seconds=seconds,
        )

    def _tell(self, article: Article) -> None:
        if self._on_progress:
            total = None if self._total is None else max(self._total, self._done)
            seconds = time.perf_counter() - self._started
            self._on_progress(Progress(self._done, total, article.name, self._passages, seconds))


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


def content_of(article: Article) -> str:
    """Hash of all of an article but its place."""
    return replace(article, root="", path="").digest
