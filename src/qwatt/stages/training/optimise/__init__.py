"""Lowering a loss: optimisers of a circuit's angles and of a small decoder's weights, at equal budgets."""
