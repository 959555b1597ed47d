"""What a light install leaves out is named, with the line that brings it."""

import tomllib
from pathlib import Path

import pytest

from qwatt.core import extras
from qwatt.core.errors import QwattError
from qwatt.core.lazy import lazy

PYPROJECT = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())


@pytest.fixture
def metadata(monkeypatch):
    """The metadata that an install of this pyproject would have, plus what a test adds."""

    def use(*more: str) -> None:
        declared = PYPROJECT["project"]["optional-dependencies"][extras.RUN]
        lines = [f'{line}; extra == "run"' for line in declared]
        monkeypatch.setattr(extras, "requires", lambda name: ["numpy>=2.0", *lines, *more])
        extras.modules_of.cache_clear()

    yield use
    extras.modules_of.cache_clear()


def test_every_package_of_the_extra_is_known_by_its_import_name(metadata) -> None:
    metadata()
    modules = extras.modules_of(extras.RUN)
    assert len(modules) == len(PYPROJECT["project"]["optional-dependencies"][extras.RUN])
    assert {"torch", "pennylane", "sklearn", "faiss", "dwave", "yaml"} <= set(modules)
    assert extras.missing_of(extras.RUN) == []
    assert "numpy" not in modules


def test_what_is_missing_is_named_with_the_install_line(metadata) -> None:
    metadata('no-such-thing-a>=1; extra == "run"', 'no_such_thing_b ; extra == "run"')
    with pytest.raises(QwattError) as told:
        extras.require(extras.RUN, "`qwatt run`")
    assert told.value.what == "`qwatt run` needs no_such_thing_a, no_such_thing_b: not installed"
    assert told.value.mend == "pip install 'qwatt[run]'"


def test_a_module_that_is_used_and_missing_says_what_brings_it(metadata) -> None:
    metadata('no-such-thing-a; extra == "run"')
    with pytest.raises(ModuleNotFoundError) as told:
        _ = lazy("no_such_thing_a.inner").anything
    assert told.value.__notes__ == ["pip install 'qwatt[run]'"]
    with pytest.raises(ModuleNotFoundError) as told:
        _ = lazy("no_such_thing_c").anything
    assert not hasattr(told.value, "__notes__")


def test_without_metadata_nothing_is_claimed_to_be_missing(monkeypatch) -> None:
    def absent(name: str) -> None:
        raise extras.PackageNotFoundError(name)

    extras.modules_of.cache_clear()
    monkeypatch.setattr(extras, "requires", absent)
    assert extras.missing_of(extras.RUN) == []
    extras.modules_of.cache_clear()
