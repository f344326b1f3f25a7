"""The parser process: reads what it is told to, within limits, and sends what it finds as lines of JSON.

It is started by `parsers` and talks to nobody else; it knows the registry of formats and nothing of the
corpus. It gives itself the limits before it reads anything: no more memory than allowed, no more processor
time for an article than allowed; whoever breaks the second is ended by the system. A request is a line, with
the path of a file or the number of bytes that follow it; these may also be a feed that is to be taken apart.
Answers are lines, too: one an article or failure, or one a feed, then `end`.
"""

from __future__ import annotations

import json
import os
import resource
import select
import signal
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from assistant import sources
from assistant.errors import SourceError
from assistant.sources import feed, wire
from assistant.types import Article, Failure

IDLE_SECONDS = 60.0  # without a request: then it ends, and the next file starts another
OUT_OF_MEMORY = 77  # exit code
LONG_HINT = "Split it into several articles, or allow more with ingest.max_article_chars."
WATCH_SECONDS = 0.05  # between two looks at the memory, where the system does not limit it


def main(limits: str) -> None:
    """Answer requests until there are no more.

    Args:
        limits: As JSON: `cpu_seconds` for an article, `memory_bytes` for the whole process, and the
            `article_chars` of the longest text; and the `fields` that columns stand for.
    """
    known = json.loads(limits)
    channel = _take_stdout()
    _limit_memory(known["memory_bytes"])
    _send(channel, {"ready": True})
    while select.select([0], [], [], IDLE_SECONDS)[0]:
        line = _read_line(0)
        if not line:
            return
        try:
            _answer(wire.decode(line), channel, known)
        except MemoryError:
            os._exit(OUT_OF_MEMORY)
        is_full = (
            _held_bytes() > known["memory_bytes"] // 2
        )  # what it holds would be missing for the next file
        _send(channel, {"end": "last" if is_full else "next"})


def _answer(request: dict[str, Any], channel: IO[bytes], known: dict[str, Any]) -> None:
    name, cpu_seconds = request["name"], known["cpu_seconds"]
    try:
        signal.setitimer(signal.ITIMER_PROF, cpu_seconds)  # at its end the system ends this process
        if "feed" in request:
            _send_feed(request, channel)
            return
        for item in _items(request, name, known["fields"]):
            _send(channel, wire.pack(_bounded(item, known["article_chars"])))
            signal.setitimer(signal.ITIMER_PROF, cpu_seconds)
    except MemoryError:
        raise
    except Exception as exc:  # noqa: BLE001 - the edge: libraries raise nearly anything at broken files
        _send(channel, {"bug": traceback.format_exc()})
        _send(
            channel, wire.pack(Failure(name, f"its parser failed ({type(exc).__name__})", SourceError.hint))
        )
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _send_feed(request: dict[str, Any], channel: IO[bytes]) -> None:
    data = _read_exactly(0, request["size"])
    try:
        _send(channel, wire.pack_feed(feed.parse(data, request["name"], base=request["feed"])))
    except SourceError as error:
        _send(channel, wire.pack(Failure(error.name, error.reason, error.hint)))


def _bounded(item: Article | Failure, most_chars: int) -> Article | Failure:
    if isinstance(item, Failure) or len(item.text) <= most_chars:
        return item
    reason = f"its text has more than {most_chars:,} characters ({len(item.text):,})"
    return Failure(item.path or item.name, reason, LONG_HINT)


def _items(request: dict[str, Any], name: str, fields: dict[str, str]) -> Iterator[Article | Failure]:
    if "path" in request:
        return sources.parse_file(Path(request["path"]), name, fields)
    return sources.parse_bytes(_read_exactly(0, request["size"]), name, fields)


def _send(channel: IO[bytes], message: dict[str, Any]) -> None:
    channel.write(wire.encode(message))
    channel.flush()


def _take_stdout() -> IO[bytes]:
    """The standard output, for us alone: what a library prints goes nowhere."""
    channel = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    return channel


def _read_line(descriptor: int) -> bytes:
    parts = []
    while (byte := os.read(descriptor, 1)) not in (b"", b"\n"):
        parts.append(byte)
    return b"".join(parts)


def _read_exactly(descriptor: int, size: int) -> bytes:
    data = bytearray()
    while len(data) < size and (part := os.read(descriptor, size - len(data))):
        data += part
    return bytes(data)


def _limit_memory(most: int) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    else:  # such as macOS, which takes the limit and does not keep it
        threading.Thread(target=_watch_memory, args=(most,), daemon=True).start()


def _watch_memory(most: int) -> None:
    while _held_bytes() < most:
        time.sleep(WATCH_SECONDS)
    os._exit(OUT_OF_MEMORY)


def _held_bytes() -> int:
    """Memory of this process: what it holds, or where the system does not say that, the most it ever held."""
    if sys.platform == "linux":  # whose peak begins with that of the process that started us
        pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
        return int(pages) * resource.getpagesize()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
