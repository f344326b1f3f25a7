"""Files of every kind, read through the registry."""

from __future__ import annotations

import io
import zipfile
from contextlib import suppress
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant import settings as settings_module
from assistant.errors import SourceError
from assistant.sources import clean, formats, tabular
from assistant.types import Article, Failure, Section
from tests.sources import samples
from tests.sources.samples import AUTHOR, FIRST, HEADING, ROW, SECOND, TITLE

DAY = date(2024, 11, 13)
MAKERS = {
    "story.pdf": samples.story_pdf,
    "story.docx": samples.story_docx,
    "story.pptx": samples.story_pptx,
    "story.xlsx": samples.story_xlsx,
    "story.epub": samples.story_epub,
    "story.odt": samples.story_odt,
    "story.rtf": samples.story_rtf,
    "story.csv": samples.story_csv,
    "story.json": samples.story_json,
    "story.rss": samples.story_feed,
    "story.eml": samples.story_eml,
    "story.mhtml": samples.story_mhtml,
    "story.ipynb": samples.story_notebook,
    "story.warc.gz": samples.story_warc,
}


@cache
def made(name: str) -> bytes:
    return MAKERS[name]()


def read(data: bytes, name: str, **fields: str) -> list[Article | Failure]:
    return list(formats.read(data, name, fields))


def refusal(data: bytes, name: str) -> str:
    with pytest.raises(SourceError) as caught:
        read(data, name)
    return caught.value.reason


def origins(**found: str) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(found.items()))


def expected(text: list[str], **known) -> Article:
    body = "\n".join(text)
    sections = (Section(body.index(HEADING), HEADING),) if HEADING in text else ()
    return Article(**{"text": body, "title": TITLE, "sections": sections} | known)


