"""Looking things up imports no library that only running needs."""

import ast
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


def test_help_imports_neither_numbers_nor_models_nor_any_stage() -> None:
    code = (
        "import sys\n"
        "from qwatt.cli.app import run\n"
        "sys.argv = ['qwatt', '--help']\n"
        "try:\n"
        "    run()\n"
        "except SystemExit as end:\n"
        "    assert not end.code, end.code\n"
        "print(sorted(name for name in sys.modules if name.startswith('qwatt.') or '.' not in name))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    loaded = ast.literal_eval(done.stdout.splitlines()[-1])
    assert not {*HEAVY, "numpy", "pydantic", "jinja2", "psutil"} & set(loaded)
    floors = {name.split(".")[1] for name in loaded if name.startswith("qwatt.")}
    assert floors <= {"cli", "core"}, floors
    assert "qwatt.core.registry" not in loaded


HIDING = """
import sys
from importlib import metadata

class Hidden:
    def find_spec(name, path=None, target=None):
        if name.partition(".")[0] in {heavy}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Hidden)
from qwatt.core import extras
extras.modules_of = lambda extra: {heavy}
from qwatt.cli.app import run
for line in {lines}:
    sys.argv = ["qwatt", *line.split()]
    try:
        run()
    except SystemExit as end:
        print(line.split()[0], end.code, flush=True)
"""


def test_without_the_heavy_libraries_a_verb_that_needs_them_names_the_extra(tmp_path) -> None:
    lines = [
        "run curation/dedup --json",
        "plan curation --json",
        "predict x --data y --json",
        "train-lm x --out y --json",
    ]
    code = HIDING.format(heavy=HEAVY, lines=[*lines, "list tasks --json"])
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    for line in lines:
        verb = line.split()[0]
        assert f"`qwatt {verb}` needs torch, pennylane, sklearn and 6 more: not installed" in done.stdout
        assert f"{verb} 2" in done.stdout
    assert done.stdout.count("pip install 'qwatt[run]'") == len(lines)
    assert "monitoring/drift" in done.stdout
    assert not list(tmp_path.iterdir())


IMPORTED = """
import pickle, sys

class Hidden:
    def find_spec(name, path=None, target=None):
        if name.partition(".")[0] in {heavy}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Hidden)
from importlib import import_module
from qwatt.core import extras
from qwatt.core.errors import QwattError
extras.modules_of = lambda extra: {heavy}
for name in {modules}:
    try:
        import_module(name)
    except ImportError as error:
        assert isinstance(error, QwattError), error
        assert str(pickle.loads(pickle.dumps(error))) == str(error)
        print(error.found_in("here"))
"""


def test_what_is_imported_from_python_without_the_heavy_libraries_names_the_extra() -> None:
    modules = ["qwatt.sklearn", "qwatt.sklearn.kernels", "qwatt.torch", "qwatt.torch.quantum_layer"]
    modules += ["qwatt.integrations", "qwatt.integrations.transformers"]
    code = IMPORTED.format(heavy=HEAVY, modules=modules)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told = done.stdout.splitlines()
    needing = ["qwatt.sklearn"] * 2 + ["qwatt.torch"] * 2 + ["qwatt.integrations.transformers"]
    assert [line.partition(" needs ")[0] for line in told[::2]] == [f"here: {name}" for name in needing]
    assert all(line.partition(" needs ")[2].removesuffix(": not installed") in HEAVY for line in told[::2])
    assert told[1::2] == ["  mend: pip install 'qwatt[run]'"] * len(needing)
