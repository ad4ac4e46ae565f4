"""A person in the loop."""
