"""Near copies found as articles come: each new text is compared with those that share a band with it.

It knows what a near copy is and where signatures are kept; it does not know what becomes of a group.
"""

from __future__ import annotations

from assistant import near_copies
from assistant.stores.catalog import Catalog

AT_ONCE = 200  # articles whose texts are held in memory


def group_new(catalog: Catalog) -> None:
    """Find the group of every ready article that has none yet, such as those that were just added.

    What a crash left ungrouped is grouped by the next write. It costs a millisecond an article.

    Args:
        catalog: Where articles and groups are kept; the lock is held.
    """
    while some := catalog.without_signature(AT_ONCE):
        for article_id, text in some:
            signature = near_copies.signature(text)
            bands = near_copies.bands(signature)
            near = [
                group
                for _, group, other in (catalog.sharing(bands) if bands else ())
                if near_copies.is_near_copy(signature, other)
            ]
            catalog.join_kin(article_id, signature, bands, set(near))
