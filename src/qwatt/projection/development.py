"""Development: the runs before the final one (ablations, searches, failures), as a multiple or one by one."""

from __future__ import annotations

from collections.abc import Sequence

from qwatt.core.errors import QwattError
from qwatt.core.quantity import Basis
from qwatt.projection import chain, check
from qwatt.projection.accelerators import accelerator
from qwatt.projection.catalogued import constant
from qwatt.projection.chain import Site
from qwatt.projection.estimate import Estimate, Quantities, unique
from qwatt.projection.spread import Span
from qwatt.projection.training import training_flop
from qwatt.projection.work import scaled, small_job, summed

FORMULA = (
    "E_development = m * E_final, or the sum over trials of 6 * N_i * D_i / (peak * MFU * small_job) * P"
)


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
        The costs of `qwatt.projection.work.COSTS`.

    Raises:
        QwattError: neither or both of the routes, an unknown accelerator, or a number out of range.
    """
    if (final is None) == (not trials):
        raise QwattError(
            "development needs a final run or a list of trials, not both",
            where="development",
            mend="give one",
        )
    entry = constant("development", "multiple")
    m = Span.of(entry, "1") if multiple is None else check.span("multiple", multiple, 0, 1000)
    if final is not None:
        costs: Quantities = scaled(final.quantities, m, Basis.MODELLED)
        sources = unique(entry["source"], *final.sources)
    else:
        chip, where = accelerator(accelerator_name), place or chain.site()
        costs = summed(
            small_job(
                check.whole("trials.count", count)
                * training_flop(check.params("trials.params", params), check.tokens("trials.tokens", tokens)),
                params,
                chip,
                where,
            )
            for params, tokens, count in trials
        )
        sources = unique("arXiv:2001.08361", *chip.sources, *where.grid.sources)
    return Estimate(
        name="development",
        quantities=costs,
        formula=FORMULA,
        symbols={
            "m": f"development over final run: {m.value:g} [{m.low:g}, {m.high:g}]",
            "N_i, D_i": "parameters and tokens of a trial",
            **chain.SYMBOLS,
        },
        sources=sources,
        notes=(
            "never scale a proxy search by the final model's size (an estimate of 284 t was 88x too high)",
        ),
    )
