"""Write the downstream effects of a run as those that ship with qwatt.

    python benchmarks/reference_effects.py RUN... [--out src/qwatt/catalogue/effects_reference.json]

The projection takes them for methods of which the user's own run says nothing. `make reference-effects` runs
`studies/reference.toml` first.
"""

from __future__ import annotations

import argparse
import json
from datetime import date
from pathlib import Path
from typing import Any

from qwatt.core.run_folder import RunFolder
from qwatt.projection.effects.known import REFERENCE_FILE, effects_of_trials

FEWEST = 3
"""Seeds of which a method's word counts at least."""


def collected(folders: list[Path]) -> dict[str, Any]:
    """Return machine, date, packages and effects of run folders."""
    runs = [RunFolder.open(folder) for folder in folders]
    machines = [facts for run in runs for facts in run.environments().values()]
    found = [effect for run in runs for effect in effects_of_trials(run.trials())]
    effects = [effect.to_record() for effect in found if effect.trials >= FEWEST]
    return {
        "date": date.today().isoformat(),
        "machine": sorted({f"{m['cpu']}, {m['cores']} cores, {m['system']}" for m in machines}),
        "packages": machines[-1]["packages"] if machines else {},
        "effects": sorted(effects, key=lambda e: (e["task"], e["method"])),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("runs", type=Path, nargs="+", help="run folders")
    parser.add_argument("--out", type=Path, default=REFERENCE_FILE, help="where the JSON is written")
    options = parser.parse_args()
    found = collected(options.runs)
    options.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    for entry in found["effects"]:
        left = entry["effect"]["remaining"]
        words = "unknown" if left is None else " ".join(f"{end:.3g}" for end in left)
        print(f"{entry['task']:22} {entry['method']:20} {words:22} {entry['effect']['reason']}")


if __name__ == "__main__":
    main()
