"""What can be set, with its bounds: read once at the edge, then passed on as plain arguments.

Later wins: defaults, `assistant.toml` in the data folder, `assistant.toml` in the working folder,
`ASSISTANT_*` environment variables that are not empty, options of the command line. It knows names and
bounds; it does not know what the parts of the assistant do with them, and no other module reads the
environment.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from platformdirs import user_cache_path, user_data_path
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
)

from assistant.errors import ConfigError

ENV_PREFIX = "ASSISTANT_"
FILE_NAME = "assistant.toml"
FOLDERS = {  # where each is by default, in words
    "data_dir": "the user's data folder",
    "models_dir": "the user's cache folder",
}


# What a column of a table can be: see `sources.tabular`.
FIELD_NAMES = ("text", "title", "author", "published", "modified", "source", "url", "language", "id")


def field_names(values: tuple[str, ...]) -> tuple[str, ...]:
    """Check pairs such as "text=story"; ValueError for one that is none or names no field of an article."""
    for value in values:
        field, _, column = value.partition("=")
        if field.strip() not in FIELD_NAMES or not column.strip():
            raise ValueError(f"{value!r} is not FIELD=NAME with one of {', '.join(FIELD_NAMES)}")
    return values


class _Group(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class EmbeddingSettings(_Group):
    """The model that turns texts into vectors; part of the index's fingerprint."""

    model: str = Field(
        default="all-MiniLM-L6-v2",
        description="Embedding model: the bundled one, a folder, or a name that sentence-transformers knows.",
    )
    engine: Literal["onnx-int8", "onnx", "torch"] = Field(
        default="onnx-int8",
        description="What runs the bundled model: onnx-int8 (fastest), onnx (exact) or torch; torch runs all "
        "others.",
    )
    device: str = Field(
        default="cpu",
        description="Where the embedding model runs: cpu, or by torch on cuda or mps.",
    )


class ChunkingSettings(_Group):
    """How articles are cut into passages; part of the index's fingerprint."""

    max_passage_chars: int = Field(
        default=500, ge=100, le=4000, description="Longest passage, in characters."
    )
    overlap_sentences: int = Field(
        default=0, ge=0, le=3, description="Sentences that a passage repeats from the one before."
    )


class IngestSettings(_Group):
    """Which files are read, and what reading one may use up."""

    parser_cpu_seconds: float = Field(
        default=20.0,
        ge=0.1,
        le=600,
        description="Processor time that a parser may take for an article before it is ended.",
    )
    parser_wall_seconds: float = Field(
        default=30.0, ge=0.1, le=3600, description="Time that a parser may be silent before it is ended."
    )
    parser_memory_mb: int = Field(
        default=1000, ge=200, le=64_000, description="Memory that a parser may take, in megabytes."
    )
    max_article_chars: int = Field(
        default=5_000_000, ge=10_000, le=50_000_000, description="Longest text of an article, in characters."
    )
    columns: Annotated[tuple[str, ...], BeforeValidator(_listed), AfterValidator(field_names)] = Field(
        default=(),
        description="Columns of tables and fields of JSON with names of their own: text=story, title=head.",
    )
    ignore: Annotated[tuple[str, ...], BeforeValidator(_listed)] = Field(
        default=(),
        description="What to leave out of folders: patterns as in .gitignore, with commas between them,"
        " beside those of a folder's own .assistantignore.",
    )


class RetrievalSettings(_Group):
    """How passages are found."""

    top_k: int = Field(default=10, ge=1, le=100, description="Hits that a search returns.")
    depth: int = Field(
        default=100,
        ge=10,
        le=1000,
        description="Passages that each of the two searches brings before they are fused.",
    )
    lexical_scale: float = Field(
        default=75.0,
        gt=0,
        le=10_000,
        description="BM25 score of the best passage at which words count as much as meaning.",
    )
    article_weight: float = Field(
        default=0.15,
        ge=0,
        le=2,
        description="How much an article's best passage is helped by its other good ones.",
    )


class AnsweringSettings(_Group):
    """When and how the assistant answers."""

    caution: Literal["lenient", "balanced", "strict"] = Field(
        default="balanced",
        description='How sure an answer must be, or "the corpus does not say": lenient, balanced or strict.',
    )
    min_score: float | None = Field(
        default=None, ge=0, le=1, description="The same as a probability; instead of caution, if it is set."
    )
    max_sentences: int = Field(
        default=3,
        ge=1,
        le=10,
        description="Most sentences that an extractive answer quotes; a summary, list or comparison up to "
        "twice as many, a timeline up to thrice, at most 8.",
    )
    max_question_chars: int = Field(
        default=2000, ge=100, le=8000, description="Longest question, in characters."
    )


