"""Two-sample tests of a stream of texts against a reference."""
