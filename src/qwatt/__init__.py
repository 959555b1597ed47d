"""qwatt: energy-to-solution of quantum-enhanced methods in every stage of a language model's life."""
