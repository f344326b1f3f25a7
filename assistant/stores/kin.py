"""Which articles are near copies of one another: signatures, the bands that they are found by, and groups.

It knows rows; what makes two texts near copies is for others to say.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from assistant.stores.connections import Database
from assistant.stores.listed import list_group

Kin = tuple[int, int, bytes]  # number, group, signature


class CatalogKin(Database):
    """The part of the catalog that knows near copies."""

    def without_signature(self, limit: int) -> list[tuple[str, str]]:
        """(id, text) of ready articles of which no signature is kept."""
        # Found in an index alone: asked at each write, the texts of all would have to be passed over.
        lacking = (
            "SELECT a.id FROM articles a INDEXED BY articles_by_id LEFT JOIN kin k ON k.article_id = a.id"
            " WHERE k.number IS NULL AND a.state = 'ready' LIMIT ?"
        )
        return self._rows(f"SELECT id, text FROM articles WHERE id IN ({lacking})", (limit,))

    def sharing(self, bands: Sequence[int]) -> list[Kin]:
        """The articles that share one of these bands."""
        query = (
            "SELECT DISTINCT k.number, k.group_id, k.signature FROM bands b JOIN kin k ON k.number = b.number"
            f" WHERE b.band IN ({','.join('?' * len(bands))})"
        )
        return self._rows(query, bands)

    def join_kin(
        self, article_id: str, signature: bytes, bands: Sequence[int], groups: Collection[int]
    ) -> None:
        """Keep the signature of an article, which joins these groups into one; of none, it begins its own."""
        with self._transaction() as db:
            row = "INSERT OR IGNORE INTO kin (article_id, group_id, signature) SELECT id, 0, ? FROM articles"
            made = db.execute(f"{row} WHERE id = ?", (signature, article_id))
            if not made.rowcount:  # it has gone meanwhile, or another did it
                return
            number = made.lastrowid
            group = min(groups, default=number)
            db.executemany("INSERT INTO bands VALUES (?, ?)", [(band, number) for band in bands])
            db.execute("UPDATE kin SET group_id = ? WHERE number = ?", (group, number))
            others = [(group, other) for other in groups if other != group]
            db.executemany("UPDATE kin SET group_id = ? WHERE group_id = ?", others)
            if group is not None and groups:
                list_group(db, group)

    def groups(self, article_ids: Collection[str]) -> dict[str, int]:
        """The group of each of these articles that has near copies."""
        query = (
            "SELECT k.article_id, k.group_id FROM kin k WHERE k.article_id IN ({}) AND EXISTS"
            " (SELECT 1 FROM kin o WHERE o.group_id = k.group_id AND o.number <> k.number)"
        )
        return dict(self._rows_in(query, article_ids))

    def members(self, group: int, limit: int) -> list[str]:
        """Ids of the ready articles of a group, the first that came first."""
        query = "SELECT a.id FROM kin k JOIN articles a ON a.id = k.article_id"
        condition = "k.group_id = ? AND a.state = 'ready' ORDER BY k.number LIMIT ?"
        rows = self._rows(f"{query} WHERE {condition}", (group, limit))
        return [row[0] for row in rows]
