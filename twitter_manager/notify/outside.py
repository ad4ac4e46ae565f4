"""Tells of what keeps runs from taking place at all, where the database can't be asked: settings that don't hold, a
damaged database, a full disk, a lock that is held for hours. Once, again after a day, and once that it is over.

What was told is remembered beside the database (`operations/told.py`) before a message leaves. Where that can't be, no
message is sent: cron's mail is all there is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from twitter_manager import phrases, settings
from twitter_manager.errors import LockHeld, TwitterManagerError
from twitter_manager.notify import sending
from twitter_manager.notify.sending import Message, Result
from twitter_manager.operations import told
from twitter_manager.operations.told import Told, Trouble
from twitter_manager.terminal import command, harmless

_STUCK, _TIMES = timedelta(hours=3), 3
"""A lock that is held so long, and in so many runs, is no run that is just at work."""
_MOST_TRIES = 24
_MOST_LINES = 10
_TITLE = "twitter_manager: no run can take place"
_OVER = "twitter_manager: trouble is over"


def failed(memory: Told, lines: Sequence[str], exit_code: int, environ: Mapping[str, str]) -> list[str]:
    """Tell of a run that could not take place. `lines`: what went wrong, without secrets; gives those that cron's mail
    is to have, for they were not printed of late."""
    home, now = memory.path.parent.parent, memory.now
    trouble = memory.seen(told.line("", "\n".join(lines), of_a_draft=True))
    is_news = memory.is_due(trouble.printed_at)
    trouble = memory.put(replace(trouble, printed_at=now.isoformat()) if is_news else trouble)
    urls = settings.channels_at_hand(environ) if _is_to_be_told(memory, trouble, exit_code) else ()
    if urls:
        begun = replace(trouble, told=True, told_at=now.isoformat(), tries=0)
        body = _body(lines, exit_code, trouble, memory.good_at, home, _zone(home, environ))
        _send(memory, trouble, begun, urls, _TITLE, body)
    else:
        memory.save()
    return list(lines) if is_news else []


def went_through(memory: Told, environ: Mapping[str, str]) -> None:
    """A run took place: what kept others from it is over."""
    memory.good_at = memory.now.isoformat()
    for trouble in [each for each in memory.troubles if not each.scope and not each.over]:
        ended = memory.put(replace(trouble, over=True, told=False))
        urls = settings.channels_at_hand(environ) if trouble.told and trouble.tries < _MOST_TRIES else ()
        if urls:
            since = phrases.clock(trouble.since, _zone(memory.path.parent.parent, environ))
            body = f"It is over: runs take place again. The trouble began at {since}."
            _send(memory, trouble, ended, urls, _OVER, body)
    memory.save()


def _is_to_be_told(memory: Told, trouble: Trouble, exit_code: int) -> bool:
    if exit_code == LockHeld.exit_code:
        lasts = memory.now - datetime.fromisoformat(trouble.since)
        if lasts < _STUCK or trouble.times < _TIMES:
            return False
    return memory.is_due(trouble.told_at) and trouble.tries < _MOST_TRIES


def _send(memory: Told, before: Trouble, after: Trouble, urls: Sequence[str], title: str, body: str) -> None:
    """Send a message, once it is remembered as sent; what did not get through is tried again in the next run."""
    memory.put(after)
    if not memory.save():
        return
    answers = sending.send([Message(url, title, harmless(body)) for url in urls])
    if all(answer.result is Result.FAILED for answer in answers):
        memory.put(replace(before, tries=before.tries + 1))
        memory.save()


def _zone(home: Path, environ: Mapping[str, str]) -> str:
    """In which a person reads times, where the settings can be read."""
    try:
        return next((bot.time_zone for bot in settings.load(home, environ).active), "UTC")
    except TwitterManagerError:
        return "UTC"


def _body(lines: Sequence[str], exit_code: int, trouble: Trouble, good_at: str, home: Path, zone: str) -> str:
    shown = [*lines[:_MOST_LINES], *[f"… and {len(lines) - _MOST_LINES} more."] * (len(lines) > _MOST_LINES)]
    since = f"No run takes place since {phrases.clock(trouble.since, zone)}, so nothing is posted."
    good = f" The last run that took place was at {phrases.clock(good_at, zone)}." if good_at else ""
    look = f"To look into it: {command('doctor')}\nThe folder of the bots: {home}"
    if exit_code == LockHeld.exit_code:
        shown = [f"A run has been at work for hours, and {trouble.times} others could not begin. It may hang."]
        look = "To find its process: ps -ef | grep twitter_manager. End it with kill and its number; nothing is lost."
    return "\n\n".join(["\n".join(shown), since + good, look])
