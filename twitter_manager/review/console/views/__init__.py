"""What the pages say, as values: read from the database, without a word of HTML."""
