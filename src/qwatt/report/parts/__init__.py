"""The parts of the page, from the answer to the method: one file each, with its template of the same name."""
