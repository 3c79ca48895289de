"""TCP as a sans-IO machine (RFC 9293, as Linux speaks it)."""
