"""What a week or a month of a bot came to."""
