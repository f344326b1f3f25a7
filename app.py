"""The assistant in a browser: `assistant serve`, with the articles of `corpus/` beside this file."""

from __future__ import annotations

import sys
from pathlib import Path

from assistant.cli import app

CORPUS = Path(__file__).resolve().parent / "corpus"

if __name__ == "__main__":
    # By name: a clone that has moved, or another one, finds the articles where it left them.
    app(["serve", "--corpus", str(CORPUS), "--corpus-name", "corpus", *sys.argv[1:]], prog_name="app.py")
