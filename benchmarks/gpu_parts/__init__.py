"""What `gpu.py` measures on a GPU, one part a file; each runs in a process of its own."""
