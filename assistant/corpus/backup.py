"""A backup of a data folder in one ZIP file, taken while others write, and the way back from it.

It knows which files cannot be made again (the catalog, subscriptions, conversations, originals, settings)
and their checksums; indexes are built anew from the catalog. A backup is checked as a whole before anything
is put in place, and what was there before is set aside, never written over.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from assistant.corpus import folder
from assistant.corpus.folder import BACKUP_PREFIX, CATALOG_NAME, LOCK_NAME
from assistant.corpus.indexes import Indexes
from assistant.errors import CorpusError
from assistant.locking import WAIT_SECONDS, WriteLock
from assistant.stores.catalog import Catalog
from assistant.stores.connections import Database
from assistant.stores.conversations import FILE_NAME as CONVERSATIONS
from assistant.stores.originals import FOLDER_NAME as ORIGINALS

FORMAT = 1
MANIFEST = "manifest.json"
DATABASES = (CATALOG_NAME, "web.sqlite", CONVERSATIONS)  # seen.sqlite may be lost without harm
PLAIN = ("assistant.toml",)
BATCH_PASSAGES = 1024  # written to the indexes at once
COPY_BYTES = 1 << 20
HINT = "Take another backup; nothing was changed."


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup holds."""

    path: Path
    articles: int
    bytes: int  # of the file
    set_aside: Path | None = None  # what was in the data folder before, after a restore


def backup(data_dir: Path, file: Path) -> Backup:
    """Write a backup; others may read and write meanwhile, it holds the corpus as it was at one moment.

    Args:
        data_dir: The data folder.
        file: Where to; replaced only once the backup is whole.

    Returns:
        What it holds.

    Raises:
        CorpusError: If the catalog is damaged, or the file cannot be written or is there and is no backup.
    """
    folder.require(data_dir)
    if file.exists() and not _is_backup(file):
        raise CorpusError(f"{file} is there already and is no backup", hint="Choose another name.")
    unfinished = file.with_name(f"{file.name}.unfinished")
    try:
        with tempfile.TemporaryDirectory(prefix=BACKUP_PREFIX, dir=data_dir) as place:
            parts = dict(_snapshots(data_dir, Path(place))) | dict(_files(data_dir))
            catalog = Catalog(parts[CATALOG_NAME])
            articles = catalog.count()
            catalog.close()
            sums = {name: _sum_of(path) for name, path in parts.items()}
            manifest = {"format": FORMAT, "made": time.strftime("%Y-%m-%dT%H:%M:%S%z"), "files": sums}
            with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
                archive.writestr(MANIFEST, json.dumps(manifest | {"articles": articles}, indent=1))
                for name, path in parts.items():
                    archive.write(path, name)
        Path(unfinished).replace(file)
        return Backup(file, articles, file.stat().st_size)
    except OSError as exc:
        hint = "Check that there is room, and that the folder may be written to."
        raise CorpusError(f"{file}: the backup cannot be written: {exc.strerror or exc}", hint=hint) from exc
    finally:
        unfinished.unlink(missing_ok=True)


def _is_backup(file: Path) -> bool:
    try:
        with zipfile.ZipFile(file) as archive:
            return MANIFEST in archive.namelist()
    except (OSError, zipfile.BadZipFile):
        return False


def restore(file: Path, data_dir: Path, *, force: bool = False, wait_seconds: float = WAIT_SECONDS) -> Backup:
    """Bring a data folder back from a backup.

    Args:
        file: The backup.
        data_dir: The data folder; empty or missing, unless `force`.
        force: Whether to set aside what is in the data folder.
        wait_seconds: How long to wait for another process's write.

    Returns:
        What was restored, and where the old data folder is now.

    Raises:
        CorpusBusyError: If another process is writing.
        CorpusError: If the backup is damaged, the data folder is in use, or there is no room.
    """
    data_dir = data_dir.resolve()
    is_taken = data_dir.is_dir() and any(data_dir.iterdir())
    if is_taken and not force:
        hint = "Restore with --force, which sets it aside, or name another folder with --data-dir."
        raise CorpusError(f"{data_dir} is not empty", hint=hint)
    try:
        data_dir.parent.mkdir(parents=True, exist_ok=True)
        place = Path(tempfile.mkdtemp(prefix=f".{data_dir.name}-restore-", dir=data_dir.parent))
        try:
            articles = _unpack(file, place)
            _build_indexes(place)
            aside = _swap(place, data_dir, wait_seconds) if data_dir.exists() else None
            if aside is None:
                place.rename(data_dir)
            return Backup(file, articles, file.stat().st_size, aside)
        finally:
            shutil.rmtree(place, ignore_errors=True)
    except OSError as exc:
        raise CorpusError(f"{data_dir} cannot be restored: {exc.strerror or exc}", hint=HINT) from exc


