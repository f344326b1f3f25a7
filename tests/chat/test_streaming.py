"""A chat model over real HTTP: deltas come, failures are ours, keys stay here, a stop reaches the server."""

from __future__ import annotations

import time
from typing import Any

import pytest

from assistant.chat import CutOff, complete, open_chat_model
from assistant.errors import ConfigError, ModelError, ModelTimeoutError
from assistant.settings import ChatSettings
from tests.scripted_server import BreakOff, Finish, Raw, ScriptedServer, Silence, Status, scripted

CANARY = "canary-7f3d9a1c5e8b2046"


def settings(server: ScriptedServer | None = None, **fields: Any) -> ChatSettings:
    defaults: dict[str, Any] = {
        "model": "openai:scripted",
        "base_url": server.url if server else "http://127.0.0.1:9/v1",
        "api_key": CANARY,
        "silence_seconds": 5,
        "total_seconds": 10,
        "retry_seconds": 0.01,
    }
    return ChatSettings(**(defaults | fields))


def answered(server: ScriptedServer, **fields: Any) -> str:
    model = open_chat_model(settings(server, **fields))
    assert model
    return complete(model, "Be brief.", "What is new?")


def test_deltas_come_one_by_one_and_the_key_goes_to_the_server_only():
    with scripted(["The ", "talks ", "ended [", "1]."]) as server:
        model = open_chat_model(settings(server))
        assert model
        assert [delta for delta in model.stream("Be brief.", "What is new?") if delta] == [
            "The ",
            "talks ",
            "ended [",
            "1].",
        ]
        assert server.headers[0]["authorization"] == f"Bearer {CANARY}"
        sent = server.requests[0]
        assert [(m["role"], m["content"]) for m in sent["messages"]] == [
            ("system", "Be brief."),
            ("user", "What is new?"),
        ]
        assert sent["stream"] is True


@pytest.mark.parametrize("code", [429, 500, 503])
def test_a_passing_failure_is_tried_again(code: int):
    with scripted([Status(code)], [Status(code)], ["Fine."]) as server:
        assert answered(server, max_retries=2) == "Fine."
        assert len(server.requests) == 3


def test_tries_are_bounded():
    with scripted([Status(500)]) as server:
        with pytest.raises(ModelError, match=r"HTTP 500"):
            answered(server, max_retries=1)
        assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("code", "message"),
    [(400, "refused the request"), (401, "refused the key"), (404, "does not know the model")],
)
def test_a_lasting_failure_is_not_tried_again(code: int, message: str):
    with scripted([Status(code)], ["Fine."]) as server:
        with pytest.raises(ModelError, match=message):
            answered(server)
        assert len(server.requests) == 1


def test_what_has_begun_is_not_tried_again():
    with scripted(["The talks ", BreakOff()], ["Fine."]) as server:
        with pytest.raises(ModelError, match="broke off its answer"):
            answered(server)
        assert len(server.requests) == 1


def test_silence_ends():
    with scripted(["The ", Silence()]) as server:
        with pytest.raises(ModelTimeoutError, match=r"said nothing for 0\.3 s"):
            answered(server, silence_seconds=0.3)
        assert server.client_left.wait(5)


def test_an_answer_without_end_ends():
    with scripted(["on and on "] * 10_000) as server:
        assert len(answered(server, max_output_tokens=32)) < 32 * 12 + 20
    late = pytest.raises(ModelTimeoutError, match=r"did not finish within 0\.5 s")
    with scripted(["", Silence(0.05)] * 1000) as server, late:
        answered(server, total_seconds=0.5)


@pytest.mark.parametrize(
    "script",
    [
        [Raw(b"data: {not json\n\n")],
        [Raw(b"\x00\xff\xfe garbage \r\n" * 50), BreakOff()],
        [Raw(b'data: {"choices": 7}\n\n')],
        [Raw(b'data: "text"\n\n')],
        [BreakOff()],
        [],
        ["", ""],
        [Status(200, "<html>Welcome</html>", {"Content-Type": "text/html"})],
        [Status(200, '{"hello": 1}')],
    ],
)
def test_what_is_no_answer_is_a_model_error(script: Any):
    with scripted(script) as server, pytest.raises(ModelError, match="openai:scripted"):
        answered(server, max_retries=0)


def test_an_answer_that_was_cut_off_says_so():
    with scripted(["The talks", Finish("length")]) as server:
        model = open_chat_model(settings(server))
        assert model
        *_, last = model.stream("", "Q")
        assert isinstance(last, CutOff)


def test_an_answer_that_was_withheld_is_a_failure():
    with scripted(["The", Finish("content_filter")]) as server, pytest.raises(ModelError, match="withheld"):
        answered(server)


def test_nobody_there_is_a_model_error():
    model = open_chat_model(settings(max_retries=0))
    assert model
    with pytest.raises(ModelError, match=r"cannot be reached at http://127\.0\.0\.1:9/v1"):
        complete(model, "", "Q")


def test_a_stop_reaches_a_silent_server_at_once():
    with scripted([Silence(30)]) as server:
        model = open_chat_model(settings(server, silence_seconds=30))
        assert model
        deltas = model.stream("", "Q")
        started = time.perf_counter()
        while not server.requests:
            assert next(deltas) == ""  # a heartbeat
        deltas.close()
        assert server.client_left.wait(5)
        assert time.perf_counter() - started < 5


@pytest.mark.parametrize("code", [400, 401, 403, 404, 429, 500])
def test_the_key_is_in_no_message(code: int, caplog: pytest.LogCaptureFixture):
    caplog.set_level("DEBUG")
    echo = f'{{"error": {{"message": "Incorrect API key provided: {CANARY}. Bearer {CANARY}"}}}}'
    with scripted([Status(code, echo)]) as server, pytest.raises(ModelError) as caught:
        answered(server, max_retries=0)
    exc: BaseException | None = caught.value
    assert CANARY not in str(exc) + caught.value.hint + repr(exc)
    assert exc.__cause__ is None
    assert exc.__suppress_context__ or exc.__context__ is None
    assert not any(
        CANARY in record.getMessage() for record in caplog.records if record.name.startswith("assistant")
    )


def test_a_server_that_tells_the_key_is_not_repeated():
    with scripted([f"Your key is {CANARY}."]) as server:
        assert answered(server) == "Your key is [key]."


def test_the_key_is_not_shown_with_the_settings():
    chosen = settings()
    assert CANARY not in f"{chosen} {chosen!r} {chosen.model_dump()} {chosen.model_dump_json()}"


@pytest.mark.parametrize(
    ("name", "message"),
    [("gpt", 'is not "provider:model"'), ("nobody:x", "unknown provider"), ("openai:", "is not")],
)
def test_a_wrong_name_is_said_before_anything_is_asked(name: str, message: str):
    with pytest.raises(ConfigError, match=message):
        open_chat_model(ChatSettings(model=name))


def test_without_a_name_there_is_none():
    assert open_chat_model(ChatSettings()) is None


def test_a_missing_package_is_said_with_what_to_install():
    model = open_chat_model(ChatSettings(model="anthropic:claude", api_key="x"))
    assert model
    with pytest.raises(ModelError, match="not installed") as caught:
        _ = model.window
    assert "article-assistant[anthropic]" in caught.value.hint
