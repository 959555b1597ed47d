"""How often each verdict was given, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from qwatt.projection.verdicts.rules import WORDS


def counted(verdicts: Sequence[str]) -> str:
    """Write how often each word was given: "2 watch, 5 do not"; "all 7: do not" where there is one."""
    counts = Counter(verdicts)
    if len(counts) == 1 and len(verdicts) > 1:
        return f"all {len(verdicts)}: {verdicts[0]}"
    order = [*WORDS, *sorted(set(counts) - set(WORDS))]
    return ", ".join(f"{counts[word]} {word}" for word in order if counts[word])


def counted_of(entries: Sequence[Mapping[str, Any]]) -> str:
    """Write how often each word was given to an enhancement; what has no quantum method is none."""
    return counted([entry["verdict"] for entry in entries if entry["kind"] != "none"])
