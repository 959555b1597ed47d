"""Circuits, the engine, backends, demand, noise and QUBOs."""
