"""Decoding, cleaning, paragraphs, dates and addresses."""

from __future__ import annotations

import unicodedata
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.errors import SourceError
from assistant.sources import clean
from assistant.types import Section

FRENCH = "Le café à Besançon était fermé. Les élèves ont déjà mangé leurs crêpes près de l'église."
RUSSIAN = "Премьер-министр Пакистана встретился с вице-премьером Китая в Баку."
WRAPPED = """China's deputy prime minister Ding Xuexiang met the Pakistani prime
minister Shehbaz Sharif in Baku on Wednesday, November 13, on the
sidelines of the climate conference. They spoke of security.

Karachi police reported on November 5 that two Chinese citizens were
injured in a shooting. Unidentified gunmen opened fire in the city."""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1251", "koi8-r"])
def test_decodes_marked_and_unmarked_encodings(encoding):
    assert clean.decode(RUSSIAN.encode(encoding), "a.txt") == RUSSIAN


@pytest.mark.parametrize("text", [FRENCH, "Über die Straße gehen müssen fünf Männer, die höher springen."])
def test_prefers_windows_1252_for_western_texts(text):
    assert clean.decode(text.encode("cp1252"), "a.txt") == text


def test_a_character_cut_at_the_end_does_not_turn_utf_8_into_another_encoding():
    assert clean.decode(RUSSIAN.encode()[:-2], "a.txt") == RUSSIAN[:-2] + "\ufffd"


def test_a_declared_encoding_is_used_before_guessing():
    assert clean.decode("š".encode("iso8859-2"), "a.html", declared="iso8859-2") == "š"


@pytest.mark.parametrize("declared", ["no-such-encoding", "utf-8", "rot13"])
def test_a_wrong_declaration_falls_back_to_guessing(declared):
    assert clean.decode(FRENCH.encode("cp1252"), "a.html", declared=declared) == FRENCH


def test_refuses_what_is_not_text():
    with pytest.raises(SourceError) as caught:
        clean.decode(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40, "picture.txt")
    assert str(caught.value) == "picture.txt: it does not hold text, or its encoding is unknown"


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("a\r\nb\rc\x85d\u2028e\u2029f\vg\fh", "a\nb\nc\nd\ne\nf\ng\nh"),
        ("nul\x00 bell\x07 escape\x1b[31m delete\x7f csi\x9b", "nul bell escape[31m delete csi"),
        ("pass\u200bword\u200d \ufeffmark \u2060join so\u00adft", "password mark join soft"),
        ("\u202eevil\u202c \u2066x\u2069 \u200fy", "evil x y"),
        ("tag\U000e0041\U000e007f ged\U000e0100", "tag ged"),
        ("lone\ud800 surrogate\udfff", "lone surrogate"),
        ("tab\tstays,  two spaces too, é e\u0301 ﬁ", "tab\tstays,  two spaces too, é e\u0301 ﬁ"),
    ],
)
def test_removes_what_cannot_be_seen_and_nothing_else(raw, cleaned):
    assert clean.clean(raw) == cleaned


@given(st.text(st.characters()))
@settings(deadline=None, derandomize=True)
def test_cleaned_text_can_be_stored_and_holds_no_control_characters(text):
    cleaned = clean.clean(text)
    cleaned.encode("utf-8")
    assert {c for c in cleaned if unicodedata.category(c) in ("Cc", "Cs")} <= {"\n", "\t"}
    assert cleaned.split("\n") == cleaned.splitlines() or cleaned.endswith("\n") or not cleaned
    assert clean.clean(cleaned) == cleaned


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ("  A\n\ttitle\u200b ", "A title"),
        (["Ann Bee", 7, ["nested"], "Cy Dee"], "Ann Bee, Cy Dee"),
        (2024, "2024"),
        (None, ""),
        (True, ""),
        (float("nan"), ""),
        (10**18, ""),
        ({"name": "x"}, ""),
        ("x" * 600, "x" * 499 + "…"),
    ],
)
def test_makes_one_line_of_any_field(value, line):
    assert clean.one_line(value) == line


def test_names_are_escaped_so_that_different_ones_stay_different():
    assert clean.printable("a\x1b[31m\u202eb\ud83dc\n.txt") == "a\\x1b[31m\\u202eb\\ud83dc\\n.txt"


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("folder/the-first_report.2024.txt", "the first report.2024"),
        ("---.txt", "---.txt"),
    ],
)
def test_the_title_of_last_resort_is_the_name_of_the_file(name, title):
    assert clean.title_from_name(name) == title


@pytest.mark.parametrize(
    "value",
    [
        "2024-11-13",
        " 2024-11-13 ",
        "2024-11-13T23:59:59+14:00",
        "2024-11-13 08:00",
        "20241113",
        "20241113T080000Z",
        "2024/11/13",
        "Wed, 13 Nov 2024 10:00:00 GMT",
        "13 Nov 2024 10:00:00 +0500",
        "November 13, 2024",
        "Nov. 13, 2024, 10:00 AM ET",
        "Wednesday, 13 November 2024 at 22:05",
        date(2024, 11, 13),
        datetime(2024, 11, 13, 23, 0, tzinfo=UTC),
    ],
)
def test_reads_the_day_as_it_is_written(value):
    assert clean.parse_date(value) == date(2024, 11, 13)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "2024",
        "2024-11",
        "2024-02-30",
        "2024-11-13x",
        "0001-01-01",
        "13 Nov 2024 99:00",
        "13 Nov 2024 10:00 +99999999999",
        "13.11.2024",
        "11/13/2024",
        "today",
        "Wednesday",
        1731456000,
        None,
        ["2024-11-13"],
    ],
)
def test_never_guesses_a_date(value):
    assert clean.parse_date(value) is None


