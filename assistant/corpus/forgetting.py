"""What else of an article must go when it is deleted for good: what lies beside the three stores.

It knows which files of a data folder name articles or hold their texts; the stores forget for themselves.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from assistant.corpus.folder import BACKUP_PREFIX, STAGING_NAME
from assistant.failures import Failures
from assistant.stores.jobs import JobStore
from assistant.stores.seen import SeenFiles
from assistant.stores.web import WebMemory
from assistant.types import Article

UNDER_WAY_SECONDS = 3600.0  # for so long a backup that is being taken is left alone


def forget_beside(
    data_dir: Path, gone: Sequence[Article], locked: Callable[[], AbstractContextManager[None]]
) -> None:
    """Forget articles wherever they are named, and what was begun with them; the lock is held.

    Args:
        data_dir: The data folder.
        gone: The articles.
        locked: The write lock.
    """
    ids = [article.id for article in gone]
    seen = SeenFiles(data_dir)
    seen.forget(ids)
    seen.close()
    WebMemory(data_dir).forget(ids)
    names = {name for a in gone for name in (a.path, a.url, a.title, f"{a.root}/{a.path}") if name}
    Failures(data_dir, locked).forget_names(names)
    jobs = JobStore(data_dir)
    jobs.forget({*names, *ids})
    jobs.close()
    shutil.rmtree(data_dir / STAGING_NAME, ignore_errors=True)  # a rebuild begins anew
    for place in data_dir.glob(f"{BACKUP_PREFIX}*"):  # of a backup that was killed
        if time.time() - place.stat().st_mtime > UNDER_WAY_SECONDS:
            shutil.rmtree(place, ignore_errors=True)
