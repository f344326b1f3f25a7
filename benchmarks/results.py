"""Results on disk: what was measured, on what, with what, by which commit.

One file a run, `results/<date>-<first 12 of the commit>.json`; a later run of the same day and commit adds
its parts to the file. It knows files and the machine; it does not know what the numbers mean.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, date, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from assistant.settings import Settings

FOLDER = Path(__file__).parent / "results"
LIBRARIES = (
    "chromadb", "langchain", "langchain-chroma", "langchain-text-splitters", "numpy", "rensa",
    "sentence-transformers", "sentencex", "tantivy", "torch", "trafilatura",
)  # fmt: skip


def describe_run(engine: str = "") -> dict[str, Any]:
    """Everything about a run except its numbers.

    Args:
        engine: Fingerprint of the engine that quality is measured with; empty if nothing is embedded.
    """
    commit = _git("rev-parse", "HEAD")
    return {
        "date": date.today().isoformat(),
        "saved_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit or "unknown",
        "dirty": bool(_git("status", "--porcelain")) or not commit,
        **({"engine": engine} if engine else {}),
        "settings": Settings().model_dump(mode="json", exclude={"data_dir", "models_dir", "server"}),
        "versions": {"python": platform.python_version()} | {name: _version(name) for name in LIBRARIES},
        "machine": machine(),
    }


def machine() -> dict[str, Any]:
    """The machine in words that do not name it."""
    return {
        "system": platform.system(),
        "architecture": platform.machine(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
    }


def save(
    run: Mapping[str, Any], parts: Mapping[str, Any], questions: Mapping[str, Any], folder: Path = FOLDER
) -> Path:
    """Write a run, keeping the parts that an earlier run of the same day, commit and engine measured.

    Args:
        run: From `describe_run`.
        parts: Name of a part to its numbers; mappings are merged with the earlier ones.
        questions: The numbers of each question; merged likewise.
        folder: Where the files are.

    Returns:
        The file.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{run['date']}-{run['commit'][:12]}.json"
    earlier = _stored(path)
    ours, theirs = run.get("engine"), earlier.get("engine")
    if ours and theirs and ours != theirs:  # else its numbers would go by our engine's name
        path = path.with_name(f"{path.stem}-{ours.rpartition('/')[2]}.json")
        earlier = _stored(path)
    old_questions = earlier.pop("questions", {})
    merged = _merge(earlier, {**run, **parts})
    head = json.dumps(merged, indent=1, ensure_ascii=False)
    tail = json.dumps(_merge(old_questions, questions), separators=(",", ":"), ensure_ascii=False)
    path.write_text(f'{head[:-2]},\n "questions": {tail}\n}}\n', encoding="utf-8")
    return path


def load_all(folder: Path = FOLDER) -> list[dict[str, Any]]:
    """All runs, oldest first."""
    files = sorted(folder.glob("[0-9]*-*.json"))
    runs = [json.loads(file.read_text(encoding="utf-8")) for file in files]
    return sorted(runs, key=lambda run: (run["date"], run.get("saved_at", "")))  # not by the files' own times


def _stored(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def _merge(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(under)
    for key, value in over.items():
        both = isinstance(value, Mapping) and isinstance(merged.get(key), Mapping)
        merged[key] = _merge(merged[key], value) if both else value
    return merged


def _git(*arguments: str) -> str:
    command = ["git", "-C", str(Path(__file__).parent), *arguments]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return "not installed"


def _processor() -> str:
    if sys.platform == "darwin":
        command = ["sysctl", "-n", "machdep.cpu.brand_string"]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "unknown")
