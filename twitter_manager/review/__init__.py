"""A person in the loop: what they do with a draft (`actions`), and the console in which they do it."""
