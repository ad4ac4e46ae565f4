"""`python -m tests.threads`: a thread of three parts on the reference Bluesky server, at once and part by part.

The program runs as a process behind a proxy that kills it before and after the server commits each of its writes; then
it runs again until it is done. Nothing here is asserted: the figures are why `platforms.bluesky` does what it does.
"""

from __future__ import annotations

import signal
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from tests.home import Home, Process
from tests.standins.pds import Account, Pds
from tests.standins.proxy import FaultProxy, Reply, Seen
from twitter_manager.content import Part
from twitter_manager.domain import Json, Outgoing, Receipt, ReplyTo
from twitter_manager.errors import PlatformError
from twitter_manager.platforms.bluesky import Bluesky
from twitter_manager.platforms.facets import facets

PARTS = ("Grüße 👩‍👩‍👧: see https://example.com/ü #日本語", "The second part. 世界", "The third part, done. #git")
POINTS = {"putRecord": 2, "applyWrites": 3 * len(PARTS)}
"""What a request counts against 5,000 an hour: https://docs.bsky.app/docs/advanced-guides/rate-limits"""
PART_BY_PART = (
    "import sys; from twitter_manager.platforms.bluesky import Bluesky; del Bluesky.publish_thread;"
    " from twitter_manager.cli import main; main(sys.argv[1:])"
)
WAYS = {"at once": "", "part by part": PART_BY_PART}


def is_write(request: Seen) -> bool:
    return any(f"repo.{method}" in request.path for method in POINTS)


class KillingProxy(FaultProxy):
    """Kills the client at its n-th write (from 1), before the server has it or after it has committed."""

    def __init__(self, upstream: str, number: int, after: bool) -> None:
        self.process: Process | None = None
        self.killed = False
        self._left, self._after = number, after
        super().__init__(upstream)

    def answer(self, request: Seen) -> Reply | None:
        self._left -= is_write(request)
        if self._left or self.killed or not is_write(request):
            return super().answer(request)
        if self._after:
            super().answer(request)
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.killed = True
        return None


def home_for(path: Path, account: Account, url: str) -> Home:
    """A home whose bot posts to this account alone, by way of `url`."""
    home = Home(path)
    home.bot("default", 'platforms = ["bluesky"]\n')
    keys = {"BLUESKY_IDENTIFIER": account.handle, "BLUESKY_PASSWORD": account.password, "BLUESKY_SERVICE_URL": url}
    home.settings(GENERATORS="excerpt", **keys)
    return home


def post_words(parts: tuple[str, ...] = PARTS) -> list[str]:
    """The command that posts them now."""
    return ["post", parts[0], *(word for part in parts[1:] for word in ("--part", part)), "--now"]


def broken_links(records: list[Json], parts: tuple[str, ...] = PARTS) -> list[str]:
    """What is wrong with the thread as the server holds it: each part once, in order, each under the one before."""
    mine = [record for record in reversed(records) if record["value"]["text"] in parts]
    wrong = (
        [] if tuple(one["value"]["text"] for one in mine) == parts else ["the parts are not all there once, in order"]
    )
    refs = [{"uri": one["uri"], "cid": one["cid"]} for one in mine]
    for number, one in enumerate(mine):
        hangs = {"root": refs[0], "parent": refs[number - 1]} if number else None
        if one["value"].get("reply") != hangs:
            wrong.append(f"part {number + 1} hangs elsewhere")
    return wrong


@dataclass
class Figures:
    """What one way costs and risks."""

    requests: int = 0
    points: int = 0
    first_to_last: list[float] = field(default_factory=list)
    half_visible: list[float] = field(default_factory=list)
    deaths: int = 0
    deaths_with_half: int = 0
    mended: int = 0


class TimingProxy(FaultProxy):
    """Notes when each write began and ended."""

    def __init__(self, upstream: str) -> None:
        self.times: list[tuple[float, float]] = []
        super().__init__(upstream)

    def answer(self, request: Seen) -> Reply | None:
        began = time.perf_counter()
        reply = super().answer(request)
        if is_write(request):
            self.times.append((began, time.perf_counter()))
        return reply


