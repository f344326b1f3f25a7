"""Loading the models while the page is already there, and saying so.

It knows that the first answer needs them; which there are is for the assistant to know.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import gradio as gr

from assistant.assistant import Assistant
from assistant.ui import render
from assistant.ui.frame import PRIVATE, html


class Warming:
    """Has the models loaded when the page is first looked at.

    Args:
        assistant: Whose models.
    """

    state: gr.HTML

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._is_warm = False

    def lay_out(self) -> None:
        """Make the place that says so; it takes no room once they are loaded."""
        self.state = html(render.Html(), elem_id="state")

    def wire(self, page: gr.Blocks) -> None:
        """Begin when the page is shown."""
        page.load(self.tell, None, [self.state], **PRIVATE)

    async def tell(self) -> AsyncIterator[render.Html]:
        """Say that the models are being loaded until they are."""
        if not self._is_warm:
            yield render.warming()
            await asyncio.to_thread(self._assistant.warm_up)
            self._is_warm = True
        yield render.Html()
