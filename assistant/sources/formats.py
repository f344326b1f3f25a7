"""The kinds of files that can be read, and which module reads each.

A new format is one small module with a function `read(data, name)` and one line in `FORMATS`. A reader takes
the bytes of a file and its name; it yields an `Article` for each article in the file and a `Failure` for each
part that is none, and raises `SourceError` if the file as a whole cannot be read. The path of an article that
is only a part of its file says where in the file it stands, such as "#7". Whatever else a reader raises
becomes a `SourceError` here. Nothing here knows where files come from or what becomes of articles.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import NamedTuple

from assistant.errors import SourceError
from assistant.sources import clean, detect
from assistant.types import Article, Failure


class Format(NamedTuple):
    """One kind of file."""

    label: str  # what it is called, in a sentence
    suffixes: tuple[str, ...]
    module: str  # of this package; loaded when the first file of this kind comes
    has_fields: bool = False  # whether its reader takes `fields`: names of columns for the article's own


FORMATS: dict[str, Format] = {
    "text": Format("plain text", (".txt",), "text"),
    "markdown": Format("Markdown", (".md", ".markdown"), "markdown"),
    "html": Format("HTML", (".html", ".htm", ".xhtml"), "html"),
    "pdf": Format("PDF", (".pdf",), "pdf"),
    "docx": Format("Word (DOCX)", (".docx",), "docx"),
    "pptx": Format("PowerPoint (PPTX)", (".pptx",), "pptx"),
    "xlsx": Format("Excel (XLSX)", (".xlsx",), "xlsx", has_fields=True),
    "odt": Format("OpenDocument (ODT)", (".odt",), "odt"),
    "epub": Format("EPUB", (".epub",), "epub"),
    "rtf": Format("Rich Text (RTF)", (".rtf",), "rtf"),
    "table": Format("CSV or TSV", (".csv", ".tsv"), "table", has_fields=True),
    "json": Format("JSON", (".json",), "json_file", has_fields=True),
    "jsonl": Format("JSON Lines", (".jsonl", ".ndjson"), "jsonl", has_fields=True),
    "feed": Format("RSS or Atom", (".xml", ".rss", ".atom"), "rss"),
    "mail": Format("e-mail or MHTML", (".eml", ".mhtml", ".mht"), "mail"),
    "msg": Format("Outlook message", (".msg",), "msg"),
    "notebook": Format("Jupyter notebook", (".ipynb",), "notebook"),
    "warc": Format("web archive (WARC)", (".warc", ".warc.gz"), "warc"),
    "zip": Format("ZIP archive", (".zip",), "archive"),
}
SUFFIXES: dict[str, str] = {suffix: kind for kind, known in FORMATS.items() for suffix in known.suffixes}


def kind(data: bytes, name: str) -> str:
    """Find out which of the `FORMATS` this is, by content first and name second.

    Args:
        data: The bytes of the file.
        name: Its name.

    Returns:
        A key of `FORMATS`.

    Raises:
        SourceError: If it is none of them.
    """
    found = detect.kind(data, name, SUFFIXES)
    if found not in FORMATS:
        hint = f"Files that can be read: {', '.join(SUFFIXES)}."
        raise SourceError(name, f"this kind of file cannot be read yet ({found})", hint=hint)
    return found


def read(data: bytes, name: str, fields: Mapping[str, str] | None = None) -> Iterator[Article | Failure]:
    """Read a file, whatever its kind.

    Args:
        data: The bytes of the file.
        name: Its name.
        fields: For tables and JSON: name of an article's field, such as "text", to the name of the column
            that holds it; others are recognised by their names.

    Yields:
        The articles in it, and a failure for each part that is none.

    Raises:
        SourceError: If it is of no known kind, or cannot be read as a whole.
    """
    known = FORMATS[kind(data, name)]
    try:
        reader = import_module(f"assistant.sources.{known.module}").read
        yield from reader(data, name, fields or {}) if known.has_fields else reader(data, name)
    except SourceError:
        raise
    except Exception as exc:  # on hostile files the libraries raise nearly anything
        reason = f"it is damaged, or not proper {known.label} ({type(exc).__name__})"
        raise SourceError(name, reason) from exc


def is_known(name: str) -> bool:
    """Whether a file of this name is of a kind that can be read, unless its content says otherwise."""
    return detect.suffix(clean.printable(name)) in SUFFIXES
