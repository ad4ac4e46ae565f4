"""What a run did, for whoever prints it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from twitter_manager import decisions, phrases
from twitter_manager.delivery import Outbox
from twitter_manager.domain import GOOD_OUTCOMES, Delivery, DeliveryStatus, Draft, DraftStatus, Outcome
from twitter_manager.pipeline import select
from twitter_manager.pipeline.context import RunContext
from twitter_manager.store import deliveries, drafts


@dataclass(frozen=True, slots=True)
class Report:
    """What a run did."""

    bot: str
    run_id: int
    outcome: Outcome
    reason: str
    draft: Draft | None
    deliveries: tuple[Delivery, ...]
    ready: int
    """How many drafts wait for their turn."""
    next_slot: datetime
    time_zone: str
    """The bot's, in which people read it."""
    attention: tuple[str, ...]
    """What a person must see to."""
    commands: tuple[str, ...]
    """By which they let those drafts go on, or give them up: `resume 3`, `skip 3`."""
    ways_on: tuple[str, ...]
    """The same for `draft`."""
    notes: tuple[str, ...]
    """What else is worth telling: other drafts that went out or are still open, platforms that were left out."""
    warnings: tuple[str, ...] = ()
    """What a person should hear of though all went well."""
    at_rest: bool = False
    """There was nothing to post, and nothing is wrong."""
    repeated: bool = False
    """The same trouble was told before."""

    @property
    def ok(self) -> bool:
        """True when nothing is wrong: posted everywhere, nothing due, nothing new to post, nothing approved, or a dry
        run."""
        well = self.at_rest or self.outcome in GOOD_OUTCOMES
        return well and not self.attention


def report(
    context: RunContext, run_id: int, outbox: Outbox, outcome: Outcome, reason: str, draft: Draft | None = None
) -> Report:
    """Put together what the run and its outbox found. `draft`: the one that went out, or was to, or waits first."""
    attention, commands = _attention(context, run_id, outbox, draft)
    if attention and outcome is Outcome.NOTHING_DUE:
        outcome, reason, attention = Outcome.FAILED, phrases.sentences(*attention, f"nothing due: {reason}"), []
    own = draft.id if draft else None
    still_open = [
        f"{delivery.platform}: draft {delivery.draft_id} {phrases.DELIVERY[delivery.status]}: {delivery.error}"
        for delivery in deliveries.with_status(context.db, context.bot, DeliveryStatus.UNKNOWN, DeliveryStatus.QUEUED)
        if delivery.draft_id != own
    ]
    notes = [line for about, line in outbox.posted if about != own]
    now = drafts.get(context.db, draft.id) if draft else None
    return Report(
        bot=context.bot,
        run_id=run_id,
        outcome=outcome,
        reason=context.redact(reason),
        draft=now,
        deliveries=tuple(deliveries.of_draft(context.db, draft.id)) if draft else (),
        ready=len(select.ready(context)),
        next_slot=context.calendar.next_slot(context.clock()),
        time_zone=context.calendar.time_zone,
        attention=tuple(attention),
        commands=tuple(commands),
        ways_on=decisions.ways_on(context.db, now) if now else (),
        notes=(*outbox.notes, *context.notes, *notes, *still_open),
    )


def published(context: RunContext, run_id: int, outbox: Outbox, draft: Draft) -> Report:
    """The report on a draft that was handed to the outbox."""
    sent = deliveries.of_draft(context.db, draft.id)
    failed = [delivery for delivery in sent if delivery.status is not DeliveryStatus.POSTED]
    reason = "; ".join(phrases.delivery(delivery, len(draft.parts)) for delivery in failed)
    return report(context, run_id, outbox, outbox.outcome(draft), reason, draft)


def _attention(context: RunContext, run_id: int, outbox: Outbox, draft: Draft | None) -> tuple[list[str], list[str]]:
    """What a person must see to besides this draft, and the commands for it."""
    others = [(about, line) for about, line in outbox.attention if draft is None or about != draft.id]
    others += [
        (waiting.id, f"draft {waiting.id} needs attention: {waiting.reason}")
        for waiting in drafts.made_in_run(context.db, run_id)
        if waiting.status is DraftStatus.NEEDS_ATTENTION
    ]
    found = (drafts.get(context.db, draft_id) for draft_id in dict.fromkeys(about for about, _ in others))
    commands = [command for waiting in found if waiting for command in decisions.ways_on(context.db, waiting)]
    return [line for _, line in others], commands
