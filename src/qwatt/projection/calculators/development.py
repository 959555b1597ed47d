"""Development: the runs before the final one (ablations, searches, failures), as a multiple or one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from qwatt.core.errors import QwattError
from qwatt.core.quantity import Basis
from qwatt.projection import check
from qwatt.projection.calculators import facility
from qwatt.projection.calculators.estimate import Estimate, unique
from qwatt.projection.calculators.fields import AcceleratorName, Multiple
from qwatt.projection.calculators.site import SiteInput
from qwatt.projection.calculators.training import TrainingInput, estimate_training, training_flop
from qwatt.projection.calculators.work import scaled, small_job, summed
from qwatt.projection.catalogued.accelerators import accelerator
from qwatt.projection.catalogued.find import constant
from qwatt.projection.spread import Span

NEVER_BY_SIZE = "never scale a proxy search by the final model's size (an estimate of 284 t was 88x too high)"
Proxies = Sequence[tuple[float, float, int]]
"""Proxy runs: parameters, tokens, how many of them."""


@dataclass(frozen=True, kw_only=True)
class DevelopmentInput(SiteInput):
    """The effort before a final run: a multiple of it, or proxy runs one by one."""

    final: TrainingInput | None = None
    multiple: Annotated[Multiple | None, "Development over final run; else the catalogue's."] = None
    trials: Proxies = ()
    accelerator: AcceleratorName | None = None
    """Where the proxy runs run."""

    def check_together(self) -> None:
        """Refuse neither or both of the routes, and proxy runs that are out of range."""
        if (self.final is None) == (not self.trials):
            raise QwattError(
                "development needs a final run or a list of trials, not both",
                where="development",
                mend="give one",
            )
        if self.trials and self.accelerator is None:
            mend = "say where the proxy runs run; `qwatt list accelerators` names the choices"
            raise QwattError("accelerator is missing", where="accelerator", mend=mend)
        for params, tokens, count in self.trials:
            check.params("trials.params", params)
            check.number("trials.tokens", tokens, 0, 1e18)
            check.whole("trials.count", count)


def estimate_development(effort: DevelopmentInput) -> Estimate:
    """Estimate the runs before the final one: a multiple of the final run, or proxy runs one by one.

    Returns:
        The costs of `qwatt.projection.calculators.work.COSTS`.
    """
    if effort.final is None:
        return _of_trials(effort)
    entry, final = constant("development", "multiple"), estimate_training(effort.final)
    m = Span.of(entry, "1") if effort.multiple is None else Span.given(effort.multiple)
    return Estimate(
        name="development",
        quantities=scaled(final.quantities, m, Basis.MODELLED),
        formula="E_development = m * E_final",
        symbols={"m": f"development over final run: {m}"} | dict(final.symbols),
        sources=unique(entry["source"], *final.sources),
        notes=(NEVER_BY_SIZE,),
    )


def _of_trials(effort: DevelopmentInput) -> Estimate:
    assert effort.accelerator is not None
    chip, place = accelerator(effort.accelerator), effort.place()
    costs = [
        small_job(count * training_flop(params, tokens), params, chip, place)
        for params, tokens, count in effort.trials
    ]
    return Estimate(
        name="development",
        quantities=summed(costs),
        formula=f"E_device = sum of 6 * N_i * D_i / (peak * MFU * small_job) * P; {facility.FORMULA}",
        symbols={
            "N_i, D_i": f"parameters and tokens of each of {sum(trial[2] for trial in effort.trials)} trials",
            "small_job": "utilisation of proxy runs relative to tuned pre-training",
            **place.symbols(chip),
        },
        sources=unique("arXiv:2001.08361", *chip.sources, *place.grid.sources),
        notes=(NEVER_BY_SIZE,),
    )
