"""Keeping vectors so that their inner products with queries can be had: the task and its methods."""
