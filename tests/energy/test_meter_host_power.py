"""Which coefficient a machine gets, the user's override, and the catalogue behind them."""

from __future__ import annotations

from pathlib import Path

import pytest

from qwatt import catalogue
from qwatt.core.errors import QwattError
from qwatt.core.quantity import Basis, Boundary
from qwatt.energy.doctor import diagnose
from qwatt.energy.meter import Sources
from qwatt.energy.meter.host_power import host_power

X86 = "processor\t: 0\nvendor_id\t: {}\ncpu family\t: {}\nmodel\t\t: {}\nmodel name\t: x\n\nprocessor\t: 1\n"
ARM = "processor\t: 0\nCPU implementer\t: 0x41\nCPU architecture: 8\nCPU variant\t: 0x3\nCPU part\t: 0xd0c\n"


def cpuinfo(root: Path, text: str) -> Path:
    (root / "cpuinfo").write_text(text)
    return root


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (X86.format("AuthenticAMD", 26, 2), "Turin"),
        (X86.format("AuthenticAMD", 25, 1), "Milan"),
        (X86.format("AuthenticAMD", 25, 17), "Genoa"),
        (X86.format("AuthenticAMD", 23, 49), "Rome"),
        (X86.format("GenuineIntel", 6, 85), "Cascade Lake"),
        (X86.format("GenuineIntel", 6, 143), "Sapphire Rapids"),
        (ARM, "Neoverse N1"),
    ],
)
def test_a_processor_is_found_by_its_numbers(tmp_path, text, name):
    power = host_power(cpuinfo(tmp_path, text), {})
    assert name in power.name
    assert power.known
    assert (power.per_vcpu.basis, power.per_vcpu.boundary) == (Basis.ESTIMATED_CPU_TIME, Boundary.NODE)


@pytest.mark.parametrize(
    "text", ["", "hello", X86.format("AuthenticAMD", "x", 2), X86.format("Other", 6, 85)]
)
def test_an_unknown_processor_gets_a_wide_interval_and_a_mend(tmp_path, text):
    power = host_power(cpuinfo(tmp_path, text), {})
    low, value, high = power.per_vcpu.interval
    assert not power.known
    assert high / low > 10 > value / low
    nowhere = Path("/nonexistent")
    sources = Sources(
        proc_root=tmp_path, sys_root=nowhere, dev_root=nowhere, environ={}, load_nvml=lambda: None
    )
    rungs = {rung.name: rung for rung in diagnose(sources)}
    assert list(rungs) == ["nvml", "rapl", "cpu_time", "ram"]
    assert "QWATT_W_PER_VCPU" in str(rungs["cpu_time"].mend)
    assert [rung.readable for rung in rungs.values()] == [False, False, True, True]


def test_no_cpuinfo_at_all_is_an_unknown_processor(tmp_path):
    assert not host_power(tmp_path, {}).known


@pytest.mark.parametrize(
    ("text", "interval"), [("2", (2, 2, 2)), ("1.5,2,4", (1.5, 2, 4)), (" 1, 2 ,3 ", (1, 2, 3))]
)
def test_the_override_wins(tmp_path, text, interval):
    power = host_power(tmp_path, {"QWATT_W_PER_VCPU": text})
    assert power.per_vcpu.interval == interval
    assert power.known


@pytest.mark.parametrize("text", ["two", "1,2", "3,2,1", "1,2,3,4", "0", "-1", "nan", "inf", "1,,3"])
def test_a_bad_override_is_an_error_with_a_mend(tmp_path, text):
    with pytest.raises(QwattError, match="QWATT_W_PER_VCPU") as caught:
        host_power(tmp_path, {"QWATT_W_PER_VCPU": text})
    assert "such as" in str(caught.value.mend)


def test_every_family_has_an_interval_above_zero_and_no_two_match_one_processor():
    tables = catalogue.load("host_power")["power"]
    seen: set[tuple[str, int, int]] = set()
    for key, table in tables.items():
        low, value, high = catalogue.quantity(table["per_vcpu"]).interval
        assert 0 < low < value < high, key
        assert table["idle"]["value"] < value, key
        processors = {(m["vendor"], m["family"], n) for m in table["match"] for n in m["models"]}
        assert not processors & seen, key
        seen |= processors
