"""The assistant as a model: OpenAI's own client, and what Open WebUI sends, against the real server."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import openai
import pytest

from assistant.api.openai.content import quoted
from assistant.assistant import Assistant
from assistant.stores.tokens import TokenStore
from tests.api.conftest import ARTICLES, open_assistant, serving, settings_for
from tests.fakes import make_article

MODEL, EMBEDDING = "article-assistant", "all-MiniLM-L6-v2"
JSON = {"content-type": "application/json"}
QUESTION = "Who met Sharif in Baku?"
TEXT = "Ding met Sharif in Baku. [1]"
SOURCES = "\n\nSources:\n[1] Talks in Baku (Gazette, 2024-11-13) https://example.org/baku"


@pytest.fixture(scope="module")
def client(address: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{address}/v1", api_key="unused", max_retries=0, timeout=60) as opened:
        yield opened


def ask(question: str = QUESTION) -> list[Any]:
    return [{"role": "user", "content": question}]


class TestCompletions:
    def test_answer_has_numbered_references_and_annotations(self, client: openai.OpenAI) -> None:
        completion = client.chat.completions.create(model=MODEL, messages=ask())
        (choice,) = completion.choices
        message = choice.message

        assert (message.content, choice.finish_reason, message.role) == (TEXT + SOURCES, "stop", "assistant")
        assert message.annotations
        (annotation,) = message.annotations
        cited = annotation.url_citation
        assert (annotation.type, cited.url, cited.title) == (
            "url_citation",
            "https://example.org/baku",
            "Talks in Baku",
        )
        assert TEXT[cited.start_index : cited.end_index] == "[1]"
        assert completion.usage
        assert completion.usage.total_tokens == (
            completion.usage.prompt_tokens + completion.usage.completion_tokens
        )
        ours = completion.model_extra["article_assistant"]  # type: ignore[index]
        assert [c["cited_text"] for c in ours["citations"]] == ["Ding met Sharif in Baku."]

    def test_stream_adds_up_to_the_same(self, client: openai.OpenAI) -> None:
        chunks = list(
            client.chat.completions.create(
                model=MODEL, messages=ask(), stream=True, stream_options={"include_usage": True}
            )
        )
        whole = client.chat.completions.create(model=MODEL, messages=ask())
        deltas = [choice.delta for chunk in chunks for choice in chunk.choices]

        assert "".join(delta.content or "" for delta in deltas) == whole.choices[0].message.content
        assert deltas[0].role == "assistant"
        assert [c.finish_reason for chunk in chunks for c in chunk.choices][-1] == "stop"
        annotations = [a for delta in deltas for a in getattr(delta, "annotations", None) or ()]
        assert whole.choices[0].message.annotations
        assert annotations == [a.model_dump() for a in whole.choices[0].message.annotations]
        assert (chunks[-1].choices, chunks[-1].usage) == ([], whole.usage)
        assert len({chunk.id for chunk in chunks}) == 1

    def test_article_without_an_address_is_found_on_this_server(self, client: openai.OpenAI) -> None:
        completion = client.chat.completions.create(
            model=MODEL, messages=ask("Which animal slept in Karachi?")
        )
        annotations = completion.choices[0].message.annotations or []

        assert [a.url_citation.title for a in annotations] == ["Lion"]
        assert httpx.get(annotations[0].url_citation.url).json()["text"] == ARTICLES[1].text

    def test_abstention_is_said(self, client: openai.OpenAI) -> None:
        message = client.chat.completions.create(model=MODEL, messages=ask("the to of")).choices[0].message

        assert message.content == "Name a person, a place, an event or a topic."
        assert message.annotations == []

    def test_conversation_is_understood_and_the_system_is_not_searched_for(
        self, client: openai.OpenAI, assistant: Assistant
    ) -> None:
        from assistant.types import Turn

        earlier: list[Any] = [
            {"role": "system", "content": "You are a lion in Karachi."},
            {"role": "user", "content": [{"type": "text", "text": QUESTION}]},
            {"role": "assistant", "content": TEXT + SOURCES},
        ]
        last = "And of what did they speak?"
        expected = assistant.ask(last, [Turn("user", QUESTION), Turn("assistant", TEXT)])
        completion = client.chat.completions.create(model=MODEL, messages=[*earlier, *ask(last)])

        assert completion.choices[0].message.content
        assert completion.choices[0].message.content.startswith(expected.text)
        assert "lion" not in completion.choices[0].message.content

    def test_only_the_last_question_is_answered(self, client: openai.OpenAI) -> None:
        messages = [
            *ask(QUESTION),
            {"role": "assistant", "content": "x"},
            *ask("Which animal slept in Karachi?"),
        ]
        completion = client.chat.completions.create(model=MODEL, messages=messages)

        assert (completion.choices[0].message.content or "").startswith("A lion slept in Karachi zoo. [1]")

    def test_filters_are_minded(self, client: openai.OpenAI) -> None:
        body = {"filters": {"sources": ["Herald"]}}
        completion = client.chat.completions.create(model=MODEL, messages=ask(), extra_body=body)

        assert "Ding" not in (completion.choices[0].message.content or "")


class TestModels:
    def test_both_are_listed(self, client: openai.OpenAI) -> None:
        assert [model.id for model in client.models.list()] == [MODEL, EMBEDDING]
        assert client.models.retrieve(MODEL).owned_by == "article-assistant"

    def test_unknown_one_is_an_error(self, client: openai.OpenAI) -> None:
        with pytest.raises(openai.NotFoundError, match="no model 'gpt-5'"):
            client.models.retrieve("gpt-5")
        with pytest.raises(openai.NotFoundError, match="no model 'gpt-5'"):
            client.chat.completions.create(model="gpt-5", messages=ask())
        with pytest.raises(openai.BadRequestError, match="not made for this"):
            client.chat.completions.create(model=EMBEDDING, messages=ask())


class TestEmbeddings:
    def test_are_those_of_the_corpus(self, client: openai.OpenAI, assistant: Assistant) -> None:
        texts = ["Ding met Sharif", "A lion slept"]
        found = client.embeddings.create(model=EMBEDDING, input=texts, encoding_format="float")
        packed = client.embeddings.create(model=EMBEDDING, input=texts)  # the client asks for base64

        expected = assistant.corpus.embed_texts(texts)
        assert np.array_equal(np.array([d.embedding for d in found.data], np.float32), expected)
        assert np.array_equal(np.array([d.embedding for d in packed.data], np.float32), expected)
        assert [d.index for d in found.data] == [0, 1]

    def test_base64_is_float32(self, address: str, assistant: Assistant) -> None:
        body = {"model": EMBEDDING, "input": "Ding", "encoding_format": "base64"}
        found = httpx.post(f"{address}/v1/embeddings", json=body).json()
        vector = np.frombuffer(base64.b64decode(found["data"][0]["embedding"]), "<f4")

        assert np.array_equal(vector, assistant.corpus.embed_texts(["Ding"])[0])

    @pytest.mark.parametrize(
        "body",
        [
            {"input": ""},
            {"input": []},
            {"input": ["x", ""]},
            {"input": [1, 2]},
            {"input": [[1, 2]]},
            {"input": ["x"] * 257},
            {"input": "x" * 100_001},
            {"input": "\ud800"},
            {"input": "x", "dimensions": 7},
            {"input": "x", "encoding_format": "int8"},
            {"input": {"x": 1}},
            {},
        ],
        ids=lambda body: json.dumps(body)[:40],
    )
    def test_wrong_input_is_an_error_in_its_shape(self, address: str, body: dict[str, Any]) -> None:
        response = httpx.post(
            f"{address}/v1/embeddings", content=json.dumps({"model": EMBEDDING, **body}), headers=JSON
        )

        assert response.status_code == 400
        assert set(response.json()["error"]) == {"message", "type", "param", "code"}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[" * 10_000,
        b"{}",
        b'{"model": "article-assistant", "messages": []}',
        b'{"model": "article-assistant", "messages": [{"role": "system", "content": "x"}]}',
        b'{"model": "article-assistant", "messages": [{"role": "king", "content": "x"}]}',
        b'{"model": "article-assistant", "messages": [{"role": "user", "content": 7}]}',
        b'{"model": "article-assistant", "messages": [{"role": "user", "content": "\\ud800"}]}',
        b'{"model": "article-assistant", "messages": [{"role": "user", "content": [{"type": "image_url"}]}]}',
        b'{"model": "article-assistant", "n": 2, "messages": [{"role": "user", "content": "x"}]}',
    ],
)
def test_wrong_conversation_is_an_error_in_its_shape(address: str, body: bytes) -> None:
    headers = {"content-type": "application/json"}
    response = httpx.post(f"{address}/v1/chat/completions", content=body, headers=headers)

    assert response.status_code == 400
    assert response.json()["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize("path", ["/v1", "/v1/", "/v1/completions", "/v1/models/x/y", "/v1/openapi.json"])
def test_unknown_address_is_an_error_in_its_shape(address: str, path: str) -> None:
    response = httpx.get(address + path)

    assert (response.status_code, list(response.json())) == (404, ["error"])


def test_what_open_webui_sends_is_answered(address: str) -> None:
    """The fields of its requests that are not OpenAI's, and the events that it reads."""
    body = {
        "stream": True,
        "model": MODEL,
        "messages": ask(),
        "temperature": 0.7,
        "features": {"web_search": False},
        "metadata": {"chat_id": "x"},
        "user": {"name": "A", "id": "1", "role": "admin"},
    }
    headers = {"authorization": "Bearer sk-none", "x-openwebui-user-name": "A"}
    with httpx.stream("POST", f"{address}/v1/chat/completions", json=body, headers=headers) as response:
        lines = [line for line in response.iter_lines() if line]

    assert all(line.startswith("data: ") for line in lines)
    assert lines[-1] == "data: [DONE]"
    told = [json.loads(line[6:])["choices"][0]["delta"] for line in lines[:-1]]
    assert "".join(delta.get("content", "") for delta in told) == TEXT + SOURCES
    assert [a["type"] for delta in told for a in delta.get("annotations", ())] == ["url_citation"]


