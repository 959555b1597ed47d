"""Which trials a study runs next: those that run in any case, then further seeds where undecided."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from qwatt.core.fixed import Fixed
from qwatt.core.pairing import undecided
from qwatt.core.registry import get_task
from qwatt.core.study import Study
from qwatt.core.trial import Trial, TrialSpec

Row = tuple[str, int | None, Fixed]
"""What a row of a comparison is about: method, shots, fixed settings."""


def batches(study: Study, ended: Mapping[str, Trial]) -> Iterator[list[TrialSpec]]:
    """Yield the trials to look at next; the caller runs those that are missing before it asks for more.

    A further seed is run by the methods whose quality is undecided, and by their reference. A method that
    failed at the seed before runs no more, until another call tries that one again. What is yielded depends
    only on what was yielded before, not on what else a folder holds, so that a run that was killed goes on as
    it would have.

    Args:
        study: its tasks are taken one after the other.
        ended: finished and failed trials by id; the caller adds to it.
    """
    for first, *further in study.rounds():
        yield first
        seen = list(first)
        failed: set[Row] = set()
        for seed in further:
            trials = [ended[spec.id] for spec in seen if spec.id in ended]
            wanted = {_row(spec) for spec in undecided(get_task(first[0].task), trials)} - failed
            batch = [spec for spec in seed if _row(spec) in wanted]
            if len(batch) < 2:  # nobody, or one without whom to compare with
                break
            yield batch
            seen += batch
            failed |= {_row(spec) for spec in batch if spec.id in ended and not ended[spec.id].done}


def _row(spec: TrialSpec) -> Row:
    return spec.method, spec.shots, spec.fixed
