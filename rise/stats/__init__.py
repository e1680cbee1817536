"""Statistics of paired comparisons over seeds: pure functions on arrays."""
