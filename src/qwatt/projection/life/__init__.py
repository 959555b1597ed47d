"""The life of a model: every stage's energy, money and carbon."""
