"""schemathesis over the OpenAPI document: whatever it sends, no 5xx, and no answer that is not documented.

The run is bounded and the same each time: a few examples for each address here, many in the slow one. One of
its checks is left out: that whatever fits the schema is taken. A schema cannot say that a cursor was made up
or that a key was used for something else.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.settings import WebSettings
from tests.api.conftest import open_assistant, serving, settings_for

TOOL = Path(sys.executable).with_name("schemathesis")
LEFT_OUT = "positive_data_acceptance"


@pytest.fixture
def document(tmp_path: Path) -> Iterator[str]:
    """Of a server that can fetch nothing: the addresses that are made up have other ports."""
    settings = settings_for(tmp_path).model_copy(update={"web": WebSettings(ports=(1,))})
    with open_assistant(settings) as opened, serving(opened) as address:
        yield f"{address}/api/v1/openapi.json"


def run(document: str, folder: Path, examples: int) -> tuple[int, str]:
    command = [
        *(str(TOOL), "run", document, "--max-examples", str(examples), "--generation-deterministic"),
        *("--phases", "examples,coverage,fuzzing", "--exclude-checks", LEFT_OUT, "--no-color"),
        *("--request-timeout", "60"),
    ]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=3000, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    "examples", [5, pytest.param(200, marks=[pytest.mark.slow, pytest.mark.timeout(3600)])]
)
def test_nothing_that_is_sent_breaks_it_or_is_answered_as_nobody_wrote(
    document: str, tmp_path: Path, examples: int
) -> None:
    code, said = run(document, tmp_path, examples)
    tested = re.search(r"Tested: (\d+)", said)
    generated = re.search(r"(\d[\d,]*) generated", said)

    assert code == 0, said[-5000:]
    assert "Unresolvable" not in said
    assert tested
    assert int(tested[1]) >= 17
    assert generated
    assert int(generated[1].replace(",", "")) > 300
