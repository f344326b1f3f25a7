from __future__ import annotations

import sys
from pathlib import Path

import pytest

from benchmarks.cold_start import ASK, IMPORT, SEARCH, commands, medians


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_each_command_is_timed_from_its_start_to_its_end():
    found = medians(
        {"quick": python(""), "slow": python("import time; time.sleep(2)"), "3": python("exit(3)")}, starts=1
    )
    assert list(found) == ["quick", "slow", "3"]
    assert found["slow"] >= 2


def test_a_command_that_fails_is_not_counted():
    with pytest.raises(RuntimeError, match="broken: oh no"):
        medians({"broken": python("exit('oh no')")}, starts=1)


def test_the_product_is_compared_with_the_bare_import():
    started = commands(Path("data"), "Who?")
    assert started[IMPORT][1:] == ["-c", "import sentence_transformers"]
    assert started[SEARCH][1:] == ["-m", "assistant.cli", "search", "Who?", "--data-dir", "data"]
    assert started[ASK][3] == "ask"
