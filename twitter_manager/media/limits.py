"""How large a picture may be, and the types that are kept."""

from __future__ import annotations

from collections.abc import Mapping

from twitter_manager.content import MediaLimits

EXTENSIONS: Mapping[str, str] = {"image/jpeg": "jpg", "image/png": "png", "image/gif": "gif"}
"""The types of what is kept, with the ends of their files' names."""
MOST_READ = 50 * 2**20
"""Bytes of a file that a person gives."""
MOST_STORED = 16 * 2**20
"""Bytes of a picture that is kept."""
MOST_PIXELS = 60_000_000
"""Of a picture as it is decoded, in all frames together: four bytes each, and a copy or two while it is worked on."""
MOST_JPEG_PIXELS = 250_000_000
"""Of a JPEG, which is decoded at a half, a quarter or an eighth of its size."""
STORED_SIDE = 4096
"""The most pixels of the longer side of what is kept."""
STORED = MediaLimits(count=1, max_bytes=MOST_STORED, max_gif_bytes=MOST_STORED, max_side=STORED_SIDE, max_alt=0)
SECONDS = 30.0
"""To decode and encode one picture."""
