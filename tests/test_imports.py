"""Who imports whom: the layers of the design, and what is loaded when."""

from __future__ import annotations

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import assistant

ROOT = Path(assistant.__file__).parent
# From the surfaces down; a module may import its own layer and those below it.
LAYERS = (
    {
        "ui",
        "cli",
        "server",
        "downloads",
        "kept_files",
        "page_sessions",
        "lost",
        "entrance",
        "accounts",
        "guard",
        "api",
        "access",
        "langchain",
        "mcp",
        "watching",
    },
    {"evaluation"},
    {"assistant", "doctor"},
    {
        "answering",
        "retrieval",
        "conversation",
        "conversations",
        "elliptical",
        "rewriting",
        "transcripts",
        "dates",
        "feeds",
        "intake",
    },
    {"corpus", "reader", "entailment"},
    {
        "reader_input",
        "ingest",
        "failures",
        "syncing",
        "originals",
        "models",
        "chat",
        "prompts",
        "chunking",
        "sources",
        "locking",
    },
    {"stores", "near_copies"},
    {"types", "errors", "settings", "listing", "escaping", "exporting"},
)
ONLY_IN = {
    "chromadb": {"assistant.stores.vectors", "assistant.stores.persisting"},
    "tantivy": {"assistant.stores.lexical"},
    "sqlite3": {
        "assistant.stores.connections",
        "assistant.stores.persisting",
        "assistant.stores.vectors",
        "assistant.stores.web",
    },
    "filelock": {"assistant.locking", "assistant.models.onnx_cache"},
    "onnxruntime": {"assistant.models.sessions", "assistant.models.onnx_export"},
    "sentence_transformers": {"assistant.models.sentence_transformer"},
    "torch": {"assistant.models.onnx_export"},
    "sentencex": {"assistant.chunking"},
    "langchain_core": {"assistant.langchain"},
    "langchain": {"assistant.chat.providers"},
    "mcp": {"assistant.mcp", "assistant.api.protocol"},
    "platformdirs": {"assistant.settings"},
    "rensa": {"assistant.near_copies"},
    "httpx": {"assistant.sources.web.addresses"},
    "httpcore": {"assistant.sources.web.network", "assistant.sources.web.connection"},
    "socket": {"assistant.sources.web.network", "assistant.server", "assistant.guard"},  # and the page's
    "feedparser": {"assistant.sources.feed"},
    "protego": {"assistant.sources.web.robots"},
}
HEAVY = (
    "torch",
    "transformers",
    "sentence_transformers",
    "chromadb",
    "tantivy",
    "numpy",
    "gradio",
    "fastapi",
)


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


TREES = {module_name(path): ast.parse(path.read_bytes()) for path in sorted(ROOT.rglob("*.py"))}


def imports(node: ast.AST) -> list[str]:
    """The modules that a statement imports; `from x import y` gives x.y if that is a module."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        assert node.level == 0, "imports are written in full"
        names = [f"{node.module}.{alias.name}" for alias in node.names]
        return [name if name in TREES else str(node.module) for name in names]
    return []


def is_for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def walk(tree: ast.AST, *, lazily: bool) -> list[ast.AST]:
    """The statements that run when a module is imported, and with `lazily` those of its functions, too."""
    found: list[ast.AST] = []
    for node in ast.iter_child_nodes(tree):
        if is_for_types(node) or (isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not lazily):
            continue
        found += [node, *walk(node, lazily=lazily)]
    return found


def imported(module: str, *, lazily: bool) -> set[str]:
    return {name for node in walk(TREES[module], lazily=lazily) for name in imports(node)}


def ours(module: str, *, lazily: bool) -> set[str]:
    return {name for name in imported(module, lazily=lazily) if name.partition(".")[0] == "assistant"}


def layer(module: str) -> int:
    part = module.split(".")[1]
    (found,) = (number for number, layer in enumerate(LAYERS) if part in layer)
    return found


def test_every_module_has_a_layer():
    parts = {name.split(".")[1] for name in TREES if name != "assistant"}
    assert parts <= set().union(*LAYERS)


@pytest.mark.parametrize("module", [name for name in TREES if name != "assistant"])
def test_imports_go_downward_only(module: str):
    upward = {name for name in ours(module, lazily=True) - {"assistant"} if layer(name) < layer(module)}
    assert upward == set()


def test_there_are_no_cycles():
    graph = {module: ours(module, lazily=True) - {"assistant"} for module in TREES if module != "assistant"}
    assert set(TopologicalSorter(graph).static_order()) >= set(graph)


@pytest.mark.parametrize(("library", "modules"), ONLY_IN.items())
def test_a_library_is_known_to_one_module(library: str, modules: set[str]):
    users = {
        name for name in TREES if any(i.partition(".")[0] == library for i in imported(name, lazily=True))
    }
    assert users == modules


def test_only_the_settings_read_the_environment():
    found = set()
    for module, tree in TREES.items():
        for node in ast.walk(tree):
            name = (
                node.attr
                if isinstance(node, ast.Attribute)
                else node.id
                if isinstance(node, ast.Name)
                else ""
            )
            if name in {"environ", "environb", "getenv", "putenv"}:
                found.add(module)
    assert found - {"assistant.server"} == {"assistant.settings"}  # the server sets what Gradio reads


def test_nothing_prints():
    calls = [node for tree in TREES.values() for node in ast.walk(tree) if isinstance(node, ast.Call)]
    assert [
        ast.unparse(call) for call in calls if isinstance(call.func, ast.Name) and call.func.id == "print"
    ] == []


def test_every_module_says_what_it_does():
    assert [name for name, tree in TREES.items() if not ast.get_docstring(tree)] == []


@pytest.mark.parametrize("module", ["assistant", "assistant.types", "assistant.errors", "assistant.prompts"])
def test_a_light_module_brings_no_heavy_library(module: str):
    script = f"import sys, {module}; print(*(name for name in {HEAVY!r} if name in sys.modules))"
    assert printed_by(script) == ""


def test_the_assistant_brings_neither_torch_nor_chroma_before_they_are_needed():
    script = (
        "import sys; from assistant import Assistant;"
        "print(*(name for name in ('torch', 'onnxruntime', 'chromadb', 'gradio') if name in sys.modules))"
    )
    assert printed_by(script) == ""


@pytest.mark.model
def test_the_web_page_is_served_without_torch(tmp_path: Path):
    script = (
        "import sys, warnings; warnings.simplefilter('ignore')\n"
        "from pathlib import Path; from assistant import Assistant; from assistant.server import create_app\n"
        f"with Assistant.open(Path({str(tmp_path)!r})) as opened:\n"
        "    create_app(opened, opened.settings)\n"
        "    opened.add(b'A lion slept in Karachi.', name='lion.txt')\n"
        "    answer = opened.ask('Which animal slept in Karachi?')\n"
        "print(len(answer.hits), *{'torch', 'transformers', 'sentence_transformers'} & set(sys.modules))"
    )
    assert printed_by(script) == "1"


def test_the_package_shows_what_it_exports():
    public = {name for name in dir(assistant) if not name.startswith("_")}
    modules = {name.split(".")[1] for name in TREES if name != "assistant"}  # shown once they are loaded
    helpers = {"annotations", "Any", "TYPE_CHECKING"}
    assert public - modules - helpers | {"Assistant"} == set(assistant.__all__)
    assert all(getattr(assistant, name) is not None for name in assistant.__all__)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'Assistent'"):
        _ = assistant.Assistent


def printed_by(script: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT.parent
    )
    return done.stdout.strip()
