"""Where circuits and QUBOs run."""

from qwatt.quantum.backends.base import QuantumBackend
from qwatt.quantum.backends.choose import circuit_backend, exact_simulator, get_circuit_backend

__all__ = ["QuantumBackend", "circuit_backend", "exact_simulator", "get_circuit_backend"]
