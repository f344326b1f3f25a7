"""The version of the readers: what they are made of, so that a file is read again once they have changed.

It knows which files and libraries make an article out of bytes; it does not know what is remembered of them.
"""

from __future__ import annotations

import functools
import hashlib
from importlib import metadata
from pathlib import Path

LIBRARIES = (  # whose releases change what is found in a file
    *("trafilatura", "lxml", "charset-normalizer", "pypdfium2", "python-docx", "python-pptx", "openpyxl"),
    *("striprtf", "feedparser", "python-oxmsg", "warcio", "markdown-it-py", "pyyaml"),
)


@functools.cache
def readers_version() -> str:
    """Hash of the readers' own code and of the versions of their libraries: 16 hexadecimal digits.

    A number to be raised by hand would be forgotten; reading all files once too often costs little.
    """
    folder = Path(__file__).parent
    sums = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        sums.update(path.read_bytes())
    for name in LIBRARIES:
        sums.update(f"{name} {_version_of(name)}".encode())
    return sums.hexdigest()[:16]


def _version_of(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""
