"""Articles over HTTP: listed by pages, read, taken out and brought back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from assistant.api import article_schemas
from assistant.assistant import Assistant
from assistant.stores.tokens import TokenStore
from tests.api.conftest import ARTICLES, open_assistant, serving, settings_for
from tests.api.test_problems import problem
from tests.fakes import make_article

BAKU, LION, FLOOD = ARTICLES


class TestList:
    def test_pages_hold_every_article_once_in_order(self, client: httpx.Client) -> None:
        seen, cursor = [], ""
        while cursor is not None:
            page = client.get("/articles", params={"limit": 2, "cursor": cursor}).json()
            assert article_schemas.ArticleList.model_validate(page).model_dump() == page
            assert page["total"] == 3
            seen.append([article["title"] for article in page["articles"]])
            cursor = page["next"]

        assert seen == [["Talks in Baku", "Lion"], ["Flood"]]

    def test_can_be_narrowed_and_sorted(self, client: httpx.Client) -> None:
        def titles(**params: str) -> list[str]:
            return [article["title"] for article in client.get("/articles", params=params).json()["articles"]]

        assert titles(q="lion") == ["Lion"]
        assert titles(source="Gazette") == ["Talks in Baku"]
        assert titles(published_to="2024-10-31") == ["Lion"]
        assert titles(sort="title", order="asc") == ["Flood", "Lion", "Talks in Baku"]

    @pytest.mark.parametrize(
        "params",
        [
            {"limit": "0"},
            {"limit": "1001"},
            {"limit": "x"},
            {"cursor": "x"},
            {"cursor": "WyJhIl0="},
            {"cursor": "\ud800".encode("utf-8", "surrogatepass")},
            {"sort": "colour"},
            {"order": "up"},
            {"published_from": "yesterday"},
            {"published_from": "2024-11-02", "published_to": "2024-11-01"},
            {"q": "x" * 1001},
        ],
        ids=str,
    )
    def test_wrong_question_is_a_problem(self, client: httpx.Client, params: dict[str, str]) -> None:
        problem(client.get("/articles", params=params), 422)

    def test_cursor_of_another_order_is_a_problem(self, client: httpx.Client) -> None:
        cursor = client.get("/articles", params={"limit": 1}).json()["next"]

        problem(client.get("/articles", params={"cursor": cursor, "sort": "title"}), 422)


class TestOne:
    def test_is_read_with_its_text(self, client: httpx.Client) -> None:
        article = client.get(f"/articles/{BAKU.id}").json()

        assert article_schemas.Article.model_validate(article).model_dump() == article
        assert (article["text"], article["title"], article["version"]) == (
            BAKU.text,
            BAKU.title,
            BAKU.version,
        )

    def test_version_of_a_citation_can_be_read_later(self, tmp_path: Path) -> None:
        old = make_article("Ding met Sharif in Baku.", url="https://example.org/a")
        new = make_article("Ding met nobody.", url="https://example.org/a")
        with open_assistant(settings_for(tmp_path), (old,)) as opened, serving(opened) as address:
            opened.add([new])
            article = httpx.get(f"{address}/api/v1/articles/{old.id}", params={"version": old.version}).json()
            present = httpx.get(f"{address}/api/v1/articles/{old.id}").json()

        assert (article["text"], present["text"]) == (old.text, new.text)
        assert article["note"].startswith("Of an older version")

    @pytest.mark.parametrize("article_id", ["0" * 24, "f" * 24])
    def test_unknown_one_is_a_problem(self, client: httpx.Client, article_id: str) -> None:
        problem(client.get(f"/articles/{article_id}"), 404)
        problem(client.delete(f"/articles/{article_id}"), 404)
        problem(client.post(f"/articles/{article_id}/undo"), 404)
        problem(client.get(f"/articles/{BAKU.id}", params={"version": article_id}), 404)

    @pytest.mark.parametrize("article_id", ["x", "0" * 23, "%00", "0" * 5000, "..%2f..%2fetc"])
    def test_what_is_no_id_is_a_problem(self, client: httpx.Client, article_id: str) -> None:
        assert client.get(f"/articles/{article_id}").status_code in (404, 422)


class TestRemoval:
    @pytest.fixture
    def opened(self, tmp_path: Path) -> Iterator[tuple[Assistant, httpx.Client]]:
        with (
            open_assistant(settings_for(tmp_path)) as opened,
            serving(opened) as address,
            httpx.Client(base_url=f"{address}/api/v1", timeout=60) as client,
        ):
            yield opened, client

    def test_removed_article_is_found_no_more_and_comes_back(
        self, opened: tuple[Assistant, httpx.Client]
    ) -> None:
        assistant, client = opened

        def found() -> list[str]:
            hits = client.post("/search", json={"query": "lion"}).json()["hits"]
            return [hit["title"] for hit in hits if hit["title"] == "Lion"]

        removed = client.delete(f"/articles/{LION.id}")
        assert (removed.status_code, removed.json()["title"], found()) == (200, "Lion", [])
        assert article_schemas.ArticleHead.model_validate(removed.json()).model_dump() == removed.json()
        trash = client.get("/trash").json()
        assert article_schemas.Trash.model_validate(trash).model_dump() == trash
        assert [article["id"] for article in trash["articles"]] == [LION.id]
        assert assistant.corpus.count() == 2

        back = client.post(f"/articles/{LION.id}/undo")
        assert (back.status_code, found(), client.get("/trash").json()) == (200, ["Lion"], {"articles": []})


def test_reader_may_not_change_anything(tmp_path: Path) -> None:
    with open_assistant(settings_for(tmp_path, require_token=True)) as opened, serving(opened) as address:
        _, reader = TokenStore(opened.corpus.data_dir).create("reader", ["read"])
        headers = {"authorization": f"Bearer {reader}"}
        with httpx.Client(base_url=f"{address}/api/v1", headers=headers) as client:
            body = {"articles": [{"text": "New."}]}
            assert client.get(f"/articles/{LION.id}").status_code == 200
            problem(client.delete(f"/articles/{LION.id}"), 403)
            problem(client.post(f"/articles/{LION.id}/undo"), 403)
            problem(client.post("/articles", json=body), 403)
            problem(client.post("/articles/from-url", json={"url": "https://example.org/"}), 403)
            problem(client.post("/articles/upload", files={"files": ("a.txt", b"New.")}), 403)
            assert client.get("/jobs").json() == {"jobs": []}
        assert opened.corpus.count() == 3


def test_server_that_takes_no_changes_says_so(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    with open_assistant(settings) as opened:
        read_only = settings.model_copy(
            update={"server": settings.server.model_copy(update={"read_only": True})}
        )
        with (
            serving(opened, settings=read_only) as address,
            httpx.Client(base_url=f"{address}/api/v1") as client,
        ):
            problem(client.post("/articles", json={"articles": [{"text": "New."}]}), 403)
            problem(client.delete(f"/articles/{LION.id}"), 403)
            problem(client.post("/conversations", json={"question": "Who met in Baku?"}), 403)
            assert client.post("/ask", json={"question": "Who met Sharif in Baku?"}).json()["citations"]
            assert client.get("/jobs").json() == {"jobs": []}
