"""Runs many cases of the fuzz in processes of their own, goes on behind a crash, and makes a page of figures.

`figures.py COUNT SEED` prints the page; `fuzz.py SEED INDEX 1 --keep` repeats one case and keeps its files.
"""

import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
_CASES_A_PROCESS = 500
_OUTCOMES = {0: "done", 1: "failed", 2: "refused", "long": "left out"}


@dataclass
class Figures:
    """What a number of cases came to."""

    seed: int
    cases: list[dict] = field(default_factory=list)
    crashes: list[str] = field(default_factory=list)

    @property
    def faults(self):
        found = [
            f"case {c['case']} ({c['kind']}): {c['fault']} {c['words']}" for c in self.cases if c["fault"]
        ]
        return self.crashes + [fault[:1500] for fault in found]

    @property
    def slowest_s(self):
        return max(case["cpu_s"] for case in self.cases)

    @property
    def peak_mb(self):
        return max(case["peak_mb"] for case in self.cases)

    def page(self):
        """Return the figures as text."""
        lines = [f"fuzz: {len(self.cases):,} cases, seed {self.seed}, {len(self.faults)} faults"]
        lines.append(f"{'kind':14}" + "".join(f"{word:>10}" for word in ("cases", *_OUTCOMES.values())))
        for kind in sorted({case["kind"] for case in self.cases}):
            codes = Counter(case["code"] for case in self.cases if case["kind"] == kind)
            counts = (sum(codes.values()), *(codes[code] for code in _OUTCOMES))
            lines.append(f"{kind:14}" + "".join(f"{count:>10,}" for count in counts))
        lines.append(
            f"peak memory {self.peak_mb:,} MB, computed for {sum(c['cpu_s'] for c in self.cases):,.0f} s"
        )
        for case in sorted(self.cases, key=lambda c: -c["cpu_s"])[:5]:
            words = " ".join(case["words"])[:70].encode("ascii", "backslashreplace").decode()
            lines.append(
                f"{case['cpu_s']:6.2f} s of CPU, {case['wall_s']:6.2f} s: case {case['case']}, {words}"
            )
        warned = Counter(place for case in self.cases for place in case["warned"])
        lines += [f"warned {count} times: {place}" for place, count in warned.most_common(5)]
        return "\n".join([*lines, *(f"FAULT {fault}" for fault in self.faults[:20])])


def run(count, seed):
    """Run cases 0 ... count-1 and return their figures."""
    figures, first = Figures(seed), 0
    while first < count:
        ended, begun, code = _process(figures, seed, first, min(_CASES_A_PROCESS, count - first))
        if begun is not None and begun != ended:
            figures.crashes.append(f"case {begun}: the interpreter ended with {code}")
            first = begun + 1
        elif ended is None or code:
            raise RuntimeError(f"the cases from {first} on did not run: {code}")
        else:
            first = ended + 1
    return figures


def _process(figures, seed, first, count):
    """Run some cases in a new process; return the last that ended, the last that began, and its code."""
    words = [sys.executable, str(HERE / "fuzz.py"), str(seed), str(first), str(count)]
    ended = begun = None
    environ = os.environ | {"OMP_NUM_THREADS": "1"}
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=environ) as process:
        for line in process.stdout:
            record = json.loads(line)
            if "begins" in record:
                begun = record["begins"]
            else:
                ended = record["case"]
                figures.cases.append(record)
    return ended, begun, process.returncode


if __name__ == "__main__":
    found = run(int(sys.argv[1]), int(sys.argv[2]))
    print(found.page())
    sys.exit(bool(found.faults))
