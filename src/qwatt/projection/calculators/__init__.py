"""Calculators: what one piece of a language model's life costs, each from one input to one estimate."""
