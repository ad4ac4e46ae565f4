"""What a run did, for whoever prints it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from twitter_manager import decisions
from twitter_manager.delivery import Outbox
from twitter_manager.domain import Delivery, DeliveryStatus, Draft, DraftStatus, Outcome
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
    attention: tuple[str, ...]
    """What a person must see to."""
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
        """True when nobody needs to look: posted everywhere, nothing due, nothing new to post, or a dry run."""
        well = self.at_rest or self.outcome in (Outcome.POSTED, Outcome.NOTHING_DUE, Outcome.DRY_RUN)
        return well and not self.attention


def report(
    context: RunContext, run_id: int, outbox: Outbox, outcome: Outcome, reason: str, draft: Draft | None = None
) -> Report:
    """Put together what the run and its outbox found. `draft`: the one that went out, or was to."""
    attention = _attention(context, run_id, outbox, draft)
    if attention and outcome is Outcome.NOTHING_DUE:
        outcome, reason, attention = Outcome.FAILED, "; ".join([*attention, f"nothing due: {reason}"]), []
    own = draft.id if draft else None
    still_open = [
        f"{delivery.platform}: draft {delivery.draft_id} is {delivery.status}: {delivery.error}"
        for delivery in deliveries.with_status(context.db, context.bot, DeliveryStatus.UNKNOWN, DeliveryStatus.QUEUED)
        if delivery.draft_id != own
    ]
    notes = [line for about, line in outbox.posted if about != own]
    if draft and reason:
        reason += _remedies(context, [draft.id])
    return Report(
        bot=context.bot,
        run_id=run_id,
        outcome=outcome,
        reason=context.redact(reason),
        draft=drafts.get(context.db, draft.id) if draft else None,
        deliveries=tuple(deliveries.of_draft(context.db, draft.id)) if draft else (),
        ready=len(select.ready(context)),
        next_slot=context.calendar.next_slot(context.clock()),
        attention=tuple(attention),
        notes=(*outbox.notes, *context.notes, *notes, *still_open),
    )


def published(context: RunContext, run_id: int, outbox: Outbox, draft: Draft) -> Report:
    """The report on a draft that was handed to the outbox."""
    sent = deliveries.of_draft(context.db, draft.id)
    failed = [delivery for delivery in sent if delivery.status is not DeliveryStatus.POSTED]
    thread = len(draft.parts) > 1
    reason = "; ".join(
        f"{delivery.platform}{f' part {delivery.part + 1}' if thread else ''}: {delivery.status}: {delivery.error}"
        for delivery in failed
    )
    if not failed:
        outcome = outbox.success
    elif any(delivery.status not in (DeliveryStatus.FAILED, DeliveryStatus.HELD) for delivery in failed):
        outcome = Outcome.UNFINISHED
    else:
        outcome = Outcome.PARTLY_POSTED if len(failed) < len(sent) else Outcome.FAILED
    return report(context, run_id, outbox, outcome, reason, draft)


def _attention(context: RunContext, run_id: int, outbox: Outbox, draft: Draft | None) -> list[str]:
    """What a person must see to besides this draft; the last line ends with what can be done."""
    others = [(about, line) for about, line in outbox.attention if draft is None or about != draft.id]
    others += [
        (waiting.id, f"draft {waiting.id} waits for you: {waiting.reason}")
        for waiting in drafts.made_in_run(context.db, run_id)
        if waiting.status is DraftStatus.NEEDS_ATTENTION
    ]
    lines = [line for _, line in others]
    if lines:
        lines[-1] += _remedies(context, dict.fromkeys(about for about, _ in others))
    return lines


def _remedies(context: RunContext, ids: Iterable[int]) -> str:
    """The commands by which a person lets these drafts go on, or gives them up, as the end of a line."""
    found = (drafts.get(context.db, draft_id) for draft_id in ids)
    ways = [" or ".join(decisions.ways_on(context.db, draft)) for draft in found if draft]
    return "".join(f"; then: {way}" for way in ways if way)