def test_key_is_the_token_where_one_is_needed(tmp_path: Path) -> None:
    with open_assistant(settings_for(tmp_path, require_token=True)) as opened, serving(opened) as address:
        token, secret = TokenStore(opened.corpus.data_dir).create("webui", ["read"])
        with openai.OpenAI(base_url=f"{address}/v1", api_key=secret, max_retries=0) as client:
            assert client.models.list().data[0].id == MODEL
            TokenStore(opened.corpus.data_dir).revoke(token.id)
            with pytest.raises(openai.AuthenticationError) as refused:
                client.models.list()

    assert refused.value.code == "invalid_api_key"


def test_markup_of_an_article_is_not_live(tmp_path: Path) -> None:
    hostile = make_article(
        "Ding met Sharif in Baku ![x](https://evil.example/p.png) and [g](https://evil.example) <img src=x>.",
        title="![t](https://evil.example/t.png)",
    )
    with (
        open_assistant(settings_for(tmp_path), (hostile,)) as opened,
        serving(opened) as address,
        openai.OpenAI(base_url=f"{address}/v1", api_key="x") as client,
    ):
        content = client.chat.completions.create(model=MODEL, messages=ask()).choices[0].message.content

    from markdown_it import MarkdownIt

    assert content
    assert "evil.example/p.png" in content
    html = MarkdownIt("commonmark", {"html": True}).render(content)
    assert ("<img" in html, "<a " in html) == (False, False)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A [1] (see) [2][3].", "A [1] (see) [2][3]."),
        ("![a](b)", r"\![a\](b)"),
        (r"\![a\](b)", r"\\\![a\\\](b)"),
        ("1 < 2 <b>", r"1 < 2 \<b>"),
        ("[x]: https://a.example", r"[x\]: https://a.example"),
    ],
)
def test_only_what_would_be_live_is_escaped(text: str, expected: str) -> None:
    assert quoted(text) == expected
