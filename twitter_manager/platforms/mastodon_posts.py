"""What Mastodon shows of a post and how it counts one. Pure; the requests are made in `mastodon.py`."""

from __future__ import annotations

import contextlib
import re
import unicodedata
from datetime import UTC, datetime

from twitter_manager.domain import Json
from twitter_manager.errors import Refused
from twitter_manager.platforms.matching import as_dict, as_list, graphemes, normal
from twitter_manager.platforms.weighted import links

_REMOTE_MENTION = r"(?<![\w/])(@\w+(?:[.-]\w+)*)@[\w.-]+\w"


def is_id(value: object) -> bool:
    """Of Mastodon and its relatives: digits, or letters too."""
    return isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9_-]{1,64}", value) is not None


def checked_id(value: str) -> str:
    if not is_id(value):
        raise Refused(f"{value!r:.60} is no Mastodon post id.", "Give what stands at the end of the post's address.")
    return value


def is_sound(status: Json) -> bool:
    with contextlib.suppress(KeyError, TypeError, ValueError, OverflowError):
        names_zone = datetime.fromisoformat(status["created_at"]).tzinfo is not None and bool(created_at(status))
        return names_zone and is_id(status.get("id")) and isinstance(status.get("content"), str)
    return False


def parent_of(status: Json) -> str:
    return str(status.get("in_reply_to_id") or "")


def created_at(status: Json) -> datetime:
    return datetime.fromisoformat(status["created_at"]).astimezone(UTC)


def folded(text: str) -> str:
    """Equal for a text and what Mastodon shows of it: space is space, a mention has no host there."""
    return normal(re.sub(_REMOTE_MENTION, r"\1", unicodedata.normalize("NFC", text))).strip()


def count(text: str) -> int:
    """The characters that Mastodon counts: an address is 23, a mention has no host, an emoji sequence is one.
    https://docs.joinmastodon.org/user/posting/#characters"""
    short, end = "", 0
    for start, stop in links(text):
        if re.match("https?://", text[start:stop], re.IGNORECASE):
            short, end = short + text[end:start] + "x" * 23, stop
    # What else begins like an address may be one to the server: it counts no less than one.
    padded = re.sub(r"https?://\S+", lambda match: match[0].ljust(23, "x"), short + text[end:], flags=re.IGNORECASE)
    return graphemes(re.sub(_REMOTE_MENTION, r"\1", padded))


def edited(status: Json, text: str) -> Json:
    """The form of PUT /api/v1/statuses/:id that changes the words alone: what it leaves out (pictures, the content
    warning) the server takes away. https://docs.joinmastodon.org/methods/statuses/#edit"""
    form = {"status": text, "sensitive": bool(status.get("sensitive"))}
    kept = {name: status[name] for name in ("spoiler_text", "language") if status.get(name)}
    pictures = [str(as_dict(picture).get("id")) for picture in as_list(status.get("media_attachments"))]
    return form | kept | ({"media_ids": pictures} if pictures else {})
