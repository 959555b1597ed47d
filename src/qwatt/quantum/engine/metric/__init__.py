"""The Fubini-Study metric of a circuit's weights by tangents."""
