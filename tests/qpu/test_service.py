from qwatt.core.demand import CircuitLine, Demand
from qwatt.energy.qpu import load_qpus, price

EASY = Demand.of(CircuitLine(1, 1000, 2, 2, 1, 3, 2))


def test_only_machines_in_service_can_run_anything_today() -> None:
    for name, qpu in load_qpus().items():
        cost = price(EASY, qpu)
        if qpu.service != "cloud":
            assert not cost.executable, name
            assert cost.why


def test_a_laboratory_machine_keeps_its_price() -> None:
    weber = price(EASY, load_qpus()["google_weber"])
    assert "laboratory" in weber.why
    assert weber.energy_j.known
