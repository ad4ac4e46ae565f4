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


class BlueskyPeople:
    """Others than the `bot`, each with an account that is made when they first do something. They stay the same for all
    tests: what they said to others before is there too."""

    def __init__(self, pds: Pds, bot: Account) -> None:
        self.pds, self.bot = pds, bot
        self.handle = bot.handle

    def who(self, name: str) -> Account:
        return self.pds.person(name)

    def handle_of(self, who: str) -> str:
        return self.who(who).handle

    def posts(self) -> list[str]:
        """The bot's, newest first."""
        return [record["uri"] for record in self.pds.records(self.bot)]

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
        [owner] = [account for account in (self.bot, *self.pds.people.values()) if account.did == did]
        body = {"repo": did, "collection": collection, "rkey": rkey}
        self.pds.call("com.atproto.repo.deleteRecord", body, owner.access)

    def notifications(self, who: str, *reasons: str) -> list[Json]:
        """What an account is told of, newest first; `who`: "" for the bot."""
        account = self.who(who) if who else self.bot
        told = self.pds.call("app.bsky.notification.listNotifications", token=account.access)["notifications"]
        return [each for each in told if each["reason"] in reasons or not reasons]

    def stored(self, remote_id: str) -> Json:
        did, collection, rkey = remote_id.removeprefix("at://").split("/")
        return self.pds.call("com.atproto.repo.getRecord", repo=did, collection=collection, rkey=rkey)

    def _add(self, who: str, collection: str, **record: object) -> str:
        added = self.pds.add_record(self.who(who), {"$type": collection, "createdAt": stamp(), **record})
        return str(added["uri"])


class BlueskyWorld(BlueskyPeople):
    """`platform` posts as the bot, through `proxy`."""

    hears = (Kind.REPLY, Kind.MENTION, Kind.QUOTE)

    def __init__(self, pds: Pds, bot: Account, proxy: FaultProxy, platform: Bluesky) -> None:
        super().__init__(pds, bot)
        self.proxy, self.platform = proxy, platform

    def own(self, text: str) -> str:
        outgoing = Outgoing(1, Part(text), datetime.now(UTC))
        return self.platform.publish(self.platform.prepare(outgoing)).remote_id

    def fails(self, how: str) -> None:
        """As the server passes it on from the AppView."""
        faults = {"limited": "rate_limited", "broken": "error_503", "garbled": "html"}
        self.pds.appview.fault(faults.get(how, how), method="GET", times=0)

    def requests(self) -> int:
        return len(self.proxy.seen)
