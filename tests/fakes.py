"""Ten-line fakes at the protocols, and a clock that only the test moves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from twitter_manager.content import Media, MediaLimits
from twitter_manager.domain import Json, Outgoing, Receipt, RemotePost
from twitter_manager.errors import MediaGone, OutcomeUnknown, PlatformError
from twitter_manager.social import Author, Figures, HeardPage, SeenPost
from twitter_manager.store.database import Database

START = datetime(2026, 3, 1, 10, 7, tzinfo=UTC)


class Crash(BaseException):
    """The process dies here."""


class FakeClock:
    """Time that passes only when someone sleeps or the test says so."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def as_it_is(media: Media, limits: MediaLimits) -> tuple[Media, bytes]:
    """A picture that fits wherever it goes."""
    return media, b"picture"


class FakePlatform:
    """A server that keeps posts and pictures. `faults` and `upload_faults` are read from the front, one entry a
    request: None, an error to raise before storing, or ("stored", error) to raise after storing."""

    def __init__(self, name: str, clock: FakeClock, *, definite: bool = False) -> None:
        self.name, self.account, self.definite, self.clock = name, f"me@{name}", definite, clock
        self.posts: list[Json] = []
        self.faults: list[object] = []
        self.unreadable: PlatformError | None = None
        self.uploaded: dict[str, Media | None] = {}
        self.upload_faults: list[object] = []

    def upload(self, media: Media, content: bytes) -> Json:
        fault = self.upload_faults.pop(0) if self.upload_faults else None
        if isinstance(fault, BaseException):
            raise fault
        name = f"p{len(self.uploaded)}"
        self.uploaded[name] = media
        if isinstance(fault, tuple):
            raise fault[1]
        return {"id": name}

    def forget_pictures(self) -> None:
        """As after a day: the ids stay used."""
        self.uploaded = dict.fromkeys(self.uploaded)

    def price(self, text: str, *, summoned: bool = False) -> float:
        return 0.0

    def prepare(self, post: Outgoing) -> Json:
        reply = post.reply.parent.remote_id if post.reply else ""
        key = {"key": f"k{post.delivery_id}"}
        named = [post.uploads[media.digest]["id"] for media in post.part.media]
        if post.part.thumb and (thumb := post.uploads.get(post.part.thumb.digest)):
            named.append(thumb["id"])
        shown = {"pictures": named} if named else {}
        return {**key, "text": post.text, "reply": reply, **post.part.attached, **shown}

    def _must_know(self, request: Json) -> None:
        if not all(self.uploaded.get(name) for name in request.get("pictures", ())):
            raise MediaGone("unknown picture", status=400)

    def publish(self, request: Json) -> Receipt:
        fault = self.faults.pop(0) if self.faults else None
        if isinstance(fault, BaseException):
            raise fault
        self._must_know(request)
        found = [post for post in self.posts if self.definite and post["key"] == request["key"]]
        if not found:
            self.posts.append({**request, "at": self.clock()})
        if isinstance(fault, tuple):
            raise fault[1]
        return self._receipt((found or self.posts)[-1])

    def look_up(self, request: Json, since: datetime, claimed: frozenset[str]) -> Receipt | None:
        if self.unreadable:
            raise self.unreadable
        for post in self.posts:
            same = (post["text"], post["reply"]) == (request["text"], request["reply"])
            if same and post["at"] >= since and self._receipt(post).remote_id not in claimed:
                return self._receipt(post)
        return None

    def _receipt(self, post: Json) -> Receipt:
        number = str(1 + next(n for n, other in enumerate(self.posts) if other is post))
        return Receipt(number, f"https://{self.name}.invalid/{number}")

    def recent(self, since: datetime, limit: int = 100) -> list[RemotePost]:
        newest = [
            RemotePost(self._receipt(p), p["text"], p["at"], p["reply"])
            for p in reversed(self.posts)
            if p["at"] >= since
        ]
        return newest[:limit]

    def delete(self, remote_id: str) -> None:
        del self.posts[int(remote_id) - 1]

    def verify(self) -> str:
        return self.account


class FakeThreadPlatform(FakePlatform):
    """Takes a thread whole or not at all, knows each post by its key, and says 500 to a key in use, as Bluesky does."""

    def __init__(self, name: str, clock: FakeClock) -> None:
        super().__init__(name, clock, definite=True)

    def foresee(self, request: Json) -> Receipt:
        return self._receipt(request)

    def publish_thread(self, requests: Sequence[Json]) -> list[Receipt]:
        fault = self.faults.pop(0) if self.faults else None
        if isinstance(fault, BaseException):
            raise fault
        if {post["key"] for post in self.posts} & {request["key"] for request in requests}:
            raise OutcomeUnknown("500")
        for request in requests:
            self._must_know(request)
        self.posts += [{**request, "at": self.clock()} for request in requests]
        if isinstance(fault, tuple):
            raise fault[1]
        return [self._receipt(request) for request in requests]

    def _receipt(self, post: Json) -> Receipt:
        return Receipt(post["key"], f"https://{self.name}.invalid/{post['key']}")


class FakeSocialPlatform(FakePlatform):
    """Tells what its posts came to: `came_to`, by remote id; None is one that is gone. `asked`: the ids of each
    request."""

    figures_at_once = 25

    def __init__(self, name: str, clock: FakeClock) -> None:
        super().__init__(name, clock, definite=True)
        self.came_to: dict[str, Figures | None] = {}
        self.asked: list[list[str]] = []

    def figures(self, remote_ids: Sequence[str]) -> dict[str, Figures | None]:
        self.asked.append(list(remote_ids))
        if self.unreadable:
            raise self.unreadable
        return {remote_id: self.came_to[remote_id] for remote_id in remote_ids if remote_id in self.came_to}

    def heard(self, cursor: str, since: datetime, limit: int) -> HeardPage:
        return HeardPage((), cursor)

    def timeline(self, limit: int) -> list[SeenPost]:
        return []

    def thread(self, remote_id: str) -> list[SeenPost]:
        return []

    def author(self, handle: str) -> Author | None:
        return None

    def seen(self, remote_id: str) -> SeenPost | None:
        return None

    def like(self, remote_id: str) -> None:
        raise NotImplementedError

    def repost(self, remote_id: str) -> None:
        raise NotImplementedError


class CrashingDatabase(Database):
    """Dies at the n-th commit (counted from 0): just before it (`after` False) or just after."""

    crash_at = -1
    after = False
    commits = 0

    @contextmanager
    def transaction(self) -> Iterator[None]:
        number, self.commits = self.commits, self.commits + 1
        with super().transaction():
            yield
            if number == self.crash_at and not self.after:
                raise Crash
        if number == self.crash_at and self.after:
            raise Crash


class FakeWriter:
    """A writer for the pool that does no more than `top_up`, which a test gives."""

    def top_up(self, run_id: int, wanted: int) -> str:
        raise NotImplementedError

    def write(self, run_id: int) -> str:
        return self.top_up(run_id, 1)

    def write_news(self, run_id: int) -> str:
        return ""

    def let_go(self, run_id: int) -> list[str]:
        return []

    def hold(self, run_id: int) -> None:
        return None

    def recheck(self, run_id: int) -> None:
        return None

    def running_out(self, run_id: int) -> str:
        return ""

    def offer_again(self, run_id: int) -> None:
        return None

    def conclude(self, run_id: int) -> str:
        return ""
