"""The media part of the stand-in for a Mastodon server: uploads with descriptions, processing, what is dropped unused.

An upload is good for `settings.media_lasts` seconds and for one post. So many looks (`settings.processing`) find it
unfinished, for ever where that is negative.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

from PIL import Image

from tests.standins.service import Json, Refusal, Reply
from tests.standins.x_media import kind_of

MIME_TYPES = ("image/jpeg", "image/png", "image/gif", "image/webp")


@dataclass
class Attachment:
    """An upload. `looks`: how often it will still be found unfinished; `post`: the status that it is in."""

    id: str
    owner: str
    content: bytes
    alt: str
    focus: str
    expires: float
    looks: int = 0
    post: str = ""


def error(status: int, message: str) -> Reply:
    return Reply(status, {"error": message})


class Shelf:
    """What was uploaded."""

    def __init__(self, settings: Any) -> None:
        self._settings = settings
        self.stored: dict[str, Attachment] = {}

    def upload(self, owner: str, form: dict[str, bytes], now: float) -> Reply:
        if not {"write", "write:media"} & set(self._settings.scopes):
            return error(403, "This action is outside the authorized scopes")
        content, alt = form.get("file", b""), form.get("description", b"").decode()
        if kind_of(content) not in MIME_TYPES:
            return error(422, "Validation failed: File content type is invalid, File is invalid")
        if len(content) > self._settings.image_bytes or len(alt) > self._settings.description_characters:
            return error(422, "Validation failed: File file size must be less than the limit, or description too long")
        with Image.open(io.BytesIO(content)) as picture:
            if picture.width * picture.height > self._settings.image_pixels:
                return error(422, f"Validation failed: {picture.width}x{picture.height} images are not supported")
        media_id = str(110_000_000_000_000_000 + len(self.stored))
        focus, expires = form.get("focus", b"").decode(), now + self._settings.media_lasts
        made = Attachment(media_id, owner, content, alt, focus, expires, self._settings.processing)
        self.stored[media_id] = made
        return Reply(202 if made.looks else 200, self.show(made))

    def one(self, owner: str, media_id: str, now: float) -> Reply:
        found = self._unused(owner, media_id, now)
        if found is None:
            return error(404, "Record not found")
        found.looks -= found.looks > 0
        return Reply(206 if found.looks else 200, self.show(found))

    def attach(self, owner: str, ids: list[str], now: float) -> list[Attachment]:
        """The pictures of a new post. One that is gone or used is a 422; before 4.3 it is left out without a word."""
        found = [self._unused(owner, media_id, now) for media_id in ids]
        there = [attachment for attachment in found if attachment]
        if len(ids) > self._settings.max_media:
            raise Refusal(error(422, "Cannot attach more than 4 files"))
        if len(there) < len(ids) and not self._settings.leaves_out:
            raise Refusal(error(422, "Media not found or already attached to another post"))
        if any(attachment.looks for attachment in there):
            raise Refusal(error(422, "Cannot attach files that have not finished processing. Try again in a moment!"))
        return there

    def show(self, attachment: Attachment) -> Json:
        url = None if attachment.looks else f"https://files.example/{attachment.id}"
        return {"id": attachment.id, "type": "image", "url": url, "description": attachment.alt or None, "meta": {}}

    def _unused(self, owner: str, media_id: str, now: float) -> Attachment | None:
        found = self.stored.get(media_id)
        return found if found and not found.post and found.owner == owner and found.expires > now else None
