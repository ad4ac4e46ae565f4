"""`/history` and `/runs`: what was posted where, what failed and how it ended, and each run's story."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from twitter_manager import phrases, show
from twitter_manager.domain import DeliveryStatus, Draft, Json, Outcome, Run
from twitter_manager.platforms.feed_page import pieces_of
from twitter_manager.review.console.desk import desk, reading, render
from twitter_manager.review.console.views.inbox import plain_words
from twitter_manager.review.console.views.shown import Words, title, web_address
from twitter_manager.show import lines
from twitter_manager.store import browsing, deliveries, pages, runs
from twitter_manager.store.browsing import Search
from twitter_manager.store.database import Database

POSTS, RUNS = 20, 50
"""On a page."""
LONGEST_SEARCH = 200

Piece = tuple[str, str]
"""Words, and the address that they lead to; "" where they lead nowhere."""


@dataclass(frozen=True, slots=True)
class Sent:
    """How one part stands on one platform."""

    where: str
    url: str
    """The post there; "" where there is none."""
    state: str
    is_trouble: bool


@dataclass(frozen=True, slots=True)
class Post:
    """A post as the history shows it."""

    id: int
    bot: str
    at: str
    stands: str
    is_trouble: bool
    reason: str
    answers: tuple[Words, ...]
    """Whom and what it answers; empty where it is a post."""
    date: str
    """Its own date; "" where it has none."""
    parts: Sequence[Sequence[Piece]]
    pictures: Sequence[Json]
    sent: Sequence[Sent]
    amended: Sequence[str]
    tries: Sequence[str]
    """What was tried in vain."""


@dataclass(frozen=True, slots=True)
class RunLine:
    """A run in the list."""

    id: int
    bot: str
    verb: str
    at: str
    outcome: str
    reason: str
    is_trouble: bool


def history(request: Request) -> Response:
    """Posts, newest first, a page at a time."""
    search = _search(request)
    with reading(request) as db:
        found = browsing.history(db, search, POSTS + 1)
        posts = [post_of(db, draft, desk(request).session.time_zone(draft.bot)) for draft in found[:POSTS]]
    older = found[POSTS - 1].id if len(found) > POSTS else 0
    return render(request, "history.html.j2", posts=posts, **_around(request, search, older))


def all_runs(request: Request) -> Response:
    """Runs, newest first, a page at a time."""
    search = _search(request)
    with reading(request) as db:
        page = pages.Page(RUNS + 1, search.before, search.bots)
        found = pages.of_runs(db, page, _TROUBLE if search.trouble else ())
    shown = [run_line(run, desk(request).session.time_zone(run.bot)) for run in found[:RUNS]]
    older = found[RUNS - 1].id if len(found) > RUNS else 0
    return render(request, "runs.html.j2", runs=shown, **_around(request, search, older))


def one_run(request: Request) -> Response:
    """A run's story, as `explain run:N --full` tells it."""
    number = request.path_params["number"]
    with reading(request) as db:
        run = runs.get(db, number) if number < 2**62 else None
        if run is None:
            return render(request, "not_here.html.j2", 404, what=f"There is no run {number}.", back="/runs")
        zone = desk(request).session.time_zone(run.bot)
        story = show.explain_run(db, run) | {"time_zone": zone}
    drafts = sorted({draft["id"] for draft in (*story["posts"], *story["chosen"])})
    told = [_story_line(line) for line in show.full_lines(story)]
    return render(request, "run.html.j2", run=run_line(run, zone), drafts=drafts, story=told)


def _search(request: Request) -> Search:
    query = request.query_params
    before = query.get("before", "")
    return Search(
        bots=tuple(filter(None, [query.get("bot", "")[:40]])),
        words=tuple(query.get("words", "")[:LONGEST_SEARCH].split()),
        trouble=query.get("only") == "trouble",
        before=int(before) if re.fullmatch(r"[0-9]{1,15}", before) else 0,
    )


