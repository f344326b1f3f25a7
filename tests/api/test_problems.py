"""Whatever is wrong with a request is said as problem details, and costs nothing."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from assistant.api import schemas
from assistant.api.gate import MAX_DEPTH, depth

DEEP = "[" * 100_000
NAUGHTY = (
    "",
    "\x00",
    "null",
    "' OR 1=1 --",
    "<script>alert(1)</script>",
    "../../../etc/passwd",
    "\u202etest\u202c",
    "\ufeff",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "Z̮̞̠͙͔ͅḀ̗̞͈̻̗Ḷ͙͎̯̹̞͓G̻O̭̗̮",
    "%s%s%s%n",
    "{{7*7}} ${7*7}",
    'AND OR NOT ( " : ^ * ~ [ TO ] {',
    "x" * 10_000,
    "\n".join("a" * 50),
)


def problem(response: httpx.Response, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    schemas.ProblemDetails.model_validate(body)
    assert body["status"] == status
    return body


@pytest.mark.parametrize("path", ["/nothing", "/search/", "/ask/x", "/", ""])
def test_unknown_address_is_a_problem(client: httpx.Client, path: str) -> None:
    problem(client.get(path), 404)


@pytest.mark.parametrize("path", ["/api", "/api/", "/api/v2/search", "/api/v1x", "/api/v1/a%0Ab"])
def test_so_is_one_beside_the_version(address: str, path: str) -> None:
    problem(httpx.get(address + path), 404)


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_other_method_is_a_problem(client: httpx.Client, method: str) -> None:
    response = client.request(method, "/search")

    problem(response, 405)
    assert response.headers["allow"] == "POST"


def test_all_methods_of_an_address_are_named(client: httpx.Client) -> None:
    assert client.put("/articles").headers["allow"] == "GET, POST"
    assert client.get("/articles/upload").headers["allow"] == "POST"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422),
        (b"{", 400),
        (b"query=x", 400),
        (b"\xff\xfe", 400),
        (b'"\xff"', 400),
        (DEEP.encode(), 400),
        (b'{"query": ' + DEEP.encode() + b"}", 400),
        (b'{"query": "x", "top_k": ' + b"9" * 5000 + b"}", 400),
        (b"[]", 422),
        (b"null", 422),
        (b'"query"', 422),
        (b"{}", 422),
        (b'{"query": null}', 422),
        (b'{"query": 7}', 422),
        (b'{"query": ["x"]}', 422),
        (b'{"query": "\\ud800"}', 422),
        (b'{"query": "x", "top_k": 0}', 422),
        (b'{"query": "x", "top_k": 101}', 422),
        (b'{"query": "x", "top_k": "5"}', 422),
        (b'{"query": "x", "top_k": NaN}', 422),
        (b'{"query": "x", "top_k": Infinity}', 422),
        (b'{"query": "x", "top_k": 1e999}', 422),
        (b'{"query": "x", "top_k": true}', 422),
        (b'{"query": "x", "more": 1}', 422),
        (b'{"query": "x", "\\ud800": 1}', 422),
        (b'{"query": "x", "filters": {"published_from": 1731456000}}', 422),
        (b'{"query": "x", "filters": {"published_from": "13.11.2024"}}', 422),
        (b'{"query": "x", "filters": {"published_from": "2024-02-30"}}', 422),
        (b'{"query": "x", "filters": {"published_from": "2024-11-02", "published_to": "2024-11-01"}}', 422),
        (b'{"query": "x", "filters": {"sources": "Gazette"}}', 422),
        (b'{"query": "x", "filters": {"sources": [7]}}', 422),
        (b'{"query": "' + b"x" * 10_001 + b'"}', 422),
        (b'{"query": "' + b"x" * 1_100_000 + b'"}', 413),
    ],
)
def test_wrong_body_is_a_problem(client: httpx.Client, body: bytes, status: int) -> None:
    response = client.post("/search", content=body, headers={"content-type": "application/json"})

    problem(response, status)


def test_what_is_wrong_is_said_where_it_is(client: httpx.Client) -> None:
    body = problem(client.post("/ask", json={"question": "x", "history": [{"role": "system"}]}), 422)

    assert [wrong["pointer"] for wrong in body["errors"]] == ["#/history/0/role", "#/history/0/text"]


def test_body_that_does_not_say_its_length_is_bounded_all_the_same(client: httpx.Client) -> None:
    def parts() -> Any:
        yield b'{"query": "'
        for _ in range(20):
            yield b"x" * 100_000
        yield b'"}'

    problem(client.post("/search", content=parts(), headers={"content-type": "application/json"}), 413)


@pytest.mark.parametrize("text", NAUGHTY, ids=range(len(NAUGHTY)))
def test_naughty_text_is_only_text(client: httpx.Client, text: str) -> None:
    assert client.post("/search", json={"query": text}).status_code == 200
    answer = client.post("/ask", json={"question": text})
    assert answer.status_code == 200
    assert json.loads(answer.text)["text"] == "" or answer.json()["citations"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [(b"", 0), (b"[[]]", 2), (b'{"a": "[[["}', 1), (rb'"\"[["', 0), (b'{"a": [{}]}', 3), (b'"[[', 0)],
)
def test_depth_counts_brackets_outside_of_strings(body: bytes, expected: int) -> None:
    assert depth(body) == expected


def test_the_deepest_body_allowed_is_read(client: httpx.Client) -> None:
    body = '{"query": ' + "[" * (MAX_DEPTH - 1) + "]" * (MAX_DEPTH - 1) + "}"

    problem(client.post("/search", content=body, headers={"content-type": "application/json"}), 422)


class TestForeignPages:
    @pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1"])
    @pytest.mark.parametrize("path", ["/search", "/nothing"])
    def test_are_refused(self, client: httpx.Client, origin: str, path: str) -> None:
        response = client.post(path, json={"query": "x"}, headers={"origin": origin})

        problem(response, 403)
        assert "access-control-allow-origin" not in response.headers

    def test_are_refused_where_no_origin_is_sent(self, client: httpx.Client) -> None:
        problem(client.get("/health", headers={"sec-fetch-site": "cross-site"}), 403)

    def test_other_host_names_are_refused(self, client: httpx.Client) -> None:
        problem(client.get("/health", headers={"host": "evil.example"}), 400)

    def test_own_page_may_ask(self, client: httpx.Client, address: str) -> None:
        headers = {"origin": address, "sec-fetch-site": "same-origin"}

        assert client.post("/search", json={"query": "x"}, headers=headers).status_code == 200
