"""The media part of the stand-in for X: uploads at once and in pieces, alt texts, processing, ids that expire.

A media id is good for `settings.media_lasts` seconds. A GIF is processed: so many looks at its status
(`settings.processing`) find it unfinished, for ever where that is negative.
"""

from __future__ import annotations

import base64
import email.parser
import email.policy
import hashlib
from dataclasses import dataclass, field
from typing import Any

from tests.standins.service import Json, Refusal, Reply, loads

UPLOAD_FIELDS = frozenset({"media", "media_category", "additional_owners"})
INITIALIZE_FIELDS = frozenset({"media_type", "media_category", "total_bytes", "shared", "additional_owners"})
APPEND_FIELDS = frozenset({"media", "segment_index"})
METADATA_FIELDS = frozenset({"id", "metadata"})
CATEGORIES = frozenset({"tweet_image", "tweet_gif"})
"""Of those that X knows, what pictures in posts have."""
MOST_BYTES = {"tweet_image": 5 * 1024 * 1024, "tweet_gif": 15 * 1024 * 1024}
MOST_BYTES_AT_ONCE = 5 * 1024 * 1024
KINDS = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG": "image/png", b"GIF8": "image/gif", b"RIFF": "image/webp"}
"""How files begin."""


@dataclass
class Stored:
    """An upload. `parts`: its pieces by their numbers; `looks`: how often its status will still say that it is busy;
    `complete`: it is there whole."""

    id: str
    owner: str
    category: str
    mime: str
    expires: float
    total: int = 0
    parts: dict[int, bytes] = field(default_factory=dict)
    looks: int = 0
    complete: bool = False
    alt: str = ""

    @property
    def content(self) -> bytes:
        return b"".join(self.parts[number] for number in sorted(self.parts))

    @property
    def key(self) -> str:
        return f"3_{self.id}"


def form_of(headers: Any, raw: bytes) -> dict[str, bytes]:
    """The fields of a multipart body; none where it is no such body."""
    kind = headers.get("Content-Type", "")
    if not kind.startswith("multipart/form-data"):
        return {}
    parser = email.parser.BytesParser(policy=email.policy.HTTP)
    whole: Any = parser.parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + raw)
    parts = [*whole.iter_parts()]
    return {part.get_param("name", header="content-disposition"): part.get_payload(decode=True) for part in parts}


def kind_of(content: bytes) -> str:
    """The MIME type that a file's beginning tells, or ""."""
    return next((mime for begin, mime in KINDS.items() if content.startswith(begin)), "")


def _invalid(message: str, **parameters: Any) -> Refusal:
    detail = "One or more parameters to your request was invalid."
    errors = [{"parameters": parameters, "message": message}]
    kind = "https://api.twitter.com/2/problems/invalid-request"
    return Refusal(Reply(400, {"errors": errors, "title": "Invalid Request", "detail": detail, "type": kind}))


