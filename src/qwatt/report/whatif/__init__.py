"""The what-if of a projection's page: what it shows at first, and the data that recomputes it."""
