"""`assistant doctor`: whether everything that an answer needs is there, and what to do about what is not.

It looks and asks, and changes nothing. It knows the parts by the functions that open them.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from assistant import prompts
from assistant.answering.calibration import calibration
from assistant.answering.generative import PROMPTS
from assistant.answering.grounding import grounding_weights
from assistant.chat import complete, open_chat_model
from assistant.corpus.folder import CATALOG_NAME
from assistant.errors import AssistantError, CorpusError
from assistant.models import BUNDLED_MODEL
from assistant.models.bundled import bundled_folder, check_bundled
from assistant.models.weights import WEIGHTS, checked
from assistant.settings import Settings
from assistant.stores.connections import DAMAGE_HINT
from assistant.stores.reading import CatalogReader

MIN_FREE_MB = 200  # an index of a thousand articles and the prepared model
VERIFY_HINT = f"Run `assistant verify` to see all that is wrong. {DAMAGE_HINT}"
QUESTION = "Answer with the single word: yes"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of one part.

    Attributes:
        part: Its name.
        is_well: Whether it can be used.
        message: What was found.
        hint: What to do; empty if nothing is to be done.
    """

    part: str
    is_well: bool
    message: str
    hint: str = ""

    def to_dict(self) -> dict[str, str | bool]:
        """The finding as plain JSON values."""
        return {"part": self.part, "well": self.is_well, "message": self.message, "hint": self.hint}


def examine(settings: Settings, *, is_asking: bool = True) -> Iterator[Finding]:
    """Look at all parts, one after the other.

    Args:
        settings: Those that the assistant is run with.
        is_asking: Whether to ask the chat model a short question, which may cost a fraction of a cent.

    Yields:
        A finding for each part; one that is not well says what to do.
    """
    yield _found("data folder", lambda: _data_folder(settings.data_dir))
    yield _found("collection", lambda: _collection(settings.data_dir / CATALOG_NAME))
    yield _found("embedding model", lambda: _embedding_model(settings))
    for name in ("reader", "entailment"):
        yield _found(f"{name} model", partial(_network, name))
    yield _found("weights of answers", _fitted)
    yield _found("prompts", _prompts)
    yield _found("chat model", lambda: _chat_model(settings, is_asking=is_asking))


def _found(part: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(part, True, look())
    except AssistantError as error:
        return Finding(part, False, str(error), error.hint)
    except OSError as error:
        return Finding(
            part, False, f"{error.strerror or error}", "Check that the folder can be read and written."
        )


def _data_folder(folder: Path) -> str:
    at = next(each for each in (folder, *folder.parents) if each.exists())
    if not at.is_dir():
        raise AssistantError(f"{at} is a file, not a folder", hint="Choose another data_dir.")
    if not os.access(at, os.W_OK | os.X_OK):
        raise AssistantError(
            f"{at} cannot be written", hint="Change its permissions, or choose another data_dir."
        )
    free = shutil.disk_usage(at).free // 2**20
    if free < MIN_FREE_MB:
        raise AssistantError(
            f"only {free:,} MB are free at {at}", hint="Free some space, or choose another data_dir."
        )
    state = "can be written" if at == folder else "does not exist yet; `assistant add` makes it"
    return f"{folder} {state}; {free:,} MB free"


def _collection(path: Path) -> str:
    if not path.exists():
        return "there is none yet; `assistant add` makes it"
    catalog = CatalogReader(path)  # which, unlike a whole catalog, is not brought up to date
    try:
        problems = catalog.problems()
    except CorpusError as error:
        raise CorpusError(
            str(error), hint=VERIFY_HINT if error.hint == DAMAGE_HINT else error.hint
        ) from error
    finally:
        catalog.close()
    if problems:
        found = "; ".join(problem.removesuffix(DAMAGE_HINT).rstrip(". ") for problem in problems)
        raise CorpusError(found, hint=VERIFY_HINT)
    return "its catalog is whole"


def _embedding_model(settings: Settings) -> str:
    name = settings.embedding.model
    if name != BUNDLED_MODEL:
        return f"{name}; it is loaded at the first use and not looked at here"
    check_bundled(bundled_folder())
    return f"{name} is installed and whole"


def _network(name: str) -> str:
    return f"its weights are whole: {checked(WEIGHTS, name).name}"


def _fitted() -> str:
    calibration()
    grounding_weights()
    return "read"


def _prompts() -> str:
    loaded = [prompts.load(name, variables=variables) for name, variables in PROMPTS.items()]
    return ", ".join(f"{prompt.name} {prompt.version}" for prompt in loaded)


def _chat_model(settings: Settings, *, is_asking: bool) -> str:
    model = open_chat_model(settings.chat)
    if model is None:
        return "none is set: answers are quoted"
    window = f"{model.name}, {model.window:,} tokens"
    if (
        settings.chat.base_url.startswith("http://")
        and settings.chat.api_key
        and not _is_near(settings.chat.base_url)
    ):
        raise AssistantError(
            f"the key would go to {settings.chat.base_url} unencrypted", hint="Use https:// in chat.base_url."
        )
    if not is_asking:
        return f"{window}; not asked"
    complete(model, "You answer with a single word.", QUESTION)
    return f"{window}; it answers"


def _is_near(url: str) -> bool:
    host = url.removeprefix("http://").partition("/")[0].rpartition("@")[2]
    return host.startswith(("127.", "localhost", "[::1]", "10.", "192.168."))
