"""The two libraries that numba compiles: nightly, for compiling alone takes minutes."""

import numpy as np
import pytest

from qwatt.core.errors import MissingExtraError
from qwatt.core.lazy import LazyModule
from qwatt.core.study import with_companions
from qwatt.stages.curation.cluster.blobs import blobs
from qwatt.stages.curation.cluster.evoc import Evoc
from qwatt.stages.curation.cluster.fast_hdbscan import FastHdbscan
from qwatt.stages.curation.cluster.hdbscan import Hdbscan
from qwatt.stages.curation.cluster.score import accuracy
from qwatt.testing import MethodChecks
from qwatt.testing.trials import run_small, small_spec

BLOBS = "builtin:blobs"
COMPILED = pytest.mark.parametrize("method", [FastHdbscan, Evoc], ids=lambda m: m.name)


@pytest.mark.nightly
class TestFastHdbscan(MethodChecks):
    method = FastHdbscan
    source = BLOBS


@pytest.mark.nightly
class TestEvoc(MethodChecks):
    method = Evoc
    source = BLOBS


@COMPILED
def test_it_runs_when_it_is_named_only(method):
    assert method.name not in with_companions("curation/cluster", None)
    assert with_companions("curation/cluster", [method.name]) == [method.name]
    assert np.prod([len(values) for values in method.space.values()]) == 12


@COMPILED
def test_without_the_packages_it_names_the_extra(method, monkeypatch):
    def gone(self):
        raise ModuleNotFoundError(f"No module named {self.__name__!r}")

    monkeypatch.setattr(LazyModule, "load", gone)
    with pytest.raises(MissingExtraError, match=r"pip install 'qwatt\[cluster\]'"):
        method().warm_up()


@pytest.mark.nightly
def test_fast_hdbscan_finds_the_clusters_of_scikit_learn():
    for seed in range(3):
        points, _ = blobs("builtin:blobs:0.6", 300, seed)
        ours, theirs = (cls().raw(points, cls.defaults()) for cls in (FastHdbscan, Hdbscan))
        both = (ours >= 0) & (theirs >= 0)
        assert both.mean() > 0.9
        assert accuracy(ours[both], theirs[both]) > 0.99


@pytest.mark.nightly
@COMPILED
def test_separated_blobs_are_found(method):
    trial, _, _ = run_small(method, small_spec(method, "builtin:blobs:0.3"))
    assert trial.quality > 0.95


@pytest.mark.nightly
@COMPILED
def test_compiling_is_not_charged(method):
    """A trial in this process, which has compiled by now or does so in `warm_up`, takes seconds at most."""
    trial, _, _ = run_small(method, small_spec(method, BLOBS))
    assert trial.seconds < 10
