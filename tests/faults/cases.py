"""Which cases there are. A case is a scenario and the points at which its runs are killed, one a run.

Its name says it all, and `python -m tests.faults --case NAME` plays it: `x-thread/commit-12-before` is the thread on X
killed before its twelfth commit; `x/http-1-stored/commit-3-after` is killed once more in the run after that;
`x-faults/part-2/store_then_drop/hidden-3s/hold` is a fault of the server, and nobody is killed;
`x-twice/single/drop/invalid/hold` is one write with an unclear end, and then another that is clearly refused.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import islice
from math import isqrt

from tests import tracing
from tests.faults.world import NEWER as THE_OTHER
from tests.faults.world import RUNS, Scenario, Verdict, World
from tests.standins.proxy import Fault, Reply

ALL = ("x", "bluesky", "mastodon", "feed")


@dataclass(frozen=True)
class Case:
    scenario: Scenario
    kills: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return "/".join((self.scenario.name, *self.kills))

    def play(self, world: World) -> Verdict:
        try:
            return world.play(self.scenario, self.kills)
        except Exception as error:
            raise RuntimeError(f"{self.name} could not be played: {error}") from error


@dataclass(frozen=True)
class Group:
    """Scenarios, each undisturbed (0 kills), with one kill at every point, or with two: at every point, and at every
    point of the run that comes after. `calls`: the points are system calls; `failing`: they fail, and nobody is killed.
    Of all these every `step`-th case, beginning with `first`."""

    name: str
    scenarios: tuple[Scenario, ...]
    kills: int
    at_least: int
    first: int = 0
    step: int = 1
    calls: bool = False
    failing: bool = False

    def cases(self, world: World) -> Iterator[Case]:
        """To find out which second kills there are costs a run for each first one: so those are the fewer too."""
        firsts = isqrt(self.step) if self.kills == 2 else 1
        for number, case in enumerate(self._everything(world, firsts)):
            if number % (self.step // firsts) == self.first:
                yield case

    def part(self, number: int, of: int) -> Group:
        """One of so many parts of about the same size."""
        return replace(self, first=self.first + number * self.step, step=self.step * of, at_least=self.at_least // of)

    def naive(self) -> Group:
        """The same for the outbox of `naive.py`."""
        return replace(self, name=f"naive-{self.name}", scenarios=tuple(map(_naive, self.scenarios)))

    def _everything(self, world: World, firsts: int) -> Iterator[Case]:
        """All cases, or with two kills those of each so-many-th first one."""
        for scenario in self.scenarios:
            if self.kills == 0:
                yield Case(scenario)
                continue
            points = world.passed(scenario, calls=self.calls)
            found = tracing.failing(points) if self.failing else points if self.calls else distinct(points)
            for point in islice(found, 0, None, firsts):
                if self.kills == 1:
                    yield Case(scenario, (point,))
                else:
                    seconds = distinct(world.passed(scenario, (point,)))
                    yield from (Case(scenario, (point, second)) for second in seconds)


def distinct(points: Sequence[str]) -> Iterator[str]:
    """Of the points of a run those that leave something different behind: after a commit, or a file operation, all is
    as it is before the next one or before the next request. A kill after the last one differs from none in nothing."""
    return (point for point in points if not point.endswith("-after"))


def _naive(scenario: Scenario) -> Scenario:
    return replace(scenario, name=f"{_NAIVE}{scenario.name}", naive=True)


_NAIVE = "naive-"


# -- kills ---------------------------------------------------------------------------------------------


def _slow_to_show(world: World) -> None:
    """X's list of posts lags twelve minutes behind."""
    world.x.fault("normal", hide=720, times=0)


def _answer_lost_on_x(world: World) -> None:
    world.x.fault("store_then_drop", hide=3)


def _request_lost_on_x(world: World) -> None:
    world.x.fault("drop")


def _slow_to_show_on_mastodon(world: World) -> None:
    """As a server whose list of posts comes from a copy that lags."""
    world.mastodon.fault("normal", hide=720, times=0)


def _answer_lost_on_mastodon(world: World) -> None:
    world.mastodon.fault("store_then_drop", hide=3)


def _request_lost_on_mastodon(world: World) -> None:
    world.mastodon.fault("drop")


def _limits_mastodon(world: World) -> None:
    world.mastodon.fault("rate_limited_bare", times=4)


def _limited_on_mastodon(world: World) -> bool:
    return bool(world.mastodon.faults[-1].hits >= 4)


def _answer_lost_on_bluesky(world: World) -> None:
    world.pds_gateway.fail_at(WRITE, Fault(forward=True))


def _hides_one_on_x(world: World) -> None:
    """From the next run, but not from the one after that."""
    world.x.fault("normal", hide=5400)


def _limits_x(world: World) -> None:
    world.x.fault("rate_limited_bare", times=4)


def _limits_bluesky(world: World) -> None:
    world.pds_gateway.fail_at(WRITE, _LIMITED["limited"], times=4)


def _limited_on_x(world: World) -> bool:
    return bool(world.x.faults[-1].hits >= 4)


def _limited_on_bluesky(world: World) -> bool:
    return world.pds_gateway.rules[-1].hits >= 4


WRITE = r"POST .*com\.atproto\.repo\.(putRecord|applyWrites|createRecord)"
READ = r"GET .*com\.atproto\.repo\.(getRecord|listRecords)"
LOGIN = r"POST .*com\.atproto\.server\.createSession"
REFRESH = r"POST .*com\.atproto\.server\.refreshSession"

