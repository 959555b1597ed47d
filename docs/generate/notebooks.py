"""Labs as notebooks: each is one page in Markdown, whose code blocks are the cells."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

CODE = re.compile(r"(?ms)^```python\n(.*?)^```\n")


def cells(text: str) -> list[tuple[bool, str]]:
    """Return the page's parts in their order: whether it is code, and its text."""
    parts = CODE.split(text)
    return [(index % 2 == 1, part.strip()) for index, part in enumerate(parts) if part.strip()]


def notebook(text: str) -> str:
    """Return the page as a notebook that was not executed yet (nbformat 4.4)."""
    made = [_cell(is_code, part) for is_code, part in cells(text)]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    whole = {"cells": made, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 4}
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def notebooks(folder: Path) -> dict[str, str]:
    """Return the notebook of each lab by its path in the site."""
    return {
        f"labs/{file.stem}.ipynb": notebook(file.read_text("utf-8")) for file in sorted(folder.glob("*.md"))
    }


def _cell(is_code: bool, text: str) -> dict[str, Any]:
    lines = text.splitlines(keepends=True)
    if is_code:
        return {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": lines}
    return {"cell_type": "markdown", "metadata": {}, "source": lines}
