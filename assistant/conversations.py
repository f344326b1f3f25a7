"""Conversations that are kept: whose they are, how they are found again, and what leaves them.

Every surface keeps and reads them here. It knows owners, titles, limits and exports; how answers come about
is for `assistant` to say, and how rows are stored for `stores.conversations`.
"""

from __future__ import annotations

import math
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from assistant import transcripts
from assistant.conversation import MAX_TURNS as HISTORY_TURNS
from assistant.errors import CorpusError, ReadOnlyError, UnknownConversationError
from assistant.sources.clean import clean, one_line
from assistant.stores.conversations import ConversationStore, Head, StoredTurn
from assistant.types import Answer, Reason, Turn

MAX_TITLE_CHARS = 80
MAX_REASON_CHARS = 2000
MAX_TURNS = 500  # of one conversation
MIN_ID_CHARS = 6  # that name a conversation at the command line
PAGE = 50

Vote = Literal["up", "down", ""]
_NUMBER = {"up": 1, "down": -1, "": 0}
_VOTE: dict[int, Vote] = {1: "up", -1: "down", 0: ""}


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation with its turns, in their order."""

    head: Head
    turns: tuple[StoredTurn, ...]

    @property
    def answers(self) -> tuple[Answer, ...]:
        """Its answers, oldest first."""
        return tuple(turn.answer for turn in self.turns)

    def to_dict(self) -> dict[str, Any]:
        """The conversation as plain JSON values."""
        return {**head_dict(self.head), "turns": [turn_dict(turn) for turn in self.turns]}

    def to_markdown(self) -> str:
        """The conversation as Markdown with numbered references; what is no word is escaped."""
        return transcripts.markdown(self.head.title, self.answers)


@dataclass(frozen=True, slots=True)
class Page:
    """Some conversations, the one that grew last first; `next` leads to those after them, if there are."""

    heads: tuple[Head, ...]
    next: str = ""


class Conversations:
    """The conversations of one data folder; safe to use from several threads and processes.

    An owner is whoever the surface knows by an id: who asks for a conversation of another one is told that
    there is none, and so is whoever has an empty id. `owner=None` is whoever runs the machine, and sees all.

    Args:
        data_dir: The folder; a file is made in it when the first answer is kept.
        clock: Seconds since 1970.
        max_turns: Most questions of one conversation; a longer one is two.
    """

    def __init__(
        self, data_dir: Path, *, clock: Callable[[], float] = time.time, max_turns: int = MAX_TURNS
    ) -> None:
        self._store = ConversationStore(data_dir)
        self._clock = clock
        self._max_turns = max_turns
        self.is_read_only = False  # a server can set this: whatever would change something is an error then

    def keep(self, owner: str, answer: Answer, conversation_id: str = "") -> StoredTurn:
        """Keep an answer as the next turn of a conversation.

        Args:
            owner: Whose conversation it is.
            answer: The answer, complete or as far as it came.
            conversation_id: The conversation; empty to begin one, which is called after the question.

        Returns:
            The turn, which names its conversation.

        Raises:
            UnknownConversationError: If this owner has no such conversation.
            ValueError: If the owner is empty.
            CorpusError: If it cannot be written, or the conversation is full.
        """
        self._check_owner(owner)
        now = self._clock()
        head = self._owned(conversation_id, owner) if conversation_id else self._begun(owner, answer, now)
        self._check_length(head.turns + 1)
        turn = StoredTurn(head.id, head.turns, answer, now)
        return self._store.put(replace(head, updated=now), turn)

    def go_on(
        self, owner: str, answers: Sequence[Answer], seen: Sequence[StoredTurn] = ()
    ) -> tuple[StoredTurn, ...]:
        """Keep a conversation as one of those who have it open sees it.

        Where it differs from what they saw last, as after an edit, it takes the place of that. What others
        added or changed since is not touched: then all goes on as a conversation of its own, which has the
        turns of the one before as far as they are the same, and is called after the first that is not.

        Args:
            owner: Whose conversation it is.
            answers: All that it has to have, at least one; each complete or as far as it came.
            seen: What this returned last, or the turns of one that was opened; none for a new one.

        Returns:
            The turns, which name their conversation.

        Raises:
            ValueError: If the owner is empty, or there is no answer.
            CorpusError: If it cannot be written, or the conversation is full.
        """
        self._check_owner(owner)
        if not answers:
            raise ValueError("a conversation has an answer")
        self._check_length(len(answers))
        if seen and self._is_gone(seen[0].conversation_id, owner):
            seen = ()
        same = _unchanged(answers, seen)
        now = max([self._clock(), *(math.nextafter(turn.asked, math.inf) for turn in seen)])  # never one seen
        head = self._begun(owner, answers[min(same, len(answers) - 1)], now)
        new = [StoredTurn(head.id, same + n, answer, now) for n, answer in enumerate(answers[same:])]
        return tuple(self._store.go_on(head, seen, [*seen[:same], *new]))

    def get(self, conversation_id: str, owner: str | None) -> Conversation:
        """Find a conversation with all its turns, or raise UnknownConversationError."""
        head = self._owned(conversation_id, owner)
        return Conversation(head, tuple(self._store.turns(head.id)))

    def list(self, owner: str | None, query: str = "", *, limit: int = PAGE, after: str = "") -> Page:
        """List conversations, the one that grew last first.

        Args:
            owner: Whose; None for all.
            query: Words that all stand in the title, a question or an answer.
            limit: Most to return.
            after: What `Page.next` said of the page before.

        Returns:
            The page.

        Raises:
            ValueError: If `after` is no such text.
        """
        before = _position(after) if after else None
        words = clean(query).casefold().split()
        heads = self._store.heads(owner, words, before=before, limit=limit + 1)
        shown = tuple(heads[:limit])
        more = f"{shown[-1].updated!r}_{shown[-1].id}" if shown and len(heads) > limit else ""
        return Page(shown, more)

    def rename(self, conversation_id: str, owner: str | None, title: str) -> Head:
        """Call a conversation something else; ValueError for a title without a letter."""
        self._check_writable()
        title = _title(title)
        if not title:
            raise ValueError("a title cannot be empty")
        head = self._owned(conversation_id, owner)
        self._store.rename(head.id, title)
        return self._owned(head.id, owner)

    def delete(self, conversation_id: str, owner: str | None) -> Head:
        """Delete a conversation with all that it quotes, for good."""
        self._check_writable()
        head = self._owned(conversation_id, owner)
        self._store.delete([head.id])
        return head

    def delete_all(self, owner: str | None) -> int:
        """Delete all conversations of an owner for good; returns how many there were."""
        self._check_writable()
        ids = [head.id for head in self._store.heads(owner, limit=-1)]
        self._store.delete(ids)
        return len(ids)

    def rate(self, conversation_id: str, number: int, owner: str | None, vote: str, reason: str = "") -> None:
        """Note what someone thinks of an answer.

        Args:
            conversation_id: The conversation.
            number: The turn in it, from 0.
            owner: Whose conversation it is.
            vote: "up", "down", or "" to take it back.
            reason: Why, in their words.

        Raises:
            UnknownConversationError: If this owner has no such turn.
            ValueError: If the vote is none of these.
        """
        self._check_writable()
        if vote not in _NUMBER:
            raise ValueError('a vote is "up", "down" or ""')
        head = self._owned(conversation_id, owner)
        said = clean(reason)[:MAX_REASON_CHARS] if vote else ""
        is_there = 0 <= number < head.turns
        if not is_there or not self._store.vote(head.id, number, _NUMBER[vote], said, self._clock()):
            raise UnknownConversationError(f"the conversation has no turn {number + 1}")

    def votes(self, conversation_id: str, owner: str | None) -> dict[int, Vote]:
        """What was thought of the answers of a conversation, by their turns."""
        head = self._owned(conversation_id, owner)
        return {number: _VOTE[vote] for number, vote in self._store.votes(head.id).items()}

    def feedback(self) -> Iterator[dict[str, Any]]:
        """What was thought of answers, as plain JSON values, in the order in which it was said."""
        for turn in self._store.voted():
            yield {
                "conversation_id": turn.conversation_id,
                "turn": turn.number,
                "vote": _VOTE[turn.vote],
                "reason": turn.reason,
                "at": moment(turn.voted),
                "answer": turn.answer.to_dict(),
            }

    def close(self) -> None:
        """Release the file."""
        self._store.close()

    def _check_writable(self) -> None:
        if self.is_read_only:
            raise ReadOnlyError("this server keeps no conversations")

    def _check_owner(self, owner: str) -> None:
        self._check_writable()
        if not owner:
            raise ValueError("a conversation has an owner")

    def _check_length(self, turns: int) -> None:
        if turns > self._max_turns:
            raise CorpusError(
                f"a conversation has at most {self._max_turns} questions", hint="Begin a new conversation."
            )

    def _is_gone(self, conversation_id: str, owner: str) -> bool:
        try:
            self._owned(conversation_id, owner)
        except UnknownConversationError:
            return True
        return False

    def _owned(self, conversation_id: str, owner: str | None) -> Head:
        """The conversation, if this owner has it; who runs the machine may cut its id short."""
        head = self._store.head(conversation_id)
        if owner is None and head is None and len(conversation_id) >= MIN_ID_CHARS:
            found = self._store.beginning_with(conversation_id)
            head = found[0] if len(found) == 1 else None
        if head is None or (owner is not None and (not owner or head.owner != owner)):
            raise UnknownConversationError("there is no such conversation")
        return head

    def _begun(self, owner: str, answer: Answer, now: float) -> Head:
        title = _title(answer.question) or "Conversation"
        return Head(secrets.token_hex(12), owner, title, now, now, 0)


def turns_before(answers: Sequence[Answer]) -> list[Turn]:
    """What a follow-up question is understood by: the last turns of however long a conversation."""
    turns = []
    for answer in [answer for answer in answers if not _is_refused(answer)][-HISTORY_TURNS:]:
        turns.append(Turn("user", answer.question))
        if answer.text:  # an abstention's words are ours: nothing to search for
            turns.append(Turn("assistant", answer.text))
    return turns[-HISTORY_TURNS:]


def _is_refused(answer: Answer) -> bool:
    """Whether a question was not even looked at: nothing of it explains another one."""
    return answer.abstention is not None and answer.abstention.reason is Reason.QUESTION_TOO_LONG


def _unchanged(answers: Sequence[Answer], seen: Sequence[StoredTurn]) -> int:
    """How many of the answers are those that were seen, from the first on."""
    pairs = enumerate(zip(answers, seen, strict=False))
    return next((n for n, (a, turn) in pairs if a != turn.answer), min(len(answers), len(seen)))


def head_dict(head: Head) -> dict[str, Any]:
    """What a list shows of a conversation, as plain JSON values; not whose it is."""
    times = {"created": moment(head.created), "updated": moment(head.updated)}
    return {"id": head.id, "title": head.title, **times, "turns": head.turns}


def turn_dict(turn: StoredTurn) -> dict[str, Any]:
    """A turn as plain JSON values."""
    said = {"vote": _VOTE[turn.vote], "reason": turn.reason}
    return {"number": turn.number, "asked": moment(turn.asked), **said, "answer": turn.answer.to_dict()}


def moment(seconds: float) -> str:
    """Seconds since 1970 as ISO 8601, UTC."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def _title(text: str) -> str:
    title = one_line(clean(text))
    return title if len(title) <= MAX_TITLE_CHARS else title[: MAX_TITLE_CHARS - 1].rstrip() + "…"


def _position(after: str) -> tuple[float, str]:
    updated, _, conversation_id = after.partition("_")
    return float(updated), conversation_id
