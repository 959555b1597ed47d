"""Two runs side by side: what changed, and whether it matters."""
