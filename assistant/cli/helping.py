"""How the commands' parameters are shown in their help: no names of types, ranges in words.

It knows parameters as typer and click make them, not what any is for; what a value is, its `metavar` says.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def tidy(command: Any) -> None:
    """Prepare a command, and all below it, for being explained.

    Args:
        command: Of typer. What its release does not know is left alone.
    """
    for param in command.params:
        _tidy(param)
    command.get_help_option = _tidied(command.get_help_option)
    for child in getattr(command, "commands", {}).values():
        tidy(child)


def _tidied(get: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The help option is made only when it is asked for."""

    def get_tidied(context: Any) -> Any:
        option = get(context)
        if option is not None:
            _tidy(option)
        return option

    return get_tidied


def _tidy(param: Any) -> None:
    if getattr(param, "is_flag", False):
        param.metavar = ""
    elif param.param_type_name == "argument":
        param.display_type_rich = lambda ctx: None  # noqa: ARG005 - its name says what it is
    least, most = getattr(param, "min", None), getattr(param, "max", None)
    if least is not None or most is not None:
        param._get_number_range_help_str = lambda: _range(least, most)


def _range(least: float | None, most: float | None) -> str:
    if least is None:
        return f"at most {most}"
    return f"{least} or more" if most is None else f"{least} to {most}"
