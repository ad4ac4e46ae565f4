"""Turns reports and stored rows into JSON-able objects and into plain lines for a person. It prints nothing itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from twitter_manager import decisions
from twitter_manager.domain import Delivery, DeliveryStatus, Draft, DraftStatus, Json, Outcome, Run
from twitter_manager.pipeline.context import Calendar
from twitter_manager.pipeline.report import Report
from twitter_manager.platforms import SPECS, any_of
from twitter_manager.settings import Bot
from twitter_manager.store import deliveries, drafts, events, generations, items, runs
from twitter_manager.store.database import Database, iso

if TYPE_CHECKING:
    from twitter_manager.checks import TextReport


_MOST_WAITING = 10
"""So many drafts that wait for a person are named in `status`."""
_MOST_MATERIAL = 300
"""Characters of an item that `generate` shows."""


@dataclass(frozen=True, slots=True)
class BotReport:
    """A run's report, and for a dry run how each platform would have shown each part."""

    report: Report
    previews: tuple[TextReport, ...] = ()
    unfinished: int = 0


def run_as_json(made: BotReport) -> Json:
    """One bot's run as an object."""
    report = made.report
    if report.outcome is Outcome.DRY_RUN:
        return _dry_run_as_json(made)
    return {
        "bot": report.bot,
        "run": report.run_id,
        "outcome": str(report.outcome),
        "reason": report.reason,
        "next_slot": iso(report.next_slot),
        "ready_drafts": report.ready,
        "draft": draft_as_json(report.draft) if report.draft else None,
        "deliveries": [delivery_as_json(one) for one in report.deliveries],
        "attention": list(report.attention),
        "notes": list(report.notes),
        "warnings": list(report.warnings),
    }


def _dry_run_as_json(made: BotReport) -> Json:
    """Without numbers and states: those of a dry run name nothing that is kept."""
    report, draft = made.report, made.report.draft
    kept = ("bot", "origin", "topic", "format", "parts", "attached", "links", "platforms")
    return {
        "bot": report.bot,
        "outcome": str(report.outcome),
        "reason": report.reason,
        "notes": list(report.notes),
        "next_slot": iso(report.next_slot),
        "draft": {name: value for name, value in draft_as_json(draft).items() if name in kept} if draft else None,
        "previews": [preview.as_json() for preview in made.previews],
        "unfinished_deliveries": made.unfinished,
    }


def run_lines(made: BotReport, *, hints: Sequence[str] = ()) -> Iterator[str]:
    """The plain summary at the end of a run."""
    report = made.report
    yield f"{report.bot}: {_outcome_words(report)}"
    if report.draft:
        yield ""
        yield from _post(draft_as_json(report.draft))
        yield ""
    for delivery in report.deliveries:
        if report.outcome is not Outcome.DRY_RUN:
            yield f"  {_delivery_words(delivery)}"
    yield from _preview_lines(made)
    yield from (f"  {line}" for line in (*report.notes, *report.warnings))
    yield from (f"  Needs a look: {line}" for line in report.attention)
    yield f"  Ready drafts: {report.ready}. Next slot: {clock_words(report.next_slot)}."
    yield from (f"  {hint}" for hint in hints)


def hints(report: Report, bot: Bot, feed: Path, command: str) -> Iterator[str]:
    """What a person may want to do next. `command`: how the program is called from here."""
    public = [spec.title for spec in SPECS.values() if spec.public]
    if not any(SPECS[name].public for name in bot.platforms_on):
        yield f"To post to {any_of(public)}: {command} init (or fill in .env)"
    if report.outcome is Outcome.NOTHING_DUE:
        paused = report.reason.startswith("paused")
        yield f"To go on: {command} pause --off" if paused else f"To post all the same: {command} run --force"
    draft = report.draft
    if draft and draft.status in (DraftStatus.FAILED, DraftStatus.PARTLY_POSTED):
        yield f"Once that is mended: {command} resume {draft.id} (or give it up: {command} skip {draft.id})"
    if draft and report.outcome is not Outcome.DRY_RUN:
        yield f"Why this post: {command} explain {draft.id}"
        if not all(SPECS[name].public for name in bot.platforms_on):
            yield f"To see the feed, open {feed.with_suffix('.html')}"