KILLED: tuple[Scenario, ...] = (
    Scenario("x", ("x",)),
    Scenario("x-thread", ("x",), parts=3),
    Scenario("x-hourly", ("x",), how="hourly"),
    Scenario("x-soon", ("x",), arrange=_slow_to_show, gap=10),
    Scenario("x-answer-lost", ("x",), arrange=_answer_lost_on_x),
    Scenario("x-request-lost", ("x",), arrange=_request_lost_on_x),
    Scenario("bluesky", ("bluesky",)),
    Scenario("bluesky-thread", ("bluesky",), parts=3),
    Scenario("bluesky-hourly", ("bluesky",), how="hourly"),
    Scenario("bluesky-login", ("bluesky",), session="none"),
    Scenario("bluesky-refresh", ("bluesky",), session="expired"),
    Scenario("bluesky-answer-lost", ("bluesky",), arrange=_answer_lost_on_bluesky),
    Scenario("mastodon", ("mastodon",)),
    Scenario("mastodon-thread", ("mastodon",), parts=3),
    Scenario("mastodon-hourly", ("mastodon",), how="hourly"),
    Scenario("mastodon-soon", ("mastodon",), arrange=_slow_to_show_on_mastodon, gap=10),
    Scenario("mastodon-answer-lost", ("mastodon",), arrange=_answer_lost_on_mastodon),
    Scenario("mastodon-request-lost", ("mastodon",), arrange=_request_lost_on_mastodon),
    Scenario("feed", ("feed",)),
    Scenario("feed-thread", ("feed",), parts=3),
    Scenario("feed-hourly", ("feed",), how="hourly"),
    Scenario("all", ALL),
    Scenario("all-thread", ALL, parts=3),
    Scenario("all-queued", ALL, how="queued"),
    Scenario("all-hourly", ALL, how="hourly"),
)


# -- answers to comments -------------------------------------------------------------------------------


def _killed_with_answers() -> Iterator[Scenario]:
    """One part and two; an answer that is lost on its way, and a list of posts that lags."""
    lost = {"x": _answer_lost_on_x, "bluesky": _answer_lost_on_bluesky, "mastodon": _answer_lost_on_mastodon}
    for platform, arrange in lost.items():
        one = Scenario(f"{platform}-answer", (platform,), how="queued", answers=True)
        yield one
        yield replace(one, name=f"{platform}-answer-thread", parts=2)
        yield replace(one, name=f"{platform}-answer-answer-lost", arrange=arrange)
    yield replace(one, name="x-answer-soon", platforms=("x",), arrange=_slow_to_show, gap=10)


def _unclear_with_answers() -> Iterator[Scenario]:
    """Every unclear answer to an answer, stored or not."""
    for service, unclear in (("x", UNCLEAR), ("mastodon", UNCLEAR_ON_MASTODON)):
        for effect in unclear:
            for stored in (True, False):
                fault = f"store_then_{effect}" if stored else effect
                made = _fault(service, f"answer-faults/{service}/{fault}", "single", fault, "posted")
                yield replace(made, how="queued", answers=True)
    for effect, answer in {**_BAD_ANSWERS, **_LIMITED}.items():
        for forward in (False, True) if effect in _BAD_ANSWERS else (False,):
            fault = f"store_then_{effect}" if forward else effect
            write = (WRITE, replace(answer, forward=forward), 1)
            made = _bluesky_fault(f"answer-faults/bluesky/{fault}", 1, "posted", write)
            yield replace(made, how="queued", answers=True)


ANSWERED: tuple[Scenario, ...] = tuple(_killed_with_answers())


# -- pictures ------------------------------------------------------------------------------------------

UPLOAD = r"POST .*com\.atproto\.repo\.uploadBlob"
UPLOADS = {"x": "/2/media/*", "mastodon": "/api/v2/media"}
"""Where pictures are given to a stand-in."""
DAY = 25 * 60
"""Minutes after which a stand-in has dropped what no post shows."""


def _refused_for_a_day(world: World) -> None:
    """Then the pictures are gone; the Bluesky server is told to say so, and to say it again to a program that died when
    it said so first."""
    for server in (world.x, world.mastodon):
        server.fault("rate_limited_bare", times=4)
    if "pds_gateway" in vars(world):
        world.pds_gateway.fail_at(WRITE, Fault(reply=_error(400, "BlobNotFound")), times=2)


def _were_gone(world: World) -> bool:
    return any("no longer" in line for line in world.details)


def _loses(service: str, effect: str) -> Callable[[World], None]:
    """The second upload goes wrong."""
    return lambda world: getattr(world, service).fault(effect, path=UPLOADS[service], skip=1)


def _killed_with_pictures() -> Iterator[Scenario]:
    for platform in ("x", "bluesky", "mastodon"):
        one = Scenario(f"{platform}-pictures", (platform,), how="queued", pictures=2)
        yield one
        yield replace(one, name=f"{platform}-pictures-thread", parts=2, pictures=1)
        yield replace(
            one, name=f"{platform}-pictures-gone", pictures=1, arrange=_refused_for_a_day, met=_were_gone, gap=DAY
        )
        lost = {"x": _answer_lost_on_x, "bluesky": _answer_lost_on_bluesky, "mastodon": _answer_lost_on_mastodon}
        yield replace(one, name=f"{platform}-pictures-answer-lost", pictures=1, arrange=lost[platform])
    yield Scenario("x-pictures-soon", ("x",), how="queued", pictures=1, arrange=_slow_to_show, gap=10)


PICTURED: tuple[Scenario, ...] = tuple(_killed_with_pictures())


def _uploads_that_fail() -> Iterator[Scenario]:
    """Every bad answer to an upload, once and always, done or not; then every unclear answer to the post itself."""
    for service, bad in (("x", UNCLEAR), ("mastodon", UNCLEAR_ON_MASTODON)):
        one = Scenario("", (service,), how="queued", parts=2, pictures=1, direct=True)
        nothing_out = {service: ["held", "failed"]}
        for effect in (*bad, "rate_limited_bare", "unauthorized", "invalid"):
            # On X it is the alt text of the first picture that meets it, and a no to that is not the picture's.
            refused = effect == "unauthorized" or (effect == "invalid" and service == "mastodon")
            done = ["failed" if refused else "posted"] * 2
            slow = SHORT if effect == "hang" else 30.0
            for stored in (False, True) if effect in bad else (False,):
                fault = f"store_then_{effect}" if stored else effect
                what = replace(one, name=f"pictures-upload/{service}/{fault}/once", timeout=slow)
                yield replace(what, arrange=_loses(service, fault), met=_hit, expect={service: done})
            if effect in LEADERS:

                def always(world: World, service: str = service, effect: str = effect) -> None:
                    getattr(world, service).fault(effect, path=UPLOADS[service], times=0)

                yield replace(one, name=f"pictures-upload/{service}/{effect}/always", arrange=always,
                              expect=nothing_out)  # fmt: skip
        for effect in bad:
            for stored in (True, False):
                fault = f"store_then_{effect}" if stored else effect
                made = _fault(service, f"pictures-faults/{service}/{fault}", "single", fault, "posted",
                              hide=1500 if stored else 0, net=True, gap=20)  # fmt: skip
                yield replace(made, how="queued", pictures=2)
    for effect, fault in {**_BAD_ANSWERS, **_LIMITED}.items():
        for forward in (False, True) if effect in _BAD_ANSWERS else (False,):
            name = f"pictures-upload/bluesky/{'store_then_' if forward else ''}{effect}"
            made = _bluesky_fault(name, 2, "posted", (UPLOAD, replace(fault, forward=forward), 1))
            yield replace(made, how="queued", pictures=1)
            made = _bluesky_fault(
                name.replace("upload", "faults"), 2, "posted", (WRITE, replace(fault, forward=forward), 1)
            )
            yield replace(made, how="queued", pictures=1)


