"""Money on the command line: `--budget 50usd`, and what `--dry-run` says."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from qwatt.cli.output import print_json, print_table, say
from qwatt.core.errors import QwattError


def read_budget(text: str | None) -> float | None:
    """Read US dollars, with or without the word.

    Raises:
        QwattError: no amount of dollars.
    """
    if text is None:
        return None
    found = re.fullmatch(r"\s*([0-9.]+(?:e[+-]?[0-9]+)?)\s*(?:usd|\$)?\s*", text, re.IGNORECASE)
    try:
        usd = float(found[1]) if found else math.nan
    except ValueError:
        usd = math.nan
    if not math.isfinite(usd):
        raise QwattError(f"{text!r} is no amount of US dollars", where="--budget", mend="write it as 50usd")
    return usd


def show_bills(target: str, options: Mapping[str, Any], budget_usd: float | None, as_json: bool) -> None:
    """Say what a study would cost at its remote provider; runs and submits nothing."""
    from qwatt.api.asked import asked_study
    from qwatt.protocol.billing import check_backend, is_billed, planned_bills, price_of

    study, _, _ = asked_study(target, options)
    check_backend(study.backend, budget_usd)
    bills = planned_bills(study, study.trials(), price_of(study.backend)) if is_billed(study.backend) else []
    total = sum(bill.usd for bill in bills)
    if as_json:
        found = {"backend": study.backend, "usd": total, "budget_usd": budget_usd}
        print_json(found | {"bills": [asdict(bill) for bill in bills]})
        return
    rows = [
        (b.task, b.method, f"{b.trials:,}", f"{b.circuits:,}", f"{b.shots:,}", f"{b.usd:,.2f}") for b in bills
    ]
    if rows:
        print_table("Jobs by the plan", ("task", "method", "trials", "jobs", "shots", "USD"), rows)
    say(f"{study.backend}: {total:,.2f} USD by the plan; nothing was run or submitted")
    if budget_usd is not None:
        say(f"{'within' if total <= budget_usd else 'more than'} the budget of {budget_usd:,.2f} USD")
