"""Near copies: one wire story in five papers, cut, with another headline, byline or boilerplate, reordered.

It knows words and signatures (MinHash); it does not know articles, stores or what becomes of near copies. A
signature is half a kilobyte, computed once and kept. Two are compared in microseconds; which two to compare
is found by equality: texts that are near copies share a band. So a store keeps the bands as rows, looks up
those of a new text, and asks `is_near_copy` of the few that it finds.

What counts is how much of the shorter text stands in the longer one, as runs of three words. So a story cut
to half is a near copy, and another story about the same event, which shares names, quotes and background, is
none. Not found are translations, stories told in other words, and most short ones that were edited in several
ways at once.

References:
    Broder, "On the resemblance and containment of documents", SEQUENCES 1997.
    Li and König, "b-Bit minwise hashing", WWW 2010.
"""

from __future__ import annotations

import re
import struct
import unicodedata
from operator import eq

VERSION = (
    1  # of what a signature means; to be raised with any change to what follows, and with rensa's algorithm
)
SHINGLE_WORDS = 3
HASHES = 256  # the similarity of two halves is right within .05; 512 bytes a text
BANDS = 48  # of three hashes each: 99 in 100 halves share a band, of unlike texts of one site 1 in 150
ROWS = 3
SEED = 1
MIN_WORDS = 20  # below, a text is a caption or a menu, and equal texts are found by their hash
SHORT_WORDS = 50  # below, a text may stand in another as a quote or a notice
MIN_SIMILARITY = 0.77  # benchmarks/near_copies.py, even lines: copies from .91 on, other stories up to .75
MIN_RESEMBLANCE = 0.3  # a brief that stands word for word in a day's roundup is no copy of the roundup
MIN_SHORT_RESEMBLANCE = 0.8

_HEADER = struct.Struct("<BI")  # version, number of distinct shingles
_HASHES = struct.Struct(f"<{HASHES}H")
# A word, or one character of the scripts that put no spaces between words.
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[^\W\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+")


def signature(text: str) -> bytes:
    """What to keep of a text to find its near copies: the same for the same words.

    Args:
        text: Any text. Upper and lower case, punctuation and spacing do not count.

    Returns:
        517 bytes; 5 for a text of fewer than 20 words, which is a near copy of nothing.
    """
    from rensa import RMinHash  # only now: what asks and searches needs none of it

    words = _WORD.findall(unicodedata.normalize("NFKC", text).casefold())
    if len(words) < MIN_WORDS:
        return _HEADER.pack(VERSION, 0)
    shingles = {" ".join(words[n : n + SHINGLE_WORDS]) for n in range(len(words) - SHINGLE_WORDS + 1)}
    sketch = RMinHash(num_perm=HASHES, seed=SEED)
    sketch.update(list(shingles))
    # 16 bits tell two hashes apart as well as 32 do, but for one in 65,536.
    hashes = (value & 0xFFFF for value in sketch.digest())
    return _HEADER.pack(VERSION, len(shingles)) + _HASHES.pack(*hashes)


def is_current(signature: bytes) -> bool:
    """Whether a kept signature was made by this version; one that was not compares with none."""
    return signature[:1] == bytes([VERSION])


def bands(signature: bytes) -> list[int]:
    """The keys under which a store finds a text: near copies share at least one.

    Args:
        signature: From `signature`.

    Returns:
        48 integers from 0 to 2**62, each of another range; none for a text too short to have near copies.
    """
    hashes = _hashes(signature)
    keys = zip(*(hashes[row : BANDS * ROWS : ROWS] for row in range(ROWS)), strict=True)
    return [band << 48 | a << 32 | b << 16 | c for band, (a, b, c) in enumerate(keys)]


def similarity(a: bytes, b: bytes) -> float:
    """How much of the shorter text stands in the longer one, in [0, 1], estimated.

    Args:
        a: Signature of a text.
        b: Signature of another text.

    Returns:
        The share of the shorter text's runs of three words; 0 if a text is too short or a signature is of
        another version.
    """
    both, (shorter, longer) = _resemblance(a, b), sorted((_size(a), _size(b)))
    if not both:
        return 0.0
    return min(1.0, both / (1 + both) * (shorter + longer) / shorter)


def is_near_copy(a: bytes, b: bytes) -> bool:
    """Whether two texts are one story, word for word over most of the shorter.

    Of texts below 50 words nearly all must be the same, in both.

    Args:
        a: Signature of a text.
        b: Signature of another text.

    Returns:
        False, too, if a text is too short or a signature is of another version.
    """
    is_short = min(_size(a), _size(b)) <= SHORT_WORDS - SHINGLE_WORDS
    least = MIN_SHORT_RESEMBLANCE if is_short else MIN_RESEMBLANCE
    return _resemblance(a, b) >= least and similarity(a, b) >= MIN_SIMILARITY


def _resemblance(a: bytes, b: bytes) -> float:
    # Of all runs of words in two texts the share that both have (Jaccard), estimated.
    if not (is_current(a) and is_current(b) and _size(a) and _size(b)):
        return 0.0
    shared: int = sum(map(eq, _hashes(a), _hashes(b)))
    return shared / HASHES


def _size(signature: bytes) -> int:
    size: int = _HEADER.unpack_from(signature)[1]
    return size


def _hashes(signature: bytes) -> tuple[int, ...]:
    return _HASHES.unpack_from(signature, _HEADER.size) if _size(signature) else ()
