"""People on the reference Bluesky server, for the tests of figures, comments and social acts: what they do are records
that they make themselves."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.standins.pds import Account, Pds
from tests.standins.proxy import FaultProxy
from tests.standins.service import Json
from twitter_manager.content import Part
from twitter_manager.domain import Outgoing
from twitter_manager.platforms.bluesky import Bluesky
from twitter_manager.social import Kind

LIKE, REPOST, POST = "app.bsky.feed.like", "app.bsky.feed.repost", "app.bsky.feed.post"


def stamp() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class BlueskyWorld:
    """`bot`: the account that `platform` posts as, through `proxy`."""

    hears = (Kind.REPLY, Kind.MENTION, Kind.QUOTE)

    def __init__(self, pds: Pds, bot: Account, proxy: FaultProxy, platform: Bluesky) -> None:
        self.pds, self.bot, self.proxy, self.platform = pds, bot, proxy, platform
        self.handle = bot.handle
        self._people: dict[str, Account] = {}

    def who(self, name: str) -> Account:
        if name not in self._people:
            self._people[name] = self.pds.create_account()
        return self._people[name]

    def handle_of(self, who: str) -> str:
        return self.who(who).handle

    def own(self, text: str) -> str:
        outgoing = Outgoing(1, Part(text), datetime.now(UTC))
        return self.platform.publish(self.platform.prepare(outgoing)).remote_id

    def post(self, text: str, who: str = "ann", **more: object) -> str:
        return self._add(who, POST, text=text, **more)

    def reply(self, remote_id: str, text: str, who: str = "ann") -> str:
        parent = self.stored(remote_id)
        here = {"uri": remote_id, "cid": parent["cid"]}
        root = parent["value"].get("reply", {}).get("root", here)
        return self.post(text, who, reply={"root": root, "parent": here})

    def mention(self, text: str, who: str = "ann") -> str:
        name = f"@{self.handle}"
        feature = {"$type": "app.bsky.richtext.facet#mention", "did": self.bot.did}
        facet = {"index": {"byteStart": 0, "byteEnd": len(name)}, "features": [feature]}
        return self.post(f"{name} {text}", who, facets=[facet])

    def quote(self, remote_id: str, text: str, who: str = "ann") -> str:
        record = {"uri": remote_id, "cid": self.stored(remote_id)["cid"]}
        return self.post(text, who, embed={"$type": "app.bsky.embed.record", "record": record})

    def like(self, remote_id: str, who: str = "ann") -> None:
        self._add(who, LIKE, subject={"uri": remote_id, "cid": self.stored(remote_id)["cid"]})

    def repost(self, remote_id: str, who: str = "ann") -> None:
        self._add(who, REPOST, subject={"uri": remote_id, "cid": self.stored(remote_id)["cid"]})

    def delete(self, remote_id: str) -> None:
        did, collection, rkey = remote_id.removeprefix("at://").split("/")
        [owner] = [account for account in (self.bot, *self._people.values()) if account.did == did]
        body = {"repo": did, "collection": collection, "rkey": rkey}
        self.pds.call("com.atproto.repo.deleteRecord", body, owner.access)

    def fails(self, how: str) -> None:
        """As the server passes it on from the AppView."""
        faults = {"limited": "rate_limited", "broken": "error_503", "garbled": "html"}
        self.pds.appview.fault(faults.get(how, how), method="GET", times=0)

    def requests(self) -> int:
        return len(self.proxy.seen)

    def stored(self, remote_id: str) -> Json:
        did, collection, rkey = remote_id.removeprefix("at://").split("/")
        return self.pds.call("com.atproto.repo.getRecord", repo=did, collection=collection, rkey=rkey)

    def _add(self, who: str, collection: str, **record: object) -> str:
        added = self.pds.add_record(self.who(who), {"$type": collection, "createdAt": stamp(), **record})
        return str(added["uri"])
