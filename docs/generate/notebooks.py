"""Labs as notebooks: a page in Markdown, whose code blocks are the cells, and what these once printed."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

CODE = re.compile(r"(?ms)^```python\n(.*?)^```\n")

Output = dict[str, Any]
"""One output of a cell, as nbformat has it."""


def cells(text: str) -> list[tuple[bool, str]]:
    """Return the page's parts in their order: whether it is code, and its text."""
    parts = CODE.split(text)
    return [(index % 2 == 1, part.strip()) for index, part in enumerate(parts) if part.strip()]


def notebook(text: str, outputs: Sequence[list[Output]]) -> str:
    """Return the page as a notebook with the outputs of each code cell (nbformat 4.4)."""
    found, made = iter(outputs), []
    for is_code, part in cells(text):
        lines = part.splitlines(keepends=True)
        if is_code:
            count = sum(cell["cell_type"] == "code" for cell in made) + 1
            more = {"execution_count": count, "outputs": next(found), "source": lines}
            made.append({"cell_type": "code", "metadata": {}, **more})
        else:
            made.append({"cell_type": "markdown", "metadata": {}, "source": lines})
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    whole = {"cells": made, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 4}
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def with_outputs(markdown: str, file: Path) -> str:
    """Return a lab's page with what the cells of its notebook printed and showed below each."""
    made = json.loads(file.read_text("utf-8"))
    outputs = iter([cell["outputs"] for cell in made["cells"] if cell["cell_type"] == "code"])
    return CODE.sub(lambda block: block[0] + "".join(_shown(next(outputs))), markdown)


def _shown(outputs: list[Output]) -> Iterator[str]:
    for output in outputs:
        if output["output_type"] == "stream":
            yield f"\n```text\n{''.join(output['text'])}```\n"
        elif "image/svg+xml" in output["data"]:
            picture = "".join(output["data"]["image/svg+xml"]).encode()
            yield f'\n<img alt="" src="data:image/svg+xml;base64,{base64.b64encode(picture).decode()}">\n'
