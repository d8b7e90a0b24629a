"""Tests of copies for anyone."""