def _preview_lines(made: BotReport) -> Iterator[str]:
    for preview in made.previews:
        verdict = "ok" if preview.ok else "; ".join(violation.message for violation in preview.violations)
        yield f"  {preview.platform}: {_counted(preview.length, preview.limit)}, {verdict}"
    if made.unfinished:
        yield f"  A real run would first settle {made.unfinished} unfinished deliveries."


def _outcome_words(report: Report) -> str:
    words = {
        Outcome.POSTED: "posted",
        Outcome.PARTLY_POSTED: "posted, but not everywhere",
        Outcome.UNFINISHED: "not finished; the next run goes on",
        Outcome.NOTHING_DUE: "nothing due",
        Outcome.NOTHING_TO_POST: "there was nothing to post",
        Outcome.DRY_RUN: "dry run; nothing was published and nothing changed",
        Outcome.FAILED: "failed",
    }.get(report.outcome, str(report.outcome))
    if report.at_rest:
        words = "nothing new to post"
    return f"{words}: {report.reason}" if report.reason and not report.deliveries else words


def _delivery_words(delivery: Delivery) -> str:
    part = f" part {delivery.part + 1}" if delivery.part else ""
    if delivery.status is DeliveryStatus.POSTED and delivery.receipt:
        return f"{delivery.platform}{part}: {delivery.receipt.url}"
    return f"{delivery.platform}{part}: {delivery.status}: {delivery.error}"


def draft_as_json(draft: Draft) -> Json:
    """A draft as an object; `attached` only where something goes along with a text."""
    attached = [part.attached for part in draft.parts]
    return {
        "id": draft.id,
        "bot": draft.bot,
        "origin": draft.origin,
        "status": str(draft.status),
        "topic": draft.topic,
        "format": draft.format,
        "parts": list(draft.texts),
        "links": dict(draft.links),
        "platforms": list(draft.platforms),
        "slot": iso(draft.slot),
        "created_at": iso(draft.created_at),
        "expires_at": iso(draft.expires_at),
        "published_at": iso(draft.published_at),
        "reason": draft.reason,
    } | ({"attached": attached} if any(attached) else {})


def delivery_as_json(delivery: Delivery) -> Json:
    """A delivery as an object."""
    receipt = delivery.receipt
    return {
        "id": delivery.id,
        "draft": delivery.draft_id,
        "platform": delivery.platform,
        "part": delivery.part,
        "account": delivery.account,
        "status": str(delivery.status),
        "text": delivery.text,
        "remote_id": receipt.remote_id if receipt else None,
        "url": receipt.url if receipt else None,
        "not_before": iso(delivery.not_before),
        "error": delivery.error,
    }


def run_record(run: Run) -> Json:
    """A stored run as an object."""
    return {
        "id": run.id,
        "bot": run.bot,
        "verb": run.verb,
        "slot": iso(run.slot),
        "started_at": iso(run.started_at),
        "ended_at": iso(run.ended_at),
        "outcome": str(run.outcome),
        "reason": run.reason,
    }


def history_as_json(db: Database, bot: str | None, limit: int) -> list[Json]:
    """The newest posts, newest first, with where they went."""
    return [
        draft_as_json(draft)
        | {"deliveries": [delivery_as_json(one) for one in deliveries.of_draft(db, draft.id)]}
        | {"commands": decisions.ways_on(db, draft)}
        for draft in drafts.newest(db, bot, limit)
    ]


