"""A third-party package that adds one method to qwatt through an entry point."""
