"""What kind of file some bytes are: by their content first, by the file's name second.

It knows what files of each kind begin with and the suffixes of their names; it reads none of them. Programs,
pictures and the like, which hold no text, are told by what they are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath

from assistant.errors import SourceError
from assistant.sources import safezip

HEAD_BYTES = 4096
SAVE_HINT = "Open it in its own program and save it as PDF, DOCX or text."
OLD_OFFICE_HINT = "Open it in its own program and save it in today's format, such as .docx, .xlsx or .pptx."
EMPTY_HINT = "Download or copy it once more: nothing of it has arrived."
UNLOCK_HINT = "Open it in its own program and save a copy without a password."
UNPACK_HINT = "Unpack it and add what is in it."
TEXT_HINT = (
    "If it is text, give it the suffix .txt; if it holds speech or pictures of text, make a text of it."
)

_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_GZIP = b"\x1f\x8b\x08"
_STARTS: tuple[tuple[bytes, str], ...] = ((b"{\\rtf", "rtf"), (b"WARC/", "warc"))
# What is never an article: (offset, bytes there, what it is, hint).
_OTHERS: tuple[tuple[int, bytes, str, str], ...] = (
    (0, b"\x89PNG\r\n", "a PNG picture", TEXT_HINT),
    (0, b"\xff\xd8\xff", "a JPEG picture", TEXT_HINT),
    (0, b"GIF87a", "a GIF picture", TEXT_HINT),
    (0, b"GIF89a", "a GIF picture", TEXT_HINT),
    (0, b"II*\x00", "a TIFF picture", TEXT_HINT),
    (0, b"MM\x00*", "a TIFF picture", TEXT_HINT),
    (8, b"WEBP", "a WebP picture", TEXT_HINT),
    (8, b"WAVE", "a sound recording (WAV)", TEXT_HINT),
    (8, b"AVI ", "a film (AVI)", TEXT_HINT),
    (4, b"ftyp", "a film, sound or picture (MP4, HEIC)", TEXT_HINT),
    (0, b"ID3", "a sound recording (MP3)", TEXT_HINT),
    (0, b"OggS", "a sound recording or film (Ogg)", TEXT_HINT),
    (0, b"fLaC", "a sound recording (FLAC)", TEXT_HINT),
    (0, b"\x1a\x45\xdf\xa3", "a film (Matroska, WebM)", TEXT_HINT),
    (0, b"\x7fELF", "a program", TEXT_HINT),
    (0, b"MZ\x90\x00", "a program", TEXT_HINT),
    (0, b"\xca\xfe\xba\xbe", "a program", TEXT_HINT),
    (0, b"\xcf\xfa\xed\xfe", "a program", TEXT_HINT),
    (0, b"SQLite format 3\x00", "a database (SQLite)", "Export its table as CSV."),
    (0, b"PAR1", "a table of a kind that is not read (Parquet)", "Export it as CSV or JSON Lines."),
    (0, b"%!PS", "a PostScript file", "Make a PDF of it."),
    (0, b"wOFF", "a font", TEXT_HINT),
    (0, b"wOF2", "a font", TEXT_HINT),
    (60, b"BOOKMOBI", "a Kindle book", "Convert it to EPUB."),
    (0, b"7z\xbc\xaf\x27\x1c", "an archive (7z)", UNPACK_HINT),
    (0, b"Rar!\x1a\x07", "an archive (RAR)", UNPACK_HINT),
    (0, b"BZh", "packed with bzip2", UNPACK_HINT),
    (0, b"\xfd7zXZ\x00", "packed with xz", UNPACK_HINT),
    (0, b"\x28\xb5\x2f\xfd", "packed with Zstandard", UNPACK_HINT),
    (257, b"ustar", "an archive (tar)", UNPACK_HINT),
)
_MIMETYPES = {
    b"application/epub+zip": "epub",
    b"application/vnd.oasis.opendocument.text": "odt",
}
_OPEN_DOCUMENT = b"application/vnd.oasis.opendocument."
_OFFICE_FOLDERS = {"word/": "docx", "ppt/": "pptx", "xl/": "xlsx"}
_OLE_CONTENTS: tuple[tuple[str, str, str], ...] = (  # name of a part, what the file is then, hint
    ("EncryptedPackage", "locked with a password", UNLOCK_HINT),
    ("WordDocument", "a Word file of before 2007", OLD_OFFICE_HINT),
    ("PowerPoint Document", "a PowerPoint file of before 2007", OLD_OFFICE_HINT),
    ("Workbook", "an Excel file of before 2007", OLD_OFFICE_HINT),
    ("Book", "an Excel file of before 2007", OLD_OFFICE_HINT),
)
_ROOT = re.compile(  # possessive, so that a thousand comments in a row cost nothing
    r"(?:(?><\?.*?\?>)|(?><!--.*?-->)|\s+)*+(?:<!DOCTYPE\s+(?P<doctype>[\w.:-]+)|<(?P<root>[\w.:-]+))",
    re.DOTALL | re.IGNORECASE,
)
_FEEDS = ("rss", "feed", "rdf:rdf")
_SITEMAPS = ("urlset", "sitemapindex")
_HEADER = re.compile(
    rb"(?im)^(from|to|subject|date|received|return-path|message-id|mime-version|delivered-to|content-type)"
    rb":[ \t]"
)
_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))


def kind(data: bytes, name: str, suffixes: Mapping[str, str]) -> str:
    """Find out what kind of file this is.

    Args:
        data: Its bytes.
        name: Its name.
        suffixes: Kind of file by the suffix of its name, in small letters with the dot.

    Returns:
        The kind.

    Raises:
        SourceError: If it is of no kind that is read here, or is not what its name says.
    """
    by_name = suffixes.get(suffix(name), "")
    found = _of_bytes(data, name, by_name) or _of_markup(data, name, by_name)
    if found:
        return found
    if by_name in _BINARY and not data:
        raise SourceError(name, "the file is empty", hint=EMPTY_HINT)
    if by_name in _BINARY:
        called = suffix(name)
        raise SourceError(name, f"it is called {called}, but what is in it is something else", hint=SAVE_HINT)
    if by_name:
        return by_name
    if len(set(_HEADER.findall(data[:HEAD_BYTES].partition(b"\n\n")[0].lower()))) >= 3:
        return "mail"
    known = ", ".join(suffixes)
    label = suffix(name) or "no suffix"
    raise SourceError(
        name, f"this kind of file cannot be read yet ({label})", hint=f"Files that can be read: {known}."
    )


def suffix(name: str) -> str:
    """The suffix of a file's name, in small letters with its dot; empty if it has none."""
    path = PurePosixPath(name.lower())
    return ".warc.gz" if path.name.endswith(".warc.gz") else path.suffix


