"""What lies in a data folder, and under which names.

It knows names; it does not know what is in the files.
"""

from __future__ import annotations

import shutil
import stat
from pathlib import Path

from assistant import stores
from assistant.errors import CorpusError
from assistant.stores.catalog import Catalog

CATALOG_NAME = stores.CATALOG_NAME
INDEX_PREFIX = "index-"
DENSE_NAME = "dense"  # the folder of vectors in an index, and what the names of persisted ones begin with
STAGING_NAME = "rebuild"
LOCK_NAME = "write.lock"
LOCKS_NAME = "locks"  # a file for each folder that was added
BACKUP_PREFIX = ".backup-"  # of what a backup is made of, until it is whole


def require(data_dir: Path) -> None:
    """Check that a folder holds a corpus; nothing is opened or written.

    Args:
        data_dir: The folder.

    Raises:
        CorpusError: If it does not.
    """
    try:
        is_there = (data_dir / CATALOG_NAME).exists()
    except OSError:  # it may not be looked at: who opens it says so
        return
    if not is_there:
        raise CorpusError(
            f"there is no corpus in {data_dir} yet",
            hint="Begin one with `assistant add PATH`, or name another folder with --data-dir.",
        )


def make(path: Path) -> None:
    """Make a data folder, if it is not there.

    Args:
        path: The folder.

    Raises:
        CorpusError: If it cannot be made.
    """
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)  # others of this machine do not read along
    except OSError as exc:
        raise CorpusError(
            f"the data folder {path} cannot be made: {exc.strerror}", hint="Choose another with --data-dir."
        ) from exc


def sizes(data_dir: Path) -> dict[str, int]:
    """How many bytes lie in a data folder.

    Args:
        data_dir: The folder; what goes while it is looked at is not counted.

    Returns:
        Bytes of the "catalog", the "indexes", and of each other folder and file by its name.
    """
    found = {"catalog": 0, "indexes": 0}
    for path in data_dir.iterdir():
        part = path.name
        if part.startswith(CATALOG_NAME):
            part = "catalog"
        elif part.startswith(INDEX_PREFIX):
            part = "indexes"
        found[part] = found.get(part, 0) + sum(map(_size, [path, *path.rglob("*")]))
    return found


def _size(path: Path) -> int:
    try:
        status = path.lstat()
    except OSError:
        return 0
    return status.st_size if stat.S_ISREG(status.st_mode) else 0


def discard_other_indexes(data_dir: Path, name: str) -> None:
    """Delete all indexes but the one of this name."""
    for folder in data_dir.glob(f"{INDEX_PREFIX}*"):
        if folder.name != name:
            shutil.rmtree(folder, ignore_errors=True)


def discard_other_vectors(dense: Path) -> None:
    """Delete all folders of vectors beside the one that is in use."""
    for folder in dense.parent.glob(f"{DENSE_NAME}*"):
        if folder != dense:
            shutil.rmtree(folder, ignore_errors=True)


def index_name(folder: Path) -> str:
    """The index that the catalog of a data folder names; empty if it names none."""
    catalog = Catalog(folder / CATALOG_NAME)
    try:
        return catalog.meta().get("index", "")
    finally:
        catalog.close()
