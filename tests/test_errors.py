from __future__ import annotations

import inspect
import re

import pytest

from assistant import errors
from assistant.errors import AssistantError, ConfigError, SourceError


def tree(error: type[Exception], prefix: str = "") -> list[str]:
    """The names below an error, drawn as the module's docstring draws them; those elsewhere are not."""
    ours = [child for child in error.__subclasses__() if child.__module__ == errors.__name__]
    children = sorted(ours, key=lambda child: inspect.getsourcelines(child)[1])
    lines = []
    for child in children:
        is_last = child is children[-1]
        lines.append(f"{prefix}{'└── ' if is_last else '├── '}{child.__name__}")
        lines += tree(child, prefix + ("    " if is_last else "│   "))
    return lines


def all_errors() -> list[type[AssistantError]]:
    found = [value for value in vars(errors).values() if isinstance(value, type)]
    return [value for value in found if issubclass(value, AssistantError)]


def test_the_docstring_draws_the_tree():
    drawn = re.findall(r"^(AssistantError|[│ ]*[├└]── \w+)", errors.__doc__ or "", re.MULTILINE)
    assert drawn == ["AssistantError", *tree(AssistantError)]


@pytest.mark.parametrize("error", [each for each in all_errors() if each is not AssistantError])
def test_every_error_has_a_hint_of_one_sentence(error: type[AssistantError]):
    assert re.fullmatch(r"[A-Z][^!?]+\.", error.hint)


def test_a_hint_can_be_given():
    assert ConfigError("wrong").hint == ConfigError.hint
    assert ConfigError("wrong", hint="Do this.").hint == "Do this."
    assert str(ConfigError("wrong", hint="Do this.")) == "wrong"


def test_a_source_error_names_the_file():
    error = SourceError("a.pdf", "it is encrypted")
    assert (str(error), error.name, error.reason) == ("a.pdf: it is encrypted", "a.pdf", "it is encrypted")
