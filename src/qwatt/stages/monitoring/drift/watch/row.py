"""What is said of a row that cannot be used."""


class BadRowError(ValueError):
    """A row that cannot be used; its text is the reason, the same for all rows of one mistake."""
