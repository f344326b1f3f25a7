"""Files parsed in processes of their own: limits kept, failures named, and the next file read."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from assistant import sources
from assistant.errors import SourceError
from assistant.settings import IngestSettings
from assistant.sources import feed
from assistant.sources.parsers import Parsers
from assistant.types import Article, Failure
from tests.sources.test_feed import RSS

PAGE = (
    b"<html><title>Otters</title><article><p>The otter came back to the river in spring.</p></article></html>"
)
LATE = b"<p " + b" ".join(b"a%d=1" % n for n in range(200_000)) + b">text</p>"  # minutes, if it is let


@pytest.fixture
def parsers():
    opened = Parsers(IngestSettings())
    yield opened
    opened.close()


def children():
    """Ids of the processes that this one has started."""
    rows = subprocess.run(
        ["ps", "-Aww", "-o", "pid=,ppid=,args="], capture_output=True, text=True, check=True
    )
    found = (row.split(None, 2) for row in rows.stdout.splitlines())
    return {int(pid) for pid, parent, args in found if int(parent) == os.getpid() and "worker.main" in args}


def rows(count):
    return b"".join(json.dumps({"text": f"Row {n} " + "word " * 200}).encode() + b"\n" for n in range(count))


def test_a_process_finds_what_the_same_parser_finds_here(parsers, tmp_path):
    path = tmp_path / "a\udcff.html"
    path.write_bytes(PAGE)
    origins = (("title", "<title>"),)
    expected = [Article(text="The otter came back to the river in spring.", title="Otters", origins=origins)]
    assert list(parsers.file(path, "a.html")) == list(sources.parse_file(path, "a.html")) == expected
    assert list(parsers.data(PAGE, "a.html")) == expected


def test_a_process_is_started_when_needed_and_used_again(parsers):
    before = children()
    assert len(list(parsers.data(rows(2), "small.jsonl"))) == 2
    assert children() == before  # small and simple: parsed here
    list(parsers.data(PAGE, "a.html"))
    (first,) = children() - before
    list(parsers.data(PAGE, "b.html"))
    assert children() - before == {first}
    parsers.close()
    assert children() == before


def test_a_process_that_ended_while_it_waited_is_replaced(parsers):
    before = children()
    list(parsers.data(PAGE, "a.html"))
    (first,) = children() - before
    os.kill(first, signal.SIGKILL)
    while first in running():
        time.sleep(0.01)
    assert len(list(parsers.data(PAGE, "b.html"))) == 1


def running():
    rows = subprocess.run(["ps", "-Aww", "-o", "pid=,stat="], capture_output=True, text=True, check=True)
    return {int(pid) for pid, stat in map(str.split, rows.stdout.splitlines()) if not stat.startswith("Z")}


def test_a_file_that_takes_too_much_processor_time_is_a_failure_and_the_next_is_read():
    parsers = Parsers(IngestSettings(parser_cpu_seconds=2))
    (failure,) = parsers.data(LATE, "late.html")
    assert (failure.name, failure.reason) == (
        "late.html",
        "reading it takes more than 2 seconds of processor time",
    )
    assert len(list(parsers.data(PAGE, "a.html"))) == 1
    parsers.close()


def test_a_parser_that_says_nothing_is_ended():
    parsers = Parsers(IngestSettings(parser_wall_seconds=1))
    (failure,) = parsers.data(LATE, "late.html")
    assert (failure.name, failure.reason) == ("late.html", "reading it takes longer than 1 seconds")
    assert len(list(parsers.data(rows(200), "a.jsonl"))) == 200
    parsers.close()


def test_a_file_that_takes_too_much_memory_is_a_failure_and_the_next_is_read():
    parsers = Parsers(IngestSettings(parser_memory_mb=200))
    large = b"<html><article>" + b"<p>word word word</p>\n" * 90_000 + b"</article>" + b"<!-- -->" * 3_000_000
    (failure,) = parsers.data(large, "large.html")
    assert (failure.name, failure.reason) == ("large.html", "reading it takes more than 200 MB of memory")
    assert len(list(parsers.data(PAGE, "a.html"))) == 1
    parsers.close()


@pytest.mark.parametrize(
    ("ended_by", "reason"),
    [
        (signal.SIGSEGV, "it crashes its parser (SIGSEGV)"),
        (signal.SIGKILL, "the system ended its parser, as it does when memory runs out"),
    ],
)
def test_a_parser_that_crashes_keeps_what_it_found_and_names_the_file(parsers, ended_by, reason):
    before = children()
    found = parsers.data(rows(1000), "rows.jsonl")
    assert isinstance(next(found), Article)
    (process,) = children() - before
    os.kill(process, ended_by)
    *articles, failure = found
    assert 0 < len(articles) < 1000
    assert all(isinstance(item, Article) for item in articles)
    assert failure == Failure("rows.jsonl", reason, failure.hint)
    assert len(list(parsers.data(PAGE, "a.html"))) == 1


def test_columns_that_the_settings_name_are_known_to_both_ways_of_parsing():
    parsers = Parsers(IngestSettings(columns=("text=story",)))
    assert [item.text for item in parsers.data(b'{"story": "Row."}', "a.jsonl")] == ["Row."]
    assert [item.text for item in parsers.data(b"story,x\nRow.,1\n", "a.csv")] == ["Row."]
    parsers.close()


def test_a_text_file_that_is_something_else_is_parsed_in_a_process_of_its_own(parsers):
    before = children()
    (failure,) = parsers.data(b"%PDF-1.4 nothing", "a.txt")
    assert failure.reason == "the PDF is damaged and cannot be opened"
    assert len(children() - before) <= 1


def test_who_stops_in_the_middle_leaves_no_process(parsers):
    before = children()
    found = parsers.data(rows(1000), "rows.jsonl")
    next(found)
    found.close()
    assert children() == before


def test_time_that_the_reader_takes_for_itself_does_not_count():
    parsers = Parsers(IngestSettings(parser_wall_seconds=1, parser_cpu_seconds=1))
    found = parsers.data(rows(1000), "rows.jsonl")
    next(found)
    time.sleep(1.2)  # as long as writing a batch may take
    assert len(list(found)) == 999
    parsers.close()


def test_an_article_that_is_too_long_is_a_failure():
    parsers = Parsers(IngestSettings(max_article_chars=10_000))
    data = rows(100) + json.dumps({"text": "x" * 10_001}).encode()
    *articles, failure = parsers.data(data, "rows.jsonl")
    assert len(articles) == 100
    assert failure.reason == "its text has more than 10,000 characters (10,001)"
    parsers.close()


def test_several_threads_parse_at_once(parsers):
    found: dict[int, list] = {}

    def parse(number):
        found[number] = [item for n in range(5) for item in parsers.data(PAGE, f"{number}-{n}.html")]

    threads = [threading.Thread(target=parse, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [len(found[number]) for number in range(3)] == [5, 5, 5]


def test_a_script_without_a_main_guard_can_use_it(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "from assistant.settings import IngestSettings\n"
        "from assistant.sources.parsers import Parsers\n"
        f"print([item.title for item in Parsers(IngestSettings()).data({PAGE!r}, 'a.html')])\n"
    )
    (tmp_path / "json.py").write_text("raise SystemExit('a file beside the script was imported')")
    root = str(sources.files.__file__).partition("/assistant/sources/")[0]
    program = f"import sys; sys.path.insert(0, {root!r}); exec(open({str(script)!r}).read())"
    done = subprocess.run([sys.executable, "-I", "-c", program], cwd=tmp_path, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("['Otters']\n", "")


def test_a_feed_is_taken_apart_in_a_process_as_it_is_here(parsers):
    assert parsers.feed(RSS, "feed", base="https://site.test/") == feed.parse(
        RSS, "feed", base="https://site.test/"
    )
    assert (
        "'feedparser'"
        not in subprocess.run(
            [
                sys.executable,
                "-c",
                "import sys, assistant.feeds, assistant.assistant; print(sorted(sys.modules))",
            ],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    )
    with pytest.raises(SourceError, match="neither an RSS nor an Atom feed"):
        parsers.feed(b"<html></html>", "page")
    with pytest.raises(SourceError, match="defines entities"):
        parsers.feed(b"<!DOCTYPE x [<!ENTITY a 'b'>]><rss version='2.0'></rss>", "feed")


def test_a_feed_that_takes_too_long_is_ended_and_named():
    slow = Parsers(IngestSettings(parser_cpu_seconds=0.1))
    items = b"<item><title>t</title><link>https://site.test/x</link></item>" * 20_000
    with pytest.raises(SourceError, match=r"feed: reading it takes more than 0\.1 seconds of processor time"):
        slow.feed(b"<rss version='2.0'><channel>" + items + b"</channel></rss>", "feed")
    slow.close()
