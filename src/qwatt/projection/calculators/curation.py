"""Curation of a corpus: fuzzy deduplication by MinHash and filtering with a small classifier."""

from __future__ import annotations

from qwatt.projection.calculators import chain, check
from qwatt.projection.calculators.chain import Site
from qwatt.projection.calculators.estimate import Estimate, Quantities, unique
from qwatt.projection.calculators.training import accelerator_hours, consequences, training_flop
from qwatt.projection.calculators.work import on_cpu, summed
from qwatt.projection.catalogued.accelerators import accelerator
from qwatt.projection.catalogued.find import constant
from qwatt.projection.spread import Span

FORMULA = (
    "core_hours = D * c * (1 - s + s * hashes / hashes_0); E_node = core_hours * W_core; "
    "GPU_hours = 2 * N_clf * D / (peak * util) / 3600; E_device = GPU_hours * P; " + chain.FORMULA
)


def estimate_curation(
    tokens: float,
    accelerator_name: str = "h100",
    *,
    hashes: int | None = None,
    classifier_params: float | None = None,
    passes: float = 1.0,
    on_gpu: bool = False,
    place: Site | None = None,
) -> Estimate:
    """Estimate deduplication and model-based filtering of a raw corpus.

    Args:
        tokens: tokens of the raw corpus, before removal.
        accelerator_name: where the classifier (and deduplication with `on_gpu`) runs.
        hashes: MinHash permutations; the cost of the catalogue's comparison scales with them.
        classifier_params: parameters of the quality classifier; 0 for none.
        passes: how often the corpus is processed, for repeated recipes.
        on_gpu: deduplicate on accelerators instead of CPUs.
        place: PUE, grid and prices.

    Returns:
        The costs of `qwatt.projection.calculators.work.COSTS`. What
        deduplication saves later belongs to training.

    Raises:
        QwattError: an unknown accelerator, or a number out of range.
    """
    chip, place = accelerator(accelerator_name), place or chain.site()
    read = check.tokens("tokens", tokens) * check.number("passes", passes, 0, 1000)
    usual = constant("curation", "dedup_hashes")
    count = usual["value"] if hashes is None else check.whole("hashes", hashes, 1, 100_000)
    small = constant("curation", "classifier_params")
    filter_params = (
        small["value"]
        if classifier_params is None
        else check.number("classifier_params", classifier_params, 0, 1e13)
    )
    parts = [_dedup(read, count, chip.id if on_gpu else None, place)]
    if filter_params > 0:
        used = Span.of(constant("curation", "classifier_utilisation"), "1")
        flop = training_flop(filter_params, read, factor="flop_forward")
        parts.append(consequences(accelerator_hours(flop, chip, used), chip, place))
    return Estimate(
        name="curation",
        quantities=summed(parts),
        formula=FORMULA,
        symbols={
            "D": f"raw tokens read: {read:.4g}",
            "c": "core-hours per token of a fuzzy deduplication",
            "hashes": f"MinHash permutations: {count:g}, relative to hashes_0 = {usual['value']:g}",
            "s": "share of the work that scales with the hashes",
            "N_clf": f"parameters of the classifier: {filter_params:.3g}",
            "util": "utilisation of a small encoder",
            **chain.symbols(place, place.k_node or chip.k_node),
        },
        sources=unique(
            constant("curation", "dedup_core_h")["source"],
            usual["source"],
            small["source"],
            constant("curation", "classifier_utilisation")["source"],
        ),
        notes=(
            "extraction of text from web pages is not contained",
            "ablation runs that choose the recipe belong to development, and are the larger part",
            "tokens removed save training energy in proportion; the saving is booked in training",
        ),
    )


def _dedup(read: float, hashes: float, chip_id: str | None, place: Site) -> Quantities:
    share = Span.of(constant("curation", "hash_share"), "1")
    usual = Span.of(constant("curation", "dedup_hashes"), "1").value
    # s appears twice in 1 - s + s * r, so the factors are not independent: both ends are evaluated.
    ends = [1 + s * (hashes / usual - 1) for s in (share.low, share.value, share.high)]
    work = Span(ends[1], min(ends), max(ends))
    if chip_id is None:
        core_hours = Span.of(constant("curation", "dedup_core_h"), "h/token") * read * work
        return on_cpu(core_hours, place)
    hours = Span.of(constant("curation", "dedup_gpu_h"), "GPU-h/token") * read * work
    return consequences(hours, accelerator(chip_id), place)
