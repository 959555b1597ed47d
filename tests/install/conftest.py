"""Distributions built once a session, and light installs of the wheel outside the source tree."""

from pathlib import Path

import pytest
from distributions import ROOT, build, command, interpreter


@pytest.fixture(scope="session")
def built(tmp_path_factory) -> Path:
    return build(tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="session", params=["3.11", "3.12", "3.13"])
def light(request, built, tmp_path_factory) -> Path:
    """Return the environment of a light install of the wheel."""
    folder = tmp_path_factory.mktemp(f"light-{request.param}") / "venv"
    command(interpreter(request.param), "-m", "venv", folder, cwd=folder.parent)
    (wheel,) = built.glob("*.whl")
    constraints = ["-c", ROOT / "constraints.txt"]
    command(folder / "bin/pip", "install", "--quiet", *constraints, wheel, cwd=folder.parent)
    return folder
