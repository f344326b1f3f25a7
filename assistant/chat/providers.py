"""Chat models through LangChain's `init_chat_model`: which package and which arguments each provider wants.

The only module that opens one. It knows names; whether a model answers is for `streaming`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from assistant.chat.redaction import redacted
from assistant.errors import ConfigError, ModelError
from assistant.settings import ChatSettings

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

UNKNOWN_WINDOW = 8192  # tokens; the smallest of the models that are in use
LLAMACPP_URL = "http://127.0.0.1:8080/v1"  # where llama.cpp's server listens unless told otherwise
NO_KEY = "none"  # servers of one's own ask for no key, and their client insists on one


@dataclass(frozen=True, slots=True)
class Provider:
    """How LangChain knows a provider.

    Attributes:
        langchain: Its name there.
        extra: The extra of this package that installs what it needs.
        needs_key: Whether it answers nobody without one.
        key_variable: Where its own package looks for the key.
    """

    langchain: str
    extra: str
    needs_key: bool = True
    key_variable: str = ""


PROVIDERS = {
    "openai": Provider("openai", "openai", key_variable="OPENAI_API_KEY"),
    "llamacpp": Provider("openai", "openai", needs_key=False),
    "anthropic": Provider("anthropic", "anthropic", key_variable="ANTHROPIC_API_KEY"),
    "google_genai": Provider("google_genai", "google", key_variable="GOOGLE_API_KEY"),
    "mistralai": Provider("mistralai", "mistral", key_variable="MISTRAL_API_KEY"),
    "ollama": Provider("ollama", "ollama", needs_key=False),
}


def parts(name: str) -> tuple[Provider, str]:
    """The provider and the model of a name such as "openai:gpt"; a ConfigError says what is wrong."""
    provider, colon, model = name.strip().partition(":")
    known = ", ".join(PROVIDERS)
    if not colon or not model:
        raise ConfigError(f'chat.model: "{name}" is not "provider:model"', hint=f"Providers are: {known}.")
    if provider not in PROVIDERS:
        raise ConfigError(f'chat.model: unknown provider "{provider}"', hint=f"Providers are: {known}.")
    return PROVIDERS[provider], model


def open_model(settings: ChatSettings) -> BaseChatModel:
    """Open the chat model of the settings; nothing is sent yet.

    Args:
        settings: With a name.

    Returns:
        LangChain's model; retries are left to `streaming`.

    Raises:
        ConfigError: If the name is wrong.
        ModelError: If the provider's package is not installed, or refuses a setting.
    """
    provider, model = parts(settings.model)
    from langchain.chat_models import init_chat_model

    try:
        opened: BaseChatModel = init_chat_model(
            model, model_provider=provider.langchain, **_arguments(provider, settings)
        )
    except ImportError:
        raise ModelError(
            f"the package for the chat model {settings.model} is not installed",
            hint=f"Install it: pip install 'article-assistant[{provider.extra}]'.",
        ) from None
    except Exception as exc:  # noqa: BLE001 - each package refuses with errors of its own, some with the key
        secret = settings.api_key
        raise ModelError(
            f"the chat model {settings.model} cannot be opened: {redacted(exc, secret)}",
            hint="Check chat.model and chat.api_key; `assistant doctor` looks at all of it.",
        ) from None
    return opened


def _arguments(provider: Provider, settings: ChatSettings) -> dict[str, Any]:
    own = _ollama(settings) if provider.langchain == "ollama" else _hosted(settings)
    known = {"temperature": settings.temperature, "base_url": settings.base_url or None, **own}
    if settings.model.strip().startswith("llamacpp:"):
        known["base_url"] = settings.base_url or LLAMACPP_URL
    if provider.langchain != "openai":
        return {name: value for name, value in known.items() if value is not None}
    if known["base_url"] and not settings.api_key:
        known["api_key"] = NO_KEY  # not the one of OPENAI_API_KEY: that is for its own servers only
    given = {name: value for name, value in known.items() if value is not None}
    return given | {"stream_chunk_timeout": None}  # `streaming` counts by itself


def _hosted(settings: ChatSettings) -> dict[str, Any]:
    key = settings.api_key.get_secret_value() if settings.api_key else None
    return {
        "api_key": key,
        "max_tokens": settings.max_output_tokens,
        "timeout": settings.total_seconds,
        "max_retries": 0,
    }


def _ollama(settings: ChatSettings) -> dict[str, Any]:
    # Without num_ctx it cuts what does not fit into its default, and does not say so.
    return {
        "num_ctx": settings.context_tokens or UNKNOWN_WINDOW,
        "num_predict": settings.max_output_tokens,
        "client_kwargs": {"timeout": settings.total_seconds},
    }


def window(model: BaseChatModel, settings: ChatSettings) -> int:
    """Tokens that a model reads at most: the setting, else what LangChain knows of it, else 8192."""
    if settings.context_tokens:
        return settings.context_tokens
    profile = getattr(model, "profile", None) or {}
    known = profile.get("max_input_tokens")
    is_own = settings.base_url or settings.model.startswith(("ollama:", "llamacpp:"))
    return known if isinstance(known, int) and known > 0 and not is_own else UNKNOWN_WINDOW