def _hit(world: World) -> bool:
    return any(fault.hits for server in (world.x, world.mastodon) for fault in server.faults)


def _newer(platform: str) -> Iterator[Scenario]:
    """Another draft falls due in the next slot: a person's second one; a generated one; one that finds the first too
    old; one that finds it waiting behind a limit (on X also: not to be seen yet, should it be out)."""
    queued = Scenario(f"{platform}-newer", (platform,), how="queued", newer=True)
    hourly = replace(queued, name=f"{platform}-newer-hourly", how="hourly")
    yield from (queued, hourly, replace(hourly, name=f"{platform}-newer-old", bot="draft_ttl_hours = 1\n"))
    limited = replace(hourly, name=f"{platform}-newer-limited")
    if platform == "x":
        yield replace(limited, arrange=_hides_one_on_x, then=_limits_x, met=_limited_on_x)
    elif platform == "mastodon":
        yield replace(limited, then=_limits_mastodon, met=_limited_on_mastodon)
    elif platform == "bluesky":
        yield replace(limited, then=_limits_bluesky, met=_limited_on_bluesky)


# -- dates and cards -----------------------------------------------------------------------------------

IN_HALF_AN_HOUR = ("--at", "in 30 minutes")
DAILY = ("--every", "day 10:37", "--variant", THE_OTHER)


def _killed_with_dates() -> Iterator[Scenario]:
    """A post whose date has come meets one that takes the slot, or one whose date has come with it; one that comes
    again is sent while its next date is made, at once or after three days with no run."""
    for platform in ALL:
        dated = Scenario(f"{platform}-dated", (platform,), how="queued", newer=True, when=IN_HALF_AN_HOUR, ahead=35)
        yield dated
        yield Scenario(f"{platform}-recurring", (platform,), how="queued", when=DAILY, ahead=35)
    yield replace(dated, name="all-dated-two", platforms=ALL, newer_when=IN_HALF_AN_HOUR)
    lost = {"x": _answer_lost_on_x, "bluesky": _answer_lost_on_bluesky, "mastodon": _answer_lost_on_mastodon}
    for platform, arrange in lost.items():
        two = replace(dated, platforms=(platform,), newer_when=IN_HALF_AN_HOUR, arrange=arrange)
        yield replace(two, name=f"{platform}-dated-answer-lost")
    missed = Scenario("x-recurring-missed", ("x",), how="queued", when=DAILY, ahead=35 + 3 * 24 * 60)
    yield from (missed, replace(missed, name="feed-recurring-missed", platforms=("feed",)))


DATED: tuple[Scenario, ...] = tuple(_killed_with_dates())
CARDED: tuple[Scenario, ...] = (
    Scenario("bluesky-card", ("bluesky",), how="queued", carded=True),
    Scenario("bluesky-card-thread", ("bluesky",), how="queued", parts=2, carded=True),
    Scenario("bluesky-card-answer-lost", ("bluesky",), how="queued", carded=True, arrange=_answer_lost_on_bluesky),
)


def _unclear_with_dates() -> Iterator[Scenario]:
    """Every unclear answer to a post with a date, stored or not, while another is due: by its slot, by its date."""
    for service, unclear in (("x", UNCLEAR), ("mastodon", UNCLEAR_ON_MASTODON)):
        for effect in unclear:
            for stored in (True, False):
                fault = f"store_then_{effect}" if stored else effect
                made = _fault(service, f"dated-faults/{service}/{fault}", "single", fault, "posted")
                yield from _both_due(made)
    for effect, answer in {**_BAD_ANSWERS, **_LIMITED}.items():
        for forward in (False, True) if effect in _BAD_ANSWERS else (False,):
            fault = f"store_then_{effect}" if forward else effect
            write = (WRITE, replace(answer, forward=forward), 1)
            yield from _both_due(_bluesky_fault(f"dated-faults/bluesky/{fault}", 1, "posted", write))
            carded = _bluesky_fault(f"carded-faults/bluesky/{fault}", 1, "posted", write)
            yield replace(carded, how="queued", carded=True)


def _both_due(made: Scenario) -> Iterator[Scenario]:
    due = replace(made, how="queued", newer=True, when=IN_HALF_AN_HOUR, ahead=35, expect=None)
    yield replace(due, name=f"{made.name}/slot")
    yield replace(due, name=f"{made.name}/two", newer_when=IN_HALF_AN_HOUR)


NEWER: tuple[Scenario, ...] = tuple(one for platform in ALL for one in _newer(platform))
_K: Mapping[str, Scenario] = {
    scenario.name: scenario for scenario in (*KILLED, *ANSWERED, *NEWER, *PICTURED, *DATED, *CARDED)
}


# -- faults of X ---------------------------------------------------------------------------------------