def _snapshots(data_dir: Path, place: Path) -> Iterator[tuple[str, Path]]:
    for name in DATABASES:
        if (data_dir / name).exists():
            database = Database(data_dir / name)
            try:
                database.copy_to(place / name)
            finally:
                database.close()
            yield name, place / name


def _files(data_dir: Path) -> Iterator[tuple[str, Path]]:
    for path in [*(data_dir / name for name in PLAIN), *sorted((data_dir / ORIGINALS).glob("[!.]*/*"))]:
        if path.is_file():
            yield path.relative_to(data_dir).as_posix(), path


def _unpack(file: Path, place: Path) -> int:
    """Unpack a backup and compare all checksums; returns how many articles it holds."""
    with _opened(file) as (archive, manifest):
        sums: dict[str, str] = manifest["files"]
        names = set(archive.namelist()) - {MANIFEST}
        if names != set(sums) or CATALOG_NAME not in names or not all(map(_is_safe, names)):
            raise CorpusError(f"{file}: it is no backup of a corpus, or not a whole one", hint=HINT)
        needed, free = sum(i.file_size for i in archive.infolist()), shutil.disk_usage(place).free
        if needed > free:
            raise CorpusError(
                f"{file}: it needs {needed >> 20} MB of disk, {free >> 20} MB are free", hint=HINT
            )
        for name in names:
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            with archive.open(name) as source, (place / name).open("wb") as target:
                shutil.copyfileobj(source, target, COPY_BYTES)
            if _sum_of(place / name) != sums[name]:
                raise CorpusError(f"{file}: {name} in it is damaged", hint=HINT)
        return int(manifest["articles"])


@contextmanager
def _opened(file: Path) -> Iterator[tuple[zipfile.ZipFile, dict[str, Any]]]:
    try:
        with zipfile.ZipFile(file) as archive:
            manifest = json.loads(archive.read(MANIFEST))
            if manifest["format"] != FORMAT:
                raise CorpusError(f"{file}: it was made by a newer release", hint="Install that one.")
            yield archive, manifest
    except FileNotFoundError as exc:
        raise CorpusError(
            f"{file} does not exist", hint="Give the file that `assistant backup` wrote."
        ) from exc
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError, EOFError, NotImplementedError) as exc:
        raise CorpusError(f"{file}: it is damaged, or no backup of a corpus ({exc})", hint=HINT) from exc


def _is_safe(name: str) -> bool:
    path = PurePosixPath(name)
    is_inside = not path.is_absolute() and ".." not in path.parts and "\\" not in name
    return is_inside and (name in DATABASES or name in PLAIN or path.parts[0] == ORIGINALS)


def _build_indexes(place: Path) -> None:
    """Build the indexes of a restored catalog, which must be whole."""
    catalog = Catalog(place / CATALOG_NAME)
    try:
        if problems := catalog.problems():
            raise CorpusError(problems[0], hint=HINT)
        lock = WriteLock(place / LOCK_NAME)
        indexes = Indexes(place, catalog, lock, lambda: None, batch_passages=BATCH_PASSAGES, is_brief=False)
        if catalog.meta().get("index"):
            indexes.open_or_build()
            indexes.close()
    finally:
        catalog.close()


def _swap(place: Path, data_dir: Path, wait_seconds: float) -> Path | None:
    """Put a folder where another one is, which is set aside while nobody writes; removed if it was empty."""
    if not any(data_dir.iterdir()):
        data_dir.rmdir()
        return None
    aside = data_dir.with_name(f"{data_dir.name}-before-{time.strftime('%Y%m%d-%H%M%S')}")
    with WriteLock(data_dir / LOCK_NAME, wait_seconds=wait_seconds).held():
        data_dir.rename(aside)
        place.rename(data_dir)
    return aside


def _sum_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