def measure_plain(pds: Pds, folder: Path, code: str, figures: Figures, runs: int) -> None:
    account = pds.create_account()
    for number in range(runs):
        with TimingProxy(pds.url) as proxy:
            home_for(folder / f"plain{number}", account, proxy.url)(*post_words(), code=code)
            writes = [seen.path for seen in proxy.seen if is_write(seen)]
        figures.requests = len(writes)
        figures.points = sum(POINTS[path.rpartition(".")[2]] for path in writes)
        figures.first_to_last.append(proxy.times[-1][1] - proxy.times[0][0])
        figures.half_visible.append(proxy.times[-1][1] - proxy.times[0][1])
        pds.wipe(account)


def measure_deaths(pds: Pds, folder: Path, code: str, figures: Figures) -> None:
    """One case for every write and both sides of its commit."""
    account = pds.create_account()
    for number in range(1, figures.requests + 1):
        for after in (False, True):
            with KillingProxy(pds.url, number, after) as proxy:
                home = home_for(folder / f"{number}{after}", account, proxy.url)
                proxy.process = home.start(*post_words(), code=code)
                proxy.process.communicate()
                figures.deaths += proxy.killed and proxy.process.returncode == -signal.SIGKILL
                figures.deaths_with_half += 0 < len(pds.records(account)) < len(PARTS)
                home("run", code=code)
            figures.mended += not broken_links(pds.records(account))
            pds.wipe(account)


def retries(pds: Pds, folder: Path) -> list[tuple[str, str]]:
    """What the server says to the same request again: all there, and one part taken away by a person."""
    account = pds.create_account()
    platform = Bluesky(
        account.handle,
        account.password,
        session_file=folder / "session",
        clock=lambda: datetime.now(UTC),
        facets=lambda text, unattended: facets(text),
        service_url=pds.url,
    )
    requests: list[Json] = []
    reply = None
    for number, part in enumerate(PARTS):
        requests.append(platform.prepare(Outgoing(number, Part(part), datetime.now(UTC), reply=reply)))
        foreseen = platform.foresee(requests[-1])
        reply = ReplyTo(reply.root if reply else foreseen, foreseen)

    def said(receipts: object) -> str:
        return f"{receipts}, {len(pds.records(account))} of 3 there"

    def whole() -> str:
        try:
            made = platform.publish_thread(requests)
        except PlatformError as error:
            return said(error)
        return said("as foreseen" if made == [platform.foresee(one) for one in requests] else "other CIDs")

    def single() -> str:
        made: list[Receipt] = [platform.publish(one) for one in requests]
        return said("as foreseen" if made == [platform.foresee(one) for one in requests] else "other CIDs")

    rows = [("applyWrites", whole()), ("applyWrites again", whole()), ("putRecord of each, again", single())]
    platform.delete(platform.foresee(requests[1]).remote_id)
    rows += [("part 2 deleted, applyWrites", whole()), ("part 2 deleted, putRecord of each", single())]
    return rows


def main(runs: int = 5) -> int:
    print(
        "| way | requests | points | first write to last, s | half a thread visible, s | deaths | … with half a thread"
        " left in public | … whole after the next run |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory(prefix="threads-") as folder, Pds() as pds:
        for way, code in WAYS.items():
            figures, place = Figures(), Path(folder) / way.replace(" ", "-")
            measure_plain(pds, place, code, figures, runs)
            measure_deaths(pds, place, code, figures)
            times = [f"{statistics.median(some):.3f}" for some in (figures.first_to_last, figures.half_visible)]
            row = [
                way,
                figures.requests,
                figures.points,
                *times,
                figures.deaths,
                figures.deaths_with_half,
                figures.mended,
            ]
            print("| " + " | ".join(map(str, row)) + " |")
        print("\n| the same again | what the server says |\n| --- | --- |")
        for what, said in retries(pds, Path(folder)):
            print(f"| {what} | {said} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
