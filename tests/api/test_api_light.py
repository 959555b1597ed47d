"""`import qwatt` imports nothing, and calculators work where only light packages are installed."""

import ast
import inspect
import subprocess
import sys

import pytest

import qwatt

HEAVY = (
    "torch", "pennylane", "transformers", "sklearn", "dimod", "dwave", "optuna", "faiss", "pyarrow", "peft",
    "tokenizers", "pandas", "polars", "gymnasium",
)  # fmt: skip
BLOCK = f"""
import sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {HEAVY!r}:
            raise ModuleNotFoundError(f"blocked: {{name}}", name=name)

sys.meta_path.insert(0, Blocked())
"""


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_importing_qwatt_imports_qwatt_alone() -> None:
    code = (
        "import sys\n"
        "before = set(sys.modules)\n"
        "import qwatt\n"
        "new = [name for name in sys.modules if name not in before]\n"
        "print([name for name in new if name.partition('.')[0] not in sys.stdlib_module_names])"
    )
    assert run(code).strip() == "['qwatt']"


@pytest.mark.parametrize(
    "call",
    [
        "training(params=8e9, tokens=15e12, accelerator='h100')",
        "inference(model='llama-3.1-8b', accelerator='h100', input_tokens=100, output_tokens=200)",
        "circuit('ibm_fez', qubits=20, gates_1q=100, gates_2q=50)",
        "anneal('dwave_adv2', variables=100, reads=10)",
        "curation(tokens=1e12, accelerator='h100')",
    ],
)
def test_calculators_need_no_heavy_package(call: str) -> None:
    out = run(BLOCK + f"import qwatt\nprint(qwatt.__version__)\nprint(qwatt.estimate.{call}.title)")
    version, title = out.splitlines()
    assert version[0].isdigit() and len(title) > 20


def test_every_public_name_is_there_and_is_listed() -> None:
    assert set(qwatt.__all__) <= set(dir(qwatt))
    for name in qwatt.__all__:
        assert getattr(qwatt, name) is not None


def test_names_for_type_checkers_are_those_at_run_time() -> None:
    tree = ast.parse(inspect.getsource(qwatt))
    typed = {
        alias.asname
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.asname
    }
    assert typed == set(qwatt.__all__) - {"__version__"}


def test_a_name_that_is_not_there_is_no_attribute() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        qwatt.nothing  # noqa: B018


def test_a_frame_without_pandas_and_polars_says_what_to_install() -> None:
    code = (
        "import importlib.util\n"
        "there = importlib.util.find_spec\n"
        "gone = ('pandas', 'polars')\n"
        "importlib.util.find_spec = lambda name, *a: None if name in gone else there(name, *a)\n"
        "import qwatt\n"
        "found = qwatt.estimate.tokenise(tokens=1e9)\n"
        "for library in (None, 'polars'):\n"
        "    try:\n"
        "        found.frame(library)\n"
        "    except qwatt.QwattError as error:\n"
        "        print(error.mend)\n"
    )
    assert run(code).splitlines() == ["pip install pandas or pip install polars", "pip install polars"]
