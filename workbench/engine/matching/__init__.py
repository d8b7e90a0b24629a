"""Compiled matching of step sequences."""
