"""Measures: from the tables of a workspace to the units that a figure is made of."""