_BINARY = ("pdf", "docx", "pptx", "xlsx", "odt", "epub", "zip", "msg", "warc")


def _of_bytes(data: bytes, name: str, by_name: str) -> str:
    if data.startswith(_ZIP):
        return _of_zip(data, name)
    if data.startswith(_OLE):
        return _of_ole(data, name)
    if data.startswith(_GZIP):
        if by_name == "warc":
            return "warc"
        raise SourceError(name, "it is packed with gzip", hint=UNPACK_HINT)
    head = data[:1024]
    if head.lstrip(b"\xef\xbb\xbf \t\r\n\0").startswith(b"%PDF-") or (by_name == "pdf" and b"%PDF-" in head):
        return "pdf"
    for offset, magic, what, hint in _OTHERS:
        if data[offset:].startswith(magic) if offset == 0 else data[offset : offset + len(magic)] == magic:
            raise SourceError(name, f"it is {what}", hint=hint)
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    return next((found for magic, found in _STARTS if start.startswith(magic)), "")


def _of_zip(data: bytes, name: str) -> str:
    with safezip.opened(data, name) as archive:
        names = archive.names()
        mimetype = archive.read("mimetype")[:100].strip() if "mimetype" in names else b""
    if mimetype in _MIMETYPES:
        return _MIMETYPES[mimetype]
    if mimetype.startswith(_OPEN_DOCUMENT):
        raise SourceError(name, "it is an OpenDocument file, but no text document", hint=SAVE_HINT)
    if "META-INF/container.xml" in names:
        return "epub"
    if "[Content_Types].xml" in names:
        for folder, found in _OFFICE_FOLDERS.items():
            if any(member.startswith(folder) for member in names):
                return found
    return "zip"


def _of_ole(data: bytes, name: str) -> str:
    if "__properties_version1.0".encode("utf-16-le") in data:
        return "msg"
    for part, what, hint in _OLE_CONTENTS:
        if part.encode("utf-16-le") in data:
            raise SourceError(name, f"it is {what}", hint=hint)
    raise SourceError(name, "it is a file of an old program that is not known here", hint=SAVE_HINT)


def _of_markup(data: bytes, name: str, by_name: str) -> str:
    match = _ROOT.match(_head(data))
    if not match:
        return ""
    root = (match["doctype"] or match["root"]).lower()
    if root == "html":
        return "html"
    if root in _FEEDS:
        return "feed"
    if root in _SITEMAPS:
        raise SourceError(
            name, "it is a sitemap: a list of addresses", hint="Add it by its own address on the web."
        )
    if by_name == "feed" or (not by_name and suffix(name) in ("", ".xml")):
        raise SourceError(
            name, f"it is XML of a kind that is not read (<{root}>)", hint="Convert it to HTML or text."
        )
    return ""


def _head(data: bytes) -> str:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data[len(mark) : HEAD_BYTES].decode(encoding, "ignore")
    return data[:HEAD_BYTES].decode("latin-1")
