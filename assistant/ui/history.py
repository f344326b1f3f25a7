"""The History tab: conversations that are kept, to be found, opened, renamed, downloaded and deleted.

It also leads whoever comes by an address of the page to the conversation or the sentence that it names. What
is kept and whose it is, `keeping` and `Assistant.conversations` know.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import gradio as gr

from assistant.assistant import Assistant
from assistant.errors import AssistantError
from assistant.ui import render
from assistant.ui.ask import Ask
from assistant.ui.frame import PRIVATE, Frame, html, number, sent
from assistant.ui.keeping import ConversationKeeper
from assistant.ui.options import Options
from assistant.ui.reading import Conversation

SHOWN = 50  # conversations, and so many more at each "Show more"
MOST_SHOWN = 2000

NOTHING_KEPT = "This server is a demo: conversations are not kept. They last as long as this page is open."
NOT_KNOWN = "Conversations are kept for browsers that take cookies from this page."
NO_SUCH = "There is no such conversation here. It was deleted, or it is someone else's."


class History:
    """The tab; the arguments and results of its events follow the components wired in `wire`.

    Args:
        assistant: Has the conversations.
        ask: The tab that shows one.
        keeper: Knows which page shows which.
    """

    name, label = "history", "History"

    def __init__(self, assistant: Assistant, ask: Ask, keeper: ConversationKeeper) -> None:
        self._assistant = assistant
        self._ask = ask
        self._keeper = keeper

    def lay_out(self) -> None:
        """Lay out the search and the list."""
        self._limit = gr.State(SHOWN)
        with gr.Row(elem_id="history-bar"):
            self._query = gr.Textbox(
                value="",
                placeholder="Search titles, questions and answers",
                label="Search conversations",
                show_label=False,
                container=False,
                max_lines=1,
                elem_id="history-query",
            )
            self._new = gr.Button("New conversation", elem_id="history-new", scale=0)
        actions = ("more",)
        self._list = html(render.not_kept(""), elem_id="history-list", actions=actions, script="history.js")

    def lay_out_places(self) -> None:
        """Make what minds the page's address; called once, outside of the tabs: their scripts come late."""
        self._places = html(render.place(""), elem_id="places", script="places.js")

    def wire(self, frame: Frame) -> None:
        """Say what each event does."""
        seen = [self._query, self._limit]
        listed: dict[str, Any] = {"inputs": seen, "outputs": [self._list], **PRIVATE}
        options, shown = [self._ask.options], [self._places, *self._ask.opened]
        opened: dict[str, Any] = {
            "inputs": options,
            "outputs": [*shown, frame.tabs, frame.reader.panel],
            "cancels": self._ask.working,  # what is being answered belongs to the conversation before
            **PRIVATE,
        }
        frame.page.load(self.list, **listed)
        frame.page.unload(self._keeper.leave)
        frame.tabs.select(self.list, **listed)
        self._query.change(self.list, trigger_mode="always_last", **listed)
        self._list.more(self.more, seen, [self._limit, self._list], **PRIVATE)
        self._list.show(self.open, **opened)
        self._list.rename(self.rename, **listed)
        self._list.remove(self.remove, [*seen, *options], [self._list, *shown], **PRIVATE)
        self._new.click(self.begin, **opened)
        self._ask.strip.begin(self.begin, **opened)
        # the next step back may be taken before the page has heard that this one is done
        self._places.show(self.open, trigger_mode="always_last", **opened)
        self._places.begin(self.begin, trigger_mode="always_last", **opened)
        self._ask.transcript.rate(self.rate, None, [self._places], **PRIVATE)
        frame.reader.opens_from(self._places, self._ask.conversation)
        for event in self._ask.asking:
            event.then(self.place, None, [self._places], **PRIVATE)

    def list(self, query: str, limit: int, request: gr.Request) -> str:
        """List the conversations of whoever looks."""
        owner = self._keeper.owner(request)
        if not owner:
            return render.not_kept(NOTHING_KEPT if self._assistant.is_read_only else NOT_KNOWN)
        try:
            page = self._assistant.conversations.list(owner, query, limit=limit)
        except AssistantError as exc:
            return render.not_kept(f"{exc}. {exc.hint}")
        shown = self._keeper.shown(request)
        today = datetime.now(UTC).date()
        name = self._keeper.account(request)
        return render.join(
            [
                render.signed_in(name) if name else render.Html(),
                render.conversations(
                    page.heads, query=query.strip(), today=today, has_more=bool(page.next), opened=shown
                ),
            ]
        )

    def more(self, query: str, limit: int, request: gr.Request) -> tuple[int, str]:
        """List more of them."""
        limit = min(limit + SHOWN, MOST_SHOWN)
        return limit, self.list(query, limit, request)

    def open(self, options: Options, request: gr.Request, event: gr.EventData) -> tuple[Any, ...]:
        """Show a conversation in the Ask tab, where it can be gone on with."""
        found = self._keeper.open(request, _conversation_id(event))
        if found is None:
            gr.Warning(NO_SUCH)
            return self.place(request), *[gr.skip()] * (len(self._ask.opened) + 2)
        return self._shown(found.answers, options, request)

    def begin(self, options: Options, request: gr.Request) -> tuple[Any, ...]:
        """Begin a conversation."""
        self._keeper.show(request)
        return self._shown((), options, request)

    def _shown(self, conversation: Conversation, options: Options, request: gr.Request) -> tuple[Any, ...]:
        opened = self._ask.open(conversation, options)
        return self.place(request), *opened, gr.Tabs(selected=self._ask.name), render.Html()

    def rename(self, query: str, limit: int, request: gr.Request, event: gr.EventData) -> str:
        """Call a conversation something else."""
        title = str(sent(event).get("title", ""))
        try:
            owner = self._keeper.owner(request)
            self._assistant.conversations.rename(_conversation_id(event), owner, title)
        except AssistantError as exc:
            gr.Warning(f"{exc}. {exc.hint}")
        except ValueError:
            gr.Warning("A title cannot be empty.")
        return self.list(query, limit, request)

    def remove(
        self, query: str, limit: int, options: Options, request: gr.Request, event: gr.EventData
    ) -> tuple[Any, ...]:
        """Delete a conversation for good; a page that shows it shows none then."""
        conversation_id = _conversation_id(event)
        try:
            self._assistant.conversations.delete(conversation_id, self._keeper.owner(request))
        except AssistantError as exc:
            gr.Warning(f"{exc}. {exc.hint}")
        if self._keeper.shown(request) != conversation_id:
            return self.list(query, limit, request), *[gr.skip()] * (len(self._ask.opened) + 1)
        self._keeper.show(request)
        return self.list(query, limit, request), self.place(request), *self._ask.open((), options)

    def rate(self, request: gr.Request, event: gr.EventData) -> str:
        """Note what someone thinks of an answer; the same once more takes it back."""
        clicked = sent(event)
        turn, vote, fields = number(clicked.get("turn")), clicked.get("vote"), clicked.get("fields")
        before = self._keeper.votes(request)
        reason = str(fields.get("reason", "")) if isinstance(fields, dict) and vote == "again" else ""
        if turn is None:
            return self.place(request)
        if vote == "again":
            vote = before.get(turn, "")
        elif before.get(turn) == vote:
            vote = ""
        if not self._keeper.rate(request, turn, str(vote), reason):
            gr.Info("What is thought of answers is not kept here.")
        elif reason:
            gr.Info("Thank you. It is kept with the answer.")
        return self.place(request)

    def place(self, request: gr.Request) -> str:
        """Tell the page the address of what it shows, and what was thought of it."""
        return render.place(self._keeper.shown(request), self._keeper.votes(request))


def _conversation_id(event: gr.EventData) -> str:
    return str(sent(event).get("id", ""))
