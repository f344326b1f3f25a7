"""Adding articles: how far it is, and what came of it.

It knows progress and reports, no files.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from assistant.listing import ListedArticle
from assistant.types import Failure, IngestReport, ItemProgress, ItemState, Progress, alike
from assistant.ui.render.markup import Html, count, element, join
from assistant.ui.render.shelf import opens

ROWS_SHOWN = 100  # files in the table of an upload
ALIKE_SHOWN = 3  # of many that failed for one reason
NAMES_SHOWN = 8  # titles that an upload's summary lists of each kind


def upload_table(items: Sequence[ItemProgress], progress: Progress) -> Html:
    """Say how far an upload is: what became of each file, how fast it goes, how long it will take.

    Args:
        items: The files, in their order; of many, those are shown that something happens to.
        progress: Of all of them.

    Returns:
        A bar, a line and a table.
    """
    bar = element("progress", max=progress.total or None, value=progress.done if progress.total else None)
    states = list(ItemState)
    order = [ItemState.FAILED, ItemState.EMBEDDING, ItemState.READING, ItemState.WAITING, *states]
    shown = items if len(items) <= ROWS_SHOWN else sorted(items, key=lambda item: order.index(item.state))
    rows = [_row(item) for item in shown[:ROWS_SHOWN]]
    if len(items) > ROWS_SHOWN:
        rows.append(element("tr", element("td", f"{len(items) - ROWS_SHOWN:,} more", colspan=2)))
    return element(
        "div",
        bar,
        element("p", _speed(progress)),
        element("table", element("tbody", *rows), class_="files"),
        class_="upload",
        role="status",
    )


def _row(item: ItemProgress) -> Html:
    said: list[str] = [item.state.value]
    if item.reason:
        said += [": ", element("span", item.reason, dir="auto")]
    if item.hint:
        said += [" ", element("span", item.hint, class_="hint", dir="auto")]
    name = element("td", element("bdi", item.name, class_="name"))
    return element("tr", name, element("td", *said, class_=f"state {item.state.value}"))


def _speed(progress: Progress) -> str:
    said = f"{progress.done:,} of {count(progress.total or progress.done, 'file')}"
    said += f", {count(progress.passages, 'passage')}"
    if progress.passages:
        said += f" ({progress.passages_per_second:.0f} a second)"
    if progress.seconds_left:
        said += f", about {progress.seconds_left:,.0f} seconds left"
    return said


def upload_report(report: IngestReport, articles: Mapping[str, ListedArticle] = MappingProxyType({})) -> Html:
    """Say what an upload did: added, updated, unchanged, and what failed and why.

    Args:
        report: What it did.
        articles: Those that can be opened, by the name that the report has for them.

    Returns:
        A line for each kind, in which the names that can be opened are buttons.
    """
    kinds = (("Added", report.added), ("Updated", report.updated), ("Already there", report.unchanged))
    lines = [_names(label, names, articles) for label, names in kinds if names]
    if report.failed:
        lines.append(element("p", element("strong", f"Not added: {len(report.failed):,}"), class_="count"))
        lines.append(element("ul", *map(_failed, alike(report.failed)), class_="failed"))
    if report.is_cancelled:
        lines.append(element("p", "Stopped. What is done is kept.", class_="stopped"))
    if not lines:
        lines.append(element("p", "No articles were found in what was uploaded."))
    return element("div", *lines, class_="upload", role="status")


def _names(label: str, names: Sequence[str], articles: Mapping[str, ListedArticle]) -> Html:
    shown = [
        opens(articles[name], name, kind="link") if name in articles else element("bdi", name)
        for name in names[:NAMES_SHOWN]
    ]
    more = [f"{len(names) - NAMES_SHOWN} more"] if len(names) > NAMES_SHOWN else []
    return element(
        "p", element("strong", f"{label}: {len(names)}"), " ", join([*shown, *more], " · "), class_="count"
    )


def _failed(failures: Sequence[Failure]) -> Html:
    """Failures for one reason: what failed, why, and what to do."""
    names = [element("bdi", failure.name, class_="name") for failure in failures[:ALIKE_SHOWN]]
    more = [f"{len(failures) - ALIKE_SHOWN:,} more"] if len(failures) > ALIKE_SHOWN else []
    first = failures[0]
    parts = [join([*names, *more], " · "), " ", element("span", first.reason, dir="auto")]
    if first.hint:
        parts += [" ", element("span", first.hint, class_="hint", dir="auto")]
    return element("li", *parts)
