"""The documents say what the code does."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest
import typer.main

import assistant
from assistant import langchain, settings
from assistant.cli import app

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
SETTINGS = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
GUIDE = (ROOT / "docs" / "guide.md").read_text(encoding="utf-8")


def test_every_setting_is_described():
    assert [name for name, _, _, description in settings.fields() if not description] == []


def test_the_settings_page_lists_every_setting():
    assert [
        name for name, variable, _, _ in settings.fields() if f"`{name}` | `{variable}`" not in SETTINGS
    ] == []


def test_the_readme_names_every_command():
    commands = typer.main.get_command(app).commands
    assert [
        name for name in commands if f"`{name}`" not in README and f"assistant {name}" not in README
    ] == []


def test_the_public_names_are_those_that_can_be_seen():
    visible = {name for name in dir(assistant) if name in assistant.__all__}
    assert visible | {"Assistant"} == set(assistant.__all__)
    assert assistant.Assistant.__name__ == "Assistant"


@pytest.mark.parametrize("block", re.findall(r"```python\n(.*?)```", README + GUIDE, re.DOTALL))
def test_python_examples_use_names_that_exist(block):
    tree = ast.parse(block)
    imported = [
        alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names
    ]
    assert [name for name in imported if node_is_missing(name)] == []


def node_is_missing(name: str) -> bool:
    return name not in {"date", *langchain.__dict__} and not hasattr(assistant, name)


@pytest.mark.parametrize(
    "page", [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))], ids=lambda p: p.name
)
def test_relative_links_lead_somewhere(page):
    text = page.read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!https?:|#)([^)#\s]+)(?:#([^)\s]+))?\)", text)
    assert [link for link, _ in links if not (page.parent / link).exists()] == []
    wanted = [(page.parent / link, place) for link, place in links if place and link.endswith(".md")]
    assert [
        (p.name, place) for p, place in wanted if place not in headings(p.read_text(encoding="utf-8"))
    ] == []


def headings(text: str) -> set[str]:
    """What a link to a heading of a page is called, as GitHub and mkdocs make it."""
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}


def test_nothing_in_the_repository_names_a_machine_or_a_registry():
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\n")
    pattern = re.compile(r"(?<![\w.])/(?:root|work|farm)/|files\.pythonhosted|registry\.npmjs|deb\.debian")
    texts = [
        path for path in tracked if path.endswith((".py", ".md", ".toml", ".txt", ".json", ".jsonl", ".html"))
    ]
    found = [path for path in texts if pattern.search((ROOT / path).read_text(encoding="utf-8"))]
    assert found == []
