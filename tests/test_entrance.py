"""Who comes in: visitors told apart by a cookie, logins, and those who try to be someone else."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from assistant.accounts import Account, Accounts, fits, hashed, is_hashed
from assistant.entrance import (
    MAX_FAILURES,
    OWNER_HEADER,
    SESSION,
    SESSION_SECONDS,
    SHARED,
    VISITOR,
    Entrance,
    account_of,
    owner_of,
)
from assistant.errors import ConfigError

HTML = {"accept": "text/html,application/xhtml+xml"}
FROM_ELSEWHERE = {"sec-fetch-site": "cross-site", "sec-fetch-dest": "document", **HTML}


async def whoami(request: Request) -> PlainTextResponse:
    return PlainTextResponse(request.headers.get(OWNER_HEADER, "nobody"))


def login_page(with_name: bool, problem: str) -> str:
    return f"LOGIN name={with_name} {problem}"


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def accounts_of(known: dict[str, str]) -> dict[str, Account]:
    return {name: Account(password) for name, password in known.items()}


def client_of(known: dict[str, str], clock: Clock | None = None, scheme: str = "http") -> TestClient:
    page = Starlette(routes=[Route("/{path:path}", whoami, methods=["GET", "POST"])])
    entrance = Entrance(page, lambda: accounts_of(known), login_page, clock or Clock())
    return TestClient(entrance, base_url=f"{scheme}://127.0.0.1:7860", follow_redirects=False)


class TestVisitor:
    def test_is_known_again_by_a_cookie_that_no_script_and_no_other_site_gets_at(self) -> None:
        client = client_of({})
        first = client.get("/")
        assert first.text == ""  # this request came without a cookie
        (cookie,) = first.headers.get_list("set-cookie")
        assert re.fullmatch(
            rf"{VISITOR}=[\w-]{{32}}; HttpOnly; Max-Age=31536000; Path=/; SameSite=strict", cookie
        )
        second, third = client.get("/"), client.post("/gradio_api/queue/join")
        assert second.text == third.text
        assert re.fullmatch("visitor:[0-9a-f]{32}", second.text)
        assert "set-cookie" not in second.headers

    def test_of_an_encrypted_connection_has_a_cookie_for_such_only(self) -> None:
        assert "; Secure" in client_of({}, scheme="https").get("/").headers["set-cookie"]

    def test_is_someone_else_in_another_browser(self) -> None:
        first, second = client_of({}), client_of({})
        owners = set()
        for client in (first, second):
            client.get("/")
            owners.add(client.get("/").text)
        assert len(owners) == 2

    @pytest.mark.parametrize("value", ["x", "a" * 31, "a" * 33, "a" * 31 + "!", "", "../" * 20, "a" * 5000])
    def test_cannot_choose_an_id_that_could_be_guessed(self, value: str) -> None:
        response = client_of({}).get("/", headers={"cookie": f"{VISITOR}={value}"})
        assert response.text == ""
        assert VISITOR in response.headers["set-cookie"]

    @pytest.mark.parametrize("name", [OWNER_HEADER, OWNER_HEADER.upper(), OWNER_HEADER.title()])
    def test_cannot_say_who_it_is(self, name: str) -> None:
        response = client_of({}).get("/", headers={name: "account:ann"})
        assert response.text == ""

    def test_is_stored_under_what_does_not_tell_the_cookie(self) -> None:
        cookie = "a" * 32
        assert cookie not in owner_of(cookie)
        assert client_of({}).get("/", headers={"cookie": f"{VISITOR}={cookie}"}).text == owner_of(cookie)

    def test_who_follows_a_link_of_another_site_keeps_the_cookie(self) -> None:
        """Such a request comes without it; a new one would take the place of the old one."""
        client = client_of({})
        response = client.get("/", headers=FROM_ELSEWHERE)
        assert 'http-equiv="refresh"' in response.text
        assert "set-cookie" not in response.headers
        image = client.get("/", headers={"sec-fetch-site": "cross-site", "sec-fetch-dest": "image"})
        assert "set-cookie" not in image.headers


@pytest.fixture(scope="module")
def known() -> dict[str, str]:
    return {"ann": hashed("correct horse"), "bob": hashed("battery staple")}


class TestLogin:
    @pytest.fixture
    def client(self, known: dict[str, str]) -> TestClient:
        return client_of(known)

    def log_in(self, client: TestClient, name: str = "ann", password: str = "correct horse") -> None:
        response = client.post("/login", data={"name": name, "password": password})
        assert (response.status_code, response.headers["location"]) == (303, "/")

    def test_nothing_is_shown_without(self, client: TestClient) -> None:
        for path in ("/", "/config", "/gradio_api/queue/data", "/theme.css", "/login", "/logout", "/..//x"):
            shown = client.get(path, headers=HTML)
            assert (shown.status_code, shown.text) == (401, "LOGIN name=True ")
            assert shown.headers["cache-control"] == "no-store"
            assert client.get(path).text == "Log in first."
        assert client.post("/gradio_api/queue/join", json={}).status_code == 401

    def test_leads_to_the_page_as_whom_one_is(self, client: TestClient) -> None:
        self.log_in(client)
        assert client.get("/").text == "account:ann"
        other = client_of({"ann": hashed("x")})
        other.cookies = client.cookies  # of another server
        assert other.get("/").status_code == 401

    @pytest.mark.parametrize(
        ("name", "password"),
        [
            ("ann", "wrong"),
            ("ann", "battery staple"),
            ("ANN", "correct horse"),
            ("eve", "correct horse"),
            ("", ""),
            (SHARED, "correct horse"),
            ("ann", "correct horse" + "x" * 10_000),
            ("ann\x00", "correct horse"),
        ],
    )
    def test_with_anything_else_leads_nowhere(self, client: TestClient, name: str, password: str) -> None:
        response = client.post("/login", data={"name": name, "password": password})
        assert (response.status_code, response.text) == (401, "LOGIN name=True That is not right.")
        assert SESSION not in client.cookies
        assert client.get("/").status_code == 401

    @pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"a" * 10_000, b"&" * 3000, b'{"name": "ann"}'])
    def test_with_no_form_leads_nowhere(self, client: TestClient, body: bytes) -> None:
        assert client.post("/login", content=body).status_code == 401

    def test_ends_with_a_logout(self, client: TestClient) -> None:
        self.log_in(client)
        stolen = client.cookies[SESSION]
        assert client.post("/logout").status_code == 303
        assert client.get("/").status_code == 401
        assert client.get("/", headers={"cookie": f"{SESSION}={stolen}"}).status_code == 401

    def test_ends_after_its_time(self, known: dict[str, str]) -> None:
        clock = Clock()
        client = client_of(known, clock)
        self.log_in(client)
        clock.now += SESSION_SECONDS - 1
        assert client.get("/").status_code == 200
        clock.now += 2
        assert client.get("/").status_code == 401

    @pytest.mark.parametrize("change", [{}, {"ann": "another hash"}])
    def test_ends_when_the_account_goes_or_changes(
        self, known: dict[str, str], change: dict[str, str]
    ) -> None:
        current = dict(known)
        client = client_of(current)
        self.log_in(client)
        del current["ann"]
        current |= change
        assert client.get("/").status_code == 401

    def test_waits_when_too_many_have_failed(self) -> None:
        clock = Clock()
        client = client_of({SHARED: "secret"}, clock)
        for _ in range(MAX_FAILURES):
            assert client.post("/login", data={"password": "guess"}).status_code == 401
        assert client.post("/login", data={"password": "secret"}).status_code == 429
        clock.now += 61
        assert client.post("/login", data={"password": "secret"}).status_code == 303

    def test_that_are_sent_at_the_same_moment_are_counted_one_by_one(self) -> None:
        page = Starlette(routes=[Route("/{path:path}", whoami, methods=["GET", "POST"])])
        entrance = Entrance(page, lambda: accounts_of({SHARED: "secret"}), login_page, Clock())

        async def guess() -> list[int]:
            transport = httpx.ASGITransport(entrance, client=("203.0.113.9", 1))
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:7860") as client:
                words = ["guess"] * (2 * MAX_FAILURES) + ["secret"]
                answers = await asyncio.gather(*(client.post("/login", data={"password": w}) for w in words))
            return [answer.status_code for answer in answers]

        statuses = asyncio.run(guess())
        assert statuses.count(401) == MAX_FAILURES
        assert statuses[-1] == 429

    def test_who_guesses_locks_out_nobody_elsewhere(self) -> None:
        page = Starlette(routes=[Route("/{path:path}", whoami, methods=["GET", "POST"])])
        entrance = Entrance(page, lambda: accounts_of({SHARED: "secret"}), login_page, Clock())
        stranger, owner = (
            TestClient(
                entrance, base_url="http://127.0.0.1:7860", follow_redirects=False, client=(address, 1)
            )
            for address in ("203.0.113.9", "203.0.113.10")
        )
        for _ in range(MAX_FAILURES + 1):
            stranger.post("/login", data={"password": "guess"})
        assert owner.post("/login", data={"password": "secret"}).status_code == 303

    def test_with_one_password_asks_for_no_name_and_tells_browsers_apart(self) -> None:
        known = {SHARED: hashed("open sesame")}
        first, second = client_of(known), client_of(known)
        assert first.get("/", headers=HTML).text == "LOGIN name=False "
        owners = set()
        for client in (first, second):
            self.log_in(client, "", "open sesame")
            client.get("/")
            owners.add(client.get("/").text)
        assert len(owners) == 2
        assert all(owner.startswith("visitor:") for owner in owners)

    def test_nobody_is_let_in_when_accounts_cannot_be_read(self) -> None:
        def broken() -> dict[str, Account]:
            raise ConfigError("no")

        client = TestClient(Entrance(Starlette(), broken, login_page))
        assert client.get("/").status_code == 503


class TestAccounts:
    @pytest.fixture
    def accounts(self, tmp_path: Path) -> Iterator[Accounts]:
        return Accounts(tmp_path)

    def test_are_kept_as_slow_hashes_that_nobody_else_may_read(
        self, accounts: Accounts, tmp_path: Path
    ) -> None:
        assert accounts.put("ann", "correct horse")
        assert not accounts.put("ann", "battery staple")
        (file,) = tmp_path.iterdir()
        assert file.stat().st_mode & 0o777 == 0o600
        text = file.read_text()
        assert "battery" not in text
        assert "horse" not in text
        known = Accounts(tmp_path).all()["ann"].password
        assert (fits("battery staple", known), fits("correct horse", known)) == (True, False)

    def test_one_that_is_made_again_under_a_removed_ones_name_is_another_one(
        self, accounts: Accounts, tmp_path: Path
    ) -> None:
        accounts.put("ann", "correct horse")
        first = accounts.all()["ann"].id
        accounts.put("ann", "battery staple")  # another password is no other account
        assert Accounts(tmp_path).all()["ann"].id == first
        accounts.remove("ann")
        accounts.put("ann", "correct horse")
        second = Accounts(tmp_path).all()["ann"].id
        assert len({first, second, ""}) == 3
        assert account_of(owner_of("", "ann", second)) == account_of(owner_of("", "ann")) == "ann"
        assert account_of(owner_of("a" * 32)) == account_of("") == ""

    def test_one_of_an_earlier_release_stays_who_it_was(self, accounts: Accounts, tmp_path: Path) -> None:
        (tmp_path / "accounts.json").write_text(json.dumps({"ann": hashed("correct horse")}))
        accounts.put("bob", "battery staple")
        accounts.put("ann", "another horse")
        known = Accounts(tmp_path).all()
        assert owner_of("", "ann", known["ann"].id) == "account:ann"
        assert owner_of("", "bob", known["bob"].id) != "account:bob"
        assert fits("another horse", known["ann"].password)

    def test_the_same_password_has_another_hash_each_time(self) -> None:
        first, second = hashed("correct horse"), hashed("correct horse")
        assert first != second
        assert is_hashed(first)
        assert fits("correct horse", second)

    def test_a_change_of_another_process_counts_at_once(self, accounts: Accounts, tmp_path: Path) -> None:
        assert accounts.all() == {}
        Accounts(tmp_path).put("ann", "correct horse")
        assert list(accounts.all()) == ["ann"]
        assert Accounts(tmp_path).remove("ann")
        assert accounts.all() == {}
        assert not accounts.remove("ann")

    @pytest.mark.parametrize(
        ("name", "password"),
        [
            ("", "correct horse"),
            ("a b", "correct horse"),
            ("ann", "short"),
            ("é", "correct horse"),
            ("a\n", "correct horse"),
        ],
    )
    def test_of_no_use_are_refused(self, accounts: Accounts, name: str, password: str) -> None:
        with pytest.raises(ValueError, match=r"a (name|password) has"):
            accounts.put(name, password)

    @pytest.mark.parametrize(
        "text",
        [
            *("", "[]", "{", "\x00", '{"ann": "plain password"}', '{"ann": 1}', '{"ann": {"id": "ab"}}'),
            json.dumps({"ann": {"password": hashed("correct horse"), "id": "#bob"}}),
        ],
    )
    def test_a_file_that_is_none_lets_nobody_in(self, accounts: Accounts, tmp_path: Path, text: str) -> None:
        (tmp_path / "accounts.json").write_text(text)
        with pytest.raises(ConfigError, match=r"accounts\.json"):
            accounts.all()
