"""Two hours of `qwatt watch` at a service's pace, killed now and then: nothing lost, repeated or grown."""

import json
import os
import resource
import subprocess
import sys
import threading
import time

import numpy as np
import psutil
import pytest
from scipy import stats
from watching import printed, scores, write_rows

SOAK_S = float(os.environ.get("QWATT_SOAK_S", "7200"))
"""Set to a minute to look at the test itself."""
KILLS = 12
"""All in the first half; the second half is one process, whose memory is looked at."""
ROWS_A_BATCH, BATCHES_A_SECOND = 20, 10
STRETCH, DRIFT_EVERY = 5_000, 7
"""Each seventh stretch of so many rows drifts, so that there are alerts to lose."""


class Service(threading.Thread):
    """Appends scores to a log, batch by batch, among them drifted stretches and lines that are no rows."""

    def __init__(self, log, ends):
        super().__init__(daemon=True)
        self.log, self.ends, self.done, self.rows = log, ends, threading.Event(), 0

    def run(self):
        generator = np.random.default_rng(5)
        with self.log.open("ab", buffering=0) as file:
            while time.monotonic() < self.ends:
                power = 1.6 if self.rows // STRETCH % DRIFT_EVERY == DRIFT_EVERY - 1 else 1.0
                values = generator.random(ROWS_A_BATCH) ** power
                file.write("".join(f'{{"score": {value:.6f}}}\n' for value in values).encode())
                if generator.random() < 0.01:
                    file.write(b"not a row\n")
                self.rows += ROWS_A_BATCH
                time.sleep(1 / BATCHES_A_SECOND)
        self.done.set()


class Watching:
    """A process that is fed a log from its beginning and then as it grows, as `tail -f` would."""

    def __init__(self, folder, service, *more):
        words = [sys.executable, "-m", "qwatt.cli", "watch", "reference.jsonl", "--window", "500"]
        with (folder / "out.jsonl").open("ab") as out, (folder / "err").open("ab") as err:
            self.process = subprocess.Popen(
                [*words, "--state", "state", *more], cwd=folder, stdin=subprocess.PIPE, stdout=out, stderr=err
            )
        self.service, self.feeding = service, threading.Thread(target=self._feed, daemon=True)
        self.feeding.start()

    def _feed(self):
        try:
            with self.service.log.open("rb") as file, self.process.stdin as pipe:
                while True:
                    last = self.service.done.is_set()
                    if block := file.read(1 << 16):
                        pipe.write(block)
                        pipe.flush()
                    elif last:
                        return
                    else:
                        time.sleep(0.05)
        except BrokenPipeError:
            return

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.feeding.join()


def watched(folder, service, began):
    """Watch until the service ends, with kills in the first half; return (seconds, bytes) of the second."""
    moments = np.sort(np.random.default_rng(9).uniform(0, SOAK_S / 2, KILLS))
    watching = Watching(folder, service)
    for moment in moments:
        time.sleep(max(0.0, began + moment - time.monotonic()))
        watching.kill()
        watching = Watching(folder, service, "--resume")
    time.sleep(max(0.0, began + SOAK_S * 0.55 - time.monotonic()))
    memory = []
    while not service.done.wait(SOAK_S / 500):
        memory.append((time.monotonic(), psutil.Process(watching.process.pid).memory_info().rss))
    assert watching.process.wait(120) == 0, (folder / "err").read_text()
    return np.array(memory)


@pytest.mark.soak
@pytest.mark.nightly
def test_two_hours_with_kills(tmp_path, record_property):
    write_rows(tmp_path / "reference.jsonl", scores(1, 20_000))
    (tmp_path / "log.jsonl").touch()
    began = time.monotonic()
    service = Service(tmp_path / "log.jsonl", began + SOAK_S)
    service.start()
    memory = watched(tmp_path, service, began)
    found = printed(tmp_path / "out.jsonl")
    used = resource.getrusage(resource.RUSAGE_CHILDREN)

    whole = tmp_path / "whole"
    whole.mkdir()
    words = [
        sys.executable,
        "-m",
        "qwatt.cli",
        "watch",
        "../reference.jsonl",
        "--window",
        "500",
        "--state",
        "s",
    ]
    with (tmp_path / "log.jsonl").open("rb") as log, (whole / "out.jsonl").open("wb") as out:
        subprocess.run(words, cwd=whole, stdin=log, stdout=out, stderr=subprocess.DEVNULL, check=True)
    assert [json.dumps(row) for row in found] == [json.dumps(row) for row in printed(whole / "out.jsonl")]
    drifted = sum(window * 500 // STRETCH % DRIFT_EVERY == DRIFT_EVERY - 1 for window in range(len(found)))
    assert len(found) == service.rows // 500 and found[-1]["alerts"] >= 0.8 * drifted
    slope = stats.linregress(memory[:, 0] / 3600, memory[:, 1]).slope
    assert memory[:, 1].max() < 300e6
    if SOAK_S >= 3600:
        assert slope < 2e6, "it would grow by more than 2 MB in an hour"
    record_property(
        "figures",
        f"watch for {SOAK_S / 3600:.2g} h: {service.rows:,} rows, {KILLS} kills, {len(found):,} windows, "
        f"{found[-1]['alerts']} alerts, none lost or repeated; memory {memory[:, 1].max() / 1e6:.1f} MB at "
        f"most, growth {slope / 1e3:+.0f} kB an hour; {used.ru_utime + used.ru_stime:.0f} CPU s",
    )
