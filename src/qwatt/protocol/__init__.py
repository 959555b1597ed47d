"""The one protocol: expand a study, tune, run, price and record every trial."""
