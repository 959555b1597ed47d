"""From a quantum function to a plan: trace, lower to primitives, merge into few steps."""
