"""Labelled sentences for the tests: made up, so that a class can be told from its words."""

import json
from pathlib import Path
from typing import Any

WORDS = ("sour", "warm", "dull", "calm", "stale", "kind", "rude")


def sentences(classes: int, each: int) -> list[tuple[str, int]]:
    """Return `each` different sentences of every class, whose own word is in them."""
    return [
        (f"case {i}: a {WORDS[c]} day number {i * 7 % 31}", c) for i in range(each) for c in range(classes)
    ]


def write_rows(path: Path, rows: list[tuple[str, Any]]) -> str:
    """Write texts and labels as JSON lines and return the path."""
    path.write_text("".join(json.dumps({"text": text, "label": label}) + "\n" for text, label in rows))
    return str(path)
