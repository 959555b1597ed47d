"""The calculators held against published records."""
