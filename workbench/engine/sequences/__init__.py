"""Sequences of segments: every order, limit and exclusion."""
