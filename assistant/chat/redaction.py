"""What may be told of a provider's error: never a key, never the whole of an answer.

Providers put keys, headers and pages of HTML into their errors. What goes on from here is short, on one line
and free of secrets. It knows texts only.
"""

from __future__ import annotations

import re

from pydantic import SecretStr

MAX_CHARS = 200
HIDDEN = "[key]"
MIN_SECRET_CHARS = 4  # a shorter one would be cut out of ordinary words
_LIKE_A_KEY = re.compile(r"(?:sk|pk|rk|key|AIza|gsk|xai|hf)[-_]?[A-Za-z0-9*_\-]{16,}|Bearer\s+\S+")


def redacted(error: object, secret: SecretStr | None) -> str:
    """An error's text without secrets, on one line, of bounded length.

    Args:
        error: The error, or a text.
        secret: The key of the settings.

    Returns:
        The text; whatever is or looks like a key is replaced.
    """
    text = " ".join(without_secret(str(error), secret).split())
    text = _LIKE_A_KEY.sub(HIDDEN, text)
    return text if len(text) <= MAX_CHARS else text[: MAX_CHARS - 1] + "…"


def without_secret(text: str, secret: SecretStr | None) -> str:
    """A text in which the key of the settings is replaced."""
    value = secret.get_secret_value() if secret else ""
    return text.replace(value, HIDDEN) if len(value) >= MIN_SECRET_CHARS else text
