"""What a person decides about drafts, and the ways by which they do: the console, its API, MCP."""
