"""Who may ask: this machine without a token, everyone else with one, decided before anything is looked up."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from assistant.access import LOCAL, Access, Caller, Scope
from assistant.assistant import Assistant
from assistant.stores.tokens import TokenStore
from tests.api.conftest import open_assistant, serving, settings_for

REMOTE = "203.0.113.9"


class OneToken:
    """A store with one token, which counts how often it is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def find(self, secret: str) -> Caller | None:
        self.asked.append(secret)
        return Caller("t", frozenset({Scope.READ})) if secret == "right" else None


class TestDecision:
    @pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.0.0.2"])
    def test_loopback_is_open_to_its_machine(self, host: str) -> None:
        access = Access(host, OneToken())

        assert access.caller("127.0.0.1", "") == access.caller("::1", "Bearer wrong") == LOCAL
        assert access.caller(REMOTE, "") is None  # as a proxy in front says

    @pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7", "assistant.example", ""])
    def test_any_other_address_demands_a_token(self, host: str) -> None:
        access = Access(host, OneToken())

        assert access.caller("127.0.0.1", "") is None
        assert access.caller("127.0.0.1", "Bearer right") == Caller("t", frozenset({Scope.READ}))

    def test_the_setting_demands_one_of_this_machine(self) -> None:
        assert Access("127.0.0.1", OneToken(), require_token=True).caller("127.0.0.1", "") is None

    @pytest.mark.parametrize(
        "header", ["", "right", "Basic right", "Bearer", "Bearer ", "Bearer wrong", "Bearer right x"]
    )
    def test_whatever_is_not_a_token_is_none(self, header: str) -> None:
        assert Access("0.0.0.0", OneToken()).caller(REMOTE, header) is None

    def test_nothing_is_looked_up_without_one(self) -> None:
        tokens = OneToken()
        Access("0.0.0.0", tokens).caller(REMOTE, "")

        assert tokens.asked == []


class TestStore:
    def test_only_a_hash_is_kept_in_a_private_file(self, tmp_path: Path) -> None:
        store = TokenStore(tmp_path)
        token, secret = store.create("script", ["write", "read"])
        store.close()

        assert (token.scopes, token.name, len(secret) > 40) == (("read", "write"), "script", True)
        assert all(secret.encode() not in file.read_bytes() for file in tmp_path.iterdir())
        assert (tmp_path / "tokens.sqlite").stat().st_mode & 0o777 == 0o600

    def test_revoked_token_is_gone_at_once(self, tmp_path: Path) -> None:
        store, other = TokenStore(tmp_path), TokenStore(tmp_path)
        token, secret = store.create("script", ["read"])

        assert other.with_secret(secret) == token
        assert store.revoke(token.id) == token
        assert (other.with_secret(secret), other.all(), store.revoke(token.id)) == (None, [], None)

    def test_reading_makes_no_file(self, tmp_path: Path) -> None:
        assert (TokenStore(tmp_path).all(), list(tmp_path.iterdir())) == ([], [])

    def test_damaged_file_lets_nobody_in(self, tmp_path: Path) -> None:
        (tmp_path / "tokens.sqlite").write_bytes(b"x" * 5000)

        with pytest.raises(Exception, match="damaged"):
            TokenStore(tmp_path).with_secret("x")


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Assistant, str]]:
    """A server whose settings are those of one that others can reach; the test comes by loopback."""
    folder = tmp_path_factory.mktemp("guarded")
    settings = settings_for(folder, host="0.0.0.0", without_password=True)
    with open_assistant(settings) as opened, serving(opened) as address:
        yield opened, address


ASKED = [
    ("GET", "/api/v1/health"),
    ("GET", "/api/v1/nothing"),
    ("POST", "/api/v1/search"),
    ("DELETE", "/api/v1/search"),
    ("POST", "/api/v1/ask"),
    ("GET", "/api/v1/openapi.json"),
    ("GET", "/api/v7"),
    ("GET", "/v1/models"),
    ("POST", "/v1/chat/completions"),
]


@pytest.mark.parametrize(
    "header", [{}, {"authorization": "Bearer aat_wrong"}, {"authorization": "Basic eDp5"}]
)
def test_without_a_token_all_get_the_same_bytes(
    guarded: tuple[Assistant, str], header: dict[str, str]
) -> None:
    seen = set()
    for method, path in ASKED:
        for body in (b"", b'{"query": "Baku"}', b"[" * 1000):
            response = httpx.request(method, guarded[1] + path, content=body, headers=header)
            kept = {n: v for n, v in response.headers.items() if n != "date"}
            seen.add((response.status_code, response.content, tuple(sorted(kept.items()))))

    ((status, body, headers),) = seen
    assert (status, dict(headers)["www-authenticate"]) == (401, "Bearer")


def test_token_opens_what_its_scopes_say(guarded: tuple[Assistant, str]) -> None:
    opened, address = guarded
    store = TokenStore(opened.corpus.data_dir)
    _, reader = store.create("reader", ["read"])
    _, writer = store.create("writer", ["write"])

    def status(token: str, method: str, path: str) -> int:
        headers = {"authorization": f"Bearer {token}"}
        return httpx.request(method, f"{address}/api/v1{path}", headers=headers).status_code

    assert (status(reader, "GET", "/health"), status(writer, "GET", "/health")) == (200, 403)


def test_tokens_that_cannot_be_read_are_an_error_not_an_entry(tmp_path: Path) -> None:
    settings = settings_for(tmp_path, host="0.0.0.0", without_password=True)
    with open_assistant(settings) as opened:
        TokenStore(opened.corpus.data_dir).create("x", ["read"])
        with sqlite3.connect(settings.data_dir / "tokens.sqlite") as db:
            db.execute("DROP TABLE tokens")
        db.close()
        with serving(opened) as address:
            response = httpx.get(f"{address}/api/v1/health", headers={"authorization": "Bearer aat_x"})

    assert response.status_code == 401
