"""A run in the forms of other programs and of those who ask for its energy: one file a form."""
