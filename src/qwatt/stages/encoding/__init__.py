"""Turning text and vectors into what a machine computes with."""
