"""Records of Bluesky's posts: their keys and addresses, the pieces that a record is made of, and what one says when it
is read back. Pure; the requests are made in `bluesky.py`."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from twitter_manager.content import Card, Media, MediaLimits
from twitter_manager.domain import Clock, Json, Receipt, RemotePost, ReplyTo
from twitter_manager.errors import OutcomeUnknown, PlatformError, Refused

COLLECTION = "app.bsky.feed.post"
ADDRESS = re.compile(rf"at://([^/]+)/{re.escape(COLLECTION)}/([A-Za-z0-9._:~-]+)")
"""Of a post: whose it is, and its key."""
_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
HANDLE = rf"(?=.{{1,253}}$)(?:{_LABEL}\.)+(?=[A-Za-z]){_LABEL}"
"""https://atproto.com/specs/handle"""
RAW, DAG_CBOR = b"\x55", b"\x71"
"""The codecs of blobs and of records."""
UNREADABLE_ANSWER = "Bluesky's answer to the post can't be read."
LIMITS = MediaLimits(count=4, max_bytes=1_000_000, max_side=2000, max_alt=2000)
"""Four images in a post, as the lexicon says; of bytes, pixels and characters what the official client gives: servers
and clients differ. An animated GIF would stand still. The server drops what no record names after some hours.
https://github.com/bluesky-social/atproto/blob/main/lexicons/app/bsky/embed/images.json"""
_LINK = "app.bsky.richtext.facet#link"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_BASE32 = "234567abcdefghijklmnopqrstuvwxyz"


class TidMaker:
    """Makes record keys: 13 characters that sort by time and never repeat. https://atproto.com/specs/tid

    `clock_id` (0 to 1023) keeps two programs apart that make one in the same microsecond."""

    def __init__(self, clock: Clock, clock_id: int | None = None) -> None:
        self._clock = clock
        self._clock_id = secrets.randbelow(1024) if clock_id is None else clock_id
        self._last = -1

    def __call__(self) -> str:
        now = (self._clock() - _EPOCH) // timedelta(microseconds=1)
        self._last = max(now, self._last + 1)  # a clock that stands still or goes back never repeats a key
        number = (self._last % 2**53) << 10 | self._clock_id
        return "".join(_BASE32[number >> shift & 31] for shift in range(60, -1, -5))


def facet_at(start: int, end: int, feature: Json) -> Json:
    return {"index": {"byteStart": start, "byteEnd": end}, "features": [feature]}


def link_feature(address: str) -> Json:
    return {"$type": _LINK, "uri": address}


def reply_refs(reply: ReplyTo) -> Json:
    try:
        return {
            name: {"uri": receipt.extra["uri"], "cid": receipt.extra["cid"]}
            for name, receipt in (("root", reply.root), ("parent", reply.parent))
        }
    except KeyError as error:
        raise Refused(f"The post to reply to has no {error} from Bluesky.", "Post the thread anew.") from error


def repo_and_key(request: Json, error: type[PlatformError]) -> tuple[str, str]:
    """Raises `error` when what was stored is not a request of `prepare`."""
    match request:
        case {"repo": str(repo), "rkey": str(rkey), "record": {"text": str(), "createdAt": str()}}:
            return repo, rkey
    raise error("The stored request is damaged.", "Skip this post and write it anew.")


def uri_of(request: Json) -> str:
    return f"at://{request['repo']}/{COLLECTION}/{request['rkey']}"


def owner_of(uri: str) -> str:
    return uri.removeprefix("at://").partition("/")[0]


def images(media: Sequence[Media], blobs: Sequence[Json]) -> Json:
    """The pictures as a record embeds them. https://github.com/bluesky-social/atproto/blob/main/lexicons/app/bsky/embed/images.json"""
    return {
        "$type": "app.bsky.embed.images",
        "images": [
            {"alt": picture.alt, "image": blob, "aspectRatio": {"width": picture.width, "height": picture.height}}
            for picture, blob in zip(media, blobs, strict=True)
        ],
    }


