"""A few questions on made-up articles, in the shapes of the sets that the reader learns from."""

from __future__ import annotations

from training.data import Row

HARBOUR = (
    "The harbour of Velmar was built in 1874 by Ada Norling, an engineer from Kestrel. She chose granite "
    "because it withstands salt. The northern quay is 640 metres long. In 1903 a storm broke its outer wall."
)
RAILWAY = (
    "The railway to Kestrel opened in 1891. Tomas Brandt drove the first train, which carried 212 people. "
    "It lost money in its early years, and in 1910 the Norling Company bought it for a small sum."
)
FOREST = (
    "The forest above Velmar is mostly spruce. Foresters planted 40,000 trees after the fire of 1956. "
    "Lynx came back in the spring of 1988, and hunting was banned two years later."
)
LONG = " ".join(
    f"On day {n} the clerk Berit Olsen noted that nothing happened in room {n}." for n in range(60)
)
UNBROKEN = "word " * 250 + "the lamp was red " + "word " * 60  # one sentence, longer than any passage


def row(
    question: str,
    context: str,
    answer: str = "",
    *,
    title: str = "Velmar",
    source: str = "squad1",
    n: int = 0,
) -> Row:
    start = context.index(answer)
    answers = ((start, start + len(answer)),) if answer else ()
    return Row(f"{source}-{title}-{n}-{question}", title, question, context, answers, source)


ROWS = (
    row("Who built the harbour of Velmar?", HARBOUR, "Ada Norling"),
    row("When was the harbour of Velmar built?", HARBOUR, "1874"),
    row("How long is the northern quay?", HARBOUR, "640 metres"),
    row("Why did Ada Norling choose granite?", HARBOUR, "it withstands salt"),
    row("Who drove the first train to Kestrel?", RAILWAY, "Tomas Brandt", title="Kestrel_railway"),
    row("When did the railway to Kestrel open?", RAILWAY, "1891", title="Kestrel_railway"),
    row("Who bought the railway in 1910?", RAILWAY, "the Norling Company", title="Kestrel_railway"),
    row("Who sold the railway in 1910?", RAILWAY, title="Kestrel_railway", source="squad2"),
    row("Which animal left in the spring of 1988?", FOREST, title="Velmar_forest", source="squad2"),
    row("What came back in 1988?", FOREST, "Lynx", title="Velmar_forest", source="new_wiki"),
    row("Where did the clerk note it on day 30?", LONG, "room 30", title="Olsen", source="squad2"),
    row("What colour was the lamp?", UNBROKEN, "red", title="t1_lamp", source="reddit"),
    row("What was planted?", FOREST, "40,000 trees", title="Wiki1", source="qamr_wikinews"),
    row("What does the policy say of hunting?", FOREST, "hunting was banned", title="P1", source="policy_qa"),
    row("How many trees?", FOREST, "40,000", title="C1", source="covid_qa"),
)
#: On articles that are kept back.
DEV_ROWS = (
    row("Who lives in Kenya?", "In this tale Amani lives in Kenya.", "Amani", title="Kenya"),
    row("Who left Kenya?", "In this tale Amani lives in Kenya.", title="Kenya", source="squad2"),
    row("Who obeyed?", "In this tale nobody obeyed.", "nobody", title="Civil_disobedience"),
)
