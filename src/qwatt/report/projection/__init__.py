"""The projection in tables, pictures and one self-contained page."""
