"""A stand-in for Bluesky's AppView, on 127.0.0.1: the reference server passes on to it what is asked of app.bsky.*.

It makes its answers of what really stands on that server: every account's posts, likes, reposts, follows and profile,
read anew whenever an account's repository has changed. So counts, threads and notifications are true. It speaks as the
lexicons say (https://github.com/bluesky-social/atproto/tree/main/lexicons/app/bsky) and knows nothing of the program
under test. It is stricter than the real one in one thing: two likes of one account are two.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.standins.service import Fault, Json, Refusal, Reply, Service

DID = "did:web:api.bsky.app"
POST, LIKE, REPOST = "app.bsky.feed.post", "app.bsky.feed.like", "app.bsky.feed.repost"
FOLLOW, PROFILE = "app.bsky.graph.follow", "app.bsky.actor.profile"
Entries = list[tuple[str, Json]]
"""What a list is made of, each with its time."""
REPLY_DEPTH = 5
"""How many levels up the authors of a thread are told of a reply."""


def refusal(status: int, error: str, message: str) -> Refusal:
    return Refusal(Reply(status, {"error": error, "message": message}))


@dataclass
class Record:
    """One record of an account's. `at`: the time in whose order lists are, never later than when it was first seen."""

    did: str
    uri: str
    cid: str
    value: Json
    at: str

    def link(self, *names: str) -> str:
        """The address at a place in it, or ""."""
        value: Any = self.value
        for name in names:
            value = value.get(name) if isinstance(value, dict) else None
        return value if isinstance(value, str) else ""


@dataclass
class Repository:
    """What one account has."""

    rev: str
    handle: str
    records: dict[str, list[Record]] = field(default_factory=dict)


