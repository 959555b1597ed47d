"""Stage 1: data collection and curation."""
