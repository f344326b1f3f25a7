"""What the three stores of a data folder hold, read from each by itself."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from assistant.corpus import CATALOG_NAME
from assistant.stores.catalog import Catalog
from assistant.stores.lexical import LexicalIndex
from assistant.stores.vectors import VectorIndex
from assistant.types import Article


@dataclass(frozen=True)
class Contents:
    """The articles, and the passages by store."""

    articles: frozenset[Article]
    passages: frozenset[str]
    dense: frozenset[str]
    lexical: frozenset[str]
    unfinished: int

    @property
    def is_whole(self) -> bool:
        """Whether the stores agree and nothing is left to do."""
        return self.passages == self.dense == self.lexical and not self.unfinished


def contents(data_dir: Path) -> Contents:
    """Read the stores of a folder that nobody has open."""
    catalog = Catalog(data_dir / CATALOG_NAME)
    meta = catalog.meta()
    lexical = LexicalIndex(data_dir / meta["index"] / "lexical")
    dense = VectorIndex(data_dir / meta.get("dense", f"{meta['index']}/dense"))
    found = Contents(
        frozenset(catalog.articles()),
        frozenset(catalog.passage_ids()),
        frozenset(dense.ids()),
        frozenset(lexical.ids()),
        sum(map(len, catalog.unfinished())),
    )
    dense.close()
    catalog.close()
    return found