def history_lines(found: Iterable[Json]) -> Iterator[str]:
    """The same for a person."""
    for draft in found:
        yield f"{draft['published_at'][:16]}Z  draft {draft['id']}  {draft['bot']}  {draft['status']}"
        yield from _post(draft)
        for delivery in draft["deliveries"]:
            part = f" part {delivery['part'] + 1}" if len(draft["parts"]) > 1 else ""
            where = delivery["url"] or f"{delivery['status']}: {delivery['error']}"
            yield f"    {delivery['platform']}{part}: {where}"
        yield from _commands(draft["commands"])
        yield ""


def explain_draft(db: Database, draft: Draft) -> Json:
    """The whole story of one draft."""
    item = items.get(db, draft.item_id) if draft.item_id else None
    return {
        "draft": draft_as_json(draft) | {"commands": decisions.ways_on(db, draft)},
        "why": draft.choice,
        "material": {"source": item.source, "key": item.key, "text": item.text, "url": item.url} if item else None,
        "generations": generations.of_draft(db, draft.id),
        "deliveries": [delivery_as_json(one) for one in deliveries.of_draft(db, draft.id)],
        "attempts": deliveries.attempts_of_draft(db, draft.id),
        "events": events.of_draft(db, draft.id),
    }


def explain_run(db: Database, run: Run) -> Json:
    """The whole story of one run."""
    return {
        "run": run_record(run),
        "posts": [draft_as_json(draft) for draft in drafts.tried_in_run(db, run.id)],
        "chosen": [draft_as_json(draft) | {"why": draft.choice} for draft in drafts.made_in_run(db, run.id)],
        "attempts": deliveries.attempts_of_run(db, run.id),
        "generations": generations.of_run(db, run.id),
        "events": events.of_run(db, run.id),
    }


def explain_lines(story: Json) -> Iterator[str]:
    """A story for a person: what, why, from what, which candidates, which tries, what happened."""
    from twitter_manager.writing.designs import reasons_line

    if "draft" in story:
        draft = story["draft"]
        yield f"Draft {draft['id']} of {draft['bot']}: {draft['status']}" + _because(draft["reason"])
        yield f"  made {draft['created_at'][:16]}Z by a {draft['origin']}; slot {draft['slot'] or 'none'}"
        yield from _commands(draft["commands"])
        yield from _post(draft)
        yield from _why_lines(draft, story["why"], story["material"])
    else:
        run = story["run"]
        yield f"Run {run['id']} of {run['bot']} ({run['verb']}): {run['outcome']}" + _because(run["reason"])
        yield f"  from {run['started_at']} to {run['ended_at'] or 'now'}"
        for draft in story["posts"]:
            yield f"Draft {draft['id']}: {draft['status']}" + _because(draft["reason"])
            yield from _post(draft)
        for draft in story["chosen"]:
            yield f"Chose topic {draft['topic']}, format {draft['format']} for draft {draft['id']}"
    for generation in story["generations"]:
        yield from _generation_lines(generation)
    yield from (answers["line"] for answers in story.get("answers", ()))
    if story.get("attempts"):
        yield "Tries:"
        for attempt in story["attempts"]:
            status = f" HTTP {attempt['http_status']}" if attempt["http_status"] else ""
            yield (
                f"  {attempt['started_at'][:19]}Z {attempt['platform']} part {attempt['part'] + 1}"
                f" {attempt['kind']}: {attempt['outcome']}{status}{_because(attempt['detail'])}"
            )
    yield from (f"{source}: {reasons_line(reasons)}" for source, reasons in story.get("no_post", {}).items())
    yield "Events:"
    for event in story["events"]:
        rest = ", ".join(f"{key}={value}" for key, value in event.items() if key not in ("at", "kind") and value)
        yield f"  {event['at'][:19]}Z {event['kind']}  {rest}"


