"""Learning a vocabulary from a corpus and writing the corpus in it."""
