"""`remote.http` through PennyLane's plugin interface and through a study, against a provider that bills."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pennylane as qml
import pytest
from fake_provider import USD_PER_JOB, USD_PER_SHOT, Cloud, random_faults, served, simulated_counts

from qwatt.api.run import run
from qwatt.cli.budget import read_budget
from qwatt.core.errors import BudgetError, QwattError
from qwatt.protocol.billing import planned_bills, price_of
from qwatt.quantum.backends.plugin import PennyLaneBackend
from qwatt.quantum.circuit import Circuit
from qwatt.quantum.remote.device import RemoteDevice
from qwatt.quantum.remote.ledger import FILE, Ledger
from qwatt.quantum.remote.session import booked

METADATA = "Metadata-Version: 2.1\nName: remote-for-a-test\nVersion: 1\n"
ENTRY = "[pennylane.plugins]\nremote.http = qwatt.quantum.remote.device:RemoteDevice\n"


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Declare the device as a package does, for a source tree that is not installed."""
    folder = tmp_path / "site" / "remote_for_a_test-1.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text(METADATA)
    (folder / "entry_points.txt").write_text(ENTRY)
    monkeypatch.syspath_prepend(str(folder.parent))
    qml.refresh_devices()
    yield folder.parent
    monkeypatch.undo()
    qml.refresh_devices()


def circuit(x):
    qml.RX(x[0], wires=0)
    qml.IsingXY(x[1], wires=[0, 1])
    qml.adjoint(qml.T)(wires=1)
    qml.Hadamard(wires=1)
    return [qml.expval(qml.PauliZ(0)), qml.expval(qml.PauliZ(1))]


@pytest.mark.usefixtures("plugin")
def test_it_measures_what_pennylanes_simulator_computes(tmp_path: Path) -> None:
    cloud, x = Cloud(simulated_counts, fault=random_faults(1, 0.3)), np.array([0.7, 1.3])
    exact = qml.QNode(circuit, qml.device("default.qubit", wires=2))(x)
    with served(cloud) as url, booked(Ledger(tmp_path), "trial"):
        device = qml.device("remote.http", wires=2, url=url)
        assert isinstance(device, RemoteDevice)
        found = qml.set_shots(qml.QNode(circuit, device), 4000)(x)
    assert np.abs(np.array(found) - np.array(exact)).max() < 5 / np.sqrt(4000)
    assert len(cloud.jobs) == 1


@pytest.mark.usefixtures("plugin")
def test_bits_come_in_the_order_of_the_wires() -> None:
    def flipped():
        qml.PauliX(wires=1)
        return qml.sample(wires=[0, 1, 2])

    with served(Cloud(simulated_counts)) as url:
        device = qml.device("remote.http", wires=3, url=url)
        assert (qml.set_shots(qml.QNode(flipped, device), 5)() == [0, 1, 0]).all()


@pytest.mark.usefixtures("plugin")
def test_what_cannot_be_read_from_bits_is_refused_before_anything_is_billed() -> None:
    cloud = Cloud()
    with served(cloud) as url:
        device = qml.device("remote.http", wires=1, url=url)
        for measure in (lambda: qml.expval(qml.PauliX(0)), qml.state):
            with pytest.raises(qml.exceptions.DeviceError):
                qml.set_shots(qml.QNode(measure, device), 5)()
        with pytest.raises(qml.exceptions.DeviceError):
            qml.QNode(lambda: qml.expval(qml.PauliZ(0)), device)()
    assert cloud.jobs == {}


@pytest.mark.usefixtures("plugin")
def test_two_devices_of_a_trial_share_no_result(tmp_path: Path) -> None:
    cloud = Cloud()
    with served(cloud) as url, booked(Ledger(tmp_path), "trial"):
        for _ in range(2):
            device = qml.device("remote.http", wires=1, url=url)
            qml.set_shots(qml.QNode(lambda: qml.sample(wires=0), device), 5)()
    assert len(cloud.jobs) == 2


