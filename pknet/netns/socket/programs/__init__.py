"""What runs on a node: listeners and clients, each a file."""
