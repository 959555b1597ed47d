"""Take this machine's folders out of a list of what is installed: where a checkout lies is nobody's business.

python supply/without_paths.py dist/sbom.cdx.json
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any


def without_paths(found: Any) -> Any:
    """Return JSON without the references that lead to files, of an editable install for one."""
    if isinstance(found, dict):
        return {name: without_paths(value) for name, value in found.items()}
    if isinstance(found, list):
        return [without_paths(one) for one in found if not _leads_to_a_file(one)]
    return found


def _leads_to_a_file(one: Any) -> bool:
    return isinstance(one, dict) and str(one.get("url", "")).startswith("file:")


if __name__ == "__main__":
    file = Path(sys.argv[1])
    file.write_text(json.dumps(without_paths(json.loads(file.read_text("utf-8"))), indent=2) + "\n", "utf-8")
