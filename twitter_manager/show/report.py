"""What a run did: as an object, as a summary at a terminal, and as the one line that cron mails."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from twitter_manager import phrases
from twitter_manager.domain import Delivery, DeliveryStatus, Json, Outcome
from twitter_manager.pipeline.report import Report
from twitter_manager.platforms import SPECS, any_of
from twitter_manager.settings import Bot
from twitter_manager.show.lines import counted, post
from twitter_manager.show.records import delivery_as_json, draft_as_json
from twitter_manager.store import runs
from twitter_manager.store.database import iso
from twitter_manager.terminal import command

if TYPE_CHECKING:
    from twitter_manager.checks import TextReport

_KEPT_OF_A_DRY_RUN = ("bot", "origin", "topic", "format", "parts", "attached", "links", "platforms")
"""Not its numbers and states: those of a dry run name nothing that is kept."""


@dataclass(frozen=True, slots=True)
class BotReport:
    """A run's report, and for a dry run how each platform would have shown each part."""

    report: Report
    previews: tuple[TextReport, ...] = ()
    unfinished: int = 0


def run_as_json(bot_report: BotReport) -> Json:
    """One bot's run as an object."""
    report, draft = bot_report.report, bot_report.report.draft
    shown: Json = {
        "bot": report.bot,
        "outcome": str(report.outcome),
        "reason": report.reason,
        "next_slot": iso(report.next_slot),
        "draft": draft_as_json(draft) if draft else None,
        "notes": list(report.notes),
    }
    if report.outcome is Outcome.DRY_RUN:
        kept = {name: shown["draft"][name] for name in _KEPT_OF_A_DRY_RUN if name in shown["draft"]} if draft else None
        previews = [preview.as_json() for preview in bot_report.previews]
        return shown | {"draft": kept, "previews": previews, "unfinished_deliveries": bot_report.unfinished}
    return shown | {
        "run": report.run_id,
        "ready_drafts": report.ready,
        "deliveries": [delivery_as_json(delivery) for delivery in report.deliveries],
        "attention": list(report.attention),
        "commands": list(report.commands),
        "warnings": list(report.warnings),
    }


def run_lines(bot_report: BotReport, *, hints: Sequence[str] = ()) -> Iterator[str]:
    """The plain summary at the end of a run."""
    report = bot_report.report
    yield f"{report.bot}: {_outcome(report)}"
    if report.draft:
        yield ""
        yield from post(draft_as_json(report.draft))
        yield ""
    if report.outcome is not Outcome.DRY_RUN:
        yield from (f"  {_delivered(delivery, report)}" for delivery in report.deliveries)
    for preview in bot_report.previews:
        verdict = "ok" if preview.ok else "; ".join(violation.message for violation in preview.violations)
        yield f"  {preview.platform}: {counted(preview.length, preview.limit)}, {verdict}"
    if bot_report.unfinished:
        first = phrases.amount(bot_report.unfinished, "unfinished delivery", "unfinished deliveries")
        yield f"  A real run would first settle {first}."
    yield from (f"  {line}" for line in (*report.notes, *report.warnings))
    yield from (f"  Needs attention: {line}" for line in report.attention)
    yield from (f"  {phrases.way_on([each])}" for each in report.commands)
    yield f"  Ready drafts: {report.ready}. Next slot: {phrases.clock(report.next_slot, report.time_zone)}."
    yield from (f"  {hint}" for hint in hints)


def cron_lines(report: Report) -> Iterator[str]:
    """What a person hears of a run that nobody watches: nothing where it went well or the trouble was told before."""
    if not report.ok and not report.repeated:
        yield f"{report.bot}: {_trouble(report)}"
    yield from (f"{report.bot}: {line}" for line in report.warnings)


def _trouble(report: Report) -> str:
    """What did not go well, why, and the command that helps, on one line."""
    draft, commands = report.draft, phrases.way_on(report.commands)
    if report.outcome is Outcome.DRY_RUN:
        return phrases.sentences(report.reason, *report.attention)
    if draft is None or not report.deliveries:
        reason = report.reason or phrases.OUTCOME[report.outcome]
        if report.reason and report.outcome is not Outcome.FAILED:
            reason = f"{phrases.OUTCOME[report.outcome]}: {reason}"
        return f"{phrases.sentences(reason, *report.attention)} {commands}".rstrip()
    unfinished = report.outcome is Outcome.UNFINISHED
    open_still = f"draft {draft.id} is not published everywhere yet; the next run goes on"
    stands = open_still if unfinished else phrases.draft(draft.id, draft.status)
    reasons = [
        phrases.delivery(delivery, len(draft.parts))
        for delivery in report.deliveries
        if delivery.status is not DeliveryStatus.POSTED
    ]
    line = phrases.sentences(stands, *reasons, *report.attention)
    return " ".join(filter(None, (line, phrases.way_on(report.ways_on), commands)))


def hints(report: Report, bot: Bot, feed: Path) -> Iterator[str]:
    """What a person may want to do next."""
    public = [spec.title for spec in SPECS.values() if spec.public]
    if not any(SPECS[name].public for name in bot.platforms_on):
        yield f"To post to {any_of(public)}: {command('init')} (or fill in .env)"
    if report.outcome is Outcome.NOTHING_DUE:
        yield _way_out(report)
    draft = report.draft
    yield from (phrases.way_on([each]) for each in report.ways_on)
    if draft and report.outcome is not Outcome.DRY_RUN:
        yield f"Why this post: {command(f'explain {draft.id}')}"
        if not all(SPECS[name].public for name in bot.platforms_on):
            yield f"To see the feed, open {feed.with_suffix('.html')}"


def _way_out(report: Report) -> str:
    """Of nothing due. That every bot's pause ends is said only where that of all holds."""
    if report.reason.startswith(runs.ALL_PAUSED):
        return f"To go on: {command('pause --off')}"
    if report.reason.startswith(runs.PAUSED):
        return f"To go on: {command(f'pause --off --bot {report.bot}')}"
    return f"To post all the same: {command('run --force')}"


def _outcome(report: Report) -> str:
    label = "nothing new to post" if report.at_rest else phrases.OUTCOME[report.outcome]
    return f"{label}: {report.reason}" if report.reason and not report.deliveries else label


def _delivered(delivery: Delivery, report: Report) -> str:
    parts = len(report.draft.parts) if report.draft else 1
    if delivery.status is DeliveryStatus.POSTED and delivery.receipt:
        part = f" part {delivery.part + 1}" if parts > 1 else ""
        return f"{delivery.platform}{part}: {delivery.receipt.url}"
    return phrases.delivery(delivery, parts)
