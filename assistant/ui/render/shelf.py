"""The list of the library: what narrows it, a table a page at a time, what the last click came to.

It knows listed articles, no texts; how they are found it does not know.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from assistant.listing import ArticlePage, ArticleSort, ListedArticle
from assistant.types import Filters
from assistant.ui.render.articles import MAX_NAME_CHARS, short
from assistant.ui.render.fields import button, choice, field
from assistant.ui.render.markup import Html, count, element, join
from assistant.ui.view import Said, View

_COLUMNS = (
    (ArticleSort.TITLE, "Title"),
    (ArticleSort.SOURCE, "Publisher"),
    (ArticleSort.PUBLISHED, "Published"),
    (ArticleSort.ADDED, "Added"),
)
_EMPTY = (
    "Nothing is in the library yet. Drop files into the box above, give the address of a page or a feed, or "
    "run `assistant add FOLDER` in a terminal. A PDF takes seconds; then ask about it in the first tab."
)


def shelf_bar(view: View, sources: Sequence[str]) -> Html:
    """The fields that narrow the list.

    Args:
        view: What is shown now.
        sources: Publishers to offer.

    Returns:
        A form.
    """
    filters = view.query.filters
    chosen = next(iter(filters.sources), "")
    named = [("", "all"), *((source, source) for source in dict.fromkeys([*sources, *filters.sources]))]
    copies = [("one", "one of each"), ("all", "all of them")]
    return element(
        "div",
        field("Search", "text", view.query.text, type="search", placeholder="Title, author or publisher"),
        choice("Publisher", "source", named, chosen),
        field("From", "from", _iso(filters, "published_from"), type="date"),
        field("Until", "to", _iso(filters, "published_to"), type="date"),
        choice("Near copies", "copies", copies, "one" if view.query.one_of_each else "all"),
        button("Find", "find", kind="apply"),
        class_="shelf-bar",
        data_form="shelf",
        role="search",
        aria_label="Find in the library",
    )


def _iso(filters: Filters, name: str) -> str:
    day = getattr(filters, name)
    return day.isoformat() if day else ""


def shelf(page: ArticlePage, view: View, *, is_read_only: bool = False) -> Html:
    """A page of the list.

    Args:
        page: The articles.
        view: How they came to be listed, and what the last click came to.
        is_read_only: Whether nothing can be changed.

    Returns:
        A table with its heads to sort by, the way to other pages, and a line about the last click.
    """
    if not page.total:
        body = [element("p", _nothing(view), class_="empty"), *_all_again(view)]
    else:
        rows = [row for article in page.articles for row in _rows(article, view, is_read_only)]
        head = element("thead", element("tr", *_heads(view), element("th", "", scope="col")))
        table = element("table", head, element("tbody", *rows), class_="articles")
        body = [_counted(page, view), element("div", table, class_="rows"), _pager(page, view)]
    return element("div", *body, _told(view.said), class_="shelf")


def _nothing(view: View) -> str:
    return (
        "No article is like that. Take a condition away, or look for fewer words."
        if view.is_narrowed
        else _EMPTY
    )


def _all_again(view: View) -> list[Html]:
    return [button("Show all articles", "all", kind="link")] if view.is_narrowed else []


def _counted(page: ArticlePage, view: View) -> Html:
    first = view.query.offset + 1
    said = f"{first:,}–{first + len(page.articles) - 1:,} of {count(page.total, 'article')}"
    if view.query.copies_of:
        said = f"{count(page.total, 'article')} of one story"
    parts = [said, *(join([" · ", again]) for again in _all_again(view))]
    return element("p", *parts, class_="counted", role="status")


def _heads(view: View) -> Iterator[Html]:
    for sort, label in _COLUMNS:
        is_sorted = sort is view.query.sort
        way = ("descending" if view.query.descending else "ascending") if is_sorted else None
        sign = element("span", {"descending": "▾", "ascending": "▴", None: ""}[way], aria_hidden="true")
        head = element("button", label, " ", sign, type="button", data_action="sort", data_sort=sort.value)
        yield element("th", head, scope="col", aria_sort=way, class_=sort.value)
    yield element("th", "Passages", scope="col", class_="number")


def _rows(article: ListedArticle, view: View, is_read_only: bool) -> Iterator[Html]:
    yield element(
        "tr",
        element("td", opens(article, _called(article), kind="title"), *_under(article), class_="title"),
        element("td", *_publisher(article), class_="source", data_name="Publisher"),
        element("td", _day(article), class_="published", data_name="Published"),
        element("td", _added(article), class_="added", data_name="Added"),
        element("td", f"{article.passages:,}", class_="number", data_name="Passages"),
        element("td", *([] if is_read_only else _doings(article)), class_="doings"),
    )
    if article.id == view.editing and not is_read_only:
        yield element("tr", element("td", _editor(article), colspan=len(_COLUMNS) + 2), class_="editor")


def opens(article: ListedArticle, name: str, *, kind: str) -> Html:
    """A button that opens an article of the list at its beginning.

    Args:
        article: The article.
        name: What stands on it.
        kind: How it looks.

    Returns:
        The button.
    """
    place: dict[str, str | int] = {
        "data_article": article.id,
        "data_version": article.version,
        "data_start": 0,
        "data_end": 0,
    }
    return button(name, "read", kind=kind, dir="auto", **place)


def _called(article: ListedArticle) -> str:
    return short(" ".join(article.name.split())) or "Untitled article"


def _under(article: ListedArticle) -> list[Html]:
    """What stands below a title: the author, near copies, other places."""
    parts: list[str] = [element("bdi", short(article.author))] if article.author else []
    if article.copies:
        said = f"{article.copies:,} near {'copy' if article.copies == 1 else 'copies'}"
        parts.append(button(said, "copies", kind="link", data_article=article.id))
    if article.places:
        parts.append(f"the same in {count(article.places, 'other place')}")
    return [element("p", join(parts, " · "), class_="under")] if parts else []


def _publisher(article: ListedArticle) -> list[Html]:
    return [element("bdi", short(article.source))] if article.source else []


def _day(article: ListedArticle) -> str:
    if not article.published:
        return element("span", "not known", class_="unknown")
    return _time(article.published, article.published.isoformat())


def _added(article: ListedArticle) -> str:
    if not article.added:
        return element("span", "earlier", class_="unknown", title="By an earlier release")
    return _time(date.fromisoformat(article.added[:10]), article.added)


def _time(day: date, moment: str) -> Html:
    return element("time", f"{day.day} {day:%b} {day.year}", datetime=moment)


def _doings(article: ListedArticle) -> list[Html]:
    called = _called(article)
    again = "Fetch again" if article.url and not article.path else "Read again"
    offered = [
        ("Correct", "edit"),
        *([(again, "again")] if article.url or article.path else []),
        ("Remove", "remove"),
    ]
    return [
        button(label, action, kind="link", data_article=article.id, aria_label=f"{label}: {called}")
        for label, action in offered
    ]


def _editor(article: ListedArticle) -> Html:
    published = article.published.isoformat() if article.published else ""
    return element(
        "div",
        field("Title", "title", short(article.name), dir="auto"),
        field("Author", "author", short(article.author), dir="auto"),
        field("Publisher", "source", short(article.source), dir="auto"),
        field("Published", "published", published, type="date"),
        element(
            "p",
            button("Cancel", "leave", kind="plain"),
            button("As the source has it", "reset", kind="plain", data_article=article.id),
            button("Save", "keep", kind="apply", data_article=article.id),
            class_="doings",
        ),
        class_="correct",
        data_form="correct",
    )


def _pager(page: ArticlePage, view: View) -> Html:
    if page.total <= view.query.limit:
        return Html()
    last = -(-page.total // view.query.limit)
    at = view.query.offset // view.query.limit + 1
    back, on = None if at > 1 else "", None if at < last else ""
    return element(
        "nav",
        button("‹ Back", "turn", kind="plain", data_by="back", disabled=back),
        element("span", f"Page {at:,} of {last:,}"),
        button("On ›", "turn", kind="plain", data_by="on", disabled=on),
        class_="pager",
        aria_label="Pages of the list",
    )


def _told(said: Said | None) -> Html:
    if said is None:
        return Html()
    undo = [button("Undo", "undo", kind="plain", data_article=said.undo)] if said.undo else []
    kind = "toast is-problem" if said.is_problem else "toast"
    return element(
        "div",
        element("span", said.text[: 2 * MAX_NAME_CHARS], dir="auto"),
        *undo,
        class_=kind,
        role="alert" if said.is_problem else "status",
    )
