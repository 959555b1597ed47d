"""Runs cases FIRST ... FIRST+COUNT-1 of the fuzz with a seed; prints one JSON line a case.

Run as a program of its own, as what it finds may end the interpreter: `fuzz.py SEED FIRST COUNT`. Every case
has its own generator, so that a single one can be repeated.
"""

import contextlib
import faulthandler
import io
import json
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from command_lines import SMALL
from fuzz_cases import Templates, draw_case

import qwatt
import qwatt.protocol.run as protocol_run
from qwatt.cli.app import run

CPU_S = 10.0
"""A case that computes for longer hangs."""
_WALL_FACTOR = 30
"""So does one that waits for so many times longer, on a machine that others load too."""
_IMPORTS_CPU_S = 60.0
"""What the first runs may compute: they import what all later cases use."""
KEEP = "--keep" in sys.argv
"""Whether what the cases wrote stays."""
MOST_TRIALS = 6
"""Valid studies of more trials are longer than a case may be; they are counted as left out."""


class Hang(BaseException):
    """Raised by the alarm; no `except Exception` takes it for a method's failure."""


class TooLong(BaseException):
    """A valid study of many trials."""


def _alarm(*_):
    raise Hang


@contextlib.contextmanager
def _alarms(cpu_s):
    signal.signal(signal.SIGPROF, _alarm)
    signal.signal(signal.SIGALRM, _alarm)
    signal.setitimer(signal.ITIMER_PROF, cpu_s)
    signal.setitimer(signal.ITIMER_REAL, _WALL_FACTOR * cpu_s)
    faulthandler.dump_traceback_later(2 * _WALL_FACTOR * cpu_s, exit=True)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        faulthandler.cancel_dump_traceback_later()


def _short_only(run_study):
    def short(study, *rest, **named):
        specs = study.possible_trials()
        if len(specs) > MOST_TRIALS or any(
            spec.method.startswith(("reupload", "independent-set-q")) for spec in specs
        ):
            raise TooLong
        return run_study(study, *rest, **named)

    return short


def call(words, cpu_s=CPU_S):
    """Run a command line in this process; return its code, what it printed, and its end if it is a fault."""
    sys.argv = ["qwatt", *words]
    code, fault = None, ""
    with _stream() as out, _stream() as err, contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            with _standard(out), _alarms(cpu_s):
                run()
        except SystemExit as ended:
            code = 0 if ended.code is None else ended.code
        except TooLong:
            code = "long"
        except Hang:
            fault = "hang: " + _where()
        except BaseException as error:
            fault = f"{type(error).__name__}: {str(error)[:200]} {_where()}"
        return code, _text(out), _text(err), fault


@contextlib.contextmanager
def _standard(out):
    """Lay a case's file over input 0 and a stream over output 1, for what reads and writes them bare."""
    kept = os.dup(1)
    source = os.open("stdin" if Path("stdin").is_file() else os.devnull, os.O_RDONLY)
    os.dup2(source, 0)
    os.dup2(out.fileno(), 1)
    try:
        yield
    finally:
        os.close(source)
        os.dup2(kept, 1)
        os.close(kept)


def _stream():
    """Return a stream that has a file's number, as a terminal has."""
    return io.TextIOWrapper(tempfile.TemporaryFile(), "utf-8")


def _text(stream):
    stream.flush()
    stream.buffer.seek(0)
    return stream.buffer.read().decode("utf-8", "replace")


def _where():
    frames = [f for f in traceback.extract_tb(sys.exc_info()[2]) if "/qwatt/" in f.filename]
    return " < ".join(f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in frames[:-5:-1])


def judge(code, out, err, words, folder):
    """Return what is wrong with an answer, or ""."""
    if code not in (0, 1, 2, "long"):
        return f"code {code!r}"
    if "Traceback" in out + err:
        return f"traceback printed: {(out + err)[-300:]}"
    if "\x1b" in out + err:
        return "an escape code reaches the terminal"
    if _asks_for_json(words) and "--help" not in words and code != "long" and out:
        try:
            json.loads(out, parse_constant=_refuse)
        except ValueError as error:
            return f"not JSON ({error}): {out[:200]}"
    told = out.startswith('{"error"') or "Usage:" in out or ("error: " in err and len(err) < 20_000)
    if code == 2 and not told:
        return f"no message ({len(err)} characters): {err[:200]!r}"
    return _failed_trials(folder)


