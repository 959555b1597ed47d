"""Builds the distributions, and finds the interpreters to install them into."""

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OURS = ("PYTHON", "VIRTUAL_ENV", "PYTEST")
CLEAN = {key: value for key, value in os.environ.items() if not key.startswith(OURS)}


def command(*words: str | Path, cwd: Path, check: bool = True) -> subprocess.CompletedProcess[str]:
    done = subprocess.run([str(word) for word in words], cwd=cwd, env=CLEAN, capture_output=True, text=True)
    if check and done.returncode:
        pytest.fail(f"{words} ended with {done.returncode}:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    return done


@cache
def stamp() -> str:
    """Return the time of the commit that is built, the same for all builds of a session."""
    return command("git", "log", "-1", "--format=%ct", cwd=ROOT).stdout.strip()


def build(out: Path) -> Path:
    """Build the source distribution, and the wheel from it; return the folder of both."""
    words = [sys.executable, "-m", "build", "--outdir", str(out), str(ROOT)]
    done = subprocess.run(words, env=CLEAN | {"SOURCE_DATE_EPOCH": stamp()}, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return out


def interpreter(version: str) -> Path:
    """Return a Python of the version: the running one, one on the path, or one of pyenv's."""
    if sys.version_info[:2] == tuple(map(int, version.split("."))):
        return Path(sys.executable)
    named = [Path(folder) / f"python{version}" for folder in os.environ.get("PATH", "").split(os.pathsep)]
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    kept = sorted(pyenv.glob(f"versions/{version}.*/bin/python{version}"), reverse=True)
    ask = "import sys; print('%d.%d' % sys.version_info[:2])"
    for candidate in [*named, *kept]:
        if candidate.is_file():
            answer = command(candidate, "-c", ask, cwd=ROOT, check=False)
            if answer.stdout.strip() == version:
                return candidate
    pytest.skip(f"no Python {version} on this machine")
