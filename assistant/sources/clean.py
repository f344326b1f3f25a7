"""Bytes decoded and text cleaned: what every reader does before an `Article` is made.

It knows encodings, characters and the shapes in which dates and addresses are written; it does not know file
formats. Cleaning removes what a reader cannot see and normalises line ends, and changes nothing else.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from email.utils import parsedate_to_datetime
from itertools import pairwise
from pathlib import PurePosixPath
from urllib.parse import urlsplit, urlunsplit

from charset_normalizer import from_bytes

from assistant.errors import SourceError
from assistant.sources.tidying import tidy
from assistant.types import Article, Section

MAX_FIELD_CHARS = 500  # of a title, an author or a source; what is longer is a paragraph in the wrong place
MAX_CONTROL_SHARE = 0.02  # of text in an encoding that had to be guessed
NEARLY = 0.06  # of charset-normalizer's chaos and coherence; French in Windows-1252 is .057 off, Turkish .076
RAGGED = 12  # characters that lines wrapped by hand may stay below the width
MIN_FULL_SHARE = 0.6  # of a wrapped block's lines; the rest are ragged, or the end of a paragraph
MAX_NUMBER = 10**18  # a number that can be a name; also keeps out NaN and infinity
EARLIEST_YEAR = 1000  # content systems write 0001-01-01 for "no date"

# Longer marks first: that of UTF-32 begins with that of UTF-16.
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_LINE_ENDS = re.compile(r"\r\n|[\r\v\f\x85\u2028\u2029]")
_INVISIBLE = re.compile(
    r"["
    r"\x00-\x08\x0e-\x1f\x7f-\x9f"  # controls; line ends have become newlines before
    r"\xad\u180e\u200b-\u200d\u2060-\u2064\ufeff"  # soft hyphen, zero-width characters
    r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u206f"  # direction of writing
    r"\ufff9-\ufffb\U000e0000-\U000e007f\U000e0100-\U000e01ef"  # annotation, tags, variation selectors
    r"\ud800-\udfff"  # lone surrogates: no store can write them
    r"]"
)
_UNSAFE_IN_NAMES = re.compile(rf"{_INVISIBLE.pattern}|[\n\t\r\v\f\u2028\u2029]")
_CONTROLS = re.compile(r"[\x01-\x08\x0e-\x1a\x1c-\x1f]")
_TRACKING = re.compile(r"utm_\w*|fbclid")
_DAY_FIRST = re.compile(r"(?:[A-Za-z]{3}, )?\d{1,2} [A-Za-z]{3} \d{4}(?: \d{2}:\d{2}.*)?", re.ASCII)
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_MONTH = (
    r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DAY = r"(\d{1,2})(?:st|nd|rd|th)?"
_WITH_MONTH = re.compile(
    rf"(?:[a-z]{{3,9}}\.?,? )?(?:{_MONTH} {_DAY}|{_DAY} {_MONTH}),? (\d{{4}})"
    r"(?:(?: at |[\s,–—|•/-]+)(?:[01]?\d|2[0-3])[:.][0-5]\d(?: ?[ap]\.?m\.?)?(?: \(?[a-z]{2,5}\)?)?)?",
    re.ASCII,
)
_YEAR_FIRST = re.compile(r"(\d{4})([-/])(\d{1,2})\2(\d{1,2})(?:$|[T\s])", re.ASCII)
_SENTENCE_ENDS = tuple(".!?:;\"'\u2026\u2019\u201d\u3002\uff01\uff1f")
_BLOCK_BREAK = re.compile(  # blank lines, and the line end before an item of a list
    r"(\n[ \t]*\n\s*|\n(?=[ \t]*(?:[-*+\u2022\u2013\u2014]|\d{1,3}[.)])[ \t]))"
)


def decode(data: bytes, name: str, *, declared: str = "") -> str:
    """Turn the bytes of a text file into characters.

    A byte order mark decides; then UTF-8, a few damaged bytes allowed; then the encoding that the file
    declares; then charset-normalizer's best guess.

    Args:
        data: The bytes of the whole file.
        name: What to call it in an error.
        declared: The encoding that the file itself names, if it names one.

    Returns:
        The text, not cleaned.

    Raises:
        SourceError: If the bytes are not text.
    """
    text = _marked(data) or _utf_8(data) or _in_encoding(data, declared) or _guessed(data)
    if data and not text:
        raise SourceError(name, "it does not hold text, or its encoding is unknown")
    return text


def clean(text: str) -> str:
    """Remove what a reader cannot see and write every line end as a newline.

    Removed are control characters except newline and tab, lone surrogates, zero-width and direction
    characters, and Unicode tags; nothing else changes.
    """
    return _INVISIBLE.sub("", _LINE_ENDS.sub("\n", text))


def one_line(value: object) -> str:
    """A field such as a title, cleaned, on one line, of bounded length; empty if it is no text or number."""
    if isinstance(value, list | tuple):
        parts = [one_line(part) for part in value if isinstance(part, str)]
        return one_line(", ".join(part for part in parts if part))
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < MAX_NUMBER:
        value = str(value)
    if not isinstance(value, str):
        return ""
    line = " ".join(clean(value).split())
    return line if len(line) <= MAX_FIELD_CHARS else line[: MAX_FIELD_CHARS - 1].rstrip() + "…"


def printable(name: str) -> str:
    r"""A file's name so that it can be stored and shown: what is invisible becomes an escape like \x1b."""
    return _UNSAFE_IN_NAMES.sub(
        lambda match: match[0].encode("unicode_escape", "surrogatepass").decode(), name
    )


