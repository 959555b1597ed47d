"""Circuit families, one short file each, as PennyLane quantum functions; the factories return `Circuit`s.

- `feature_maps`: angle, amplitude, ZZ, IQP, CNOT-phase
- `ansaetze`: ring CNOT-RY with connectivity, strongly entangling, hardware-efficient
- `reupload`: data re-uploading, variational layer
- `state_preparation`, `approximate`: exact, in log depth, trained to a fidelity
- `qram`: select-only, QROM, bucket brigade
- `overlap`: compute-uncompute, swap, Hadamard, interference, copies side by side
- `grover`, `amplification`, `qaoa`

The same call gives the identical `Circuit` (`qaoa` apart), so that programs and gate counts are found
again. A function `..._counts` states the gates in closed form; what is billed is counted from the circuit by
`quantum.demand`.
"""
