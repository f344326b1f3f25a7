"""Options that several commands share, and what is made of them: settings, filters, an open assistant."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assistant.types import Filters

if TYPE_CHECKING:
    from assistant.assistant import Assistant
    from assistant.settings import Settings

DAY = ["%Y-%m-%d"]


def _checked_fields(given: list[str] | None) -> list[str] | None:
    """Refuse here what the settings would refuse as a setting."""
    from assistant.settings import field_names

    try:
        return list(field_names(tuple(given))) if given else given
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def _folder(value: str) -> Path:
    """A folder by its name; an empty one, as of a variable that is not set, would mean the working folder."""
    if not value.strip():
        raise typer.BadParameter("The path is empty; '.' is the folder you are in.")
    return Path(value)


DataDir = Annotated[
    Path | None,
    typer.Option(
        help="Folder of the index; each is one collection.",
        show_default="the user's data folder",
        parser=_folder,
        metavar="PATH",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
Publishers = Annotated[
    list[str] | None,
    typer.Option("--source", metavar="NAME", help="Only articles of this publisher; repeatable."),
]
From = Annotated[
    datetime | None,
    typer.Option("--from", formats=DAY, metavar="DATE", help="Only articles published on this day or later."),
]
Until = Annotated[
    datetime | None,
    typer.Option("--to", formats=DAY, metavar="DATE", help="Only articles published on this day or earlier."),
]
Limit = Annotated[
    int | None,
    typer.Option(
        min=1, metavar="NUMBER", help="Most articles of a feed or sitemap.", show_default="the settings'"
    ),
]
Ignore = Annotated[
    list[str] | None,
    typer.Option(
        "--ignore",
        metavar="PATTERN",
        help="Leave out of folders, as in .gitignore; repeatable.",
        show_default=False,
    ),
]
Fields = Annotated[
    list[str] | None,
    typer.Option(
        "--field",
        metavar="FIELD=NAME",
        callback=_checked_fields,
        help="Name of a column or JSON field, such as text=story; repeatable.",
        show_default=False,
    ),
]
Since = Annotated[
    datetime | None,
    typer.Option(formats=DAY, metavar="DATE", help="Of a feed or sitemap, nothing known to be older."),
]


def settings_of(
    data_dir: Path | None,
    server: dict[str, Any] | None = None,
    *,
    ignore: list[str] | None = None,
    fields: list[str] | None = None,
) -> Settings:
    """The settings, with what the command line says above all else."""
    from assistant.settings import load

    return load(
        {
            "data_dir": data_dir,
            "server": server or {},
            "ingest": {"ignore": ignore or None, "columns": fields or None},
        }
    )


def opened(settings: Settings, *, must_exist: bool = True, is_brief: bool = False) -> Assistant:
    """Open the assistant of the settings' data folder."""
    from assistant.assistant import Assistant

    return Assistant.open(settings=settings, must_exist=must_exist, is_brief=is_brief)


def filters_of(
    published_from: datetime | None, published_to: datetime | None, sources: Sequence[str] | None
) -> Filters:
    """The filters that the options ask for."""
    first, last = day_of(published_from), day_of(published_to)
    if first and last and first > last:
        raise typer.BadParameter("--from must not be later than --to.")
    return Filters(published_from=first, published_to=last, sources=tuple(sources or ()))


def day_of(moment: datetime | None) -> date | None:
    """The day of an option, which typer reads as a moment."""
    return moment.date() if moment else None
