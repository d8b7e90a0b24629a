"""Who is in contact with whom, and who took over from whom."""