PROPERTIES = origins(title="document properties", author="document properties")
EXPECTED = {
    "story.pdf": expected([FIRST, SECOND], pages=(0, len(FIRST) + 1), origins=origins(title="largest line")),
    "story.docx": expected([FIRST, HEADING, SECOND, " | ".join(ROW)], author=AUTHOR, origins=PROPERTIES),
    "story.pptx": expected(
        ["Opening", FIRST, HEADING, SECOND, " | ".join(ROW), "Say it slowly."],
        author=AUTHOR,
        origins=PROPERTIES,
        sections=(Section(0, "Opening"), Section(len(f"Opening {FIRST} "), HEADING)),
    ),
    "story.xlsx": expected(
        [FIRST, SECOND],
        author=AUTHOR,
        published=DAY,
        path=f"#{TITLE}",
        origins=origins(author="column By", published="column Date", title="column Headline"),
    ),
    "story.epub": expected(
        [FIRST, HEADING, SECOND],
        author=AUTHOR,
        published=DAY,
        source="The Paper",
        language="en",
        origins=tuple(
            (field, "EPUB metadata") for field in ("author", "language", "published", "source", "title")
        ),
    ),
    "story.odt": expected([FIRST, HEADING, SECOND, " | ".join(ROW)], author=AUTHOR, origins=PROPERTIES),
    "story.rtf": expected([FIRST, SECOND, "café"], author=AUTHOR, origins=PROPERTIES),
    "story.csv": expected(
        [FIRST, SECOND],
        published=DAY,
        path=f"#{TITLE}",
        origins=origins(published="column Published at", title="column Headline"),
    ),
    "story.json": expected(
        [FIRST, HEADING, SECOND],
        author=AUTHOR,
        published=DAY,
        source="The Paper",
        path=f"#{TITLE}",
        origins=origins(
            author="field author",
            published="field publishedAt",
            source="field source",
            title="field headline",
        ),
    ),
    "story.eml": expected(
        [FIRST, "", SECOND],
        author=AUTHOR,
        published=DAY,
        origins=tuple((field, "e-mail header") for field in ("author", "published", "title")),
    ),
    "story.ipynb": expected([FIRST, HEADING, SECOND], origins=origins(title="first heading")),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_a_file_of_each_kind_becomes_an_article(name):
    assert read(made(name), name) == [EXPECTED[name]]


def test_an_entry_of_a_feed_is_an_article_and_one_without_text_a_failure():
    story, empty = read(made("story.rss"), "feed.txt")
    assert isinstance(story, Article)
    assert story == expected(
        [FIRST, HEADING, SECOND],
        published=DAY,
        source="The Paper",
        language="en",
        url="https://news.example/harbour",
        path="#https://news.example/harbour",
        origins=tuple((field, "feed") for field in ("language", "published", "source", "title", "url")),
    )
    assert (empty.name, isinstance(empty, Failure)) == ("feed.txt entry 2", True)


@pytest.mark.parametrize("name", ["story.mhtml", "story.warc.gz"])
def test_a_saved_page_keeps_its_address_and_its_text(name):
    (article,) = read(made(name), name)
    assert isinstance(article, Article)
    assert (article.title, article.url) == (TITLE, "https://news.example/harbour")
    assert article.text.split("\n") == [FIRST, SECOND]


@pytest.mark.parametrize(
    "name", [name for name in EXPECTED if not name.endswith((".csv", ".json", ".ipynb", ".eml"))]
)
def test_content_decides_and_not_the_name(name):
    for other in ("story.txt", "story", "story.bin"):
        (article,) = read(made(name), other)
        assert isinstance(article, Article)
        assert (article.title, article.text) == (EXPECTED[name].title, EXPECTED[name].text)


@pytest.mark.parametrize(
    ("data", "name", "reason"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "a.txt", "it is a PNG picture"),
        (b"\x00\x00\x00\x18ftypmp42" + bytes(100), "a.pdf", "it is a film, sound or picture (MP4, HEIC)"),
        (b"\x7fELF" + bytes(100), "a.md", "it is a program"),
        (b"\x1f\x8b\x08" + bytes(100), "a.txt", "it is packed with gzip"),
        (b"", "a.pdf", "the file is empty"),
        (b"just words", "a.pdf", "it is called .pdf, but what is in it is something else"),
        (b"<note><to>x</to></note>", "a.xml", "it is XML of a kind that is not read (<note>)"),
        (b"<urlset></urlset>", "a.xml", "it is a sitemap: a list of addresses"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument".encode("utf-16-le"), "a.docx",
         "it is a Word file of before 2007"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "a.docx",
         "it is locked with a password"),
    ],
)  # fmt: skip
def test_what_is_no_article_is_told_by_what_it_is(data, name, reason):
    assert refusal(data, name) == reason


def test_columns_with_names_of_their_own_can_be_named():
    (article,) = read(b"kop,verhaal\nOpen,The harbour is open.\n", "a.csv", title="Kop", text="verhaal")
    assert isinstance(article, Article)
    assert (article.title, article.text) == ("Open", "The harbour is open.")
    assert set(settings_module.FIELD_NAMES) == set(tabular.NAMES)


def test_a_table_without_texts_is_one_article_of_lines():
    (article,) = read("Stadt;Einwohner\nKöln;1.084.831\nBonn;321.544\n".encode("utf-16"), "städte.csv")
    assert isinstance(article, Article)
    assert article.text == "Stadt: Köln | Einwohner: 1.084.831\nStadt: Bonn | Einwohner: 321.544"


def test_a_workbook_of_numbers_is_one_article_with_a_heading_a_sheet():
    data = samples.xlsx(
        ("Sales", [["Annual report"], ["Month", "Sum"], ["Jan", 3.0], ["Feb", 4.25]]), ("Empty", []),
        ("Costs", [["Wages", 100]]),
    )  # fmt: skip
    (article,) = read(data, "book.xlsx")
    assert isinstance(article, Article)
    lines = [
        "Sales",
        "Annual report",
        "Month: Jan | Sum: 3",
        "Month: Feb | Sum: 4.25",
        "Costs",
        "Wages | 100",
    ]
    assert article.text.split("\n") == lines
    assert [title for _, title in article.sections] == ["Sales", "Costs"]


