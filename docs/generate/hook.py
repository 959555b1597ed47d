"""Puts the generated pages into the site; mkdocs calls these functions while it builds."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from catalogue_pages import catalogue_pages
from mkdocs.structure.files import File, Files
from notebooks import with_outputs
from stage_pages import stage_pages
from taken_pages import taken_pages

ROOT = Path(__file__).parents[2]


def pages() -> dict[str, str]:
    """Return every generated page, text by path in the site; equal sources give equal pages."""
    return taken_pages(ROOT) | stage_pages() | catalogue_pages(ROOT / "src/qwatt/catalogue")


def on_config(config: Any) -> Any:
    """List in the navigation the catalogue's files, and guides that it does not name."""
    named = (ROOT / "mkdocs.yml").read_text("utf-8")
    guides = [file.name for file in sorted((ROOT / "docs").glob("*.md")) if file.name not in named]
    catalogue = [path for path in sorted(pages()) if path.startswith("catalogue/") and path not in named]
    for entry in config.nav:
        for title, more in (("Guides", guides), ("Catalogue", catalogue)):
            if title in entry:
                entry[title] += more
    return config


def on_files(files: Files, config: Any) -> Files:
    """Add the generated pages."""
    for path, text in pages().items():
        files.append(File.generated(config, path, content=text))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Files) -> str:
    """Let links of guides that leave docs/ in the repository lead to the same document in the site."""
    name = page.file.src_uri
    if name.startswith("labs/"):
        file = (ROOT / "docs" / name).with_suffix(".ipynb")
        title, _, rest = with_outputs(markdown, file).partition("\n")
        once = "below each cell is what it once gave, on two cores: joules of yours differ"
        return f"{title}\n\n[As a notebook]({file.name}); {once}.\n{rest}"
    if "/" in name:
        return markdown
    return re.sub(r"\]\(\.\./((?:design|examples)/)", r"](\1", markdown)
