"""All 12,870 masks that keep 8 of 16 heads on the true loss: where do the choices of each method stand?

    python benchmarks/prune_heads_exhaustive.py [--seeds 5] [--first 0] [--held]

Text, decoder and methods are those of `prune_heads.py`, the decoder that of GPT's form. A rank is one more
than the masks that lose less on the calibration text of the same seed, which is what methods aim at; with
`--held`, on the held-back text too.

The 256 choices of the first block's heads are computed once each, and so is what the second block's heads
give after each: a mask takes a third of a pass. Twenty masks are checked against whole passes.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch

from qwatt.core.threads import one_thread
from qwatt.quantum.qubo import get_sampler, one_swap_search
from qwatt.stages.deployment.prune.anatomy import anatomy
from qwatt.stages.deployment.prune.calibration import Values
from qwatt.stages.deployment.prune.decoder_calibration import DecoderCalibration
from qwatt.stages.deployment.prune.penalty import penalised_reads, penalty_strength
from qwatt.stages.deployment.prune.problem import Cut, Mask
from qwatt.stages.deployment.prune.quadratic import lowest
from qwatt.stages.deployment.prune.units import Units, single_units

sys.path.insert(0, str(Path(__file__).parent))
import prune_heads_gpt
from prune_heads import (
    CANDIDATES,
    CONTEXT,
    HELD_TOKENS,
    READS,
    Tokens,
    descended,
    drawn,
    every_mask,
    greedy,
    modelled,
    ranked,
)

KEEP, STARTS, DRAWS, CHECKED = 0.5, 20, 1_000, 20
BATCH = 48
"""Windows that are read at once."""


def all_losses(model: prune_heads_gpt.Gpt, rows: Tokens, every: Mask) -> Values:
    """Return the nats a token of windows under every mask, shape (masks,).

    Args:
        model: of two blocks.
        rows: ids, shape (windows, CONTEXT + 1).
        every: different masks, shape (masks, heads of both blocks).
    """
    ids, found = torch.from_numpy(rows), np.zeros(len(every))
    firsts, own = np.unique(every[:, : prune_heads_gpt.HEADS], axis=0, return_inverse=True)
    with one_thread(), torch.inference_mode():
        for batch in torch.split(ids, BATCH):
            for number, first in enumerate(firsts):
                stream, heads = _second_heads(model, batch[:, :-1], first)
                for place in np.flatnonzero(own.ravel() == number):
                    stays = _spread(every[place, prune_heads_gpt.HEADS :])
                    logits = _rest(model, stream, heads * stays)
                    losses = torch.nn.functional.cross_entropy(
                        logits.flatten(0, 1), batch[:, 1:].flatten(), reduction="sum"
                    )
                    found[place] += float(losses)
    return found / ids[:, 1:].numel()


def _second_heads(
    model: prune_heads_gpt.Gpt, ids: torch.Tensor, first: Mask
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the stream between the blocks under a mask of the first, and what the second's heads give."""
    below, above = model.model.layers
    kept: list[torch.Tensor] = []
    stays = _spread(first)
    masking = below.self_attn.o_proj.register_forward_pre_hook(lambda _, given: (given[0] * stays,))
    keeping = above.self_attn.o_proj.register_forward_pre_hook(lambda _, given: kept.append(given[0]))
    stream = below(model.characters(ids) + model.places(torch.arange(ids.shape[1])))
    above.self_attn(above.before(stream))
    masking.remove()
    keeping.remove()
    return stream, kept[0]


def _rest(model: prune_heads_gpt.Gpt, stream: torch.Tensor, heads: torch.Tensor) -> torch.Tensor:
    """Return the logits of the second block's stream and heads."""
    above = model.model.layers[1]
    x = stream + above.self_attn.o_proj(heads)
    return model.head(model.norm(x + above.mlp(above.between(x))))


