from __future__ import annotations

import threading

from assistant.sources.web.pace import Pace


def test_a_host_is_asked_by_one_at_a_time_and_others_meanwhile():
    pace, inside, most = Pace(lambda _: None), [], []
    barrier = threading.Barrier(2)

    def ask(host):
        with pace.turn(host, 0.0):
            inside.append(host)
            most.append(inside.count(host))
            if host in {"b", "c"}:
                barrier.wait(timeout=10)  # passes only if both are inside at once
            inside.remove(host)

    threads = [threading.Thread(target=ask, args=(host,)) for host in "aaaabc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] * 6


def test_waits_from_the_end_of_the_last_answer():
    slept = []
    pace = Pace(slept.append)
    for _ in range(3):
        with pace.turn("a", 5.0):
            pass
    assert len(slept) == 2
    assert all(4.9 < seconds <= 5 for seconds in slept)


def test_a_request_that_fails_counts_too():
    slept = []
    pace = Pace(slept.append)
    for _ in range(2):
        try:
            with pace.turn("a", 5.0):
                raise OSError
        except OSError:
            pass
    assert len(slept) == 1
