"""The list of the library: found, sorted and turned on the server; its articles corrected or removed.

It asks the `Assistant` and hands what comes back to `render`; what is shown to one reader is in a state of
the page. It builds no HTML.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

import gradio as gr

from assistant.assistant import Assistant
from assistant.errors import AssistantError, ReadOnlyError
from assistant.listing import ArticleQuery
from assistant.types import IngestReport
from assistant.ui import render
from assistant.ui.frame import PRIVATE, Frame, html, sent
from assistant.ui.telling import explain
from assistant.ui.view import Said, View, corrections, offered

ACTIONS = (
    "read",
    "sort",
    "turn",
    "copies",
    "all",
    "edit",
    "leave",
    "keep",
    "reset",
    "again",
    "remove",
    "undo",
)

# As `js` of an event: let the fields ask for the list anew.
RELIST = (
    "() => document.querySelector('#shelf-bar .shelf-bar')"
    ".dispatchEvent(new Event('relist', { bubbles: true }))"
)

Shown = tuple[View, str]


class Shelf:
    """The list; the results of its events are the view and its table.

    Args:
        assistant: Has the articles.
    """

    view: gr.State
    bar: gr.HTML
    table: gr.HTML

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant

    def lay_out(self) -> None:
        """Make the fields that narrow the list, and the list."""
        self.view = gr.State(View())
        actions = ("find", "relist")
        self.bar = html(render.shelf_bar(View(), ()), elem_id="shelf-bar", actions=actions, script="shelf.js")
        self.table = html(render.Html(), elem_id="shelf", actions=ACTIONS)

    def wire(self, frame: Frame) -> list[Any]:
        """Say what each event does; returns those after which the corpus may be another."""
        view, shown = [self.view], [self.view, self.table]
        latest: dict[str, Any] = PRIVATE | {"trigger_mode": "always_last"}
        self.bar.find(self.find, view, shown, **latest)
        self.bar.relist(self.relist, view, shown, **latest)
        frame.reader.opens_from(self.table)
        both = [*shown, self.bar]
        self.table.all(self.all, None, both, **PRIVATE)
        events: dict[str, Callable[..., object]] = {
            "sort": self.sort,
            "turn": self.turn,
            "copies": self.copies,
            "edit": self.edit,
            "leave": self.leave,
            "keep": self.keep,
            "reset": self.reset,
            "again": self.again,
            "remove": self.remove,
            "undo": self.undo,
        }
        done = {
            name: getattr(self.table, name)(function, view, shown, **PRIVATE)
            for name, function in events.items()
        }
        return [done[name] for name in ("keep", "reset", "again", "remove", "undo")]

    # --- what is listed

    def find(self, view: View, event: gr.EventData) -> Shown:
        """List what the fields say."""
        fields = sent(event).get("fields")
        return self._list(view.narrowed(fields if isinstance(fields, dict) else {}))

    def relist(self, view: View, event: gr.EventData) -> Shown:
        """List what the fields say, from the page that is shown if that is of the same articles."""
        fields = sent(event).get("fields")
        return self._list(view.kept(fields if isinstance(fields, dict) else {}))

    def all(self) -> tuple[View, str, str]:
        """List all articles again."""
        return self.opened(View())

    def opened(self, view: View) -> tuple[View, str, str]:
        """A view with its table and the fields that say the same."""
        return (*self._list(view), self.offered(view))

    def offered(self, view: View) -> str:
        """The fields that narrow the list, with the publishers that there are now."""
        return render.shelf_bar(view, offered(self._assistant.count_articles(ArticleQuery())))

    def sort(self, view: View, event: gr.EventData) -> Shown:
        """Sort by the column whose head was clicked."""
        return self._list(view.sorted_by(sent(event).get("sort")))

    def turn(self, view: View, event: gr.EventData) -> Shown:
        """Turn a page."""
        return self._list(view.turned(sent(event).get("by")))

    def copies(self, view: View, event: gr.EventData) -> Shown:
        """List an article with its near copies."""
        return self._list(view.copies_of(_article(event)))

    # --- what is changed

    def edit(self, view: View, event: gr.EventData) -> Shown:
        """Open the fields of an article."""
        return self._list(view.edits(_article(event)))

    def leave(self, view: View) -> Shown:
        """Shut them."""
        return self._list(view.edits(""))

    def keep(self, view: View, event: gr.EventData) -> Shown:
        """Correct an article as its fields say."""
        fields = sent(event).get("fields")
        typed = fields if isinstance(fields, dict) else {}
        return self._list(self._done(view, lambda: self._kept(_article(event), typed)))

    def reset(self, view: View, event: gr.EventData) -> Shown:
        """Take all corrections of an article back."""
        return self._list(self._done(view, lambda: self._as_found(_article(event))))

    async def again(self, view: View, event: gr.EventData) -> AsyncIterator[Shown]:
        """Read an article once more from where it came from."""
        yield await asyncio.to_thread(self._list, view.says(Said("Fetching it again…")))
        work = lambda: _came_to(self._assistant.fetch_again(_article(event)))  # noqa: E731
        done = await asyncio.to_thread(self._done, view, work)
        yield await asyncio.to_thread(self._list, done)

    def remove(self, view: View, event: gr.EventData) -> Shown:
        """Remove an article; a line offers to bring it back."""
        return self._list(self._done(view, lambda: self._removed(_article(event))))

    def undo(self, view: View, event: gr.EventData) -> Shown:
        """Bring an article back."""
        article_id = _article(event)
        done = self._done(view, lambda: Said(f"“{self._assistant.undo(article_id).name}” is back."))
        return self._list(done)

    # --- private

    def _removed(self, article_id: str) -> Said:
        article = self._assistant.remove(article_id)
        return Said(f"“{article.name}” was removed.", undo=article.id)

    def _as_found(self, article_id: str) -> Said:
        return Said(f"“{self._assistant.edit(article_id).name}” is as its source has it.")

    def _kept(self, article_id: str, typed: dict[str, Any]) -> Said:
        made = corrections(typed, self._assistant.article(article_id))
        if not made:  # to the assistant, no change means: take all corrections back
            return Said("Nothing was changed.")
        article = self._assistant.edit(article_id, **made)
        return Said(f"“{article.name}” is corrected.")

    def _done(self, view: View, work: Callable[[], Said]) -> View:
        """The view after some work, which may fail."""
        try:
            if is_read_only(self._assistant):  # nor is anything fetched for who may only read
                raise ReadOnlyError("this library can only be read")
            return view.says(work())
        except ValueError as exc:  # what was typed cannot be meant
            return replace(view, said=Said(f"That was not saved: {exc}.", is_problem=True))
        except Exception as exc:  # noqa: BLE001 - the edge: whatever failed, the reader is told
            failure = explain("library", exc)
            return view.says(Said(" ".join([f"{failure.reason}.", failure.hint]), is_problem=True))

    def _list(self, view: View) -> Shown:
        try:
            page = self._assistant.list_articles(view.query)
            while not page.articles and view.query.offset:  # the last of the last page was removed
                view = replace(
                    view, query=replace(view.query, offset=max(0, view.query.offset - view.query.limit))
                )
                page = self._assistant.list_articles(view.query)
        except AssistantError as exc:
            return view, render.problem(explain("library", exc))
        return view, render.shelf(page, view, is_read_only=is_read_only(self._assistant))


def is_read_only(assistant: Assistant) -> bool:
    """Whether nothing of the corpus may be changed."""
    return assistant.is_read_only


def _article(event: gr.EventData) -> str:
    return str(sent(event).get("article", ""))[:64]


def _came_to(report: IngestReport) -> Said:
    if report.failed:
        failure = report.failed[0]
        return Said(f"{failure.name}: {failure.reason}. {failure.hint}", is_problem=True)
    for label, names in (("Changed", report.updated), ("New", report.added), ("Gone", report.removed)):
        if names:
            return Said(f"{label}: {', '.join(names[:3])}{'…' if len(names) > 3 else ''}")
    return Said("It is as it was.")
