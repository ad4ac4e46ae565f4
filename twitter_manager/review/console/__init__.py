"""The review console: pages on loopback for as long as a person uses them. Nothing here is imported by a run."""
