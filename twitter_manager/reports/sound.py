"""Whether a report that was kept is still whole: a hand or a disk may have damaged its row."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from twitter_manager.schedule import zone
from twitter_manager.store.reports import Kept

NOT_KEPT: Mapping[str, object] = {"published": [], "look_back": None, "before": None, "kept_at": None}
"""Told anew each time, from what is never thrown away."""


def sound(kept: Kept | None) -> Kept | None:
    """The same, or None where it can't be told: then it is as if it had not been kept. A new key of its shape needs a
    default, or all that were kept before are lost."""
    if kept is None:
        return None
    from twitter_manager.show.report_shapes import BotReport

    try:
        report = BotReport.model_validate({**kept.figures, **NOT_KEPT}, strict=True)
        zone(report.time_zone)
        date.fromisoformat(report.last)
    except (ValueError, LookupError, OSError):
        return None
    is_its_own = (report.bot, report.kind, report.first) == (kept.bot, kept.kind, kept.first.isoformat())
    return kept if is_its_own else None
