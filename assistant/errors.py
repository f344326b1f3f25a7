"""Everything the assistant raises on purpose.

AssistantError
├── ConfigError             a setting or prompt file is wrong
├── EvaluationError         the questions of an evaluation are wrong
├── SourceError             a file or address cannot be read as an article     (.name)
├── CorpusError             the corpus cannot be opened, read or written
│   ├── CorpusBusyError     another process is writing
│   ├── ReadOnlyError       this server takes no changes
│   ├── IndexMismatchError  the index was built with another model or chunking
│   └── UnknownArticleError no article has this id
├── UnknownConversationError  no conversation of this owner has this id
└── ModelError              a model cannot be loaded or did not answer
    └── ModelTimeoutError   a model did not answer in time

Each carries a hint: one sentence that says what the reader can do. Wrong arguments raise the built-in
ValueError or TypeError; these are for the outside world.
"""

from __future__ import annotations


class AssistantError(Exception):
    """Base of all that the assistant raises on purpose."""

    hint: str = ""

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        if hint is not None:
            self.hint = hint


class ConfigError(AssistantError):
    """A setting or prompt file is wrong."""

    hint = "Correct the setting named above; README lists all of them."


class EvaluationError(AssistantError):
    """The questions of an evaluation cannot be read."""

    hint = "Write one JSON object a line, as `assistant eval --help` says."


class SourceError(AssistantError):
    """A file or address cannot be read as an article."""

    hint = "Check that the file opens in its own program, or convert it to text, Markdown or HTML."

    def __init__(self, name: str, reason: str, *, hint: str | None = None) -> None:
        super().__init__(f"{name}: {reason}", hint=hint)
        self.name = name
        self.reason = reason


class CorpusError(AssistantError):
    """The corpus cannot be opened, read or written."""

    hint = "Run `assistant verify` to see what is wrong."


class CorpusBusyError(CorpusError):
    """Another process is writing to the corpus."""

    hint = "Adding many articles takes minutes: wait for the other process, or stop it, and try again."


class ReadOnlyError(CorpusError):
    """The corpus was opened to be read only."""

    hint = "Whoever runs the server can turn `server.read_only` off."


class IndexMismatchError(CorpusError):
    """The index was built with another embedding model or another chunking."""

    hint = "Rebuild it with `assistant rebuild`, or open it with the settings that it was built with."


class UnknownArticleError(CorpusError):
    """No article of the corpus has this id."""

    hint = "List the articles and their ids with `assistant list`."


class UnknownConversationError(AssistantError):
    """No conversation of this owner has this id."""

    hint = "List the conversations and their ids with `assistant conversations list`."


class ModelError(AssistantError):
    """A model cannot be loaded or did not answer."""

    hint = "Check the model's name or folder in the settings."


class ModelTimeoutError(ModelError):
    """A model did not answer in time."""

    hint = "Try again, or raise chat.silence_seconds or chat.total_seconds."
