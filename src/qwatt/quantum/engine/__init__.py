"""The batched torch state-vector engine."""

from qwatt.quantum.engine.circuit.compile import CompiledCircuit, compile_circuit

__all__ = ["CompiledCircuit", "compile_circuit"]