def title_from_name(name: str) -> str:
    """The file's stem, dashes and underscores as spaces; the name itself where nothing would be left."""
    stem = PurePosixPath(name).stem
    return one_line(re.sub(r"[-_\s]+", " ", stem)) or one_line(name)


def parse_date(value: object) -> date | None:
    """The day that a date field names, as it is written, whatever its time zone.

    Understood are ISO 8601 dates and date-times, `2022/06/12`, RFC 2822 ("Wed, 13 Nov 2024 10:00:00 GMT") and
    English months ("Nov. 13, 2024, 10:00 AM ET", "13 November 2024").

    Args:
        value: What the field holds, of any type.

    Returns:
        The day; None if the value is anything else, so that no date is ever guessed.
    """
    if isinstance(value, date):
        day: date | None = value.date() if isinstance(value, datetime) else value
    else:
        day = _written_date(value.strip()) if isinstance(value, str) else None
    return day if day and day.year >= EARLIEST_YEAR else None


def canonical_url(value: object) -> str:
    """An http(s) address with scheme and host in lower case, without fragment and tracking parameters.

    Args:
        value: What the field holds, of any type.

    Returns:
        The address; empty if the value is no http(s) address with a host.
    """
    url = clean(value).strip() if isinstance(value, str) else ""
    try:
        parts = urlsplit(url)
    except ValueError:  # such as a broken IPv6 host
        return ""
    scheme = parts.scheme.lower()
    host = parts.netloc.rpartition("@")[2].lower()  # names and passwords stay out of the corpus
    if scheme not in ("http", "https") or not host or re.search(r"\s", url):
        return ""
    kept = (p for p in parts.query.split("&") if not _TRACKING.fullmatch(p.partition("=")[0].lower()))
    return urlunsplit((scheme, host, parts.path, "&".join(kept), ""))


def language_code(value: object) -> str:
    """The primary language of a tag such as "en-GB": two or three small letters; empty if it is none."""
    code = re.split(r"[-_]", one_line(value))[0].lower()
    return code if re.fullmatch(r"[a-z]{2,3}", code) else ""


def article(
    name: str,
    text: str,
    *,
    title: object = "",
    author: object = "",
    published: object = None,
    source: object = "",
    url: object = "",
    language: object = "",
    path: str = "",
    modified: object = None,
    sections: Sequence[Section] = (),
    pages: Sequence[int] = (),
    origins: Mapping[str, str] | None = None,
    on_page: bool = False,
) -> Article:
    """Make an article of what a reader found; every field may be of any type and is cleaned.

    Lines that a site puts around its articles leave the text (see `boilerplate`), and so does the title where
    it is repeated at the start: they are not cited as sentences.

    Args:
        name: What to call the file in an error and, without a title, in the title.
        text: The text as it was found.
        title: The title as it was found.
        author: The author or authors.
        published: The day of publication, see `parse_date`.
        source: The publisher.
        url: The article's own address, see `canonical_url`.
        language: Its language, see `language_code`.
        path: The article's place within its file; empty if it is the whole file.
        modified: The day of its last change, see `parse_date`; one before its publication is none.
        sections: Its headings in order, each with the offset in `text` at which its part, heading included,
            begins; as is. Those whose line leaves the text go, too.
        pages: The offsets in `text` at which pages begin.
        origins: Field to where it was found, such as "published" to "front matter"; of fields that were not
            found, nothing is kept.
        on_page: The text is from a web page.

    Returns:
        The article.

    Raises:
        SourceError: If no text is left.
    """
    headline = one_line(title)
    places = _places(text, {*pages, *(start for start, _ in sections)})
    body = tidy(
        clean(text),
        title=headline,
        sections=[Section(places[start], one_line(heading)) for start, heading in sections],
        pages=[places[start] for start in pages],
        on_page=on_page,
    )
    if not body.text:
        raise SourceError(name, "no text in it")
    day, changed = parse_date(published), parse_date(modified)
    found = Article(
        text=body.text,
        title=headline or title_from_name(name),
        author=one_line(author),
        published=day,
        source=one_line(source),
        url=canonical_url(url),
        language=language_code(language),
        path=path,
        modified=None if changed and day and changed < day else changed,
        sections=body.sections,
        pages=body.pages,
    )
    known = {field: where for field, where in (origins or {}).items() if getattr(found, field)}
    return replace(found, origins=tuple(known.items()))


