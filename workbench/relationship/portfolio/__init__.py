"""All relationships at once: the list, the bubbles, the silence."""
