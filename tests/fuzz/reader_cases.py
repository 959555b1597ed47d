"""Damages whole files of every form and reads each: cases FIRST ... FIRST+COUNT-1, one JSON line a case.

Run as a program of its own, as what it finds may end the interpreter: `reader_cases.py SEED FIRST COUNT`.
Every case has its own generator, so that a single one can be repeated.
"""

import contextlib
import faulthandler
import json
import random
import resource
import signal
import sys
import tempfile
import time
import traceback
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "data"))
from mutants import _write, damaged, whole_files

from qwatt.core.errors import QwattError
from qwatt.data import read_documents
from qwatt.data.rows import to_json
from qwatt.data.table import holds_numbers, read_table
from qwatt.stages.curation.dedup.corpus.deduplicate import deduplicate

CPU_S = 10.0
_WALL_S = 120.0
LONGEST_MESSAGE = 2000
FILES = whole_files()


class Hang(BaseException):
    """Raised by the alarm; no `except Exception` takes it for damage."""


def _documents(path, scratch):
    """Every row that comes out can be written, and what is said about it is bounded."""
    read = read_documents(path)
    for row in read.rows:
        json.loads(to_json(row).encode("utf-8"))
    assert len(str(read.report).encode("utf-8")) < 20_000


def _numbers(path, scratch):
    if holds_numbers(path):
        read_table(path)


def _corpus(path, scratch):
    """Every line that is written is JSON that any reader takes."""
    out = scratch / "kept.jsonl"
    found = deduplicate([str(path)], out)
    lines = out.read_bytes().splitlines()
    assert len(lines) == found.documents_kept
    for line in lines:
        json.loads(line.decode("utf-8"), parse_constant=_refuse)


def _refuse(name):
    raise AssertionError(f"{name} is no JSON")


USES = {"documents": _documents, "numbers": _numbers, "corpus": _corpus}


def _alarm(*_):
    raise Hang


@contextlib.contextmanager
def _alarms():
    signal.signal(signal.SIGPROF, _alarm)
    signal.setitimer(signal.ITIMER_PROF, CPU_S)
    faulthandler.dump_traceback_later(_WALL_S, exit=True)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        faulthandler.cancel_dump_traceback_later()


def outcome(name, data, use):
    """Use one damaged file; return "accepted", "clear error", "traceback" or "hang", and what was wrong."""
    with tempfile.TemporaryDirectory() as folder:
        return outcome_of(_write(Path(folder), name, data), use)


def outcome_of(path, use):
    """Use a file or folder; return "accepted", "clear error", "traceback" or "hang", and what was wrong."""
    with tempfile.TemporaryDirectory() as out:
        try:
            with _alarms():
                USES[use](path, Path(out))
        except QwattError as error:
            message = str(error)
            named = str(path.parent) in message or path.name in message
            plain = len(message) < LONGEST_MESSAGE and error.mend and named
            return ("clear error", "") if plain else ("traceback", f"no clear message: {message[:500]}")
        except Hang:
            return "hang", _where()
        except BaseException as error:
            return "traceback", f"{type(error).__name__}: {str(error)[:300]} {_where()}"
        return "accepted", ""


def _where():
    frames = [f for f in traceback.extract_tb(sys.exc_info()[2]) if "/qwatt/" in f.filename]
    return " < ".join(f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in frames[:-5:-1])


def case(seed, number):
    """Return a case's file, its damaged content, and what is done with it."""
    drawn = random.Random(f"{seed}/{number}")
    name, data = drawn.choice(FILES)
    return name, damaged(data, drawn), drawn.choice(list(USES))


def main():
    seed, first, count = map(int, sys.argv[1:4])
    warnings.simplefilter("error", ResourceWarning)
    for number in range(first, first + count):
        name, data, use = case(seed, number)
        form = "saved data set" if name in ("data.arrow", "indices.arrow", "state.json") else name[1:]
        record = {"case": number, "form": form, "use": use}
        print(json.dumps(record), flush=True)
        started = time.process_time()
        found, said = outcome(name, data, use)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        record |= {"outcome": found, "said": said, "cpu_s": time.process_time() - started, "peak_mb": peak}
        print(json.dumps(record), flush=True)


if __name__ == "__main__":
    main()
