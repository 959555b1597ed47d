"""What is said first of a tokenizer: how short it writes, and what learning and writing cost."""

from __future__ import annotations

from typing import Any

from qwatt.core.headline import Headline
from qwatt.core.quantity import Quantity
from qwatt.core.trial import Trial
from qwatt.stages.encoding.tokenise.method import ENCODE, TRAIN

_MB = 1e6
_EXTRAS = ("vocabulary", "characters_per_token", "bits_per_byte")


def joules_per_mb(trial: Trial, phase: str) -> Quantity:
    """Return the energy of learning or writing by the bytes that it went over, in J per 10^6 bytes."""
    size = trial.extras.get({TRAIN: "trained_bytes", ENCODE: "encoded_bytes"}[phase])
    if phase not in trial.phases or not size:
        return Quantity.unknown(f"no phase {phase!r} was measured")
    return trial.phases[phase].energy.scaled(_MB / size)


def summary(trial: Trial) -> dict[str, Any]:
    """Return the vocabulary, how much of the text a token holds, and J/MB."""
    found = {name: trial.extras[name] for name in _EXTRAS if name in trial.extras}
    energies = {phase: joules_per_mb(trial, phase) for phase in (TRAIN, ENCODE)}
    return found | {f"{phase}_j_per_mb": energy.value for phase, energy in energies.items()}


def headline(trial: Trial, artifact: str | None) -> Headline:
    """Say the bits per character of held-back text, then the joules per megabyte."""
    found = trial.extras
    facts = [
        f"{trial.quality:.3f} bits per character on held-back text under a bigram model, "
        f"{found['characters_per_token']:.2f} characters per token, {found['vocabulary']:,} entries"
    ]
    energies = [(phase, joules_per_mb(trial, phase)) for phase in (TRAIN, ENCODE)]
    if all(energy.known for _, energy in energies):
        facts.append(", ".join(f"{phase} {energy.value:.3g} J per MB" for phase, energy in energies))
    facts.append("no quantum method is known for this task")
    if artifact is not None:
        facts.append(f'load it with tokenizers.Tokenizer.from_file("{artifact}")')
    return Headline(tuple(facts))
