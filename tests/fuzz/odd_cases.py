"""Reads odd files, numbers FIRST ... FIRST+COUNT-1 of them all, in every way: one JSON line a file and way.

Run as a program of its own, as what it finds may end the interpreter: `odd_cases.py odd|bombs FIRST COUNT`.
"""

import contextlib
import json
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from odd_columns import odd_columns
from odd_lines import odd_lines
from odd_places import bombs, odd_places
from reader_cases import USES, outcome_of


def odd_files(kind):
    """Return the writers of odd files, or of bombs, by name."""
    return bombs() if kind == "bombs" else odd_lines() | odd_columns() | odd_places()


def main():
    kind, first, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    os.environ["QWATT_OFFLINE"] = "1"
    for number, (name, write) in list(enumerate(odd_files(kind).items()))[first : first + count]:
        for use in USES:
            record = {"case": number, "form": name, "use": use}
            print(json.dumps(record), flush=True)
            with tempfile.TemporaryDirectory() as scratch:
                path = write(Path(scratch))
                with contextlib.suppress(OSError):  # what the writer took is no business of the reader's
                    Path("/proc/self/clear_refs").write_text("5")
                started = time.process_time()
                found, said = outcome_of(path, use)
                record |= {"outcome": found, "said": said, "cpu_s": time.process_time() - started}
            print(json.dumps(record | {"peak_mb": _peak_mb()}), flush=True)


def _peak_mb():
    """Return the most memory held since the marks were cleared, in megabytes."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
