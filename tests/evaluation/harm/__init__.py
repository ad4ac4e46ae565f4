"""The labelled sentences that `checks.likeness` has learned from, and how: see `__main__`."""