def _around(request: Request, search: Search, older: int) -> Json:
    """What both lists have around them. `older`: where the next page begins; 0 where this is the last."""
    return {
        "bots": [bot.name for bot in desk(request).settings.bots],
        "search": search,
        "words": " ".join(search.words),
        "older": older,
    }


def post_of(db: Database, draft: Draft, zone: str) -> Post:
    """All that the history shows of a post."""
    told = show.sent(db, draft, zone)
    stands = lines.stands(told, told)
    return Post(
        id=draft.id,
        bot=draft.bot,
        at=phrases.clock(told["published_at"], zone) if told["published_at"] else "",
        stands=stands,
        is_trouble=draft.status in ("failed", "partly_posted"),
        reason=draft.reason,
        answers=plain_words(lines.answers(told["answers"])) if "answers" in told else (),
        date=phrases.clock(draft.due_at, zone) if draft.due_at else "",
        parts=[list(linked(text)) for text in lines.standing(told, told)["parts"]],
        pictures=[picture for attached in told.get("attached", ()) for picture in attached.get("media", ())],
        sent=[_sent(each, len(draft.parts)) for each in told["deliveries"]],
        amended=list(lines.amended(told, zone)),
        tries=list(_in_vain(db, draft, zone)),
    )


def _sent(delivery: Json, parts: int) -> Sent:
    where = title(delivery["platform"]) + (f", part {delivery['part'] + 1}" if parts > 1 else "")
    if delivery["removed_at"]:
        return Sent(where, "", "taken down", False)
    state = phrases.DELIVERY[delivery["status"]] + (f": {delivery['error']}" if delivery["error"] else "")
    is_out = delivery["status"] == DeliveryStatus.POSTED
    return Sent(where, web_address(delivery["url"] or ""), "published" if is_out else state, not is_out)


def _in_vain(db: Database, draft: Draft, zone: str) -> Iterator[str]:
    """Each try that came to nothing, in words."""
    for attempt in deliveries.attempts_of_draft(db, draft.id):
        if attempt["kind"] == "send" and attempt["outcome"] not in ("posted", "begun"):
            answer = f", HTTP {attempt['http_status']}" if attempt["http_status"] else ""
            detail = f" ({attempt['detail']})" if attempt["detail"] else ""
            what = f"{attempt['platform']}: {phrases.attempt(attempt['outcome'])}{answer}{detail}"
            yield f"{phrases.clock(attempt['started_at'], zone)}, {what}"


def run_line(run: Run, zone: str) -> RunLine:
    """A run for a list."""
    return RunLine(
        id=run.id,
        bot=run.bot,
        verb=run.verb,
        at=phrases.clock(run.started_at, zone),
        outcome=phrases.OUTCOME[run.outcome],
        reason=run.reason,
        is_trouble=run.outcome in _TROUBLE,
    )


_TROUBLE = (Outcome.FAILED, Outcome.PARTLY_POSTED, Outcome.UNFINISHED, Outcome.ABANDONED, Outcome.INTERRUPTED)


def linked(text: str) -> Iterator[Piece]:
    """A text piece by piece, with the addresses in it that may be followed."""
    return ((words, words if is_address else "") for words, is_address in pieces_of(text) if words)


def _story_line(line: str) -> tuple[int, Sequence[Piece]]:
    """How far a line stands in, and what it says; drafts lead to their pages."""
    words = line.lstrip(" ")
    drafts = re.split(r"\b([Dd]raft [0-9]{1,15})\b", words)
    pieces = list[Piece]()
    for number, each in enumerate(drafts):
        pieces += [(each, f"/draft/{each.split()[1]}")] if number % 2 else linked(each)
    return min((len(line) - len(words)) // 2, 4), pieces


ROUTES: Sequence[BaseRoute] = (
    Route("/history", history),
    Route("/runs", all_runs),
    Route("/runs/{number:int}", one_run),
)
