"""What property tests draw from, and how they run."""

from __future__ import annotations

from datetime import date

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from assistant.types import Article

# The same examples on every machine; a slow disk is no failure.
PROPERTY = settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=100,
    # The second: a test of a contract runs once for each class that inherits it.
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.differing_executors],
)
FEW = settings(PROPERTY, max_examples=15)  # where each example writes to a disk

# Pieces from which texts with many kinds of sentence, line and space are made; random characters hardly ever
# form one.
_PIECES = st.sampled_from(
    [
        *(
            "Ding met Sharif. ",
            "Why? ",
            "He said: “No.” ",
            "Dr. Li paid $3.5 million. ",
            "U.S. ",
            "e.g. ",
            "one ",
        ),
        *(
            "\n",
            "\n\n",
            "\r\n",
            "\r",
            "\x85",
            "\u2028",
            "\x0b",
            "\x0c",
            "\x1c",
            "\t",
            " ",
            "   ",
            "\u00a0",
            "\u3000",
        ),
        *(
            "",
            "…",
            "。",
            "北京。",
            "👩‍👩‍👧",
            "é",
            "e\u0301",
            "\u200b",
            "\u202e",
            "-",
            "(",
            ")",
            "x" * 130,
            " " * 130,
        ),
    ]
)
texts = st.one_of(
    st.lists(_PIECES, max_size=40).map("".join),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=300),
)
words = st.sampled_from(
    ["ding", "sharif", "baku", "summit", "corridor", "climate", "zebra", "quiet", "rocket", "ballot"]
)
sentences = st.lists(words, min_size=1, max_size=6).map(lambda some: " ".join(some).capitalize() + ".")
days = st.none() | st.dates(date(2024, 1, 1), date(2024, 1, 9))


@st.composite
def articles(draw: st.DrawFn, *, url: st.SearchStrategy[str] | None = None) -> Article:
    text = " ".join(draw(st.lists(sentences, min_size=1, max_size=8)))
    title, source = draw(words), draw(st.sampled_from(["", "Gazette", "Herald"]))
    return Article(
        text, title=title, published=draw(days), source=source, url="" if url is None else draw(url)
    )
