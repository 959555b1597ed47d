"""Every figure of a report as a file of its own, for papers, slides and galleries."""
