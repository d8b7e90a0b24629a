"""Branching journeys: which containers reach which nodes of an acyclic graph."""
