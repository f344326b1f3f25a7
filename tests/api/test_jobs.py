"""Articles that are added over HTTP: as jobs that can be followed, survive a kill and are done once."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from assistant.api import article_schemas
from assistant.assistant import Assistant
from assistant.settings import Settings, WebSettings
from assistant.stores.jobs import JobStore
from tests.api.conftest import open_assistant, serving, settings_for
from tests.api.test_asking import events
from tests.api.test_problems import problem
from tests.fakes import WordEmbeddings
from tests.webserver import reply, served

PAGE = (
    "<html><head><title>Storm over Quetta</title></head><body><article><h1>Storm over Quetta</h1>"
    + "<p>A storm over Quetta tore off roofs on Friday. Nobody was hurt, said the police.</p>" * 4
    + "</article></body></html>"
)


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Assistant, httpx.Client]]:
    settings = settings_for(tmp_path_factory.mktemp("jobs"), max_upload_mb=1)
    with (
        open_assistant(settings) as assistant,
        serving(assistant) as address,
        httpx.Client(base_url=f"{address}/api/v1", timeout=60) as client,
    ):
        yield assistant, client


@pytest.fixture
def client(opened: tuple[Assistant, httpx.Client]) -> httpx.Client:
    return opened[1]


def titles(client: httpx.Client) -> list[str]:
    return [a["title"] for a in client.get("/articles", params={"limit": 1000}).json()["articles"]]


class TestAdding:
    def test_articles_as_json_become_a_job(self, client: httpx.Client) -> None:
        article = {
            "text": "Snow fell in Murree.",
            "title": "Snow",
            "published": "2025-01-02",
            "source": "Dawn",
        }
        response = client.post("/articles", json={"articles": [article]})
        job = response.json()

        assert (response.status_code, job["kind"]) == (202, "articles")
        assert article_schemas.Job.model_validate(job).model_dump() == job
        assert response.headers["location"] == f"/api/v1/jobs/{job['id']}"
        told = events(client.get(f"/jobs/{job['id']}/events"))
        assert [name for name, _ in told][-1:] == ["end"]
        assert {name for name, _ in told[:-1]} <= {"progress"}
        assert told[-1][1]["state"] == "done"
        assert told[-1][1]["report"]["added"] == ["Snow"]
        assert client.get(f"/jobs/{job['id']}").json() == told[-1][1]
        (found,) = client.get("/articles", params={"q": "snow"}).json()["articles"]
        assert (found["published"], found["source"]) == ("2025-01-02", "Dawn")

    def test_files_are_read_as_by_the_command_line(self, client: httpx.Client) -> None:
        files = [
            ("files", ("../../flood.md", b"# Flood in Swat\n\nThe river Swat flooded the bazaar.")),
            ("files", ("broken.pdf", b"%PDF-1.7 nothing more")),
        ]
        response = client.post("/articles/upload", files=files, params={"wait": 60})
        report = response.json()["report"]

        assert response.status_code == 200
        assert (report["added"], [failed["name"] for failed in report["failed"]]) == (
            ["Flood in Swat"],
            ["broken.pdf"],
        )

    def test_same_files_again_change_nothing(self, client: httpx.Client) -> None:
        files = {"files": ("once.txt", b"Once\n\nIt rained in Multan only once.")}
        first, second = (
            client.post("/articles/upload", files=files, params={"wait": 60}).json()["report"]
            for _ in range(2)
        )

        assert (len(first["added"]), second["added"], len(second["unchanged"])) == (1, [], 1)

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"articles": []},
            {"articles": [{}]},
            {"articles": [{"text": ""}]},
            {"articles": [{"text": 7}]},
            {"articles": [{"text": "x", "published": "13/11/2024"}]},
            {"articles": [{"text": "x", "url": "javascript:alert(1)"}]},
            {"articles": [{"text": "x", "url": "file:///etc/passwd"}]},
            {"articles": [{"text": "x", "root": "/etc"}]},
            {"articles": [{"text": "x", "title": "x" * 501}]},
            {"articles": [{"text": "x"}] * 1001},
        ],
        ids=lambda body: json.dumps(body)[:50],
    )
    def test_wrong_articles_are_a_problem(self, client: httpx.Client, body: dict[str, Any]) -> None:
        problem(client.post("/articles", json=body), 422)

    @pytest.mark.parametrize(
        "url", ["/etc/passwd", "file:///etc/passwd", "ftp://a.example/x", "", "https://", 7]
    )
    def test_only_addresses_of_the_web_are_fetched(self, client: httpx.Client, url: object) -> None:
        problem(client.post("/articles/from-url", json={"url": url}), 422)

    def test_address_of_this_network_is_refused(self, client: httpx.Client) -> None:
        response = client.post("/articles/from-url", json={"url": "http://127.0.0.1:9/"}, params={"wait": 60})
        job = response.json()
        told = json.dumps(job["report"] or job["error"])

        assert (response.status_code, titles(client).count("127.0.0.1")) == (200, 0)
        assert "127.0.0.1" in told

    def test_upload_without_a_file_is_a_problem(self, client: httpx.Client) -> None:
        problem(client.post("/articles/upload"), 422)
        problem(client.post("/articles/upload", files={"other": ("a.txt", b"x")}), 422)
        problem(client.post("/articles/upload", data={"files": "no file"}), 422)
        problem(
            client.post("/articles/upload", files=[("files", (f"{n}.txt", b"x")) for n in range(21)]), 422
        )

    def test_file_that_is_too_large_is_a_problem(self, client: httpx.Client) -> None:
        problem(client.post("/articles/upload", files={"files": ("a.txt", b"x" * 1_100_000)}), 413)
        problem(client.post("/articles/upload", files={"files": ("a.txt", b"x" * 21_100_000)}), 413)

    @pytest.mark.parametrize("wait", ["-1", "61", "x", "nan"])
    def test_wait_has_bounds(self, client: httpx.Client, wait: str) -> None:
        problem(client.post("/articles", json={"articles": [{"text": "x"}]}, params={"wait": wait}), 422)


def test_article_from_an_address(tmp_path: Path) -> None:
    with served({"/storm": reply(PAGE)}) as site:
        settings = settings_for(tmp_path).model_copy(
            update={"web": WebSettings(internal_hosts=(f"127.0.0.1:{site.port}",), delay_seconds=0)}
        )
        with open_assistant(settings) as opened, serving(opened) as address:
            job = httpx.post(
                f"{address}/api/v1/articles/from-url",
                json={"url": f"http://127.0.0.1:{site.port}/storm"},
                params={"wait": 60},
                timeout=90,
            ).json()

    assert (job["state"], job["report"]["added"]) == ("done", ["Storm over Quetta"])


class TestIdempotencyKey:
    def test_same_request_is_the_same_job(self, client: httpx.Client) -> None:
        body = {"articles": [{"text": "Hail fell in Gilgit.", "title": "Hail"}]}
        headers = {"idempotency-key": "hail-1"}
        first = client.post("/articles", json=body, headers=headers, params={"wait": 60})
        again = client.post("/articles", json=body, headers=headers)

        assert (again.status_code, again.json()) == (200, first.json())
        assert ("idempotency-replayed" in first.headers, again.headers["idempotency-replayed"]) == (
            False,
            "true",
        )
        assert titles(client).count("Hail") == 1

    def test_another_body_is_a_problem(self, client: httpx.Client) -> None:
        headers = {"idempotency-key": "fog-1"}
        client.post("/articles", json={"articles": [{"text": "Fog lay over Lahore."}]}, headers=headers)

        problem(client.post("/articles", json={"articles": [{"text": "Another."}]}, headers=headers), 422)
        problem(client.post("/articles/upload", files={"files": ("a.txt", b"x")}, headers=headers), 422)

    def test_it_is_its_callers_own(self, tmp_path: Path) -> None:
        store = JobStore(tmp_path)
        one, _ = store.put("a", "key", "x", {"kind": "articles"}, [b"1"])
        two, is_new = store.put("b", "key", "y", {"kind": "articles"}, [b"2"])
        assert (is_new, one.id != two.id, store.get(one.id, "b"), store.get(one.id, "a")) == (
            True,
            True,
            None,
            one,
        )
        assert store.put("a", "key", "z", {}, []) == (one, False)
        store.close()

    def test_taken_at_the_same_moment_is_one_job(self, tmp_path: Path) -> None:
        store, barrier = JobStore(tmp_path), threading.Barrier(4)

        def put(number: int) -> tuple[str, bool]:
            barrier.wait()
            job, is_new = store.put("a", f"key {number}", "x", {"kind": "articles"}, [b"1"])
            return job.id, is_new

        for number in range(10):
            with ThreadPoolExecutor(4) as pool:
                taken = list(pool.map(put, [number] * 4))
            assert (len({job for job, _ in taken}), sum(is_new for _, is_new in taken)) == (1, 1)
            assert len(store.files(taken[0][0])) == 1
        assert len(store.latest("a", 100)) == len(list((tmp_path / "jobs").iterdir())) == 10
        store.close()

    @pytest.mark.parametrize("key", ["", "a b", "x" * 201, "\xe9"])
    def test_what_is_no_key_is_a_problem(self, client: httpx.Client, key: str) -> None:
        headers = {"idempotency-key": key.encode("latin-1")}

        problem(client.post("/articles", json={"articles": [{"text": "x"}]}, headers=headers), 422)

    def test_same_upload_from_many_at_once_is_one_job(self, client: httpx.Client) -> None:
        def send(_: int) -> Any:
            files = {"files": ("dust.txt", b"Dust\n\nDust covered Sibi.")}
            return client.post("/articles/upload", files=files, headers={"idempotency-key": "dust"}).json()[
                "id"
            ]

        with ThreadPoolExecutor(8) as pool:
            assert len(set(pool.map(send, range(16)))) == 1


class TestJobs:
    def test_latest_is_first(self, client: httpx.Client) -> None:
        made = [
            client.post("/articles", json={"articles": [{"text": f"Job {n}."}]}).json()["id"]
            for n in range(3)
        ]
        listed = client.get("/jobs", params={"limit": 3}).json()

        assert article_schemas.JobList.model_validate(listed).model_dump() == listed
        assert {job["id"] for job in listed["jobs"]} == set(made)

    @pytest.mark.parametrize("path", ["", "/events"])
    def test_unknown_one_is_a_problem(self, client: httpx.Client, path: str) -> None:
        problem(client.get("/jobs/" + "0" * 24 + path), 404)
        problem(client.get("/jobs/x" + path), 422)
        problem(client.post("/jobs/" + "0" * 24 + "/cancel"), 404)

    def test_cancelled_one_keeps_what_it_has_added(self, client: httpx.Client) -> None:
        files = [
            ("files", (f"c{n}.txt", f"Title {n}\n\nCancelled text number {n}.".encode())) for n in range(20)
        ]
        job = client.post("/articles/upload", files=files).json()
        client.post(f"/jobs/{job['id']}/cancel")
        told = events(client.get(f"/jobs/{job['id']}/events"))[-1][1]

        assert told["state"] in ("cancelled", "done")
        assert told["report"]["cancelled"] == (told["state"] == "cancelled")

    def test_what_a_job_was_to_add_is_gone_when_it_has_ended(
        self, opened: tuple[Assistant, httpx.Client]
    ) -> None:
        assistant, client = opened
        job = client.post("/articles", json={"articles": [{"text": "Gone."}]}, params={"wait": 60}).json()

        assert job["state"] == "done"
        assert not (assistant.corpus.data_dir / "jobs" / job["id"]).exists()

    def test_job_waits_while_another_process_writes(self, opened: tuple[Assistant, httpx.Client]) -> None:
        assistant, client = opened
        script = (
            "import sys; from pathlib import Path; from assistant.locking import WriteLock\n"
            f"with WriteLock(Path({str(assistant.corpus.lock._path)!r})).held():\n"
            "    print('held', flush=True); sys.stdin.read()"
        )
        with subprocess.Popen(
            [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as holder:
            assert holder.stdout
            assert holder.stdout.readline() == "held\n"
            job = client.post(
                "/articles", json={"articles": [{"text": "Patience."}]}, params={"wait": 7}
            ).json()
            assert job["state"] == "running"
            with client.stream("GET", f"/jobs/{job['id']}/events") as response:
                assert next(response.iter_lines()) == "event: progress"  # and who follows goes away
            removal = client.delete("/articles/" + assistant_id(client))
            problem(removal, 409)
            assert int(removal.headers["retry-after"]) > 0
            holder.communicate("")

        assert events(client.get(f"/jobs/{job['id']}/events"))[-1][1]["state"] == "done"


def assistant_id(client: httpx.Client) -> str:
    return str(client.get("/articles", params={"limit": 1}).json()["articles"][0]["id"])


SERVER = """
import socket, sys, time, uvicorn
from pathlib import Path
from assistant.assistant import Assistant
from assistant.server import create_app
from assistant.settings import Settings
from tests.fakes import WordEmbeddings

