"""The ladder of energy readers and the windows that use it."""
