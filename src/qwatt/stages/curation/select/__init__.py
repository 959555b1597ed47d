"""Choosing a fixed number of training examples out of many."""
