"""What people do with the posts of a Bluesky account, and what the account does with theirs (`twitter_manager.social`).

Posts, likes and profiles are records on the account's own server; who answered and how often something was liked only
an AppView knows, which sees all servers. The account's server passes these questions on to it.
https://docs.bsky.app/docs/advanced-guides/federation-architecture"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn
from urllib.parse import urlencode

from twitter_manager.domain import Json
from twitter_manager.errors import AlreadyThere, Gone, NotSent, PlatformError, Refused, Unreadable
from twitter_manager.platforms.bluesky_calls import BlueskyCalls, is_told_absent
from twitter_manager.platforms.bluesky_records import ADDRESS, COLLECTION, HANDLE, TidMaker, moment_of
from twitter_manager.platforms.bluesky_session import DID
from twitter_manager.platforms.bluesky_views import (
    Mark,
    author_of,
    figures_by_others,
    heard_of,
    is_bot,
    labelled,
    seen_post,
    thread_posts,
)
from twitter_manager.social import Author, Figures, Heard, HeardPage, SeenPost

log = logging.getLogger(__name__)

_APPVIEW = {"atproto-proxy": "did:web:api.bsky.app#bsky_appview"}
"""Whom to pass a question on to; servers that others run may know no AppView of their own.
https://atproto.com/specs/xrpc#service-proxying"""
_PROFILE = "app.bsky.actor.profile"
_POST_PAGE = re.compile(r"https://bsky\.app/profile/([^/?#]+)/post/([A-Za-z0-9._:~-]+)/?")
_POSTS, _PAGE = 25, 100
"""How many posts getPosts takes, and how many of a list come at once."""
_MOST_PAGES = 20
_LASTING = timedelta(minutes=1)
"""For so long pages of one list are asked for."""
_BELOW, _ABOVE = 20, 80
"""How many levels of a conversation are read below and above a post."""


