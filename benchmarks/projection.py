"""Hold the classical calculators against published records, and against other formulas.

    python benchmarks/projection.py [--json] [--out benchmarks/results/projection.json]

Every record of `catalogue/llm_records.toml` is one row or more. Rows that count make up the claimed errors;
those that only test arithmetic, or whose figure entered the model, are marked "-".
Ends with 1 if a claim does not hold.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

from qwatt.projection.validation.accuracy import claimed_errors, coefficients, coverage
from qwatt.projection.validation.table import all_rows

RESULT = Path(__file__).parent / "results" / "projection.json"


def measure() -> dict[str, Any]:
    """Return rows, claims, refitted coefficients and the CPU time that it took."""
    start = time.process_time()
    found: dict[str, Any] = {
        "rows": [row.to_record() for row in all_rows()],
        "claims": [claim.to_record() for claim in claimed_errors()],
        "coverage": {name: {"inside": inside, "of": of} for name, (inside, of) in coverage().items()},
        "coefficients": coefficients(),
    }
    return found | {"cpu_s": round(time.process_time() - start, 2)}


def show(found: dict[str, Any]) -> None:
    """Print the tables."""
    print(
        f"{'record':38} t {'quantity':18} {'published':>11} {'computed':>11} {'error':>8}  limit  in  counts"
    )
    for row in found["rows"]:
        flags = f"{'yes' if row['within'] else 'OUT':3} {'yes' if row['counted'] else '-':3} {row['remark']}"
        print(
            f"{row['id'][:38]:38} {row['test']} {row['quantity']:18} {row['published']:11.4g} "
            f"{row['computed']:11.4g} {row['error']:+8.1%} {row['limit']:6.0%}  {flags}"
        )
    print(f"\n{'claim':68} {'mean':>7} {'worst':>7} {'rows':>4}  limit")
    for claim in found["claims"]:
        limit = f"<= {claim['limit']:.0%} {'holds' if claim['holds'] else 'FAILS'}" if claim["limit"] else ""
        print(f"{claim['name']:68} {claim['mean']:7.1%} {claim['worst']:7.1%} {claim['rows']:4}  {limit}")
    for name, hits in found["coverage"].items():
        print(f"inside the 90 % interval, {name}: {hits['inside']} of {hits['of']}")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--out", type=Path, default=RESULT, help="where the JSON is written")
    options, found = parser.parse_args(), measure()
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    if options.json:
        print(json.dumps(found, indent=2))
    else:
        show(found)
    return int(not all(claim["holds"] for claim in found["claims"]))


if __name__ == "__main__":
    sys.exit(main())
