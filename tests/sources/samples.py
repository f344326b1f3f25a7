"""Small files of every kind, made by the libraries that other programs use, too; all tell the same story."""

from __future__ import annotations

import io
import json
import zipfile
from email.message import EmailMessage

import docx
import openpyxl
import pptx
import pypdfium2
import pypdfium2.raw as pdfium
from pptx.util import Inches

TITLE = "Harbour opens again"
AUTHOR = "Ann Bee"
FIRST = "The harbour of Gwadar was opened again on Monday after a month of repairs."
HEADING = "What it cost"
SECOND = "The repairs cost four million dollars, twice as much as planned."
ROW = ("Cranes", "12")


def pdf(*pages: list[str], title: str = "") -> bytes:
    """A PDF with a text layer: a line of each page at a time, from the top."""
    document = pypdfium2.PdfDocument.new()
    font = pdfium.FPDFText_LoadStandardFont(document.raw, b"Helvetica")
    for lines in pages:
        page = document.new_page(595, 842)
        for number, line in enumerate(lines):
            size = 24.0 if line in (TITLE,) else 11.0
            text = pdfium.FPDFPageObj_CreateTextObj(document.raw, font, size)
            encoded = (line + "\0").encode("utf-16-le")
            buffer = (pdfium.FPDF_WCHAR * (len(encoded) // 2)).from_buffer_copy(encoded)
            pdfium.FPDFText_SetText(text, buffer)
            pdfium.FPDFPageObj_Transform(text, 1, 0, 0, 1, 60, 780 - number * (14 if size == 11.0 else 40))
            pdfium.FPDFPage_InsertObject(page.raw, text)
        page.gen_content()
    buffer = io.BytesIO()
    document.save(buffer)
    document.close()
    data = buffer.getvalue()
    if not title:
        return data
    return data.replace(
        b"trailer\r\n<<\r\n", b"trailer\r\n<<\r\n/Info<</Title(" + title.encode() + b")>>\r\n"
    )


def story_pdf() -> bytes:
    return pdf([TITLE, *_wrapped(FIRST)], [*_wrapped(SECOND)])


def _wrapped(text: str) -> list[str]:
    words, lines = text.split(), [""]
    for word in words:
        if len(lines[-1]) + len(word) > 45:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def story_docx() -> bytes:
    document = docx.Document()
    document.core_properties.title, document.core_properties.author = TITLE, AUTHOR
    document.add_paragraph(FIRST)
    document.add_heading(HEADING, level=1)
    document.add_paragraph(SECOND)
    table = document.add_table(rows=1, cols=2)
    for cell, text in zip(table.rows[0].cells, ROW, strict=True):
        cell.text = text
    return _saved(document)


def story_pptx() -> bytes:
    presentation = pptx.Presentation()
    presentation.core_properties.title, presentation.core_properties.author = TITLE, AUTHOR
    for heading, text in (("Opening", FIRST), (HEADING, SECOND)):
        slide = presentation.slides.add_slide(presentation.slide_layouts[1])
        slide.shapes.title.text, slide.placeholders[1].text = heading, text
    table = slide.shapes.add_table(1, 2, Inches(1), Inches(4), Inches(4), Inches(1)).table
    for cell, text in zip(table.rows[0].cells, ROW, strict=True):
        cell.text = text
    slide.notes_slide.notes_text_frame.text = "Say it slowly."
    return _saved(presentation)


def xlsx(*sheets: tuple[str, list[list[object]]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets:
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    return _saved(book)


def story_xlsx() -> bytes:
    return xlsx(
        ("Stories", [["Headline", "Body", "Date", "By"], [TITLE, f"{FIRST}\n{SECOND}", "2024-11-13", AUTHOR]])
    )


def zipped(parts: dict[str, str | bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def epub(chapters: dict[str, str], **extra: str) -> bytes:
    """A book: chapters by their paths within OEBPS."""
    items = "".join(
        f'<item id="c{n}" href="{path}" media-type="application/xhtml+xml"/>'
        for n, path in enumerate(chapters)
    )
    spine = "".join(f'<itemref idref="c{n}"/>' for n in range(len(chapters)))
    container = (
        '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0"><rootfiles>'
        '<rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/>'
        "</rootfiles></container>"
    )
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf" version="3.0">'
        f'<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{TITLE}</dc:title>'
        f"<dc:creator>{AUTHOR}</dc:creator><dc:date>2024-11-13</dc:date><dc:language>en</dc:language>"
        f"<dc:publisher>The Paper</dc:publisher></metadata><manifest>{items}</manifest>"
        f"<spine>{spine}</spine></package>"
    )
    parts: dict[str, str | bytes] = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": container,
        "OEBPS/book.opf": package,
    }
    for path, body in chapters.items():
        parts[f"OEBPS/{path}"] = f"<html><head><title>x</title></head><body>{body}</body></html>"
    return zipped(parts | dict(extra))


def story_epub() -> bytes:
    return epub({"a.xhtml": f"<p>{FIRST}</p>", "b.xhtml": f"<h1>{HEADING}</h1><p>{SECOND}</p>"})


def story_odt() -> bytes:
    office = "urn:oasis:names:tc:opendocument:xmlns:"
    spaces = (
        f'xmlns:office="{office}office:1.0" xmlns:text="{office}text:1.0" xmlns:table="{office}table:1.0"'
    )
    cells = "".join(f"<table:table-cell><text:p>{cell}</text:p></table:table-cell>" for cell in ROW)
    content = (
        f"<office:document-content {spaces}><office:body><office:text>"
        f"<text:p>{FIRST}</text:p><text:h text:outline-level='1'>{HEADING}</text:h>"
        f"<text:p>{SECOND.replace(' cost', '<text:s/><text:span>cost</text:span>')}</text:p>"
        f"<table:table><table:table-row>{cells}</table:table-row></table:table>"
        "</office:text></office:body></office:document-content>"
    )
    meta = (
        f'<office:document-meta {spaces} xmlns:dc="http://purl.org/dc/elements/1.1/"><office:meta>'
        f"<dc:title>{TITLE}</dc:title><dc:creator>{AUTHOR}</dc:creator></office:meta></office:document-meta>"
    )
    return zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.text",
            "content.xml": content,
            "meta.xml": meta,
        }
    )


def story_rtf() -> bytes:
    info = rf"{{\info{{\title {TITLE}}}{{\author {AUTHOR}}}}}"
    return (
        rf"{{\rtf1\ansi\ansicpg1252\deff0{{\fonttbl{{\f0 Times;}}}}{info}"
        rf"\pard {FIRST}\par {SECOND}\par caf\'e9\par}}"
    ).encode()


def story_csv() -> bytes:
    return f'Headline;Body;Published at\n{TITLE};"{FIRST}\n{SECOND}";2024-11-13\n'.encode()


def story_json() -> bytes:
    story = {
        "headline": TITLE,
        "content": f"<p>{FIRST}</p><h2>{HEADING}</h2><p>{SECOND}</p>",
        "publishedAt": "2024-11-13T10:00:00Z",
        "author": [{"name": AUTHOR}],
        "source": {"id": None, "name": "The Paper"},
    }
    return json.dumps({"status": "ok", "articles": [story]}).encode()


def story_feed() -> bytes:
    body = f"<p>{FIRST}</p><h2>{HEADING}</h2><p>{SECOND}</p>".replace("<", "&lt;")
    return (
        "<rss version='2.0'><channel><title>The Paper</title><language>en</language><item>"
        f"<title>{TITLE}</title><link>https://news.example/harbour</link>"
        f"<pubDate>Wed, 13 Nov 2024 10:00:00 GMT</pubDate><description>{body}</description></item>"
        "<item><title>Empty</title><link>https://news.example/b</link></item></channel></rss>"
    ).encode()


def story_eml(*, html: bool = False) -> bytes:
    message = EmailMessage()
    message["From"], message["To"] = f"{AUTHOR} <ann@news.example>", "list@news.example"
    message["Subject"], message["Date"] = TITLE, "Wed, 13 Nov 2024 10:00:00 +0000"
    if html:
        message.set_content(f"<p>{FIRST}</p><p>{SECOND}</p>", subtype="html")
    else:
        message.set_content(f"{FIRST}\n\n{SECOND}\n")
    message.add_attachment(b"\x00\x01", maintype="application", subtype="octet-stream", filename="x.bin")
    return message.as_bytes()


def page() -> str:
    return (
        f"<html><head><title>{TITLE}</title></head><body><article><h1>{TITLE}</h1><p>{FIRST}</p>"
        f"<p>{SECOND}</p></article></body></html>"
    )


def story_mhtml() -> bytes:
    head = (
        "From: <Saved by Blink>\r\nSnapshot-Content-Location: https://news.example/harbour\r\n"
        f"Subject: {TITLE}\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/related; type="text/html"; boundary="b1"\r\n\r\n'
    )
    part = (
        "--b1\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n"
        f"Content-Location: https://news.example/harbour\r\n\r\n{page()}\r\n--b1--\r\n"
    )
    return (head + part).encode()


def story_notebook() -> bytes:
    cells = [
        {"cell_type": "markdown", "source": [f"# {TITLE}\n", "\n", FIRST]},
        {"cell_type": "code", "source": "print(1)"},
        {"cell_type": "markdown", "source": f"## {HEADING}\n\n{SECOND}"},
    ]
    return json.dumps({"nbformat": 4, "cells": cells}).encode()


def story_warc() -> bytes:
    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    buffer = io.BytesIO()
    writer = WARCWriter(buffer, gzip=True)
    for kind, payload, status in (("text/html", page(), "200 OK"), ("text/html", "gone", "404 Not Found")):
        headers = StatusAndHeaders(status, [("Content-Type", kind)], protocol="HTTP/1.0")
        record = writer.create_warc_record(
            "https://news.example/harbour",
            "response",
            payload=io.BytesIO(payload.encode()),
            http_headers=headers,
        )
        writer.write_record(record)
        record.raw_stream.close()
    return buffer.getvalue()


def _saved(document: object) -> bytes:
    buffer = io.BytesIO()
    document.save(buffer)  # type: ignore[attr-defined]
    return buffer.getvalue()
