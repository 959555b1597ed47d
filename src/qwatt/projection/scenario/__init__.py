"""The user's model, its life, where it runs, and the outlook: read from TOML and checked."""
