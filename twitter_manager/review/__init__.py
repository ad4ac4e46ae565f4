"""A person in the loop: what they decide of drafts, and the ways to it."""
