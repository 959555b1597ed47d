"""Every lab runs from its first cell to its last, offline, and is a notebook."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from qwatt.core.task import STAGES

ROOT = Path(__file__).parents[2]
LABS = sorted((ROOT / "docs/labs").glob("*.md"))
sys.path.insert(0, str(ROOT / "docs/generate"))
from notebooks import cells, notebook  # noqa: E402

sys.path.pop(0)


def test_there_is_one_a_stage() -> None:
    assert [lab.stem.partition("-")[2] for lab in LABS] == list(STAGES)


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.stem)
def test_a_notebook_has_the_pages_code_and_words(lab: Path) -> None:
    text = lab.read_text("utf-8")
    made = json.loads(notebook(text))
    code = ["".join(cell["source"]) for cell in made["cells"] if cell["cell_type"] == "code"]
    assert code
    for part in code:
        assert f"```python\n{part}\n```" in text
        compile(part, lab.name, "exec")
    words = "".join("".join(cell["source"]) for cell in made["cells"] if cell["cell_type"] == "markdown")
    assert "```" not in words


@pytest.mark.nightly
@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.stem)
def test_a_lab_runs(lab: Path, tmp_path: Path) -> None:
    code = "\n\n".join(part for is_code, part in cells(lab.read_text("utf-8")) if is_code)
    environment = os.environ | {"QWATT_OFFLINE": "1", "QWATT_CACHE": str(tmp_path / "cache")}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.strip()
    assert list(tmp_path.glob("runs/*/report.html"))
