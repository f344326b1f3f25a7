"""Conversations, their turns and what people thought of them: a SQLite file beside the catalog.

A file of its own, so that a chat never waits for an ingest, and so that it can be deleted or carried away
alone. Every write is one transaction: a turn is there with all its articles, or not at all. It knows rows;
who may see a conversation, how it is called and what it looks like is for others to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from assistant.errors import CorpusError
from assistant.stores import answers
from assistant.stores.connections import Connection, Database
from assistant.types import Answer

FILE_NAME = "conversations.sqlite"
MOST_WORDS = 10  # of a search that are minded

# What makes of a file of one version one of the next; the first makes it of an empty one.
MIGRATIONS: tuple[str, ...] = (
    """
CREATE TABLE conversations (
    id TEXT PRIMARY KEY, owner TEXT NOT NULL, title TEXT NOT NULL, words TEXT NOT NULL,
    created REAL NOT NULL, updated REAL NOT NULL
);
CREATE INDEX conversations_by_owner ON conversations (owner, updated, id);
CREATE INDEX conversations_by_time ON conversations (updated, id);
CREATE TABLE turns (
    conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE, number INTEGER NOT NULL,
    answer TEXT NOT NULL, words TEXT NOT NULL, asked REAL NOT NULL,
    vote INTEGER NOT NULL DEFAULT 0, reason TEXT NOT NULL DEFAULT '', voted REAL NOT NULL DEFAULT 0,
    PRIMARY KEY (conversation_id, number)
);
CREATE INDEX turns_by_vote ON turns (voted) WHERE vote <> 0;
CREATE TABLE articles (digest TEXT PRIMARY KEY, content BLOB NOT NULL);
CREATE TABLE uses (
    conversation_id TEXT NOT NULL, number INTEGER NOT NULL, article_id TEXT NOT NULL, digest TEXT NOT NULL,
    is_cited INTEGER NOT NULL, PRIMARY KEY (conversation_id, number, article_id, digest),
    FOREIGN KEY (conversation_id, number) REFERENCES turns (conversation_id, number) ON DELETE CASCADE
) WITHOUT ROWID;
CREATE INDEX uses_by_article ON uses (article_id);
CREATE INDEX uses_by_digest ON uses (digest)""",
)
_UNUSED = "DELETE FROM articles WHERE NOT EXISTS (SELECT 1 FROM uses WHERE uses.digest = articles.digest)"


@dataclass(frozen=True, slots=True)
class Head:
    """What a list shows of a conversation; times are seconds since 1970."""

    id: str
    owner: str
    title: str
    created: float
    updated: float
    turns: int


@dataclass(frozen=True, slots=True)
class StoredTurn:
    """One question with its answer, as it was shown, and what was thought of it.

    Args:
        conversation_id: The conversation that it is part of.
        number: Its place there, from 0.
        answer: The answer.
        asked: When, in seconds since 1970.
        vote: 1 for good, -1 for bad, 0 for neither.
        reason: Why, in the reader's words; often empty.
        voted: When; 0 if never.
    """

    conversation_id: str
    number: int
    answer: Answer
    asked: float
    vote: int = 0
    reason: str = ""
    voted: float = 0.0


class ConversationStore(Database):
    """The conversations of one data folder; the file is made when the first turn is kept.

    Args:
        data_dir: The folder.
    """

    what = "the file of conversations"
    damage_hint = (
        "Articles and answers do not need it: move it away and only what was asked before is lost,"
        " or bring it back from a backup."
    )

    def __init__(self, data_dir: Path) -> None:
        super().__init__(data_dir / FILE_NAME)
        self._is_ready = False

    def put(self, head: Head, turn: StoredTurn) -> StoredTurn:
        """Keep a turn after all that are there, whatever its number says.

        Args:
            head: The conversation; made if it is not there, else only its `updated` counts.
            turn: The turn.

        Returns:
            The turn with the number that it has now.
        """
        with self._writing() as db:
            _put_head(db, head)
            query = "SELECT coalesce(max(number), -1) + 1 FROM turns WHERE conversation_id = ?"
            (number,) = db.execute(query, (head.id,)).fetchone()
            turn = replace(turn, number=number)
            _put_turn(db, turn)
        return turn

    def go_on(self, head: Head, seen: Sequence[StoredTurn], turns: Sequence[StoredTurn]) -> list[StoredTurn]:
        """Keep a conversation as someone has it who saw it earlier.

        What they changed takes the place of what they saw, if it is still as they saw it. If it is not, it is
        left alone, and what they have is kept beside it. Turns are the same if they were asked at one time.

        Args:
            head: The conversation to make for it if there is nothing to go on with, or that is not as seen.
            seen: All turns of the conversation when it was seen; none for a new one.
            turns: All turns that it has to have.

        Returns:
            Those turns, as they are kept, in the one conversation or the other.
        """
        conversation_id, before = seen[0].conversation_id if seen else head.id, _times(seen)
        same = _shared(before, _times(turns))
        query = "SELECT asked FROM turns WHERE conversation_id = ? ORDER BY number"
        with self._writing() as db:
            there = [asked for (asked,) in db.execute(query, (conversation_id,))]
            if there == before:
                _put_head(db, replace(head, id=conversation_id))
                place = conversation_id, same
                db.execute("DELETE FROM turns WHERE conversation_id = ? AND number >= ?", place)
            else:
                _put_head(db, head)
                same = min(same, _shared(before, there))
                _copy(db, conversation_id, head.id, same)
                conversation_id = head.id
            kept = [replace(t, conversation_id=conversation_id, number=n) for n, t in enumerate(turns)]
            for turn in kept[same:]:
                _put_turn(db, turn)
            db.execute(_UNUSED)
        return kept

    def heads(
        self,
        owner: str | None,
        words: Sequence[str] = (),
        *,
        before: tuple[float, str] | None = None,
        limit: int = 50,
    ) -> list[Head]:
        """List conversations, the one that grew last first.

        Args:
            owner: Whose; None for all.
            words: In small letters: each must stand in the title or in a turn.
            before: (updated, id) of a conversation: only those that come after it in the list.
            limit: Most to return.

        Returns:
            Their heads.
        """
        where, values = ["TRUE"], list[Any]()
        if owner is not None:
            where, values = [*where, "c.owner = ?"], [*values, owner]
        if before:
            where, values = [*where, "(c.updated, c.id) < (?, ?)"], [*values, *before]
        for word in words[:MOST_WORDS]:
            has = "SELECT 1 FROM turns t WHERE t.conversation_id = c.id AND instr(t.words, ?)"
            where, values = [*where, f"(instr(c.words, ?) OR EXISTS ({has}))"], [*values, word, word]
        return self._heads(f"{' AND '.join(where)} ORDER BY updated DESC, id DESC LIMIT ?", [*values, limit])

    def head(self, conversation_id: str) -> Head | None:
        """Find a conversation."""
        return next(iter(self._heads("c.id = ?", [conversation_id])), None)

    def beginning_with(self, beginning: str) -> list[Head]:
        """Find the conversations whose id begins so."""
        return self._heads("substr(c.id, 1, ?) = ? LIMIT 2", [len(beginning), beginning])

    def turns(self, conversation_id: str) -> list[StoredTurn]:
        """All turns of a conversation, in their order."""
        return list(self._turns("conversation_id = ? ORDER BY number", [conversation_id]))

    def voted(self) -> Iterator[StoredTurn]:
        """All turns that someone thought something of, in the order in which they said so."""
        return self._turns("vote <> 0 ORDER BY voted, conversation_id, number", [])

    def rename(self, conversation_id: str, title: str) -> None:
        """Call a conversation something else."""
        with self._writing() as db:
            values = (title, title.casefold(), conversation_id)
            db.execute("UPDATE conversations SET title = ?, words = ? WHERE id = ?", values)

    def vote(self, conversation_id: str, number: int, vote: int, reason: str, voted: float) -> bool:
        """Note what was thought of a turn; returns whether there is such a turn."""
        with self._writing() as db:
            statement = (
                "UPDATE turns SET vote = ?, reason = ?, voted = ? WHERE conversation_id = ? AND number = ?"
            )
            return db.execute(statement, (vote, reason, voted, conversation_id, number)).rowcount > 0

    def votes(self, conversation_id: str) -> dict[int, int]:
        """The votes of a conversation's turns, of those that have one."""
        query = "SELECT number, vote FROM turns WHERE conversation_id = ? AND vote <> 0"
        return dict(self._read(query, (conversation_id,)))

    def delete(self, conversation_ids: Iterable[str]) -> None:
        """Delete conversations, to the bytes."""
        if not self.path.exists():
            return
        with self._writing() as db:
            db.executemany("DELETE FROM conversations WHERE id = ?", [(i,) for i in conversation_ids])
            db.execute(_UNUSED)
        self._fold_in()

    def forget(self, article_ids: Sequence[str]) -> None:
        """Leave nothing of these articles: no text, and no answer that was drawn from it."""
        if not article_ids or not self.path.exists():
            return
        with self._writing() as db:
            for article_id in article_ids:
                self._forget_one(db, article_id)
            db.execute(_UNUSED)
        self._fold_in()

    # -- private

    def _forget_one(self, db: Connection, article_id: str) -> None:
        used: dict[tuple[str, int], tuple[set[str], bool]] = {}
        query = "SELECT conversation_id, number, digest, is_cited FROM uses WHERE article_id = ?"
        for conversation_id, number, digest, is_cited in db.execute(query, (article_id,)).fetchall():
            digests, was_cited = used.get((conversation_id, number), (set(), False))
            used[conversation_id, number] = ({*digests, digest}, was_cited or bool(is_cited))
        for key, (digests, is_cited) in used.items():
            (body,) = db.execute(
                "SELECT answer FROM turns WHERE conversation_id = ? AND number = ?", key
            ).fetchone()
            left = answers.without(body, {article_id}, digests, is_cited=is_cited)
            if is_cited:
                db.execute("DELETE FROM uses WHERE conversation_id = ? AND number = ?", key)
                self._set_answer(db, key, left, _words(answers.unpack(left, {})))
                self._let_later_ones_stand_alone(db, key)
            else:
                self._set_answer(db, key, left)
        db.execute("DELETE FROM uses WHERE article_id = ?", (article_id,))

    def _let_later_ones_stand_alone(self, db: Connection, key: tuple[str, int]) -> None:
        """Take out of later turns the words that earlier answers lent them."""
        later = "SELECT number, answer FROM turns WHERE conversation_id = ? AND number > ?"
        for number, body in db.execute(later, key).fetchall():
            self._set_answer(db, (key[0], number), answers.alone(body))

    def _set_answer(self, db: Connection, key: tuple[str, int], body: str, words: str | None = None) -> None:
        statement = (
            "UPDATE turns SET answer = ?, words = coalesce(?, words) WHERE conversation_id = ? AND number = ?"
        )
        db.execute(statement, (body, words, *key))

    def _heads(self, where: str, values: Sequence[Any]) -> list[Head]:
        turns = "(SELECT count(*) FROM turns t WHERE t.conversation_id = c.id)"
        query = f"SELECT id, owner, title, created, updated, {turns} FROM conversations c WHERE {where}"
        return [Head(*row) for row in self._read(query, values)]

    def _turns(self, where: str, values: Sequence[Any]) -> Iterator[StoredTurn]:
        columns = "conversation_id, number, answer, asked, vote, reason, voted"
        for conversation_id, number, body, *rest in self._read(
            f"SELECT {columns} FROM turns WHERE {where}", values
        ):
            yield StoredTurn(conversation_id, number, self._answer(conversation_id, number, body), *rest)

    def _answer(self, conversation_id: str, number: int, body: str) -> Answer:
        query = "SELECT a.digest, a.content FROM articles a JOIN uses u ON u.digest = a.digest"
        rows = self._read(f"{query} WHERE u.conversation_id = ? AND u.number = ?", (conversation_id, number))
        try:
            found = {digest: answers.unpack_article(content) for digest, content in rows}
            return answers.unpack(body, found)
        except ValueError as exc:
            problem = f"{self.path}: turn {number + 1} of conversation {conversation_id} cannot be read"
            raise CorpusError(f"{problem}: {str(exc).splitlines()[0]}", hint=self.damage_hint) from exc

    def _read(self, query: str, values: Sequence[Any] = ()) -> list[Any]:
        if not self.path.exists():
            self.check_open()
            return []
        self._bring_up()
        return self._rows(query, values)

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        self._bring_up()
        with self._transaction() as db:
            yield db

    def _bring_up(self) -> None:
        """Make the tables of an empty file, or what a file of an earlier release lacks."""
        if self._is_ready:
            return
        with self._transaction() as db:
            (version,) = db.execute("PRAGMA user_version").fetchone()
            if version > len(MIGRATIONS):
                raise CorpusError(f"{self.path} was made by a newer release", hint="Install that one.")
            for migration in MIGRATIONS[version:]:
                for statement in migration.split(";\n"):
                    db.execute(statement)
            db.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
        self._is_ready = True

    def _fold_in(self) -> None:
        """Leave no deleted bytes in the write-ahead log; a log that is being read is folded in later."""
        self._rows("PRAGMA wal_checkpoint(TRUNCATE)")


