"""The batched torch state-vector engine."""
