"""Which heads to cut: rankings, a quadratic model of the loss, greedy search, on two decoders of 16 heads.

    python benchmarks/prune_heads.py [--keep 12 8 5] [--seeds 5] [--first 0] [--few]

Two blocks of eight heads each. "heads" is the catalogue's Llama, on bytes. "gpt" is a decoder of GPT's
form on characters (`prune_heads_gpt.py`), the form that an earlier prototype had.
Every calibration seed draws 48 windows of 64 tokens of training text; all methods see the same. Losses are of
held-back text, the same for all seeds; differences are paired by seed.
"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.threads import one_thread
from qwatt.language.decoder import decoder_tokens, load_decoder, validation_loss
from qwatt.language.decoder.own_text import own_parts
from qwatt.quantum.qubo import BudgetedQubo, get_sampler, one_swap_search
from qwatt.stages.deployment.prune.anatomy import anatomy
from qwatt.stages.deployment.prune.columns import flow_squares, unit_sums, weight_squares
from qwatt.stages.deployment.prune.decoder_calibration import DecoderCalibration
from qwatt.stages.deployment.prune.gate import Gate
from qwatt.stages.deployment.prune.loss_model import exact_model, fitted_model
from qwatt.stages.deployment.prune.penalty import energy_range, penalised_reads, penalty_strength
from qwatt.stages.deployment.prune.problem import Cut, Mask
from qwatt.stages.deployment.prune.quadratic import exchanges, lowest
from qwatt.stages.deployment.prune.units import Units, single_units

sys.path.insert(0, str(Path(__file__).parent))
import prune_heads_gpt
from prune_heads_statistics import DECLARED, compared

WINDOWS, CONTEXT, HELD_TOKENS = 48, 64, 16_384
CANDIDATES, RANDOM_MASKS, READS = 20, 20, 100
SECOND = "Hessian at the keep ratio"
Tokens = NDArray[np.int64]


def llama() -> tuple[Any, Tokens, Tokens]:
    """Return the catalogue's decoder, training and held-back tokens."""
    decoder, parts = load_decoder("heads"), own_parts("heads", 0)
    return decoder.model, decoder_tokens(decoder, parts[0]), decoder_tokens(decoder, parts[2])


DECODERS: dict[str, Callable[[], tuple[Any, Tokens, Tokens]]] = {
    "heads": llama,
    "gpt": prune_heads_gpt.trained,
}


def drawn(tokens: Tokens, seed: int) -> Tokens:
    """Return windows of training text, shape (WINDOWS, CONTEXT + 1)."""
    starts = np.random.default_rng([seed, 31]).integers(len(tokens) - CONTEXT - 1, size=WINDOWS)
    return tokens[starts[:, None] + np.arange(CONTEXT + 1)]


def every_mask(units: Units) -> Mask:
    """Return all masks that keep the budget."""
    rows = list(itertools.combinations(range(len(units)), int(units.keep[0])))
    masks = np.zeros((len(rows), len(units)), dtype=np.int8)
    masks[np.arange(len(rows))[:, None], rows] = 1
    return masks


def ranked(calibration: DecoderCalibration, units: Units) -> dict[str, Mask]:
    """Return the masks of the scores that look at each head alone."""
    a = units.anatomy
    gradients = calibration.window_gradients(units, np.ones(len(units))).astype(np.float64)
    scores = {
        "magnitude": unit_sums(units, weight_squares(calibration.model, a)),
        "Wanda": unit_sums(units, flow_squares(calibration, a)),
        "Taylor": np.abs(gradients).mean(0),
        "Fisher diagonal": np.square(gradients).mean(0),
    }
    return {name: units.top(score) for name, score in scores.items()}


def descended(calibration: DecoderCalibration, units: Units, mask: Mask) -> Mask:
    """Exchange on the true loss, the best exchange each time, until none helps."""
    loss = calibration.losses(units, [mask])[0]
    while True:
        others = exchanges(mask, units.part)
        losses = calibration.losses(units, list(others))
        if losses.min() >= loss - 1e-7:
            return mask
        mask, loss = others[losses.argmin()], losses.min()


def greedy(calibration: DecoderCalibration, units: Units) -> Mask:
    """Take away the head whose going costs least, until the budget is met."""
    mask = np.ones(len(units), dtype=np.int8)
    while mask.sum() > units.keep[0]:
        options = [np.where(np.arange(len(units)) == i, 0, mask) for i in np.flatnonzero(mask)]
        mask = options[int(calibration.losses(units, options).argmin())].astype(np.int8)
    return mask


def modelled(calibration: DecoderCalibration, units: Units, seed: int, few: bool) -> dict[str, BudgetedQubo]:
    """Return the quadratic models, of few only that at the keep ratio."""
    rng = np.random.default_rng([seed, 32])
    found = {SECOND: exact_model(calibration, units, units.ratio).qubo(units)}
    if few:
        return found
    return found | {
        "Hessian at the whole": exact_model(calibration, units, 1.0).qubo(units),
        "fitted to 150 masks": fitted_model(calibration, units, rng).qubo(units),
    }


