"""What is said first of a deduplicated corpus: what went, how far to trust it, and removals to look at."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from qwatt.core.headline import Headline, SideBySide, counted, share
from qwatt.core.trial import Trial


def summary(trial: Trial) -> dict[str, Any]:
    """Return what `qwatt run --json` says; what a record of an earlier version does not hold is None."""
    names = ("documents_in", "documents_kept", "removed_by_kind", "precision", "recall")
    facts = {name: trial.extras.get(name) for name in names}
    asked = trial.notes.get("precision_asked")
    return facts | {"precision_asked": asked, "precision_reached": reached(trial)}


def reached(trial: Trial) -> bool | None:
    """Return whether held-back planted duplicates confirm the precision; None where none was asked for."""
    precision, asked = trial.extras.get("precision"), trial.notes.get("precision_asked")
    return None if precision is None or asked is None else bool(precision >= asked)


def headline(trial: Trial, artifact: str | None, most: int | None) -> Headline:
    """Say how many documents went and why, how right that was, and where the corpus is.

    Args:
        trial: a finished one.
        artifact: the written corpus, if any.
        most: documents that the trial's size draws; None takes all.
    """
    found = summary(trial)
    if found["documents_in"] is None:  # a record of an earlier version
        return Headline((f"{trial.metric.replace('_', ' ')} {trial.quality:.4g}",))
    facts = [f"{_counts(found)}, {_quality(trial, found)}"]
    if artifact is not None:
        facts.append(f"kept documents, in the order of the source: {artifact}")
        facts.append("what was removed, for which document and why: dropped.jsonl beside it")
    if found["documents_in"] == most:
        facts.append(f"size {trial.spec.size} draws {most:,} documents at most; add --size full to take all")
    if unknown := trial.extras.get("removals_not_judged"):
        removals = counted(unknown, "removal")
        facts.append(
            f"precision leaves out {removals} of documents much alike that nobody labelled: look at them"
        )
    if capped := int(trial.notes.get("buckets_capped", 0)):
        facts.append(_not_compared(capped))
    warnings = (_missed(trial, found),) if found["precision_reached"] is False else ()
    examples = tuple(map(_example, trial.extras.get("examples", ())))
    return Headline(tuple(facts), warnings, examples, "the removals of least similarity", ("kept", "removed"))


def _counts(found: Mapping[str, Any]) -> str:
    kinds = found["removed_by_kind"]
    removed = found["documents_in"] - found["documents_kept"]
    why = ", ".join(f"{number:,} {kind}" for kind, number in sorted(kinds.items(), key=lambda k: -k[1]))
    text = f"{counted(found['documents_in'], 'document')} in, {found['documents_kept']:,} kept, "
    return f"{text}{removed:,} removed" + (f" ({why})" if why else "")


def _quality(trial: Trial, found: Mapping[str, Any]) -> str:
    """Say precision and recall; one that was missed is never rounded up to what was asked for."""
    missed = found["precision_reached"] is False
    precision = share(found["precision"], (0.0, 1.0, found["precision_asked"]) if missed else (0.0, 1.0))
    held_back = trial.extras.get("duplicates_held_back")
    count = "" if held_back is None else f" ({held_back:,} held back)"
    return f"precision {precision}, recall {share(found['recall'])} on planted duplicates{count}"


def _not_compared(buckets: int) -> str:
    groups = counted(buckets, "crowded group")
    return f"in {groups} of documents much alike not every pair was compared: some duplicates may be left"


def _missed(trial: Trial, found: Mapping[str, Any]) -> str:
    """Say that the precision is too low, and how it would be reached or given up."""
    precision, asked = found["precision"], found["precision_asked"]
    mends = []
    if (threshold := trial.settings.get("threshold")) is not None:
        mends.append(f"be stricter with --set threshold={(1 + threshold) / 2:.2g}")
    mends.append(f"accept it with --set precision={math.floor(100 * precision) / 100:g}")
    share_found = share(precision, (0.0, 1.0, asked))
    what = f"precision {share_found} on held-back planted duplicates, below the {asked:g} asked for"
    return f"{what}: {', or '.join(mends)}"


def _example(pair: Mapping[str, Any]) -> SideBySide:
    likeness = pair["similarity"]
    caption = "not compared" if likeness is None else f"similarity {share(likeness)}"
    return SideBySide(caption, (pair["kept"], pair["kept_text"]), (pair["removed"], pair["removed_text"]))
