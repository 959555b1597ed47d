"""The Python of the guides runs as it stands, from top to bottom, and the example leaves what it says."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from qwatt.core.energy_log import read_energy, stage_totals

ROOT = Path(__file__).parents[2]
SNIPPET = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def run_snippets(guide: str) -> None:
    """Run a guide's Python from top to bottom in one namespace."""
    names: dict[str, object] = {}
    snippets = SNIPPET.findall((ROOT / "docs" / f"{guide}.md").read_text(encoding="utf-8"))
    assert len(snippets) >= 3
    for text in snippets:
        exec(compile(text, f"docs/{guide}.md", "exec"), names)


@pytest.mark.nightly
def test_the_guide_to_python_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "new.csv").write_text("text\nrain and storm\nsunny and warm\n")
    run_snippets("python")
    assert (tmp_path / "runs" / "life" / "report.html").is_file()


def test_the_snippets_record_what_the_guide_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run_snippets("integrations")
    training, serving = stage_totals(read_energy(tmp_path / "runs" / "mine"))
    assert training.count("steps") == 3 and training.count("tokens") == 1e6
    assert serving.count("requests") == 1 and serving.rows[0].label == "answer"


def test_the_table_of_functions_is_complete() -> None:
    import qwatt

    text = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
    functions = [name for name in qwatt.__all__ if name.islower() and not name.startswith("_")]
    assert all(f"`qwatt.{name}" in text for name in functions)


@pytest.mark.nightly
def test_the_example_records_a_training(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    words = [sys.executable, str(ROOT / "examples" / "record_training.py"), str(folder)]
    subprocess.run(words, check=True, capture_output=True, env=None)
    curation, training = stage_totals(read_energy(folder))
    assert (curation.stage, training.stage) == ("curation", "training")
    assert training.count("tokens") == 2 * 32 * 16
    parts = [row.label for row in read_energy(folder).rows if row.part_of]
    assert parts == ["epoch 1", "epoch 2"]
