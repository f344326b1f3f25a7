"""Many people at the page at once, over real HTTP and the event stream that the page itself uses.

Each person is a browser that has the page open: it sends the event of the question box, reads the stream of
what comes back, and then sends the events that follow an answer, as the page does: what to ask next, and the
address. Each question begins a conversation, since what is sent to a page holds the answers before, too, and
the first text of this one could not be told from theirs; one round is a conversation.

`python -m benchmarks.load` serves the articles of `corpus/` in a process of its own, asks as one person, as
many over some minutes, as many at the same instant, and beside browsers that read slowly or vanish; it writes
`results/load-DATE.json`. It measures times, no quality.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks import results

ROOT = Path(__file__).parent
QUESTIONS = ROOT / "corpus_questions.jsonl"
FIRST_TEXT = (b'class=\\"answer\\"', b'class=\\"abstention', b'class=\\"failure')  # in what the page is sent
ANSWER_SECONDS = 120.0  # no answer takes longer
START_SECONDS = 300.0


@dataclass(slots=True)
class Asked:
    """How one question went; seconds since it was sent."""

    first_text: float = 0.0
    done: float = 0.0
    problem: str = ""


@dataclass(slots=True)
class Tally:
    """All that was asked in one round."""

    asked: list[Asked] = field(default_factory=list)

    def summary(self) -> dict[str, Any]:
        """Counts and seconds: the median, the 95th in a hundred, the longest."""
        good = [one for one in self.asked if not one.problem]
        told: dict[str, Any] = {"questions": len(self.asked), "errors": len(self.asked) - len(good)}
        told["problems"] = sorted({one.problem for one in self.asked if one.problem})[:5]
        for name in ("first_text", "done"):
            seconds = sorted(getattr(one, name) for one in good)
            told[f"{name}_seconds"] = {
                "p50": round(percentile(seconds, 50), 3),
                "p95": round(percentile(seconds, 95), 3),
                "max": round(seconds[-1], 3) if seconds else 0.0,
            }
        return told


def percentile(seconds: Sequence[float], share: int) -> float:
    """The value that so many in a hundred do not exceed, by nearest rank; 0 of none."""
    ordered = sorted(seconds)
    return ordered[max(0, -(-len(ordered) * share // 100) - 1)] if ordered else 0.0


class Event(NamedTuple):
    """An event of the page, as the page describes it.

    Args:
        number: Its number.
        inputs: How many values it takes.
        then: The events that follow it.
    """

    number: int
    inputs: int
    then: tuple[Event, ...] = ()


class Person:
    """A browser that has the page open.

    Args:
        port: Of the server on this machine.
        event: The question box's, from the page's own description.
    """

    def __init__(self, port: int, event: Event) -> None:
        self._port, self._event = port, event
        self._session = ""
        self._cookie = ""

    async def open(self) -> None:
        """Load the page, which gives the cookie."""
        async with self._request("GET", "/") as (headers, body):
            self._cookie = headers.get("set-cookie", "").partition(";")[0]
            async for _ in body:
                pass

    async def ask(self, question: str, *, bytes_a_second: int = 0, vanishes: bool = False) -> Asked:
        """Ask a question and read the answer to its end.

        Args:
            question: The question.
            bytes_a_second: How fast it is read; 0 for as it comes.
            vanishes: Whether to close the connection at the first news, as a browser that crashes does.

        Returns:
            How it went.
        """
        asked, started = Asked(), time.perf_counter()
        self.begin()
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await self._send(self._event, question)
                async with self._request("GET", f"/gradio_api/queue/data?session_hash={self._session}") as (
                    _,
                    body,
                ):
                    async for part in body:
                        now = time.perf_counter() - started
                        if vanishes:
                            break
                        if not asked.first_text and any(sign in part for sign in FIRST_TEXT):
                            asked.first_text = now
                        if b'"process_completed"' in part:
                            asked.done = now
                            asked.problem = "" if b'"success":true' in part else part[:300].decode()
                        if b'"close_stream"' in part:
                            break
                        if bytes_a_second:
                            await asyncio.sleep(len(part) / bytes_a_second)
            if not asked.first_text and not vanishes:
                asked.problem = asked.problem or "no text came"
        except (OSError, TimeoutError, ValueError, asyncio.IncompleteReadError) as exc:
            asked.problem = repr(exc)
        return asked

    def begin(self) -> None:
        """Open the page anew, with a conversation of its own."""
        self._session = secrets.token_hex(8)

    async def follow(self) -> int:
        """Do what a page does when an answer is there; bytes that it was sent."""
        sizes = [await self.send(event) for event in self._event.then]
        return sum(sizes)

    async def send(self, event: Event, *values: str) -> int:
        """Send an event and read all that comes back; its size in bytes."""
        await self._send(event, *values)
        size = 0
        async with self._request("GET", f"/gradio_api/queue/data?session_hash={self._session}") as (_, body):
            async for part in body:
                size += len(part)
                if b'"close_stream"' in part:
                    break
        return size

    async def _send(self, event: Event, *values: str) -> None:
        data = [*values, *[None] * (event.inputs - len(values))]  # the rest is state, which the server has
        number, session = event.number, self._session
        message = {"data": data, "fn_index": number, "session_hash": session, "event_data": None}
        async with self._request("POST", "/gradio_api/queue/join", json.dumps(message)) as (_, body):
            answer = b"".join([part async for part in body])
        if b"event_id" not in answer:
            raise ValueError(answer[:200].decode(errors="replace"))

    @asynccontextmanager
    async def _request(
        self, method: str, path: str, content: str = ""
    ) -> AsyncIterator[tuple[dict[str, str], AsyncIterator[bytes]]]:
        """One request on a connection of its own: a client that pools costs seconds at a hundred people."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port, limit=1 << 24)
        try:
            lines = [f"{method} {path} HTTP/1.1", f"host: 127.0.0.1:{self._port}", "connection: close"]
            lines += [f"cookie: {self._cookie}"] if self._cookie else []
            lines += [f"content-length: {len(content)}", "content-type: application/json"] if content else []
            writer.write("\r\n".join([*lines, "", content]).encode())
            await writer.drain()
            status = await reader.readline()
            headers: dict[str, str] = {}
            while line := (await reader.readline()).strip():
                name, _, value = line.decode("latin-1").partition(":")
                headers[name.lower()] = value.strip()
            if b" 200 " not in status:
                raise ValueError(f"{method} {path}: {status.decode().strip()}")
            yield headers, _parts(reader, headers)
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()


