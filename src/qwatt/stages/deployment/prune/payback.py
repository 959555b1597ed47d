"""How many requests it takes until what pruning cost is saved."""

from __future__ import annotations

from qwatt.core.trial import Trial


def payback_requests(trial: Trial) -> float | None:
    """Return requests of the catalogue's length; None where it is not known, or where none saves."""
    before, left = trial.extras.get("request_j_before"), trial.extras.get("request_j_ratio")
    spent = None if trial.host_energy is None else trial.host_energy.to("J").value
    if before is None or left is None or spent is None or left >= 1.0:
        return None
    return float(spent / (before * (1.0 - left)))


def payback_fact(trial: Trial) -> str | None:
    """Say it in words; nothing where no joules of requests are known."""
    left = trial.extras.get("request_j_ratio")
    if trial.extras.get("request_j_before") is None or left is None:
        return None
    requests = payback_requests(trial)
    read, written = trial.extras["request_read_tokens"], trial.extras["request_written_tokens"]
    size = f"requests of {read} read and {written} written tokens"
    if requests is None:
        return f"measured on this machine, {size} take no less energy than before"
    return f"{1.0 - left:.0%} less energy a request; the pruning is paid back after {requests:,.0f} {size}"
