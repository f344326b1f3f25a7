"""The command line: what each command does is in the module of its kind.

Commands read options, call `Assistant`, render the values that come back, and decide nothing. Results go to
the standard output, as text or as JSON; progress, questions and errors go to the standard error. Text of
articles is printed as it is, never as markup. What takes long to import is imported by the command that needs
it. Commands are listed in the order of these imports.

Exit codes: 0 done; 1 an error, nothing could be added, or a corpus that is not healthy; 2 wrong usage; 3 the
corpus does not answer the question; 130 stopped with Ctrl-C.
"""

from assistant.cli import (
    accounts,
    adding,
    articles,
    changing,
    conversing,
    evaluating,
    failures,
    feeds,
    keeping,
    mcp,
    questions,
    serving,
    tokens,
    upkeep,
    watching,
)
from assistant.cli.application import app, main

__all__ = [
    "accounts",
    "adding",
    "app",
    "articles",
    "changing",
    "conversing",
    "evaluating",
    "failures",
    "feeds",
    "keeping",
    "main",
    "mcp",
    "questions",
    "serving",
    "tokens",
    "upkeep",
    "watching",
]
