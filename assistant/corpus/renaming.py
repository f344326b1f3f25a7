"""Files that were renamed within a synced folder, recognised by their text.

It knows how what vanished and what appeared in one look at a folder belong together; the writing it leaves to
the corpus.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping


def renamed(gone: Mapping[str, str], come: Mapping[str, str]) -> dict[str, str]:
    """Pair articles that vanished with those that appeared.

    Args:
        gone: Version of each article that vanished, by id.
        come: Version of each that appeared.

    Returns:
        The new id of each that has the same text as just one other, and that one as just it.
    """
    left, right = _by_version(gone.items()), _by_version(come.items())
    return {
        ids[0]: right[version][0]
        for version, ids in left.items()
        if len(ids) == 1 and len(right.get(version, ())) == 1
    }


def _by_version(items: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for article_id, version in items:
        found[version].append(article_id)
    return found
