"""Execute the labs and keep what they print and show: `docs/labs/NAME.ipynb` of each `docs/labs/NAME.md`.

    python docs/generate/run_labs.py [NAME ...]

Each lab runs offline, in a process and an empty folder of its own. Joules are of this machine.
"""

from __future__ import annotations

import ast
import io
import json
import os
import subprocess
import sys
import tempfile
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from notebooks import Output, cells, notebook

LABS = Path(__file__).parents[1] / "labs"


def execute(text: str) -> list[list[Output]]:
    """Run the page's cells one after the other, as a notebook does; return the outputs of each."""
    names: dict[str, Any] = {"__name__": "__main__"}
    return [_execute(part, names, n) for n, part in enumerate((p for code, p in cells(text) if code), 1)]


def _execute(code: str, names: dict[str, Any], count: int) -> list[Output]:
    tree, shown, printed = ast.parse(code), None, io.StringIO()
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    with redirect_stdout(printed):
        exec(compile(tree, "cell", "exec"), names)
        if last is not None:
            shown = eval(compile(ast.Expression(last.value), "cell", "eval"), names)
    text = printed.getvalue()
    found: list[Output] = []
    if text:
        found.append({"output_type": "stream", "name": "stdout", "text": text.splitlines(keepends=True)})
    if shown is not None:
        found.append(
            {"output_type": "execute_result", "execution_count": count, "metadata": {}, "data": _data(shown)}
        )
    return found


def _data(shown: Any) -> dict[str, list[str]]:
    if hasattr(shown, "_repr_svg_"):
        words = [f"{type(shown).__name__}: {shown.title}"]
        return {"image/svg+xml": shown._repr_svg_().splitlines(keepends=True), "text/plain": words}
    return {"text/plain": repr(shown).splitlines(keepends=True)}


def outputs_of(page: Path, folder: Path) -> list[list[Output]]:
    """Execute a lab in a folder, in another process, offline."""
    environment = os.environ | {"QWATT_OFFLINE": "1", "QWATT_CACHE": str(folder / "cache")}
    words = [
        sys.executable,
        str(Path(__file__)),
        "--cells",
        str(page.absolute()),
        str(folder / "outputs.json"),
    ]
    subprocess.run(words, cwd=folder, env=environment, check=True)
    return json.loads((folder / "outputs.json").read_text("utf-8"))


def main(words: list[str]) -> None:
    """Execute the named labs, or all; with `--cells PAGE OUT`, one in this process."""
    if words[:1] == ["--cells"]:
        page, out = map(Path, words[1:])
        out.write_text(json.dumps(execute(page.read_text("utf-8"))), encoding="utf-8")
        return
    for page in sorted(LABS.glob("*.md")):
        if words and page.stem not in words:
            continue
        with tempfile.TemporaryDirectory() as folder:
            made = notebook(page.read_text("utf-8"), outputs_of(page, Path(folder)))
        page.with_suffix(".ipynb").write_text(made, encoding="utf-8")
        print(f"{page.stem}: {len(made) / 1e3:.0f} kB")


if __name__ == "__main__":
    main(sys.argv[1:])
