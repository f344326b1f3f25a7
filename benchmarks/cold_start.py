"""How long a command takes from nothing: `python -m benchmarks.cold_start [DATA_DIR]`.

`assistant search` and `assistant ask`, each a process of its own from its start to its end, in turns with a
process that only imports sentence_transformers, which is what a program that embeds with torch does before
anything else. It knows commands and clocks; what is asked and of which corpus is for the caller to say.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from assistant import Assistant

CORPUS = Path(__file__).parent.parent / "corpus"
QUESTION = "Who met in Baku?"
IMPORT, SEARCH, ASK = "import sentence_transformers", "assistant search", "assistant ask"
STARTS = 5
NO_ANSWER = 3  # exit code of `ask` when it abstains, which takes as long


def measure(data_dir: Path, question: str, *, starts: int = STARTS) -> dict[str, float]:
    """Seconds of each process, the median of some.

    Args:
        data_dir: A corpus of the shipped settings.
        question: Searched for and asked.
        starts: Of each.
    """
    return medians(commands(data_dir, question), starts=starts)


def measure_corpus(corpus: Path = CORPUS) -> dict[str, float]:
    """The same for the articles that ship with the project."""
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        with Assistant.open(folder) as assistant:
            assistant.add(corpus)
        return measure(Path(folder), QUESTION)


def commands(data_dir: Path, question: str) -> dict[str, list[str]]:
    """What is started, by name."""
    product = [sys.executable, "-m", "assistant.cli"]
    return {
        IMPORT: [sys.executable, "-c", IMPORT],
        SEARCH: [*product, "search", question, "--data-dir", str(data_dir)],
        ASK: [*product, "ask", question, "--data-dir", str(data_dir)],
    }


def medians(started: Mapping[str, Sequence[str]], *, starts: int) -> dict[str, float]:
    """Seconds of each command, the median of some starts in turns.

    Raises:
        RuntimeError: If one fails.
    """
    seconds: dict[str, list[float]] = {name: [] for name in started}
    for _ in range(starts):
        for name, command in started.items():
            begun = time.perf_counter()
            done = subprocess.run(command, capture_output=True, check=False)
            seconds[name].append(time.perf_counter() - begun)
            if done.returncode not in (0, NO_ANSWER):
                raise RuntimeError(f"{name}: {done.stderr.decode(errors='replace')}")
    return {name: round(statistics.median(values), 2) for name, values in seconds.items()}


def main(argv: Sequence[str]) -> None:
    print(json.dumps(measure(Path(argv[0]), QUESTION) if argv else measure_corpus()))


if __name__ == "__main__":
    main(sys.argv[1:])
