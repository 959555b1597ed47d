"""The error terms of a catalogued gate-model QPU, as probabilities of Pauli errors and times."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

from qwatt.core.errors import QwattError
from qwatt.core.quantity import Quantity

_TERMS = ("error_1q", "error_2q", "error_readout")


@dataclass(frozen=True)
class ErrorRates:
    """What a QPU does to a circuit besides running it.

    A published gate error is taken as the average infidelity r of a depolarising channel, whose probability
    of a Pauli error is r (d+1)/d with d = 2 or 4. It already holds the relaxation during the gate, so
    relaxation (T1, T2) is added only to qubits that wait while others are driven.

    Args:
        qpu: id in the catalogue.
        pauli_1q: probability of a Pauli error of one pulse; a diagonal gate is a free change of frame.
        pauli_2q: probability of a two-qubit Pauli error of one CZ.
        readout: probability that a measured bit flips.
        memory: probability of a Pauli error of one qubit in one layer of CZ, where that is published
            (then T1 and T2 are not used).
        t1_s: relaxation time, or infinity.
        t2_s: dephasing time, or infinity.
        time_1q_s: time of one pulse.
        time_2q_s: time of one CZ.
        missing: terms that nobody has published, counted as no error.
    """

    qpu: str
    pauli_1q: float
    pauli_2q: float
    readout: float
    memory: float = 0.0
    t1_s: float = math.inf
    t2_s: float = math.inf
    time_1q_s: float = 0.0
    time_2q_s: float = 0.0
    missing: tuple[str, ...] = ()

    def waiting(self, seconds: float) -> tuple[float, float, float]:
        """Return what a wait leaves and adds: factor on X and Y, factor on Z, and the Z that T1 restores.

        A memory error depolarises whatever the time; else relaxation to |0> with T1 and dephasing with T2.
        """
        if self.memory:
            factor = 1.0 - 4.0 / 3.0 * self.memory
            return factor, factor, 0.0
        kept = math.exp(-seconds / self.t1_s)
        return math.exp(-seconds / min(self.t2_s, 2.0 * self.t1_s)), kept, 1.0 - kept


def error_rates(qpu: str, ignore_missing: bool = False) -> ErrorRates:
    """Return the error terms of a catalogued QPU.

    Args:
        qpu: id such as "ibm_kingston".
        ignore_missing: count unpublished one-qubit and read-out errors as none, which is optimistic.

    Raises:
        QwattError: no such QPU, not a gate-model machine, or an error that nobody has published.
    """
    from qwatt.energy.qpu import get_qpu

    machine = get_qpu(qpu, f"noisy:{qpu}")
    if machine.program != "circuit":
        raise QwattError(f"{qpu} is not a gate-model machine but {machine.program}", where=f"noisy:{qpu}")
    missing = tuple(term for term in _TERMS if term not in machine.numbers)
    if "error_2q" in missing or (missing and not ignore_missing):
        raise QwattError(
            f"nobody has published {', '.join(missing)} of {qpu}",
            where=f"noisy:{qpu}",
            mend="take another QPU"
            if "error_2q" in missing
            else f"write noisy:{qpu}?missing=ignore to leave these errors out, which is optimistic",
        )
    numbers = machine.at("value") | {
        name: _mean(number) for name, number in machine.numbers.items() if name.startswith("error_")
    }
    times = ("t1", "t2", "time_1q", "time_2q")
    known = {f"{name}_s": numbers[name] for name in times} if all(t in numbers for t in times) else {}
    return ErrorRates(
        qpu,
        pauli_1q=1.5 * numbers.get("error_1q", 0.0),
        pauli_2q=1.25 * numbers["error_2q"],
        readout=numbers.get("error_readout", 0.0),
        memory=1.5 * numbers.get("error_memory", 0.0),
        missing=missing,
        **known,
    )


def _mean(number: Quantity) -> float:
    """Return the mean error of a qubit or gate, which is what many of them add up to.

    Where the catalogue says that a number is the median with its quartiles, it is the mean of the log-normal
    distribution that has them; a few bad qubits lift it above the median. Else it is the number itself.
    """
    low, value, high = number.interval
    if "quartiles" not in (number.reason or ""):
        return value
    width = math.log(high / low) / (2.0 * NormalDist().inv_cdf(0.75))
    return value * math.exp(width**2 / 2.0)
