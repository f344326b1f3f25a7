"""What keeps a library well: feeds, what failed, what was removed, how large it is, whether it is whole.

It knows values, no corpus.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from assistant.sources import without_password
from assistant.stores.web import Subscription
from assistant.types import Article, Failure, Progress, RememberedFailure, VerifyReport
from assistant.ui.render.articles import short
from assistant.ui.render.fields import button, field, fold
from assistant.ui.render.markup import Html, count, element
from assistant.ui.view import Said

SHOWN = 50  # feeds, failures and removed articles; the commands list all
PROBLEMS_SHOWN = 20
KILO = 1000
_NAMES = {
    "catalog": "Articles, passages and vectors",
    "indexes": "Search indexes, which can be made again",
    "uploads": "Uploads that wait or failed",
    "originals": "The files that were added, as they were",
}


def problem(failure: Failure) -> Html:
    """Say what went wrong and what can be done."""
    hint = [" ", element("span", failure.hint, class_="hint")] if failure.hint else []
    return element("p", failure.reason, *hint, class_="problem", role="alert", dir="auto")


def feeds(
    subscriptions: Sequence[Subscription],
    said: Said | None = None,
    *,
    is_open: bool = False,
    may_change: bool,
) -> Html:
    """The feeds that are kept up to date.

    Args:
        subscriptions: In the order in which they were subscribed to.
        said: What the last click came to.
        is_open: Whether the fold is open.
        may_change: Whether feeds can be added and removed.

    Returns:
        A fold with the list and the field for another one.
    """
    rows = [_feed(one, may_change) for one in subscriptions[:SHOWN]]
    empty = "No feed yet. Subscribe to one, and “Fetch what is new” brings its new articles."
    body = element("ul", *rows, class_="feed-list") if rows else element("p", empty, class_="empty")
    form = element(
        "div",
        field("Address of a feed, or of a page that names one", "feed", type="url", placeholder="https://"),
        button("Subscribe", "subscribe", kind="apply"),
        class_="one-line",
        data_form="feed",
    )
    fetch = button("Fetch what is new", "refresh", kind="plain")
    acts = [*([fetch] if rows else []), form] if may_change else []
    return fold(_titled("Feeds", len(subscriptions)), body, *acts, _line(said), name="feeds", is_open=is_open)


def _feed(one: Subscription, may_change: bool) -> Html:
    when = f"fetched {_when(one.refreshed)}" if one.refreshed else "not fetched yet"
    address = without_password(one.url)
    parts = [
        element("strong", one.title or address, dir="auto"),
        element("span", f"{address} · {when}", class_="under"),
    ]
    if one.problem:
        parts.append(element("span", one.problem, class_="problem", dir="auto"))
    if may_change:
        named = {"data_feed": one.url, "aria_label": f"Unsubscribe from {one.title or address}"}
        parts.append(button("Unsubscribe", "unsubscribe", kind="link", **named))
    return element("li", *parts)


def failures(
    failed: Sequence[RememberedFailure], said: Said | None = None, *, is_open: bool = False, may_change: bool
) -> Html:
    """What could not be added and is not mended yet.

    Args:
        failed: Oldest first.
        said: What the last click came to.
        is_open: Whether the fold is open.
        may_change: Whether it can be tried again.

    Returns:
        A fold; nothing if nothing failed.
    """
    if not failed and not said:
        return Html()
    rows = [_failure(one) for one in failed[-SHOWN:][::-1]]
    retry = button("Try all again", "retry", kind="plain")
    again = [retry] if may_change and any(one.origin for one in failed) else []
    body = element("ul", *rows, class_="failed") if rows else ""
    return fold(
        _titled("Not added", len(failed)), body, *again, _line(said), name="failures", is_open=is_open
    )


def _failure(one: RememberedFailure) -> Html:
    failure = one.failure
    hint = [element("span", failure.hint, class_="hint", dir="auto")] if failure.hint else []
    handed = "" if one.origin else " It was uploaded: upload it again to try again."
    return element(
        "li",
        element("bdi", short(failure.name), class_="name"),
        element("span", failure.reason + handed, class_="problem", dir="auto"),
        *hint,
        element("span", _when(one.at), class_="under"),
    )


def trash(
    removed: Sequence[tuple[Article, datetime]],
    said: Said | None = None,
    *,
    is_open: bool = False,
    may_change: bool,
) -> Html:
    """Articles that were removed and can be brought back.

    Args:
        removed: With the moment, latest first.
        said: What the last click came to.
        is_open: Whether the fold is open.
        may_change: Whether they can be brought back.

    Returns:
        A fold; nothing if there are none.
    """
    if not removed and not said:
        return Html()
    rows = [_removed(article, at, may_change) for article, at in removed[:SHOWN]]
    sure = fold(
        "Empty the trash…",
        element("p", "They are deleted for good, to the last byte. There is no way back."),
        button("Delete them for good", "purge", kind="plain"),
        name="sure",
    )
    body = element("ul", *rows, class_="removed") if rows else ""
    empty = [sure] if rows and may_change else []
    return fold(_titled("Trash", len(removed)), body, *empty, _line(said), name="trash", is_open=is_open)


def _removed(article: Article, at: datetime, may_change: bool) -> Html:
    name = short(" ".join(article.name.split()))
    back = button(
        "Bring back", "back", kind="link", data_article=article.id, aria_label=f"Bring back: {name}"
    )
    return element(
        "li",
        element("span", name, dir="auto"),
        element("span", f"removed {_when(at.isoformat())}", class_="under"),
        *([back] if may_change else []),
    )


def health(
    articles: int,
    sizes: Mapping[str, int],
    free: int,
    said: str = "",
    report: VerifyReport | None = None,
    *,
    is_open: bool = False,
    may_change: bool,
) -> Html:
    """How large the library is, and whether it is whole.

    Args:
        articles: How many there are.
        sizes: Bytes of each part of the data folder.
        free: Bytes that are free on its disk.
        said: What is under way, or went wrong.
        report: What the last check found.
        is_open: Whether the fold is open.
        may_change: Whether it can be repaired.

    Returns:
        A fold with a table of sizes and the buttons that check.
    """
    named = [
        (_NAMES.get(part, part), size) for part, size in sorted(sizes.items(), key=lambda pair: -pair[1])
    ]
    big = [(name, size) for name, size in named if name in _NAMES.values() and size >= KILO]
    rest = sum(size for _, size in named) - sum(size for _, size in big)
    rows = [*big, *([("All else", rest)] if rest else []), ("Free on this disk", free)]
    table = element(
        "table",
        *(
            element("tr", element("th", name, scope="row"), element("td", _bytes(size)))
            for name, size in rows
        ),
        class_="sizes",
    )
    acts = [button("Check", "check", kind="plain")]
    acts += [button("Check and repair", "repair", kind="plain")] if may_change else []
    found = [_found(report)] if report else []
    under_way = [element("p", said, role="status", class_="said")] if said else []
    facts = element("p", f"{count(articles, 'article')}, {_bytes(sum(sizes.values()))}.")
    buttons = element("p", *acts, class_="doings")
    return fold(
        "Storage and health", facts, table, buttons, *under_way, *found, name="health", is_open=is_open
    )


def checking(progress: Progress) -> str:
    """How far a check is, in words."""
    return f"Checking: {progress.done:,} of {count(progress.total or progress.done, 'article')}"


def _found(report: VerifyReport) -> Html:
    looked = f"{count(report.articles, 'article')} and {count(report.passages, 'passage')} were looked at"
    if report.is_healthy and not report.repaired:
        return element("p", f"All is well: {looked}.", class_="well", role="status")
    parts = []
    if report.repaired:
        parts += [element("p", f"Repaired; {looked}.", class_="well"), _listed(report.repaired)]
    if report.problems:
        hint = "“Check and repair” makes the search indexes again; articles are never touched by it."
        parts += [element("p", f"Not well; {looked}. {hint}", class_="problem"), _listed(report.problems)]
    return element("div", *parts, role="status")


def _listed(texts: Sequence[str]) -> Html:
    rows = [element("li", text, dir="auto") for text in texts[:PROBLEMS_SHOWN]]
    more = len(texts) - PROBLEMS_SHOWN
    return element("ul", *rows, *([element("li", f"and {more:,} more")] if more > 0 else []))


def _line(said: Said | None) -> str:
    if said is None:
        return ""
    return element("p", said.text, class_="problem" if said.is_problem else "said", role="status", dir="auto")


def _titled(title: str, number: int) -> str:
    return f"{title} ({number:,})" if number else title


def _when(moment: str) -> str:
    return moment[:16].replace("T", " ")


def _bytes(size: int) -> str:
    value = float(size)
    for unit in ("bytes", "kB", "MB"):
        if value < KILO:
            return f"{value:,.0f} {unit}"
        value /= KILO
    return f"{value:,.1f} GB"
