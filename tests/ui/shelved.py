"""The articles that the library lists in its tests: thirty, two of them near copies."""

from __future__ import annotations

from datetime import date

from assistant.types import Article

STORY = "The bridge over the river will be open in the spring, the minister said. " * 12
ARTICLES = [
    *(
        Article(
            f"Number {n} of them.",
            f"Title {n:02}",
            "Ann",
            date(2024, 1, 1 + n),
            "Gazette",
            f"https://x.example/{n}",
        )
        for n in range(28)
    ),
    Article(STORY, "Bridge", "Bo", date(2024, 3, 1), "Herald", "https://x.example/bridge"),
    Article(STORY + "More at six.", "Bridge again", "", None, "Times", "https://x.example/again"),
]
