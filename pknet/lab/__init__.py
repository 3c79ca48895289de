"""Floor 8: the facade. Load, build, send, run, look."""