def _asks_for_json(words):
    """Return whether --json is an option here, and not the value of one before it."""
    flags = ("--json", "--force", "--on-gpu", "--")
    before = ["", *words]
    return any(
        word == "--json" and (before[i] in flags or not before[i].startswith("--"))
        for i, word in enumerate(words)
    )


def _refuse(name):
    raise ValueError(name)


def _failed_trials(folder):
    """Return the first error of a trial that is no message to the user."""
    for file in folder.rglob("trials.jsonl"):
        if "runs" in file.parts[-3:] or not file.is_file():
            continue
        for line in file.read_bytes().splitlines():
            with contextlib.suppress(ValueError, RecursionError, AttributeError):
                record = json.loads(line)
                error = record.get("error") if record.get("status") == "failed" else None
                if isinstance(error, str) and not error.startswith(("QwattError", "MissingExtraError")):
                    return f"failed trial: {error[:200]} {str(record.get('traceback'))[-400:]}"
    return ""


def one(seed, index, templates, base):
    """Run a case and return its record."""
    folder = base / f"{index}" / "a" / "b" / "c"
    folder.mkdir(parents=True)
    os.chdir(folder)
    kind, words = draw_case(random.Random(f"{seed}:{index}"), folder, templates)
    print(json.dumps({"begins": index, "kind": kind, "words": words}), flush=True)
    cpu, start = time.process_time(), time.perf_counter()
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        code, out, err, fault = call(words)
    cpu, seconds = time.process_time() - cpu, time.perf_counter() - start
    fault = fault or judge(code, out, err, words, folder)
    os.chdir(base)
    if not KEEP:
        shutil.rmtree(base / f"{index}")
    return {
        "case": index,
        "kind": kind,
        "code": code,
        "fault": fault,
        "cpu_s": cpu,
        "wall_s": seconds,
        "words": words,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "warned": sorted(
            {
                f"{Path(w.filename).name}:{w.lineno} {w.category.__name__}: {str(w.message)[:100]}"
                for w in warned
            }
        ),
        "told": (err or out)[:300],
    }


def make_templates(base):
    """Make what the kinds damage by whole calls, one a verb."""
    made = Templates(
        *(base / f"whole-{name}" for name in ("dedup", "head", "recorded", "watch", "list.json"))
    )
    labels = [{"text": f"a {w} day number {i}", "label": w} for i in range(90) for w in ("warm", "sour")]
    _write_lines(base / "labels.jsonl", labels)
    made.watched.mkdir()
    reference = made.watched / "reference.jsonl"
    _write_lines(reference, [{"score": i % 7 / 7} for i in range(40)])
    _write_lines(base / "stdin", [{"score": i % 5 / 5} for i in range(60)])
    methods = "--method exact-hash --method minhash"
    whole = (
        f"run curation/dedup --data builtin:phrases {methods} {SMALL} --out {made.dedup}",
        f"run tuning/head --data {base / 'labels.jsonl'} --method logistic {SMALL} --out {made.head}",
        f"watch {reference} --window 10",
        f"watch-list --state {made.watch_list}",
    )
    for line in whole:
        code, out, err, fault = call(line.split(), _IMPORTS_CPU_S)
        if code or fault:
            raise SystemExit(f"the whole run failed: {line}: {code} {fault} {out} {err}")
    for stage in ("training", "deployment"):
        with qwatt.record(made.recorded, stage=stage):
            sum(range(1000))
    return made


def _write_lines(file, rows):
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))


def main():
    seed, first, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    real_stdout = sys.stdout
    base = Path(tempfile.mkdtemp(prefix="fuzz-"))
    os.environ |= {"QWATT_CACHE": str(base / "cache"), "QWATT_OFFLINE": "1", "COLUMNS": "120"}
    os.chdir(base)
    templates = make_templates(base)
    protocol_run.run_study = _short_only(protocol_run.run_study)
    for index in range(first, first + count):
        print(json.dumps(one(seed, index, templates, base)), file=real_stdout, flush=True)
    if not KEEP:
        os.chdir("/")
        shutil.rmtree(base)
    else:
        print(json.dumps({"kept": str(base)}))


if __name__ == "__main__":
    main()