class Shelf:
    """What was uploaded."""

    def __init__(self, lasts: float, processing: int) -> None:
        self._lasts, self._processing = lasts, processing
        self.stored: dict[str, Stored] = {}

    def carry_out(self, owner: str, method: str, path: str, query: Json, form: dict[str, bytes], raw: bytes,
                  now: float) -> Reply:  # fmt: skip
        """The answer to a request below /2/media/."""
        words = path.removeprefix("/2/media/").split("/")
        if (method, words) == ("GET", ["upload"]):
            return self._status(self._mine(query.get("media_id", ""), owner, now), now)
        if method != "POST":
            return Reply(405)
        if words == ["upload"]:
            return self._at_once(owner, form, now)
        if words == ["upload", "initialize"]:
            return self._initialize(owner, loads(raw), now)
        if words == ["metadata"]:
            return self._describe(owner, loads(raw), now)
        if len(words) == 3 and words[0] == "upload" and words[2] in ("append", "finalize"):
            stored = self._mine(words[1], owner, now)
            return self._append(stored, form, now) if words[2] == "append" else self._finalize(stored, now)
        return Reply(404, {"title": "Not Found", "detail": f"{path} was not found.", "type": "about:blank"})

    def attachable(self, owner: str, ids: Any, now: float) -> list[Stored]:
        """The pictures that a post names. 400 unless all are there, whole, this owner's and still good."""
        if not isinstance(ids, list) or not 1 <= len(ids) <= 4:
            raise _invalid("$.media.media_ids: must have 1 to 4 items")
        stored = [self.stored.get(str(media_id)) for media_id in ids]
        good = [one for one in stored if one and one.complete and not one.looks and one.owner == owner]
        if len(good) < len(ids) or any(one.expires <= now for one in good):
            raise _invalid("Your media IDs are invalid.", **{"media.media_ids": ids})
        if len(ids) > 1 and any(one.category == "tweet_gif" for one in good):
            raise _invalid("Only one animated GIF can be attached.", **{"media.media_ids": ids})
        return good

    def _mine(self, media_id: str, owner: str, now: float) -> Stored:
        stored = self.stored.get(media_id)
        if stored is None or stored.owner != owner or stored.expires <= now:
            raise _invalid("The `media_id` parameter value is not valid", media_id=[media_id])
        return stored

    def _new(self, owner: str, category: str, mime: str, now: float, total: int = 0) -> Stored:
        media_id = str(1_880_000_000_000_000_000 + len(self.stored))
        self.stored[media_id] = Stored(media_id, owner, category, mime, now + self._lasts, total)
        return self.stored[media_id]

    def _at_once(self, owner: str, form: dict[str, bytes], now: float) -> Reply:
        if unknown := form.keys() - UPLOAD_FIELDS:
            raise _invalid(f"{sorted(unknown)} is not defined in the schema")
        category, content = form.get("media_category", b"").decode(), form.get("media", b"")
        if category != "tweet_image" or len(content) > MOST_BYTES_AT_ONCE:
            raise _invalid(
                "Media is too large, or of a category that is not uploaded at once", media_category=[category]
            )
        stored = self._new(owner, category, kind_of(content), now)
        stored.parts = {0: content}
        return self._complete(stored, now)

    def _initialize(self, owner: str, body: Any, now: float) -> Reply:
        if not isinstance(body, dict) or body.keys() - INITIALIZE_FIELDS:
            raise _invalid("The request body is not as the schema describes it")
        category, total = body.get("media_category"), body.get("total_bytes")
        if category not in CATEGORIES or not isinstance(total, int) or not 0 < total <= MOST_BYTES[category]:
            raise _invalid("The category or the size is not valid", media_category=[category])
        stored = self._new(owner, category, str(body.get("media_type")), now, total)
        return Reply(200, {"data": {"id": stored.id, "media_key": stored.key, "expires_after_secs": int(self._lasts)}})

    def _append(self, stored: Stored, form: dict[str, bytes], now: float) -> Reply:
        number, piece = form.get("segment_index", b"").decode(), form.get("media", b"")
        if form.keys() - APPEND_FIELDS or not number.isdigit() or int(number) > 999 or not piece or stored.complete:
            raise _invalid("The segment is not valid", segment_index=[number])
        stored.parts[int(number)] = piece
        return Reply(200, {"data": {"expires_at": int(stored.expires)}})

    def _finalize(self, stored: Stored, now: float) -> Reply:
        if stored.parts.keys() != set(range(len(stored.parts))) or len(stored.content) != stored.total:
            raise _invalid("Segments do not add up to provided total file size.")
        return self._complete(stored, now)

    def _complete(self, stored: Stored, now: float) -> Reply:
        if kind_of(stored.content) != stored.mime or not stored.mime:
            raise _invalid("The file is not of a supported type", media=["…"])
        stored.complete = True
        stored.looks = self._processing if stored.category == "tweet_gif" else 0
        return Reply(200, {"data": self._show(stored, now)})

    def _status(self, stored: Stored, now: float) -> Reply:
        stored.looks -= stored.looks > 0
        return Reply(200, {"data": self._show(stored, now)})

    def _show(self, stored: Stored, now: float) -> Json:
        shown: Json = {"id": stored.id, "media_key": stored.key, "size": len(stored.content),
                       "expires_after_secs": int(stored.expires - now)}  # fmt: skip
        if stored.category == "tweet_gif":
            busy = {"state": "pending", "check_after_secs": 1}
            shown["processing_info"] = busy if stored.looks else {"state": "succeeded", "progress_percent": 100}
        return shown

    def _describe(self, owner: str, body: Any, now: float) -> Reply:
        alt = body["metadata"]["alt_text"]["text"]
        stored = self._mine(str(body["id"]), owner, now)
        if body.keys() - METADATA_FIELDS or not isinstance(alt, str) or not 0 < len(alt) <= 1000:
            raise _invalid("$.metadata.alt_text.text: may have 1 to 1000 characters")
        stored.alt = alt
        return Reply(200, {"data": {"id": stored.id, "associated_metadata": body["metadata"]}})


def with_pictures(shown: str, entities: Json, post_id: str, user: str, media: list[Stored]) -> tuple[str, Json]:
    """One address for all pictures behind the text, and an entity for each."""
    if not media:
        return shown, entities
    address = "https://t.co/" + base64.b32encode(hashlib.sha256(post_id.encode()).digest()).decode()[:10]
    start = len(shown) + 1
    pictures = [
        {"start": start, "end": start + len(address), "url": address, "media_key": picture.key,
         "expanded_url": f"https://x.com/{user}/status/{post_id}/photo/1", "display_url": f"pic.x.com/{address[13:]}"}
        for picture in media
    ]  # fmt: skip
    return f"{shown} {address}", {"urls": [*entities.get("urls", []), *pictures]}
