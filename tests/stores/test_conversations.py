"""Conversations as rows: the same when they are read again, whole whatever happens, gone when deleted."""

from __future__ import annotations

import dataclasses
import multiprocessing
import os
import signal
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given

from assistant.errors import CorpusError
from assistant.stores import answers as codec
from assistant.stores.conversations import FILE_NAME, MIGRATIONS, ConversationStore, Head, StoredTurn
from assistant.types import Abstention, AlsoIn, Answer, Citation, Generation, Hit, Passage, Reason
from tests.answers import answers
from tests.fakes import make_article, make_hit
from tests.strategies import FEW, PROPERTY

BAKU = make_article("Ding met Sharif in Baku. They spoke of security.", url="https://a.example/baku")
ZEBRA = make_article("A zebra ran through Quba.", title="Zebra", url="https://a.example/zebra")


def quoted(article=BAKU, question="Who met?", **more) -> Answer:
    citation = Citation(1, article, 0, 24)
    return Answer(
        question, f"{citation.text} [1]", (citation,), (make_hit_of(article),), is_complete=True, **more
    )


def make_hit_of(article, **more) -> Hit:
    return Hit(Passage(article.id, 0, 10, article.text[:10]), article, 0.5, **more)


def put(
    store: ConversationStore, answer: Answer, number: int = 0, *, name="c1", owner="me", at=1.0
) -> StoredTurn:
    head = Head(name, owner, "A title", at, at, 0)
    return store.put(head, StoredTurn(name, number, answer, at))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ConversationStore]:
    opened = ConversationStore(tmp_path)
    yield opened
    opened.close()


def bytes_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.glob(f"{FILE_NAME}*"))


@PROPERTY
@given(answers)
def test_an_answer_is_the_same_when_it_is_put_together_again(answer: Answer) -> None:
    packed = codec.pack(answer)
    found = {d: codec.unpack_article(codec.pack_article(a)) for d, a in packed.articles.items()}
    assert codec.unpack(packed.body, found) == answer


def test_every_field_of_an_answer_is_filled_by_the_strategy() -> None:
    """What is added to an answer has to be added to the strategy, or nothing shows that it is kept."""
    given_fields = set(answers.wrapped_strategy.kwargs)  # type: ignore[attr-defined]
    assert {field.name for field in dataclasses.fields(Answer)} - {"question"} == given_fields


@FEW
@given(answers)
def test_an_answer_is_the_same_when_it_is_read_by_another_process(tmp_path_factory, answer: Answer) -> None:
    folder = tmp_path_factory.mktemp("kept")
    store = ConversationStore(folder)
    put(store, answer)
    store.close()
    later = ConversationStore(folder)
    assert [turn.answer for turn in later.turns("c1")] == [answer]
    later.close()


def test_nothing_is_made_by_looking(store: ConversationStore, tmp_path: Path) -> None:
    assert (store.heads(None), store.turns("c1"), list(store.voted())) == ([], [], [])
    store.forget([BAKU.id])
    assert list(tmp_path.iterdir()) == []


def test_an_article_is_kept_once_however_often_it_is_cited(store: ConversationStore) -> None:
    for number in range(5):
        put(store, quoted(), number)
    with sqlite3.connect(store.path) as db:
        assert db.execute("SELECT count(*) FROM articles").fetchone() == (1,)


def test_a_turn_in_an_earlier_place_takes_the_place_of_all_that_followed(store: ConversationStore) -> None:
    seen = [put(store, quoted(question=f"Q{number}"), at=number) for number in range(3)]
    edited = StoredTurn("c2", 1, quoted(ZEBRA, "Edited?"), 9.0)
    kept = store.go_on(Head("c2", "me", "Edited?", 9.0, 9.0, 0), seen, [seen[0], edited])
    assert store.turns("c1") == kept == [seen[0], dataclasses.replace(edited, conversation_id="c1")]
    assert [head.updated for head in store.heads("me")] == [9.0]


