"""Every package that qwatt may install states a licence that may be taken."""

import tomllib
from pathlib import Path

import pytest
from licences import OPEN, closure, licences

ROOT = Path(__file__).parents[2]


def packages():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *(r for e in project["optional-dependencies"].values() for r in e)]
    return closure(name for name in wanted if not name.startswith("qwatt["))


def test_no_licence_is_unknown_or_closed():
    found = packages()
    assert {"numpy", "torch", "pennylane"} <= set(found)
    wrong = {name: sorted(licences(one) - OPEN) for name, one in found.items() if not licences(one) <= OPEN}
    assert wrong == {}


class Stated:
    """A package that states this and nothing else."""

    def __init__(self, **fields):
        self.metadata = Fields({"Name": "a-package"} | fields)


class Fields(dict):
    def get_all(self, name):
        return [self[name]] if name in self else None


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"License-Expression": "BUSL-1.1"},
        {"License-Expression": "MIT AND BUSL-1.1"},
        {"License": "Business Source License 1.1"},
        {"License": "Elastic License"},
        {"Classifier": "License :: Other/Proprietary License"},
    ],
)
def test_others_are_refused(fields):
    assert not licences(Stated(**fields)) <= OPEN


def test_boost_is_no_business_source():
    assert licences(Stated(**{"License-Expression": "BSL-1.0"})) <= OPEN
