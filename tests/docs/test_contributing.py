"""The snippets of CONTRIBUTING.md work as they stand, in the files that their first lines name."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SNIPPET = re.compile(r"^```(?:python|toml)\n# (?P<file>\S+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


def snippets() -> dict[str, str]:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    return {match["file"]: match["text"] for match in SNIPPET.finditer(text)}


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sources with the snippets in place; a catalogue's snippet is appended to it."""
    top = tmp_path_factory.mktemp("tree")
    shutil.copytree(
        ROOT / "src" / "qwatt", top / "src" / "qwatt", ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copy(ROOT / "pyproject.toml", top)
    for name, text in snippets().items():
        file = top / name
        file.parent.mkdir(parents=True, exist_ok=True)
        before = file.read_text(encoding="utf-8") + "\n" if file.suffix == ".toml" else ""
        file.write_text(before + text, encoding="utf-8")
    return top


def run(tree: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(tree / "src"), *sys.path])}
    return subprocess.run(
        [sys.executable, "-m", *words], cwd=tree, env=environment, capture_output=True, text=True, check=False
    )


def test_there_is_one_of_each() -> None:
    names = list(snippets())
    for part in ("stages/tuning/head", "stages/monitoring/surge/task.py", "qpus.toml", "quantum/backends"):
        assert any(part in name for name in names)
    assert sum(name.startswith("tests/") for name in names) == 4


def test_their_own_tests_pass(tree: Path) -> None:
    tests = [name for name in snippets() if name.startswith("tests/")]
    done = run(tree, "pytest", "-q", "-p", "no:cacheprovider", *tests)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]


def test_they_follow_the_rules_of_the_house(tree: Path) -> None:
    sources = [name for name in snippets() if name.startswith("src/") and name.endswith(".py")]
    linted = run(tree, "ruff", "check", *sources)
    assert linted.returncode == 0, linted.stdout
    formatted = run(tree, "ruff", "format", "--check", "--diff", *sources)
    assert formatted.returncode == 0, formatted.stdout
