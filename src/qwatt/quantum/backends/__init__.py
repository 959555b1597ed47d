"""Where circuits and QUBOs run."""
