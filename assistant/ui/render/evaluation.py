"""The report of an evaluation: one page of HTML that needs no other file.

It shows figures and questions; it counts nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from assistant.evaluation import Row, Share, Summary
from assistant.ui.render.markup import Html, element, join, page

MOST_ROWS = 1000  # questions that are listed, the wrong ones first
BAR = 320  # width of a whole bar, in pixels
ROW = 34  # height of a bar with its gap
LABEL = 330  # width of what stands before the bars
STYLE = """
:root {
  color-scheme: light dark;
  --ink: #1d1c1a; --paper: #fbfaf6; --soft: #6b665c; --bar: #3b6ea5; --line: #ddd8cc;
}
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8e5de; --paper: #151619; --soft: #a7a297; --bar: #7fb0e6; --line: #33353b; }
}
body {
  max-width: 60rem; margin: 2rem auto; padding: 0 1rem;
  font: 16px/1.5 sans-serif; color: var(--ink); background: var(--paper);
}
svg { width: 100%; height: auto; }
text { fill: var(--ink); font: 14px sans-serif; }
.bar { fill: var(--bar); }
.interval { stroke: var(--ink); stroke-width: 2; }
.axis { stroke: var(--line); }
.soft { color: var(--soft); }
table { border-collapse: collapse; width: 100%; }
th, td {
  padding: .4rem .6rem; border-bottom: 1px solid var(--line);
  text-align: start; vertical-align: top; overflow-wrap: anywhere;
}
"""


def report(summary: Summary, rows: Sequence[Row], *, day: date) -> Html:
    """Render a report.

    Args:
        summary: The figures.
        rows: What came of each question.
        day: When it was measured.

    Returns:
        A whole page, to be written to a file as UTF-8.
    """
    shares = [share for share in [*summary.shares.values(), *summary.by_category.values()] if share.count]
    made = f", {summary.generated:,} of them generated" if summary.generated else ""
    body = [
        element("h1", "How good the answers are"),
        element("p", f"{day.isoformat()}: {summary.questions:,} questions{made}.", class_="soft"),
        chart(shares),
        element(
            "p", "The thin line is the 95 % interval; the number at the end says of how many.", class_="soft"
        ),
        element("h2", "Questions"),
        _table(rows),
    ]
    return page("Evaluation", STYLE, element("main", *body))


def chart(shares: Sequence[Share]) -> Html:
    """Draw shares as bars, one under the other, each with its interval and its number."""
    height = ROW * len(shares)
    said = "; ".join(f"{share.name}: {share.value or 0:.2f}" for share in shares)
    axis = element("line", x1=LABEL, x2=LABEL, y1=0, y2=height, class_="axis")
    bars = join(part for place, share in enumerate(shares) for part in _bar(share, place * ROW))
    box = f"0 0 {LABEL + BAR + 120} {height}"
    return element("svg", axis, bars, viewBox=box, role="img", aria_label=said)


def _bar(share: Share, top: int) -> Iterable[Html]:
    value, middle = share.value or 0.0, top + ROW // 2
    yield element("text", share.name, x=LABEL - 12, y=middle + 5, text_anchor="end")
    yield element("rect", x=LABEL, y=top + 8, width=round(BAR * value), height=ROW - 16, class_="bar")
    low, high = (LABEL + round(BAR * end) for end in (share.low, share.high))
    yield element("line", x1=low, x2=high, y1=middle, y2=middle, class_="interval")
    yield element("text", f"{value:.2f} of {share.count:,}", x=LABEL + BAR + 12, y=middle + 5)


def _table(rows: Sequence[Row]) -> Html:
    worst_first = sorted(rows, key=_is_right)[:MOST_ROWS]
    head = element("tr", *[element("th", name) for name in ("", "question", "right", "answer")])
    lines = [
        element(
            "tr",
            element("td", "✓" if _is_right(row) else "✗", title="right" if _is_right(row) else "wrong"),
            element("td", row.question.question, dir="auto"),
            element("td", _gold(row), dir="auto"),
            element("td", row.answer.text or _said(row), dir="auto"),
        )
        for row in worst_first
    ]
    left_out = len(rows) - len(worst_first)
    more = [element("p", f"{left_out:,} more are not listed.", class_="soft")] if left_out else []
    return join([element("table", element("thead", head), element("tbody", *lines)), *more])


def _is_right(row: Row) -> bool:
    if not row.question.is_answerable:
        return row.answer.abstention is not None
    return row.right[:1] == (True,)


def _gold(row: Row) -> str:
    if not row.question.is_answerable:
        return "(the articles do not say)"
    return " / ".join(row.question.answers) or " / ".join(one.text for one in row.question.evidence)


def _said(row: Row) -> str:
    return row.answer.abstention.message if row.answer.abstention else ""
