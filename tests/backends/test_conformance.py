"""The checks that every backend inherits, on each kind of backend."""

from qwatt.testing.backend_checks import BackendChecks


class TestEngine(BackendChecks):
    spec = "engine"


class TestEngineDouble(BackendChecks):
    spec = "engine:cpu?dtype=complex128"


class TestLightning(BackendChecks):
    spec = "pennylane:lightning.qubit"


class TestOwnDevice(BackendChecks):
    spec = "pennylane:qwatt.statevector"


class TestNoisy(BackendChecks):
    spec = "noisy:ibm_kingston"
    exact_tolerance = None


class TestNoisyByPennyLane(BackendChecks):
    spec = "noisy:iqm_garnet?simulator=mixed"
    exact_tolerance = None