def _why_lines(draft: Json, why: Json, material: Json | None) -> Iterator[str]:
    """The choice in words: each draw with its shares, each item's marks."""
    if not material:
        return
    yield f"Topic {draft['topic']}, format {draft['format']}; drawn with seed {why.get('seed')}:"
    if why.get("lane") == "news":
        yield "  fresh news goes first"
    yield from _drawn_lines("topic", why.get("topic", {}))
    yield from _item_lines(why.get("item", {}))
    yield from _drawn_lines("format", why.get("format", {}))
    yield from (f"  not on {name}: {reason}" for name, reason in why.get("left_out", {}).items())
    if why.get("also"):
        yield f"  together with items {', '.join(map(str, why['also']))}"
    yield f"Material: {material['source']}/{material['key']}  {material['url']}"
    yield f"  {material['text']}"


def _item_lines(item: Json) -> Iterator[str]:
    if not item.get("best"):  # drawn by an older version of the program
        if "rule" in item:
            yield f"  item: {item['rule']}, among {item['among']}"
        return
    best = f"the best {len(item['best'])}" if item["among"] > len(item["best"]) else "all"
    first = f"  item: {item['chosen']}, one of {item['among']} {item['rule']}"
    yield f"{first}; the draw was {item['draw']:.3f} among {best}:"
    total = sum(row["score"] for row in item["best"])
    for row in item["best"]:
        near = f" (nearest: {row['near']})" if "near" in row else ""
        marks = f"relevance {row['relevance']:.2f}, novelty {row['novelty']:.2f}{near}, rest {row['rest']:.2f}"
        yield (
            f"    {row['item']}: score {row['score']:.4f}, a share of {row['score'] / total:.0%};"
            f" freshness {row['freshness']:.2f}, {marks}"
        )


def _drawn_lines(step: str, drawn: Json) -> Iterator[str]:
    weights = drawn.get("drawn_from") or drawn.get("scores")
    if not weights:
        return
    chosen = drawn["chosen"]
    share = f"{weights[chosen] / sum(weights.values()):.0%}"
    yield f"  {step}: {chosen}, one of {len(weights)} with a share of {share}; the draw was {drawn['draw']:.3f}"
    if len(weights) > 1:
        yield "    weights: " + ", ".join(f"{name} {weight:g}" for name, weight in weights.items())
    if drawn.get("left_out"):
        yield f"    left out, on lately: {', '.join(drawn['left_out'])}"


def _generation_lines(generation: Json) -> Iterator[str]:
    yield (
        f"{generation['generator']} ({generation['model'] or 'no model'}) for draft {generation['draft_id'] or '-'}:"
        f" {generation['verdict']}; seed {generation['seed']},"
        f" {generation['tokens_in']} tokens in, {generation['tokens_out']} out,"
        f" {_cost(generation['cost_usd'])}, {generation['seconds']:.1f} s"
    )
    for candidate in generation["candidates"]:
        scores = _scores(candidate)
        yield f"  [{candidate['verdict']}] {candidate['score']:.2f} ({scores}) {' / '.join(candidate['parts'])}"
        for violation in candidate["violations"]:
            yield f"      {violation['rule']}: {violation['message']}"


def trial_lines(made: Json) -> Iterator[str]:
    """What `generate` gave, best first: each candidate, who wrote it, its scores, and what failed."""
    for item in made["material"]:
        yield f"Material: {item['source']}/{item['key']}  {item['url']}".rstrip()
        yield from _quoted((item["text"][:_MOST_MATERIAL] + "…" * (len(item["text"]) > _MOST_MATERIAL),))
    if made["topic"]:
        yield f"Topic {made['topic']}, format {made['format']}"
    order = ("chosen", "passed", "doubted", "rejected")
    found = [(candidate, each) for each in made["generations"] for candidate in each["candidates"]]
    found.sort(key=lambda one: (order.index(one[0]["verdict"]), -one[0]["score"]))
    for number, (candidate, each) in enumerate(found, start=1):
        who = each["generator"] + _because(each["model"])
        yield f"{number}. {candidate['verdict']}: {who}, {candidate['score']:.2f}{_because(_scores(candidate))}"
        yield from _quoted(candidate["parts"])
        yield from (f"      {one['rule']}: {one['message']}" for one in candidate["violations"])
    told = f"{len(found)} candidates, {_cost(made['cost_usd'])}, {made['seconds']:.1f} s. Nothing was saved."
    yield f"{told} {made['reason']}".rstrip()
    yield from (f"  {line}" for line in made["notes"])


