"""What every circuit backend must satisfy."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

if TYPE_CHECKING:
    from qwatt.quantum.backends.base import QuantumBackend
    from qwatt.quantum.circuit import Circuit


class BackendChecks:
    """Inherit it in a pytest class and name the backend.

    Class attributes:
        spec: what `--backend` takes.
        exact_tolerance: how far exact values may be from the state-vector engine's; None for noisy ones.
        shots: shots of the finite-shot checks.
    """

    spec: ClassVar[str]
    exact_tolerance: ClassVar[float | None] = 1e-5
    shots: ClassVar[int] = 2000

    def test_name_is_its_spec(self) -> None:
        """The record names the backend as the command line does."""
        assert self._backend().name == self.spec

    def test_expectation_values_match_the_engine(self) -> None:
        """Exact values agree with the engine; every backend's lie in [-1, 1]."""
        inputs = np.array([[0.3, -0.7], [1.1, 0.2]])
        found = np.asarray(self._backend().expval(_circuit(), inputs))
        assert found.shape == (2, 2)
        assert np.abs(found).max() <= 1 + 1e-6
        if self.exact_tolerance is not None:
            from qwatt.quantum.backends import get_circuit_backend

            expected = np.asarray(get_circuit_backend("engine").expval(_circuit(), inputs))
            assert np.abs(found - expected).max() <= self.exact_tolerance

    def test_shots_converge(self) -> None:
        """Finite-shot values lie within five standard errors of the exact ones."""
        inputs = np.array([[0.3, -0.7]])
        backend = self._backend()
        exact = np.asarray(backend.expval(_circuit(), inputs))
        drawn = np.asarray(backend.expval(_circuit(), inputs, shots=self.shots, rng=np.random.default_rng(3)))
        assert np.abs(drawn - exact).max() <= 5 / np.sqrt(self.shots)

    def test_same_generator_same_samples(self) -> None:
        """Samples depend on the generator alone."""
        first, second = (
            self._backend().sample(_circuit(), np.zeros((1, 2)), shots=50, rng=np.random.default_rng(7))
            for _ in range(2)
        )
        assert np.array_equal(first, second)

    def test_everything_is_billed(self) -> None:
        """Each operation is charged as the QPU would have to execute it."""
        backend = self._backend()
        recorder = backend.recorder
        backend.expval(_circuit(), np.zeros((3, 2)), shots=10)
        assert (recorder.demand.circuits, recorder.demand.shots) == (3, 30)
        backend.kernel(_circuit(), np.zeros((4, 2)), shots=10)
        assert recorder.demand.circuits == 3 + 6

    def _backend(self) -> QuantumBackend:
        from qwatt.quantum.backends import get_circuit_backend

        backend = get_circuit_backend(self.spec)
        backend.seed(0)
        return backend


def _circuit() -> Circuit:
    from qwatt.quantum.circuits.feature_maps import zz_map

    return zz_map(2, 1)
