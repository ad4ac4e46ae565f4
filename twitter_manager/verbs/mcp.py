"""The verb `mcp`: a desktop assistant at work with the bots."""

from __future__ import annotations

import sys

from twitter_manager.verbs.verb import Verb, Words, opened


def mcp(words: Words) -> int:
    """Serve an assistant that speaks MCP, on standard input and output: it can look, and propose posts that wait for
    you (docs/mcp.md)."""
    app = opened(words)
    from twitter_manager.review.mcp_server import serve

    if sys.stdin.isatty():
        words.screen.progress("an assistant starts this by itself, see docs/mcp.md; Ctrl-C ends it")
    serve(app)
    return 0


MCP = Verb(mcp)
