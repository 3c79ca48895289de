"""Floor 4: devices and what joins them. No address of the network layer is known here."""
