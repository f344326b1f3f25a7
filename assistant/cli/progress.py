"""How far a command is, on the standard error: a live bar on a terminal, now and then a line elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.text import Text

from assistant.types import ItemState, Progress

LINE_SECONDS = 30.0  # between two lines where no bar can be drawn; a short run prints none


@contextmanager
def progress_bar(label: str) -> Iterator[Callable[[Progress], None]]:
    """Show how far something is.

    Args:
        label: What is being done.

    Yields:
        To be called with each progress.
    """
    console = Console(stderr=True)
    if console.is_terminal:
        with _bar(label, console) as on_progress:
            yield on_progress
    else:
        yield _lines(label, console)


@contextmanager
def _bar(label: str, console: Console) -> Iterator[Callable[[Progress], None]]:
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn(label, markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[speed]}", markup=False),
        TimeElapsedColumn(),
        TextColumn("{task.fields[item]}", markup=False),
    )
    with Bar(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=None, speed="", item="")

        def show(at: Progress) -> None:
            for item in at.changed:
                if item.state is ItemState.FAILED:
                    bar.console.print(Text(f"{item.name}: {item.reason}", style="red"))
            bar.update(task, completed=at.done, total=at.total, speed=_speed(at), item=_item(at))

        yield show


def _lines(label: str, console: Console) -> Callable[[Progress], None]:
    told = time.monotonic()

    def tell(at: Progress) -> None:
        nonlocal told
        if time.monotonic() - told >= LINE_SECONDS:
            told = time.monotonic()
            of = f" of {at.total:,}" if at.total else ""
            console.print(Text(f"{label}: {at.done:,}{of}, {_speed(at)}"), soft_wrap=True)

    return tell


def _speed(at: Progress) -> str:
    """Passages, passages a second and the time left, as far as they are known."""
    said = f"{at.passages:,} passages"
    if at.passages:
        said += f", {at.passages_per_second:.0f} a second"
    if at.seconds_left:
        said += f", {_duration(at.seconds_left)} left"
    return said


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min" if minutes else f"{rest} s"


def _item(at: Progress) -> str:
    """What is at hand, on the rest of the line."""
    state = at.changed[-1].state if at.changed else ItemState.EMBEDDING
    return "" if state in {ItemState.IN, ItemState.UNCHANGED} else f"{state}: {at.name[:60]}"