def sampled(model: BudgetedQubo, optimum: float, seed: int) -> dict[str, float]:
    """Return the share of annealing's reads, and of exchanges' starts, that end at the optimum."""
    rng, sampler = np.random.default_rng(seed), get_sampler("annealing", sweeps=1000)
    scale = energy_range(model, rng)

    def hits(masks: Mask) -> float:
        return float((model.energies(masks) < optimum + 1e-9).mean())

    strengths = {"found by itself": penalty_strength(model, 0.0, rng)}
    strengths |= {f"{share:g} of the range": share * scale for share in (0.001, 0.05, 0.3, 1.0, 10.0)}
    found = {
        f"annealing, penalty {name}": hits(penalised_reads(model, sampler, strength, READS, seed)[0])
        for name, strength in strengths.items()
    }
    ends = [one_swap_search(model.bqm, start, model.part) for start in model.random(READS, rng)]
    return found | {"exchanges": hits(np.array(ends, dtype=np.int8))}


def seed_rows(
    model: Any, tokens: tuple[Tokens, Tokens], keep: int, seed: int, few: bool
) -> tuple[dict[str, float], dict[str, float], dict[str, Any]]:
    """Return held-back losses by method, shares of hits by sampler, and remarks, of one calibration seed."""
    train, held = tokens
    calibration = DecoderCalibration(model, drawn(train, seed))
    a = anatomy(model)
    units = single_units(a, Cut("heads", keep / (a.blocks * a.heads), 8, "free"))
    every, masks = every_mask(units), ranked(calibration, units)
    hits: dict[str, float] = {}
    for name, quadratic in modelled(calibration, units, seed, few).items():
        energies = quadratic.energies(every)
        best = every[energies.argmin()]
        masks[f"{name}, its own optimum"] = best
        asked = lowest(quadratic, every, CANDIDATES)
        masks[name] = asked[int(calibration.losses(units, list(asked)).argmin())]
        if name == SECOND and not few:
            hits = sampled(quadratic, float(energies.min()), seed)
    masks["greedy"] = greedy(calibration, units)
    if few:
        masks = {name: masks[name] for name in (*DECLARED, SECOND, "greedy")}
    else:
        masks["greedy, then exchanges on the true loss"] = descended(calibration, units, masks["greedy"])
    losses = {name: held_loss(model, units, mask, held) for name, mask in masks.items()}
    rng, remarks = np.random.default_rng([seed, 33]), {"masks": _written(masks)}
    if few:
        print(f"  seed {seed}: {losses}", flush=True)
        return losses, hits, remarks
    others = [held_loss(model, units, units.random(rng), held) for _ in range(RANDOM_MASKS)]
    return losses | {"random, mean": float(np.mean(others))}, hits, remarks


def _written(masks: dict[str, Mask]) -> dict[str, str]:
    return {name: "".join(map(str, mask.tolist())) for name, mask in masks.items()}


def held_loss(model: Any, units: Units, mask: Mask, held: Tokens) -> float:
    """Return the nats per token of held-back text under a mask."""
    import torch

    gate = Gate(model, units)
    gate.values = torch.from_numpy(mask.astype(np.float32))
    with one_thread(), gate.closed():
        return validation_loss(model, held, CONTEXT)


def study(name: str, keeps: list[int], seeds: range, few: bool) -> dict[str, Any]:
    """Return all figures of one decoder, and print them."""
    model, train, held = DECODERS[name]()
    held = held[: HELD_TOKENS + 1]
    with one_thread():
        whole = validation_loss(model, held, CONTEXT)
    found: dict[str, Any] = {"whole": whole, "keep": {}}
    print(f"\n{name}: {whole:.4f} nats a token whole")
    for keep in keeps:
        start = time.process_time()
        parts = [seed_rows(model, (train, held), keep, seed, few) for seed in seeds]
        rows = {method: [losses[method] for losses, _, _ in parts] for method in parts[0][0]}
        hits = {sampler: [shares[sampler] for _, shares, _ in parts] for sampler in parts[0][1]}
        tests = compared(rows, SECOND)
        print_rows(keep, rows, tests, hits)
        found["keep"][keep] = {
            "losses": rows,
            "against_second_order": tests,
            "hits": hits,
            "seeds": [remarks for _, _, remarks in parts],
            "cpu_s": time.process_time() - start,
        }
    return found


def print_rows(
    keep: int,
    rows: dict[str, list[float]],
    tests: dict[str, dict[str, Any]],
    hits: dict[str, list[float]],
) -> None:
    """Print one table of losses and one of samplers."""
    print(f"\nkeep {keep} of 16: held-back nats a token, mean of seeds; less second order (p of no more)")
    for name, values in sorted(rows.items(), key=lambda item: np.mean(item[1])):
        test = tests.get(name)
        gap = "" if test is None else f"{test['mean']:+.4f} (p {test['p']:.3f}, Holm {test.get('p_holm')})"
        print(f"  {name:42s} {np.mean(values):.4f} +- {np.std(values):.4f}  {gap}")
    for name, shares in hits.items():
        print(f"  {name:42s} reaches the model's optimum in {np.mean(shares):.0%} (least {min(shares):.0%})")


def main() -> None:
    """Run the study and write its figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--decoders", nargs="+", default=list(DECODERS), choices=list(DECODERS))
    parser.add_argument("--keep", nargs="+", type=int, default=[12, 8, 5])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--few", action="store_true", help="Taylor, Fisher, greedy, the keep ratio's model")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "prune_heads.json")
    given = parser.parse_args()
    seeds = range(given.first, given.first + given.seeds)
    found = {name: study(name, given.keep, seeds, given.few) for name in given.decoders}
    given.out.write_text(json.dumps(found, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
