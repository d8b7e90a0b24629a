"""Paths of items from, to and around an anchor."""
