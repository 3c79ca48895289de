"""Floor 2: capture files. They know bytes, times and names, and nothing of networks."""
