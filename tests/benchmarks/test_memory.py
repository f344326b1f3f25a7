from __future__ import annotations

import subprocess
import sys

from benchmarks.memory import peak_mb

CODE = "from benchmarks.memory import peak_mb; held = b'x' * {}; print(peak_mb())"
MEGABYTE = 1024 * 1024


def peak_of_a_child(held: int) -> float:
    command = [sys.executable, "-c", CODE.format(held * MEGABYTE)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def test_a_peak_is_of_the_process_itself_and_not_of_the_one_that_started_it() -> None:
    held = b"x" * (400 * MEGABYTE)
    assert peak_mb() > len(held) / MEGABYTE
    assert peak_of_a_child(0) < 100
    assert 200 < peak_of_a_child(200) < 300
