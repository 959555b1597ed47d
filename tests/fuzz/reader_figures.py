"""Runs many cases of damaged files in several processes, goes on behind a crash, and makes one table.

`reader_figures.py COUNT SEED [PROCESSES]` prints it; `reader_cases.py SEED CASE 1` repeats one case.
"""

import json
import os
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

CASES = Path(__file__).parent / "reader_cases.py"
OUTCOMES = ("clear error", "accepted", "traceback", "crash", "hang")
_CASES_A_PROCESS = 500


class ReaderFigures:
    """What a number of cases came to: one record a case, in order."""

    def __init__(self, seed, cases):
        self.seed, self.cases = seed, sorted(cases, key=lambda case: case["case"])

    @property
    def faults(self):
        bad = [case for case in self.cases if case["outcome"] not in ("clear error", "accepted")]
        return [f"case {c['case']} ({c['form']}, {c['use']}): {c['outcome']} {c['said']}" for c in bad]

    @property
    def slowest_s(self):
        return max(case.get("cpu_s", 0.0) for case in self.cases)

    @property
    def peak_mb(self):
        return max(case.get("peak_mb", 0.0) for case in self.cases)

    def table(self):
        """Return the figures as text, a line a form."""
        heads = ("inputs", "clear errors", "accepted", "tracebacks", "crashes", "hangs")
        lines = [f"{'damaged files':16}" + "".join(f"{head:>14}" for head in heads)]
        forms = sorted({case["form"] for case in self.cases})
        for form in [*forms, "all"]:
            own = Counter(case["outcome"] for case in self.cases if form in ("all", case["form"]))
            counts = (sum(own.values()), *(own[outcome] for outcome in OUTCOMES))
            lines.append(f"{form:16}" + "".join(f"{count:>14,}" for count in counts))
        lines.append(
            f"seed {self.seed}, slowest {self.slowest_s:.2f} CPU s, peak memory {self.peak_mb:,.0f} MB"
        )
        return "\n".join([*lines, *(f"FAULT {fault[:1000]}" for fault in self.faults[:20])])


def run(count, seed, processes=1):
    """Run cases 0 ... count-1 and return their figures."""
    step = min(_CASES_A_PROCESS, -(-count // processes))
    with ThreadPoolExecutor(processes) as pool:
        parts = pool.map(lambda first: _part(seed, first, min(step, count - first)), range(0, count, step))
        return ReaderFigures(seed, [case for part in parts for case in part])


def _part(seed, first, count):
    return run_cases([str(CASES), str(seed)], first, count)


def run_cases(program, first, count):
    """Run some cases, and those behind one that ends the interpreter in a new one; return their records."""
    found, end = [], first + count
    while first < end:
        words = [sys.executable, *program, str(first), str(end - first)]
        environ = os.environ | {"OMP_NUM_THREADS": "1"}
        done = subprocess.run(
            words, capture_output=True, text=True, errors="replace", env=environ, check=False
        )
        records = [json.loads(line) for line in done.stdout.splitlines()]
        found += [record for record in records if "outcome" in record]
        if records and "outcome" not in records[-1]:
            hung = "Timeout" in done.stderr
            said = f"the interpreter ended with {done.returncode}: {done.stderr[:600]}"
            found.append(records[-1] | {"outcome": "hang" if hung else "crash", "said": said})
        elif done.returncode or not records:
            raise RuntimeError(f"the cases from {first} on did not run: {done.stderr[-2000:]}")
        first = records[-1]["case"] + 1
    return found


if __name__ == "__main__":
    figures = run(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    print(figures.table())
    sys.exit(bool(figures.faults))
