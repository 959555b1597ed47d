"""Adapting a language model to the text of another domain, with adapters that merge into a plain model."""
