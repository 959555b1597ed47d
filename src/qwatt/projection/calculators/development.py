"""Development: the runs before the final one (ablations, searches, failures), as a multiple or one by one."""

from __future__ import annotations

from collections.abc import Sequence

from qwatt.core.errors import QwattError
from qwatt.core.quantity import Basis
from qwatt.projection.calculators import chain, check
from qwatt.projection.calculators.chain import Site
from qwatt.projection.calculators.estimate import Estimate, unique
from qwatt.projection.calculators.training import training_flop
from qwatt.projection.calculators.work import scaled, small_job, summed
from qwatt.projection.catalogued.accelerators import accelerator
from qwatt.projection.catalogued.find import constant
from qwatt.projection.spread import Span

NEVER_BY_SIZE = "never scale a proxy search by the final model's size (an estimate of 284 t was 88x too high)"


def estimate_development(
    final: Estimate | None = None,
    *,
    multiple: check.Given | None = None,
    trials: Sequence[tuple[float, float, int]] = (),
    accelerator_name: str = "h100",
    place: Site | None = None,
) -> Estimate:
    """Estimate the effort before the final run.

    Args:
        final: the final run's estimate; its costs are multiplied.
        multiple: development over final run; the catalogue's 0.5 to 5 when None.
        trials: (parameters, tokens, how many) of proxy runs; replaces the multiple.
        accelerator_name: where the trials run.
        place: PUE, grid and prices of the trials.

    Returns:
        The costs of `qwatt.projection.calculators.work.COSTS`.

    Raises:
        QwattError: neither or both of the routes, an unknown accelerator, or a number out of range.
    """
    if (final is None) == (not trials):
        raise QwattError(
            "development needs a final run or a list of trials, not both",
            where="development",
            mend="give one",
        )
    if final is None:
        return _of_trials(trials, accelerator_name, place or chain.site())
    entry = constant("development", "multiple")
    m = Span.of(entry, "1") if multiple is None else check.span("multiple", multiple, 0, 1000)
    return Estimate(
        name="development",
        quantities=scaled(final.quantities, m, Basis.MODELLED),
        formula="E_development = m * E_final",
        symbols={"m": f"development over final run: {m}"} | dict(final.symbols),
        sources=unique(entry["source"], *final.sources),
        notes=(NEVER_BY_SIZE,),
    )


def _of_trials(trials: Sequence[tuple[float, float, int]], accelerator_name: str, place: Site) -> Estimate:
    chip = accelerator(accelerator_name)
    costs = []
    for params, tokens, count in trials:
        each = training_flop(check.params("trials.params", params), check.tokens("trials.tokens", tokens))
        costs.append(small_job(check.whole("trials.count", count) * each, params, chip, place))
    return Estimate(
        name="development",
        quantities=summed(costs),
        formula=f"E_device = sum of 6 * N_i * D_i / (peak * MFU * small_job) * P; {chain.FORMULA}",
        symbols={
            "N_i, D_i": f"parameters and tokens of each of {sum(trial[2] for trial in trials)} trials",
            "small_job": "utilisation of proxy runs relative to tuned pre-training",
            **chain.symbols(place, place.k_node or chip.k_node),
        },
        sources=unique("arXiv:2001.08361", *chip.sources, *place.grid.sources),
        notes=(NEVER_BY_SIZE,),
    )
