"""`assistant feeds`: subscriptions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from assistant.cli.application import app, examples
from assistant.cli.options import AsJson, DataDir, Limit, opened, settings_of
from assistant.cli.output import print_json, say
from assistant.cli.printing import print_report
from assistant.cli.progress import progress_bar

if TYPE_CHECKING:
    from assistant.assistant import Assistant
    from assistant.types import IngestReport

feeds = typer.Typer(no_args_is_help=True, help="Keep feeds up to date: add, list, refresh, remove.")
app.add_typer(
    feeds,
    name="feeds",
    epilog=examples("assistant feeds add https://example.org/feed.xml", "assistant feeds refresh"),
)


@feeds.command("add", epilog=examples("assistant feeds add https://example.org/feed.xml"))
def add(
    url: Annotated[
        str,
        typer.Argument(
            metavar="URL", help="Address of a feed, or of a page that names one.", show_default=False
        ),
    ],
    limit: Limit = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Subscribe to a feed and bring its articles."""
    with opened(settings_of(data_dir), must_exist=False) as assistant:
        subscription = assistant.feeds.subscribe(url)
        report = _refreshed(assistant, subscription.url, limit)
    if not as_json:
        say(f"Subscribed to {subscription.title or subscription.url}")
    print_report(report, as_json=as_json)


@feeds.command("list", epilog=examples("assistant feeds list --json"))
def list_feeds(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """List the subscriptions: when each was last fetched, and what was wrong if it failed."""
    with opened(settings_of(data_dir), is_brief=True) as assistant:
        found = assistant.feeds.subscriptions()
    if as_json:
        print_json([subscription.to_dict() for subscription in found])
    elif not found:
        say("No subscriptions yet. Make one with `assistant feeds add URL`.")
    for subscription in [] if as_json else found:
        say(Text(subscription.url, style="bold") + Text(f"  {subscription.title}"))
        say(f"last fetched: {subscription.refreshed or 'never'}", indent=2, style="dim")
        if subscription.problem:
            say(subscription.problem, indent=2, style="red")


@feeds.command("refresh", epilog=examples("assistant feeds refresh", "assistant feeds refresh --limit 5"))
def refresh(
    url: Annotated[str, typer.Argument(metavar="URL", help="Only this feed.", show_default="all feeds")] = "",
    limit: Limit = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Bring what is new or changed in the feeds; the exit code is 1 only if nothing but failures came."""
    with opened(settings_of(data_dir)) as assistant:
        report = _refreshed(assistant, url, limit)
    print_report(report, as_json=as_json)
    if report.failed and not (report.added or report.updated or report.unchanged):
        raise typer.Exit(1)


@feeds.command("remove", epilog=examples("assistant feeds remove https://example.org/feed.xml"))
def remove(
    url: Annotated[str, typer.Argument(metavar="URL", help="Address of the feed.", show_default=False)],
    data_dir: DataDir = None,
) -> None:
    """End a subscription; its articles stay."""
    with opened(settings_of(data_dir), is_brief=True) as assistant:
        assistant.feeds.unsubscribe(url)
    say(f"No longer subscribed to {url}")


def _refreshed(assistant: Assistant, url: str, limit: int | None) -> IngestReport:
    with progress_bar("Refreshing") as on_progress:
        return assistant.feeds.refresh(url, limit=limit, on_progress=on_progress)
