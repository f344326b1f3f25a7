"""What a folder says is none of its articles: patterns in the syntax of .gitignore.

The only importer of pathspec. It knows patterns and paths; it looks at one file, `.assistantignore` at the
top of the folder, and at no other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from assistant.errors import SourceError
from assistant.sources import clean, files

IGNORE_FILE = ".assistantignore"
HINT = "Correct the pattern; the syntax is that of .gitignore."

IsIgnored = Callable[[str], bool]  # of a path within the folder, which ends with "/" if it is one itself


def nothing(_path: str) -> bool:
    """Leave nothing out."""
    return False


def ignored_in(folder: Path, patterns: Sequence[str] = ()) -> IsIgnored:
    """Find out what is to be left out of a folder.

    Args:
        folder: The folder.
        patterns: More patterns, which count after those of its file.

    Returns:
        Whether a path within it is left out.

    Raises:
        SourceError: If its file cannot be read, or something in it is no pattern.
    """
    path = folder / IGNORE_FILE
    found = clean.decode(files.load(path, IGNORE_FILE), IGNORE_FILE) if path.exists() else ""
    lines = [*found.splitlines(), *patterns]
    if not any(line.strip() for line in lines):
        return nothing
    from pathspec import GitIgnoreSpec  # only now: most folders have no such file

    try:
        spec = GitIgnoreSpec.from_lines(lines)
    except ValueError as exc:
        raise SourceError(IGNORE_FILE, f"it holds what is no pattern ({exc})", hint=HINT) from exc
    return spec.match_file
