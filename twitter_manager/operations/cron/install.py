"""`install-cron` and `uninstall-cron`: one line in the crontab, or one systemd timer, for each home; and what the
doctor says of it."""

from __future__ import annotations

import hashlib
import os
import socket
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path

from twitter_manager.domain import Json
from twitter_manager.operations.cron import crontab, service, start_times, systemd
from twitter_manager.operations.cron.crontab import Crontab
from twitter_manager.operations.cron.systemd import Timer
from twitter_manager.pipeline.timetable import foreseen
from twitter_manager.settings import Bot
from twitter_manager.settings.variables import KEYS
from twitter_manager.store import listing
from twitter_manager.store.database import Database
from twitter_manager.store.listing import Group
from twitter_manager.terminal import command

Dated = Mapping[str, datetime]
"""What is dated: its words, and when it wants to go out."""
ALL = 2**31
"""However many there are."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the runs of a home must meet."""

    home: Path
    bots: Sequence[Bot]
    """Those that are switched on."""
    dated: Dated
    now: datetime

    @classmethod
    def of(cls, home: Path, bots: Sequence[Bot], db: Database | None, now: datetime, most: int = ALL) -> Wishes:
        """What these bots need, with the dated posts that wait, at most so many of each. `db` None: there are none
        yet."""
        dated = {} if db is None else {number: at for bot in bots for number, at in _when(db, bot, now, most).items()}
        return cls(home, bots, {f"draft {number}": at for number, at in dated.items()}, now)

    @property
    def due(self) -> list[start_times.Due]:
        return list(start_times.due(self.bots, self.dated, self.now))


def _when(db: Database, bot: Bot, now: datetime, most: int) -> dict[int, datetime]:
    """When each post with a date goes out: where quiet hours or limits move it to, as far as that can be told."""
    queued, dated = (listing.turns(db, group, bot.name, now, most) for group in (Group.QUEUED, Group.DATED))
    told = foreseen(bot, db, now, queued, dated, {draft.id: draft for draft in dated}) if dated else {}
    moved = {number: forecast.at for number, forecast in told.items() if forecast.at and forecast.at > now}
    return {draft.id: moved.get(draft.id, draft.due_at) for draft in dated if draft.due_at}


def usual_minute(home: Path) -> int:
    """The minute at which a home's runs start where none is asked for: 1 to 59, by its path and its machine, so that
    many homes neither start together nor at the full hour, when everybody does."""
    digest = hashlib.sha256(os.fsencode(f"{socket.gethostname()}:{home}")).digest()
    return 1 + int.from_bytes(digest[:4]) % 59


def install(wishes: Wishes, at_minute: int | None, environ: Mapping[str, str], *, by_systemd: bool) -> Json:
    """Make the line, or the timer, of this home what it must be; then take the other one away.

    Raises TwitterManagerError: something starts the runs then as it did before."""
    table = None if by_systemd and not service.has_crontab() else crontab.read()
    zones = [UTC] if table is None or by_systemd else table.zones
    minutes = _minutes(wishes, at_minute, zones)
    timer, home = Timer.of(wishes.home), wishes.home
    if by_systemd:
        changed = timer.install(home, minutes)
        removed = table is not None and crontab.write(table, table.without_line(home))
        shown, notes = "\n".join(path.read_text() for path in timer.files), systemd.notes()
    else:
        assert table is not None
        shown = crontab.line(home, minutes)
        changed, removed = crontab.write(table, table.with_line(home, shown)), timer.uninstall()
        notes = [service.look().told, *_mail_notes(table)]
    return {
        "kind": "systemd" if by_systemd else "cron",
        "line": shown,
        "minutes": sorted(minutes),
        "changed": changed,
        "replaced": removed,
        "meets": sorted({entry.what for entry in wishes.due}),
        "notes": [*notes, *_foreign_notes(table, home), *_lost_settings(environ)],
    }


def likely_minutes(wishes: Wishes) -> set[int]:
    """The minutes (UTC) of a line that is as `install` makes it."""
    return _minutes(wishes, None, [UTC])


def _minutes(wishes: Wishes, at_minute: int | None, zones: Sequence[tzinfo]) -> set[int]:
    """All that is needed; the usual minute only where a bot has no times, or nothing has."""
    needed = start_times.minutes(wishes.due, zones)
    if at_minute is not None:
        return needed | {at_minute}
    return needed | ({usual_minute(wishes.home)} if _needs_any_minute(wishes.bots) or not needed else set())


