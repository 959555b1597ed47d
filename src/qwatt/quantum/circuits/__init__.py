"""Circuit families, one short file each, as PennyLane quantum functions; the factories return `Circuit`s.

Equal arguments give the identical `Circuit`, so that compiled plans and gate counts are found again.
"""