def external(card: Card, thumb: Json | None) -> Json:
    """The card as a record embeds it. https://github.com/bluesky-social/atproto/blob/main/lexicons/app/bsky/embed/external.json"""
    about = {"uri": card.url, "title": card.title, "description": card.description}
    return {"$type": "app.bsky.embed.external", "external": about | ({"thumb": thumb} if thumb else {})}


def cid_of(content: bytes, codec: bytes) -> str:
    """The name of what is stored: CID version 1, SHA-256, 32 bytes. https://atproto.com/specs/data-model"""
    cid = base64.b32encode(b"\x01" + codec + b"\x12\x20" + hashlib.sha256(content).digest())
    return "b" + cid.decode().lower().rstrip("=")


def encoded(record: Json) -> bytes:
    """The record in DAG-CBOR, in which the name of a blob is a link of its own kind."""
    import libipld

    def linked(value: Any) -> Any:
        if isinstance(value, list):
            return [linked(each) for each in value]
        if not isinstance(value, dict):
            return value
        if value.keys() == {"$link"}:
            return base64.b32decode(value["$link"][1:].upper() + "=" * (-len(value["$link"][1:]) % 8))
        return {name: linked(each) for name, each in value.items()}

    return bytes(libipld.encode_dag_cbor(linked(record)))


def receipt_of(answer: Any, request: Json) -> Receipt:
    uri = uri_of(request)
    if not isinstance(answer, dict) or answer.get("uri") != uri or not isinstance(answer.get("cid"), str):
        raise OutcomeUnknown(UNREADABLE_ANSWER, "It will be looked up.")
    return receipt_at(uri, answer["cid"])


def receipt_at(uri: str, cid: str) -> Receipt:
    """The address names the DID, not the handle: it still works after the account is renamed."""
    return Receipt(
        uri, f"https://bsky.app/profile/{owner_of(uri)}/post/{uri.rpartition('/')[2]}", {"uri": uri, "cid": cid}
    )


def field_of(record: Any, *names: str) -> str:
    """A field within what the SDK made of a record: its model, its stand-in for what fits no model, or neither."""
    for name in names:
        record = getattr(record, name, None)
    return record if isinstance(record, str) else ""


def remote_post(record: Any) -> RemotePost:
    text, parent = field_of(record, "value", "text"), field_of(record, "value", "reply", "parent", "uri")
    links = _links_of(getattr(getattr(record, "value", None), "facets", None))
    created = moment_of(field_of(record, "value", "created_at"))
    return RemotePost(receipt_at(record.uri, record.cid), expanded(text, links), created, parent)


def moment_of(said: str) -> datetime:
    """A record's time in UTC; the epoch where it tells none that can be read."""
    try:
        moment = datetime.fromisoformat(said)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return _EPOCH


def expanded(text: str, links: Iterable[tuple[int, int, str]]) -> str:
    """A text with its links (from byte, to byte, address) whole where it shows them short. What is no such link stays
    as it is."""
    raw, end = text.encode("utf-8", "surrogatepass"), len(text) * 4
    for start, stop, address in sorted(links, reverse=True):
        shown = raw[start:stop].decode("utf-8", "replace") if 0 <= start < stop <= end else ""
        if _shows(shown, address):
            raw, end = raw[:start] + address.encode("utf-8", "surrogatepass") + raw[stop:], start
    return raw.decode("utf-8", "replace")


def _shows(shown: str, address: str) -> bool:
    """Whether this is the beginning of an address, the host whole, as we and the official client cut it."""
    shown, whole = (re.sub("^https?://", "", text) for text in (shown, address))
    beginning = shown.removesuffix("…").removesuffix("...")
    return beginning.startswith(re.split("[/?#]", whole, maxsplit=1)[0]) and whole.startswith(beginning)


def _links_of(facets: Any) -> Iterator[tuple[int, int, str]]:
    for facet in facets if isinstance(facets, list) else ():
        start, stop = (getattr(getattr(facet, "index", None), name, None) for name in ("byte_start", "byte_end"))
        for feature in getattr(facet, "features", None) or ():
            address = field_of(feature, "uri")
            if address and isinstance(start, int) and isinstance(stop, int):
                yield start, stop, address
