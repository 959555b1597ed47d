"""What a study knows better than the catalogue about the machine it runs on."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from qwatt.core.study import HostEntry


@contextmanager
def stated_power(host: HostEntry) -> Iterator[None]:
    """Let every meter that is made meanwhile charge a busy vCPU with the study's watts.

    The study's own statement goes before the environment variable that the meter reads.
    """
    if host.w_per_vcpu is None:
        yield
        return
    from qwatt.energy.meter.host_power import OVERRIDE

    before = os.environ.get(OVERRIDE)
    os.environ[OVERRIDE] = ",".join(f"{watts:.17g}" for watts in host.w_per_vcpu.interval_w)
    try:
        yield
    finally:
        if before is None:
            del os.environ[OVERRIDE]
        else:
            os.environ[OVERRIDE] = before
