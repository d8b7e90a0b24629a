"""Totals of containers in buckets of time, for cohort tables."""
