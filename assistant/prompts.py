"""Prompt files: what a chat model is told, loaded and checked before anything is sent.

A prompt is a Markdown file with `$names`. It knows names and files; it does not know models.
"""

from __future__ import annotations

import hashlib
from collections.abc import Set
from dataclasses import dataclass
from pathlib import Path
from string import Template

from assistant.errors import ConfigError

_PACKAGED = Path(__file__).parent / "prompts_data"  # in an installed package
_BESIDE = Path(__file__).parent.parent / "prompts"  # in a checkout


@dataclass(frozen=True, slots=True)
class Prompt:
    """A checked prompt."""

    name: str
    text: str

    @property
    def version(self) -> str:
        """Hash of the text, for results: equal versions are equal prompts."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:12]

    def fill(self, **values: str) -> str:
        """Put values in place of the names; a `$` in a value stays as it is."""
        return Template(self.text).substitute(values)


def load(name: str, *, variables: Set[str], folder: Path | None = None) -> Prompt:
    """Load a prompt file and check its names.

    Args:
        name: The file's name without `.md`.
        variables: The names that the text must use, all of them and no others.
        folder: Where the file is; by default where the package keeps its own.

    Returns:
        The prompt, ready to be filled.

    Raises:
        ConfigError: If the file is missing, a name is missing, unknown or misspelt, or a `$` stands alone.
    """
    path = (folder or default_folder()) / f"{name}.md"
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        reason = exc.strerror if isinstance(exc, OSError) else "it is not UTF-8"
        raise ConfigError(f"the prompt file {path} cannot be read: {reason}") from exc
    template = Template(text)
    if not template.is_valid():
        raise ConfigError(f"{path}: a $ that begins no name; write $$ for a dollar sign")
    found = set(template.get_identifiers())
    if wrong := sorted(found ^ variables):
        raise ConfigError(
            f"{path}: names that are missing or unknown: {', '.join('$' + one for one in wrong)}"
        )
    return Prompt(name, text)


def default_folder() -> Path:
    """The folder of the prompts that ship with the package."""
    return _PACKAGED if _PACKAGED.is_dir() else _BESIDE
