"""Files that want to do harm: nothing is lost, each is named, and memory stays within its bounds."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests import hostile

ROOT = Path(__file__).parent.parent
MAX_WORKER_MB, MAX_MAIN_MB = 1000, 100


def added(data_dir, *folders):
    """What a process of its own says of adding these folders."""
    command = [sys.executable, "-m", "tests.hostile", str(data_dir), *map(str, folders)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["problems"] == []
    assert found["worker_mb"] < MAX_WORKER_MB
    assert found["main_mb"] < MAX_MAIN_MB
    return found


def test_odd_names_and_texts_become_articles_and_nothing_is_lost(tmp_path):
    written = hostile.naughty_files(tmp_path / "naughty")
    names = hostile.text_files(tmp_path / "odd")
    (tmp_path / "secret.txt").write_text("What must not be read.")
    (tmp_path / "odd" / "link.txt").symlink_to(tmp_path / "secret.txt")
    (tmp_path / "odd" / "folder").symlink_to(tmp_path)
    found = added(tmp_path / "data", tmp_path / "naughty", tmp_path / "odd")
    naughty, odd = found["reports"]
    assert (len(naughty["added"]), naughty["failed"]) == (len(written), [])
    assert len(odd["added"]) == len(names)
    assert {failed["name"]: failed["reason"] for failed in odd["failed"]} == {
        "folder": "it is a link that leads out of the folder",
        "link.txt": "it is a link that leads out of the folder",
        "rows.jsonl line 2": "it is not JSON (nested too deeply)",
    }
    assert [len(found["texts"][name]) for name in ("line.txt", "unbroken.txt")] == [1_000_000] * 2
    assert found["texts"]["nul.txt"] == "The otter came back."


def test_what_takes_its_parsers_time_is_named_and_the_rest_goes_on(tmp_path):
    killers = hostile.killers(tmp_path / "killers")
    (tmp_path / "killers" / "z.html").write_text(
        f"<html><title>Good</title><article><p>{hostile.GOOD}</p></article></html>"
    )
    (report,) = added(tmp_path / "data", tmp_path / "killers")["reports"]
    reasons = {failed["name"]: failed["reason"] for failed in report["failed"]}
    assert reasons.keys() == killers.keys()
    assert all(reasons[name].startswith(start) for name, start in killers.items())
    assert report["added"] == ["Good"]


def test_what_explodes_when_it_is_unpacked_is_named_and_the_rest_goes_on(tmp_path):
    expected = hostile.containers(tmp_path / "containers")
    (tmp_path / "containers" / "z.zip").write_bytes(hostile.zipped(("a.txt", hostile.GOOD)))
    (report,) = added(tmp_path / "data", tmp_path / "containers")["reports"]
    reasons = {failed["name"]: failed["reason"] for failed in report["failed"]}
    assert reasons.keys() == expected.keys()
    assert all(part in reasons[name] for name, part in expected.items())
    assert report["added"] == ["a"]
    assert list(tmp_path.rglob("*out*")) == []
