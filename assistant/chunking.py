"""Articles cut into passages at sentence and paragraph ends, offsets kept.

A line is a paragraph: the readers in `sources` join hard-wrapped lines before. It knows text and sizes only;
the invariant is that every span it returns is a slice of the article's text, untouched.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import sentencex

from assistant.types import Article, Passage

MAX_HEADER_CHARS = 120  # a title in front of each passage; longer ones would crowd out the model's 256 tokens

MAX_NAME_CHARS = 40  # before a dot that may be within a name

Span = tuple[int, int]
_CLOCK = re.compile(r"\d\s?[ap]\.m\.$")
_TIME_ZONE = re.compile(
    r"(?:Eastern|Central|Mountain|Pacific|Atlantic|Greenwich|Moscow|Beijing|[A-Z]{2,4})\b"
)
_NAME_WITH_A_DOT = re.compile(
    r"(?:^|[\s(“\"'’-])[A-Z][\w.&-]*\.$"
)  # "Earth." of "Earth.Org", "H2A." of "H2A.X"
_ARE_CAPITALS = re.compile(r"[A-Z]{2}\.[A-Z]{2}")  # "HIS NEEDS.HIS CABINET": a text without small letters
_OPENER = re.compile(  # after "Earth.", rather a sentence whose space is missing: "Earth.In this project"
    r"(?:About|After|Although|Also|An?|And|As|At|Because|Before|But|By|Despite|During|Each|For|From|He|Her|His|How|"
    r"However|I|If|In|Is|It|Its|Moreover|No|Of|On|Once|One|Or|Our|Second|She|Since|So|Some|That|The|Their|Then|There|"
    r"These|They|This|Those|To|Two|Until|We|What|When|Where|While|Who|Why|With|You)\b"
)


def split(
    article: Article, *, max_passage_chars: int = 500, overlap_sentences: int = 0
) -> tuple[Passage, ...]:
    """Cut an article into passages.

    Sentences are packed into passages of at most `max_passage_chars`; a passage that is at least half full
    ends with its paragraph. A sentence that is longer by itself is cut between words.

    Args:
        article: The article.
        max_passage_chars: Longest passage, in characters, greater than 0.
        overlap_sentences: How many sentences a passage repeats from the end of the one before, as far as they
            fit.

    Returns:
        The passages in reading order; none if the text is blank. Together they cover every sentence.

    Raises:
        ValueError: If a size is out of its range.
    """
    if max_passage_chars <= 0 or overlap_sentences < 0:
        raise ValueError("max_passage_chars must be positive and overlap_sentences not negative")
    header = " ".join(article.title.split())[:MAX_HEADER_CHARS]
    units = list(_units(article.text, max_passage_chars, article.language))
    spans = _pack(units, max_passage_chars, overlap_sentences)
    return tuple(Passage(article.id, start, end, article.text[start:end], header) for start, end in spans)


def sentences(text: str, language: str = "") -> list[Span]:
    """Find the sentences of a text.

    Args:
        text: Any text, one paragraph a line.
        language: Its ISO 639 code or a tag that begins with one, such as "de" or "pt-BR"; empty for English.
            Unknown ones are cut by general rules.

    Returns:
        (start, end) of each sentence in order, without the white space around it; blank ones are left out.
    """
    code = _code(language)
    return [span for line in _lines(text) for span in _sentences_of_line(text, line, code)]


def _lines(text: str) -> Iterator[Span]:
    start = 0
    for line in text.splitlines(keepends=True):
        yield start, start + len(line)
        start += len(line)


def _code(language: str) -> str:
    """The code that sentencex knows a language by: "de" of "de_AT"."""
    return re.split(r"[-_]", language.strip().lower())[0] or "en"


def _sentences_of_line(text: str, line: Span, language: str) -> Iterator[Span]:
    offset, line_end = line
    if not text[offset:line_end].strip():
        return
    earlier: Span | None = None
    for found in sentencex.get_sentence_boundaries(language, text[offset:line_end]):
        span = _trim(text, offset + found["start_index"], offset + found["end_index"])
        if earlier and _is_one_sentence(text, earlier, span):
            span = earlier[0], span[1]
        elif earlier and earlier[0] < earlier[1]:
            yield earlier
        earlier = span
    if earlier and earlier[0] < earlier[1]:
        yield earlier


def _is_one_sentence(text: str, earlier: Span, later: Span) -> bool:
    """Whether sentencex cut within a sentence: in "5:57 p.m. Eastern time", or in a name like "Earth.Org"."""
    before, after = text[max(earlier[0], earlier[1] - MAX_NAME_CHARS) : earlier[1]], text[slice(*later)]
    if earlier[1] == later[0]:
        is_name = bool(_NAME_WITH_A_DOT.search(before)) and after[:1].isalpha()
        return is_name and not _OPENER.match(after) and not _ARE_CAPITALS.fullmatch(before[-3:] + after[:2])
    return bool(_CLOCK.search(before) and _TIME_ZONE.match(after))


def _trim(text: str, start: int, end: int) -> Span:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _units(text: str, max_chars: int, language: str) -> Iterator[tuple[Span, int]]:
    """Sentences with the number of their paragraph; over-long ones in pieces."""
    code = _code(language)
    for paragraph, line in enumerate(_lines(text)):
        for start, end in _sentences_of_line(text, line, code):
            for piece in _cut(text, start, end, max_chars):
                yield piece, paragraph


def _cut(text: str, start: int, end: int, max_chars: int) -> Iterator[Span]:
    while end - start > max_chars:
        space = text.rfind(" ", start + 1, start + max_chars + 1)
        stop = space if space > 0 else start + max_chars
        yield _trim(text, start, stop)
        start = _trim(text, stop, end)[0]
    yield start, end


def _pack(units: list[tuple[Span, int]], max_chars: int, overlap: int) -> Iterator[Span]:
    first = 0
    for last, ((_, end), paragraph) in enumerate(units):
        is_end = last + 1 == len(units)
        length = end - units[first][0][0]
        if is_end or _is_full(units, first, last, max_chars, length, paragraph):
            yield units[first][0][0], end
            first = max(first + 1, last + 1 - overlap)
            while not is_end and first <= last and units[last + 1][0][1] - units[first][0][0] > max_chars:
                first += 1  # the repeated sentences leave no room for the next one


def _is_full(
    units: list[tuple[Span, int]], first: int, last: int, max_chars: int, length: int, paragraph: int
) -> bool:
    (_, next_end), next_paragraph = units[last + 1]
    if next_end - units[first][0][0] > max_chars:
        return True
    return next_paragraph != paragraph and length >= max_chars / 2
