"""What a person replies to a notice, read from where they wrote it: approve, skip or edit, without a console."""
