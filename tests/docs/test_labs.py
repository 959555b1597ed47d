"""Every lab runs from its first cell to its last, offline, and is a notebook with what its cells gave."""

import json
import re
import sys
from pathlib import Path

import pytest

from qwatt.core.task import STAGES

ROOT = Path(__file__).parents[2]
LABS = sorted((ROOT / "docs/labs").glob("*.md"))
MOST_BYTES = 300_000
sys.path.insert(0, str(ROOT / "docs/generate"))
from notebooks import cells, notebook, with_outputs  # noqa: E402
from run_labs import outputs_of  # noqa: E402

sys.path.pop(0)


def kept(lab: Path) -> list[list[dict]]:
    """Return the outputs of each code cell of the notebook that is kept."""
    made = json.loads(lab.with_suffix(".ipynb").read_text("utf-8"))
    return [cell["outputs"] for cell in made["cells"] if cell["cell_type"] == "code"]


def printed(outputs: list[dict]) -> list[str]:
    """Return what a cell printed, a line each in any order, with # for numbers: joules differ each time."""
    streams = [output["text"] for output in outputs if output["output_type"] == "stream"]
    lines = "".join(text for stream in streams for text in stream).splitlines()
    return sorted(" ".join(re.sub(r"-?\d[\d.e+-]*", "#", line).split()) for line in lines)


def test_there_is_one_a_stage() -> None:
    assert [lab.stem.partition("-")[2] for lab in LABS] == list(STAGES)


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.stem)
def test_a_notebook_is_its_page_executed(lab: Path) -> None:
    text, file = lab.read_text("utf-8"), lab.with_suffix(".ipynb")
    outputs = kept(lab)
    assert file.read_text("utf-8") == notebook(text, outputs), "`make labs` after a change of the page"
    assert file.stat().st_size < MOST_BYTES
    assert all(outputs) and "image/svg+xml" in outputs[-1][0]["data"]
    whole = json.dumps(outputs)
    assert "Traceback" not in whole and str(ROOT) not in whole and "/tmp" not in whole
    code = [part for is_code, part in cells(text) if is_code]
    assert all(f"```python\n{part}\n```" in text for part in code)
    assert "```" not in "".join(part for is_code, part in cells(text) if not is_code)


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.stem)
def test_the_page_shows_what_the_cells_gave(lab: Path) -> None:
    shown = with_outputs(lab.read_text("utf-8"), lab.with_suffix(".ipynb"))
    for outputs in kept(lab):
        for output in outputs:
            if output["output_type"] == "stream":
                assert f"```\n\n```text\n{''.join(output['text'])}```\n" in shown
    assert shown.count('<img alt="" src="data:image/svg+xml;base64,') == 1


@pytest.mark.nightly
@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.stem)
def test_a_lab_executed_again_gives_the_same_but_for_numbers(lab: Path, tmp_path: Path) -> None:
    again = outputs_of(lab, tmp_path)
    assert [printed(outputs) for outputs in again] == [printed(outputs) for outputs in kept(lab)]
    assert list(tmp_path.glob("runs/*/report.html"))
