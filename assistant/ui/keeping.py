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
from assistant.types import Answer

logger = logging.getLogger(__name__)

MAX_PAGES = 10_000  # that are remembered; of one that is not, the next question begins a conversation


@dataclass(slots=True, eq=False)
class Shown:
    """A conversation as one page shows it: from its beginning there, or its opening, until the next one.

    Args:
        id: Of the conversation; empty until its first answer is kept.
    """

    id: str = ""


class Keeper:
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
        return self._shown.get(str(request.session_hash)) or self.show(request, "")

    def show(self, request: gr.Request, conversation_id: str) -> Shown:
        """Remember which conversation a page shows from now on; empty for a new one."""
        key = str(request.session_hash)
        self._shown.pop(key, None)
        self._shown[key] = shown = Shown(conversation_id)
        while len(self._shown) > MAX_PAGES:
            self._shown.popitem(last=False)
        return shown

    def leave(self, request: gr.Request) -> None:
        """Forget a page that was closed."""
        self._shown.pop(str(request.session_hash), None)

    def keep(self, request: gr.Request, answers: Sequence[Answer], shown: Shown) -> None:
        """Keep what a page shows, up to its last answer, which is new.

        Args:
            request: Of the page.
            answers: All that it shows, oldest first; what is kept beyond them goes, as after an edit.
            shown: What the page showed when the last one was asked for.
        """
        owner = self.owner(request)
        if not owner or not answers:
            return
        try:
            shown.id = self._kept(owner, shown.id, answers)
        except CorpusError as exc:
            logger.warning("a conversation is not kept: %s. %s", exc, exc.hint)

    def open(self, request: gr.Request, conversation_id: str) -> Conversation | None:
        """Find a conversation of whoever asks, and remember that the page shows it."""
        try:
            found = self._assistant.conversations.get(conversation_id, self.owner(request))
        except AssistantError as exc:
            if not isinstance(exc, UnknownConversationError):
                logger.warning("%s. %s", exc, exc.hint)
            return None
        self.show(request, conversation_id)
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

    def _kept(self, owner: str, conversation_id: str, answers: Sequence[Answer]) -> str:
        """Keep all that is not kept yet; returns the id of the conversation."""
        conversations, last = self._assistant.conversations, len(answers) - 1
        try:
            known = conversations.count(conversation_id, owner) if conversation_id else 0
        except UnknownConversationError:  # deleted in another page, and this one goes on with it
            conversation_id, known = "", 0
        for number in range(min(known, last), last + 1):
            turn = conversations.keep(owner, answers[number], conversation_id, after=number)
            conversation_id = turn.conversation_id
        return conversation_id
