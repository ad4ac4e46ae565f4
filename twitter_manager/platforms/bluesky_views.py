"""What Bluesky shows of posts and accounts, read as it comes: what can't be read is left out, and the rest stays. Pure;
the requests are made in `bluesky_social.py`. https://docs.bsky.app/docs/category/http-reference"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from twitter_manager.domain import Json, Receipt
from twitter_manager.platforms.bluesky_records import ADDRESS, expanded, moment_of, owner_of, receipt_at
from twitter_manager.platforms.matching import as_count
from twitter_manager.social import Author, Figures, Heard, Kind, SeenPost

BOT = "bot"
"""The label by which an account calls itself automated. https://docs.bsky.app/docs/advanced-guides/moderation"""
LATE = timedelta(hours=24)
"""How late a comment may turn up in the list, which is in the order of what the comments themselves say of their time:
servers hear of one another's posts with a delay."""
_CID = re.compile(r"[A-Za-z0-9]{1,200}")


def seen_post(view: Any) -> SeenPost | None:
    """A post as a feed, a thread or a notification shows it."""
    match view:
        case {
            "uri": str(uri),
            "cid": str(cid),
            "author": {"did": str(did), "handle": str(handle)} as author,
            "record": {"text": str(text), "createdAt": str(created)} as record,
        } if receipt := _receipt(uri, cid):
            parent = _linked(record, "parent")
            return SeenPost(
                receipt,
                author=handle,
                author_id=did,
                author_name=_words(author, "displayName"),
                text=expanded(text, _links_of(record.get("facets"))),
                created_at=moment_of(created),
                language=next((tag for tag in _list(record, "langs") if isinstance(tag, str)), ""),
                parent_id=parent.remote_id if parent else "",
                parent_author_id=owner_of(parent.remote_id) if parent else "",
                root=_linked(record, "root"),
                figures=figures_of(view),
            )
    return None


def figures_of(view: Json) -> Figures | None:
    """None where a view tells none."""
    names = ("likeCount", "replyCount", "repostCount", "quoteCount")
    counts = [as_count(view.get(name)) for name in names]
    return None if counts == [None] * len(names) else Figures(*(count or 0 for count in counts))


def figures_by_others(view: Json) -> Figures | None:
    """The same without the like and the repost of whoever asks."""
    figures, own = figures_of(view), view.get("viewer")
    if figures is None or not isinstance(own, dict):
        return figures
    return figures.without(likes="like" in own, reposts="repost" in own)


def heard_of(notification: Any, mine: str) -> Heard | None:
    """What somebody else said to `mine` (a DID). A reply that is in the list because it stands somewhere below a post
    of the account's, and answers another, is no word to it. The list calls a reply that also names the account a
    mention."""
    post = seen_post(notification)
    if post is None or post.author_id == mine:
        return None
    if post.parent_author_id == mine:
        return Heard(Kind.REPLY, post)
    reason = notification.get("reason")
    return Heard(Kind(reason), post) if reason in (Kind.MENTION, Kind.QUOTE) else None


def thread_posts(node: Any) -> Iterator[SeenPost]:
    """Every post of a conversation that can be seen: what is deleted or blocked stands in it without a post."""
    waiting = [node]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            if post := seen_post(node.get("post")):
                yield post
            waiting += [node.get("parent"), *_list(node, "replies")]


def author_of(profile: Json) -> Author | None:
    """None for what is no profile."""
    did, handle = _words(profile, "did"), _words(profile, "handle")
    if not did or not handle:
        return None
    return Author(
        handle=handle,
        name=_words(profile, "displayName"),
        about=_words(profile, "description"),
        url=f"https://bsky.app/profile/{handle}",
        followers=as_count(profile.get("followersCount")),
        posts=as_count(profile.get("postsCount")),
        bot=any(
            isinstance(label, dict) and (label.get("val"), label.get("src")) == (BOT, did)
            for label in _list(profile, "labels")
        ),
    )


def is_bot(record: Json) -> bool:
    """Whether the record of a profile says so."""
    match record.get("labels"):
        case {"values": list(values)}:
            return any(isinstance(value, dict) and value.get("val") == BOT for value in values)
    return False


def labelled(record: Json) -> Json:
    """The record of a profile that says so; all else of it stays."""
    there = record.get("labels")
    labels = there if isinstance(there, dict) else {"$type": "com.atproto.label.defs#selfLabels"}
    return record | {"labels": labels | {"values": [*_list(labels, "values"), {"val": BOT}]}}


@dataclass(frozen=True, slots=True)
class Mark:
    """How far the notifications were read: those before `since` are done, and of the later ones the `heard`, which are
    kept by a hash with their time. The list has no order in which nothing is ever put in between."""

    since: datetime
    heard: dict[str, float] = field(default_factory=dict)

    @classmethod
    def read(cls, cursor: str, first: datetime) -> Self:
        """`first`: where it begins when nothing was read yet, or the cursor can't be read."""
        try:
            match json.loads(cursor):
                case {"since": str(since), "heard": dict(heard)}:
                    return cls(datetime.fromisoformat(since).astimezone(UTC), {key: float(heard[key]) for key in heard})
        except (ValueError, TypeError, OverflowError):
            pass
        return cls(first)

    def is_new(self, uri: str, at: datetime) -> bool:
        return at >= self.since and _key(uri) not in self.heard

    def after(self, given: Sequence[tuple[datetime, str]], now: datetime) -> str:
        """The cursor when these (time and uri) were given too."""
        heard = self.heard | {_key(uri): at.timestamp() for at, uri in given}
        newest = min(max(heard.values(), default=0.0), now.timestamp())
        since = max(self.since, datetime.fromtimestamp(newest, UTC) - LATE)
        kept = {key: moment for key, moment in heard.items() if moment >= since.timestamp()}
        return json.dumps({"since": since.isoformat(), "heard": kept})


def _key(uri: str) -> str:
    return hashlib.sha256(uri.encode()).hexdigest()[:16]


def _receipt(uri: str, cid: str) -> Receipt | None:
    return receipt_at(uri, cid) if ADDRESS.fullmatch(uri) and _CID.fullmatch(cid) else None


def _linked(record: Json, name: str) -> Receipt | None:
    match record.get("reply"):
        case dict(reply):
            match reply.get(name):
                case {"uri": str(uri), "cid": str(cid)}:
                    return _receipt(uri, cid)
    return None


def _links_of(facets: Any) -> Iterator[tuple[int, int, str]]:
    for facet in facets if isinstance(facets, list) else ():
        match facet:
            case {"index": {"byteStart": int(start), "byteEnd": int(stop)}, "features": list(features)}:
                for feature in features:
                    if address := _words(feature, "uri"):
                        yield start, stop, address


def _words(view: Any, name: str) -> str:
    said = view.get(name) if isinstance(view, dict) else None
    return said if isinstance(said, str) else ""


def _list(view: Any, name: str) -> list[Any]:
    members = view.get(name) if isinstance(view, dict) else None
    return members if isinstance(members, list) else []
