"""What `assistant doctor` finds: what is well, and what is wrong with what to do about it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from assistant.cli import app
from assistant.doctor import Finding, examine
from assistant.settings import ChatSettings, Settings
from assistant.stores.catalog import Catalog
from tests.scripted_server import Status, scripted

CANARY = "canary-5b1e8d2f7a904c63"


def found(folder: Path, part: str, **chat: Any) -> Finding:
    bounds = {"silence_seconds": 5, "retry_seconds": 0.01, "max_retries": 0, "api_key": CANARY}
    settings = Settings(data_dir=folder, chat=ChatSettings(**(bounds | chat)))
    return next(finding for finding in examine(settings) if finding.part == part)


def test_a_new_installation_is_well(tmp_path: Path):
    findings = list(examine(Settings(data_dir=tmp_path / "new")))
    assert [finding.part for finding in findings if not finding.is_well] == []
    assert len(findings) == 8
    assert not (tmp_path / "new").exists()


def test_a_chat_model_that_answers_is_well(tmp_path: Path):
    with scripted(["yes"]) as server:
        finding = found(tmp_path, "chat model", model="openai:m", base_url=server.url)
    assert finding == Finding("chat model", True, "openai:m, 8,192 tokens; it answers")


@pytest.mark.parametrize(
    ("chat", "message", "hint"),
    [
        ({"model": "m"}, 'not "provider:model"', "openai, llamacpp"),
        ({"model": "anthropic:m"}, "not installed", "article-assistant[anthropic]"),
        ({"model": "openai:m", "base_url": "http://127.0.0.1:9/v1"}, "cannot be reached", "chat.base_url"),
        ({"model": "openai:m", "base_url": "http://models.example/v1"}, "unencrypted", "https://"),
    ],
)
def test_what_is_wrong_with_a_chat_model_is_said_with_what_to_do(
    tmp_path: Path, chat: dict[str, Any], message: str, hint: str
):
    finding = found(tmp_path, "chat model", **chat)
    assert not finding.is_well
    assert message in finding.message
    assert hint in finding.hint
    assert CANARY not in str(finding)


def test_a_refused_key_is_not_shown(tmp_path: Path):
    with scripted([Status(401, f'{{"error": {{"message": "bad key {CANARY}"}}}}')]) as server:
        finding = found(tmp_path, "chat model", model="openai:m", base_url=server.url)
    assert "refused the key" in finding.message
    assert finding.hint == "Check chat.api_key."
    assert CANARY not in str(finding)


def test_a_data_folder_that_is_a_file_is_wrong(tmp_path: Path):
    (tmp_path / "file").write_text("no folder")
    finding = found(tmp_path / "file" / "inner", "data folder")
    assert (finding.is_well, finding.hint) == (False, "Choose another data_dir.")


def test_the_command_says_what_is_wrong_and_ends_with_1(tmp_path: Path):
    environment = {"ASSISTANT_CHAT_MODEL": "nobody:m", "ASSISTANT_CHAT_API_KEY": CANARY}
    result = CliRunner().invoke(app, ["doctor", "--data-dir", str(tmp_path)], env=environment)
    assert result.exit_code == 1
    assert "wrong  chat model: chat.model: unknown provider" in result.stdout
    assert CANARY not in result.output
    result = CliRunner().invoke(app, ["doctor", "--data-dir", str(tmp_path), "--json"])
    assert result.exit_code == 0
    assert [finding["well"] for finding in json.loads(result.stdout)] == [True] * 8


def test_a_whole_collection_is_well(tmp_path: Path):
    Catalog(tmp_path / "catalog.sqlite").close()
    assert found(tmp_path, "collection") == Finding("collection", True, "its catalog is whole")
    assert [path.name for path in tmp_path.iterdir()] == ["catalog.sqlite"]


@pytest.mark.parametrize("at", [0, 4096])
def test_a_damaged_collection_is_wrong_and_names_the_way_back(tmp_path: Path, at: int):
    path = tmp_path / "catalog.sqlite"
    Catalog(path).close()
    whole = path.read_bytes()
    path.write_bytes(whole[:at] + b"garbage!" * 100 + whole[at + 800 :])
    finding = found(tmp_path, "collection")
    assert (finding.is_well, "damaged" in finding.message) == (False, True)
    assert "restore" not in finding.message
    assert "`assistant verify`" in finding.hint
    assert "`assistant restore FILE --force`" in finding.hint
