"""A folder of files that want to do harm, each beside what must become of it; and a run over it, measured.

Run as a program it adds the folder given to a data folder given and prints a report with the memory that was
taken, so that a process of its own can be measured.
"""

from __future__ import annotations

import io
import json
import resource
import sys
import zipfile
from pathlib import Path

from assistant import Assistant
from assistant.settings import Settings
from tests.fakes import WordEmbeddings

GOOD = "The otter came back to the river in spring."
LAUGHS = (
    "<?xml version='1.0'?><!DOCTYPE lolz [<!ENTITY l0 'lol'>"
    + "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 11))
    + "]>"
)
# Kinds of text that programs trip over; written for this test.
NAUGHTY = (
    *(
        "undefined",
        "NULL",
        "None",
        "true",
        "nan",
        "1e309",
        "-0",
        "0x0",
        "١٢٣",
        "$HOME",
        "%s%d%n",
        "{0}",
        "${x}",
    ),
    *(
        "{{7*7}}",
        "<b>bold</b>",
        "<img src=x onerror=alert(1)>",
        "javascript:alert(1)",
        '" OR 1=1',
        "`id`",
        "$(id)",
    ),
    *("'; DROP TABLE articles;--", "; ls", "../../etc/passwd", "CON", "nul", "-rf", "--help", "a\tb", "a\nb"),
    *(
        "é e\u0301",
        "Ａｂｃ",
        "田中さん",
        "שלום עולם",
        "\u202eabc\u202c",
        "\u200bzero\u200bwidth",
        "ﷺ",
        "\ufeffbom",
    ),
    *(
        "👩\u200d👩\u200d👧\u200d👦",
        "Z\u0351\u036b\u0343a",
        "\U000e0041tag",
        "ß ẞ",
        "İi",
        "~",
        "*",
        "?",
        "#1",
        "x" * 200,
    ),
    *(" leading", "trailing ", ".", ".."),
)


def zipped(*members: tuple[str, bytes | str]) -> bytes:
    """A ZIP archive of these members."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return buffer.getvalue()


def naughty_files(folder: Path) -> dict[str, str]:
    """Write a file for each naughty string, which is in its name and its text; text by the file."""
    folder.mkdir()
    written = {}
    for number, text in enumerate(NAUGHTY):
        name = f"{number:02d} {text.replace('/', '∕')}.txt"
        (folder / name).write_text(f"Note {number}\n\nIt says {text} and {GOOD}", encoding="utf-8")
        written[name] = text
    return written


def text_files(folder: Path) -> list[str]:
    """Write texts that are odd and nevertheless articles; their names."""
    folder.mkdir()
    files = {
        "line.txt": "Line\n\n" + " ".join(f"word{n}" for n in range(110_000))[:999_999] + ".",
        "unbroken.txt": "Unbroken\n\n" + "-".join(f"x{n}" for n in range(150_000))[:1_000_000],
        "nul.txt": "Nul\n\nThe otter\0 came\0\0 back.",
        "marks.txt": "Marks\n\nZ" + "\u0351" * 10_000,
        "rows.jsonl": json.dumps({"text": GOOD, "title": "a\0b", "id": "\x1b[31m"}) + "\n" + "[" * 100_000,
    }
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return list(files)


def killers(folder: Path) -> dict[str, str]:
    """Write files that take their parsers' time or memory; the beginning of the reason by the file."""
    folder.mkdir()
    files: dict[str, tuple[bytes, str]] = {
        "attributes.html": (
            b"<p " + b" ".join(b"a%d=1" % n for n in range(200_000)) + b">text</p>",
            "reading it takes more than 2 seconds of processor time",
        ),
        "paragraphs.html": (
            b"<html><body>" + b"<p>word word word word</p>\n" * 200_000,
            "the page has more than",
        ),
        "deep.html": (b"<div>" * 5000 + GOOD.encode(), "no article text found in the page"),
    }
    for name, (data, _) in files.items():
        (folder / name).write_bytes(data)
    return {name: reason for name, (_, reason) in files.items()}


def containers(folder: Path) -> dict[str, str]:
    """Write archives, documents and feeds that explode or lead out; a part of the reason by the failure."""
    folder.mkdir()
    bomb = bytes(120_000_000)
    word = ("[Content_Types].xml", "<Types/>")
    book = ("META-INF/container.xml", "<container/>")
    files = {
        "bomb.zip": (zipped(("bomb.txt", bomb)), "bomb.zip", "larger than 100 MB"),
        "many.zip": (zipped(*((f"{n}.txt", "x") for n in range(2001))), "many.zip", "more than 2,000 files"),
        "bomb.docx": (zipped(word, ("word/document.xml", bomb)), "bomb.docx", ""),
        "laughs.docx": (zipped(word, ("word/document.xml", LAUGHS + "<a>&l10;</a>")), "laughs.docx", ""),
        "laughs.xml": (
            (LAUGHS + "<rss><channel><title>&l10;</title></channel></rss>").encode(),
            "laughs.xml",
            "",
        ),
        "laughs.epub": (zipped((book[0], LAUGHS + "<container>&l10;</container>")), "laughs.epub", ""),
        "traverse.epub": (zipped(book, ("../../out.xhtml", "<p>out</p>")), "traverse.epub", "leads out"),
    }
    for name, (data, _, _) in files.items():
        (folder / name).write_bytes(data)
    return {failure: reason for _, failure, reason in files.values()}


def main(data_dir: str, *folders: str) -> None:
    """Add folders, one after the other; prints the reports and the memory taken as JSON."""
    settings = Settings.model_validate({"data_dir": data_dir, "ingest": {"parser_cpu_seconds": 2}})
    with Assistant.open(settings=settings, embedder=WordEmbeddings()) as assistant:
        assistant.add(f"Warm up\n\n{GOOD} ".encode() * 200, name="warm.txt")
        before = _peak(resource.RUSAGE_SELF)
        reports = [assistant.add(Path(folder)).to_dict() for folder in folders]
        problems = assistant.verify().problems
        texts = {Path(article.path).name: article.text for article in assistant.articles()}
    memory = {"main_mb": _peak(resource.RUSAGE_SELF) - before, "worker_mb": _peak(resource.RUSAGE_CHILDREN)}
    print(json.dumps({"reports": reports, "problems": problems, "texts": texts} | memory))


def _peak(who: int) -> float:
    peak = resource.getrusage(who).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak / 1e3


if __name__ == "__main__":
    main(*sys.argv[1:])
