"""The seven stages of a language model's life, one folder a stage, one folder a task."""
