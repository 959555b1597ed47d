"""What several stages need of a language model: encoders and their cache."""
