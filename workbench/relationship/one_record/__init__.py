"""One record in depth: its questions, its score day by day, its last days."""
