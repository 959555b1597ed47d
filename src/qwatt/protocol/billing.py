"""What a study costs at a remote provider: before it runs, and a budget that it keeps while it does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from qwatt.core.errors import BudgetError, QwattError
from qwatt.core.registry import get_backend
from qwatt.core.study import Study
from qwatt.core.trial import TrialSpec
from qwatt.quantum.backends.spec import read_spec
from qwatt.quantum.remote.offered import OPTION, offered_price

if TYPE_CHECKING:
    from qwatt.quantum.remote.provider import Price

REMOTE = "pennylane:remote."


def is_remote(backend: str) -> bool:
    """Return whether qwatt itself submits a backend's circuits as jobs that cost money."""
    return backend.startswith(REMOTE)


def is_billed(backend: str) -> bool:
    """Return whether what a backend's circuits cost is known before they are submitted."""
    return is_remote(backend) or _offer_of(backend) is not None


def _offer_of(backend: str) -> str | None:
    """Return the offer by which another's plugin buys its jobs, as the backend's options say."""
    name, _, argument = backend.partition(":")
    return read_spec(argument, None, name)[1].get(OPTION) if name == "pennylane" else None


def check_backend(backend: str, budget_usd: float | None) -> None:
    """Refuse a budget that could not be kept.

    Raises:
        QwattError: nothing is submitted, or what a job costs is not known before.
    """
    if budget_usd is None:
        return
    if not is_billed(backend):
        raise QwattError(
            f"no budget can be kept on {backend}: what its jobs cost is not known before they are submitted",
            where="--budget",
            mend="name the offer they are bought by, 'pennylane:DEVICE?price=braket.iqm_garnet', take "
            "'pennylane:remote.http?url=...', or leave --budget away",
        )
    if (offer := _offer_of(backend)) is not None:
        offered_price(offer)


@dataclass(frozen=True)
class Bill:
    """What a method's trials would cost.

    Args:
        task: the task's name.
        method: the method's name.
        trials: those that are not done.
        circuits: jobs of all of them.
        shots: of all jobs.
        usd: of all jobs.
    """

    task: str
    method: str
    trials: int
    circuits: int
    shots: int
    usd: float


def planned_bills(study: Study, todo: Sequence[TrialSpec], price: Price) -> list[Bill]:
    """Return what every method with circuits would cost, as its plan says; submits nothing.

    Args:
        study: the study.
        todo: its trials that are not done.
        price: of a job.
    """
    from qwatt.protocol.plan import plan_study

    left = Counter((spec.task, spec.method, spec.shots) for spec in todo)
    bills = []
    for row in plan_study(study):
        trials = min(row.seeds, left[row.task, row.method, row.shots])
        lines = row.demand.circuit_lines
        if trials and lines:
            usd = sum(price.quote(line.shots, line.circuits) for line in lines)
            jobs = sum(line.circuits for line in lines)
            shots = sum(line.circuits * line.shots for line in lines)
            bills.append(Bill(row.task, row.method, trials, trials * jobs, trials * shots, trials * usd))
    return bills


def price_of(backend: str) -> Price:
    """Return what jobs cost: as the offer says, or as the backend's provider answers."""
    if (offer := _offer_of(backend)) is not None:
        return offered_price(offer)
    from qwatt.quantum.remote.dispatch import Dispatch
    from qwatt.quantum.remote.http import HttpProvider
    from qwatt.quantum.remote.ledger import Ledger

    options = getattr(get_backend(backend), "options", {})
    return Dispatch(HttpProvider(options.get("url", "")), Ledger(None)).price()


@dataclass(frozen=True)
class Book:
    """Where a run's remote jobs are written down.

    Args:
        folder: the run's.
        budget_usd: what they may cost together; None for no limit.
        partial: whether to begin although the plan costs more.
    """

    folder: Path
    budget_usd: float | None
    partial: bool = False

    @contextmanager
    def opened(self, trial: str) -> Iterator[None]:
        """Write down what is submitted meanwhile as a trial's."""
        from qwatt.quantum.remote.ledger import Ledger
        from qwatt.quantum.remote.session import booked

        with booked(Ledger(self.folder, self.budget_usd), trial):
            yield

    def check(self, study: Study, todo: Sequence[TrialSpec]) -> None:
        """Refuse a study whose plan costs more than what is left of the budget.

        A plan counts what a quantum computer would be asked for, training included; methods that train on the
        simulator submit less.

        Raises:
            BudgetError: nothing was submitted.
        """
        if self.budget_usd is None or self.partial:
            return
        planned = sum(bill.usd for bill in planned_bills(study, todo, price_of(study.backend)))
        before = self._spent_on_others(study.backend, todo)
        if planned + before > self.budget_usd:
            raise BudgetError(
                f"the plan costs {planned:.6g} USD, and {before:.6g} USD are spent already: more than the "
                f"budget of {self.budget_usd:g} USD; nothing was submitted",
                where="--budget",
                mend="--dry-run shows each method; --partial begins all the same and stops at the budget",
            )

    def _spent_on_others(self, backend: str, todo: Sequence[TrialSpec]) -> float:
        """Return what is spent on other jobs than those that will be asked for; begins no book."""
        from qwatt.quantum.remote.ledger import FILE, Ledger

        if not (self.folder / FILE).exists():
            return 0.0
        ledger = Ledger(self.folder)
        paid = {spec.id for spec in todo} if is_remote(backend) else set()  # its jobs are not paid again
        return ledger.usd - ledger.usd_of(paid)
