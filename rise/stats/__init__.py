"""Compare methods by their paired differences over seeds: pure functions on arrays."""
