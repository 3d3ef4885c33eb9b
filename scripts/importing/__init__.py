"""Bringing in what other systems hold: read, check, carry over, and account for every row."""