PLACES = {"single": (1, 0), "part-1": (3, 0), "part-2": (3, 1), "part-3": (3, 2)}
"""How many parts the post has, and which of them the fault meets."""
UNCLEAR = (
    "drop",
    "reset",
    "hang",
    "truncate",
    "error_500",
    "error_503",
    "error_502_html",
    "error_list_500",
    "request_timeout",
    "html",
    "html_403",
    "empty_201",
    "json_list",
    "no_data",
    "bad_id",
    "redirect",
)
"""Answers, or none, after which nobody knows whether X has the post."""
HIDDEN = {"shown": 0.0, "hidden-3s": 3.0, "hidden-30min": 1800.0, "hidden-90min": 5400.0, "hidden-for-ever": -1.0}
"""How long X's list of posts lacks it: not at all, within the run, past the settling time, past the next run, …"""
UNREADABLE = {"forbidden": "client_forbidden", "broken": "error_500", "limited": "rate_limited"}
"""What X says whenever its list of posts is asked for."""
TIMELINE = "/2/users/*/tweets"
LISTS = {"x": TIMELINE, "mastodon": "/api/v1/accounts/*/statuses"}
"""Where the account's own posts are asked for."""
SHORT = 1.0
"""Seconds that the program waits for an answer in the cases in which none comes: real ones, so there are few."""


def _outcome(stored: bool, readback: str, unsure: str) -> str:
    """What must become of a post to X whose request had no clear answer."""
    if readback in UNREADABLE or readback == "hidden-for-ever":
        return "held"  # looked for until it is certain that looking won't help; X refuses the second copy
    if stored and readback != "hidden-90min":
        return "posted"  # found
    return "posted" if unsure == "resend" else "held"


def _parts(place: str, outcome: str) -> list[str]:
    """The statuses of all parts when the one that the fault meets ends like this."""
    parts, part = PLACES[place]
    after = "posted" if outcome == "posted" else "failed"
    return ["posted"] * part + [outcome] + [after] * (parts - part - 1)


A_DAY = 25 * 60
"""Minutes. A rate limit that lasts for longer than that is trouble like any other; before, what meets it waits."""


def _fault(service: str, name: str, place: str, effect: str, outcome: str, *, hide: float = 0, times: int = 1,
           reads: str = "", unsure: str = "resend", gap: float = 60, net: bool = True) -> Scenario:  # fmt: skip
    """One fault at one post to X or Mastodon. `reads`: what the account's list of posts answers from then on; `net`:
    the service itself refuses a second copy."""
    parts, part = PLACES[place]
    if reads == "rate_limited" or (effect.startswith("rate_limited") and not times):
        gap = A_DAY

    def arrange(world: World) -> None:
        server = getattr(world, service)
        server.fault(effect, skip=part, times=times, hide=hide, seconds=5)
        if reads:
            server.fault(reads, method="GET", path=LISTS[service], times=0)

    return Scenario(
        name,
        (service,),
        parts=parts,
        arrange=arrange,
        met=lambda world: getattr(world, service).faults[0].hits > part,
        expect={service: _parts(place, outcome)},
        gap=gap,
        timeout=SHORT if effect.endswith("hang") else 30.0,
        net=net,
        direct=True,
        settings={"UNSURE": unsure},
    )


LEADERS = ("drop", "error_503")
"""No answer, and an answer that says nothing: these meet every circumstance. What the others are taken for is found out
before any circumstance counts (in the platform, whose contract tests hold that it is the same), so each of them meets
every place, every way of reading back and both settings once, in turn."""
UNSURE = ("resend", "hold")


