"""Floor 7: the facade. Load, build, send, run, look."""