def style_lines(found: Json) -> Iterator[str]:
    """`style show` for a person."""
    yield f"{found['bot']}: learned from {found['posts']} posts in {found['file']}"
    for name, unit in (("characters", "characters a post"), ("sentence_words", "words a sentence")):
        of = found[name]
        yield f"  {unit}: mostly {of['lower']:g} to {of['upper']:g}, median {of['median']:g}"
    for name, share in found["traits"].items():
        yield f"  {name}: in {share:.0%} of the posts"
    for name in ("openings", "emoji", "hashtags", "vocabulary"):
        listed = ", ".join(f"{what} ({number})" for what, number in found[name].items())
        yield f"  {name}: {listed or 'none that is used twice'}"
    yield "A model that writes is told:"
    yield from (f"  {line}" for line in found["told"])


def check_lines(report: Json) -> Iterator[str]:
    """`check` for a person."""
    verdict = "ok" if report["ok"] else "not ok"
    yield f"{report['platform']}: {_counted(report['length'], report['limit'])}, {verdict}"
    for violation in report["violations"]:
        yield f"  {violation['rule']}: {violation['message']}"


def rules_lines(rules: Iterable[Json]) -> Iterator[str]:
    """`check --rules` for a person."""
    import json

    for rule in rules:
        yield f"{rule['name']:16}{rule['why']} ({rule['applies_to']})"
        for name, value in rule["settings"].items():
            yield f"{'':16}{name} = {json.dumps(value, ensure_ascii=False)}"


def doctor_lines(found: Json) -> Iterator[str]:
    """`doctor` for a person."""
    for one in found["checks"]:
        yield f"{one['result']:8}{one['name']}: {one['detail']} {one['remedy']}".rstrip()


def unfinished(db: Database, bot: str) -> list[Delivery]:
    """Deliveries that are not at their end, those that wait for a person included."""
    return deliveries.with_status(
        db, bot, DeliveryStatus.QUEUED, DeliveryStatus.SENDING, DeliveryStatus.UNKNOWN, DeliveryStatus.HELD
    )


def bot_status(db: Database | None, bot: str, now: datetime) -> Json:
    """What the store knows of one bot. `db` None: nothing yet."""
    if db is None:
        return {
            "last_run": None,
            "ready_drafts": 0,
            "own_posts": [],
            "needs_attention": [],
            "unfinished": [],
            "failures_in_a_row": 0,
            "paused": None,
        }
    ready = drafts.ready(db, bot, now)
    last = runs.last(db, bot)
    return {
        "last_run": run_record(last[0]) if last else None,
        "ready_drafts": len(ready),
        "own_posts": [draft.id for draft in ready if draft.origin == "person"],
        "needs_attention": [
            {"draft": draft.id, "status": str(draft.status), "reason": draft.reason}
            | {"commands": decisions.ways_on(db, draft)}
            for draft in decisions.waiting(db, bot)
        ],
        "unfinished": [delivery_as_json(one) for one in unfinished(db, bot)],
        "failures_in_a_row": runs.failures_in_a_row(db, bot),
        "paused": runs.paused(db, bot),
    }