def _circumstances(
    effects: Sequence[str], readbacks: Mapping[bool, Sequence[str]], places: Sequence[str]
) -> Iterator[tuple[str, bool, str, str, str]]:
    """Effect, stored or not, way of reading back, place, and what to do when unsure."""
    for number, effect in enumerate(effects):
        for stored, ways in readbacks.items():
            for turn, readback in enumerate(ways):
                if effect in LEADERS:
                    yield from ((effect, stored, readback, place, unsure) for place in places for unsure in UNSURE)
                else:
                    place, unsure = places[(number + turn) % len(places)], UNSURE[(number + turn // 2) % 2]
                    yield effect, stored, readback, place, unsure


def _unclear_on_x() -> Iterator[Scenario]:
    """Every unclear answer, stored or not, under every way that X may show the post afterwards."""
    readbacks = {True: (*HIDDEN, *UNREADABLE), False: ("shown", *UNREADABLE)}
    for effect, stored, readback, place, unsure in _circumstances(UNCLEAR, readbacks, tuple(PLACES)):
        fault = f"store_then_{effect}" if stored else effect
        outcome = _outcome(stored, readback, unsure)
        name = f"x-faults/{place}/{fault}/{readback}/{unsure}"
        hide, reads = HIDDEN.get(readback, 0.0), UNREADABLE.get(readback, "")
        yield _fault("x", name, place, fault, outcome, hide=hide, reads=reads, unsure=unsure)


NO_FOR_GOOD = (
    "unauthorized",
    "credits_depleted",
    "payment_required",
    "not_permitted",
    "oauth1_permissions",
    "client_forbidden",
    "account_locked",
    "reply_not_allowed",
)


def _clear_on_x(place: str) -> Iterator[Scenario]:
    """Every clear no: for good, for now, and the one that says yes (a duplicate: it is there)."""

    def one(name: str, effect: str, outcome: str, **how: float) -> Scenario:
        times, hide, gap = int(how.get("times", 1)), how.get("hide", 0.0), how.get("gap", 60)
        return _fault("x", f"x-refused/{place}/{name}", place, effect, outcome, times=times, hide=hide, gap=gap)

    for effect in NO_FOR_GOOD:
        yield one(effect, effect, "failed")
        yield one(f"{effect}/always", effect, "failed", times=0)
    yield one("rate_limited", "rate_limited", "posted")
    yield one("rate_limited_bare", "rate_limited_bare", "posted")
    yield one("rate_limited_bare/always", "rate_limited_bare", "held", times=0)
    yield one("usage_capped", "usage_capped", "posted", gap=25 * 60)
    yield one("duplicate", "duplicate", "held")
    for readback, seconds in HIDDEN.items():
        outcome = "held" if readback == "hidden-for-ever" else "posted"
        yield one(f"store_then_duplicate/{readback}", "store_then_duplicate", outcome, hide=seconds)


def _reading_on_x() -> Iterator[Scenario]:
    """The post is there and the answer lost; then looking for it goes wrong, so many times."""
    reads = (*UNCLEAR, "rate_limited", "rate_limited_bare", "unauthorized", "credits_depleted", "client_forbidden")
    places = ("single", "part-2")
    for path in (TIMELINE, "/2/users/me"):
        for number, read in enumerate(reads):
            if read in (*LEADERS, "rate_limited", "client_forbidden"):
                yield from (_x_read_fault(path, place, read, times) for place in places for times in (1, 2, 3, 0))
            else:
                yield _x_read_fault(path, places[number % 2], read, 1)
                if read != "hang":  # it costs a second: once is enough
                    yield _x_read_fault(path, places[(number + 1) % 2], read, 0)


def _x_read_fault(path: str, place: str, read: str, times: int) -> Scenario:
    what = "me" if path.endswith("/me") else "timeline"
    name = f"x-reading/{what}/{place}/{read}/{f'{times}-times' if times else 'always'}"
    part = PLACES[place][1]

    def arrange(world: World) -> None:
        world.x.fault("store_then_drop", skip=part)
        world.x.fault(read, method="GET", path=path, times=times, seconds=5)

    made = _fault("x", name, place, "store_then_drop", "posted" if times else "held")
    token = {"TWITTER_ACCESS_TOKEN": "a-token-that-does-not-tell-whose-it-is"} if what == "me" else {}
    return replace(
        made,
        arrange=arrange,
        gap=A_DAY if read.startswith("rate_limited") and not times else made.gap,
        met=lambda world: world.x.faults[0].hits > part and world.x.faults[1].hits >= max(times, 1),
        timeout=SHORT if read == "hang" else 30.0,
        settings=token,
    )


# -- faults of Mastodon --------------------------------------------------------------------------------

UNCLEAR_ON_MASTODON = (
    "drop",
    "reset",
    "hang",
    "truncate",
    "html",
    "empty_200",
    "json_list",
    "no_id",
    "bad_id",
    "html_422",
    "redirect",
    "request_timeout",
    "error_500",
    "error_502_html",
    "error_503",
    "error_504_html",
)
UNREADABLE_ON_MASTODON = {"forbidden": "scopes", "broken": "error_500", "limited": "rate_limited"}


def _unclear_on_mastodon() -> Iterator[Scenario]:
    """Every unclear answer, stored or not, under every way that the list of posts may show it afterwards. The server
    loses its keys: what a key would keep out must not be tried."""
    places = ("single", "part-2")
    readbacks = {
        True: ("shown", "hidden-3s", "hidden-30min", *UNREADABLE_ON_MASTODON),
        False: ("shown", *UNREADABLE_ON_MASTODON),
    }
    for effect, stored, readback, place, unsure in _circumstances(UNCLEAR_ON_MASTODON, readbacks, places):
        reads, hide = UNREADABLE_ON_MASTODON.get(readback, ""), HIDDEN.get(readback, 0.0)
        outcome = "held" if reads else "posted" if stored or unsure == "resend" else "held"
        fault = f"store_then_{effect}" if stored else effect
        name = f"mastodon-faults/{place}/{fault}/{readback}/{unsure}"
        yield _fault("mastodon", name, place, fault, outcome, hide=hide, reads=reads, unsure=unsure, net=False)
    for number, effect in enumerate(UNCLEAR_ON_MASTODON):
        # Within its hour the key keeps the second copy out, also while the first is not shown.
        for place in places if effect in LEADERS else (places[number % 2],):
            name = f"mastodon-faults/{place}/store_then_{effect}/hidden-25min/key"
            yield _fault("mastodon", name, place, f"store_then_{effect}", "posted", hide=1500, gap=20)


def _clear_on_mastodon(place: str) -> Iterator[Scenario]:
    """Every clear no, for good and for now."""
    for effect in ("unauthorized", "scopes", "disabled", "invalid", "no_parent", "bad_request"):
        for times in (1, 0):
            name = f"mastodon-refused/{place}/{effect}/{'once' if times else 'always'}"
            yield _fault("mastodon", name, place, effect, "failed", times=times)
    for effect in ("rate_limited", "rate_limited_bare"):
        yield _fault("mastodon", f"mastodon-refused/{place}/{effect}", place, effect, "posted")
    yield _fault("mastodon", f"mastodon-refused/{place}/limited/always", place, "rate_limited_bare", "held", times=0)


# -- one write after the other goes wrong on X ---------------------------------------------------------

_FIRST = {
    "drop": "lost",
    "error_503": "lost",
    "store_then_drop": "hidden",
    "store_then_error_500": "hidden-for-ever",
    "store_then_html": "found",
}
"""How the first write ends: nobody knows, and the post isn't there, is there but not to be seen by the second write,
is never to be seen, or is found at once (then it is the next part that the second fault meets)."""
_NEXT = ("invalid", "not_permitted", "duplicate", "unauthorized", "rate_limited", "rate_limited_bare", "drop",
         "error_503", "store_then_drop", "store_then_error_500", "refused")  # fmt: skip
"""How the writes after it end: a clear no, one that says yes, not sent, unclear. `refused` is the connection."""
_SENT_AT_ONCE = ("rate_limited_bare", "store_then_drop", "store_then_error_500")
"""With these the same goes out while the list of posts still lies: only X itself can refuse it then."""


def _twice_on_x() -> Iterator[Scenario]:
    for place in ("single", "part-2"):
        for first, fate in _FIRST.items():
            for second in _NEXT if fate != "found" or place != "single" else ():
                for unsure in ("resend", "hold"):
                    yield _x_story(place, (first, second), fate, unsure)


def _thrice_on_x() -> Iterator[Scenario]:
    """A third write meets the next fault: after what a person decided, or after a limit has passed."""
    for place in ("single", "part-2"):
        for first, fate in _FIRST.items():
            seconds = [one for one in _NEXT if fate == "hidden-for-ever" or not one.startswith("store_then_")]
            for second in seconds if fate in ("lost", "hidden-for-ever") else ():
                for third in _NEXT[:-1]:
                    for unsure in ("resend", "hold"):
                        yield _x_story(place, (first, second, third), fate, unsure)


def _x_story(place: str, writes: Sequence[str], fate: str, unsure: str) -> Scenario:
    """These faults meet one write after the other; a person resumes whatever stands still. Without X's own refusal of
    duplicates wherever the list of posts tells the truth in time."""
    parts, part = PLACES[place]
    hide = {"hidden": 5400.0 if unsure == "resend" else 9000.0, "hidden-for-ever": -1.0}.get(fate, 0.0)
    looks = 0 if fate == "found" else 3 if unsure == "resend" else 4
    sent = [write for write in writes if write != "refused"]

    def arrange(world: World) -> None:
        for number, write in enumerate(sent):
            # Each fault is asked only about the requests that none before it takes.
            world.x.fault(write, skip=part, hide=hide if number == 0 else 0.0)
        if len(sent) < len(writes):
            world.x_gateway.refuse_after(r"GET /2/users/\d+/tweets", skip=looks)

    def met(world: World) -> bool:
        refused = any("Connection refused" in line for line in world.details)
        return all(fault.hits > part for fault in world.x.faults) and (len(sent) == len(writes) or refused)

    return Scenario(
        f"x-{'twice' if len(writes) == 2 else 'thrice'}/{place}/{'/'.join(writes)}/{unsure}",
        ("x",),
        parts=parts,
        arrange=arrange,
        met=met,
        expect={"x": _parts(place, "held" if fate == "hidden-for-ever" else "posted")},
        net=fate == "hidden-for-ever" or (fate == "hidden" and writes[1] in _SENT_AT_ONCE),
        direct=len(sent) == len(writes),
        settings={"UNSURE": unsure},
        resumes=len(writes),
        rounds=RUNS + len(writes) - 1,
    )


# -- faults of Bluesky ---------------------------------------------------------------------------------


def _error(status: int, code: str, **headers: str) -> Reply:
    return Reply(status, b'{"error":"%s","message":"As the test wants it"}' % code.encode(), headers=headers)


_HTML = b"<!DOCTYPE html><html><body>Something went wrong</body></html>"
_BAD_ANSWERS: Mapping[str, Fault] = {
    "drop": Fault(),
    "hang": Fault(hang=60),
    "error_500": Fault(reply=_error(500, "InternalServerError")),
    "error_502_html": Fault(reply=Reply(502, _HTML, "text/html")),
    "error_503": Fault(reply=_error(503, "NotEnoughResources")),
    "html": Fault(reply=Reply(200, _HTML, "text/html")),
    "garbage": Fault(reply=Reply(200, b'{"uri": "at:')),
    "no_fields": Fault(reply=Reply(200, b"{}")),
}
_LIMITED: Mapping[str, Fault] = {
    "limited": Fault(reply=_error(429, "RateLimitExceeded")),
    "limited_named": Fault(reply=_error(429, "RateLimitExceeded", **{"retry-after": "1200"})),
    "proxy_404": Fault(reply=Reply(404, _HTML, "text/html")),
}
_NO_LOGIN = _error(401, "AuthenticationRequired")


def _bluesky_fault(name: str, parts: int, outcome: str, *faults: tuple[str, Fault, int],
                   session: str = "kept") -> Scenario:  # fmt: skip
    """`faults`: which requests, what happens to them, how many times (0: always). All parts share their fate, since a
    thread goes out as one request."""

    def arrange(world: World) -> None:
        for pattern, fault, times in faults:
            world.pds_gateway.fail_at(pattern, fault, times=times)

    return Scenario(
        name,
        ("bluesky",),
        parts=parts,
        arrange=arrange,
        met=lambda world: all(rule.hits for rule in world.pds_gateway.rules),
        expect={"bluesky": [outcome] * parts},
        gap=A_DAY if any(fault.reply and fault.reply.status == 429 and not times for _, fault, times in faults) else 60,
        timeout=SHORT if any(fault.hang for _, fault, _ in faults) else 30.0,
        session=session,
    )


SHAPES = {"single": 1, "thread": 3}


_BAD_READS: Mapping[str, Fault] = {**_BAD_ANSWERS, **_LIMITED, "forbidden": Fault(reply=_NO_LOGIN)}


def _writing_on_bluesky() -> Iterator[Scenario]:
    """Every bad answer to a post, stored or not, and then every way that reading it back may go wrong."""
    for number, effect in enumerate(_BAD_ANSWERS):
        for stored in (True, False):
            for shape in SHAPES:
                yield _write_and_read(shape, effect, stored)
            for turn, (read, bad) in enumerate(_BAD_READS.items()):
                if effect == "drop":
                    for shape in SHAPES:
                        for times in (1,) if bad.hang else (1, 3, 0):  # each costs a second: once is enough
                            yield _write_and_read(shape, effect, stored, read, times)
                elif effect != "hang" and not bad.hang:
                    shape, times = tuple(SHAPES)[(number + turn) % 2], (1, 0, 3)[(number + turn // 2) % 3]
                    yield _write_and_read(shape, effect, stored, read, times)


def _write_and_read(shape: str, effect: str, stored: bool, read: str = "", times: int = 0) -> Scenario:
    name = f"bluesky-faults/{shape}/{'store_then_' if stored else ''}{effect}"
    write = (WRITE, replace(_BAD_ANSWERS[effect], forward=stored), 1)
    if not read:
        return _bluesky_fault(f"{name}/readable", SHAPES[shape], "posted", write)
    how = f"{name}/{read}/{f'{times}-times' if times else 'always'}"
    outcome = "posted" if times else "held"
    return _bluesky_fault(how, SHAPES[shape], outcome, write, (READ, _BAD_READS[read], times))


def _refused_on_bluesky(shape: str) -> Iterator[Scenario]:
    """Every clear no to a post."""

    def one(name: str, outcome: str, fault: Fault, times: int = 1) -> Scenario:
        return _bluesky_fault(f"bluesky-refused/{shape}/{name}", SHAPES[shape], outcome, (WRITE, fault, times))

    for name, fault in _LIMITED.items():
        yield one(name, "posted", fault)
        yield one(f"{name}/always", "held", fault, 0)
    for stored in (False, True):
        swap = Fault(forward=stored, reply=_error(400, "InvalidSwap"))
        yield one(f"{'store_then_' if stored else ''}invalid_swap", "posted", swap)
    for code in ("InvalidRequest", "InvalidRecord"):
        yield one(code, "failed", Fault(reply=_error(400, code)))
    yield one("too_large", "failed", Fault(reply=_error(413, "PayloadTooLarge")))
    yield one("no_login", "failed", Fault(reply=_NO_LOGIN))
    yield one("taken_down", "failed", Fault(reply=_error(403, "AccountTakedown")))
    yield one("expired", "posted", Fault(reply=_error(400, "ExpiredToken")))


def _login_on_bluesky() -> Iterator[Scenario]:
    """The login, or the renewal of a session that has expired, goes wrong."""
    for what, pattern, session in (("login", LOGIN, "none"), ("refresh", REFRESH, "expired")):

        def one(name: str, outcome: str, fault: Fault, times: int = 1, *, what: str = what, pattern: str = pattern,
                session: str = session) -> Scenario:  # fmt: skip
            title = f"bluesky-{what}-faults/{name}"
            return _bluesky_fault(title, 1, outcome, (pattern, fault, times), session=session)

        wrong_url = Fault(reply=Reply(404, _HTML, "text/html"))  # what a mistyped BLUESKY_SERVICE_URL gives, too
        yield one("not_found", "failed", wrong_url)
        for name, fault in {**_BAD_ANSWERS, **_LIMITED}.items():
            if name == "proxy_404":
                continue
            yield one(name, "posted", fault)
            yield one(f"done_then_{name}", "posted", replace(fault, forward=True))
            if not fault.hang:  # twelve tries of a second each
                yield one(f"{name}/always", "held", fault, 0)
        # A refused renewal leads to a new login.
        yield one("refused", "failed" if what == "login" else "posted", Fault(reply=_NO_LOGIN))


_NEXT_ON_BLUESKY: Mapping[str, Fault] = {
    "invalid": Fault(reply=_error(400, "InvalidRequest")),
    "taken_down": Fault(reply=_error(403, "AccountTakedown")),
    "invalid_swap": Fault(reply=_error(400, "InvalidSwap")),
    "store_then_invalid_swap": Fault(forward=True, reply=_error(400, "InvalidSwap")),
    "no_login": Fault(reply=_NO_LOGIN),
    **_LIMITED,
    **{name: _BAD_ANSWERS[name] for name in ("drop", "error_500")},
    **{f"store_then_{name}": replace(_BAD_ANSWERS[name], forward=True) for name in ("drop", "error_500")},
}
_READABLE = {"readable": 0, "unreadable": 3}
"""How often the first write can't be looked up: not once, or not in its own run."""


def _twice_on_bluesky() -> Iterator[Scenario]:
    for shape in SHAPES:
        for first in ("drop", "error_500"):
            for readable in _READABLE:
                for second in (*_NEXT_ON_BLUESKY, "refused"):
                    yield _bluesky_story(shape, readable, (first, second))


def _thrice_on_bluesky() -> Iterator[Scenario]:
    for shape in SHAPES:
        for readable in _READABLE:
            for second in (*_NEXT_ON_BLUESKY, "refused"):
                for third in () if second.startswith("store_then_") else _NEXT_ON_BLUESKY:
                    yield _bluesky_story(shape, readable, ("drop", second, third))


def _bluesky_story(shape: str, readable: str, writes: Sequence[str]) -> Scenario:
    """The same on Bluesky, where what was stored is found as soon as it can be looked up."""
    sent = [write for write in writes if write != "refused"]

    def arrange(world: World) -> None:
        for write in sent:
            world.pds_gateway.fail_at(WRITE, _NEXT_ON_BLUESKY[write])
        if times := _READABLE[readable]:
            world.pds_gateway.fail_at(READ, _BAD_ANSWERS["error_503"], times=times)
        if len(sent) < len(writes):
            # Each part is looked up, and after the last of them nobody answers.
            world.pds_gateway.refuse_after(READ, skip=_READABLE[readable] + SHAPES[shape] - 1)

    def met(world: World) -> bool:
        refused = any("Connection refused" in line for line in world.details)
        return all(rule.hits for rule in world.pds_gateway.rules) and (len(sent) == len(writes) or refused)

    return Scenario(
        f"bluesky-{'twice' if len(writes) == 2 else 'thrice'}/{shape}/{readable}/{'/'.join(writes)}",
        ("bluesky",),
        parts=SHAPES[shape],
        arrange=arrange,
        met=met,
        resumes=len(writes),
        rounds=RUNS + len(writes) - 1,
    )


# -- deletions and corrections -------------------------------------------------------------------------

REMOVE = r"POST .*com\.atproto\.repo\.deleteRecord"
AMENDED: tuple[Scenario, ...] = (
    *(Scenario(f"delete-{platform}", (platform,), parts=2, amend="delete") for platform in ALL),
    *(Scenario(f"correct-{platform}", (platform,), amend="correct") for platform in ALL),
)
_REFUSED = {
    "x": ("unauthorized", "not_permitted", "account_locked"),
    "mastodon": ("unauthorized", "scopes", "disabled"),
}


def _amending_faults() -> Iterator[Scenario]:
    """Every unclear answer to a deletion or an edit, carried out or not; clear refusals; a limit."""
    for service, unclear in (("x", UNCLEAR), ("mastodon", UNCLEAR_ON_MASTODON)):
        verbs = [("delete", "DELETE"), *([("correct", "PUT")] if service == "mastodon" else [])]
        for verb, method in verbs:
            for effect in unclear:
                for stored in (False, True):
                    yield _amending_fault(service, verb, method, f"{'store_then_' if stored else ''}{effect}", "done")
            yield _amending_fault(service, verb, method, "rate_limited", "done")
            yield from (_amending_fault(service, verb, method, no, "refused", 0) for no in _REFUSED[service])
    for effect, fault in _BAD_ANSWERS.items():
        for stored in (False, True):
            yield _removal_on_bluesky(f"{'store_then_' if stored else ''}{effect}", replace(fault, forward=stored))


def _amending_fault(service: str, verb: str, method: str, effect: str, outcome: str, times: int = 1) -> Scenario:
    def arrange(world: World) -> None:
        getattr(world, service).fault(effect, method=method, path="*", times=times, seconds=5)

    return Scenario(
        f"amend-faults/{service}/{verb}/{effect}",
        (service,),
        parts=2 if verb == "delete" else 1,
        arrange=arrange,
        met=lambda world: getattr(world, service).faults[0].hits > 0,
        timeout=SHORT if effect.endswith("hang") else 30.0,
        direct=True,
        amend=verb,
        amended=outcome,
    )


def _removal_on_bluesky(effect: str, fault: Fault) -> Scenario:
    return Scenario(
        f"amend-faults/bluesky/delete/{effect}",
        ("bluesky",),
        parts=2,
        arrange=lambda world: world.pds_gateway.fail_at(REMOVE, fault),
        met=lambda world: all(rule.hits for rule in world.pds_gateway.rules),
        timeout=SHORT if fault.hang else 30.0,
        amend="delete",
    )


# -- groups --------------------------------------------------------------------------------------------


def _fault_groups() -> Iterator[Group]:
    yield Group("amend-faults", tuple(_amending_faults()), 0, 100)
    yield Group("x-faults", tuple(_unclear_on_x()), 0, 350)
    yield Group("x-refused", tuple(one for place in PLACES for one in _clear_on_x(place)), 0, 100)
    yield Group("x-reading", tuple(_reading_on_x()), 0, 120)
    yield Group("mastodon-faults", tuple(_unclear_on_mastodon()), 0, 230)
    yield Group("mastodon-refused", tuple(one for place in PLACES for one in _clear_on_mastodon(place)), 0, 45)
    yield Group("bluesky-faults", tuple(_writing_on_bluesky()), 0, 300)
    yield Group("bluesky-refused", tuple(one for shape in SHAPES for one in _refused_on_bluesky(shape)), 0, 25)
    yield Group("bluesky-login", tuple(_login_on_bluesky()), 0, 40)
    yield Group("pictures-faults", tuple(_uploads_that_fail()), 0, 170)
    yield Group("dated-faults", tuple(_unclear_with_dates()), 0, 150)
    yield Group("answer-faults", tuple(_unclear_with_answers()), 0, 80)
    yield Group("x-twice", tuple(_twice_on_x()), 0, 190)
    yield Group("x-thrice", tuple(_thrice_on_x()), 0, 100, step=11)
    yield Group("bluesky-twice", tuple(_twice_on_bluesky()), 0, 100)
    yield Group("bluesky-thrice", tuple(_thrice_on_bluesky()), 0, 60, step=7)


def _of(*names: str) -> tuple[Scenario, ...]:
    return tuple(_K[name] for name in names)


def _kill_groups() -> Iterator[Group]:
    yield Group("x-kills", tuple(one for one in KILLED if one.platforms == ("x",)), 1, 100)
    yield Group("bluesky-kills", tuple(one for one in KILLED if one.platforms == ("bluesky",)), 1, 100)
    yield Group("mastodon-kills", tuple(one for one in KILLED if one.platforms == ("mastodon",)), 1, 100)
    yield Group("feed-kills", tuple(one for one in KILLED if one.platforms == ("feed",)), 1, 100)
    yield Group("all-kills", _of("all-thread", "all-hourly"), 1, 180)
    yield Group("x-pairs", _of("x", "x-soon"), 2, 600)
    yield Group("bluesky-pairs", _of("bluesky"), 2, 300)
    yield Group("mastodon-pairs", _of("mastodon"), 2, 300)
    yield Group("feed-pairs", _of("feed"), 2, 600)
    yield Group("all-pairs", _of("all", "all-hourly"), 2, 200, step=15)
    for platform in ALL:
        yield Group(f"{platform}-newer", tuple(one for one in NEWER if one.platforms == (platform,)), 1, 100)
    yield Group("pictures-kills", PICTURED, 1, 600)
    yield Group("dated-kills", tuple(one for one in DATED if not one.recurring), 1, 250)
    yield Group("recurring-kills", tuple(one for one in DATED if one.recurring), 1, 150)
    yield Group("card-kills", CARDED, 1, 80)
    yield Group("amend-kills", AMENDED, 1, 100)
    yield Group("answer-kills", ANSWERED, 1, 450)
    yield Group("syscalls", _of("x-thread", "bluesky-thread", "all"), 1, 450, calls=True)
    yield Group("storage", _of("x", "feed-thread"), 1, 120, calls=True, failing=True)


@cache
def groups() -> Mapping[str, Group]:
    """Every group, by name."""
    return {group.name: group for group in (*_kill_groups(), *_fault_groups())}


def find(name: str) -> Case:
    """The case of that name. Raises LookupError."""
    scenarios = {scenario.name: scenario for group in groups().values() for scenario in group.scenarios} | dict(_K)
    words = name.removeprefix(_NAIVE).split("/")
    for end in range(len(words), 0, -1):
        if scenario := scenarios.get("/".join(words[:end])):
            return Case(_naive(scenario) if name.startswith(_NAIVE) else scenario, tuple(words[end:]))
    raise LookupError(f"there is no case {name}")


# -- playing a group -----------------------------------------------------------------------------------


@dataclass
class Tally:
    """What became of a group."""

    group: str
    cases: int = 0
    runs: int = 0
    kills: int = 0
    duplicates: int = 0
    wrong: int = 0
    seconds: float = 0.0
    failures: list[str] = field(default_factory=list)

    def add(self, case: Case, verdict: Verdict) -> None:
        self.cases += 1
        self.runs += len(verdict.codes)
        self.kills += verdict.codes.count(-9)
        self.duplicates += verdict.duplicates
        self.wrong += verdict.wrong
        if verdict.problems:
            lines = "\n  ".join([*verdict.problems, f"exit codes {verdict.codes}", *filter(None, verdict.said)])
            self.failures.append(f"python -m tests.faults --case '{case.name}'\n  {lines}")


def play(group: Group, world: World, told: Callable[[Tally], None] = lambda tally: None) -> Tally:
    """Play every case of a group."""
    tally, began = Tally(group.name), time.perf_counter()
    for case in group.cases(world):
        verdict = case.play(world)
        if not verdict.missed or verdict.problems:
            tally.add(case, verdict)
        tally.seconds = time.perf_counter() - began
        told(tally)
    return tally


def total(tallies: Sequence[Tally]) -> Tally:
    """All in one."""
    made = Tally("total")
    for tally in tallies:
        for name in ("cases", "runs", "kills", "duplicates", "wrong", "seconds"):
            setattr(made, name, getattr(made, name) + getattr(tally, name))
        made.failures += tally.failures
    return made
