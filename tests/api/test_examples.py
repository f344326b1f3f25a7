"""Every example of docs/api.md works as it stands, against the real server and the real models."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.assistant import Assistant
from assistant.settings import ServerSettings, Settings
from tests.api.conftest import serving

ROOT = Path(__file__).parent.parent.parent
TEXT = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
SHOWN = "http://127.0.0.1:7860"
EXAMPLES = re.findall(r"```(sh|python)\n(.*?)```", TEXT, re.DOTALL)

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    settings = Settings(data_dir=tmp_path_factory.mktemp("examples"), server=ServerSettings())
    with Assistant.open(settings=settings) as opened:
        opened.add(ROOT / "corpus", name="corpus")
        with serving(opened) as address:
            yield address


@pytest.mark.parametrize(("language", "code"), EXAMPLES)
def test_example_works(served: str, tmp_path: Path, language: str, code: str) -> None:
    code = code.replace(SHOWN, served)
    if language == "sh":
        code = code.replace("curl ", "curl -sS --fail-with-body ")
    command = [sys.executable, "-c", code] if language == "python" else ["sh", "-ec", code]
    (tmp_path / "report.txt").write_text("Ministers met in Quetta on Friday.", encoding="utf-8")
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env=_environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout


def _environment(folder: Path) -> dict[str, str]:
    """With the command `assistant` and a data folder of its own."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return os.environ | {"PATH": path, "ASSISTANT_DATA_DIR": str(folder / "data"), "PYTHONPATH": str(ROOT)}


def test_there_are_examples() -> None:
    assert {language for language, _ in EXAMPLES} == {"sh", "python"}
