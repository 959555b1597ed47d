"""What a choice is worth to a language model that is trained on its texts."""

from __future__ import annotations

from typing import Any

from qwatt.language.decoder.downstream import downstream_loss
from qwatt.stages.curation.select.downstream import equal_texts
from qwatt.stages.curation.select.problem import SelectAnswer, SelectProblem

_PASSES = 4
"""Times that the choice is gone over; up to so many teach about as much as new text (arXiv:2305.16264)."""
_MOST_HELD_CHARS = 100_000


def worth(problem: SelectProblem, answer: SelectAnswer, decoder: str) -> dict[str, Any]:
    """Return the loss of a decoder trained on the chosen texts, each choice with as many characters."""
    pool = problem.pool.texts
    chosen = equal_texts([pool[i] for i in answer.chosen], pool, len(answer.chosen))
    room = sum(map(len, equal_texts(pool, pool, len(answer.chosen))))
    held: list[str] = []
    for text in problem.test.texts:
        held.append(text[: _MOST_HELD_CHARS - sum(map(len, held))])
    return downstream_loss(
        chosen, [text for text in held if text], pool, decoder, _PASSES * room, problem.seed
    )
