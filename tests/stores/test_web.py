from __future__ import annotations

import threading

import pytest

from assistant.errors import CorpusError
from assistant.stores.web import FILE_NAME, Subscription, Visit, WebMemory


def test_reading_makes_no_file(tmp_path):
    memory = WebMemory(tmp_path)
    assert (memory.subscriptions(), memory.visit("u"), memory.robots("o")) == ([], None, None)
    assert list(tmp_path.iterdir()) == []


def test_keeps_subscriptions_in_order_and_when_each_was_made(tmp_path):
    memory = WebMemory(tmp_path)
    memory.subscribe(Subscription("http://b", "B", added="2024-01-01T00:00:00+00:00"))
    memory.subscribe(Subscription("http://a", "A"))
    first, second = WebMemory(tmp_path).subscriptions()
    assert (first.url, second.url) == ("http://b", "http://a")
    assert second.added >= "2026"
    memory.subscribe(
        Subscription("http://b", "B", added="", etag="1", entries=(["u", "", "m"],), problem="gone")
    )
    changed = memory.subscriptions()[0]
    assert changed == Subscription(
        "http://b", "B", "2024-01-01T00:00:00+00:00", problem="gone", etag="1", entries=(["u", "", "m"],)
    )
    assert changed.to_dict() == {
        "url": "http://b",
        "title": "B",
        "added": "2024-01-01T00:00:00+00:00",
        "refreshed": "",
        "problem": "gone",
        "entries": 1,
    }
    assert memory.unsubscribe("http://b")
    assert not memory.unsubscribe("http://b")
    assert [s.url for s in memory.subscriptions()] == ["http://a"]


def test_keeps_visits_and_robots(tmp_path):
    memory = WebMemory(tmp_path)
    visits = [Visit("u", "1", "today", ("a", "b"), "m"), Visit("v")]
    memory.remember(visits)
    memory.remember([Visit("v", "2")])
    memory.remember_robots("o", "User-agent: *", 5.0)
    again = WebMemory(tmp_path)
    assert [again.visit("u"), again.visit("v")] == [visits[0], Visit("v", "2")]
    assert again.robots("o") == ("User-agent: *", 5.0)


def test_a_damaged_file_says_that_no_article_is_lost(tmp_path):
    (tmp_path / FILE_NAME).write_bytes(b"no database" * 100)
    with pytest.raises(CorpusError) as caught:
        WebMemory(tmp_path).subscriptions()
    assert "only the list of feeds is lost" in caught.value.hint


def test_many_threads_write_at_once(tmp_path):
    memory = WebMemory(tmp_path)
    threads = [threading.Thread(target=memory.remember, args=([Visit(f"u{n}", str(n))],)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [memory.visit(f"u{n}") for n in range(8)] == [Visit(f"u{n}", str(n)) for n in range(8)]
