"""`preview`: what the next runs would do, found out by doing them on a copy of the database that is thrown away.

The runs are those of `pipeline.run`, so every limit, pause and budget counts; their platforms only show, and instead of
writing a post, what it would be about is chosen. No source is asked that isn't part of this installation, no model
is loaded, and no time passes.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from itertools import islice

from twitter_manager import phrases, schedule
from twitter_manager.content import plain
from twitter_manager.delivery import Outbox
from twitter_manager.domain import Draft, DraftStatus, Item, Json, Outcome
from twitter_manager.pipeline import holding
from twitter_manager.pipeline.approval import PICTURE, Approval, Written
from twitter_manager.pipeline.context import RunContext, Writer
from twitter_manager.pipeline.report import Report
from twitter_manager.pipeline.run import run_bot
from twitter_manager.store import deliveries, drafts, items
from twitter_manager.store.database import Database, iso
from twitter_manager.writing import briefing
from twitter_manager.writing.post_spec import PostSpec
from twitter_manager.writing.topics import Choice


@dataclass(slots=True)
class PlanningWriter:
    """Chooses what posts would be about, and writes none of them. See `context.Writer`."""

    real: Writer
    db: Database
    spec: PostSpec
    platforms: tuple[str, ...]
    has_fast_news: bool
    seed: int
    now: datetime
    """The moment that it is."""
    approval: Approval
    pool: int

    def clock(self) -> datetime:
        return self.now

    def write(self, run_id: int) -> str:
        return self._plan(run_id, 1)

    def top_up(self, run_id: int, wanted: int) -> str:
        return self._plan(run_id, wanted)

    def write_news(self, run_id: int) -> str:
        return self._plan(run_id, 1, news_only=True)

    def let_go(self, run_id: int) -> list[str]:
        return self.real.let_go(run_id)

    def hold(self, run_id: int) -> None:
        self.real.hold(run_id)

    def recheck(self, run_id: int) -> None:
        self.real.recheck(run_id)

    def running_out(self, run_id: int) -> str:
        return ""

    def offer_again(self, run_id: int) -> None:
        return None

    def conclude(self, run_id: int) -> str:
        return ""

    def _plan(self, run_id: int, wanted: int, *, news_only: bool = False) -> str:
        seed, self.seed = self.seed, self.seed + wanted
        if news_only and not self.has_fast_news:
            return ""
        spec, without = holding.spared(self.db, self.spec, self.approval, self.pool, self.now)
        choices, reason = briefing.choices(self.db, spec, wanted, seed, self.now, news_only=news_only, without=without)
        for choice in choices:
            is_pictured = self.spec.material.shows_picture(choice.item)
            new = drafts.NewDraft(
                bot=self.spec.bot,
                origin="generator",
                parts=plain(_stand_in(choice)),
                platforms=self.platforms,
                lifetime=self.spec.delivery.lifetime,
                topic=choice.topic,
                format=choice.format,
                item_id=choice.item_id,
                run_id=run_id,
                choice=choice.why | ({"picture": choice.item.image_alt} if is_pictured else {}),
                links=self.spec.delivery.links(choice.item),
            )
            with self.db.transaction():
                drafts.add(self.db, self._standing(new, choice), self.now)
        return reason

    def _standing(self, new: drafts.NewDraft, choice: Choice) -> drafts.NewDraft:
        """Pending, where it needs a person's yes by what is known before it is written."""
        posts, material = drafts.went_out(self.db, new.bot, self.approval.first), [item for _, item in choice.items]
        first, *others = new.parts
        parts = (replace(first, media=(PICTURE,)), *others) if "picture" in new.choice else new.parts
        why = self.approval.why(Written(parts, choice.topic, material, posts=posts))
        return replace(new, status=DraftStatus.PENDING, reason=why, lifetime=self.approval.lifetime) if why else new


