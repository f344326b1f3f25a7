"""What is handed to `Assistant.add`, made into articles: a folder, a file, bytes, articles of a script.

It knows how each is read and where it can be read again; what comes of the articles it does not know.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from assistant import sources
from assistant.errors import CorpusError, SourceError
from assistant.originals import OriginalKeeper
from assistant.settings import IngestSettings
from assistant.sources.clean import clean, one_line, printable
from assistant.sources.parsers import Parsers
from assistant.stores.seen import SeenFiles
from assistant.syncing import Digests, Sync
from assistant.types import Article, Failure, Unchanged

Items = tuple[Iterable[Article | Failure | Unchanged], str | None, int | None]


class Intake:
    """Reads what is to be added.

    Args:
        parsers: Read files and bytes, in processes of their own.
        seen: Which files were read before, and what was in them.
        digests: What the corpus holds of some articles, as for `Sync`.
        keeper: Keeps the files as they came.
        settings: How files are read.
    """

    def __init__(
        self,
        parsers: Parsers,
        seen: SeenFiles,
        digests: Digests,
        keeper: OriginalKeeper,
        settings: IngestSettings,
    ) -> None:
        self._parsers, self._seen, self._digests = parsers, seen, digests
        self._keeper, self._settings = keeper, settings

    def items(self, what: Path | str | bytes | Article | Iterable[Article], name: str) -> Items:
        """What to add: (articles and failures, the folder that they wholly are, how many there will be)."""
        if isinstance(what, Article):
            return [cleaned(what)], None, 1
        if isinstance(what, bytes):
            return self._items_of_bytes(what, name or "text.txt"), None, None
        if isinstance(what, str | Path):
            return self._items_of_path(Path(what).expanduser(), name)
        if not isinstance(what, Iterable):
            raise TypeError(
                f"a path, bytes, an Article or an iterable of them can be added, not {type(what).__name__}"
            )
        return (cleaned(article) for article in what), None, None

    def _items_of_bytes(self, data: bytes, name: str) -> Iterator[Article | Failure]:
        try:
            found = sources.read_bytes(data, name, parse=self._parsers.data)
        except SourceError as error:
            found = [Failure(error.name, error.reason, error.hint)]
        return self._keeper.data(data, name, iter(found))

    def _items_of_path(self, path: Path, name: str) -> Items:
        try:
            exists = path.exists()
        except (OSError, ValueError):  # such as a name that is too long
            exists = False
        if not exists:
            raise CorpusError(f"{printable(str(path))} does not exist", hint="Give a file or a folder.")
        sync = Sync(
            path,
            name,
            parse=self._parsers.file,
            seen=self._seen,
            digests=self._digests,
            keeper=self._keeper,
            version=f"{self._settings.max_article_chars} {self._settings.columns}",
            ignore=self._settings.ignore,
        )
        return sync.items(), sync.root or None, sync.total


def place_of_article(article: Article) -> str:
    """Where an article can be read again: its folder or file, if it is still there, else its address."""
    file = Path(article.path.partition("#")[0])  # behind it stands which part of the file it is
    if article.root and Path(article.root, file).is_file():
        return article.root
    if not article.root and file.is_absolute() and file.is_file():
        return str(file)
    return article.url if sources.is_address(article.url) else ""


def place_of(what: Path | str | bytes) -> str:
    """The path that is to be added, so that it can be found again from anywhere; empty for bytes."""
    if isinstance(what, bytes):
        return ""
    return str(Path(what).expanduser().absolute())


def cleaned(article: Article) -> Article | Failure:
    """An article from a script, cleaned like one from a file: no control characters, one kind of line end.

    What is no article, or has no text, is a failure, so that it does not stop the others.
    """
    if not isinstance(article, Article):
        return Failure(
            printable(repr(article)[:60]), f"it is no Article but of type {type(article).__name__}"
        )
    if not isinstance(article.text, str):
        return Failure(article.name, f"its text is no text but of type {type(article.text).__name__}")
    title, author, source = map(one_line, (article.title, article.author, article.source))
    published = article.published.date() if isinstance(article.published, datetime) else article.published
    text = clean(article.text)
    return replace(article, text=text, title=title, author=author, source=source, published=published)
