"""How many articles there are over time and by publisher: bars drawn from numbers, and the same in words.

It knows counts, no articles. What is drawn is a picture for the eye; the table in the fold below it says the
same to everyone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from assistant.listing import ArticleCounts
from assistant.ui.render.articles import short
from assistant.ui.render.fields import button, fold
from assistant.ui.render.markup import Html, count, element

MAX_BARS = 60  # of months; with more, a bar is a year
MAX_YEARS = 40  # of these, the latest
SOURCES_SHOWN = 8
WIDTH, HEIGHT = 720, 120  # of the drawing's own units; the page scales it

Bars = Sequence[tuple[str, int]]


def overview(counts: ArticleCounts) -> Html:
    """Draw how the articles are spread.

    Args:
        counts: Of all articles.

    Returns:
        Bars over time and by publisher; nothing if there are no articles.
    """
    if not counts.total:
        return Html()
    bars = timeline(counts.months)
    parts = [element("h3", "Over time"), *_timeline(bars, counts)] if bars else []
    if counts.sources:
        parts += [element("h3", "By publisher"), _sources(counts)]
    dated = fold("The same as a table", _table(bars, counts), name="numbers")
    return element("div", *parts, dated, class_="overview")


def timeline(months: Bars) -> list[tuple[str, int]]:
    """Months or years without a gap, earliest first.

    Args:
        months: ("2024-11", articles), earliest first; those without an article may be missing.

    Returns:
        The same with the missing ones; by year if there are more than `MAX_BARS`.
    """
    if not months:
        return []
    first, last = (_month(name) for name in (months[0][0], months[-1][0]))
    if last - first < MAX_BARS:
        known = dict(months)
        names = [f"{n // 12:04}-{n % 12 + 1:02}" for n in range(first, last + 1)]
        return [(name, known.get(name, 0)) for name in names]
    years: Counter[int] = Counter()
    for name, number in months:
        years[_month(name) // 12] += number
    begin = max(first // 12, last // 12 - MAX_YEARS + 1)
    return [(f"{year:04}", years[year]) for year in range(begin, last // 12 + 1)]


def _month(name: str) -> int:
    return int(name[:4]) * 12 + int(name[5:7]) - 1


def _timeline(bars: Bars, counts: ArticleCounts) -> list[Html]:
    most = max(number for _, number in bars)
    step = WIDTH / len(bars)
    rects = []
    for place, (name, number) in enumerate(bars):
        height = max(1.5, HEIGHT * number / most) if number else 0
        shape = element(
            "rect",
            element("title", f"{name}: {count(number, 'article')}"),
            x=f"{place * step + step * 0.1:.2f}",
            y=f"{HEIGHT - height:.2f}",
            width=f"{step * 0.8:.2f}",
            height=f"{height:.2f}",
        )
        rects.append(shape)
    unit = "month" if "-" in bars[0][0] else "year"
    peak = max(bars, key=lambda bar: bar[1])
    said = f"Articles by {unit}, {bars[0][0]} to {bars[-1][0]}; most in {peak[0]}: {peak[1]:,}."
    if counts.undated:
        said += f" {count(counts.undated, 'article')} without a date."
    picture = element(
        "svg",
        *rects,
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        preserveAspectRatio="none",
        role="img",
        aria_label=said,
        class_="bars",
    )
    ends = [element("span", bars[0][0]), element("span", bars[-1][0])] if len(bars) > 1 else []
    return [
        picture,
        element("p", *ends, class_="ends", aria_hidden="true"),
        element("p", said, class_="said"),
    ]


def _sources(counts: ArticleCounts) -> Html:
    most = counts.sources[0][1]
    rows = []
    for source, number in counts.sources[:SOURCES_SHOWN]:
        length = element("span", "", class_="bar", style=f"--share:{number / most:.4f}", aria_hidden="true")
        name = button(
            element("bdi", short(source)), "source", kind="link", data_source=source, title="List these"
        )
        rows.append(element("li", name, length, element("span", f"{number:,}", class_="number")))
    others = len(counts.sources) - SOURCES_SHOWN
    more = [element("li", f"and {count(others, 'other publisher')}", class_="more")] if others > 0 else []
    return element("ul", *rows, *more, class_="by-source")


def _table(bars: Bars, counts: ArticleCounts) -> Html:
    undated = [("no date", counts.undated)] if counts.undated else []
    rows = [*bars, *undated, *counts.sources]
    head = element("thead", element("tr", *(element("th", text, scope="col") for text in ("", "Articles"))))
    body = [
        element("tr", element("th", element("bdi", short(name)), scope="row"), element("td", f"{number:,}"))
        for name, number in rows
    ]
    return element("table", head, element("tbody", *body))
