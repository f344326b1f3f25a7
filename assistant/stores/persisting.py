"""Chroma's index written to disk: by a process of its own, into a copy, with a checksum of each file.

Chroma writes its index files in place and from memory that was not cleared, in which words of articles have
been found. So they are written by a program that has never held a text, into a folder that nobody uses yet,
and never again once that is in use: what comes later stands in Chroma's log. It knows Chroma's files; it does
not know passages, or when a folder is taken into use.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
import zlib
from contextlib import closing
from pathlib import Path
from typing import Any

from assistant.errors import CorpusError
from assistant.stores import index_hint

COLLECTION = "passages"
DATABASE = "chroma.sqlite3"
SYNC_THRESHOLD = 10**9  # records before Chroma writes its index files: never in a folder that is in use
LOG_RECORDS = 4000  # that are replayed at open and read at each write, before the index is persisted anew
MANIFEST = "persisted.json"
PROBES = 50  # vectors that are searched for before a persisted index is believed
NEIGHBOURS = 10  # that each must find; not itself, since many equal vectors hide others from any graph
SECONDS = 3600.0  # that the writing may take
PIECE = 1 << 20
_DELETE = 3  # the operation, in Chroma's log
_PROGRAM = (
    "import sys; sys.path[:] = {path!r}; from assistant.stores.persisting import main; main({folder!r})"
)


def persist(source: Path, target: Path) -> None:
    """Copy a folder of Chroma's, with all of its log gone into index files.

    Args:
        source: The folder; it may be open, but nobody writes.
        target: A folder that is not there.

    Raises:
        CorpusError: If it cannot be written, or cannot be searched; nothing is left of it.
    """
    try:
        forgotten = records_to_forget(source)
        if is_persisted(source):
            shutil.copytree(source, target)
            (target / MANIFEST).unlink()
        else:  # what Chroma has laid out is no index, see `VectorIndex`
            target.mkdir(parents=True)
            shutil.copyfile(source / DATABASE, target / DATABASE)
        _run(target)
        sums = {path.relative_to(target).as_posix(): _sum_of(path) for path in _index_files(target)}
        text = json.dumps({"forgotten": forgotten, "files": sums})
        (target / MANIFEST).write_text(text, encoding="utf-8")
    except (OSError, sqlite3.Error) as exc:
        shutil.rmtree(target, ignore_errors=True)
        raise CorpusError(f"{target}: {exc}", hint=index_hint(exc)) from exc
    except CorpusError:
        shutil.rmtree(target, ignore_errors=True)
        raise


def is_persisted(path: Path) -> bool:
    """Whether a folder has index files that were written by `persist`."""
    return (path / MANIFEST).exists()


def damage(path: Path) -> str | None:
    """Say which index file of a folder is not as it was written, or None; all of them are read."""
    if not is_persisted(path):
        is_foreign = any(path.glob("*/index_metadata.*"))
        return "it holds index files written by another program or release" if is_foreign else None
    try:
        expected = json.loads((path / MANIFEST).read_bytes())["files"]
        found = {file.relative_to(path).as_posix(): _sum_of(file) for file in _index_files(path)}
        wrong = sorted(name for name in expected.keys() | found if expected.get(name) != found.get(name))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return f"{MANIFEST} is damaged"
    return f"{wrong[0]} is not as it was written" if wrong else None


def records_in_log(path: Path) -> int:
    """How many records of a folder that is not open are not in its index files."""
    with closing(_connected(path)) as db:
        last, persisted = _positions(db)
        return last - persisted


def records_to_forget(path: Path) -> int:
    """How many passages were forgotten since the index files of a folder were first written."""
    before = json.loads((path / MANIFEST).read_bytes())["forgotten"] if is_persisted(path) else 0
    with closing(_connected(path)) as db:
        query = "SELECT count(*) FROM embeddings_queue WHERE operation = ? AND seq_id > ?"
        return int(before + db.execute(query, (_DELETE, _positions(db)[1])).fetchone()[0])


def main(folder: str) -> None:
    """Write the index files of a folder; what the process of its own does.

    Args:
        folder: The folder, which nobody else has open.
    """
    _set_threshold(folder, 2)  # the log has more records, so it is written out when it is replayed
    client, collection = _opened(folder)
    probes = collection.get(limit=PROBES, include=["embeddings"])
    lost = sum(not _finds_neighbours(collection, vector) for vector in probes["embeddings"])
    client.close()
    _set_threshold(folder, SYNC_THRESHOLD)
    with closing(_connected(Path(folder))) as db:
        last, persisted = _positions(db)
    if lost or last != persisted:
        sys.exit(f"{lost} of {PROBES} probes find too little, {last - persisted} records are not written")


def _set_threshold(folder: str, records: int) -> None:
    """Change after how many records Chroma writes its index; it takes note when it is opened next."""
    client, collection = _opened(folder)
    collection.modify(configuration={"hnsw": {"sync_threshold": records}})
    client.close()


def _opened(folder: str) -> tuple[Any, Any]:
    import chromadb

    client = chromadb.PersistentClient(folder)
    return client, client.get_collection(COLLECTION, embedding_function=None)


def _finds_neighbours(collection: Any, vector: Any) -> bool:
    count = min(NEIGHBOURS, collection.count())
    found = collection.query(query_embeddings=[vector], n_results=count, include=["distances"])
    return bool(len(found["ids"][0]) == count)


def _run(folder: Path) -> None:
    home = str(Path(__file__).parents[2])
    program = _PROGRAM.format(path=[*filter(None, sys.path), home], folder=str(folder))
    try:
        command = [sys.executable, "-I", "-c", program]
        done = subprocess.run(
            command, capture_output=True, timeout=SECONDS, check=False, stdin=subprocess.DEVNULL
        )
    except subprocess.TimeoutExpired as exc:
        raise CorpusError(f"{folder}: the index was not written within an hour") from exc
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise CorpusError(f"{folder}: the index cannot be written: {said or done.returncode}")


def _connected(path: Path) -> sqlite3.Connection:
    # Not read-only: SQLite may have to undo the write that a crash cut off before it can read.
    return sqlite3.connect(f"{(path / DATABASE).absolute().as_uri()}?mode=rw", uri=True)


def _positions(db: sqlite3.Connection) -> tuple[int, int]:
    """Number of the log's last record, and of the last one that is in the index files."""
    last = "SELECT coalesce(max(seq_id), 0) FROM embeddings_queue"
    persisted = "SELECT coalesce(max(seq_id), 0) FROM max_seq_id JOIN segments ON id = segment_id"
    found = (db.execute(last), db.execute(f"{persisted} WHERE scope = 'VECTOR'"))
    return tuple(int(cursor.fetchone()[0]) for cursor in found)  # type: ignore[return-value]


def _index_files(path: Path) -> list[Path]:
    return sorted(file for file in path.glob("*/*") if file.is_file())


def _sum_of(path: Path) -> list[int]:
    """Size and CRC-32 of a file."""
    size = crc = 0
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            size, crc = size + len(piece), zlib.crc32(piece, crc)
    return [size, crc]