def _put_head(db: Connection, head: Head) -> None:
    db.execute(
        "INSERT INTO conversations VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET updated = max(updated, excluded.updated)",
        (head.id, head.owner, head.title, head.title.casefold(), head.created, head.updated),
    )


def _put_turn(db: Connection, turn: StoredTurn) -> None:
    key, packed = (turn.conversation_id, turn.number), answers.pack(turn.answer)
    db.execute(
        "INSERT INTO turns (conversation_id, number, answer, words, asked) VALUES (?, ?, ?, ?, ?)",
        (*key, packed.body, _words(turn.answer), turn.asked),
    )
    contents = [(digest, answers.pack_article(a)) for digest, a in packed.articles.items()]
    db.executemany("INSERT OR IGNORE INTO articles VALUES (?, ?)", contents)
    db.executemany("INSERT INTO uses VALUES (?, ?, ?, ?, ?)", _uses(key, packed))


def _copy(db: Connection, conversation_id: str, other: str, count: int) -> None:
    """Copy the first turns of a conversation to another one, without what was thought of them.

    As rows, since a page may still show what was deleted from them.
    """
    for table, columns in (
        ("turns", "number, answer, words, asked"),
        ("uses", "number, article_id, digest, is_cited"),
    ):
        chosen = f"SELECT ?, {columns} FROM {table} WHERE conversation_id = ? AND number < ?"
        db.execute(
            f"INSERT INTO {table} (conversation_id, {columns}) {chosen}", (other, conversation_id, count)
        )


def _times(turns: Sequence[StoredTurn]) -> list[float]:
    return [turn.asked for turn in turns]


def _shared(one: Sequence[float], other: Sequence[float]) -> int:
    """How many turns two conversations begin with that are the same."""
    different = (n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b)
    return next(different, min(len(one), len(other)))


def _words(answer: Answer) -> str:
    """What a search looks through."""
    text = f"{answer.question}\n{answer.text}".casefold()
    return text.encode(errors="replace").decode()  # a lone surrogate is nothing that SQLite can keep


def _uses(key: tuple[str, int], packed: answers.Packed) -> list[tuple[Any, ...]]:
    rows = [(*key, a.id, digest, a.id in packed.cited) for digest, a in packed.articles.items()]
    return rows + [(*key, article_id, "", False) for article_id in packed.named]