class Slow(WordEmbeddings):
    def embed_passages(self, texts):
        time.sleep(0.02 * len(texts))
        return super().embed_passages(texts)

settings = Settings(data_dir=Path(sys.argv[1]))
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
with Assistant.open(settings=settings, embedder=Slow(64)) as assistant:
    uvicorn.Server(uvicorn.Config(create_app(assistant, settings), log_level="error")).run(sockets=[listener])
"""


@contextlib.contextmanager
def process(folder: Path) -> Iterator[tuple[subprocess.Popen[str], httpx.Client]]:
    """A server in a process of its own."""
    with subprocess.Popen(
        [sys.executable, "-c", SERVER, str(folder)], stdout=subprocess.PIPE, text=True, cwd=Path.cwd()
    ) as server:
        assert server.stdout
        port = int(server.stdout.readline())
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}/api/v1", timeout=120) as client:
                yield server, client
        finally:
            server.kill()


@pytest.mark.parametrize("done_before", [0, 40])
def test_killed_and_sent_again_with_its_key_gives_each_article_once(tmp_path: Path, done_before: int) -> None:
    count = 120
    articles = [
        {"text": f"Report number {n} of the day. All is well.", "title": f"T{n}"} for n in range(count)
    ]
    request = {"json": {"articles": articles}, "headers": {"idempotency-key": "nightly"}}
    with process(tmp_path) as (server, client):
        job = client.post("/articles", **request).json()  # type: ignore[arg-type]
        deadline = time.monotonic() + 60
        while client.get("/health").json()["articles"] < done_before and time.monotonic() < deadline:
            time.sleep(0.02)
        os.kill(server.pid, signal.SIGKILL)
        server.wait()
    with process(tmp_path) as (_, client):
        again = client.post("/articles", **request, params={"wait": 60})  # type: ignore[arg-type]
        listed = client.get("/articles", params={"limit": 1000}).json()

    assert (again.json()["id"], again.json()["state"]) == (job["id"], "done")
    assert again.headers["idempotency-replayed"] == "true"
    assert sorted(a["title"] for a in listed["articles"]) == sorted(a["title"] for a in articles)
    with Assistant.open(settings=Settings(data_dir=tmp_path), embedder=WordEmbeddings(64)) as opened:
        assert opened.verify().problems == ()


def test_killed_before_it_was_acknowledged_and_sent_again(tmp_path: Path) -> None:
    """The row of a job is written after its files: what is left of one without a row is swept away."""
    stray = tmp_path / "jobs" / "stray"
    stray.mkdir(parents=True)
    (stray / "000000").write_bytes(b"[]")
    with process(tmp_path) as (_, client):
        assert client.get("/jobs").json() == {"jobs": []}
        for _ in range(100):
            if not stray.exists():
                break
            time.sleep(0.1)

    assert not stray.exists()