def test_turns_that_were_not_seen_stay_and_what_was_seen_is_copied_without_what_was_deleted_from_it(
    store: ConversationStore, tmp_path: Path
) -> None:
    seen = [put(store, quoted(), at=1.0), put(store, quoted(ZEBRA, "What ran?"), at=2.0)]
    elsewhere = put(store, quoted(ZEBRA, "And then?"), at=3.0)
    store.vote("c1", 0, 1, "", 5.0)
    store.forget([BAKU.id])
    mine = StoredTurn("c2", 2, quoted(ZEBRA, "Where?"), 4.0)
    kept = store.go_on(Head("c2", "me", "Where?", 4.0, 4.0, 0), seen, [*seen, mine])
    there, copied = (
        store.turns("c1"),
        [dataclasses.replace(turn, conversation_id="c2", vote=0, voted=0.0) for turn in store.turns("c1")],
    )
    assert [turn.asked for turn in there] == [1.0, 2.0, elsewhere.asked]
    assert store.turns("c2") == [*copied[:2], kept[2]]
    assert b"Ding met Sharif" not in bytes_of(tmp_path)
    store.delete(["c1"])
    assert store.turns("c2") == [*copied[:2], kept[2]]


def test_threads_that_go_on_with_one_conversation_at_the_same_instant_lose_no_turn(
    store: ConversationStore,
) -> None:
    seen, start = [put(store, quoted(question="First?"))], threading.Barrier(8)

    def go_on(number: int) -> None:
        turn = StoredTurn(f"b{number}", 1, quoted(question=f"Q{number}"), 2.0)
        start.wait()
        store.go_on(Head(f"b{number}", "me", "t", 2.0, 2.0, 0), seen, [*seen, turn])

    threads = [threading.Thread(target=go_on, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = [[t.answer.question for t in store.turns(head.id)] for head in store.heads("me")]
    assert sorted(found) == [["First?", f"Q{number}"] for number in range(8)]


def test_a_vote_can_be_given_and_changed(store: ConversationStore) -> None:
    put(store, quoted())
    assert store.vote("c1", 0, -1, "wrong", 5.0)
    assert not store.vote("c1", 1, 1, "", 5.0)
    (turn,) = store.voted()
    assert (turn.vote, turn.reason, turn.voted) == (-1, "wrong", 5.0)
    store.vote("c1", 0, 0, "", 6.0)
    assert list(store.voted()) == []


class TestDeletion:
    def test_leaves_no_bytes(self, store: ConversationStore, tmp_path: Path) -> None:
        put(store, quoted(), name="c1")
        put(store, quoted(ZEBRA, "What ran?"), name="c2")
        assert b"Ding met Sharif" in bytes_of(tmp_path)
        store.delete(["c1"])
        left = bytes_of(tmp_path)
        assert b"Ding met Sharif" not in left
        assert b"Who met?" not in left
        assert b"zebra" in left

    def test_of_a_conversation_keeps_an_article_that_another_cites(self, store: ConversationStore) -> None:
        put(store, quoted(), name="c1")
        put(store, quoted(), name="c2")
        store.delete(["c1"])
        assert [turn.answer for turn in store.turns("c2")] == [quoted()]


class TestArticleDeletedForGood:
    def test_answers_that_quote_it_keep_their_question_only(
        self, store: ConversationStore, tmp_path: Path
    ) -> None:
        put(store, quoted())
        store.forget([BAKU.id])
        (turn,) = store.turns("c1")
        assert turn.answer == Answer(
            "Who met?", standalone_question="Who met?", note=codec.GONE, is_complete=True
        )
        assert b"Sharif" not in bytes_of(tmp_path)
        assert store.heads("me", ["sharif"]) == []

    def test_answers_that_it_was_only_near_lose_the_hit(
        self, store: ConversationStore, tmp_path: Path
    ) -> None:
        answer = quoted(ZEBRA)
        put(store, dataclasses.replace(answer, hits=(*answer.hits, make_hit_of(BAKU))))
        store.forget([BAKU.id])
        assert [turn.answer for turn in store.turns("c1")] == [answer]
        assert b"Sharif" not in bytes_of(tmp_path)

    def test_answers_of_a_model_that_read_it_keep_their_question_only(self, store: ConversationStore) -> None:
        answer = quoted(ZEBRA)
        seen = (*answer.hits, make_hit_of(BAKU))
        put(store, dataclasses.replace(answer, hits=seen, generation=Generation("m")))
        store.forget([BAKU.id])
        (turn,) = store.turns("c1")
        assert (turn.answer.text, turn.answer.note) == ("", codec.GONE)

    def test_it_is_no_longer_named_as_a_near_copy(self, store: ConversationStore, tmp_path: Path) -> None:
        copy = AlsoIn(BAKU.id, "Sharif in Baku", "Gazette", "")
        put(store, Answer("Q", hits=(make_hit_of(ZEBRA, also_in=(copy,)),)))
        store.forget([BAKU.id])
        assert store.turns("c1")[0].answer.hits == (make_hit_of(ZEBRA),)
        assert b"Sharif" not in bytes_of(tmp_path)

    def test_later_questions_lose_the_words_that_it_lent_them(
        self, store: ConversationStore, tmp_path: Path
    ) -> None:
        put(store, quoted())
        why = Abstention(Reason.NOT_SUPPORTED, "No.")
        put(store, Answer("And where?", standalone_question="Where? Sharif", abstention=why), 1)
        store.forget([BAKU.id])
        assert store.turns("c1")[1].answer == Answer(
            "And where?", standalone_question="And where?", abstention=why
        )
        assert b"Sharif" not in bytes_of(tmp_path)


class TestFile:
    def test_of_a_newer_release_is_left_alone(self, store: ConversationStore) -> None:
        put(store, quoted())
        store.close()
        with sqlite3.connect(store.path) as db:
            db.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
        with pytest.raises(CorpusError, match="newer release"):
            ConversationStore(store.path.parent).heads(None)

    def test_that_is_damaged_is_named_with_what_to_do(self, tmp_path: Path) -> None:
        (tmp_path / FILE_NAME).write_bytes(b"no database" * 1000)
        with pytest.raises(CorpusError, match="the file of conversations is damaged") as caught:
            ConversationStore(tmp_path).heads(None)
        assert "move it away" in caught.value.hint

    def test_of_an_answer_that_is_none_names_the_turn(self, store: ConversationStore) -> None:
        put(store, quoted())
        with sqlite3.connect(store.path) as db:
            db.execute("UPDATE turns SET answer = '{\"question\": 3}'")
        with pytest.raises(CorpusError, match="turn 1 of conversation c1"):
            store.turns("c1")


# -- several at once


def write_for_ever(folder: str, name: str) -> None:
    store = ConversationStore(Path(folder))
    for number in range(10_000):
        answer = quoted(make_article(f"{name} {number} " * 2000), question=f"{name} {number}")
        store.put(Head(name, "me", name, 1.0, 1.0, 0), StoredTurn(name, 0, answer, 1.0))


def test_writers_in_two_processes_are_killed_and_every_turn_is_whole(tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    children = [spawn.Process(target=write_for_ever, args=(str(tmp_path), name)) for name in ("a", "b")]
    for child in children:
        child.start()
    store = ConversationStore(tmp_path)
    deadline = time.monotonic() + 100
    while len(store.turns("a")) < 3 or len(store.turns("b")) < 3:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    for child in children:
        os.kill(child.pid or 0, signal.SIGKILL)
        child.join()
    for name in ("a", "b"):
        turns = store.turns(name)
        assert [turn.number for turn in turns] == list(range(len(turns)))
        for turn in turns:
            article = make_article(f"{name} {turn.number} " * 2000)
            assert turn.answer == quoted(article, question=f"{name} {turn.number}")
    with sqlite3.connect(store.path) as db:
        assert db.execute("PRAGMA quick_check").fetchone() == ("ok",)
        assert db.execute("SELECT count(*) FROM articles").fetchone() == (
            len(store.turns("a")) + len(store.turns("b")),
        )
    put(store, quoted(), name="after")
    store.close()


def test_threads_that_add_to_one_conversation_lose_no_turn(store: ConversationStore) -> None:
    head = Head("c1", "me", "t", 1.0, 1.0, 0)

    def add(name: int) -> None:
        for number in range(5):
            store.put(head, StoredTurn("c1", 0, quoted(question=f"{name}/{number}"), 1.0))

    threads = [threading.Thread(target=add, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    turns = store.turns("c1")
    assert [turn.number for turn in turns] == list(range(20))
    assert {t.answer.question for t in turns} == {
        f"{name}/{number}" for name in range(4) for number in range(5)
    }


def test_hits_of_other_kinds_are_kept(store: ConversationStore) -> None:
    answer = Answer(
        "Q", hits=(make_hit("Nothing here."),), abstention=Abstention(Reason.NOT_SUPPORTED, "No.")
    )
    put(store, answer)
    assert store.turns("c1")[0].answer == answer
