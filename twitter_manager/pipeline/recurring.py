"""The next occurrence of each recurring post is always made ahead, as a draft with a date that a person can see.

After an outage the newest occurrence that was missed is caught up; the others are told and not sent. Variants take
turns. Once all were said, platforms that refuse what was said before are left out; where none is left, the series
ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from twitter_manager import moments, schedule
from twitter_manager.domain import Draft, DraftStatus
from twitter_manager.platforms import SPECS
from twitter_manager.recurrence import Rule
from twitter_manager.store import drafts, repeats, series
from twitter_manager.store.database import Database
from twitter_manager.store.series import Series, Variant

DATE = "{date}"
"""Stands in a text for the day of its occurrence, in words."""
SAID = "all its texts were said before"


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes the occurrences of one bot's series."""

    db: Database
    time_zone: str
    now: datetime
    run_id: int | None = None

    def make_all(self, bot: str) -> list[str]:
        """Make what is missing; gives lines that a person should hear."""
        told: list[str] = []
        for each in series.running(self.db, bot):
            with self.db.transaction():
                told += self._catch_up(each)
                told += self._look_ahead(each)
        return told

    def _catch_up(self, each: Series) -> list[str]:
        """Of the occurrences that have come and are not out, the last alone is sent: made now, where it was missed.
        One that a person moved to another time goes out beside it, as every post does that a person gave a date."""
        _, newest = series.made(self.db, each)
        before, rule = newest or each.created_at, Rule.read(each.rule)
        last = rule.last(min(self.now, each.until or self.now), self.time_zone)
        due = [draft for draft in series.waiting(self.db, each) if draft.due_at and draft.due_at <= self.now]
        waiting = [draft for draft in due if draft.due_at == series.occurrence(self.db, draft)]
        if last <= before or self._has_its_day(each, last):
            return self._pass_over(each, waiting[:-1])
        missed = [date for date in rule.between(before, last, self.time_zone) if not self._has_its_day(each, date)]
        return [*self._pass_over(each, waiting, missed), *self.add(each, last)]

    def _look_ahead(self, each: Series) -> list[str]:
        """Make the next occurrence, where it is not there yet."""
        if self._ended(each):
            return []
        _, newest = series.made(self.db, each)
        if newest and newest > self.now:
            return []
        rule = Rule.read(each.rule)
        coming = rule.after(self.now, self.time_zone)
        if self._has_its_day(each, coming):
            coming = rule.after(coming, self.time_zone)
        if each.until is None or coming <= each.until:
            return self.add(each, coming)
        if not series.waiting(self.db, each):
            series.end(self.db, each, "its last date is past", self.now, self.run_id)
        return []

    def add(self, each: Series, occurrence: datetime) -> list[str]:
        """Make one occurrence; gives what its person should hear of it. In the caller's transaction."""
        number, _ = series.made(self.db, each)
        turns = [each.variants[(number + turn) % len(each.variants)] for turn in range(len(each.variants))]
        texts = [filled(variant, occurrence, self.time_zone, each.language) for variant in turns]
        fresh = [parts for parts in texts if not self._is_refused(parts, each.platforms)]
        platforms = each.platforms if fresh else repeating(each.platforms)
        if not platforms:
            if series.waiting(self.db, each):
                return []  # the last of them is still to go out
            series.end(self.db, each, SAID, self.now, self.run_id)
            return [f"series {each.id} has ended: {SAID}, and {', '.join(each.platforms)} takes none twice"]
        new = drafts.NewDraft(
            bot=each.bot,
            origin="person",
            parts=(fresh or texts)[0],
            platforms=platforms,
            lifetime=None,
            language=each.language,
            run_id=self.run_id,
            due_at=occurrence,
            series_id=each.id,
        )
        drafts.add(self.db, new, self.now)
        left_out = [name for name in each.platforms if name not in platforms]
        if not left_out or not series.tell_once(self.db, each, ", ".join(left_out)):
            return []
        return [f"series {each.id}: {SAID}, so {', '.join(left_out)} is left out from now on"]

    def _is_refused(self, parts: Variant, platforms: Sequence[str]) -> bool:
        """Whether some of the platforms refuses the text, as it is there or on its way."""
        strict = set(platforms) - set(repeating(platforms))
        said = repeats.of(self.db, drafts.digests(parts, {})) if strict else []
        return any(not strict.isdisjoint(repeat.platforms) for repeat in said)

    def _pass_over(self, each: Series, waiting: Sequence[Draft], never_made: Sequence[datetime] = ()) -> list[str]:
        """Dates for which nothing is sent any more, as a later one has come; none of them without a word."""
        for draft in waiting:
            reason = "missed; the next occurrence takes its place"
            drafts.move(self.db, draft, DraftStatus.SKIPPED, self.now, run_id=self.run_id, reason=reason)
        passed = [*(series.occurrence(self.db, draft) for draft in waiting), *never_made]
        if not passed:
            return []
        series.record_passed(self.db, each, passed, self.now, self.run_id)
        more = f" and {len(passed) - 1} more" if len(passed) > 1 else ""
        first = moments.told(passed[0], self.time_zone)
        return [f"series {each.id} was not sent for {first}{more}: a later date of it has come"]

    def _has_its_day(self, each: Series, occurrence: datetime) -> bool:
        """No rule comes twice on one day: what seems to was made before the bot's time zone was changed."""
        newest, zone = series.newest(self.db, each), schedule.zone(self.time_zone)
        return newest is not None and occurrence.astimezone(zone).date() <= newest.astimezone(zone).date()

    def _ended(self, each: Series) -> bool:
        found = series.get(self.db, each.id)
        return found is None or found.ended_at is not None


def repeating(platforms: Sequence[str]) -> tuple[str, ...]:
    """Those that take what was said before."""
    return tuple(name for name in platforms if not SPECS[name].refuses_repeats)


def filled(variant: Variant, occurrence: datetime, time_zone: str, language: str) -> Variant:
    """The parts with the day of the occurrence in words where they hold {date}."""
    if not any(DATE in part.text for part in variant):
        return variant
    day = moments.told_day(occurrence, time_zone, language)
    return tuple(replace(part, text=part.text.replace(DATE, day)) for part in variant)
