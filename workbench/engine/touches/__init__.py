"""Touches of conversions and the sharing of their credit."""
