"""Energy of an inner product as a function of how often an encoded vector is used.

A measurement destroys a prepared state, so that every shot of every inner product loads both vectors anew:
what is used again is the classical description, the angles of the circuit, which had to be found once.
"""

from __future__ import annotations

from typing import Any

from qwatt.core.ring import Ring
from qwatt.core.trial import Trial

USES = (1, 10, 100, 1_000, 10_000, 100_000)


def energy_by_uses(trial: Trial) -> dict[str, Any] | None:
    """Return joules of one inner product by number of uses of a vector; None where an energy is unknown.

    On this machine with the circuits simulated, and on the cheapest QPU that can run them: encoding one
    vector, measured, divided by the uses, plus one answer. A table that a QPU looked up once is in the
    encoding, as many settings as were tried apart.

    Args:
        trial: a finished trial of this task.
    """
    vectors, answer = trial.extras.get("vectors"), trial.extras.get("j_per_prediction")
    loading = [phase.energy.value for phase in trial.phases.values() if phase.ring is Ring.LOADING]
    if not vectors or answer is None or None in loading:
        return None
    encoding = sum(value for value in loading if value is not None) / vectors
    found: dict[str, Any] = {"host": {str(uses): encoding / uses + answer for uses in USES}}
    on_qpu = trial.extras.get("qpu_j_per_prediction")
    if on_qpu is not None:
        found |= {"qpu": {str(uses): encoding / uses + on_qpu for uses in USES}}
        found |= {"qpu_name": trial.extras["qpu_of_predictions"]}
    elif reading := _cheapest(trial):
        name, joules = reading
        once = encoding + joules / max(len(trial.tuning), 1) / vectors
        found |= {"qpu": {str(uses): once / uses + answer for uses in USES}, "qpu_name": name}
    return found


def _cheapest(trial: Trial) -> tuple[str, float] | None:
    """Return the QPU that can run the trial's circuits for the fewest joules, and these."""
    costs = {
        name: float(record["energy_j"]["value"])
        for name, record in trial.qpu.items()
        if record["executable"] and record["energy_j"]["value"] is not None
    }
    return min(costs.items(), key=lambda item: item[1], default=None)
