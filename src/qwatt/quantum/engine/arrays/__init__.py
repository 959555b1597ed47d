"""What the rooms share: Kronecker products on state vectors, and buffers that outlive a call."""
