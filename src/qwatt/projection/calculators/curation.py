"""Curation of a corpus: fuzzy deduplication by MinHash and filtering with a small classifier."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from qwatt.projection.calculators import facility
from qwatt.projection.calculators.estimate import Estimate, Quantities, unique
from qwatt.projection.calculators.fields import AcceleratorName, FilterParams, Flag, Hashes, Times, Tokens
from qwatt.projection.calculators.site import Site, SiteInput
from qwatt.projection.calculators.training import accelerator_hours, consequences, training_flop
from qwatt.projection.calculators.work import on_cpu, summed
from qwatt.projection.catalogued.accelerators import Accelerator, accelerator
from qwatt.projection.catalogued.find import constant
from qwatt.projection.spread import Span

FORMULA = (
    "core_hours = D * c * (1 - s + s * hashes / hashes_0); E_node = core_hours * W_core; "
    "GPU_hours = 2 * N_clf * D / (peak * util) / 3600; E_device = GPU_hours * P; " + facility.FORMULA
)


@dataclass(frozen=True, kw_only=True)
class CurationInput(SiteInput):
    """A raw corpus, before anything is removed, and its filters."""

    tokens: Tokens
    accelerator: AcceleratorName
    hashes: Annotated[Hashes | None, "MinHash permutations."] = None
    classifier_params: Annotated[FilterParams | None, "Parameters of the quality filter, 0 for none."] = None
    passes: Annotated[Times, "How often the corpus is processed."] = 1.0
    on_gpu: Annotated[Flag, "Deduplicate on accelerators in place of CPUs."] = False


def estimate_curation(corpus: CurationInput) -> Estimate:
    """Estimate fuzzy deduplication and model-based filtering of a raw corpus.

    The cost of the catalogue's comparison scales with the hashes.

    Returns:
        The costs of `qwatt.projection.calculators.work.COSTS`. What deduplication saves later belongs to
        training.
    """
    chip, place = accelerator(corpus.accelerator), corpus.place()
    read = corpus.tokens * corpus.passes
    usual, small = constant("curation", "dedup_hashes"), constant("curation", "classifier_params")
    count = usual["value"] if corpus.hashes is None else corpus.hashes
    filter_params = small["value"] if corpus.classifier_params is None else corpus.classifier_params
    parts = [_dedup(read, count, chip if corpus.on_gpu else None, place)]
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
            **place.symbols(chip),
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


def _dedup(read: float, hashes: float, chip: Accelerator | None, place: Site) -> Quantities:
    share = Span.of(constant("curation", "hash_share"), "1")
    usual = Span.of(constant("curation", "dedup_hashes"), "1").value
    # s appears twice in 1 - s + s * r, so the factors are not independent: both ends are evaluated.
    ends = [1 + s * (hashes / usual - 1) for s in (share.low, share.value, share.high)]
    work = Span(ends[1], min(ends), max(ends))
    if chip is None:
        core_hours = Span.of(constant("curation", "dedup_core_h"), "h/token") * read * work
        return on_cpu(core_hours, place)
    hours = Span.of(constant("curation", "dedup_gpu_h"), "GPU-h/token") * read * work
    return consequences(hours, chip, place)
