"""Adding articles in the Library tab: a live table of the files, Cancel and Retry failed.

It hands uploads and web addresses to the `Assistant` one after the other, and what becomes of them to
`render`. It keeps, for each browser tab, what was cancelled or has failed, so that it can be tried again; it
builds no HTML.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.events import Dependency

from assistant.access import is_handed_on, is_loopback
from assistant.assistant import Assistant
from assistant.listing import MOST_LISTED, ArticleQuery
from assistant.settings import Settings
from assistant.sources import SUFFIXES, is_address, without_password
from assistant.types import Filters, IngestReport, ItemProgress, ItemState, Progress
from assistant.ui import render
from assistant.ui.ask import Ask
from assistant.ui.follow import Emit, follow
from assistant.ui.frame import PRIVATE, Frame, html
from assistant.ui.telling import explain

MAX_ADDRESS_CHARS = 4000
PAUSE_SECONDS = 0.25  # between two updates of the table: four a second, however fast the files go in


Table = tuple[tuple[ItemProgress, ...], Progress]


@dataclass(frozen=True, slots=True)
class OnServer:
    """A folder or file that lies on the server and is read where it is."""

    path: Path


Item = Path | str | OnServer  # an upload, an address, or one of these


@dataclass
class _Tab:
    """What one browser tab has under way, and what it may try again."""

    stop: threading.Event = field(default_factory=threading.Event)
    left: list[Item] = field(default_factory=list)


class Adding:
    """The box; the results of its events follow the components wired in `wire`.

    Args:
        assistant: Takes the articles.
        ask: Offers the examples that the corpus can answer, once it has changed.
    """

    done: list[Dependency]  # the events after which the corpus may be another

    def __init__(self, assistant: Assistant, ask: Ask) -> None:
        self._assistant, self._ask = assistant, ask
        self._tabs: dict[str, _Tab] = {}

    def lay_out(self) -> None:
        """Lay out the box for files and addresses and the place for what becomes of them."""
        with gr.Column(elem_id="add"):
            self._uploads = gr.File(
                label="Files to add: PDF, Word, web pages, e-mails, tables and others",
                file_types=[*SUFFIXES],
                file_count="multiple",
                height=72,
                elem_id="uploads",
            )
            self._address = _line("Address", "Or the address of a page, a feed or a sitemap")
            self._path = _line(
                "Folder",
                "Or a folder of this computer, such as /home/me/articles",
                visible=takes_folders(self._assistant.settings),
            )
            self._report = html(render.Html(), elem_id="report", actions=("read",))
            with gr.Row(elem_id="adding"):
                self._cancel = gr.Button("Cancel", visible=False, elem_id="cancel", size="sm")
                self._retry = gr.Button("Retry failed", visible=False, elem_id="retry", size="sm")

    def wire(self, frame: Frame) -> None:
        """Say what each event does."""
        told = [self._report, self._ask.welcome, self._cancel, self._retry]
        outputs = [self._uploads, *told]
        one_at_a_time: dict[str, Any] = {"concurrency_limit": 1, "concurrency_id": "adding"} | PRIVATE
        self.done = [
            self._uploads.upload(self.add, [self._uploads], outputs, **one_at_a_time),
            self._address.submit(self.add_address, [self._address], [self._address, *told], **one_at_a_time),
            self._path.submit(self.add_folder, [self._path], [self._path, *told], **one_at_a_time),
            self._retry.click(self.retry, None, outputs, **one_at_a_time),
        ]
        frame.reader.opens_from(self._report)
        self._cancel.click(self.cancel, None, [self._cancel], **PRIVATE)
        frame.page.unload(self.leave)

    async def add(self, paths: list[str] | None, request: gr.Request) -> AsyncIterator[tuple[Any, ...]]:
        """Add uploaded files, telling of each how far it is and at the end what came of it."""
        async for update in self._run(request, [Path(path) for path in paths or []]):
            yield update

    async def add_address(self, text: str, request: gr.Request) -> AsyncIterator[tuple[Any, ...]]:
        """Add what is at a web address, in the same way; whatever is written, no file is opened for it."""
        address = text.strip()[:MAX_ADDRESS_CHARS]
        if address and not is_address(address):
            address = f"https://{address}"
        async for update in self._run(request, [address] if address else []):
            yield update

    async def add_folder(self, text: str, request: gr.Request) -> AsyncIterator[tuple[Any, ...]]:
        """Add a folder or file of the server, if whoever asks sits at it."""
        path = Path(text.strip()[:MAX_ADDRESS_CHARS]).expanduser()
        is_allowed = takes_folders(self._assistant.settings) and is_at_server(request)
        async for update in self._run(request, [OnServer(path)] if text.strip() and is_allowed else []):
            yield update

    async def retry(self, request: gr.Request) -> AsyncIterator[tuple[Any, ...]]:
        """Add once more what failed, or was not reached before the reader cancelled."""
        left = [item for item in self._tab(request).left if not isinstance(item, Path) or item.exists()]
        async for update in self._run(request, left):
            yield update

    def cancel(self, request: gr.Request) -> Any:
        """Stop adding; what is embedded by then is kept."""
        self._tab(request).stop.set()
        return gr.Button("Stopping…", interactive=False)

    def leave(self, request: gr.Request) -> None:
        """Forget a tab that was closed; what it adds goes on."""
        tab = self._tabs.pop(str(request.session_hash), None)
        for item in tab.left if tab else ():
            _discard(item)

    async def _run(self, request: gr.Request, paths: Sequence[Item]) -> AsyncIterator[tuple[Any, ...]]:
        tab = self._tab(request)
        if self._assistant.is_read_only:  # nor is anything fetched for a reader
            paths = []
        tab.stop, tab.left = threading.Event(), []
        reports: list[IngestReport] = []
        yield gr.skip(), gr.skip(), gr.skip(), _shown("Cancel", is_visible=True), gr.Button(visible=False)
        run = _Run(self._assistant, paths, tab, reports)
        async for items, progress in follow(partial(_Run.work, run), pause_seconds=PAUSE_SECONDS):
            yield gr.skip(), render.upload_table(items, progress), gr.skip(), gr.skip(), gr.skip()
        summary = await asyncio.to_thread(self._summary, sum(reports, IngestReport()))
        retry = gr.Button("Go on" if tab.stop.is_set() else "Retry failed", visible=bool(tab.left))
        welcome = await asyncio.to_thread(self._ask.examples)
        yield None, summary, welcome, _shown("Cancel", is_visible=False), retry

    def _summary(self, report: IngestReport) -> str:
        """What became of all, with the articles that can be opened."""
        ids = tuple({article_id for _, article_id in report.ids})[:MOST_LISTED]
        if not ids:
            return render.upload_report(report)
        page = self._assistant.list_articles(ArticleQuery(filters=Filters(article_ids=ids), limit=len(ids)))
        known = {article.id: article for article in page.articles}
        articles = {name: known[one] for name, one in reversed(report.ids) if one in known}
        return render.upload_report(report, articles)

    def _tab(self, request: gr.Request) -> _Tab:
        return self._tabs.setdefault(str(request.session_hash), _Tab())


class _Run:
    """Files and addresses added one after the other, and the table that is shown meanwhile."""

    def __init__(
        self, assistant: Assistant, paths: Sequence[Item], tab: _Tab, reports: list[IngestReport]
    ) -> None:
        self._assistant, self._paths, self._tab, self._reports = assistant, paths, tab, reports
        self._items = [ItemProgress(_called(path), ItemState.WAITING) for path in paths]
        self._before = Progress(0, len(paths), "", 0, 0.0)  # what the files before the one at hand came to

    def work(self, emit: Emit[Table]) -> None:
        """Add the files; a reader who leaves does not stop it, one who cancels does."""
        for at, path in enumerate(self._paths):
            if self._tab.stop.is_set():
                self._reports.append(IngestReport(is_cancelled=True))
                self._tab.left += self._paths[at:]
                return
            self._show(at, ItemProgress(_called(path), ItemState.READING), self._before, emit)
            report = self._add(path, lambda progress, at=at: self._tell(at, progress, emit))  # type: ignore[misc]
            self._reports.append(report)
            before = self._before
            self._before = replace(
                before,
                done=at + 1,
                passages=before.passages + report.passages,
                seconds=before.seconds + report.seconds,
            )
            self._show(at, _outcome(_called(path), report), self._before, emit)
            if report.failed or report.is_cancelled:
                self._tab.left.append(path)
            else:
                _discard(path)  # the corpus has it now

    def _add(self, path: Item, tell: Callable[[Progress], None]) -> IngestReport:
        cancelled = self._tab.stop.is_set
        try:
            if not isinstance(path, Path):
                what = path.path if isinstance(path, OnServer) else path
                return self._assistant.add(what, on_progress=tell, cancelled=cancelled)
            return self._assistant.add(
                path.read_bytes(), name=path.name, on_progress=tell, cancelled=cancelled
            )
        except Exception as exc:  # noqa: BLE001 - one bad file does not stop the others
            return IngestReport(failed=(explain(_called(path), exc),))

    def _tell(self, at: int, progress: Progress, emit: Emit[Table]) -> None:
        is_list = not isinstance(self._paths[at], Path) and (progress.total or 0) > 1
        far = f"{progress.done} of {progress.total}" if is_list else ""
        item = ItemProgress(_called(self._paths[at]), ItemState.EMBEDDING, far)
        passages, seconds = self._before.passages + progress.passages, self._before.seconds + progress.seconds
        self._show(at, item, replace(self._before, passages=passages, seconds=seconds), emit)

    def _show(self, at: int, item: ItemProgress, progress: Progress, emit: Emit[Table]) -> None:
        self._items[at] = item
        emit((tuple(self._items), replace(progress, name=item.name)))


def takes_folders(settings: Settings) -> bool:
    """Whether the page may offer to read the server's disk: only if nobody but its user can reach it.

    A path on the server's disk is a power: whoever may add a folder may read all that the server may.
    """
    return is_loopback(settings.server.host)


def is_at_server(request: gr.Request) -> bool:
    """Whether a request comes from the server's own machine, and no proxy hands it on for another."""
    host = request.client.host if request.client else ""
    return is_loopback(host) and not is_handed_on(request.headers)


def _line(label: str, placeholder: str, *, visible: bool = True) -> gr.Textbox:
    """A line of text with what is to be added."""
    return gr.Textbox(
        label=label,
        placeholder=placeholder,
        show_label=False,
        container=False,
        max_lines=1,
        max_length=MAX_ADDRESS_CHARS,
        submit_btn="Add",
        elem_id=label.lower(),
        visible=visible,
    )


def _called(item: Item) -> str:
    if isinstance(item, OnServer):
        return str(item.path)
    return without_password(item) if isinstance(item, str) else item.name


def _discard(item: Item) -> None:
    if isinstance(item, Path):
        item.unlink(missing_ok=True)


def _outcome(name: str, report: IngestReport) -> ItemProgress:
    """What became of a file with one article or more."""
    if report.added or report.updated:
        return ItemProgress(name, ItemState.IN)
    if report.failed:
        return ItemProgress(name, ItemState.FAILED, report.failed[0].reason, report.failed[0].hint)
    return ItemProgress(name, ItemState.WAITING if report.is_cancelled else ItemState.UNCHANGED)


def _shown(label: str, *, is_visible: bool) -> Any:
    return gr.Button(label, visible=is_visible, interactive=True)