def _needs_any_minute(bots: Sequence[Bot]) -> bool:
    return any(not bot.schedule.times for bot in bots)


def uninstall(home: Path) -> Json:
    """Take away whatever starts this home's runs: its line, its timer, or both. Raises TwitterManagerError."""
    table = crontab.read() if service.has_crontab() else Crontab("")
    removed = [entry.line for entry in table.own(home)]
    crontab.write(table, table.without_line(home))
    timer = Timer.of(home)
    if timer.uninstall():
        removed.append(timer.unit)
    return {"removed": removed, "notes": _foreign_notes(table, home)}


def _mail_notes(table: Crontab) -> Iterator[str]:
    if table.variables.get("MAILTO") == "":
        yield 'MAILTO="" in your crontab: nobody gets mail when a run fails.'


def _foreign_notes(table: Crontab | None, home: Path) -> list[str]:
    lines = table.foreign(home) if table else []
    return [f"Another line starts this too; take it out with crontab -e: {entry.line}" for entry in lines]


def _lost_settings(environ: Mapping[str, str]) -> list[str]:
    """What holds in this shell alone is not there when cron starts a run."""
    names = [name for name in KEYS if environ.get(name)]
    return [f"Only this shell sets {', '.join(names)}; put it into .env, or the runs go without."] * bool(names)


# -- what a person reads -----------------------------------------------------------------------------


def install_lines(done: Json) -> Iterator[str]:
    """What `install-cron` says."""
    what = "The line in your crontab" if done["kind"] == "cron" else "The timer of systemd"
    yield f"{what}{'' if done['changed'] else ', as it was'}:"
    yield from (f"  {line}" for line in done["line"].splitlines())
    if done["replaced"]:
        yield "It takes the place of the " + ("timer." if done["kind"] == "cron" else "line in the crontab.")
    minutes = [f":{minute:02}" for minute in done["minutes"]]
    yield f"A run starts at {_and(minutes)} of every hour."
    if met := done["meets"]:
        yield f"Met within a minute: {', '.join(met[:10])}{' …' if len(met) > 10 else ''}."
    yield from done["notes"]


def uninstall_lines(done: Json) -> Iterator[str]:
    """What `uninstall-cron` says."""
    for line in done["removed"]:
        yield f"Taken out: {line}"
    if not done["removed"]:
        yield "Nothing of install-cron's was there."
    yield from done["notes"]


def _and(words: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))


# -- what the doctor says ----------------------------------------------------------------------------


def complaint(wishes: Wishes) -> str:
    """What is not right with how this home's runs are started, and what to do; "" where they are as they must be.

    Raises TwitterManagerError where the crontab can't be read."""
    timer = Timer.of(wishes.home).starts()
    if timer is None and not service.has_crontab():
        return f"no crontab command here. {service.other_ways().rstrip('.')}"
    table = crontab.read() if service.has_crontab() else Crontab("")
    entries = [*table.own(wishes.home), *table.foreign(wishes.home)]
    if timer is None and not entries:
        return f"nothing starts the runs: {command('install-cron')}"
    by_zone = [[*crontab.starts(entries, zone), *([timer] if timer else [])] for zone in table.zones]
    if not any(by_zone):
        return f"when the crontab starts runs can't be foretold; for a plain line: {command('install-cron')}"
    late: dict[str, start_times.Late] = {}
    for starts in by_zone:
        late = start_times.missed(wishes.due, starts) | late
    if late:
        option = " --systemd" if timer else ""
        return f"{'; '.join(_late_words(late))}. Mend it with: {command('install-cron' + option)}"
    state = service.look() if timer is None else None
    return "" if state is None or state.runs else state.told.rstrip(".")


def _late_words(late: Mapping[str, start_times.Late]) -> Iterator[str]:
    for what, (moment, instead) in list(late.items())[:3]:
        if instead is None:
            yield f"no run starts for {what}"
        else:
            yield f"{what} goes out {(instead - moment).total_seconds() / 60:.0f} minutes late"
    if len(late) > 3:
        yield f"{len(late) - 3} more are late"
