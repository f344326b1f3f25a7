"""Search and questions over HTTP: the same values as in Python."""

from __future__ import annotations

import json
import subprocess
from datetime import date
from typing import Any

import httpx
import pytest

from assistant.api import schemas
from assistant.assistant import Assistant
from assistant.types import Filters, Turn

QUESTION = "Who met Sharif in Baku?"


def events(response: httpx.Response) -> list[tuple[str, Any]]:
    found = []
    for block in response.text.strip().split("\n\n"):
        name, data = block.split("\n")
        found.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return found


def without_time(value: dict[str, Any]) -> dict[str, Any]:
    return {name: part for name, part in value.items() if name != "seconds"}


class TestSearch:
    def test_hits_are_those_of_python(self, client: httpx.Client, assistant: Assistant) -> None:
        found = client.post("/search", json={"query": "Sharif in Baku", "top_k": 2}).json()

        assert found["hits"] == [hit.to_dict() for hit in assistant.search("Sharif in Baku", 2)]
        assert found["hits"][0]["title"] == "Talks in Baku"

    def test_filters_are_those_of_python(self, client: httpx.Client) -> None:
        def titles(**filters: Any) -> list[str]:
            found = client.post("/search", json={"query": "lion Baku river", "filters": filters}).json()
            return sorted(hit["title"] for hit in found["hits"])

        assert titles(published_from="2024-11-01") == ["Talks in Baku"]
        assert titles(published_to="2024-11-01") == ["Lion"]
        assert titles(sources=["herald"]) == ["Lion"]

    def test_answer_is_as_documented(self, client: httpx.Client) -> None:
        found = client.post("/search", json={"query": "Baku"}).json()

        assert schemas.SearchAnswer.model_validate(found).model_dump() == found

    def test_curl_gets_it_too(self, address: str) -> None:
        done = subprocess.run(
            [
                *("curl", "-s", f"{address}/api/v1/search", "-H", "Content-Type: application/json"),
                *("-d", '{"query": "Sharif in Baku", "top_k": 1}'),
            ],
            capture_output=True,
            check=True,
            text=True,
        )

        assert [hit["title"] for hit in json.loads(done.stdout)["hits"]] == ["Talks in Baku"]


class TestAsk:
    def test_what_several_articles_tell_is_gathered_and_its_form_is_named(
        self, client: httpx.Client, assistant: Assistant
    ) -> None:
        answer = client.post("/ask", json={"question": "Summarise the talks in Baku"}).json()

        assert (answer["form"], answer["confidence"]) == ("summary", None)
        assert answer["note"].startswith("Gathered from ")
        for citation in answer["citations"]:
            article = assistant.article(citation["article_id"])
            assert article.text[citation["start_char_index"] : citation["end_char_index"]] in answer["text"]
        assert schemas.Answer.model_validate(answer).form == "summary"

    def test_answer_is_that_of_python(self, client: httpx.Client, assistant: Assistant) -> None:
        answer = client.post("/ask", json={"question": QUESTION}).json()

        assert without_time(answer) == json.loads(json.dumps(without_time(assistant.ask(QUESTION).to_dict())))
        (citation,) = answer["citations"]
        assert {
            name: citation[name]
            for name in ("cited_text", "document_title", "start_char_index", "end_char_index")
        } == {
            "cited_text": "Ding met Sharif in Baku.",
            "document_title": "Talks in Baku",
            "start_char_index": 0,
            "end_char_index": 24,
        }

    def test_answer_is_as_documented(self, client: httpx.Client) -> None:
        answer = client.post("/ask", json={"question": QUESTION}).json()

        assert schemas.Answer.model_validate(answer).model_dump() == answer

    def test_history_filters_and_day_are_minded(self, client: httpx.Client, assistant: Assistant) -> None:
        history = [{"role": "user", "text": "Who met Sharif?"}, {"role": "assistant", "text": "Ding."}]
        body = {
            "question": "And where this week?",
            "history": history,
            "filters": {"sources": ["Gazette"]},
            "today": "2024-11-15",
        }
        expected = assistant.ask(
            "And where this week?",
            [Turn("user", "Who met Sharif?"), Turn("assistant", "Ding.")],
            Filters(sources=("Gazette",)),
            today=date(2024, 11, 15),
        )

        answer = client.post("/ask", json=body).json()

        assert answer["standalone_question"] == expected.standalone_question
        assert answer["period"] == {"from": "2024-11-09", "until": "2024-11-15", "words": "this week"}
        assert answer["searched_articles"] == 1
        assert answer["filters"]["sources"] == ["Gazette"]

    def test_abstention_says_why(self, client: httpx.Client) -> None:
        answer = client.post("/ask", json={"question": "the to of"}).json()

        assert (answer["text"], answer["abstention"]["reason"]) == ("", "no words to search for")

    def test_stream_gives_evidence_then_text_then_the_whole(self, client: httpx.Client) -> None:
        whole = client.post("/ask", json={"question": QUESTION}).json()
        response = client.post("/ask", json={"question": QUESTION, "stream": True})
        told = events(response)

        assert response.headers["content-type"].startswith("text/event-stream")
        assert [name for name, _ in told] == ["evidence", "delta", "answer"]
        assert sorted(h["passage_id"] for h in told[0][1]["hits"]) == sorted(
            h["passage_id"] for h in whole["hits"]
        )
        assert told[1][1] == {"text": whole["text"], "citations": whole["citations"]}
        assert without_time(told[-1][1]) == without_time(whole)

    def test_stream_of_an_abstention_is_its_answer(self, client: httpx.Client) -> None:
        told = events(client.post("/ask", json={"question": "the to of", "stream": True}))

        assert [name for name, _ in told] == ["answer"]


class TestServer:
    def test_health_counts_the_articles(self, client: httpx.Client) -> None:
        health = client.get("/health").json()

        assert schemas.Health.model_validate(health).model_dump() == health
        assert (health["status"], health["articles"], health["answers"]) == ("ok", 3, "extractive")

    def test_it_is_ready_once_the_models_are_loaded(self, client: httpx.Client) -> None:
        for _ in range(600):
            response = client.get("/ready")
            if response.status_code == 200:
                break
            assert (response.status_code, response.json()["status"]) == (503, 503)

        assert response.json() == {"status": "ready"}


def test_document_is_openapi_with_an_example_for_every_body(client: httpx.Client) -> None:
    document = client.get("/openapi.json").json()

    assert document["openapi"].startswith("3.1")
    bodies = [name for name in document["components"]["schemas"] if name.endswith("Body")]
    assert {"SearchBody", "AskBody"} <= set(bodies)
    without = [
        operation["operationId"]
        for path in document["paths"].values()
        for operation in path.values()
        for kind, content in operation.get("requestBody", {}).get("content", {}).items()
        if kind == "application/json"
        and "examples" not in document["components"]["schemas"][content["schema"]["$ref"].rpartition("/")[2]]
    ]
    assert without == []


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
def test_nothing_is_fetched_from_another_host_to_show_it(client: httpx.Client, path: str) -> None:
    assert client.get(path).status_code == 404