async def _parts(reader: asyncio.StreamReader, headers: dict[str, str]) -> AsyncIterator[bytes]:
    if headers.get("transfer-encoding") != "chunked":
        yield await reader.read(-1)
        return
    while size := int((await reader.readline()).strip() or b"0", 16):
        yield await reader.readexactly(size)
        await reader.readline()


async def question_event(port: int) -> Event:
    """The event that the question box sends."""
    person = Person(port, Event(0, 0))
    await person.open()
    async with person._request("GET", "/config") as (_, body):
        config = json.loads(b"".join([part async for part in body]))
    ids = {part["props"].get("elem_id"): part["id"] for part in config["components"]}
    for event in config["dependencies"]:
        if [ids["question"], "submit"] in [list(target) for target in event["targets"]]:
            after = [one for one in config["dependencies"] if one["trigger_after"] == event["id"]]
            then = tuple(Event(one["id"], len(one["inputs"])) for one in after)
            return Event(event["id"], len(event["inputs"]), then)
    raise LookupError("the page has no question box")


async def crowd(
    port: int,
    questions: Sequence[str],
    *,
    people: int,
    every: float,
    seconds: float,
    seed: int = 7,
    slow: int = 0,
    vanishing: int = 0,
) -> Tally:
    """Let people ask for a while, each again and again at random moments.

    Args:
        port: Of the server.
        questions: What they ask, at random.
        people: How many there are.
        every: Seconds between two questions of one, on average.
        seconds: How long they go on asking; what was asked is waited for.
        seed: Of the random numbers.
        slow: How many more there are that read a hundred bytes a second.
        vanishing: How many more there are that vanish once their question was taken.

    Returns:
        How it went for those who neither read slowly nor vanish.
    """
    event = await question_event(port)
    tally, end = Tally(), time.perf_counter() + seconds

    async def one(number: int) -> None:
        choose, person = random.Random(seed * 1000 + number), Person(port, event)
        await person.open()
        await asyncio.sleep(choose.uniform(0, every))
        while time.perf_counter() < end:
            tally.asked.append(await person.ask(choose.choice(questions)))
            await person.follow()
            await asyncio.sleep(choose.uniform(0, 2 * every))

    async def odd(number: int, *, vanishes: bool) -> None:
        choose = random.Random(number)
        while time.perf_counter() < end:
            person = Person(port, event)
            await person.open()
            await person.ask(choose.choice(questions), bytes_a_second=100, vanishes=vanishes)
            await asyncio.sleep(choose.uniform(0, every))

    others = [odd(n, vanishes=False) for n in range(slow)] + [odd(n, vanishes=True) for n in range(vanishing)]
    background = [asyncio.create_task(task) for task in others]
    await asyncio.gather(*(one(number) for number in range(people)))
    for task in background:
        task.cancel()
    await asyncio.gather(*background, return_exceptions=True)
    return tally


async def alone(port: int, questions: Sequence[str], count: int) -> Tally:
    """Ask as the only one, a question after another; the first two, which warm up, do not count."""
    person = Person(port, await question_event(port))
    await person.open()
    asked = [await person.ask(questions[number % len(questions)]) for number in range(count + 2)]
    return Tally(asked[2:])


