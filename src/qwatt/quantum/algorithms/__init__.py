"""Procedures that run circuits many times: search, estimation, gradients, optimisers, SVD."""
