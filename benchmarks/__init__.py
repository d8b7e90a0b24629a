"""Speed and memory against peers, run by hand with ``make bench``; never a timed test."""