@pytest.mark.parametrize(
    ("data", "name", "reason"),
    [
        (samples.pdf([]), "scan.pdf", "it has no text layer: its page holds pictures only"),
        (samples.zipped({"mimetype": "application/vnd.oasis.opendocument.spreadsheet"}), "a.odt",
         "it is an OpenDocument file, but no text document"),
        (b'{"a": 1}', "a.json", "no field with a text in it"),
        (b"{", "a.json", "it is not JSON (Expecting property name enclosed in double quotes, column 2)"),
        (samples.epub({"../../x.html": "<p>x</p>"}), "a.epub",
         "in it, OEBPS/../../x.html: its path leads out of the archive"),
        (b'{"nbformat": 3}', "a.ipynb", "it is no notebook, or one of before 2015: it has no list of cells"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_says_why(data, name, reason):
    assert refusal(data, name) == reason


BOMB = (
    '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'
)


@pytest.mark.parametrize("name", ["story.docx", "story.xlsx", "story.odt", "story.epub"])
def test_xml_that_defines_entities_is_refused(name):
    with zipfile.ZipFile(io.BytesIO(made(name))) as archive:
        parts = {member: archive.read(member) for member in archive.namelist()}
    target = next(
        part for part in parts if part.endswith(("document.xml", "sheet1.xml", "content.xml", ".opf"))
    )
    head, _, rest = (
        parts[target].partition(b"?>") if parts[target].startswith(b"<?xml") else (b"", b"", parts[target])
    )
    parts[target] = (head + b"?>" if head else b"") + BOMB.encode() + rest
    assert (
        refusal(samples.zipped(parts), name)
        == "its XML defines entities, as only hostile files of this kind do"
    )


def test_every_suffix_stands_in_the_guide():
    guide = (Path(__file__).parents[2] / "docs" / "guide.md").read_text(encoding="utf-8")
    assert [suffix for suffix in formats.SUFFIXES if f"`{suffix}`" not in guide] == []


def test_a_thousand_comments_before_the_root_cost_nothing():
    assert formats.kind(b"<?a?><!---->" * 300 + b"<html>", "a.txt") == "html"
    assert formats.kind(b"<?a?><!---->" * 300 + b"text", "a.txt") == "text"


def test_an_email_without_a_suffix_is_known_by_its_headers():
    assert formats.kind(made("story.eml"), "story") == "mail"


@pytest.mark.parametrize("name", MAKERS)
@given(data=st.data())
@settings(deadline=None, derandomize=True, max_examples=6)
def test_a_damaged_file_gives_clean_articles_or_a_reason(name, data):
    read_damaged(name, data)


@pytest.mark.slow
@pytest.mark.parametrize("name", MAKERS)
@given(data=st.data())
@settings(deadline=None, max_examples=300)
def test_damage_of_many_kinds_gives_clean_articles_or_a_reason(name, data):
    read_damaged(name, data)


def read_damaged(name: str, data: st.DataObject) -> None:
    damaged = bytearray(made(name))
    for _ in range(data.draw(st.integers(1, 8), "flips")):
        damaged[data.draw(st.integers(0, len(damaged) - 1), "at")] ^= data.draw(st.integers(1, 255), "by")
    cut = data.draw(st.integers(0, len(damaged)) | st.just(len(damaged)), "cut")
    called = data.draw(st.sampled_from([name, "a.txt", "a", *MAKERS]), "name")
    with suppress(SourceError):
        for item in read(bytes(damaged[:cut]), called):
            if isinstance(item, Article):
                assert item.text.strip()
                assert clean.clean(item.text) == item.text
                assert all(item.text[start:].startswith(title) for start, title in item.sections)
                assert list(item.pages) == sorted(item.pages)
