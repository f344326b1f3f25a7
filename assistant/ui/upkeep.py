"""Below the list: counts over time, feeds, what failed, the trash, and whether the library is whole.

Each is a part that is read anew when the tab is opened or something in it was done. It asks the `Assistant`
and hands what comes back to `render`; it builds no HTML.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any

import gradio as gr

from assistant.assistant import Assistant
from assistant.errors import ReadOnlyError
from assistant.listing import ArticleQuery
from assistant.types import IngestReport, Progress, VerifyReport
from assistant.ui import render
from assistant.ui.follow import Emit, follow
from assistant.ui.frame import PRIVATE, html, sent
from assistant.ui.shelf import is_read_only
from assistant.ui.telling import explain
from assistant.ui.view import Said

MAX_ADDRESS_CHARS = 4000
PAUSE_SECONDS = 0.5


class Upkeep:
    """The parts; each of their events changes its own part only.

    Args:
        assistant: Has the articles.
    """

    overview: gr.HTML
    feeds: gr.HTML
    failures: gr.HTML
    trash: gr.HTML
    health: gr.HTML

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant

    def lay_out(self) -> None:
        """Make the other parts, empty."""
        self.overview = html(render.Html(), elem_id="overview", actions=("source",))
        self.feeds = html(render.Html(), elem_id="feeds", actions=("subscribe", "unsubscribe", "refresh"))
        self.trash = html(render.Html(), elem_id="trash", actions=("back", "purge"))
        self.health = html(render.Html(), elem_id="health", actions=("check", "repair"))

    def lay_out_failures(self) -> None:
        """Make the place for what failed, which is to be seen before the list."""
        self.failures = html(render.Html(), elem_id="failures", actions=("retry",))

    @property
    def parts(self) -> list[gr.HTML]:
        """All of them, as the outputs of `opened`."""
        return [self.overview, self.failures, self.feeds, self.trash, self.health]

    def wire(self) -> list[Any]:
        """Say what each event does; returns those after which the corpus may be another."""
        for part, action, function in (
            (self.feeds, "subscribe", self.subscribe),
            (self.feeds, "unsubscribe", self.unsubscribe),
            (self.health, "check", self.check),
            (self.health, "repair", self.repair),
        ):
            getattr(part, action)(function, None, [part], **PRIVATE)
        return [
            self.feeds.refresh(self.refresh, None, [self.feeds], **PRIVATE),
            self.failures.retry(self.retry, None, [self.failures], **PRIVATE),
            self.trash.back(self.back, None, [self.trash], **PRIVATE),
            self.trash.purge(self.purge, None, [self.trash], **PRIVATE),
        ]

    def opened(self) -> tuple[str, ...]:
        """All parts as they are now."""
        parts = (self._overview, self._failures, self._feeds, self._trash, self._health)
        return tuple(self._safe(part) for part in parts)

    # --- feeds

    async def subscribe(self, event: gr.EventData) -> AsyncIterator[str]:
        """Keep a feed up to date from now on."""
        fields = sent(event).get("fields")
        address = str(fields.get("feed", "") if isinstance(fields, dict) else "").strip()[:MAX_ADDRESS_CHARS]
        if address and "://" not in address:
            address = f"https://{address}"

        def work() -> Said:
            if not address:
                return Said("Give the address of a feed.", is_problem=True)
            found = self._assistant.feeds.subscribe(address)
            return Said(
                f"Subscribed to “{found.title or found.url}”. Its articles come with “Fetch what is new”."
            )

        async for part in self._doing("Looking at it…", work, self._feeds):
            yield part

    def unsubscribe(self, event: gr.EventData) -> str:
        """Keep a feed up to date no longer."""
        address = str(sent(event).get("feed", ""))

        def work() -> Said:
            self._assistant.feeds.unsubscribe(address)
            return Said("Unsubscribed; its articles stay.")

        return self._feeds(self._done(work))

    async def refresh(self) -> AsyncIterator[str]:
        """Bring what is new in all feeds."""
        work = lambda: _came_to(self._assistant.feeds.refresh())  # noqa: E731
        async for part in self._doing("Fetching…", work, self._feeds):
            yield part

    # --- what failed, what was removed

    async def retry(self) -> AsyncIterator[str]:
        """Add once more what failed."""
        work = lambda: _came_to(self._assistant.retry())  # noqa: E731
        async for part in self._doing("Trying again…", work, self._failures):
            yield part

    def back(self, event: gr.EventData) -> str:
        """Bring an article back."""
        article_id = str(sent(event).get("article", ""))[:64]
        return self._trash(self._done(lambda: Said(f"“{self._assistant.undo(article_id).name}” is back.")))

    def purge(self) -> str:
        """Delete for good what was removed."""

        def work() -> Said:
            return Said(f"{self._assistant.purge(everything=True):,} deleted for good.")

        return self._trash(self._done(work))

    # --- whether it is whole

    async def check(self) -> AsyncIterator[str]:
        """Check the library."""
        async for part in self._verify(is_repairing=False):
            yield part

    async def repair(self) -> AsyncIterator[str]:
        """Check it and make the indexes again if they are not well."""
        async for part in self._verify(is_repairing=True):
            yield part

    async def _verify(self, *, is_repairing: bool) -> AsyncIterator[str]:
        yield self._health("Checking…")
        is_repairing = is_repairing and self._may_change
        try:
            work = partial(self._verified, is_repairing)
            async for said in follow(work, pause_seconds=PAUSE_SECONDS):
                if isinstance(said, VerifyReport):
                    yield self._health(report=said)
                else:
                    yield self._health(said)
        except Exception as exc:  # noqa: BLE001 - the edge: whatever failed, the reader is told
            failure = explain("check", exc)
            yield self._health(f"{failure.reason} {failure.hint}")

    def _verified(self, is_repairing: bool, emit: Emit[str | VerifyReport]) -> None:
        def tell(progress: Progress) -> None:
            emit(render.checking(progress))

        emit(self._assistant.verify(repair=is_repairing, on_progress=tell))

    # --- private

    async def _doing(
        self, meanwhile: str, work: Callable[[], Said], show: Callable[[Said | None], str]
    ) -> AsyncIterator[str]:
        yield await asyncio.to_thread(show, Said(meanwhile))
        said = await asyncio.to_thread(self._done, work)
        yield await asyncio.to_thread(show, said)

    def _done(self, work: Callable[[], Said]) -> Said:
        """What some work came to, which may fail; where nothing may be changed, it is not begun."""
        try:
            if not self._may_change:
                raise ReadOnlyError("this library can only be read")
            return work()
        except Exception as exc:  # noqa: BLE001 - the edge: whatever failed, the reader is told
            failure = explain("library", exc)
            return Said(f"{failure.reason}. {failure.hint}", is_problem=True)

    def _safe(self, show: Callable[[], str]) -> str:
        try:
            return show()
        except Exception as exc:  # noqa: BLE001 - one part that fails leaves the others
            return render.problem(explain("library", exc))

    @property
    def _may_change(self) -> bool:
        return not is_read_only(self._assistant)

    def _overview(self) -> str:
        return render.overview(self._assistant.count_articles(ArticleQuery()))

    def _feeds(self, said: Said | None = None) -> str:
        found = self._assistant.feeds.subscriptions()
        return render.feeds(found, said, is_open=said is not None, may_change=self._may_change)

    def _failures(self, said: Said | None = None) -> str:
        found = self._assistant.failures() if self._may_change else ()  # no business of who only reads
        return render.failures(found, said, is_open=said is not None, may_change=self._may_change)

    def _trash(self, said: Said | None = None) -> str:
        found = self._assistant.removed()
        return render.trash(found, said, is_open=said is not None, may_change=self._may_change)

    def _health(self, said: str = "", report: VerifyReport | None = None) -> str:
        free = shutil.disk_usage(self._assistant.corpus.data_dir).free
        sizes, articles = self._assistant.sizes(), self._assistant.corpus.count()
        is_open = bool(said or report)
        return render.health(
            articles, sizes, free, said, report, is_open=is_open, may_change=self._may_change
        )


def _came_to(report: IngestReport) -> Said:
    parts = [
        f"{len(names):,} {label}"
        for label, names in (
            ("new", report.added),
            ("changed", report.updated),
            ("as they were", report.unchanged),
        )
        if names
    ]
    if report.failed:
        failure = report.failed[0]
        parts.append(f"{len(report.failed):,} failed, such as {failure.name}: {failure.reason}")
    return Said(", ".join(parts) or "Nothing new.", is_problem=bool(report.failed))