def _spread(mask: Mask) -> torch.Tensor:
    return torch.from_numpy(np.repeat(mask, prune_heads_gpt.WIDTH // len(mask)).astype(np.float32))


def checked_losses(model: prune_heads_gpt.Gpt, rows: Tokens, units: Units, every: Mask) -> Values:
    """Return `all_losses`, some of them checked against passes through the whole model."""
    found = all_losses(model, rows, every)
    some = np.random.default_rng(0).choice(len(every), CHECKED, replace=False)
    whole = DecoderCalibration(model, rows).losses(units, list(every[some]))
    np.testing.assert_allclose(found[some], whole, atol=1e-5)
    return found


def choices(calibration: DecoderCalibration, units: Units, seed: int) -> dict[str, Mask]:
    """Return the masks of rankings, of greedy search and of samplers of three models.

    Of what a sampler finds the 20 masks of least energy are asked about on the true loss.
    """
    found = ranked(calibration, units) | {"greedy": greedy(calibration, units)}
    found["greedy, then exchanges on the true loss"] = descended(calibration, units, found["greedy"])
    sampler = get_sampler("annealing", sweeps=1000)
    for name, model in modelled(calibration, units, seed, few=False).items():
        rng = np.random.default_rng(seed)
        ends = [one_swap_search(model.bqm, start, model.part) for start in model.random(STARTS, rng)]
        strength = penalty_strength(model, 0.0, rng)
        searches = {
            "exchanges": np.array(ends, dtype=np.int8),
            "annealing": penalised_reads(model, sampler, strength, READS, seed)[0],
            "random masks": model.random(DRAWS, rng),
        }
        for search, masks in searches.items():
            asked = lowest(model, masks, CANDIDATES)
            found[f"{name}, {search}"] = asked[int(calibration.losses(units, list(asked)).argmin())]
        every = every_mask(units)
        found[f"{name}, its own optimum"] = every[model.energies(every).argmin()]
    return found


def standing(losses: Values, place: dict[bytes, int], chosen: dict[str, Mask]) -> dict[str, Any]:
    """Return rank and loss above the optimum of every choice."""
    own = {name: float(losses[place[mask.astype(np.int8).tobytes()]]) for name, mask in chosen.items()}
    return {
        "optimum": float(losses.min()),
        "quantiles": np.quantile(losses, [0.01, 0.25, 0.5]).tolist(),
        "rank": {name: int((losses < loss).sum()) + 1 for name, loss in own.items()},
        "above": {name: loss - float(losses.min()) for name, loss in own.items()},
    }


def study(seeds: range, with_held: bool) -> dict[str, Any]:
    """Return where choices stand, seed by seed."""
    model, train, held = prune_heads_gpt.trained()
    units = single_units(anatomy(model), Cut("heads", KEEP, 8, "free"))
    every = every_mask(units)
    place = {mask.tobytes(): number for number, mask in enumerate(every)}
    found: dict[str, Any] = {"masks": len(every), "seeds": {}}
    texts = {}
    if with_held:
        rows = np.arange(HELD_TOKENS // CONTEXT)[:, None] * CONTEXT + np.arange(CONTEXT + 1)
        texts["held back"] = checked_losses(model, held[rows], units, every)
    for seed in seeds:
        rows = drawn(train, seed)
        texts["calibration"] = checked_losses(model, rows, units, every)
        chosen = choices(DecoderCalibration(model, rows), units, seed)
        found["seeds"][seed] = {text: standing(losses, place, chosen) for text, losses in texts.items()}
        print(seed, json.dumps(found["seeds"][seed]), flush=True)
    return found


def print_ranks(found: dict[str, Any]) -> None:
    """Print the ranks of all seeds, and the mean loss above the optimum."""
    rows = list(found["seeds"].values())
    for text in rows[0]:
        print(f"\n{text}: rank of {found['masks']:,} by seed; nats above the optimum, mean")
        above = {name: np.mean([row[text]["above"][name] for row in rows]) for name in rows[0][text]["above"]}
        for name in sorted(above, key=lambda each: above[each]):
            ranks = ", ".join(f"{row[text]['rank'][name]:,}" for row in rows)
            print(f"  {name:42s} {ranks:40s} {above[name]:.4f}")


def main() -> None:
    """Run the study and write its figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--held", action="store_true", help="on the held-back text too")
    parser.add_argument("--out", type=Path, help="a JSON file of all figures")
    given = parser.parse_args()
    began = time.process_time()
    found = study(range(given.first, given.first + given.seeds), given.held)
    found["cpu_s"] = time.process_time() - began
    print_ranks(found)
    if given.out:
        given.out.write_text(json.dumps(found, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
