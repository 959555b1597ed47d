"""A page for each file of the catalogue: every number with interval, unit, source, date and confidence."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from markdown_table import cell, table

INHERITED = ("source", "date", "confidence")
COLUMNS = ("field", "value", "low", "high", "unit", *INHERITED)
Row = tuple[Any, ...]


def catalogue_pages(folder: Path) -> dict[str, str]:
    """Return the pages by path: the catalogue's own introduction, and one a file."""
    pages = {"catalogue/README.md": (folder / "README.md").read_text("utf-8")}
    for file in sorted(folder.glob("*.toml")):
        pages[f"catalogue/{file.stem}.md"] = _page(file)
    return pages


def _page(file: Path) -> str:
    text = file.read_text("utf-8")
    content = tomllib.loads(text)
    parts = [f"# {file.stem.replace('_', ' ')}", f"`src/qwatt/catalogue/{file.name}`", _introduction(text)]
    above = {key: content[key] for key in INHERITED if isinstance(content.get(key), str)}
    for name, value in content.items():
        if isinstance(value, dict):
            parts += [f"## {cell(name)}", table(COLUMNS, list(_rows(value, "", above)))]
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            rows = [
                row for index, entry in enumerate(value) for row in _rows(entry, _label(entry, index), above)
            ]
            parts += [f"## {cell(name)}", table(COLUMNS, rows)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _introduction(text: str) -> str:
    """Return the comment that the file begins with."""
    lines: list[str] = []
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        lines.append(line.lstrip("# ").strip())
    return cell(" ".join(lines))


def _label(entry: dict[str, Any], index: int) -> str:
    return str(entry.get("id") or entry.get("name") or index)


def _rows(entry: dict[str, Any], path: str, above: dict[str, str]) -> Iterator[Row]:
    """Yield a row for each number or text; what a table says of its source holds for all that it contains."""
    known = above | {key: entry[key] for key in INHERITED if isinstance(entry.get(key), str)}
    told = tuple(known.get(key) for key in INHERITED)
    if "value" in entry:
        yield (path, entry["value"], entry.get("low"), entry.get("high"), entry.get("unit"), *told)
        return
    for key, value in entry.items():
        place = f"{path}.{key}" if path else key
        if key in INHERITED:
            continue
        if isinstance(value, dict):
            yield from _rows(value, place, known)
        else:
            yield (place, value, None, None, None, *told)
