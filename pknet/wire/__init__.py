"""Floor 1: bytes on a wire, and their headers read in place. Wire bytes are the truth."""
