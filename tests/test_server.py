"""What the web server answers to, what it refuses, and what it sends along."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from assistant.accounts import Accounts
from assistant.assistant import Assistant
from assistant.errors import ConfigError
from assistant.guard import MAX_MESSAGE_BYTES, SECURITY_HEADERS
from assistant.server import create_app, listen
from assistant.settings import ServerSettings, Settings
from tests.fakes import WordEmbeddings
from tests.sources.samples import story_docx, story_pdf

STORY = story_pdf()
HOST = "127.0.0.1:7860"
BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def settings_for(folder: Path, **server: Any) -> Settings:
    return Settings(data_dir=folder / "data", server=ServerSettings(**server))


def client_for(settings: Settings, base_url: str = f"http://{HOST}") -> TestClient:
    assistant = Assistant.open(settings=settings, embedder=WordEmbeddings())
    return TestClient(create_app(assistant, settings), base_url=base_url)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with client_for(settings_for(tmp_path_factory.mktemp("server"), max_upload_mb=1)) as opened:
        yield opened


def test_health_is_ok(client: TestClient) -> None:
    response = client.get("/healthz")

    assert (response.status_code, response.json()) == (200, {"status": "ok"})


def test_page_is_at_the_root(client: TestClient) -> None:
    response = client.get("/")

    assert response.status_code == 200
    assert "Article Assistant" in response.text


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/", {}, 200),
        ("GET", "/healthz", {}, 200),
        ("GET", "/config", {}, 200),
        ("GET", "/no/such/page", {}, 404),
        ("GET", "/", {"host": "evil.example"}, 400),
        ("GET", "/", {"origin": "https://evil.example"}, 403),
        ("GET", "/gradio_api/file=https://evil.example/x", {}, 403),
        ("GET", "/gradio_api/file=/etc/passwd", {}, 403),
        ("POST", "/gradio_api/queue/join", {}, 400),
    ],
)
def test_security_headers_are_on_every_response(
    client: TestClient, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    response = client.request(method, path, headers=headers)

    assert response.status_code == status
    assert {name: response.headers.get(name) for name in SECURITY_HEADERS} == SECURITY_HEADERS


class TestNothing:
    @pytest.mark.parametrize(
        "path", ["/nothing", "/a/b.png?x=<script>", "/gradio_api/nothing", "/login/x", "//x"]
    )
    def test_is_a_page_with_a_way_back_for_a_browser(self, client: TestClient, path: str) -> None:
        response = client.get(f"http://{HOST}{path}", headers=BROWSER)

        assert (response.status_code, response.headers["content-type"]) == (404, "text/html; charset=utf-8")
        assert "There is nothing at this address." in response.text
        assert '<a href="/">' in response.text
        assert "<script" not in response.text
        assert {name: response.headers.get(name) for name in SECURITY_HEADERS} == SECURITY_HEADERS

    def test_of_what_was_deleted_says_so(self, client: TestClient) -> None:
        for path, said in (
            (f"/conversations/{'0' * 24}.html", "There is no such conversation."),
            ("/originals/x/y", "x"),
        ):
            response = client.get(path, headers=BROWSER)
            assert (response.status_code, '<a href="/">' in response.text) == (404, True)
            assert said in response.text

    @pytest.mark.parametrize("path", ["/api", "/api/nothing", "/api/v1/nothing", "/api/v1/articles/x"])
    def test_is_a_problem_for_a_program_whatever_it_accepts(self, client: TestClient, path: str) -> None:
        local = TestClient(client.app, base_url=f"http://{HOST}", client=("127.0.0.1", 5))
        response = local.get(path, headers=BROWSER)

        assert (response.status_code, response.headers["content-type"]) == (404, "application/problem+json")
        assert {"type", "title", "status", "detail"} <= response.json().keys()

    def test_is_openais_error_for_its_clients(self, client: TestClient) -> None:
        local = TestClient(client.app, base_url=f"http://{HOST}", client=("127.0.0.1", 5))
        response = local.get("/v1/nothing", headers=BROWSER)

        assert (response.status_code, response.headers["content-type"]) == (404, "application/json")
        assert response.json()["error"]["message"] == "There is nothing at this address."

    def test_does_not_hide_what_is_there(self, client: TestClient) -> None:
        response = client.get("/", headers=BROWSER)
        assert (response.status_code, "<gradio-app" in response.text) == (200, True)
        assert client.get("/nothing").headers["content-type"] == "application/json"


class TestHost:
    @pytest.mark.parametrize("host", ["127.0.0.1", HOST, "localhost", "LOCALHOST:9", "[::1]", "[::1]:7860"])
    def test_own_names_are_answered(self, client: TestClient, host: str) -> None:
        assert client.get("/healthz", headers={"host": host}).status_code == 200

    @pytest.mark.parametrize(
        "host",
        [
            "evil.example",
            "127.0.0.1.evil.example",
            "localhost.evil.example",
            "evil.example:7860",
            "192.168.1.7",
            "[::1",
            "",
            "evil.example@127.0.0.1.evil.example",
        ],
    )
    def test_other_names_are_refused(self, client: TestClient, host: str) -> None:
        response = client.get("/healthz", headers={"host": host})

        assert (response.status_code, response.text) == (
            400,
            "This server does not answer to that host name.",
        )

    def test_host_of_the_settings_is_answered(self, tmp_path: Path) -> None:
        client = client_for(settings_for(tmp_path, host="assistant.intranet.example", without_password=True))
        hosts = {"assistant.intranet.example:7860": 200, "other.intranet.example": 400}

        assert {host: client.get("/healthz", headers={"host": host}).status_code for host in hosts} == hosts

    @pytest.mark.parametrize("bound_to", ["0.0.0.0", "::"])
    def test_server_on_every_address_answers_to_addresses_and_its_own_name(
        self, tmp_path: Path, bound_to: str
    ) -> None:
        client = client_for(settings_for(tmp_path, host=bound_to, without_password=True))
        hosts = {
            "192.168.1.7:7860": 200,
            "[fe80::1]:7860": 200,
            "localhost:7860": 200,
            socket.gethostname(): 200,
            "evil.example": 400,
            "192.168.1.7.evil.example": 400,
        }

        assert {host: client.get("/healthz", headers={"host": host}).status_code for host in hosts} == hosts


class TestOrigin:
    @pytest.mark.parametrize(
        "origin",
        [
            "https://evil.example",
            "http://127.0.0.1:9999",
            "http://127.0.0.1",
            "http://localhost:7860",
            "null",
            "http://127.0.0.1:7860.evil.example",
            "http://[",
        ],
    )
    @pytest.mark.parametrize("path", ["/gradio_api/queue/join", "/gradio_api/upload", "/healthz"])
    def test_foreign_one_is_refused(self, client: TestClient, origin: str, path: str) -> None:
        response = client.post(path, headers={"origin": origin}, json={})

        assert (response.status_code, response.text) == (
            403,
            "Requests from pages of other sites are refused.",
        )
        assert "access-control-allow-origin" not in response.headers

    def test_own_one_is_let_through(self, client: TestClient) -> None:
        files = {"files": ("a.txt", b"text")}
        response = client.post("/gradio_api/upload", headers={"origin": f"http://{HOST}"}, files=files)

        assert response.status_code == 200


class TestFetchingAddresses:
    FORMS = (
        "/gradio_api/file=http://evil.example/x",
        "/gradio_api/file=https://evil.example/x",
        "/gradio_api/file=HTTPS://evil.example/x",
        "/gradio_api/file=%68ttps://evil.example/x",
        "/gradio_api/file=https%3A%2F%2Fevil.example/x",
        "/gradio_api/file=https%253A%252F%252Fevil.example/x",
        "/gradio_api/file%3Dhttps://evil.example/x",
        "/gradio_api/file%253Dhttps://evil.example/x",
        "/gradio_api/%66ile=https://evil.example/x",
        "/gradio_api/file=//evil.example/x",
        "/gradio_api/file=%2F%2Fevil.example/x",
        "/gradio_api/file=%5C%5Cevil.example/x",
        "/gradio_api/file=%20https://evil.example/x",
        "/gradio_api/file=%09https://evil.example/x",
        "/gradio_api/file=ftp://evil.example/x",
        "/gradio_api/file=file:///etc/passwd",
        "/gradio_api/file=gopher://evil.example/x",
        "/gradio_api/file/https://evil.example/x",
        "/gradio_api/proxy=https://evil.example/x",
        "/gradio_api/proxy=evil.hf.space/x",
        "/gradio_api/proxy%3Dhttps://evil.example/x",
        "/gradio_api/%70roxy=https://evil.example/x",
        "/gradio_api/file=" + "%25" * 9 + "68ttps://evil.example/x",
        "/gradio_api/file=" + "%2525252525252568ttps://evil.example/x",
    )

    @pytest.mark.parametrize("method", ["GET", "HEAD"])
    @pytest.mark.parametrize("path", FORMS)
    def test_is_refused_in_every_form(self, client: TestClient, method: str, path: str) -> None:
        assert client.request(method, path).status_code == 403

    def test_uploads_are_handed_to_nobody(self, client: TestClient) -> None:
        (path,) = client.post("/gradio_api/upload", files={"files": ("a.txt", b"text")}).json()

        assert client.get(f"/gradio_api/file={path}").status_code == 403
        assert client.get(f"/gradio_api/file/{path}").status_code == 403


class TestFilesOfEvents:
    """Gradio itself reads any file, and fetches any address, that an event of a mounted app names."""

    def add(self, client: TestClient, *files: dict[str, Any]) -> Any:
        upload = next(
            dependency["id"]
            for dependency in client.get("/config").json()["dependencies"]
            if dependency["api_name"] == "add"
        )
        named = [{**file, "meta": {"_type": "gradio.FileData"}} for file in files]
        message = {"data": [named, None], "fn_index": upload, "session_hash": "abc"}
        return client.post("/gradio_api/queue/join", json=message)

    def test_uploads_are_taken(self, client: TestClient) -> None:
        (path,) = client.post("/gradio_api/upload", files={"files": ("a.txt", b"text")}).json()

        assert self.add(client, {"path": path, "orig_name": "a.txt"}).status_code == 200

    @pytest.mark.parametrize(
        "path",
        [
            "/etc/passwd",
            "app.py",
            "https://evil.example/a.txt",
            "http://127.0.0.1:1/",
            "{uploads}/../catalog.sqlite",
            "{uploads}-elsewhere/a.txt",
            "a\x00b",
            "",
            None,
            7,
            ["/etc/passwd"],
        ],
    )
    def test_others_are_refused_anywhere_in_a_message(self, client: TestClient, path: object) -> None:
        (own,) = client.post("/gradio_api/upload", files={"files": ("a.txt", b"text")}).json()
        if isinstance(path, str):
            path = path.replace("{uploads}", str(Path(own).parents[1]))
        response = self.add(client, {"path": own}, {"path": own, "more": [{"path": path}]})

        assert (response.status_code, response.text) == (
            403,
            "Only files that were uploaded here can be used.",
        )

    @pytest.mark.timeout(30)  # it took more than a minute, in which the server answered nobody
    @pytest.mark.parametrize("files", [[{"path": "a/" * 490_000}], [{"path": "a"}] * 60_000])
    def test_what_would_take_long_to_look_at_is_refused_at_once(
        self, client: TestClient, files: list[dict[str, str]]
    ) -> None:
        response = client.post("/gradio_api/queue/join", json={"data": files})

        assert response.status_code == 403

    def test_link_out_of_the_uploads_is_refused(self, client: TestClient, tmp_path: Path) -> None:
        (own,) = client.post("/gradio_api/upload", files={"files": ("a.txt", b"text")}).json()
        link = Path(own).with_name("link.txt")
        link.symlink_to(tmp_path)

        assert self.add(client, {"path": str(link)}).status_code == 403

    @pytest.mark.parametrize("body", [b"", b"path=/etc/passwd", b"[" * 100_000, b'{"path": "/etc/pass'])
    def test_what_is_not_json_is_refused(self, client: TestClient, body: bytes) -> None:
        assert client.post("/gradio_api/queue/join", content=body).status_code == 400

    @pytest.mark.parametrize(
        "name", ["process_recording", "component_server", "vibe-edit", "run/ask", "call/ask", "x"]
    )
    def test_routes_that_the_page_does_not_use_are_shut(self, client: TestClient, name: str) -> None:
        assert client.post(f"/gradio_api/{name}", json={}).status_code == 403
        assert client.put(f"/gradio_api/{name}", json={}).status_code == 403


class TestUploads:
    def test_lie_in_the_data_folder_in_a_private_place(self, tmp_path: Path) -> None:
        settings = settings_for(tmp_path)
        client = client_for(settings)
        (path,) = client.post("/gradio_api/upload", files={"files": ("a.txt", b"text")}).json()
        uploads = settings.data_dir / "uploads"

        assert Path(path).is_relative_to(uploads)
        assert uploads.stat().st_mode & 0o777 == 0o700
        assert os.environ["GRADIO_ANALYTICS_ENABLED"] == "False"

    def test_larger_than_the_setting_is_refused(self, client: TestClient) -> None:
        files = {"files": ("a.txt", b"x" * (1024 * 1024 + 1))}

        assert client.post("/gradio_api/upload", files=files).status_code == 413

    def test_many_at_once_are_refused(self, client: TestClient) -> None:
        files = [("files", (f"{n}.txt", b"x" * (1024 * 1024))) for n in range(21)]

        assert client.post("/gradio_api/upload", files=files).status_code == 413

    def test_other_requests_stay_small(self, client: TestClient) -> None:
        body = b'"' + b"x" * MAX_MESSAGE_BYTES + b'"'

        assert client.post("/gradio_api/queue/join", content=body).status_code == 413

    def test_body_of_unknown_length_is_refused(self, client: TestClient) -> None:
        assert client.post("/gradio_api/queue/join", content=iter([b"{}"])).status_code == 411


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json", "/monitoring"])
def test_nothing_beside_the_page_is_open(client: TestClient, path: str) -> None:
    assert client.get(path).status_code in (401, 403, 404)


def test_port_in_use_names_the_option(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        settings = settings_for(tmp_path, port=port)
        with pytest.raises(ConfigError) as raised:
            listen(settings)

    assert str(port) in str(raised.value)
    assert "--port" in raised.value.hint


class TestOriginals:
    """Files that came from anywhere: a PDF and text are shown, nothing is live."""

    @pytest.fixture
    def served(self, tmp_path: Path) -> Iterator[tuple[TestClient, Assistant]]:
        settings = settings_for(tmp_path)
        with Assistant.open(settings=settings, embedder=WordEmbeddings()) as assistant:
            yield TestClient(create_app(assistant, settings), base_url=f"http://{HOST}"), assistant

    def address(self, assistant: Assistant) -> str:
        (article,) = assistant.articles()
        return f"/originals/{article.id}/{article.version}"

    def test_a_pdf_is_shown_as_one(self, served: tuple[TestClient, Assistant]):
        client, assistant = served
        assistant.add(STORY, name="a.pdf")
        response = client.get(self.address(assistant))
        assert (response.status_code, response.content) == (200, STORY)
        assert response.headers["content-type"] == "application/pdf"
        assert response.headers["content-disposition"].startswith("inline; ")
        assert response.headers["content-security-policy"].startswith("default-src 'none'; ")
        assert response.headers["x-content-type-options"] == "nosniff"
        part = client.get(self.address(assistant), headers={"range": "bytes=0-3"})
        assert (part.status_code, part.content) == (206, b"%PDF")

    @pytest.mark.parametrize("name", ["page.html", "page.txt", "page"])
    def test_a_page_is_never_live(self, served: tuple[TestClient, Assistant], name: str):
        client, assistant = served
        page = (
            b"<!doctype html><html><body><p>A page with a script.</p><script>alert(1)</script></body></html>"
        )
        assert assistant.add(page, name=name).added
        response = client.get(self.address(assistant))
        assert response.content == page
        kind = response.headers["content-type"].partition(";")[0]
        disposition = response.headers["content-disposition"].partition(";")[0]
        assert (kind, disposition) in {("text/plain", "inline"), ("application/octet-stream", "attachment")}
        assert response.headers["content-security-policy"].endswith("; sandbox")

    def test_anything_else_is_saved(self, served: tuple[TestClient, Assistant]):
        client, assistant = served
        assert assistant.add(story_docx(), name="a.docx").added
        headers = client.get(self.address(assistant)).headers
        assert headers["content-type"] == "application/octet-stream"
        assert headers["content-disposition"].startswith("attachment; ")

    @pytest.mark.parametrize(
        "path",
        [
            "/originals/zzzzzzzzzzzz/0",
            "/originals/..%2f..%2fcatalog.sqlite/0",
            "/originals/%2e%2e/%2e%2e",
            "/originals/" + "a" * 5000 + "/0",
            "/originals/%00%00%00%00%00%00%00/0",
        ],
    )
    def test_what_is_not_kept_is_not_found(self, served: tuple[TestClient, Assistant], path: str):
        client, assistant = served
        assistant.add(STORY, name="a.pdf")
        assert client.get(path).status_code == 404
        assert client.get(self.address(assistant) + "0").status_code == 404
        assert client.post(self.address(assistant), json={}).status_code in (404, 405)

    def test_who_has_to_log_in_gets_no_file_before(self, served: tuple[TestClient, Assistant]):
        client, assistant = served
        assistant.add(STORY, name="a.pdf")
        Accounts(assistant.corpus.data_dir).put("ann", "a password of some length")
        response = client.get(self.address(assistant))
        assert (response.status_code, response.text) == (401, "Log in first.")

    def test_other_names_and_sites_are_refused(self, served: tuple[TestClient, Assistant]):
        client, assistant = served
        assistant.add(STORY, name="a.pdf")
        address = self.address(assistant)
        assert client.get(address, headers={"host": "evil.example"}).status_code == 400
        assert client.get(address, headers={"origin": "https://evil.example"}).status_code == 403
