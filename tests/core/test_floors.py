"""The floors of the house: imports point down, and the check would notice if one did not."""

import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
CHECK = (
    "import sys; from importlinter.cli import lint_imports; "
    "sys.exit(lint_imports(config_filename=sys.argv[1], no_cache=True))"
)


def lint(config):
    words = [sys.executable, "-c", CHECK, str(config)]
    return subprocess.run(words, cwd=ROOT, capture_output=True, text=True)


def test_imports_point_down():
    done = lint(ROOT / "pyproject.toml")
    assert done.returncode == 0, done.stdout
    assert "2 kept, 0 broken" in done.stdout


def test_an_arrow_that_points_up_is_noticed(tmp_path):
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    layers = settings["contracts"][0]["layers"]
    upside_down = "\n".join(f"    {layer}" for layer in reversed(layers))
    config = tmp_path / "upside-down.ini"
    config.write_text(
        "[importlinter]\nroot_package = qwatt\n"
        "[importlinter:contract:1]\nname = upside down\ntype = layers\n"
        f"containers = qwatt\nlayers =\n{upside_down}\n"
    )
    done = lint(config)
    assert done.returncode == 1
    assert "is not allowed to import qwatt.core" in done.stdout
