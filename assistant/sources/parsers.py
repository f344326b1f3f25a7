"""Files parsed in processes of their own, with limits: whatever a file does, the next one is read.

Small files of the simplest kinds are parsed here, which takes less time than to ask; all others by a process
that `worker` is the program of. It is started when it is first needed, used again and again, and ended by
itself after a minute without work. One that is too slow, takes too much memory or crashes is ended, and that
becomes the failure of the file it was reading. Nothing here knows formats or the corpus.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import queue
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar

from assistant import sources
from assistant.errors import SourceError
from assistant.settings import IngestSettings
from assistant.sources import files, formats, tabular, wire, worker
from assistant.sources.feed import Feed
from assistant.types import Article, Failure

Found = TypeVar("Found")

logger = logging.getLogger(__name__)

SIMPLE_SUFFIXES = (".txt", ".md", ".markdown", ".jsonl")  # read by our own code, in linear time
MAX_SIMPLE_BYTES = 100_000  # a tenth of a second at most; a process takes twice that to start
START_SECONDS = 60.0  # for Python to start, on a machine with much else to do
END_SECONDS = 5.0  # for a process to end once it has closed its output
MAX_IDLE = 2  # processes kept for later
READ_BYTES = 65536  # at once: what a pipe holds
MAX_MESSAGE_BYTES = 100_000_000  # an article of the longest allowed text is far below

SLOW_HINT = (
    "Split it into smaller files, or allow more with ingest.parser_cpu_seconds and"
    " ingest.parser_wall_seconds."
)
MEMORY_HINT = "Split it into smaller files, or allow more with ingest.parser_memory_mb."
CRASH_HINT = "Convert it to text, Markdown or HTML with the program that made it, and add that."

PASSING_HINTS = (SLOW_HINT, MEMORY_HINT, CRASH_HINT, files.UNREADABLE_HINT)  # of what may go well next time

_HOME = Path(__file__).parents[2]  # where the package is, in case a script's own way to it is not known
_PROGRAM = "import sys; sys.path[:] = {path!r}; from assistant.sources import worker; worker.main({limits!r})"


class Parsers:
    """Parser processes, started as they are needed; safe to use from several threads.

    Args:
        limits: What a parser may use up.
    """

    def __init__(self, limits: IngestSettings) -> None:
        self._limits = limits
        self._fields = tabular.parse_fields(limits.columns)
        self._idle: queue.LifoQueue[_Process] = queue.LifoQueue()
        self._pid = os.getpid()

    def file(self, path: Path, name: str) -> Iterator[Article | Failure]:
        """Parse a file as `sources.parse_file` does, within the limits."""
        if _may_be_simple(name, _size(path)):
            try:
                return self.data(files.load(path, name), name)
            except SourceError as error:
                return iter([Failure(error.name, error.reason, error.hint)])
        return self._parse({"path": os.fspath(path), "name": name}, b"", wire.unpack)

    def data(self, data: bytes, name: str) -> Iterator[Article | Failure]:
        """Parse the bytes of a file as `sources.parse_bytes` does, within the limits."""
        if _may_be_simple(name, len(data)) and _is_simple(data, name):
            return sources.parse_bytes(data, name, self._fields)
        return self._parse({"size": len(data), "name": name}, data, wire.unpack)

    def feed(self, data: bytes, name: str, *, base: str = "") -> Feed:
        """Take a feed apart as `feed.parse` does, within the limits."""
        request = {"size": len(data), "name": name, "feed": base}
        for found in self._parse(request, data, _feed_or_failure):
            if isinstance(found, Failure):
                raise SourceError(found.name, found.reason, hint=found.hint)
            return found
        raise SourceError(name, "it made its parser fail", hint=CRASH_HINT)

    def close(self) -> None:
        """End the processes that wait for work; more work starts others."""
        with contextlib.suppress(queue.Empty):
            while True:
                self._idle.get_nowait().end()

    def _parse(
        self, request: dict[str, Any], data: bytes, unpack: Callable[[dict[str, Any]], Found]
    ) -> Iterator[Found | Failure]:
        name = request["name"]
        try:
            process = self._asked(request, data)
        except OSError as exc:
            yield Failure(name, f"no process can be started to read it ({exc.strerror or exc})", CRASH_HINT)
            return
        is_reusable = False
        try:
            while (message := process.receive(self._limits.parser_wall_seconds)) is not None:
                if "bug" in message:
                    logger.warning("a parser failed at %s: %s", name, message["bug"])
                elif "end" in message:
                    is_reusable = message["end"] == "next"
                    return
                else:
                    yield unpack(message)
            yield process.failure(name)
        except ValueError as exc:
            logger.warning("a parser sent what it must not: %s", exc)
            yield Failure(name, "it made its parser fail", CRASH_HINT)
        finally:
            self._put_back(process) if is_reusable else process.end()

    def _asked(self, request: dict[str, Any], data: bytes) -> _Process:
        """A process that has taken the request; one that ended itself while it waited is replaced."""
        while (process := self._waiting()) is not None:
            if process.ask(request, data):
                return process
            process.end()
        process = _Process(self._limits)
        process.ask(request, data)  # if it is gone by now, nothing will come
        return process

    def _waiting(self) -> _Process | None:
        if self._pid != os.getpid():  # we are the fork of a program whose processes are not ours
            self._idle, self._pid = queue.LifoQueue(), os.getpid()
        with contextlib.suppress(queue.Empty):
            return self._idle.get_nowait()
        return None

    def _put_back(self, process: _Process) -> None:
        if self._idle.qsize() < MAX_IDLE:
            process.idle_since = time.monotonic()
            self._idle.put(process)
        else:
            process.end()


class _Process:
    """One parser process."""

    def __init__(self, limits: IngestSettings) -> None:
        self._limits = limits
        known = {
            "cpu_seconds": limits.parser_cpu_seconds,
            "memory_bytes": limits.parser_memory_mb * 1_000_000,
            "article_chars": limits.max_article_chars,
            "fields": tabular.parse_fields(limits.columns),
        }
        program = _PROGRAM.format(path=[*filter(None, sys.path), str(_HOME)], limits=json.dumps(known))
        # A session of its own, or a Ctrl-C for us would end it in the middle of a file, as a crash.
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-c", program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            start_new_session=True,
        )
        assert self._process.stdin
        assert self._process.stdout
        self._stdin, self._stdout = self._process.stdin, self._process.stdout
        self._poll = select.poll()
        self._poll.register(self._stdout, select.POLLIN | select.POLLHUP)
        self._buffer = bytearray()
        self._is_late = False
        self.idle_since = time.monotonic()
        if self.receive(START_SECONDS) is None:
            self.end()
            raise OSError("it does not start")

    def ask(self, request: dict[str, Any], data: bytes) -> bool:
        """Send a request; whether the process was there to take it."""
        if time.monotonic() - self.idle_since > worker.IDLE_SECONDS / 2:
            return False  # it may end itself just now
        try:
            for part in (wire.encode(request), data):
                rest = memoryview(part)
                while rest:
                    rest = rest[self._stdin.write(rest) :]
        except OSError:
            return False
        return True

    def receive(self, seconds: float) -> dict[str, Any] | None:
        """Take the next message.

        Args:
            seconds: How long to wait for it.

        Returns:
            The message; None if the process has ended, or none came.

        Raises:
            ValueError: If what it sent is no message.
        """
        deadline, searched = time.monotonic() + seconds, 0
        while (end := self._buffer.find(b"\n", searched)) < 0:
            searched = len(self._buffer)
            if searched > MAX_MESSAGE_BYTES:
                raise ValueError("a message without an end")
            if not self._poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
                self._is_late = True
                return None
            part = os.read(self._stdout.fileno(), READ_BYTES)
            if not part:
                return None
            self._buffer += part
        line = bytes(self._buffer[:end])
        self._buffer = self._buffer[end + 1 :]
        return wire.decode(line)

    def failure(self, name: str) -> Failure:
        """Why the process did not come to the end of a file."""
        limits = self._limits
        if self._is_late:
            return Failure(
                name, f"reading it takes longer than {limits.parser_wall_seconds:g} seconds", SLOW_HINT
            )
        code = self._exit_code()
        if code == -signal.SIGPROF:
            seconds = f"{limits.parser_cpu_seconds:g} seconds of processor time"
            return Failure(name, f"reading it takes more than {seconds}", SLOW_HINT)
        if code == worker.OUT_OF_MEMORY:
            return Failure(
                name, f"reading it takes more than {limits.parser_memory_mb:,} MB of memory", MEMORY_HINT
            )
        if code == -signal.SIGKILL:
            return Failure(name, "the system ended its parser, as it does when memory runs out", MEMORY_HINT)
        how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        return Failure(name, f"it crashes its parser ({how})", CRASH_HINT)

    def end(self) -> None:
        """End the process, whatever it does."""
        self._process.kill()
        self._process.wait()
        self._stdin.close()
        self._stdout.close()

    def _exit_code(self) -> int:
        try:
            return self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:  # it has closed its output and lives on
            self._process.kill()
            return self._process.wait()


def _feed_or_failure(message: dict[str, Any]) -> Feed | Failure:
    if "feed" in message:
        return wire.unpack_feed(message)
    found = wire.unpack(message)
    if isinstance(found, Article):
        raise ValueError("an article instead of a feed")
    return found


def _may_be_simple(name: str, size: int) -> bool:
    return size <= MAX_SIMPLE_BYTES and PurePosixPath(name).suffix.lower() in SIMPLE_SUFFIXES


def _is_simple(data: bytes, name: str) -> bool:
    """Whether the content is what the name promises: a .txt file may be anything."""
    return formats.SUFFIXES.get(PurePosixPath(name).suffix.lower()) == _kind(data, name)


def _kind(data: bytes, name: str) -> str:
    try:
        return formats.kind(data, name)
    except SourceError:
        return ""


def _size(path: Path) -> int:
    try:
        return path.lstat().st_size
    except OSError:
        return 0  # whoever opens it says so
