"""Held-back bits of the model that is trained on a choice: per label, or per character of unlabelled text."""

from __future__ import annotations

import numpy as np

from qwatt.core.problem import Quality
from qwatt.stages.curation.select.downstream import Classifier, equal_texts, text_bits
from qwatt.stages.curation.select.problem import Examples, SelectAnswer, SelectProblem

_HELD_CHARS = 2_000
"""Of each held-back text so many characters are predicted at most."""


def held_back_quality(problem: SelectProblem, answer: SelectAnswer, held: Examples) -> Quality:
    """Train on the choice and return the bits that a held-back label, or character, takes on average."""
    chosen = answer.chosen
    sizes = {"chosen": len(chosen), "pool": len(problem.pool), "held_back": len(held)}
    labels = problem.pool.labels
    if labels is None or held.labels is None:
        texts = [problem.pool.texts[i] for i in chosen]
        training = equal_texts(texts, problem.pool.texts, len(chosen))
        bits, characters = text_bits(training, [text[:_HELD_CHARS] for text in held.texts])
        return Quality(bits / characters, sizes | {"characters_trained_on": sum(map(len, training))})
    vectors = problem.pool.embedding.embed().value[chosen]
    model = Classifier.fit(vectors, labels[chosen], len(problem.classes))
    held_vectors = held.embedding.embed().value
    right = model.probabilities(held_vectors).argmax(axis=1) == held.labels
    counts = np.bincount(labels[chosen], minlength=len(problem.classes)).tolist()
    return Quality(
        float(model.bits(held_vectors, held.labels).mean()),
        sizes
        | {
            "accuracy": float(right.mean()),
            "chosen_by_label": dict(zip(problem.classes, counts, strict=True)),
        },
    )
