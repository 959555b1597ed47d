"""Modelled time, energy, money and fidelity of a QPU."""
