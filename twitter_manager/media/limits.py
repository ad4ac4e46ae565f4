"""How large a picture may be, and the types that are kept."""

from __future__ import annotations

from collections.abc import Mapping

EXTENSIONS: Mapping[str, str] = {"image/jpeg": "jpg", "image/png": "png", "image/gif": "gif"}
"""The types of what is kept, with the ends of their files' names."""
MOST_READ = 50 * 2**20
"""Bytes of a file that a person gives."""
MOST_STORED = 32 * 2**20
"""Bytes of a picture that is kept."""
