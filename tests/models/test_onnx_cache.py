"""The file that is made once: missing, damaged, not to be kept, wanted by two processes at once."""

from __future__ import annotations

import hashlib
import logging
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from assistant.models import onnx_cache

DATA = b"model " * 1000
# Makes the file, slowly; the folder `made` takes one file for each time.
SLOW = """
import sys, time, uuid
from pathlib import Path
from assistant.models import onnx_cache
folder = Path(sys.argv[1])
def make():
    (folder / "made" / uuid.uuid4().hex).touch()
    time.sleep(1)
    return b"model " * 1000
sys.stdout.buffer.write(onnx_cache.load(folder / "cache" / "m.onnx", make))
"""


class Maker:
    """Makes the bytes and counts how often."""

    def __init__(self, data: bytes = DATA) -> None:
        self.data, self.count = data, 0

    def __call__(self) -> bytes:
        self.count += 1
        return self.data


def test_is_made_once_and_then_read(tmp_path: Path):
    path, make = tmp_path / "new" / "m.onnx", Maker()
    assert [onnx_cache.load(path, make) for _ in range(3)] == [DATA] * 3
    assert make.count == 1
    assert path.read_bytes() == DATA
    assert (path.parent / "m.onnx.sha256").read_text() == hashlib.sha256(DATA).hexdigest() + "\n"
    assert sorted(p.name for p in path.parent.iterdir()) == ["m.onnx", "m.onnx.lock", "m.onnx.sha256"]


def cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def flip_a_bit(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))


def lose_the_hash(path: Path) -> None:
    path.with_name("m.onnx.sha256").unlink()


def spoil_the_hash(path: Path) -> None:
    path.with_name("m.onnx.sha256").write_bytes(b"\xff\xfe")


@pytest.mark.parametrize("damage", [cut_off, flip_a_bit, lose_the_hash, spoil_the_hash])
def test_what_is_damaged_is_made_again_and_said_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, damage: Callable[[Path], None]
):
    path, make = tmp_path / "m.onnx", Maker()
    onnx_cache.load(path, make)
    assert caplog.messages == []
    damage(path)
    assert onnx_cache.load(path, make) == DATA
    assert caplog.messages == [f"{path} is damaged and is made again"]
    assert onnx_cache.load(path, make) == DATA
    assert make.count == 2


def test_where_nothing_can_be_written_it_is_made_for_this_process(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    (tmp_path / "file").touch()
    path, make = tmp_path / "file" / "m.onnx", Maker()
    assert onnx_cache.load(path, make) == DATA
    (message,) = caplog.messages
    assert message.startswith(f"{path} cannot be kept and will be made again by the next process: ")
    assert message.endswith("Set models_dir to a folder that may be written to.")


def test_a_maker_that_fails_leaves_nothing_but_the_lock(tmp_path: Path):
    def fail() -> bytes:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        onnx_cache.load(tmp_path / "m.onnx", fail)
    assert [path.name for path in tmp_path.iterdir() if path.suffix != ".lock"] == []
    assert onnx_cache.load(tmp_path / "m.onnx", Maker()) == DATA


def test_threads_that_want_it_at_once_make_it_once(tmp_path: Path):
    make = Maker()
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: onnx_cache.load(tmp_path / "m.onnx", make), range(8)))
    assert (found, make.count) == ([DATA] * 8, 1)


def test_processes_that_want_it_at_once_make_it_once(tmp_path: Path):
    (tmp_path / "made").mkdir()
    command = [sys.executable, "-c", SLOW, str(tmp_path)]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(3)]
    assert [process.communicate(timeout=120)[0] for process in processes] == [DATA] * 3
    assert len(list((tmp_path / "made").iterdir())) == 1


def test_what_a_killed_process_left_is_no_hindrance(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.WARNING)
    (tmp_path / "m.onnx.abc").write_bytes(b"half")
    (tmp_path / "m.onnx.lock").touch()
    assert onnx_cache.load(tmp_path / "m.onnx", Maker()) == DATA
    assert caplog.messages == []
