"""Looking things up imports no library that only running needs."""

import subprocess
import sys

import pytest

HEAVY = ("torch", "pennylane", "sklearn", "transformers", "dimod", "scipy", "pyarrow", "tokenizers", "rensa")


@pytest.mark.parametrize("words", [("--help",), ("list", "tasks"), ("list", "methods"), ("list", "backends")])
def test_listing_imports_no_heavy_library(words: tuple[str, ...]) -> None:
    code = (
        "import sys\n"
        "from qwatt.cli.app import app\n"
        "try:\n"
        f"    app({list(words)!r})\n"
        "except SystemExit as end:\n"
        "    assert not end.code, end.code\n"
        f"print('HEAVY', sorted(set({HEAVY!r}) & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "HEAVY []"
