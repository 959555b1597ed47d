"""From a quantum function to a fused circuit: trace, lower to primitives, merge into few steps."""
