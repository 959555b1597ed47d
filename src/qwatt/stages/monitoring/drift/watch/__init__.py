"""Watching a stream without end: windows against a reference, restartable, in bounded memory."""