class AppView(Service):
    """`ask`: how to call the server (method, parameters)."""

    prefix = "/xrpc"
    answers = {  # noqa: RUF012
        "rate_limited": Reply(429, {"error": "RateLimitExceeded", "message": "Rate Limit Exceeded"}),
        "forbidden": Reply(403, {"error": "Forbidden", "message": "The account may not do this"}),
        "error_503": Reply(503, "upstream connect error", {"content-type": "text/plain"}),
        "html": Reply(200, "<html>", {"content-type": "text/html"}),
        "odd": Reply(200, {"posts": 1, "notifications": {}, "feed": "x", "thread": [], "did": 7}),
    }

    def __init__(self, ask: Callable[..., Json]) -> None:
        self._ask = ask
        super().__init__()

    def reset(self) -> None:
        super().reset()
        self.page = 100
        """The most that a list gives at once."""
        self.hidden: set[str] = set()
        """Posts that it has not heard of yet."""
        self._repositories: dict[str, Repository] = {}
        self._first_seen: dict[str, str] = {}

    def limit_headers(self) -> dict[str, str]:
        return {"retry-after": "300"}

    def carry_out(self, method: str, target: str, path: str, headers: Any, raw: bytes, fault: Fault | None) -> Reply:
        name = path.removeprefix("/")
        params = parse_qs(urlsplit(target).query)
        answers = {
            "app.bsky.feed.getPosts": self._posts,
            "app.bsky.feed.getPostThread": self._thread,
            "app.bsky.feed.getTimeline": self._timeline,
            "app.bsky.actor.getProfile": self._profile,
            "app.bsky.notification.listNotifications": self._notifications,
        }
        if method != "GET" or name not in answers:
            raise refusal(501, "MethodNotImplemented", "Method Not Implemented")
        viewer = _asker(headers, name)
        self._refresh()
        return Reply(200, answers[name](viewer, params))

    # What stands on the server

    def _refresh(self) -> None:
        listed = self._ask("com.atproto.sync.listRepos", limit="1000")["repos"]
        active = {repo["did"]: repo["rev"] for repo in listed if repo.get("active", True)}
        for did, rev in active.items():
            known = self._repositories.get(did)
            if known is None or known.rev != rev:
                self._repositories[did] = self._read(did, rev)
        self._repositories = {did: each for did, each in self._repositories.items() if did in active}

    def _read(self, did: str, rev: str) -> Repository:
        about = self._ask("com.atproto.repo.describeRepo", repo=did)
        repository = Repository(rev, about["handle"])
        for collection in set(about["collections"]) & {POST, LIKE, REPOST, FOLLOW, PROFILE}:
            repository.records[collection] = list(self._records(did, collection))
        return repository

    def _records(self, did: str, collection: str) -> Iterator[Record]:
        cursor: dict[str, str] = {}
        while True:
            page = self._ask("com.atproto.repo.listRecords", repo=did, collection=collection, limit="100", **cursor)
            for found in page["records"]:
                first_seen = self._first_seen.setdefault(found["uri"], _stamp(datetime.now(UTC)))
                at = min(found["value"].get("createdAt", first_seen), first_seen)
                yield Record(did, found["uri"], found["cid"], found["value"], at)
            if not page.get("cursor"):
                return
            cursor = {"cursor": page["cursor"]}

    def _all(self, collection: str) -> Iterator[Record]:
        for repository in self._repositories.values():
            yield from (record for record in repository.records.get(collection, []) if record.uri not in self.hidden)

    def _post(self, uri: str) -> Record | None:
        return next((post for post in self._all(POST) if post.uri == uri), None)

    def _about(self, uri: str, collection: str) -> list[Record]:
        return [record for record in self._all(collection) if record.link("subject", "uri") == uri]

    # How it is shown

    def _author(self, did: str) -> Json:
        repository = self._repositories[did]
        profile = next(iter(repository.records.get(PROFILE, [])), None)
        value = profile.value if profile else {}
        said = [label["val"] for label in value.get("labels", {}).get("values", [])]
        shown: Json = {"did": did, "handle": repository.handle, "displayName": value.get("displayName")}
        shown["labels"] = [
            {"src": did, "uri": f"at://{did}/{PROFILE}/self", "val": label, "cts": "1970-01-01T00:00:00.000Z"}
            for label in said
        ]
        return {name: each for name, each in shown.items() if each is not None}

    def _view(self, post: Record, viewer: str) -> Json:
        likes, reposts = self._about(post.uri, LIKE), self._about(post.uri, REPOST)
        mine = {"like": likes, "repost": reposts}
        return {
            "uri": post.uri,
            "cid": post.cid,
            "author": self._author(post.did),
            "record": post.value,
            "replyCount": len(self._replies(post.uri)),
            "repostCount": len(reposts),
            "likeCount": len(likes),
            "quoteCount": sum(quoted(other) == post.uri for other in self._all(POST)),
            "indexedAt": post.at,
            "viewer": {kind: each.uri for kind, acts in mine.items() for each in acts if each.did == viewer},
            "labels": [],
        }

    def _replies(self, uri: str) -> list[Record]:
        return [post for post in self._all(POST) if post.link("reply", "parent", "uri") == uri]

    # What is asked

    def _posts(self, viewer: str, params: dict[str, list[str]]) -> Json:
        uris = params.get("uris", [])
        if not 1 <= len(uris) <= 25:
            raise refusal(400, "InvalidRequest", "Error: uris must not have more than 25 elements")
        return {"posts": [self._view(post, viewer) for uri in uris if (post := self._post(uri))]}

    def _thread(self, viewer: str, params: dict[str, list[str]]) -> Json:
        post = self._post(params["uri"][0])
        if post is None:
            raise refusal(400, "NotFound", f"Post not found: {params['uri'][0]}")
        node = self._below(post, viewer, int(params.get("depth", ["6"])[0]))
        above = self._above(post, viewer, int(params.get("parentHeight", ["80"])[0]))
        return {"thread": node | ({"parent": above} if above else {})}

    def _below(self, post: Record, viewer: str, depth: int) -> Json:
        node: Json = {"$type": "app.bsky.feed.defs#threadViewPost", "post": self._view(post, viewer)}
        if depth > 0:
            node["replies"] = [self._below(reply, viewer, depth - 1) for reply in self._replies(post.uri)]
        return node

    def _above(self, post: Record, viewer: str, height: int) -> Json | None:
        uri = post.link("reply", "parent", "uri")
        if not uri or height <= 0:
            return None
        parent = self._post(uri)
        if parent is None:
            return {"$type": "app.bsky.feed.defs#notFoundPost", "uri": uri, "notFound": True}
        node = {"$type": "app.bsky.feed.defs#threadViewPost", "post": self._view(parent, viewer)}
        above = self._above(parent, viewer, height - 1)
        return node | ({"parent": above} if above else {})

    def _timeline(self, viewer: str, params: dict[str, list[str]]) -> Json:
        followed = {record.link("subject") for record in self._all(FOLLOW) if record.did == viewer} | {viewer}
        entries: Entries = [
            (post.at, {"post": self._view(post, viewer)}) for post in self._all(POST) if post.did in followed
        ]
        for repost in self._all(REPOST):
            if repost.did in followed and (post := self._post(repost.link("subject", "uri"))):
                reason = {"$type": "app.bsky.feed.defs#reasonRepost", "by": self._author(repost.did)}
                entries.append((repost.at, {"post": self._view(post, viewer), "reason": reason}))
        return self._list("feed", entries, params)

    def _profile(self, viewer: str, params: dict[str, list[str]]) -> Json:
        actor = params["actor"][0]
        did = next((did for did, each in self._repositories.items() if actor in (did, each.handle)), None)
        if did is None:
            raise refusal(400, "InvalidRequest", "Profile not found")
        records = self._repositories[did].records
        profile = next((each.value for each in records.get(PROFILE, [])), {})
        return self._author(did) | {
            "description": profile.get("description", ""),
            "followersCount": sum(record.link("subject") == did for record in self._all(FOLLOW)),
            "followsCount": len(records.get(FOLLOW, [])),
            "postsCount": len(records.get(POST, [])),
        }

    def _notifications(self, viewer: str, params: dict[str, list[str]]) -> Json:
        reasons = params.get("reasons")
        entries: Entries = []
        for record in (each for collection in (POST, LIKE, REPOST, FOLLOW) for each in self._all(collection)):
            reason = self._reason(record, viewer) if record.did != viewer else ""
            if reason and (reasons is None or reason in reasons):
                notification: Json = {"uri": record.uri, "cid": record.cid, "author": self._author(record.did)}
                notification |= {"reason": reason, "record": record.value, "isRead": False, "indexedAt": record.at}
                entries.append((record.at, notification))
        return self._list("notifications", entries, params)

    def _reason(self, record: Record, viewer: str) -> str:
        """Why an account is told of a record: each post gives it one notification."""
        subject = record.link("subject", "uri")
        if subject:
            kind = record.uri.split("/")[3].rpartition(".")[2]
            return kind if subject.startswith(f"at://{viewer}/") else ""
        if record.link("subject"):
            return "follow" if record.link("subject") == viewer else ""
        if viewer in mentioned(record):
            return "mention"
        if quoted(record).startswith(f"at://{viewer}/"):
            return "quote"
        return "reply" if viewer in self._ancestors(record) else ""

    def _ancestors(self, post: Record) -> set[str]:
        authors: set[str] = set()
        uri = post.link("reply", "parent", "uri")
        for _ in range(REPLY_DEPTH):
            if uri:
                authors.add(uri.split("/")[2])
            parent = self._post(uri)
            uri = parent.link("reply", "parent", "uri") if parent else ""
        return authors

    def _list(self, name: str, entries: Entries, params: dict[str, list[str]]) -> Json:
        """Newest first, from the cursor on."""
        ordered = [entry for _, entry in sorted(entries, key=lambda each: each[0], reverse=True)]
        start = int(params.get("cursor", ["0"])[0])
        end = start + min(self.page, int(params.get("limit", ["50"])[0]))
        return {name: ordered[start:end]} | ({"cursor": str(end)} if end < len(ordered) else {})


def quoted(post: Record) -> str:
    """The post that it quotes, alone or beside pictures."""
    return post.link("embed", "record", "uri") or post.link("embed", "record", "record", "uri")


def mentioned(post: Record) -> set[str]:
    features = [feature for facet in post.value.get("facets", []) for feature in facet.get("features", [])]
    return {feature.get("did", "") for feature in features if feature.get("$type", "").endswith("#mention")}


def _asker(headers: Any, method: str) -> str:
    """Whose question the server passes on: it says so in a token for this method of this service alone."""
    try:
        payload = headers["authorization"].removeprefix("Bearer ").split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    except (AttributeError, IndexError, ValueError) as error:
        raise refusal(401, "AuthMissing", "Authentication Required") from error
    if claims.get("aud") != DID or claims.get("lxm") != method:
        raise refusal(401, "BadJwtAudience", "jwt audience does not match service did")
    return str(claims["iss"])


def _stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
