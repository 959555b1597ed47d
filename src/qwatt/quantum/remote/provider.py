"""What a provider must be able to do, and how it says that it cannot now, or will not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from qwatt.core.errors import QwattError
from qwatt.quantum.remote.program import Program


class Busy(Exception):
    """The provider cannot answer now, or its answer was lost; whether it took the job is unknown.

    Args:
        why: what happened.
        wait_s: seconds to wait, where the provider says so.
    """

    def __init__(self, why: str, wait_s: float | None = None) -> None:
        super().__init__(why)
        self.wait_s = wait_s


class JobFailedError(QwattError):
    """The provider took the job and could not run it."""


@dataclass(frozen=True)
class Price:
    """What a job costs at most, in US dollars."""

    usd_per_job: float
    usd_per_shot: float

    def quote(self, shots: int, circuits: int = 1) -> float:
        """Return the dollars of circuits with so many shots each."""
        return circuits * (self.usd_per_job + shots * self.usd_per_shot)


@dataclass(frozen=True)
class Answer:
    """A job that ended.

    Args:
        counts: how often each bit string was measured, wire 0 first; empty where it failed.
        usd: what was billed.
        error: why it failed, or None.
    """

    counts: Mapping[str, int]
    usd: float
    error: str | None = None


class Provider(Protocol):
    """Runs programs. Every method may raise `Busy`, and QwattError where it refuses for good."""

    def price(self) -> Price:
        """Return what jobs cost."""
        ...

    def submit(self, program: Program, key: str) -> str:
        """Begin a job and return its id; the same key gives the same job, which is billed once."""
        ...

    def poll(self, job: str) -> Answer | None:
        """Return the answer, or None while there is none."""
        ...