async def conversation(port: int, process: int, questions: Sequence[str], turns: int = 20) -> dict[str, Any]:
    """Ask one question after another in one conversation: what the first and the last of them cost.

    Args:
        port: Of the server.
        process: The number of its process.
        questions: What is asked.
        turns: How many questions.

    Returns:
        Processor seconds and bytes of an answer and of what follows it, means over a quarter of the turns.
    """
    event = await question_event(port)
    person = Person(port, event)
    await person.open()
    person.begin()
    spent: list[tuple[float, float, int]] = []
    for number in range(turns):
        before = cpu_seconds(process)
        size = await person.send(event, questions[number % len(questions)])
        answered = cpu_seconds(process)
        size += await person.follow()
        spent.append((answered - before, cpu_seconds(process) - answered, size))
    some = max(1, turns // 4)
    return {"turns": turns, "first": _means(spent[:some]), "last": _means(spent[-some:])}


def _means(spent: Sequence[tuple[float, float, int]]) -> dict[str, float]:
    names = ("processor seconds", "processor seconds of what follows", "bytes")
    return {name: round(statistics.mean(one[n] for one in spent), 3) for n, name in enumerate(names)}


async def at_once(port: int, questions: Sequence[str], people: int) -> Tally:
    """Ask as many at the same instant, with the page open already."""
    event = await question_event(port)
    everyone = [Person(port, event) for _ in range(people)]
    for person in everyone:
        await person.open()
    tasks = (person.ask(questions[n % len(questions)]) for n, person in enumerate(everyone))
    return Tally(list(await asyncio.gather(*tasks)))


def cpu_seconds(process: int) -> float:
    """Processor time that a process has taken; 0 where there is no /proc."""
    with suppress(OSError):
        fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return 0.0


async def measure(
    port: int, process: int, questions: Sequence[str], options: argparse.Namespace
) -> dict[str, Any]:
    """All rounds, one after the other; one person again at the end, since a machine has moods."""
    rounds: dict[str, Any] = {}
    how = {"people": options.people, "every": options.every}
    before = cpu_seconds(process)
    rounds["one person"] = (await alone(port, questions, options.alone)).summary()
    spent = (cpu_seconds(process) - before) / (options.alone + 2)
    rounds["processor seconds of a question"] = round(spent, 3)
    rounds["a conversation"] = await conversation(port, process, questions)
    rounds["many"] = (await crowd(port, questions, seconds=options.seconds, **how)).summary()
    rounds["one person, again"] = (await alone(port, questions, options.alone)).summary()
    rounds["at the same instant"] = (await at_once(port, questions, options.people)).summary()
    odd = {"seconds": options.seconds / 3, "slow": 10, "vanishing": 10}
    rounds["many, and ten slow and ten vanishing"] = (await crowd(port, questions, **how, **odd)).summary()
    single = [rounds[name]["first_text_seconds"]["p95"] for name in ("one person", "one person, again")]
    rounds["p95 of many over that of one"] = round(
        rounds["many"]["first_text_seconds"]["p95"] / statistics.mean(single), 2
    )
    return rounds


@asynccontextmanager
async def served(data_dir: Path) -> AsyncIterator[tuple[int, int]]:
    """Serve a data folder in a process of its own: the port, and the number of the process."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    code = "from assistant.cli import main; main()"
    options = ["--no-open", "--port", str(port), "--data-dir", str(data_dir)]
    options += ["--corpus", str(ROOT.parent / "corpus"), "--corpus-name", "corpus"]
    command = [sys.executable, "-c", code, "serve", *options]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + START_SECONDS
        while True:
            with suppress(OSError, ValueError):
                await Person(port, Event(0, 0)).open()
                break
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the server did not start")
            await asyncio.sleep(0.5)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(30)


def questions_of(path: Path = QUESTIONS) -> list[str]:
    """The questions of a file, one a line of JSON."""
    return [json.loads(line)["question"] for line in path.read_text(encoding="utf-8").splitlines()]


async def run(options: argparse.Namespace) -> dict[str, Any]:
    """Measure a server that is started for it."""
    with tempfile.TemporaryDirectory() as folder:
        async with served(Path(folder) / "data") as (port, process):
            return await measure(port, process, questions_of(), options)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--people", type=int, default=30)
    arguments.add_argument("--every", type=float, default=20.0, help="seconds between two questions of one")
    arguments.add_argument("--seconds", type=float, default=180.0)
    arguments.add_argument("--alone", type=int, default=30, help="questions of one person")
    arguments.add_argument("--remark", default="", help="what was special about the machine")
    options = arguments.parse_args()
    rounds = asyncio.run(run(options))
    told = {**results.describe_run(), "remark": options.remark, "asked": vars(options), "rounds": rounds}
    path = results.FOLDER / f"load-{date.today().isoformat()}.json"
    path.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    sys.stdout.write(json.dumps(rounds, indent=1) + f"\n{path.name}\n")


if __name__ == "__main__":
    main()
