"""Data sets and models out of packages, and readers for users' files."""
