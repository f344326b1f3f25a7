"""How many searches a second the HTTP API answers: `python -m benchmarks.api_load [DATA_DIR]`.

1,000 searches from 16 clients that keep their connections, against `assistant serve` in a process of its own,
in turns with one thread of another process that calls `Assistant.search` with the same queries. The clients
share the processor with the server, as a user's scripts would. Of the corpus that ships with the project,
unless a data folder is named.
"""

from __future__ import annotations

import http.client
import json
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from assistant import Assistant

HERE = Path(__file__).parent
SEARCHES, CLIENTS, TOP_K, ROUNDS = 1000, 16, 10, 4
START_SECONDS = 120
LEAST_RATIO = 0.5  # of one thread's throughput

ONE_THREAD = """
import json, sys, time
from assistant import Assistant
queries = json.loads(sys.stdin.readline())
with Assistant.open(sys.argv[1]) as assistant:
    assistant.search(queries[0])
    for line in sys.stdin:
        started = time.perf_counter()
        for query in queries:
            assistant.search(query, int(line))
        print(time.perf_counter() - started, flush=True)
"""


def measure(data_dir: Path, *, searches: int = SEARCHES, clients: int = CLIENTS) -> dict[str, Any]:
    """Searches a second of both, in turns.

    Args:
        data_dir: A corpus of the shipped settings.
        searches: Of each, over all rounds.
        clients: That ask at the same time.

    Returns:
        Throughputs, their ratio, the latencies of the clients in seconds and how many answers were errors.
    """
    queries = _queries(searches // ROUNDS)
    alone: list[float] = []
    together: list[float] = []
    answers: list[tuple[int, float]] = []
    with _one_thread(data_dir, queries) as thread, _served(data_dir) as port:
        _ask_all(port, queries[:clients], clients)  # warm
        for _ in range(ROUNDS):
            alone.append(_seconds_of(thread))
            started = time.perf_counter()
            answers += _ask_all(port, queries, clients)
            together.append(time.perf_counter() - started)
    latencies = sorted(seconds for _, seconds in answers)
    rates = {
        "python_per_second": len(queries) * ROUNDS / sum(alone),
        "http_per_second": len(answers) / sum(together),
    }
    return {
        **{name: round(rate, 1) for name, rate in rates.items()},
        "ratio": round(rates["http_per_second"] / rates["python_per_second"], 3),
        "ratio_of_each_round": [round(a / b, 3) for a, b in zip(alone, together, strict=True)],
        "searches": len(answers),
        "clients": clients,
        "errors": sum(status != 200 for status, _ in answers),
        "p50_ms": round(statistics.median(latencies) * 1000, 1),
        "p95_ms": round(latencies[int(len(latencies) * 0.95)] * 1000, 1),
    }


def _queries(count: int) -> list[str]:
    lines = (HERE / "corpus_questions.jsonl").read_text(encoding="utf-8").splitlines()
    return list(islice(cycle(json.loads(line)["question"] for line in lines), count))


@contextmanager
def _one_thread(data_dir: Path, queries: Sequence[str]) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", ONE_THREAD, str(data_dir)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin
        process.stdin.write(json.dumps(queries) + "\n")
        yield process


def _seconds_of(process: subprocess.Popen[str]) -> float:
    assert process.stdin
    assert process.stdout
    process.stdin.write(f"{TOP_K}\n")
    process.stdin.flush()
    return float(process.stdout.readline())


@contextmanager
def _served(data_dir: Path) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = ["--data-dir", str(data_dir), "--port", str(port), "--no-open"]
    with subprocess.Popen(
        [sys.executable, "-m", "assistant.cli", "serve", *options], stdout=subprocess.DEVNULL
    ) as server:
        try:
            _wait_until_ready(port)
            yield port
        finally:
            server.terminate()


def _wait_until_ready(port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            if _ask(http.client.HTTPConnection("127.0.0.1", port), "GET", "/api/v1/ready")[0] == 200:
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise TimeoutError("the server is not ready")


def _ask_all(port: int, queries: Sequence[str], clients: int) -> list[tuple[int, float]]:
    """(status, seconds) of each search; each client asks its share, one after the other."""
    with ThreadPoolExecutor(clients) as pool:
        shares = [queries[number::clients] for number in range(clients)]
        return [
            answer for found in pool.map(lambda share: _ask_each(port, share), shares) for answer in found
        ]


def _ask_each(port: int, queries: Sequence[str]) -> list[tuple[int, float]]:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    bodies = (json.dumps({"query": query, "top_k": TOP_K}) for query in queries)
    return [_ask(connection, "POST", "/api/v1/search", body) for body in bodies]


def _ask(connection: http.client.HTTPConnection, method: str, path: str, body: str = "") -> tuple[int, float]:
    started = time.perf_counter()
    connection.request(method, path, body or None, {"Content-Type": "application/json"})
    response = connection.getresponse()
    response.read()
    return response.status, time.perf_counter() - started


def main() -> int:
    """Measure and print; the exit code says whether it is fast enough and without an error."""
    if len(sys.argv) > 1:
        found = measure(Path(sys.argv[1]))
    else:
        with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            with Assistant.open(folder) as assistant:
                assistant.add(HERE.parent / "corpus")
            found = measure(Path(folder))
    print(json.dumps(found, indent=2))
    return int(found["ratio"] < LEAST_RATIO or found["errors"] > 0)


if __name__ == "__main__":
    sys.exit(main())
