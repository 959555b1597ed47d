"""A budget on a vendor's own plugin: the double bills, and is never sent a circuit that the budget lacks."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pennylane as qml
import pytest
from billing_device import USD_PER_SHOT, USD_PER_TASK, BillingDevice

from qwatt.api.run import run
from qwatt.core.errors import BudgetError, QwattError
from qwatt.core.registry import get_backend
from qwatt.energy.qpu.money import Job, load_offers
from qwatt.protocol.billing import check_backend, planned_bills, price_of
from qwatt.quantum.circuit import Circuit
from qwatt.quantum.remote.ledger import FILE, Ledger
from qwatt.quantum.remote.offered import offered_price
from qwatt.quantum.remote.session import booked

OFFER = "braket.iqm_garnet"
BACKEND = f"pennylane:vendor.billing?price={OFFER}"
STUDY = {
    "seeds": 2, "size": "xs", "tuning_trials": 1, "shots": 10, "backend": BACKEND,
    "tasks": [{"task": "tuning/head", "source": "builtin:weather", "methods": ["reupload"]}],
}  # fmt: skip


@pytest.fixture(autouse=True)
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    folder = tmp_path / "site" / "vendor_for_a_test-1.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: vendor-for-a-test\nVersion: 1\n")
    (folder / "entry_points.txt").write_text(
        "[pennylane.plugins]\nvendor.billing = billing_device:BillingDevice\n"
    )
    monkeypatch.syspath_prepend(str(folder.parent))
    monkeypatch.setattr(BillingDevice, "account", [])
    qml.refresh_devices()
    yield
    monkeypatch.undo()
    qml.refresh_devices()


def turned() -> Circuit:
    return Circuit(
        lambda inputs, weights: qml.RX(inputs[..., 0], wires=0), wires=1, n_inputs=1, name="turned"
    )


def test_the_ceiling_is_what_the_offer_asks() -> None:
    (offer,) = (one for one in load_offers() if one.id == OFFER)
    for shots, circuits in ((1, 1), (1000, 7)):
        job = Job(circuits, shots, 5, 5, 1, None)
        assert offered_price(OFFER).quote(shots, circuits) == pytest.approx(offer.cost([job], 2))
    assert offered_price(OFFER).quote(10) == pytest.approx(USD_PER_TASK + 10 * USD_PER_SHOT)


def test_a_batch_that_would_exceed_the_budget_is_not_sent(tmp_path: Path) -> None:
    one = USD_PER_TASK + 100 * USD_PER_SHOT
    backend, inputs = get_backend(BACKEND), np.array([[0.1], [0.2], [0.3]])
    with booked(Ledger(tmp_path, 5.5 * one), "trial"):
        backend.sample(turned(), inputs, shots=100)
        assert sum(BillingDevice.account) == pytest.approx(3 * one) == pytest.approx(Ledger(tmp_path).usd)
        with pytest.raises(BudgetError, match="would be exceeded"):
            backend.sample(turned(), inputs, shots=100)
        assert len(BillingDevice.account) == 3
        backend.sample(turned(), inputs[:2], shots=100)
    assert sum(BillingDevice.account) == pytest.approx(5 * one) == pytest.approx(Ledger(tmp_path).usd)


def test_what_failed_at_the_vendor_stays_charged(tmp_path: Path) -> None:
    backend = get_backend(f"{BACKEND}&fail_after=2")
    with booked(Ledger(tmp_path, 100.0), "trial"), pytest.raises(QwattError, match="queue is closed"):
        backend.sample(turned(), np.array([[0.1], [0.2], [0.3]]), shots=100)
    assert sum(BillingDevice.account) < Ledger(tmp_path).usd == pytest.approx(3 * (0.30 + 0.145))


def test_the_device_measures_as_without_a_price() -> None:
    found = get_backend(BACKEND).expval(turned(), np.array([[0.0], [np.pi]]), shots=50)
    assert found.ravel().tolist() == [1.0, -1.0]


@pytest.mark.parametrize(
    ("offer", "said"),
    [
        ("ibm.pay_as_you_go", "not known before"),
        ("azure.ionq_forte", "not known before"),
        ("braket.iqm_granet", "braket.iqm_garnet"),
    ],
)
def test_offers_that_cannot_be_kept_are_refused(offer: str, said: str) -> None:
    for refuse in (get_backend, lambda backend: check_backend(backend, 50.0)):
        with pytest.raises(QwattError, match=said):
            refuse(f"pennylane:vendor.billing?price={offer}")


@pytest.mark.parametrize("device", ["default.qubit", "remote.http"])
def test_devices_that_need_no_price_are_refused_one(device: str) -> None:
    with pytest.raises(QwattError, match="vendors' devices"):
        get_backend(f"pennylane:{device}?price={OFFER}")


@pytest.mark.nightly
def test_a_study_stops_before_its_budget_is_exceeded_and_goes_on_with_a_larger_one(tmp_path: Path) -> None:
    from qwatt.core.study_file import check_study

    study = check_study(STUDY, "the test")
    planned = sum(bill.usd for bill in planned_bills(study, study.trials(), price_of(BACKEND)))
    with pytest.raises(BudgetError, match="nothing was submitted"):
        run(STUDY, out=tmp_path / "run", budget_usd=50.0)
    assert BillingDevice.account == []
    with pytest.raises(BudgetError, match="would be exceeded"):
        run(STUDY, out=tmp_path / "run", budget_usd=50.0, partial=True)
    assert 0 < sum(BillingDevice.account) <= 50.0
    assert Ledger(tmp_path / "run").usd == pytest.approx(sum(BillingDevice.account))
    found = run(STUDY, out=tmp_path / "run", budget_usd=50.0 + planned)
    assert not found.failed
    assert sum(BillingDevice.account) <= 50.0 + planned
    assert Ledger(tmp_path / "run").usd == pytest.approx(sum(BillingDevice.account))
    lines = [json.loads(line) for line in (tmp_path / "run" / FILE).read_text().splitlines()]
    assert {line["event"] for line in lines} == {"begin", "reserve"}
