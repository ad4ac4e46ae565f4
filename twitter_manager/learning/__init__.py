"""What figures and a person's edits teach. Pure over what `store` keeps; who acts on it is left to `pipeline`."""
