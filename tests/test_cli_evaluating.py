"""`assistant eval`, through its runner."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from assistant.cli import app

pytestmark = pytest.mark.model

TALKS = (
    "Talks\nMinister Leyla Aliyeva met the prime minister of Georgia in Baku on Monday. "
    "Tea was served to all.\n"
)


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("articles")
    (folder / "talks.txt").write_text(TALKS, encoding="utf-8")
    data_dir = tmp_path_factory.mktemp("data")
    assert run("add", str(folder), "--data-dir", str(data_dir)).exit_code == 0
    return data_dir


def run(*args: str) -> Result:
    return CliRunner(env={"NO_COLOR": "1", "TERM": "dumb"}).invoke(app, args)


def test_generated_questions_can_be_asked_and_reported(data_dir: Path, tmp_path: Path):
    made = run("eval", "--generate", "3", "--data-dir", str(data_dir))
    assert made.exit_code == 0
    assert "No more than 1 questions" in made.stderr
    [line] = made.stdout.splitlines()
    assert json.loads(line)["answers"] == ["Minister Leyla Aliyeva"]
    questions, report = tmp_path / "q.jsonl", tmp_path / "report.html"
    unanswerable = {"question": "Who won the cup of 1998?", "answerable": False}
    questions.write_text(f"{line}\n{json.dumps(unanswerable)}\n", encoding="utf-8")
    asked = run("eval", str(questions), "--json", "--html", str(report), "--data-dir", str(data_dir))
    assert asked.exit_code == 0, asked.output
    found = json.loads(asked.stdout)
    assert (found["questions"], found["generated"]) == (2, 1)
    assert found["hit@1"]["value"] == found["refused"]["value"] == 1.0
    assert "Minister Leyla Aliyeva" in report.read_text(encoding="utf-8")
    table = run("eval", str(questions), "--data-dir", str(data_dir)).stdout
    assert "a right passage among the first 1" in table
    assert "1 of them were generated" in table


def test_wrong_use_is_told_apart_from_wrong_questions(data_dir: Path, tmp_path: Path):
    assert run("eval", "--data-dir", str(data_dir)).exit_code == 2
    wrong = tmp_path / "wrong.jsonl"
    wrong.write_text('{"question": "Who?"}\n', encoding="utf-8")
    refused = run("eval", str(wrong), "--data-dir", str(data_dir))
    assert refused.exit_code == 1
    assert "line 1: nothing says what is right" in refused.stderr
