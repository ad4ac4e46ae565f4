"""Mastodon as the suite of what comes back sees it (`test_social_contract.World`): the stand-in and a few people."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from tests.standins.mastodon import ACCOUNT, NAMES, TOKEN, MastodonStandIn
from twitter_manager.content import Part
from twitter_manager.domain import Outgoing
from twitter_manager.platforms.mastodon import Mastodon
from twitter_manager.social import Kind


class MastodonWorld:
    """The bot's account and those of others, which are there as soon as they are named."""

    handle = NAMES[ACCOUNT]
    hears = (Kind.REPLY, Kind.MENTION, Kind.QUOTE)

    def __init__(self, server: MastodonStandIn, folder: Path) -> None:
        self.server = server
        self.file = folder / "state"
        self.platform = self.client()
        self._number = 0

    def client(self, token: str = TOKEN, **more: str) -> Mastodon:
        """The account as the program makes it at each start."""

        def clock() -> datetime:
            return datetime.fromtimestamp(self.server.now(), UTC)

        how = {"installation": "here", "state_file": self.file, "clock": clock, "read_timeout": 2}
        return Mastodon(self.server.url, token, **(how | more))  # type: ignore[arg-type]

    def own(self, text: str) -> str:
        self._number += 1
        post = Outgoing(self._number, Part(text), datetime.fromtimestamp(self.server.now(), UTC))
        return self.platform.publish(self.platform.prepare(post)).remote_id

    def post(self, text: str, who: str = "ann") -> str:
        return self.server.add_post(text, author=self.server.people.account(who)).id

    def reply(self, remote_id: str, text: str, who: str = "ann") -> str:
        """As each client writes it: named is whom it answers."""
        named = self.server.names[self.server.posts[remote_id].author]
        author = self.server.people.account(who)
        return self.server.add_post(f"@{named} {text}", reply_to=remote_id, author=author).id

    def mention(self, text: str, who: str = "ann") -> str:
        return self.post(f"@{self.handle} {text}", who)

    def quote(self, remote_id: str, text: str, who: str = "ann") -> str:
        return self.server.people.quote(remote_id, text, self.server.people.account(who)).id

    def like(self, remote_id: str, who: str = "ann") -> None:
        self.server.people.like(remote_id, self.server.people.account(who))

    def repost(self, remote_id: str, who: str = "ann") -> None:
        self.server.people.boost(remote_id, self.server.people.account(who))

    def delete(self, remote_id: str) -> None:
        del self.server.posts[remote_id]

    def handle_of(self, who: str) -> str:
        return self.server.names[self.server.people.account(who)]

    def fails(self, how: str) -> None:
        names = {"limited": "rate_limited", "forbidden": "scopes", "broken": "error_503", "garbled": "html"}
        self.server.fault(names[how], method="GET", path="*", times=0)

    def requests(self) -> int:
        return len(self.server.requests)
