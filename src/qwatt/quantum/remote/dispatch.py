"""Submits programs and waits for their results, whatever the network and the provider do meanwhile."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TypeVar

from qwatt.core.errors import QwattError
from qwatt.core.progress import tell
from qwatt.quantum.remote.ledger import Ledger
from qwatt.quantum.remote.program import Program
from qwatt.quantum.remote.provider import Busy, JobFailedError, Price, Provider

T = TypeVar("T")

FIRST_WAIT_S, LONGEST_WAIT_S, PATIENCE_S = 0.1, 30.0, 900.0
"""Between two questions, doubling; and without any answer until we give up for now."""


@dataclass
class Dispatch:
    """Runs programs at a provider.

    A program's key is made of the run, the trial, the program and how often the trial has sent it before, so
    that a trial that is repeated after a kill asks for the jobs that it has paid already.

    Args:
        provider: runs the programs.
        ledger: the run's book of jobs.
        trial: id of the trial that runs them.
        sent: how often the trial has sent each program, by digest, through this and other devices.
        sleep: waits so many seconds.
    """

    provider: Provider
    ledger: Ledger
    trial: str = ""
    sent: Counter[str] = field(default_factory=Counter)
    sleep: Callable[[float], None] = time.sleep
    _price: Price | None = None

    def run(self, programs: Sequence[Program]) -> list[Mapping[str, int]]:
        """Return the counts of every program, in order.

        Raises:
            BudgetError: the next job would exceed the budget.
            QwattError: the provider refuses, fails, or does not answer for a long time.
        """
        keys = [self._key(program) for program in programs]
        for number, (key, program) in enumerate(zip(keys, programs, strict=True)):
            self._begin(key, program)
            tell(number + 1, len(programs), "jobs submitted")
        for number, (key, program) in enumerate(zip(keys, programs, strict=True)):
            self._finish(key, program)
            tell(number + 1, len(programs), "jobs done")
        return [self.ledger.entries[key].counts or {} for key in keys]

    def price(self) -> Price:
        """Return what jobs cost, as the provider said when first asked."""
        if self._price is None:
            self._price = self._ask(self.provider.price)
        return self._price

    def _key(self, program: Program) -> str:
        number = self.sent[program.digest]
        self.sent[program.digest] += 1
        text = f"{self.ledger.token}/{self.trial}/{program.digest}/{number}"
        return sha256(text.encode()).hexdigest()[:32]

    def _begin(self, key: str, program: Program) -> None:
        """Submit a program that has no job yet; the id is on disk before anything else happens."""
        known = self.ledger.entries.get(key)
        if known is not None and (known.counts is not None or known.job is not None):
            return
        entry = self.ledger.reserve(key, self.price().quote(program.shots), self.trial)
        attempt = f"{key}-{entry.failures}"
        self.ledger.accept(key, self._ask(lambda: self.provider.submit(program, attempt)))

    def _finish(self, key: str, program: Program) -> None:
        entry = self.ledger.entries[key]
        if entry.counts is not None:
            return
        job, wait_s = str(entry.job), FIRST_WAIT_S
        while (answer := self._ask(lambda: self.provider.poll(job))) is None:
            self.sleep(wait_s)
            wait_s = min(2 * wait_s, LONGEST_WAIT_S)
        if answer.error is not None:
            self.ledger.fail(key, answer.usd, answer.error)
            what = f"the provider could not run job {job}: {answer.error}"
            raise JobFailedError(what, mend="run the same command again to submit it anew")
        if not _fits(answer.counts, program):
            what = f"the counts of job {job} are not up to {program.shots} of {program.qubits} bits"
            raise QwattError(what, mend="ask the provider; the job is written down, and asked for again")
        self.ledger.finish(key, answer.usd, answer.counts)

    def _ask(self, question: Callable[[], T]) -> T:
        """Ask until there is an answer, ever more rarely, and as the provider wishes where it says so."""
        wait_s, waited_s = FIRST_WAIT_S, 0.0
        while True:
            try:
                return question()
            except Busy as busy:
                pause_s = wait_s if busy.wait_s is None else busy.wait_s
                if waited_s + pause_s > PATIENCE_S:
                    raise QwattError(
                        f"the provider has not answered for {waited_s:.0f} s: {busy}",
                        mend="run the same command later; submitted jobs are written down and not paid again",
                    ) from busy
                self.sleep(pause_s)
                waited_s += pause_s
                wait_s = min(2 * wait_s, LONGEST_WAIT_S)


def _fits(counts: Mapping[str, int], program: Program) -> bool:
    """Return whether counts are of a program: bit strings of all its qubits, as often as it ran at most."""
    whole = all(len(bits) == program.qubits and set(bits) <= {"0", "1"} for bits in counts)
    return whole and 0 < sum(counts.values()) <= program.shots
