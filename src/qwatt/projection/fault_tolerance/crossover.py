"""When a quantum algorithm with a polynomial speed-up overtakes a classical one."""

from __future__ import annotations

from qwatt.core.errors import QwattError


def crossover_seconds(
    quantum_call_s: float, classical_call_s: float, degree: float = 2.0, parallel: float = 1.0
) -> float:
    """Return the runtime at which M quantum calls finish with M^degree classical calls.

    T* = t_Q (S t_Q / t_C)^(1/(degree - 1)) (arXiv:2011.04149), where the classical side runs S calls at
    once. Shorter runs are faster classically.

    Args:
        quantum_call_s: seconds of one quantum call of the oracle.
        classical_call_s: seconds of one classical evaluation.
        degree: 2 for a quadratic speed-up, 4 for a quartic one; above 1.
        parallel: classical evaluations at once (S).

    Raises:
        QwattError: a duration or S that is not positive, or a degree of at most 1.
    """
    given = {"quantum_call_s": quantum_call_s, "classical_call_s": classical_call_s, "parallel": parallel}
    for name, number in given.items():
        if not number > 0:
            raise QwattError(f"{name} is {number:g}", where=name, mend="give a value above 0")
    if not degree > 1:
        raise QwattError(f"degree is {degree:g}", where="degree", mend="give a value above 1")
    calls = (parallel * quantum_call_s / classical_call_s) ** (1 / (degree - 1))
    return float(quantum_call_s * calls)
