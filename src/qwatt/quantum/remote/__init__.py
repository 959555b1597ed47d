"""Jobs at a remote provider: submitted once, written down at once, polled, paid once, within a budget."""
