"""Asks qdk's second version in a process of its own: it never answers for a few rare programs.

Such a program keeps native code busy that no exception and no signal handler of Python stops, so that only
ending its process does. Run as a program, this file reads {"counts": ..., "parameters": ...} and writes
{"found": ...} or {"why": ...}; it then imports nothing of this package.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

PATIENCE_S = 20.0
"""Wall seconds; an answer takes some hundredths of one, beside a quarter of one to start."""


class NoAnswerError(Exception):
    """The estimator found nothing, or did not answer in time; the message says which."""


def ask(counts: dict[str, Any], parameters: dict[str, Any]) -> dict[str, Any]:
    """Return the estimate of a program.

    Args:
        counts: what `qdk.estimator.LogicalCounts` takes.
        parameters: of the estimate.

    Raises:
        NoAnswerError: it finds none, it gives no answer within `PATIENCE_S`, or its process broke.
    """
    asked = json.dumps({"counts": counts, "parameters": parameters})
    command = [sys.executable, __file__]
    try:
        done = subprocess.run(
            command, input=asked, capture_output=True, text=True, timeout=PATIENCE_S, check=False
        )
    except subprocess.TimeoutExpired as late:
        raise NoAnswerError(f"no answer within {PATIENCE_S:g} s") from late
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"its process ended with {done.returncode}"]
        raise NoAnswerError(lines[-1])
    answer: dict[str, Any] = json.loads(done.stdout)
    if "why" in answer:
        raise NoAnswerError(answer["why"])
    found: dict[str, Any] = answer["found"]
    return found


def _answered(asked: dict[str, Any]) -> dict[str, Any]:
    import qdk.estimator

    try:
        found = qdk.estimator.LogicalCounts(asked["counts"]).estimate(asked["parameters"])
    except qdk.estimator.EstimatorError as error:
        return {"why": str(error)}
    return {"found": {key: found[key] for key in ("physicalCounts", "logicalQubit")}}


if __name__ == "__main__":
    print(json.dumps(_answered(json.load(sys.stdin))))