class BlueskySocial(BlueskyCalls):
    """One account as a `SocialPlatform` and a `LabelledPlatform`."""

    figures_at_once = _POSTS

    def figures(self, remote_ids: Sequence[str]) -> Mapping[str, Figures | None]:
        """What an AppView does not show is gone if the account's own server has it no more; else it is late."""
        told: dict[str, Figures | None] = {}
        asked = [remote_id for remote_id in remote_ids if ADDRESS.fullmatch(remote_id)]
        for start in range(0, len(asked), _POSTS):
            some = asked[start : start + _POSTS]
            views = {view.get("uri"): view for view in self._posts(some)}
            for remote_id in some:
                if (view := views.get(remote_id)) is not None:
                    told |= {remote_id: counted} if (counted := figures_by_others(view)) else {}
                elif self._stored(remote_id) is None:
                    told[remote_id] = None
        return told

    def heard(self, cursor: str, since: datetime, limit: int) -> HeardPage:
        mine, mark = self._did(), Mark.read(cursor, since)
        fresh: dict[str, tuple[datetime, Heard]] = {}
        for at, notification in self._notifications(mark.since):
            heard = heard_of(notification, mine)
            if heard and mark.is_new(uri := heard.post.receipt.remote_id, at):
                fresh.setdefault(uri, (at, heard))
        waiting = list(fresh.items())[::-1]
        given = waiting[:limit]
        after = mark.after([(at, uri) for uri, (at, _) in given], self._clock())
        return HeardPage([heard for _, (_, heard) in given], after, more=len(waiting) > limit)

    def timeline(self, limit: int) -> list[SeenPost]:
        """With what followed accounts repost."""
        posts: list[SeenPost] = []
        for entry in self._pages("app.bsky.feed.getTimeline", "feed"):
            if post := seen_post(entry.get("post")):
                posts.append(post)
            if len(posts) >= limit:
                break
        return posts[:limit]

    def thread(self, remote_id: str) -> list[SeenPost]:
        """All that hangs below its first post, and what of it lies too deep for that around the post itself."""
        posts = self._conversation(_post_id(remote_id, Unreadable))
        here = posts.get(remote_id)
        if here and here.root:
            posts |= self._conversation(here.root.remote_id)
        return sorted(posts.values(), key=lambda post: post.created_at)

    def author(self, handle: str) -> Author | None:
        actor = handle.strip().removeprefix("@") or self._did()
        if not re.fullmatch(f"{HANDLE}|{DID}", actor):
            return None
        try:
            return author_of(self._ask("app.bsky.actor.getProfile", actor=actor)) or _cant_read("the answer")
        except Unreadable as error:
            if is_told_absent(error, "InvalidRequest") and "not found" in str(error).casefold():
                return None
            raise

    def seen(self, remote_id: str) -> SeenPost | None:
        return next(filter(None, map(seen_post, self._posts([_post_id(remote_id, Unreadable)]))), None)

    def id_at(self, address: str) -> str:
        """The page names the author by DID or by handle; whose that is their server knows. An at:// address is the
        remote id itself."""
        if ADDRESS.fullmatch(address):
            return address
        page = _POST_PAGE.fullmatch(address)
        if page is None or not re.fullmatch(f"{HANDLE}|{DID}", did := page[1]):
            return ""
        if not did.startswith("did:"):
            did = str(self._ask("com.atproto.identity.resolveHandle", handle=did).get("did"))
        return f"at://{did}/{COLLECTION}/{page[2]}"

    def like(self, remote_id: str) -> None:
        self._react("like", remote_id)

    def repost(self, remote_id: str) -> None:
        self._react("repost", remote_id)

    def is_labelled(self) -> bool:
        return is_bot(self._profile(self._did())[1])

    def label(self) -> None:
        """What another program changes meanwhile is not lost: the record is then read anew."""
        mine = self._session.open().did
        for _ in range(3):
            began = self._clock()
            cid, record = self._profile(mine)
            if is_bot(record):
                return
            place = {"repo": mine, "collection": _PROFILE, "rkey": "self"}
            try:
                self._write(began, "putRecord", place | {"record": labelled(record), "swapRecord": cid})
            except AlreadyThere:
                continue
        if not self.is_labelled():
            raise NotSent("The Bluesky profile is being changed by another program.", "Try it again.")

    def _react(self, kind: str, remote_id: str) -> None:
        """A post has one key for the account's like of it, so a second one meets the first; one that was made elsewhere
        has another key, and is seen."""
        began = self._clock()
        view = next(iter(self._posts([_post_id(remote_id, Refused)])), None)
        if view is None:
            raise Gone(f"The post is gone from Bluesky, or hidden from {self._session.identifier}: {remote_id}.")
        match view:
            case {"viewer": {**viewer}} if kind in viewer:
                return
            case {"cid": str(cid), "record": {"createdAt": str(created)}}:
                collection = f"app.bsky.feed.{kind}"
                record = {"$type": collection, "subject": {"uri": remote_id, "cid": cid}, "createdAt": _stamp(began)}
                key = _key_for(remote_id, moment_of(created))
                place = {"repo": self._did(), "collection": collection, "rkey": key}
                try:
                    self._write(began, "putRecord", place | {"record": record, "swapRecord": None})
                except AlreadyThere:
                    log.debug("there is a %s of %s already", kind, remote_id)
            case _:
                _cant_read("the post")

    def _stored(self, remote_id: str) -> Any:
        repo, rkey = remote_id.removeprefix("at://").split(f"/{COLLECTION}/")
        return self._record(repo, COLLECTION, rkey)

    def _profile(self, did: str) -> tuple[str | None, Json]:
        """The profile's CID and record, as it stands there: None and an empty one where the account has none yet."""
        try:
            answer = self._ask("com.atproto.repo.getRecord", repo=did, collection=_PROFILE, rkey="self")
        except Unreadable as error:
            if is_told_absent(error, "RecordNotFound"):
                return None, {"$type": _PROFILE}
            raise
        match answer:
            case {"cid": str(cid), "value": dict(record)}:
                return cid, record
        _cant_read("the profile")

    def _posts(self, uris: Sequence[str]) -> list[Json]:
        return _members(self._ask("app.bsky.feed.getPosts", uris=uris), "posts")

    def _conversation(self, uri: str) -> dict[str, SeenPost]:
        try:
            answer = self._ask("app.bsky.feed.getPostThread", uri=uri, depth=_BELOW, parentHeight=_ABOVE)
        except Unreadable as error:
            if is_told_absent(error, "NotFound"):
                return {}
            raise
        return {post.receipt.remote_id: post for post in thread_posts(answer.get("thread"))}

    def _notifications(self, since: datetime) -> Iterator[tuple[datetime, Json]]:
        """Newest first, with their time. updateSeen is never called: what a person has read there is theirs."""
        reasons = ("reply", "mention", "quote")
        for notification in self._pages("app.bsky.notification.listNotifications", "notifications", reasons=reasons):
            at = moment_of(str(notification.get("indexedAt")))
            if at < since:
                return
            yield at, notification

    def _pages(self, method: str, members: str, **params: Any) -> Iterator[Json]:
        """A list of the AppView's, page after page."""
        cursor: dict[str, str] = {}
        began = self._clock()
        for _ in range(_MOST_PAGES):
            if abs(self._clock() - began) > _LASTING:
                log.warning("Bluesky's list %s takes too long: what lies beyond is not read", method)
                return
            answer = self._ask(method, limit=_PAGE, **params, **cursor)
            yield from _members(answer, members)
            following = answer.get("cursor")
            if not isinstance(following, str) or not following or following == cursor.get("cursor"):
                return
            cursor = {"cursor": following}
        log.warning("Bluesky's list %s is longer than %d pages: what lies beyond is not read", method, _MOST_PAGES)

    def _ask(self, method: str, **params: Any) -> Json:
        """An answer as it came: the SDK's models refuse a whole page for one odd post. Raises Unreadable."""
        query = f"{method}?{urlencode(params, doseq=True)}"
        passed_on = _APPVIEW if method.startswith("app.bsky.") else {}
        answer = self._read(lambda client, headers: client.invoke_query(query, headers=headers | passed_on)).content
        if not isinstance(answer, dict):
            _cant_read("the answer")
        return answer


def _members(answer: Json, name: str) -> list[Json]:
    members = answer.get(name)
    if not isinstance(members, list):
        _cant_read("the answer")
    return [member for member in members if isinstance(member, dict)]


def _cant_read(what: str) -> NoReturn:
    raise Unreadable(f"Bluesky can't be read: {what} is not what its API promises.", "It will be tried again.")


def _post_id(remote_id: str, error: type[PlatformError]) -> str:
    if ADDRESS.fullmatch(remote_id) is None:
        raise error(f"{remote_id!r} is no post.", "Give the address of one, at:// or of its page.")
    return remote_id


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _key_for(uri: str, created: datetime) -> str:
    """The key of a like or a repost: always the same for one post, and of the time of that, as keys sort by time."""
    number = int.from_bytes(hashlib.sha256(uri.encode()).digest()[:8])
    moment = created.replace(microsecond=number % 1_000_000)
    return TidMaker(lambda: moment, number // 1_000_000 % 1024)()
