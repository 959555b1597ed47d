"""The same trained head, read out in other ways: exact expectation values, and a noisy QPU."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qwatt.core.errors import QwattError
from qwatt.stages.tuning.head.circuits import HeadCircuits
from qwatt.stages.tuning.head.problem import Part

if TYPE_CHECKING:
    from qwatt.stages.tuning.head.model import HeadWeights

NOISY_BACKEND = "noisy:ibm_boston"
NOISY_SENTENCES = 200


def other_readouts(
    circuits: HeadCircuits, weights: HeadWeights, part: Part, shots: int | None
) -> dict[str, Any]:
    """Return accuracy with exact expectation values, and on the first sentences with a QPU's noise.

    Neither is charged to the trial: they are extra rows, not its work.

    Args:
        circuits: the head's circuits.
        weights: trained weights.
        part: sentences to label.
        shots: shots of the noisy readout.
    """
    import torch

    from qwatt.quantum.backends import get_circuit_backend
    from qwatt.stages.tuning.head.model import encode

    with torch.no_grad():
        angles = encode(circuits, weights, torch.from_numpy(part.vectors))
        found: dict[str, Any] = {}
        exact = get_circuit_backend("engine").expval(circuits.module2, angles, weights.module2)[:, 0]
        found["accuracy_exact"] = _accuracy(exact, weights, part)
        few = slice(0, NOISY_SENTENCES)
        try:
            noisy = get_circuit_backend(NOISY_BACKEND)
            z = noisy.expval(circuits.module2, angles[few], weights.module2, shots=shots)[:, 0]
        except QwattError as error:
            return found | {"accuracy_noisy": None, "noisy_reason": str(error)}
    found["accuracy_noisy"] = _accuracy(z, weights, Part(part.vectors[few], part.labels[few]))
    found["accuracy_exact_same_sentences"] = _accuracy(
        exact[few], weights, Part(part.vectors[few], part.labels[few])
    )
    return found | {"noisy_backend": NOISY_BACKEND, "noisy_sentences": len(part.labels[few])}


def _accuracy(z: Any, weights: HeadWeights, part: Part) -> float:
    scores = z * weights.readout[0] + weights.readout[1]
    return float(((scores > 0).cpu().numpy() == part.labels).mean())
