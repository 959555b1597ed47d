"""The backend that a method's circuits run on: typed, or refused when it runs none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qwatt.core.backend import Backend
from qwatt.core.context import Context
from qwatt.core.errors import QwattError
from qwatt.core.lazy import lazy
from qwatt.core.registry import get_backend
from qwatt.quantum.backends.base import QuantumBackend

if TYPE_CHECKING:
    from qwatt.quantum.backends import engine
    from qwatt.quantum.backends.engine import EngineBackend
else:
    engine = lazy("qwatt.quantum.backends.engine")


def get_circuit_backend(spec: str) -> QuantumBackend:
    """Return a new backend for a spec such as "engine" or "noisy:ibm_kingston".

    Raises:
        QwattError: no such backend, or it runs no circuits.
    """
    return _checked(get_backend(spec))


def circuit_backend(context: Context) -> QuantumBackend:
    """Return the trial's backend.

    Raises:
        QwattError: it runs no circuits.
    """
    return _checked(context.backend)


def exact_simulator(context: Context) -> EngineBackend:
    """Return the exact engine, which can be differentiated, with the bill going to the trial's backend.

    It computes where and how the trial's own engine does: on the GPU of "engine:cuda", in compiled gates,
    in double precision.
    """
    billed, simulator = context.backend, engine.EngineBackend
    own = billed if isinstance(billed, simulator) else simulator()
    return simulator(own.device, own.dtype, billed.bill_shots, billed.recorder, own.gates)


def _checked(backend: Backend) -> QuantumBackend:
    if not isinstance(backend, QuantumBackend):
        raise QwattError(
            f"the backend {backend.name!r} runs no circuits",
            where="backend",
            mend="choose engine, noisy:QPU, or a PennyLane device",
        )
    return backend