class ChatSettings(_Group):
    """The chat model that writes answers; without one they are quoted."""

    model: str = Field(
        default="",
        description='Chat model as "provider:model", such as openai:gpt-5.4-mini or ollama:llama3.2; '
        "empty: answers are quoted.",
    )
    base_url: str = Field(
        default="", description="Address of an OpenAI-compatible or other server; empty: the provider's own."
    )
    api_key: SecretStr | None = Field(
        default=None,
        description="Key of the provider; not set: the provider's own variable, such as OPENAI_API_KEY.",
    )
    temperature: float | None = Field(
        default=None, ge=0, le=2, description="How freely it writes; not set: the model's own."
    )
    context_tokens: int | None = Field(
        default=None,
        ge=1024,
        le=10_000_000,
        description="Tokens that the model reads at most; not set: as LangChain knows it, else 8192.",
    )
    max_output_tokens: int = Field(default=800, ge=32, le=8192, description="Longest answer, in tokens.")
    silence_seconds: float = Field(
        default=60.0, gt=0, le=3600, description="How long the model may say nothing before it is given up."
    )
    total_seconds: float = Field(
        default=180.0, gt=0, le=7200, description="How long an answer of the model may take in all."
    )
    max_retries: int = Field(
        default=2,
        ge=0,
        le=10,
        description="Further tries after an error 429 or 5xx, or without a connection.",
    )
    retry_seconds: float = Field(
        default=1.0, gt=0, le=60, description="Pause before the first further try; doubled each time."
    )
    unsupported: Literal["greyed", "removed"] = Field(
        default="greyed", description="What becomes of sentences that are not supported: greyed, or removed."
    )
    min_support: float | None = Field(
        default=None,
        ge=0,
        le=1,
        description="Least support of a sentence to count as supported; not set: the measured one.",
    )


def _in_lower_case(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name.lower() for name in names)