def moments(now: datetime, count: int, minutes: Collection[int]) -> list[datetime]:
    """When the next runs start, at these minutes of each hour."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    starts = (hour + timedelta(hours=n, minutes=minute) for n in range(count + 1) for minute in sorted(minutes))
    return list(islice((start for start in starts if start > now), count))


def preview(
    context: RunContext,
    spec: PostSpec,
    now: datetime,
    count: int,
    seed: int,
    *,
    minutes: Collection[int],
    has_fast_news: bool,
) -> list[Json]:
    """The next runs of one bot. `context` works on a copy of the database, with platforms that only show; `minutes`: of
    the hour, at which runs start."""
    db, bot, places = context.db, context.bot, tuple(context.platforms)
    waiting = (*drafts.ready(db, bot, now), *drafts.dated(db, bot, now), *drafts.awaiting(db, bot, now))
    known = max((draft.id for draft in waiting), default=0)
    writer = PlanningWriter(context.writer, db, spec, places, has_fast_news, seed, now, context.approval, context.pool)
    acting = replace(
        context,
        clock=writer.clock,
        sleep=lambda seconds: None,
        progress=lambda line: None,
        writer=writer,
        outbox=Outbox,
    )
    runs = []
    for moment in moments(now, count, minutes):
        writer.now = moment
        runs.append(_run_as_json(acting, run_bot(replace(acting, notes=[])), moment, known))
    return runs


def _stand_in(choice: Choice) -> tuple[str, ...]:
    """Stands for a post that nobody wrote yet: no other has its words, and it has as many parts."""
    parts = [f"{choice.format} {number}: {item.title or item.text}"[:200] for number, item in choice.items]
    first = f"{choice.why['seed']} at {choice.why['at']}"
    return (first, *parts) if len(parts) > 1 else (f"{parts[0]} {first}",)


def _run_as_json(context: RunContext, report: Report, moment: datetime, known: int) -> Json:
    """One run as data. `known`: the newest draft that is there in earnest."""
    about: Json = {
        "at": iso(moment),
        "slot": iso(context.calendar.slot_at(moment)),
        "does": _does(report),
        "reason": re.sub(r" \(draft (\d+)\)", lambda found: found[0] * (int(found[1]) <= known), report.reason),
    }
    return about | _draft(context, report.draft, known) if report.draft and about["does"] == "post" else about


def _does(report: Report) -> str:
    waits = {Outcome.NOTHING_TO_POST: "nothing", Outcome.WAITING_FOR_REVIEW: "waits"}
    return waits.get(report.outcome, "post" if report.draft else "not due")


def _draft(context: RunContext, draft: Draft, known: int) -> Json:
    ready = draft.id <= known
    item = items.get(context.db, draft.item_id) if draft.item_id else None
    sent = deliveries.of_draft(context.db, draft.id)
    alts = [draft.choice.get("picture", ""), *(media.alt for part in draft.parts for media in part.media)]
    picture = next(filter(None, alts), "")
    return {
        "draft": draft.id if ready else None,
        "origin": draft.origin,
        "topic": draft.topic,
        "format": draft.format,
        "news": draft.choice.get("lane") == "news",
        "parts": list(draft.texts) if ready or draft.origin == "person" else None,
        "item": {"id": draft.item_id, "source": item.source, "key": item.key, "about": _about(item)} if item else None,
        "platforms": [name for name in context.platforms if name in {delivery.platform for delivery in sent}],
        "cost_usd": round(sum(context.platforms[delivery.platform].price(delivery.text) for delivery in sent), 4),
    } | ({"picture": picture} if picture else {})


def _about(item: Item) -> str:
    return " ".join((item.title or item.text).split())[:200]


def lines(found: Json) -> Iterator[str]:
    """A preview for a person, bot by bot."""
    for bot in found["bots"]:
        yield f"{bot['bot']}, at the minutes that install-cron gives it ({bot['time_zone']}):"
        for run in _gathered(bot["runs"]):
            yield from _run_lines(run, schedule.zone(bot["time_zone"]))
        runs = phrases.amount(len(bot["runs"]), "run")
        cost = sum(run.get("cost_usd", 0) for run in bot["runs"])
        posts = sum(run["does"] == "post" for run in bot["runs"])
        yield f"  {phrases.amount(posts, 'post')} in {runs}; publishing them costs about ${cost:.2f}."
    yield "Drafts with a number are ready; a recurring post comes again."
    example = f"Those that are new are only an example, drawn with seed {found['seed']}: a real run draws anew when it"
    yield f"{example} writes, from what the sources give by then."


_MOST_SHOWN = 160
"""Characters of a post."""


def _gathered(runs: Sequence[Json]) -> Iterator[Json]:
    """Runs that do nothing for the same reason, one after the other, as one."""
    first: Json | None = None
    for run in runs:
        if first and run["does"] != "post" and (run["does"], run["reason"]) == (first["does"], first["reason"]):
            first["until"] = run["at"]
            continue
        if first:
            yield first
        first = dict(run)
    if first:
        yield first


def _run_lines(run: Json, zone: tzinfo) -> Iterator[str]:
    """When, what and where, and the post's words below: a table would be broken on a narrow terminal."""
    at = f"{datetime.fromisoformat(run['at']).astimezone(zone):%m-%d %H:%M}"
    if "until" in run:
        until = f"{datetime.fromisoformat(run['until']).astimezone(zone):%m-%d %H:%M}"
        at += f" to {until.removeprefix(at[:6])}"
    if run["does"] != "post":
        yield f"  {at}  {run['does']}: {run['reason']}"
        return
    what = f"draft {run['draft']}" if run["draft"] else "again" if run["origin"] == "person" else "new"
    about = run["parts"][0] if run["parts"] else run["item"]["about"]
    kind = run["topic"] + (" (news)" if run["news"] else "") if run["origin"] == "generator" else "your own"
    design = ", ".join(filter(None, (what, kind, run["format"], "with a picture" * ("picture" in run))))
    yield f"  {at}  {design}, to {', '.join(run['platforms'])}, ${run['cost_usd']:.3f}"
    yield f"    {phrases.in_a_line(about, _MOST_SHOWN)}"
