"""Tests of a report in other forms."""
