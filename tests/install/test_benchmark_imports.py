"""Benchmarks run rarely: what they import of qwatt is not to move away unseen."""

import ast
from pathlib import Path

import pytest

import qwatt

FILES = sorted((Path(__file__).parents[2] / "benchmarks").rglob("*.py"))
SOURCE = Path(qwatt.__file__).parents[1]


def imported(text: str) -> set[str]:
    nodes = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ImportFrom)]
    return {node.module for node in nodes if node.module and node.module.partition(".")[0] == "qwatt"}


def is_there(module: str) -> bool:
    place = SOURCE.joinpath(*module.split("."))
    return place.is_dir() or place.with_suffix(".py").is_file()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_benchmark_imports_modules_that_exist(file):
    assert [name for name in sorted(imported(file.read_text("utf-8"))) if not is_there(name)] == []


def test_a_module_that_moved_away_is_seen():
    found = imported("def f():\n    from qwatt.data.no_such import cache_folder\n")
    assert found == {"qwatt.data.no_such"} and not any(map(is_there, found))
