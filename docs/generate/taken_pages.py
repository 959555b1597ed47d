"""Pages that are documents of the repository as they stand: the protocol, how to extend, examples."""

from __future__ import annotations

import re
from pathlib import Path


def taken_pages(root: Path) -> dict[str, str]:
    """Return the design notes, the parts of CONTRIBUTING.md and the examples by their path in the site."""
    notes = {
        f"design/{file.name}": file.read_text("utf-8") for file in sorted((root / "design").glob("*.md"))
    }
    examples = {
        f"examples/{file.name}": file.read_text("utf-8") for file in sorted((root / "examples").glob("*.py"))
    }
    return notes | examples | _parts((root / "CONTRIBUTING.md").read_text("utf-8"))


def _parts(text: str) -> dict[str, str]:
    """Return a page for each section of second order; its name is the title up to a colon."""
    pages = {}
    for section in re.split(r"(?m)^## ", text)[1:]:
        title, _, body = section.partition("\n")
        name = title.partition(":")[0].lower().replace(" ", "-")
        pages[f"extend/{name}.md"] = f"# {title}\n{body}"
    return pages
