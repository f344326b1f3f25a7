"""Addresses added to a corpus, and feeds kept up to date.

It knows the order of things: what a page was the last time is remembered only once its articles are in, and
the corpus is locked only while a few articles are written, never while a server is waited for. How pages are
fetched, read and stored it leaves to others.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from typing import NamedTuple

from assistant.corpus import Corpus
from assistant.errors import SourceError, UnknownArticleError
from assistant.originals import OriginalKeeper
from assistant.settings import WebSettings
from assistant.sources import ParseBytes, feed, parse_bytes
from assistant.sources.feed import Entry
from assistant.sources.web import listing, pages
from assistant.sources.web.addresses import shown
from assistant.sources.web.fetch import KIND_HINT, Fetched, Fetcher, Validators
from assistant.sources.web.network import Network, SystemNetwork
from assistant.stores.web import Subscription, Visit, WebMemory
from assistant.types import Article, Cancelled, Failure, IngestReport, Progress, never

OnProgress = Callable[[Progress], None]
WRITTEN_TOGETHER = 16  # articles; what a kill costs is that they are fetched once more
WRITTEN_AFTER_SECONDS = 10.0
FEED_HINT = "Give the address of the feed itself; many sites link to it as RSS."


class Feeds:
    """The web's side of one corpus.

    Args:
        corpus: Takes the articles.
        settings: Limits and manners.
        network: By default that of this machine.
        parse: What parses a page; by default this process.
        keeper: Keeps the originals of documents; by default none is kept.
        parse_feed: What takes a feed apart; by default this process.
        on_refreshed: Told of each subscription that was refreshed, and what failed of it.
    """

    def __init__(
        self,
        corpus: Corpus,
        settings: WebSettings,
        network: Network | None = None,
        *,
        parse: ParseBytes = parse_bytes,
        keeper: OriginalKeeper | None = None,
        parse_feed: listing.ParseFeed = feed.parse,
        on_refreshed: Callable[[str, IngestReport], None] = lambda _url, _report: None,
    ) -> None:
        self._corpus, self._settings = corpus, settings
        self._read_page = partial(_read_page, parse, keeper)
        self._parse_feed, self._on_refreshed = parse_feed, on_refreshed
        self._memory = WebMemory(corpus.data_dir)
        self._fetcher = Fetcher(settings, network or SystemNetwork(), self._memory)

    def add(
        self,
        url: str,
        *,
        limit: int | None = None,
        since: date | None = None,
        on_progress: OnProgress | None = None,
        cancelled: Cancelled = never,
    ) -> IngestReport:
        """Add the page at an address, or the pages of a feed or sitemap.

        Args:
            url: An http or https address.
            limit: Most pages of a feed or sitemap; by default the settings'.
            since: Leave out what is known to be older.
            on_progress: Called after each page.
            cancelled: Whether to stop; asked between pages.

        Returns:
            What was done; what could not be fetched or read is listed with its reason.
        """
        self._corpus.check_writable()
        run = _Run(self._corpus, self._memory, self._read_page, on_progress, cancelled)
        try:
            known = self._known(url)
            first = self._fetch(url, known)
            if first.is_unchanged:
                run.keep(url, known)
            elif listing.is_listing(first):
                self._visit(run, self._listed(run, first, limit or self._settings.max_pages, since), first)
            elif first.kind in pages.LISTS:
                raise SourceError(shown(first.url), f"it is no article but {first.kind}", hint=KIND_HINT)
            else:
                run.take(_Wanted(Entry(url)), first, since)
        except SourceError as error:
            run.fail(error)
        return run.report()

    def subscribe(self, url: str) -> Subscription:
        """Keep a feed up to date from now on.

        Args:
            url: The feed's address, or that of a page that names its feed.

        Returns:
            The subscription; its articles come with `refresh`.

        Raises:
            SourceError: If it cannot be fetched, or is no feed and names none.
        """
        self._corpus.check_writable()
        found = self._fetch(url)
        if not listing.is_listing(found) and (named := listing.feed_of(found)):
            url, found = named, self._fetch(named, may_be_internal=found.is_internal)
        if not listing.is_listing(found):
            raise SourceError(shown(url), "it is no feed and names none", hint=FEED_HINT)
        title = self._read(found, self._settings.max_pages).title
        for known in self.subscriptions():
            if known.url == url:
                return known
        self._memory.subscribe(Subscription(url, title))
        return next(s for s in self.subscriptions() if s.url == url)

    def subscriptions(self) -> list[Subscription]:
        """All feeds that are kept up to date, in the order in which they were subscribed to."""
        return self._memory.subscriptions()

    def unsubscribe(self, url: str) -> None:
        """Keep a feed up to date no longer; its articles stay. SourceError if it was not subscribed to."""
        self._corpus.check_writable()
        if not self._memory.unsubscribe(url):
            raise SourceError(
                shown(url), "there is no subscription to it", hint="See `assistant feeds list`."
            )

    def refresh(
        self, url: str = "", *, limit: int | None = None, on_progress: OnProgress | None = None
    ) -> IngestReport:
        """Bring what is new in one subscription, or in all.

        What has not changed is asked for and not sent again; articles that you removed stay away.

        Args:
            url: The feed; by default all of them.
            limit: Most pages of each feed; by default the settings'.
            on_progress: Called after each page.

        Returns:
            What was done; a feed that could not be fetched is listed with its reason and stops no other.

        Raises:
            SourceError: If there is no such subscription.
        """
        self._corpus.check_writable()
        wanted = [s for s in self.subscriptions() if url in ("", s.url)]
        if url and not wanted:
            raise SourceError(
                shown(url), "there is no subscription to it", hint="See `assistant feeds list`."
            )
        run = _Run(self._corpus, self._memory, self._read_page, on_progress, is_refresh=True)
        for subscription in wanted:
            before = len(run.failed)
            self._refresh(run, subscription, limit or self._settings.max_pages)
            self._on_refreshed(subscription.url, IngestReport(failed=run.failed[before:]))
        return run.report()

    def _refresh(self, run: _Run, subscription: Subscription, limit: int) -> None:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        try:
            known = Validators(subscription.etag, subscription.last_modified)
            found = self._fetch(subscription.url, known)
            if found.is_unchanged:
                wanted = [_from_json(value) for value in subscription.entries][:limit]
            else:
                wanted = self._listed(run, found, limit, None)
            self._visit(run, wanted, found)
        except SourceError as error:
            run.fail(error)
            self._memory.subscribe(replace(subscription, problem=error.reason, refreshed=now))
            return
        # Only now: after a kill in between, the feed is asked for everything once more.
        kept = replace(subscription, problem="", refreshed=now)
        if not found.is_unchanged:
            kept = replace(
                kept,
                etag=found.validators.etag,
                last_modified=found.validators.last_modified,
                entries=tuple(
                    _as_json(one)
                    for one in wanted
                    if not run.is_removed(one, self._memory.visit(one.entry.url))
                ),
            )
        self._memory.subscribe(kept)

    def _listed(self, run: _Run, found: Fetched, limit: int, since: date | None) -> list[_Wanted]:
        """Entries of a feed or sitemap that are wanted."""
        listed = self._read(found, limit)
        for problem in listed.problems:
            run.note(problem)
        run.since = since
        recent = [entry for entry in listed.entries if not _is_older(entry, since)]
        return [_Wanted(entry, _mark(entry)) for entry in recent[:limit]]

    def _read(self, found: Fetched, wanted: int) -> listing.Listing:
        def fetch(url: str) -> Fetched:
            return self._fetch(url, may_be_internal=found.is_internal)

        return listing.read(
            found,
            fetch,
            wanted=wanted,
            max_bytes=self._settings.max_mb * 1_000_000,
            parse_feed=self._parse_feed,
        )

    def _visit(self, run: _Run, entries: Sequence[_Wanted], source: Fetched) -> None:
        run.expect(len(entries))
        for wanted in entries:
            if run.is_cancelled():
                break
            entry, known = wanted.entry, self._known(wanted.entry.url)
            if run.is_removed(wanted, self._memory.visit(entry.url)) or run.needs_no_visit(wanted, known):
                run.keep(entry.url, known)
                continue
            try:
                found = self._fetch(
                    entry.url, known, may_be_internal=source.is_internal, kinds=pages.readable()
                )
                if found.is_unchanged:
                    run.keep(entry.url, known)
                else:
                    run.take(wanted, found, run.since)
            except SourceError as error:
                run.fail(error)
        run.flush()

    def _known(self, url: str) -> Visit | None:
        """What a page was the last time, if all its articles are still in the corpus."""
        visit = self._memory.visit(url)
        is_in = visit and visit.articles and len(self._corpus.known(visit.articles)) == len(visit.articles)
        return visit if is_in else None

    def _fetch(
        self,
        url: str,
        known: Visit | Validators | None = None,
        *,
        may_be_internal: bool = True,
        kinds: frozenset[str] = frozenset(),
    ) -> Fetched:
        validators = Validators(known.etag, known.last_modified) if known else None
        kinds = kinds or pages.readable() | pages.LISTS
        return self._fetcher.fetch(url, kinds=kinds, validators=validators, may_be_internal=may_be_internal)


class _Wanted(NamedTuple):
    """An entry to visit, and the hash of what its feed says of it."""

    entry: Entry
    mark: str = ""


class _Run:
    """One run: the articles at hand, what was done, and what is to be remembered once they are in."""

    def __init__(
        self,
        corpus: Corpus,
        memory: WebMemory,
        read_page: Callable[[Fetched, Entry], Iterator[Article | Failure]],
        on_progress: OnProgress | None,
        cancelled: Cancelled = never,
        *,
        is_refresh: bool = False,
    ) -> None:
        self._corpus, self._memory, self._on_progress = corpus, memory, on_progress
        self._read_page = read_page
        self._is_refresh = is_refresh
        self._cancelled, self._is_cancelled = cancelled, False
        self.since: date | None = None
        self._batch: list[Article | Failure] = []
        self._visits: list[Visit] = []
        self._report = IngestReport()
        self._done, self._total = 0, 1
        self._started = self._flushed = time.monotonic()

    @property
    def failed(self) -> tuple[Failure, ...]:
        """What failed so far, of the pages that are written."""
        return self._report.failed

    def expect(self, count: int) -> None:
        """Say how many pages come next."""
        self._total = self._done + count

    def is_cancelled(self) -> bool:
        """Whether it was asked to stop."""
        self._is_cancelled = self._is_cancelled or self._cancelled()
        return self._is_cancelled

    def take(self, wanted: _Wanted, found: Fetched, since: date | None) -> None:
        """Take a page that was fetched; raises SourceError if there is no article in it."""
        items = [item for item in self._read_page(found, wanted.entry) if not _is_old(item, since)]
        articles = tuple(item.id for item in items if isinstance(item, Article))
        if articles:
            v, url = found.validators, wanted.entry.url
            self._visits.append(Visit(url, v.etag, v.last_modified, articles, wanted.mark))
        self._batch += items
        self._step(items[0].name if items else shown(found.url))
        is_due = time.monotonic() - self._flushed > WRITTEN_AFTER_SECONDS
        if len(self._batch) >= WRITTEN_TOGETHER or is_due:
            self.flush()

    def keep(self, url: str, known: Visit | None) -> None:
        """Leave a page as it is: unchanged, or removed by the reader."""
        names = []
        for article_id in known.articles if known else ():
            try:
                names.append(self._corpus.article(article_id).name)
            except UnknownArticleError:  # removed just now
                continue
        self._report += IngestReport(unchanged=tuple(names))
        self._step(names[0] if names else shown(url))

    def fail(self, error: SourceError) -> None:
        """List a page that could not be fetched or read."""
        self.note(Failure(error.name, error.reason, error.hint))
        self._step(error.name)

    def note(self, failure: Failure) -> None:
        """List what went wrong besides."""
        self._report += IngestReport(failed=(failure,))

    def is_removed(self, wanted: _Wanted, visit: Visit | None) -> bool:
        """Whether a refresh leaves a page alone: its articles are removed, and its feed says the same."""
        if not self._is_refresh or visit is None or not visit.articles:
            return False
        return visit.mark == wanted.mark and not self._corpus.known(visit.articles)

    def needs_no_visit(self, wanted: _Wanted, known: Visit | None) -> bool:
        """Whether a refresh does without a page: its server never says what changed, its feed nothing new."""
        if not self._is_refresh or known is None or known.etag or known.last_modified:
            return False
        return known.mark == wanted.mark

    def flush(self) -> None:
        """Write what is at hand, then remember it."""
        if self._batch:
            self._report += self._corpus.add(self._batch, minds_holds=self._is_refresh)
            self._memory.remember(self._visits)
        self._batch, self._visits = [], []
        self._flushed = time.monotonic()

    def report(self) -> IngestReport:
        """What was done."""
        self.flush()
        seconds = time.monotonic() - self._started
        return replace(self._report, seconds=seconds, is_cancelled=self._is_cancelled)

    def _step(self, name: str) -> None:
        self._done += 1
        if self._on_progress:
            seconds = time.monotonic() - self._started
            total = max(self._total, self._done)
            self._on_progress(Progress(self._done, total, name, self._report.passages, seconds))


def _read_page(
    parse: ParseBytes, keeper: OriginalKeeper | None, found: Fetched, entry: Entry
) -> Iterator[Article | Failure]:
    """Read what was fetched; of a document the original is kept, a page has its address."""
    items = iter(pages.read(found, entry, parse=parse))
    if keeper is None or found.kind in pages.PAGES:
        return items
    return keeper.data(found.body, f"document{pages.DOCUMENTS.get(found.kind, '')}", items)


def _is_older(entry: Entry, since: date | None) -> bool:
    # What was last changed before a day was published before it, too.
    day = entry.published or entry.modified
    return bool(since and day and day < since)


def _is_old(item: Article | Failure, since: date | None) -> bool:
    return isinstance(item, Article) and bool(since and item.published and item.published < since)


def _mark(entry: Entry) -> str:
    """Hash of what a feed says of an entry."""
    said: Iterable[object] = (entry.title, entry.published, entry.modified, entry.content)
    return hashlib.sha256("\0".join(map(str, said)).encode("utf-8", "replace")).hexdigest()[:24]


def _as_json(wanted: _Wanted) -> list[str]:
    published = wanted.entry.published
    return [wanted.entry.url, published.isoformat() if published else "", wanted.mark]


def _from_json(value: Sequence[str]) -> _Wanted:
    url, published, mark = value
    return _Wanted(Entry(url, published=date.fromisoformat(published) if published else None), mark)
