"""From how many qubits on an ion machine takes less energy than simulating its circuits.

This is the other break-even: it says nothing about the best classical method for the task.
"""

from __future__ import annotations

from qwatt.core.errors import QwattError
from qwatt.projection.futures.drawn import value

LARGEST = 200


def qpu_joules(qubits: int, power_w: float, shots: float) -> float:
    """Return P x shots x (t_prepare + N2q t2q + N1q t1q + t_readout), gates one after another."""
    gates = qubits * (
        value("ion_head", "gates_2q") * value("ion_head", "time_2q")
        + value("ion_head", "gates_1q") * value("ion_head", "time_1q")
    )
    shot_s = value("ion_head", "time_prepare") + gates + value("ion_head", "time_readout")
    return power_w * shots * shot_s


def simulation_joules(qubits: int) -> float:
    """Return GPU power x gates x 2 x bytes x 2^n / (efficiency x bandwidth); the number of GPUs cancels."""
    gates = qubits * (value("ion_head", "gates_1q") + value("ion_head", "gates_2q"))
    moved = gates * 2.0 * value("use", "amplitude_bytes") * 2.0**qubits
    rate = value("use", "simulator_efficiency") * value("ion_head", "bandwidth")
    return value("ion_head", "gpu") * moved / rate


def crossover_qubits(power_w: float, shots: float) -> int:
    """Return the smallest number of qubits from which the QPU takes less energy than the simulation.

    Raises:
        QwattError: power or shots are not positive.
    """
    for name, number in (("power_w", power_w), ("shots", shots)):
        if not number > 0:
            raise QwattError(f"{name} is {number:g}", where=name, mend="give a value above 0")
    return next(n for n in range(1, LARGEST) if qpu_joules(n, power_w, shots) < simulation_joules(n))
