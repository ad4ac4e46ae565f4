"""People on X's stand-in, for the tests of figures, comments and social acts."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.standins.x import CREDENTIALS, USERNAME, XStandIn
from twitter_manager.platforms.spec import Charge, free
from twitter_manager.platforms.x import X
from twitter_manager.social import Kind


def client(standin: XStandIn, charge: Charge = free) -> X:
    clock = lambda: datetime.now(UTC)  # noqa: E731
    return X(*CREDENTIALS, base_url=standin.url, clock=clock, charge=charge, connect_timeout=2, read_timeout=5)


class XWorld:
    """`platform` posts as the stand-in's own account."""

    handle = USERNAME
    hears = (Kind.REPLY, Kind.MENTION)  # a quote only where it names the account

    def __init__(self, standin: XStandIn) -> None:
        self.standin, self.platform = standin, client(standin)
        self.standin.others.account("ann")

    def own(self, text: str) -> str:
        return self.standin.add_post(text).id

    def post(self, text: str, who: str = "ann") -> str:
        return self.standin.others.say(who, text).id

    def reply(self, remote_id: str, text: str, who: str = "ann") -> str:
        return self.standin.others.say(who, text, reply_to=remote_id).id

    def mention(self, text: str, who: str = "ann") -> str:
        return self.post(f"@{self.handle} {text}", who)

    def quote(self, remote_id: str, text: str, who: str = "ann") -> str:
        return self.standin.others.say(who, text, quotes=remote_id).id

    def like(self, remote_id: str, who: str = "ann") -> None:
        self.standin.posts[remote_id].likes.add(who)

    def repost(self, remote_id: str, who: str = "ann") -> None:
        self.standin.posts[remote_id].reposts.add(who)

    def delete(self, remote_id: str) -> None:
        del self.standin.posts[remote_id]

    def handle_of(self, who: str) -> str:
        return who

    def fails(self, how: str) -> None:
        faults = {"limited": "rate_limited", "forbidden": "no_plan", "broken": "error_503", "garbled": "html"}
        self.standin.fault(faults[how], method="GET", path="*", times=0)

    def requests(self) -> int:
        return len(self.standin.requests)
