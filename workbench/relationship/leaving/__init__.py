"""Warnings before a relationship ends, and what they were worth."""
