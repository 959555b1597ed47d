"""Hold the installed packages against known advisories, by pip-audit; say what could not be looked up.

python supply/audit.py PIP_AUDIT SITE_PACKAGES

Ends with 1 where a package has an advisory. Where the package index gives none, as mirrors do, it says so.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from typing import Any


def verdict(found: Mapping[str, Any]) -> tuple[int, list[str]]:
    """Return the exit code and what to say about pip-audit's findings."""
    packages = found["dependencies"]
    skipped = [one["name"] for one in packages if "skip_reason" in one]
    advised = [(one, flaw) for one in packages for flaw in one.get("vulns", ())]
    lines = [
        f"{one['name']} {one['version']}: {flaw['id']}, mended in {', '.join(flaw['fix_versions']) or 'none'}"
        for one, flaw in advised
    ]
    looked_up = len(packages) - len(skipped)
    lines.append(f"{looked_up} of {len(packages)} packages looked up, {len(advised)} advisories")
    if not looked_up:
        lines.append("nothing was audited: the package index gives no advisories; ask where pypi.org answers")
    elif skipped:
        lines.append(f"not looked up: {', '.join(skipped)}")
    return int(bool(advised)), lines


def main(tool: str, site_packages: str) -> int:
    """Audit a folder of installed packages and print what was found."""
    command = [tool, "--path", site_packages, "--format", "json", "--progress-spinner", "off"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        found = json.loads(done.stdout)
    except ValueError:
        last = done.stderr.strip().splitlines()[-1:] or ["no answer"]
        print(f"nothing was audited: {last[0]}")
        return 0
    code, lines = verdict(found)
    print("\n".join(lines))
    return code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
