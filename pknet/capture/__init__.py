"""Floor 3: capture files. They know bytes, times and names, and nothing of networks."""
