"""docs/tutorial.md does what it says: its commands are run in order, as a newcomer would."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BLOCK = re.compile(r"<!-- runs(?:: (\d+))? -->\n```(sh|python)\n(.*?)```", re.DOTALL)

pytestmark = pytest.mark.model


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """An empty folder with the sample articles and the command `assistant`."""
    (tmp_path / "corpus").symlink_to(ROOT / "corpus")
    (tmp_path / "bin").mkdir()
    command = tmp_path / "bin" / "assistant"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m assistant.cli "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    return tmp_path


def test_the_tutorial_runs(place: Path):
    env = {**os.environ, "PATH": f"{place / 'bin'}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    blocks = BLOCK.findall((ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8"))
    said = []
    for expected, language, code in blocks:
        program = [sys.executable, "-c", code] if language == "python" else ["sh", "-ec", code]
        ran = subprocess.run(program, cwd=place, env=env, capture_output=True, text=True, timeout=200)
        assert ran.returncode == int(expected or 0), (code, ran.stdout, ran.stderr)
        said.append(ran.stdout)
    assert len(blocks) == 5
    assert "Ding Xuexiang" in said[0]
    assert "Mayor Nino Beridze opened the new library" in said[2]
    assert "It holds 40,000 books." in said[3]
    assert "a right passage among the first 1 " in said[4]
    assert (place / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")


@pytest.mark.parametrize("page", ["README.md", "docs/guide.md"])
def test_python_examples_run(place: Path, page: str):
    (place / "articles").symlink_to(ROOT / "corpus")
    code = re.findall(r"```python\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL)
    add = "from assistant import Assistant\nwith Assistant.open() as assistant: assistant.add('articles')"
    env = {**os.environ, "PYTHONPATH": str(ROOT), "ASSISTANT_DATA_DIR": str(place / "data")}
    program = [sys.executable, "-c", "\n".join([add, *code])]
    ran = subprocess.run(program, cwd=place, env=env, capture_output=True, text=True, timeout=250)
    assert ran.returncode == 0, ran.stderr
    assert "Ding Xuexiang" in ran.stdout
