"""What calculators look up in the catalogue: accelerators, grids, language models."""
