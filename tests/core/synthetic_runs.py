"""Makes a run folder of any number of trials in no time: classical trials of one task on many sources."""

from __future__ import annotations

import json
import random
from pathlib import Path

from qwatt.core.quantity import Quantity
from qwatt.core.ring import Ring
from qwatt.core.study_file import check_study
from qwatt.core.trial import Candidate, PhaseSum, Trial
from qwatt.core.trial_lines import write_line

METHODS = ("exact-hash", "minhash")
SEEDS = 1000


def write_run(folder: Path, trials: int) -> None:
    """Write a study and finished trials of all of it.

    Args:
        folder: where to; made when missing.
        trials: a multiple of 2,000, or fewer than 2,000.
    """
    drawn = random.Random(0)
    folder.mkdir(parents=True, exist_ok=True)
    seeds = min(SEEDS, trials // len(METHODS))
    sources = [f"corpus{i}.jsonl" for i in range(max(1, trials // (SEEDS * len(METHODS))))]
    lines = [f'name = "many"\nsize = "xs"\nseeds = {seeds}\n']
    lines += [
        f'[[tasks]]\ntask = "curation/dedup"\nsource = "{s}"\nmethods = {list(METHODS)}\n' for s in sources
    ]
    (folder / "study.toml").write_text("".join(lines))
    tasks = [{"task": "curation/dedup", "source": s, "methods": list(METHODS)} for s in sources]
    study = check_study({"size": "xs", "seeds": seeds, "tasks": tasks}, "synthetic")
    (folder / "environment.json").write_text(json.dumps({"e": {"packages": {}}}))
    with (folder / "trials.jsonl").open("wb") as file:
        for spec in study.trials():
            joules = drawn.uniform(0.5, 1.5)
            energy = Quantity(joules, joules / 3, joules * 3, "J", "estimated:cpu_time", "node")
            windows = {name: PhaseSum(Ring.KERNEL, 0.1, energy) for name in ("hash", "verify", "other")}
            quality = drawn.uniform(0.7, 0.9)
            trial = Trial(
                spec, "classical", "pair_f1", "done", quality, {"precision": 1.0}, {"threshold": 0.6}
            )
            trial.host_energy, trial.phases, trial.environment, trial.seconds = energy, windows, "e", 0.2
            trial.tuning = [Candidate({"threshold": 0.6}, quality), Candidate({"threshold": 0.8}, 0.5)]
            file.write(write_line(trial))
