"""Which conversation each open page shows, and how it is kept on the server as it grows.

It knows pages by Gradio's session and people by what the entrance says of them; a page that cannot be told
apart, and a server that takes no changes, keep nothing. Failing to keep a conversation never stops it.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import gradio as gr

from assistant.assistant import Assistant
from assistant.conversations import Conversation
from assistant.entrance import OWNER_HEADER, account_of
from assistant.errors import AssistantError, CorpusError, UnknownConversationError
from assistant.stores.conversations import StoredTurn
from assistant.types import Answer

logger = logging.getLogger(__name__)

MAX_PAGES = 10_000  # that are remembered; of one that is not, the next question begins a conversation


@dataclass(slots=True, eq=False)
class Shown:
    """A conversation as one page shows it: from its beginning there, or its opening, until the next one.

    Args:
        turns: As the page saw them kept last; none until its first answer is kept.
    """

    turns: tuple[StoredTurn, ...] = ()

    @property
    def id(self) -> str:
        """Of the conversation; empty for one that is not kept."""
        return self.turns[0].conversation_id if self.turns else ""


class ConversationKeeper:
    """Keeps the conversations of all open pages.

    Args:
        assistant: Has the conversations.
    """

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._shown: OrderedDict[str, Shown] = OrderedDict()  # by page

    def owner(self, request: gr.Request) -> str:
        """Whose conversations a page keeps; empty if none are kept."""
        owner = request.headers.get(OWNER_HEADER, "")
        return "" if self._assistant.is_read_only else str(owner)

    def account(self, request: gr.Request) -> str:
        """The name that someone is logged in with; empty if there is none."""
        return account_of(self.owner(request))

    def shown(self, request: gr.Request) -> str:
        """Id of the conversation that a page shows; empty for one that is not kept."""
        return self.at(request).id

    def at(self, request: gr.Request) -> Shown:
        """What a page shows now; an answer is kept with what was shown when its question was asked."""
        return self._shown.get(str(request.session_hash)) or self.show(request)

    def show(self, request: gr.Request, turns: Sequence[StoredTurn] = ()) -> Shown:
        """Remember which conversation a page shows from now on; without turns, a new one."""
        key = str(request.session_hash)
        self._shown.pop(key, None)
        self._shown[key] = shown = Shown(tuple(turns))
        while len(self._shown) > MAX_PAGES:
            self._shown.popitem(last=False)
        return shown

    def leave(self, request: gr.Request) -> None:
        """Forget a page that was closed."""
        self._shown.pop(str(request.session_hash), None)

    def keep(
        self, request: gr.Request, answers: Sequence[Answer], shown: Shown, seen: tuple[StoredTurn, ...]
    ) -> bool:
        """Keep what a page shows, up to its last answer, which is new.

        Args:
            request: Of the page.
            answers: All that it shows, oldest first; what it saw kept beyond them goes, as after an edit.
            shown: What the page showed when the last one was asked for.
            seen: The turns of that at the time.

        Returns:
            Whether it had to become another conversation, since its own was changed elsewhere.
        """
        owner = self.owner(request)
        if not owner or not answers:
            return False
        before = shown.id
        try:
            shown.turns = self._assistant.conversations.go_on(owner, answers, seen)
        except CorpusError as exc:
            logger.warning("a conversation is not kept: %s. %s", exc, exc.hint)
        return before not in ("", shown.id)

    def open(self, request: gr.Request, conversation_id: str) -> Conversation | None:
        """Find a conversation of whoever asks, and remember that the page shows it."""
        try:
            found = self._assistant.conversations.get(conversation_id, self.owner(request))
        except AssistantError as exc:
            if not isinstance(exc, UnknownConversationError):
                logger.warning("%s. %s", exc, exc.hint)
            return None
        self.show(request, found.turns)
        return found

    def votes(self, request: gr.Request) -> Mapping[int, str]:
        """What was thought of the answers that a page shows: "up" or "down", by their turns."""
        shown = self.shown(request)
        try:
            return dict(self._assistant.conversations.votes(shown, self.owner(request))) if shown else {}
        except AssistantError:  # deleted meanwhile, or not to be read, which is told where it matters
            return {}

    def rate(self, request: gr.Request, turn: int, vote: str, reason: str = "") -> bool:
        """Note what someone thinks of an answer that their page shows; returns whether it is noted."""
        try:
            self._assistant.conversations.rate(self.shown(request), turn, self.owner(request), vote, reason)
        except (AssistantError, ValueError) as exc:
            logger.info("feedback is not kept: %s", exc)
            return False
        return True
