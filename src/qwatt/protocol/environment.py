"""What a run was made on: versions, processor, commit; never a user name, host name or path."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import subprocess
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from qwatt.core.run_folder import RunFolder

PACKAGES = (
    "qwatt", "torch", "pennylane", "numpy", "scipy", "scikit-learn", "transformers", "dimod",
    "dwave-samplers", "rensa",
)  # fmt: skip


def describe_environment() -> tuple[str, dict[str, Any]]:
    """Return (id, facts) of this machine and installation; equal facts have equal ids."""
    facts = {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "cpu": cpu_name(),
        "cores": os.cpu_count(),
        "memory_gb": _memory_gb(),
        "commit": _commit(),
        "packages": {name: _version(name) for name in PACKAGES},
    }
    digest = hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:12]
    return digest, facts


def other_versions(folder: RunFolder, facts: Mapping[str, Any]) -> list[str]:
    """Say what differs in version between the trials that a folder holds and those to come."""
    known = folder.environments()
    used = dict.fromkeys(t.environment for t in folder.trials() if t.done)
    now = _versions(facts)
    found = []
    for before in (_versions(known[name]) for name in used if isinstance(known.get(name), dict)):
        moved = [
            f"{name} {before.get(name)}, now {now[name]}" for name in now if before.get(name, "") != now[name]
        ]
        if moved:
            found.append(f"trials of before were run by another version: {'; '.join(moved)}")
    return list(dict.fromkeys(found))


def _versions(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the versions of an environment: Python, the commit, packages."""
    packages = facts.get("packages")
    named = {name: facts.get(name) for name in ("python", "commit")}
    return named | (packages if isinstance(packages, dict) else {})


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def cpu_name() -> str:
    """Return what this machine calls its processor."""
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or "unknown"


def _memory_gb() -> float:
    import psutil

    return round(float(psutil.virtual_memory().total) / 1e9, 1)


def _commit() -> str | None:
    """Return the commit of the running source tree, with "+" when it was changed; None outside git."""
    root = Path(__file__).resolve().parents[3]
    if not (root / ".git").exists():
        return None
    try:
        head = _git(root, "rev-parse", "--short=12", "HEAD")
        return head + ("+" if _git(root, "status", "--porcelain", "--untracked-files=no") else "")
    except (OSError, subprocess.CalledProcessError):
        return None


def _git(root: Path, *words: str) -> str:
    done = subprocess.run(["git", "-C", str(root), *words], capture_output=True, text=True, check=True)
    return done.stdout.strip()