@pytest.mark.parametrize(
    ("value", "url"),
    [
        (
            "HTTP://News.Example/Path?utm_source=x&id=1&fbclid=2&b=%20#part",
            "http://news.example/Path?id=1&b=%20",
        ),
        (" https://user:secret@news.example/ ", "https://news.example/"),
        ("https://news.example/a?utm_medium=mail", "https://news.example/a"),
        ("ftp://news.example/a", ""),
        ("javascript:alert(1)", ""),
        ("//news.example/a", ""),
        ("http://", ""),
        ("http://[::1", ""),
        ("https://news.example/a b", ""),
        (None, ""),
    ],
)
def test_addresses_are_canonical_or_empty(value, url):
    assert clean.canonical_url(value) == url


@pytest.mark.parametrize(
    ("tag", "code"), [("en-GB", "en"), ("pt_BR", "pt"), ("DE", "de"), ("", ""), ("x1", "")]
)
def test_languages_are_primary_codes(tag, code):
    assert clean.language_code(tag) == code


def test_a_title_is_not_repeated_in_the_text():
    made = clean.article("a.txt", "The  title\n\nThe text.", title="the title")
    assert (made.title, made.text) == ("the title", "The text.")


def test_a_title_that_is_all_there_is_stays_the_text():
    made = clean.article("a.txt", "The title", title="The title")
    assert (made.title, made.text) == ("The title", "The title")


def test_text_with_nothing_left_is_refused():
    with pytest.raises(SourceError) as caught:
        clean.article("a.txt", " \u200b\x00\n", title="A title")
    assert (caught.value.name, caught.value.reason) == ("a.txt", "no text in it")


def test_hard_wrapped_lines_become_one_line_a_paragraph():
    first, second = WRAPPED.split("\n\n")
    assert clean.unwrap(WRAPPED) == first.replace("\n", " ") + "\n\n" + second.replace("\n", " ")


def test_hyphens_at_the_end_of_a_line_are_joined_without_a_space():
    wrapped = (
        "The two neighbouring countries signed the treaty in the capital in well-\n"
        "known style, and the ceremony was attended by many guests - among them -\n"
        "the heads of both governments."
    )
    assert "well-known style" in clean.unwrap(wrapped)
    assert "among them - the heads" in clean.unwrap(wrapped)


def test_a_sentence_a_line_stays_so_in_a_wrapped_text():
    lines = "\n".join(["The minister said that the talks would go on for one more week."] * 3)
    assert clean.unwrap(f"{WRAPPED}\n\n{lines}").split("\n\n")[2] == lines


def test_lists_keep_their_lines_in_a_wrapped_text():
    points = (
        "- the first point of the agenda is long enough to fill one whole\n  line\n- the second\n1. numbered"
    )
    joined = (
        "- the first point of the agenda is long enough to fill one whole line\n- the second\n1. numbered"
    )
    assert clean.unwrap(f"{WRAPPED}\n\n{points}").split("\n\n")[2] == joined


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(f"Headline {n}: ministers meet in the capital {'again ' * n}".strip() for n in range(9)),
        "\n".join(["The minister said that the talks in the capital would go on for a week."] * 5),
        "Shall I compare thee to a summer's day?\nThou art more lovely and more temperate:\nRough winds do",
        "name,place,year\nshehbaz sharif,baku,2024\nding xuexiang,baku,2024",
        "\n".join(["Minister of Trade, Karachi, guest of honour of the conference"] * 4),
        "\n".join(f"the word for {'very ' * n}long roads in the old language" for n in (1, 8, 2, 9, 3)),
        "\n".join("A paragraph that stands on one long line, as web pages give them. " * 3 for _ in range(4)),
    ],
    ids=["headlines", "sentences", "verse", "table", "names", "ragged", "long lines"],
)
def test_lines_that_are_not_wrapped_stay(text):
    assert clean.unwrap(text) == text


@given(st.text(st.sampled_from("ab A.-\n1 "), max_size=300))
@settings(deadline=None, derandomize=True)
def test_joining_lines_loses_no_character_but_white_space(text):
    assert "".join(clean.unwrap(text).split()) == "".join(text.split())


def test_headings_pages_and_origins_are_kept_with_their_places():
    raw = "\u200bOne.\r\nShare this:\r\nCost\r\nTwo."
    article = clean.article(
        "a.txt",
        raw,
        published="2024-11-13",
        modified="2024-11-15",
        sections=[Section(raw.index("Cost"), "Cost")],
        pages=[0, raw.index("Two")],
        origins={"published": "front matter", "author": "front matter"},
    )
    assert article.text == "One.\nCost\nTwo."
    assert article.sections == (Section(5, "Cost"),)
    assert article.pages == (0, 10)
    assert article.modified == date(2024, 11, 15)
    assert article.origins == (("published", "front matter"),)


def test_a_change_before_the_publication_is_none():
    article = clean.article("a.txt", "Text.", published="2024-11-13", modified="2024-11-12")
    assert (article.published, article.modified) == (date(2024, 11, 13), None)
