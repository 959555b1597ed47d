"""Modelled time, energy, money and fidelity of a QPU."""

from qwatt.energy.qpu.estimate import estimate_anneal, estimate_circuit
from qwatt.energy.qpu.machine import Qpu, get_qpu, load_qpus
from qwatt.energy.qpu.money import offers_for, quantum_credits
from qwatt.energy.qpu.power import accounting
from qwatt.energy.qpu.price import QpuCost, price

__all__ = [
    "Qpu",
    "QpuCost",
    "accounting",
    "estimate_anneal",
    "estimate_circuit",
    "get_qpu",
    "load_qpus",
    "offers_for",
    "price",
    "quantum_credits",
]
