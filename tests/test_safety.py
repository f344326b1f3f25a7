"""Two people on one server, over HTTP: what one of them cannot get at, whatever is tried."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from assistant.access import check_exposure
from assistant.accounts import Accounts
from assistant.assistant import Assistant
from assistant.entrance import OWNER_HEADER, VISITOR, owner_of
from assistant.errors import ConfigError, ReadOnlyError
from assistant.server import create_app
from assistant.settings import AnsweringSettings, ServerSettings, Settings
from tests.fakes import WordEmbeddings, make_article

HOST = "127.0.0.1:7860"
BAKU = make_article(url="https://gazette.example/baku")
KINDS = ("md", "json", "html")


def settings_for(folder: Path, **server: Any) -> Settings:
    answering = AnsweringSettings(min_score=0.0)
    return Settings(data_dir=folder / "data", server=ServerSettings(**server), answering=answering)


def opened(settings: Settings) -> Assistant:
    assistant = Assistant.open(settings=settings, embedder=WordEmbeddings())
    assistant.add(BAKU)
    return assistant


def browser(assistant: Assistant) -> TestClient:
    """A new one: nobody has seen it before."""
    app = create_app(assistant, assistant.settings)
    return TestClient(app, base_url=f"http://{HOST}", client=("127.0.0.1", 50_000))


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    with opened(settings_for(tmp_path_factory.mktemp("safety"))) as one:
        yield one


@pytest.fixture(scope="module")
def people(assistant: Assistant) -> tuple[TestClient, TestClient, str]:
    """Two browsers of one server, and the id of a conversation of the first one."""
    app = create_app(assistant, assistant.settings)
    ann, bob = (TestClient(app, base_url=f"http://{HOST}") for _ in range(2))
    owners = []
    for client in (ann, bob):
        client.get("/")
        owners.append(client.cookies[VISITOR])
    kept = assistant.conversations.keep(owner_of(owners[0]), assistant.ask("Who met in Baku?"))
    return ann, bob, kept.conversation_id


class TestDownloads:
    def test_are_for_whoever_has_the_conversation(self, people: Any) -> None:
        ann, bob, name = people
        for kind in KINDS:
            mine, other = (client.get(f"/conversations/{name}.{kind}") for client in (ann, bob))
            assert mine.status_code == 200
            assert "Sharif" in mine.text
            assert mine.headers["cache-control"] == "no-store"
            assert (other.status_code, other.text) == (404, "There is no such conversation.")

    def test_say_the_same_of_what_is_another_ones_and_what_is_not_there(self, people: Any) -> None:
        _, bob, name = people
        there, nowhere = (bob.get(f"/conversations/{one}.json") for one in (name, "0" * 24))
        assert (there.status_code, there.content) == (nowhere.status_code, nowhere.content)

    @pytest.mark.parametrize(
        "cookie",
        [
            "",
            f"{VISITOR}=",
            f"{VISITOR}={'a' * 32}",
            f"{VISITOR}=%",
            f"{VISITOR}=' OR 1=1 --",
            f"{VISITOR}=visitor:0",
            "assistant_session=x",
            f"{VISITOR}={'a' * 32}; {VISITOR}=",
        ],
    )
    def test_are_for_no_foreign_cookie(self, people: Any, assistant: Assistant, cookie: str) -> None:
        *_, name = people
        response = browser(assistant).get(f"/conversations/{name}.json", headers={"cookie": cookie})
        assert response.status_code == 404

    def test_are_for_nobody_who_says_to_be_someone(self, people: Any, assistant: Assistant) -> None:
        *_, name = people
        owner = assistant.conversations.get(name, None).head.owner
        response = browser(assistant).get(f"/conversations/{name}.json", headers={OWNER_HEADER: owner})
        assert response.status_code == 404

    @pytest.mark.parametrize(
        "path",
        [
            "..%2f..%2fassistant.toml.md",
            "../conversations.sqlite.md",
            "%2e%2e/%2e%2e/etc/passwd.json",
            "{name}.exe",
            "{name}.md/",
            "{name}.md%00",
            "{name}",
            "{name:.10}.json",
            "{name}%0d%0aset-cookie:x.json",
            "",
            "a" * 5000 + ".md",
        ],
    )
    def test_have_no_other_address(self, people: Any, path: str) -> None:
        ann, _, name = people
        response = ann.get("/conversations/" + path.format(name=name))
        assert response.status_code in (400, 403, 404)
        assert "Sharif" not in response.text

    def test_run_no_script_of_an_article(self, assistant: Assistant, people: Any) -> None:
        ann, *_ = people
        hostile = "<script>alert(1)</script><img src=//evil.example/x> met Sharif in Baku."
        from assistant.types import Answer, Citation

        article = make_article(hostile, title=hostile, url="javascript:alert(1)", author=hostile)
        answer = Answer(hostile, hostile, (Citation(1, article, 0, len(hostile)),), note=hostile)
        kept = assistant.conversations.keep(owner_of(ann.cookies[VISITOR]), answer)
        page = ann.get(f"/conversations/{kept.conversation_id}.html").text
        assert "<script" not in page
        assert "<img" not in page
        assert "javascript:" not in page
        assert page.count("&lt;script&gt;") >= 5


class TestForms:
    @pytest.mark.parametrize("path", ["/login", "/logout"])
    def test_of_another_site_are_refused(self, people: Any, path: str) -> None:
        ann, *_ = people
        response = ann.post(path, data={"password": "x"}, headers={"origin": "https://evil.example"})
        assert response.status_code == 403

    @pytest.mark.parametrize("path", ["/login", "/logout"])
    def test_that_are_too_large_are_refused(self, people: Any, path: str) -> None:
        ann, *_ = people
        assert ann.post(path, content=b"a" * 2_000_000).status_code == 413


class TestPassword:
    def test_stands_in_front_of_all_that_is_the_page(self, tmp_path: Path) -> None:
        with opened(settings_for(tmp_path, password="open sesame")) as assistant:
            client = browser(assistant)
            paths = (
                "/",
                "/config",
                "/gradio_api/info",
                "/theme.css",
                "/gradio_api/queue/data?session_hash=x",
            )
            assert {client.get(path).status_code for path in paths} == {401}
            message = {"data": ["Who?"], "fn_index": 0, "session_hash": "x"}
            assert client.post("/gradio_api/queue/join", json=message).status_code == 401
            assert client.post("/gradio_api/upload", files={"files": ("a.txt", b"x")}).status_code == 401
            assert client.get("/conversations/" + "0" * 24 + ".json").status_code == 401
            assert client.get("/healthz").status_code == 200
            assert client.post("/login", data={"password": "open sesame"}).status_code == 200
            assert client.get("/config").status_code == 200

    def test_of_accounts_counts_without_a_restart(self, tmp_path: Path) -> None:
        with opened(settings_for(tmp_path)) as assistant:
            client = browser(assistant)
            assert client.get("/config").status_code == 200
            Accounts(assistant.settings.data_dir).put("ann", "correct horse")
            assert client.get("/config").status_code == 401
            client.post("/login", data={"name": "ann", "password": "correct horse"})
            assert client.get("/config").status_code == 200
            Accounts(assistant.settings.data_dir).remove("ann")
            Accounts(assistant.settings.data_dir).put("bob", "correct horse")
            assert client.get("/config").status_code == 401

    def test_of_an_account_made_anew_opens_nothing_of_the_one_before(self, tmp_path: Path) -> None:
        with opened(settings_for(tmp_path)) as assistant:
            accounts = Accounts(assistant.settings.data_dir)
            accounts.put("ann", "correct horse")
            kept = assistant.conversations.keep(
                owner_of("", "ann", accounts.all()["ann"].id), assistant.ask("Who met in Baku?")
            )
            address = f"/conversations/{kept.conversation_id}.md"
            first = browser(assistant)
            first.post("/login", data={"name": "ann", "password": "correct horse"})
            assert first.get(address).status_code == 200
            accounts.remove("ann")
            accounts.put("ann", "correct horse")
            assert first.get(address).status_code == 401
            second = browser(assistant)
            second.post("/login", data={"name": "ann", "password": "correct horse"})
            assert (second.get("/config").status_code, second.get(address).status_code) == (200, 404)


class TestReadOnly:
    @pytest.fixture(scope="class")
    @classmethod
    def demo(cls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
        with opened(settings_for(tmp_path_factory.mktemp("demo"), read_only=True)) as assistant:
            yield assistant

    def test_takes_no_change_whoever_asks_for_it(self, demo: Assistant) -> None:
        browser(demo)  # a server
        attempts = [
            lambda: demo.add(b"text", name="a.txt"),
            lambda: demo.add("https://evil.example/"),
            lambda: demo.add(make_article("Another.")),
            lambda: demo.remove(BAKU.id),
            lambda: demo.edit(BAKU.id, title="x"),
            lambda: demo.undo(BAKU.id),
            lambda: demo.purge(),
            lambda: demo.retry(),
            lambda: demo.verify(repair=True),
            lambda: demo.feeds.subscribe("https://evil.example/"),
            lambda: demo.feeds.unsubscribe("https://evil.example/"),
            lambda: demo.feeds.refresh(),
            lambda: demo.feeds.add("https://evil.example/"),
            lambda: demo.conversations.keep("ann", demo.ask("Who met in Baku?")),
            lambda: demo.conversations.delete_all("ann"),
        ]
        for attempt in attempts:
            with pytest.raises(ReadOnlyError):
                attempt()
        assert [article.id for article in demo.articles()] == [BAKU.id]
        assert demo.ask("Who met in Baku?").citations
        assert demo.verify().is_healthy

    def test_says_so_to_programs(self, demo: Assistant) -> None:
        client = browser(demo)
        added = client.post("/api/v1/articles", json={"articles": [{"text": "Another article."}]})
        assert added.status_code == 403
        assert client.delete(f"/api/v1/articles/{BAKU.id}").status_code == 403
        begun = client.post("/api/v1/conversations", json={"question": "Who met in Baku?"})
        assert begun.status_code == 403
        assert [article.id for article in demo.articles()] == [BAKU.id]

    def test_takes_no_upload(self, demo: Assistant) -> None:
        client = browser(demo)
        client.get("/")
        assert client.post("/gradio_api/upload", files={"files": ("a.txt", b"x")}).status_code == 403
        uploads = demo.settings.data_dir / "uploads"
        assert [path for path in uploads.rglob("*") if path.is_file()] == []


class TestExposure:
    @pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7", "assistant.example", "0", ""])
    def test_a_server_that_others_reach_asks_who_they_are_or_is_meant_not_to(self, host: str) -> None:
        with pytest.raises(ConfigError, match="could read and change") as caught:
            check_exposure(host, asks_who=False, is_meant=False)
        assert "--without-password" in caught.value.hint
        check_exposure(host, asks_who=True, is_meant=False)
        check_exposure(host, asks_who=False, is_meant=True)

    @pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.8.8.8"])
    def test_a_server_of_this_machine_only_needs_nothing(self, host: str) -> None:
        check_exposure(host, asks_who=False, is_meant=False)

    def test_it_is_refused_before_anything_is_served(self, tmp_path: Path) -> None:
        settings = settings_for(tmp_path, host="0.0.0.0")
        with Assistant.open(settings=settings, embedder=WordEmbeddings()) as assistant:
            with pytest.raises(ConfigError):
                create_app(assistant, settings)
            Accounts(settings.data_dir).put("ann", "correct horse")
            create_app(assistant, settings)


def test_a_message_to_the_page_without_a_cookie_keeps_nothing(assistant: Assistant) -> None:
    before = len(assistant.conversations.list(None).heads)
    client = browser(assistant)
    joined = client.post("/gradio_api/call/chat", json={"data": ["Who met in Baku?"]})
    assert joined.status_code == 200
    assert len(assistant.conversations.list(None).heads) == before
    assert json.loads(joined.text)["event_id"]


def test_the_machine_has_a_name(assistant: Assistant) -> None:
    """The guard's check of the host comes before the entrance's of the cookie."""
    response = browser(assistant).get("/", headers={"host": f"{socket.gethostname()}.evil.example"})
    assert (response.status_code, "set-cookie" in response.headers) == (400, False)


class TestProxy:
    """A server of this machine that a proxy hands strangers' requests on to."""

    @pytest.mark.parametrize(
        "headers",
        [
            {"x-forwarded-for": "127.0.0.1"},
            {"x-real-ip": "203.0.113.9"},
            {"forwarded": "for=203.0.113.9"},
            {"via": "1.1 proxy"},
        ],
    )
    def test_hands_on_nobody_as_the_machines_own_user(self, tmp_path: Path, headers: dict[str, str]) -> None:
        with opened(settings_for(tmp_path)) as assistant:
            client = browser(assistant)
            assert client.get("/api/v1/articles").status_code == 200
            assert client.get("/api/v1/articles", headers=headers).status_code == 401
            assert client.post("/mcp", json={}, headers=headers).status_code == 401

    @pytest.mark.parametrize("server", [{"names": ("articles.example",)}, {"password": "open sesame"}])
    def test_is_expected_where_others_are_spoken_of(self, tmp_path: Path, server: dict[str, Any]) -> None:
        with opened(settings_for(tmp_path, **server)) as assistant:
            assert browser(assistant).get("/api/v1/articles").status_code == 401

    def test_is_expected_where_there_are_accounts(self, tmp_path: Path) -> None:
        settings = settings_for(tmp_path)
        with opened(settings) as assistant:
            Accounts(settings.data_dir).put("ann", "open sesame")
            assert browser(assistant).get("/api/v1/articles").status_code == 401


def test_the_last_account_takes_nobody_in_with_it(tmp_path: Path) -> None:
    settings = settings_for(tmp_path, host="192.168.1.7")
    accounts = Accounts(settings.data_dir)
    with opened(settings) as assistant:
        accounts.put("ann", "open sesame")
        app = create_app(assistant, settings)
        client = TestClient(app, base_url="http://192.168.1.7:7860")
        assert client.get("/").status_code == 401
        accounts.remove("ann")
        assert client.get("/").status_code == 503


def test_the_data_folder_is_for_its_owner_only(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    with opened(settings):
        assert settings.data_dir.stat().st_mode & 0o777 == 0o700
