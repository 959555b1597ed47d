"""Single requests or log lines that are unlike those known to be good."""
