"""The circuit library, one family a file, written as PennyLane functions."""
