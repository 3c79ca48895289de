"""Floor 8: views of a Trace: text, JSON, captures; and of a node: what iproute2 would print."""
