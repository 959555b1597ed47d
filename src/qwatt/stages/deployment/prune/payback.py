"""How many requests it takes until what pruning cost is saved."""

from __future__ import annotations

from qwatt.core.trial import Trial
from qwatt.language.decoder.serving import usual_request


def payback_requests(trial: Trial) -> float | None:
    """Return requests of the catalogue's length; None where it is not known, or where none saves."""
    before, after = trial.extras.get("request_j_before"), trial.extras.get("request_j")
    spent = None if trial.host_energy is None else trial.host_energy.to("J").value
    if before is None or after is None or spent is None or before <= after:
        return None
    return float(spent / (before - after))


def payback_fact(trial: Trial) -> str | None:
    """Say it in words; nothing where no joules of requests are known."""
    if trial.extras.get("request_j_before") is None or trial.extras.get("request_j") is None:
        return None
    requests, usual = payback_requests(trial), usual_request()
    size = f"requests of {usual.read_tokens} read and {usual.written_tokens} written tokens"
    if requests is None:
        return f"measured on this machine, {size} take no less energy than before"
    share = 1.0 - trial.extras["request_j"] / trial.extras["request_j_before"]
    return f"{share:.0%} less energy a request; the pruning is paid back after {requests:,.0f} {size}"
