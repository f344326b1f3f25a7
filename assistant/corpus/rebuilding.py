"""A corpus cut and embedded anew: built aside, then taken into use by one transaction.

It knows how a rebuild goes on where one was stopped; how articles are written it leaves to the corpus.
"""

from __future__ import annotations

import shutil
import time
from dataclasses import replace
from pathlib import Path

from assistant.corpus import folder
from assistant.corpus.corpus import BATCH_PASSAGES, Corpus
from assistant.corpus.folder import CATALOG_NAME, LOCK_NAME, STAGING_NAME
from assistant.errors import CorpusError
from assistant.ingest import OnProgress
from assistant.locking import WAIT_SECONDS, WriteLock
from assistant.models import Embedder
from assistant.settings import ChunkingSettings
from assistant.stores.catalog import Catalog
from assistant.types import IngestReport


def rebuild(
    data_dir: Path,
    embedder: Embedder,
    chunking_settings: ChunkingSettings,
    *,
    on_progress: OnProgress | None = None,
    batch_passages: int = BATCH_PASSAGES,
    wait_seconds: float = WAIT_SECONDS,
) -> IngestReport:
    """Cut and embed every article anew, with this model and chunking, whatever the corpus was built with.

    All is built aside and taken into use by one transaction: until then the corpus stays as it was, and a
    rebuild that was stopped goes on where it was.

    Args:
        data_dir: The corpus.
        embedder: Turns passages into vectors from now on.
        chunking_settings: How articles are cut from now on.
        on_progress: Called after each batch.
        batch_passages: About how many passages are written together.
        wait_seconds: How long to wait for another process's write.

    Returns:
        What was done; all articles count as updated.

    Raises:
        CorpusBusyError: If another process is writing.
        CorpusError: If the catalog is damaged or the disk is full.
    """
    data_dir = data_dir.resolve()
    folder.make(data_dir)
    started = time.perf_counter()
    with WriteLock(data_dir / LOCK_NAME, wait_seconds=wait_seconds).held():
        old = Catalog(data_dir / CATALOG_NAME)
        try:
            staging = _open_staging(data_dir / STAGING_NAME, embedder, chunking_settings, batch_passages)
            # Originals stay where they are, with the articles of the old catalog.
            articles = (replace(entry.article, original="") for entry in old.entries())
            report = staging.add(articles, total=old.count(), on_progress=on_progress, joins_copies=False)
            for gone in staging.ids() - old.ids():
                staging.remove(gone)
            staging.open_indexes()
            staging.close()
            _take_over(data_dir, old)
        finally:
            old.close()
    names = (*report.added, *report.updated, *report.unchanged)
    return IngestReport(updated=names, passages=report.passages, seconds=time.perf_counter() - started)


def _open_staging(
    path: Path, embedder: Embedder, chunking_settings: ChunkingSettings, batch_passages: int
) -> Corpus:
    """The corpus that is built aside: the one a stopped rebuild left, if built like this, else a new one."""
    try:
        return Corpus(path, embedder, chunking_settings, batch_passages=batch_passages)
    except CorpusError:
        shutil.rmtree(path, ignore_errors=True)
        return Corpus(path, embedder, chunking_settings, batch_passages=batch_passages)


def _take_over(data_dir: Path, old: Catalog) -> None:
    staging = data_dir / STAGING_NAME
    if name := folder.index_name(staging):
        (staging / name).rename(data_dir / name)
    old.take_passages_from(staging / CATALOG_NAME)
    folder.discard_other_indexes(data_dir, name)
    shutil.rmtree(staging, ignore_errors=True)
