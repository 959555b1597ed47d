"""Reinforcement learning: a pole that is to stand, and continuations that are to pass a rule."""
