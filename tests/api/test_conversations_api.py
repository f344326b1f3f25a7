"""Conversations and feedback over HTTP: kept, gone on with, and each caller's own."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from assistant.api import schemas
from assistant.stores.tokens import TokenStore
from assistant.types import Answer
from tests.api.conftest import open_assistant, serving, settings_for
from tests.api.test_problems import problem

QUESTION = {"question": "Who met Sharif in Baku?"}


def begin(client: httpx.Client) -> str:
    response = client.post("/conversations", json=QUESTION)
    assert response.status_code == 201
    return str(response.json()["conversation_id"])


class TestConversation:
    def test_answer_is_kept_and_the_next_question_is_understood_by_it(self, client: httpx.Client) -> None:
        first = client.post("/conversations", json=QUESTION)
        turn = first.json()
        assert schemas.NewTurn.model_validate(turn).model_dump() == turn
        assert first.headers["location"] == f"/api/v1/conversations/{turn['conversation_id']}"
        assert turn["answer"]["text"] == "Ding met Sharif in Baku. [1]"

        path = f"/conversations/{turn['conversation_id']}"
        second = client.post(f"{path}/turns", json={"question": "And of what did they speak?"}).json()
        alone = client.post("/ask", json={"question": "And of what did they speak?"}).json()
        assert second["number"] == 1
        assert second["answer"]["standalone_question"] != alone["standalone_question"]

        whole = client.get(path).json()
        assert schemas.Conversation.model_validate(whole).model_dump() == whole
        assert [kept["answer"] for kept in whole["turns"]] == [turn["answer"], second["answer"]]

    def test_is_listed_searched_renamed_and_deleted(self, client: httpx.Client) -> None:
        one, two = begin(client), begin(client)
        page = client.get("/conversations", params={"limit": 1}).json()
        assert schemas.ConversationList.model_validate(page).model_dump() == page
        behind = client.get("/conversations", params={"limit": 1, "cursor": page["next"]}).json()
        assert [page["conversations"][0]["id"], behind["conversations"][0]["id"]] == [two, one]

        renamed = client.patch(f"/conversations/{one}", json={"title": "Zebra crossing"}).json()
        assert schemas.ConversationHead.model_validate(renamed).model_dump() == renamed
        found = client.get("/conversations", params={"q": "zebra"}).json()["conversations"]
        assert [(head["id"], head["title"]) for head in found] == [(one, "Zebra crossing")]

        assert client.delete(f"/conversations/{one}").json()["id"] == one
        problem(client.get(f"/conversations/{one}"), 404)

    def test_feedback_is_noted_and_exported(self, client: httpx.Client) -> None:
        conversation = begin(client)
        path = f"/conversations/{conversation}/turns/0/feedback"
        assert client.put(path, json={"vote": "down", "reason": "Another meeting."}).status_code == 204

        said = client.get("/feedback").json()
        assert schemas.FeedbackList.model_validate(said).model_dump() == said
        (own,) = [one for one in said["feedback"] if one["conversation_id"] == conversation]
        assert (own["vote"], own["reason"], own["turn"]) == ("down", "Another meeting.", 0)

        client.put(path, json={"vote": ""})
        after = client.get("/feedback").json()["feedback"]
        assert [one for one in after if one["conversation_id"] == conversation] == []

    def test_what_is_wrong_is_a_problem(self, client: httpx.Client) -> None:
        none, own = "0" * 24, begin(client)
        problem(client.get(f"/conversations/{none}"), 404)
        problem(client.post(f"/conversations/{none}/turns", json=QUESTION), 404)
        problem(client.patch(f"/conversations/{none}", json={"title": "x"}), 404)
        problem(client.patch(f"/conversations/{own}", json={"title": " "}), 422)
        problem(client.delete(f"/conversations/{none}"), 404)
        problem(client.put(f"/conversations/{own}/turns/9/feedback", json={"vote": "up"}), 404)
        problem(client.put(f"/conversations/{own}/turns/0/feedback", json={"vote": "sideways"}), 422)
        problem(client.put(f"/conversations/{own}/turns/-1/feedback", json={"vote": "up"}), 422)
        problem(client.get("/conversations", params={"cursor": "x"}), 422)
        problem(client.get("/conversations/x"), 422)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def test_nobody_sees_what_is_anothers(folder: Path) -> None:
    with open_assistant(settings_for(folder, require_token=True)) as opened, serving(opened) as address:
        tokens = TokenStore(opened.corpus.data_dir)
        callers = []
        for name in ("a", "b"):
            _, secret = tokens.create(name, ["read"])
            headers = {"authorization": f"Bearer {secret}"}
            callers.append(httpx.Client(base_url=f"{address}/api/v1", headers=headers, timeout=60))
        one, two = callers
        visitor = opened.conversations.keep("visitor:x", Answer("Secret?", is_complete=True)).conversation_id
        own = begin(one)
        one.put(f"/conversations/{own}/turns/0/feedback", json={"vote": "up"})

        assert [head["id"] for head in one.get("/conversations").json()["conversations"]] == [own]
        assert two.get("/conversations").json()["conversations"] == []
        assert two.get("/feedback").json() == {"feedback": []}
        for conversation in (own, visitor):
            path = f"/conversations/{conversation}"
            problem(two.get(path), 404)
            problem(two.delete(path), 404)
            problem(two.post(f"{path}/turns", json=QUESTION), 404)
            problem(two.put(f"{path}/turns/0/feedback", json={"vote": "down"}), 404)
        for caller in callers:
            caller.close()
