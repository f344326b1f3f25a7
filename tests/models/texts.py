"""Texts with a meaning, to embed."""

from __future__ import annotations

TEN = (
    (
        "Talks in Baku",
        "China's vice premier held talks with Pakistan's prime minister at the climate conference.",
    ),
    ("Attack", "A suicide bomber killed two Chinese engineers outside Karachi airport."),
    ("Storm", "The hurricane flooded several towns along the coast of Florida."),
    ("Election", "Voters in Moldova re-elected their president by a narrow margin."),
    ("Telescope", "The space telescope photographed a galaxy more than thirteen billion years old."),
    ("Chess", "The eighteen-year-old became the youngest world champion in the history of chess."),
    ("Vaccine", "A new malaria vaccine halved the number of cases among young children."),
    ("Strike", "Dock workers walked out over pay, closing ports from Maine to Texas."),
    ("Volcano", "Lava reached the fishing village three days after the volcano erupted."),
    ("Bank", "The central bank cut interest rates for the first time in four years."),
)
QUESTIONS = (
    ("Who met the leader of Pakistan?", "Talks in Baku"),
    ("Which towns were under water after the storm?", "Storm"),
    ("Which crater sent molten rock towards homes?", "Volcano"),
    ("Did loans become cheaper?", "Bank"),
    ("Are children protected against the mosquito disease?", "Vaccine"),
)
# What a tokenizer or a length limit may stumble over.
ODD = (
    "",
    " ",
    "?",
    "\u00a0\u200b",
    "naïve café Zürich, cafe\u0301",
    "عقد اجتماع في باكو",
    "巴庫 會談。",
    "👩‍👩‍👧 🇵🇰",
    "[CLS] [SEP] [MASK] [PAD]",
    "a\x00b\tc\nd",
    "x" * 3000,
    "word " * 300,
)