def status_lines(found: Json) -> Iterator[str]:
    """`status` for a person."""
    for bot in found["bots"]:
        yield f"{bot['bot']}:"
        last = bot["last_run"]
        yield "  last run: " + (
            f"{last['started_at'][:16]}Z {last['outcome']}{_because(last['reason'])}" if last else "never"
        )
        yield f"  next post: {bot['next_post']}; ready drafts: {bot['ready_drafts']}, pool of {bot['pool_size']}"
        if bot["material"]:
            yield f"  material: {bot['material']['words']}"
        if bot["own_posts"]:
            yield f"  of them your own: {', '.join(map(str, bot['own_posts']))}"
        for draft in bot["needs_attention"][-_MOST_WAITING:]:
            ways = " or ".join(draft["commands"])
            yield f"  draft {draft['draft']} is {draft['status']}, and waits for you{_because(draft['reason'])}: {ways}"
        if more := len(bot["needs_attention"][:-_MOST_WAITING]):
            yield f"  {more} older drafts wait for you too; see: status --json"
        if bot["failures_in_a_row"]:
            yield f"  failures in a row: {bot['failures_in_a_row']}"
        for delivery in bot["unfinished"]:
            yield (
                f"  unfinished: draft {delivery['draft']} part {delivery['part'] + 1} on {delivery['platform']}:"
                f" {delivery['status']}{_because(delivery['error'])}"
            )
        for kind in ("platforms", "generators"):
            yield f"  {kind}: " + "; ".join(
                f"{one['name']} {'on' if one['on'] else 'off'} ({one['detail']})" for one in bot[kind]
            )
        for judge in bot["judges"]:
            who = f"{judge['judge']} judges" if judge["on"] else "nobody judges"
            yield f"  judge: {who} what {judge['writer']} writes{'' if judge['on'] else _because(judge['detail'])}"
        yield from (f"  {answers['line']}" for answers in bot["answers"])
        if bot["meaning"]["name"] != "off" and not bot["meaning"]["on"]:
            yield f"  meaning: {bot['meaning']['name']} off (see doctor)"


def answers(db: Database | None, bot: str, names: Sequence[str], now: datetime) -> list[Json]:
    """How the newest answers of generators whose model writes fared."""
    if db is None:
        return []
    from twitter_manager.writing import trouble

    found = [trouble.summary(db, bot, name, now) for name in names]
    return [one for one in found if one is not None]


def upcoming(db: Database | None, bot: Bot, calendar: Calendar, now: datetime) -> Json:
    """When the next slot begins, and when the bot posts next."""
    return {"next_slot": iso(calendar.next_slot(now)), "next_post": _next_post(db, bot, calendar, now)}


def _next_post(db: Database | None, bot: Bot, calendar: Calendar, now: datetime) -> str:
    """When the bot posts next, for a person; the limits an hour and a day are left to the run."""
    if not bot.enabled:
        return "at rest (enabled = false)"
    if db is not None and (paused := runs.paused(db, bot.name)):
        return paused
    filled = db is not None and drafts.slot_filled(db, bot.name, calendar.slot_at(now)) is not None
    start = calendar.next_slot(now) if filled else now
    start = calendar.quiet_until(start) or start
    return "due now" if start == now else clock_words(start)


def clock_words(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _counted(length: int, limit: int | None) -> str:
    return f"{length}{'' if limit is None else f' of {limit}'} characters"


def _cost(usd: float) -> str:
    return f"${usd:.4f}"


def _scores(candidate: Json) -> str:
    return ", ".join(f"{name} {value:.2f}" for name, value in candidate["scores"].items())


def _because(reason: str) -> str:
    return f" ({reason})" if reason else ""


def _commands(commands: Sequence[str]) -> Iterator[str]:
    if commands:
        yield f"  It waits for you: {' or '.join(commands)}"


def _post(draft: Json) -> Iterator[str]:
    yield from _quoted(draft["parts"])
    for attached in draft.get("attached", ()):
        yield from (
            f"    picture: {picture.get('alt') or 'without an alt text'}" for picture in attached.get("media", ())
        )
        yield from (f"    card: {card['title']} {card['url']}" for card in [attached.get("card")] if card)


def _quoted(parts: Sequence[str]) -> Iterator[str]:
    for part in parts:
        yield from (f"    {line}" for line in part.splitlines() or [""])
