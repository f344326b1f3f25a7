"""A file that takes seconds to make, kept for the next process with its hash beside it.

It knows bytes and files; it does not know what they are for. Processes that want the file at once wait for
the first one's; a file that is not as its hash says is made again; where nothing can be written, the bytes
are made for this process only.
"""

from __future__ import annotations

import hashlib
import logging
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock

logger = logging.getLogger(__name__)

WAIT_SECONDS = 300.0  # for another process; then the file is made twice, which does no harm


def load(path: Path, make: Callable[[], bytes]) -> bytes:
    """The bytes of a file, made if it is missing or damaged.

    Args:
        path: The file; its folder is made if it is missing.
        make: Makes the bytes.

    Returns:
        The bytes, checked.
    """
    kept = _read(path)
    if kept is not None:
        return kept
    with _alone(path):
        kept = _read(path)  # another process may have made it meanwhile
        if kept is not None:
            return kept
        if path.exists():
            logger.warning("%s is damaged and is made again", path)
        made = make()
        _keep(path, made)
        return made


def _read(path: Path) -> bytes | None:
    """The bytes of the file, or None if it is missing or not as its hash says."""
    try:
        data, wanted = path.read_bytes(), _hash_path(path).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return data if hashlib.sha256(data).hexdigest() == wanted else None


def _keep(path: Path, data: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(path, data)
        _write(_hash_path(path), f"{hashlib.sha256(data).hexdigest()}\n".encode())
    except OSError as exc:
        logger.warning(
            "%s cannot be kept and will be made again by the next process: %s. "
            "Set models_dir to a folder that may be written to.",
            path,
            exc,
        )


def _write(path: Path, data: bytes) -> None:
    """Write a file whole or not at all."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold the file's lock, if there can be one."""
    lock = FileLock(f"{path}.lock", thread_local=False)
    with suppress(OSError, NotImplementedError):  # no such folder, not allowed, no locks, or a long wait
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=WAIT_SECONDS)
    try:
        yield
    finally:
        lock.release()


def _hash_path(path: Path) -> Path:
    return path.with_name(f"{path.name}.sha256")
