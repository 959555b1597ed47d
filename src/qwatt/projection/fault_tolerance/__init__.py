"""Fault-tolerant estimates, and where a quantum algorithm overtakes a classical one."""