@pytest.mark.usefixtures("plugin")
def test_the_backend_passes_a_spent_budget_on(tmp_path: Path) -> None:
    one = Circuit(lambda inputs, weights: qml.RX(0.3, wires=0), wires=1, name="one")
    with served(Cloud()) as url, booked(Ledger(tmp_path, 0.1), "trial"), pytest.raises(BudgetError):
        PennyLaneBackend("remote.http", {"url": url}).sample(one, shots=10)


STUDY = {
    "seeds": 2, "size": "xs", "tuning_trials": 1, "shots": 10,
    "tasks": [{"task": "tuning/head", "source": "builtin:weather", "methods": ["reupload"]}],
}  # fmt: skip


def bills(url: str) -> float:
    from qwatt.core.study_file import check_study

    study = check_study(STUDY | {"backend": f"pennylane:remote.http?url={url}"}, "the test")
    return sum(bill.usd for bill in planned_bills(study, study.trials(), price_of(study.backend)))


@pytest.mark.nightly
@pytest.mark.usefixtures("plugin")
def test_a_study_keeps_its_budget_before_and_meanwhile(tmp_path: Path) -> None:
    cloud = Cloud(simulated_counts)
    with served(cloud) as url:
        study, planned = STUDY | {"backend": f"pennylane:remote.http?url={url}"}, bills(url)
        assert cloud.jobs == {}, "a plan submits nothing"
        with pytest.raises(BudgetError, match="nothing was submitted"):
            run(study, out=tmp_path / "run", budget_usd=planned / 2)
        assert cloud.jobs == {}
        run(study, out=tmp_path / "run", budget_usd=planned)
        assert 0 < cloud.billed_usd <= planned
        assert Ledger(tmp_path / "run").usd == pytest.approx(cloud.billed_usd)


@pytest.mark.nightly
def test_a_killed_study_is_billed_once(tmp_path: Path, plugin: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(plugin), os.environ.get("PYTHONPATH", "")]))
    cloud = Cloud(simulated_counts, seconds=0.05, fault=random_faults(5, 0.1))
    with served(cloud) as url:
        words = [
            sys.executable, "-m", "qwatt.cli", "run", "tuning/head", "--data", "builtin:weather",
            "--size", "xs",
            "--method", "reupload", "--seeds", "1", "--shots", "10", "--tuning-trials", "1", "--json",
            "--backend", f"pennylane:remote.http?url={url}", "--out", "run",
            "--budget", "100usd", "--partial",
        ]  # fmt: skip
        for jobs in (3, 20, 50):
            process = subprocess.Popen(words, cwd=tmp_path, stdout=subprocess.DEVNULL)
            while len(cloud.jobs) < jobs and process.poll() is None:
                time.sleep(0.01)
            process.send_signal(signal.SIGKILL)
            process.wait()
        done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, timeout=500)
    assert json.loads(done.stdout).get("failed") == 0, done.stdout[-3000:] + done.stderr
    lines = [json.loads(line) for line in (tmp_path / "run" / FILE).read_text().splitlines()]
    assert len({line["key"] for line in lines if line["event"] == "finish"}) == len(cloud.jobs)
    assert Ledger(tmp_path / "run").usd == pytest.approx(cloud.billed_usd)
    assert cloud.billed_usd == pytest.approx(len(cloud.jobs) * (USD_PER_JOB + 10 * USD_PER_SHOT))
    assert len(cloud.jobs) > 50


BUDGETS = {"50usd": 50.0, "50": 50.0, "12.5 USD": 12.5, "$3": None, "usd": None, "1e999": None, "1.2.3": None}


@pytest.mark.parametrize(("text", "usd"), BUDGETS.items())
def test_budgets_are_read(text: str, usd: float | None) -> None:
    if usd is None:
        with pytest.raises(QwattError, match="no amount"):
            read_budget(text)
    else:
        assert read_budget(text) == usd
