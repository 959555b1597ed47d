"""The built-in backends keep what third-party backends must."""

import pytest

from qwatt.testing import BackendChecks


class TestEngine(BackendChecks):
    spec = "engine"


class TestNoisy(BackendChecks):
    spec = "noisy:ibm_boston"
    exact_tolerance = None


class TestPennyLane(BackendChecks):
    spec = "pennylane:default.qubit"


@pytest.mark.parametrize("spec", ["engin", "noisy:ibm_bostn", "noisy", "pennylane", "pennylane:no.such"])
def test_a_wrong_spec_is_explained(spec: str) -> None:
    from qwatt.core.errors import QwattError
    from qwatt.core.registry import get_backend

    with pytest.raises(QwattError) as caught:
        get_backend(spec)
    assert caught.value.mend