def unwrap(text: str) -> str:
    """Join hard-wrapped lines, so that a line is a paragraph.

    A block, between blank lines or an item of a list, is wrapped if most of its lines are 40 to 100
    characters long and have no room for the word that follows, and at most half of those end a sentence.
    Only a text with a block that goes on in small letters counts as wrapped: lists of headlines do not.

    Args:
        text: Cleaned text.

    Returns:
        The text with the lines of every wrapped block joined; all else as it was.
    """
    blocks = _BLOCK_BREAK.split(text)  # blocks and what is between them, in turn
    width = max((_width(block) for block in blocks[::2] if _is_surely_wrapped(block)), default=0)
    if width:
        blocks[::2] = [_join(block, width) if _is_wrapped(block, width) else block for block in blocks[::2]]
    return "".join(blocks)


def _marked(data: bytes) -> str:
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace") or "\n"
    return ""


def _utf_8(data: bytes) -> str:
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    if not broken:
        return text
    # A file cut in the middle of a character is still UTF-8; Latin-1 hardly ever forms one of its sequences.
    sound = sum(1 for char in text if char > "\x7f") - broken
    return text if sound > 10 * broken else ""


def _in_encoding(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding) if encoding else ""
    except (LookupError, ValueError):
        return ""


def _guessed(data: bytes) -> str:
    matches = from_bytes(data)
    best = matches.best()
    if best is None:
        return ""
    # Short Western texts fit several encodings nearly as well; Windows-1252 is by far the one in use.
    western = [
        match
        for match in matches
        if match.encoding == "cp1252"
        and match.chaos <= best.chaos + NEARLY
        and match.coherence >= best.coherence - NEARLY
    ]
    text = str((western or [best])[0])
    # Compressed and other binary data "decodes" too, to text of which a tenth is control characters.
    return text if len(_CONTROLS.findall(text)) <= MAX_CONTROL_SHARE * len(text) else ""


def _written_date(value: str) -> date | None:
    try:
        if match := _YEAR_FIRST.match(value):
            return date(int(match[1]), int(match[3]), int(match[4]))
        if re.fullmatch(r"\d{8}(?:T.*)?", value, re.ASCII):
            return date.fromisoformat(value[:8])
        if match := _WITH_MONTH.fullmatch(" ".join(value.casefold().split())):
            month = (match[1] or match[4])[:3]
            return date(int(match[5]), _MONTHS.index(month) + 1, int(match[2] or match[3]))
        return parsedate_to_datetime(value).date() if _DAY_FIRST.fullmatch(value) else None
    except (ValueError, OverflowError):  # such as February 30, or a time zone of a million hours
        return None


def _places(text: str, offsets: Iterable[int]) -> dict[int, int]:
    # Where each offset is once the text is cleaned.
    places, before, length = {}, 0, 0
    for offset in sorted(offsets):
        length += len(clean(text[before:offset]))
        places[offset], before = length, offset
    return places


def _width(block: str) -> int:
    return max(map(len, block.split("\n")))


def _is_surely_wrapped(block: str) -> bool:
    goes_on = any(line.lstrip()[:1].islower() for line in block.split("\n")[1:])
    return goes_on and _is_wrapped(block, _width(block))


def _is_wrapped(block: str, width: int) -> bool:
    lines = block.split("\n")
    full = [line for line, after in pairwise(lines) if _is_full(line, after, width)]
    ends = [line for line in full if line.rstrip().endswith(_SENTENCE_ENDS)]
    return bool(full) and len(full) > MIN_FULL_SHARE * (len(lines) - 1) and len(ends) <= len(full) / 2


def _is_full(line: str, after: str, width: int) -> bool:
    next_word = after.split(maxsplit=1)[0] if after.strip() else ""
    return (
        " " in line and 40 <= len(line) <= min(width, 100) and len(line) + 1 + len(next_word) > width - RAGGED
    )


def _join(block: str, width: int) -> str:
    lines = block.split("\n")
    return lines[0].rstrip() + "".join(_glue(*pair, width) + pair[1].strip() for pair in pairwise(lines))


def _glue(line: str, after: str, width: int) -> str:
    goes_on = after.lstrip()[:1].islower()
    if not (goes_on or _is_full(line, after, width)):
        return "\n"
    return "" if re.search(r"\w-$", line) else " "
