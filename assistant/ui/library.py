"""The Library tab: the box that adds, the list, and below it what keeps the library well.

It knows its parts and when they have to be read anew; what each does is its own module.
"""

from __future__ import annotations

from typing import Any

import gradio as gr

from assistant.assistant import Assistant
from assistant.ui.adding import Adding
from assistant.ui.ask import Ask
from assistant.ui.frame import PRIVATE, Frame, sent
from assistant.ui.shelf import RELIST, Shelf, is_read_only
from assistant.ui.upkeep import Upkeep
from assistant.ui.view import View


class Library:
    """The tab.

    Args:
        assistant: Has the articles.
        ask: Offers the examples that the corpus can answer, once it has changed.
    """

    name, label = "library", "Library"

    def __init__(self, assistant: Assistant, ask: Ask) -> None:
        self._assistant = assistant
        self.adding, self.shelf, self.upkeep = Adding(assistant, ask), Shelf(assistant), Upkeep(assistant)

    def lay_out(self) -> None:
        """Lay out the parts, one below the other."""
        with gr.Column(elem_id="library"):
            with gr.Column(visible=not is_read_only(self._assistant), elem_id="add-box"):
                self.adding.lay_out()
            self.upkeep.lay_out_failures()
            self.shelf.lay_out()
            with gr.Column(elem_id="upkeep"):
                self.upkeep.lay_out()

    def wire(self, frame: Frame) -> None:
        """Say what each event does."""
        self.adding.wire(frame)
        changed = self.shelf.wire(frame)
        shelf = [self.shelf.view, self.shelf.table, self.shelf.bar]
        all_of_it = [*shelf, *self.upkeep.parts]
        below = [self.shelf.bar, *self.upkeep.parts]
        # The page asks for the list itself: a search that was typed meanwhile must not be answered with the
        # list of before, whichever of the two comes back last.
        for done in self.adding.done:
            done.then(self.around, [self.shelf.view], below, **PRIVATE).then(None, js=RELIST)
        for done in self.upkeep.wire():
            done.then(self.shelf.offered, [self.shelf.view], [self.shelf.bar], **PRIVATE).then(
                None, js=RELIST
            )
        for done in changed:
            done.then(self.upkeep.opened, None, self.upkeep.parts, **PRIVATE)
        frame.tabs.select(self.selected, [self.shelf.view], all_of_it, **PRIVATE)
        self.upkeep.overview.source(self.by_source, None, shelf, **PRIVATE)

    def opened(self, view: View) -> tuple[Any, ...]:
        """All of the tab as it is now."""
        return (*self.shelf.opened(view), *self.upkeep.opened())

    def around(self, view: View) -> tuple[Any, ...]:
        """All of the tab but the list."""
        return (self.shelf.offered(view), *self.upkeep.opened())

    def selected(self, view: View, event: gr.SelectData) -> tuple[Any, ...]:
        """All of the tab when it is the one that was clicked; nothing for another."""
        if event.value != self.label:
            return (gr.skip(),) * (3 + len(self.upkeep.parts))
        return self.opened(view)

    def by_source(self, event: gr.EventData) -> tuple[Any, ...]:
        """List the articles of the publisher that was clicked."""
        return self.shelf.opened(View().by_source(str(sent(event).get("source", ""))))