def _listed(value: Any) -> Any:
    """A list as the environment writes it: "80, 443"."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


class WebSettings(_Group):
    """What is fetched from the web, and how politely."""

    user_agent: str = Field(
        default="article-assistant/0.1",
        min_length=3,
        max_length=200,
        pattern=r"^[\x21-\x7e][\x20-\x7e]*$",
        description="Name that web servers are told; robots.txt knows us by the part before the slash.",
    )
    delay_seconds: float = Field(
        default=1.0,
        ge=0,
        le=60,
        description="Pause between two requests to a host; its robots.txt may ask for more.",
    )
    max_pages: int = Field(
        default=100,
        ge=1,
        le=10_000,
        description="Most articles of one feed or sitemap, unless --limit says otherwise.",
    )
    retries: int = Field(
        default=2, ge=0, le=5, description="Further attempts if a server is busy or a connection fails."
    )
    max_mb: int = Field(default=10, ge=1, le=100, description="Largest page, unpacked, in megabytes.")
    max_redirects: int = Field(default=5, ge=0, le=10, description="Redirects that are followed.")
    connect_timeout_seconds: float = Field(
        default=5.0, gt=0, le=60, description="How long to wait for a connection."
    )
    read_timeout_seconds: float = Field(
        default=10.0, gt=0, le=120, description="How long a server may be silent."
    )
    total_timeout_seconds: float = Field(
        default=30.0, gt=0, le=600, description="How long a page may take with all its redirects."
    )
    ports: Annotated[tuple[Annotated[int, Field(ge=1, le=65535)], ...], BeforeValidator(_listed)] = Field(
        default=(80, 443), description="Ports that may be asked, with commas between them."
    )
    internal_hosts: Annotated[tuple[str, ...], BeforeValidator(_listed), AfterValidator(_in_lower_case)] = (
        Field(
            default=(),
            description="Hosts of your own network that may be asked: host or host:port, by commas.",
        )
    )


class LibrarySettings(_Group):
    """What is kept of articles that were replaced or removed."""

    keep_versions: int = Field(
        default=3, ge=0, le=100, description="Earlier versions of an article that its citations still open."
    )
    undo_days: float = Field(
        default=7, ge=0, le=3650, description="Days in which a removed article can be brought back."
    )
    reserve_mb: int = Field(
        default=100, ge=0, le=1_000_000, description="Disk space that adding leaves free, in megabytes."
    )
    keep_originals: bool = Field(
        default=True, description="Whether the files that single articles are read from are kept, too."
    )
    max_original_mb: int = Field(
        default=50, ge=1, le=2000, description="Largest file that is kept, in megabytes."
    )

    @property
    def max_original_bytes(self) -> int:
        """Size of the largest file that is kept; 0 if none is."""
        return self.max_original_mb * 1_000_000 if self.keep_originals else 0


class ServerSettings(_Group):
    """The web page."""

    host: str = Field(default="127.0.0.1", min_length=1, description="Address that the web page listens on.")
    port: int = Field(default=7860, ge=0, le=65535, description="Port of the web page; 0 takes a free one.")
    password: SecretStr | None = Field(
        default=None,
        description="Password that the page asks for, or its hash from `assistant accounts hash`; not set: "
        "none, unless there are accounts.",
    )
    without_password: bool = Field(
        default=False,
        description="Whether a page that others can reach may be served without a password or accounts.",
    )
    read_only: bool = Field(
        default=False,
        description="Whether nothing can be added, removed or edited, and no conversation is kept: a demo.",
    )
    max_upload_mb: int = Field(
        default=50, ge=1, le=2000, description="Largest file that the page accepts, in megabytes."
    )
    max_request_mb: int = Field(
        default=10, ge=1, le=200, description="Largest request to /api that is no upload, in megabytes."
    )
    threads: int = Field(
        default=4, ge=1, le=64, description="Requests to /api that are worked on at once; others wait."
    )
    require_token: bool = Field(
        default=False,
        description="Whether programs of this machine need a token, too; those of other machines always do.",
    )
    names: Annotated[tuple[str, ...], BeforeValidator(_listed), AfterValidator(_in_lower_case)] = Field(
        default=(), description="Further names that the server is reached by, with commas between them."
    )


class Settings(_Group):
    """All settings: field `x` of group `g` is `ASSISTANT_G_X` in the environment and `x` under `[g]`."""

    data_dir: Path = Field(
        default_factory=lambda: user_data_path("article-assistant"),
        description="Folder of the index; each folder is one collection.",
    )
    models_dir: Path = Field(
        default_factory=lambda: user_cache_path("article-assistant") / "models",
        description="Folder of the prepared embedding model, 22 MB, shared by all collections.",
    )
    embedding: EmbeddingSettings = EmbeddingSettings()
    chunking: ChunkingSettings = ChunkingSettings()
    ingest: IngestSettings = IngestSettings()
    retrieval: RetrievalSettings = RetrievalSettings()
    answering: AnsweringSettings = AnsweringSettings()
    chat: ChatSettings = ChatSettings()
    web: WebSettings = WebSettings()
    library: LibrarySettings = LibrarySettings()
    server: ServerSettings = ServerSettings()


def load(
    options: Mapping[str, Any] | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    working_dir: Path | None = None,
) -> Settings:
    """Read the settings from all their places.

    Args:
        options: What the command line gives, nested as in the file; values that are None do not count.
        environ: The environment; by default the process's own.
        working_dir: Where `assistant.toml` is sought beside the data folder; by default the working folder.

    Returns:
        The settings, checked.

    Raises:
        ConfigError: If a name is unknown, a value is out of its bounds, or a file is not TOML.
    """
    environ = os.environ if environ is None else environ
    given, from_env = _without_none(options or {}), _from_environment(environ)
    local = _read_toml((working_dir or Path.cwd()) / FILE_NAME)
    before_data_dir = _merge(_merge(local, from_env), given)
    data_dir = _folder(before_data_dir.get("data_dir", ""))
    merged = _merge(_read_toml(data_dir / FILE_NAME), before_data_dir) | {"data_dir": data_dir}
    try:
        return Settings.model_validate(merged)
    except ValidationError as exc:
        raise ConfigError(_describe(exc)) from exc


def fields() -> list[tuple[str, str, str, str]]:
    """Every setting as (name in the file, environment variable, default, description), in order."""
    rows = []
    for name, info in Settings.model_fields.items():
        group = info.annotation
        if isinstance(group, type) and issubclass(group, _Group):
            rows += [
                (
                    f"{name}.{key}",
                    f"{ENV_PREFIX}{name}_{key}".upper(),
                    _shown(sub.default),
                    sub.description or "",
                )
                for key, sub in group.model_fields.items()
            ]
        else:
            rows.append((name, f"{ENV_PREFIX}{name}".upper(), FOLDERS[name], info.description or ""))
    return rows


def _shown(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "none"
    return "not set" if value is None else str(value)


def _folder(given: Any) -> Path:
    """The data folder: the one given, or the user's own if that is empty."""
    try:
        return Path(given).expanduser() if given != "" else Settings().data_dir
    except (TypeError, RuntimeError) as exc:  # no text, or the home of a user that is not there
        raise ConfigError(f"wrong setting: data_dir: {given!r} is not the name of a folder") from exc


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    by_variable = {variable: name for name, variable, _, _ in fields()}
    found: dict[str, Any] = {}
    for variable, value in environ.items():
        if not variable.startswith(ENV_PREFIX):
            continue
        if variable not in by_variable:
            raise ConfigError(f"unknown setting {variable} in the environment")
        if value.strip():  # an empty one is how a shell or a container leaves a variable unset
            found = _merge(found, _nest(by_variable[variable], value))
    return found


def _nest(name: str, value: Any) -> dict[str, Any]:
    group, _, key = name.partition(".")
    return {group: {key: value}} if key else {group: value}


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as exc:
        raise ConfigError(f"{path} cannot be read: {exc}") from exc


def _merge(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(under)
    for key, value in over.items():
        both = isinstance(value, Mapping) and isinstance(merged.get(key), Mapping)
        merged[key] = _merge(merged[key], value) if both else value
    return merged


def _without_none(options: Mapping[str, Any]) -> dict[str, Any]:
    nested = {k: _without_none(v) if isinstance(v, Mapping) else v for k, v in options.items()}
    return {key: value for key, value in nested.items() if value is not None and value != {}}


def _describe(exc: ValidationError) -> str:
    lines = (f"{'.'.join(str(part) for part in error['loc'])}: {error['msg']}" for error in exc.errors())
    return "wrong setting: " + "; ".join(lines)
