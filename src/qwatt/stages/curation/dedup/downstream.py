"""What a keep-set is worth to a language model that is trained on it."""

from __future__ import annotations

from typing import Any

import numpy as np

from qwatt.language.decoder.downstream import downstream_loss
from qwatt.stages.curation.dedup.problem import DedupAnswer, DedupProblem

_HELD_SHARE = 0.05
_MOST_HELD = 400


def worth(problem: DedupProblem, answer: DedupAnswer, decoder: str) -> dict[str, Any]:
    """Return the loss of a decoder trained on what was kept, on documents of which no copy was trained on.

    Whole clusters are held back, the same for every answer; their originals judge. The budget is one pass
    over the corpus with its duplicates: what they take of it is what deduplication saves.
    """
    rng = np.random.default_rng([problem.seed, 9])
    originals = np.flatnonzero(problem.parents < 0)
    count = min(_MOST_HELD, max(1, round(_HELD_SHARE * len(originals))))
    held = np.sort(rng.permutation(originals)[:count])
    apart = np.isin(problem.clusters, problem.clusters[held])
    return downstream_loss(
        [problem.texts[i] for i in answer.keep if not apart[i]],
        [problem.texts[i] for i in held],
        [text for text, out in zip(problem.texts, apart, strict=True) if not out],
        decoder,
        sum(len(text) for text, out in zip(problem.texts, apart, strict=True) if not out),
        problem.seed,
    )
