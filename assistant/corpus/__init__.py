"""The corpus: articles go in, passages can be found, and the three stores stay in step.

`Corpus` is its face. Behind it: `indexes` keeps the pair of indexes, `cutting` turns articles into passages
with vectors, `verifying` checks, `rebuilding` builds all anew, `folder` knows what lies in a data folder.
"""

from __future__ import annotations

from assistant.corpus.backup import Backup, backup, restore
from assistant.corpus.corpus import Corpus
from assistant.corpus.folder import CATALOG_NAME, STAGING_NAME, require
from assistant.corpus.rebuilding import rebuild

__all__ = ["CATALOG_NAME", "STAGING_NAME", "Backup", "Corpus", "backup", "rebuild", "require", "restore"]
