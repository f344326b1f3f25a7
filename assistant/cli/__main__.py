"""`python -m assistant.cli` is the program `assistant`."""

from assistant.cli import main

main()
