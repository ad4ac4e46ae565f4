"""What `init` asks of a bot: each question with its option, its words, what it proposes, and what its answer comes to.

An answer becomes keys of the bot file, by path (`persona.name`); None takes a default of the sample out.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import time
from pathlib import Path

from twitter_manager import schedule
from twitter_manager.settings.botfile import check_key
from twitter_manager.settings.records import ALWAYS
from twitter_manager.settings.records import WHEN as WHEN_ASKED
from twitter_manager.validation import InvalidValue

Traits = Mapping[str, object]
_QUIET = "22:00-07:00"
_FIRST_HOUR, _LAST_HOUR, _MOST_A_DAY = 9, 18, 6
"""A number of posts a day is spread between these hours."""


@dataclass(frozen=True, slots=True)
class TraitQuestion:
    """A question whose answer becomes keys of the bot file."""

    option: str
    words: str
    help: str
    """What the command line's help says."""
    proposes: Callable[[Traits, Mapping[str, str]], str]
    """The answer that is proposed, by the answers so far and the process environment."""
    read: Callable[[str, Traits], Traits]
    """The keys and values that an answer comes to, given the answers so far. Raises InvalidValue."""


def _nothing(traits: Traits, environ: Mapping[str, str]) -> str:
    return ""


def _checked(path: str, value: object) -> Traits:
    check_key(path, value)
    return {path: value}


def _about(answer: str, traits: Traits) -> Traits:
    if not answer:
        return {}
    return {**_checked("persona.about", answer), **_checked("persona.audience", f"people interested in {answer}")}


def _name(answer: str, traits: Traits) -> Traits:
    return _checked("persona.name", answer)


def _language(answer: str, traits: Traits) -> Traits:
    return _checked("persona.language", answer)


def _machine_language(traits: Traits, environ: Mapping[str, str]) -> str:
    name = environ.get("LC_ALL") or environ.get("LC_MESSAGES") or environ.get("LANG", "")
    language = re.match(r"[a-z]{2,3}(?=[_.@]|$)", name)
    return language[0] if language else "en"


def _time_zone(answer: str, traits: Traits) -> Traits:
    return _checked("time_zone", answer)


def _machine_zone(traits: Traits, environ: Mapping[str, str]) -> str:
    """The machine's time zone as it names it itself; UTC where that is no zone."""
    _, _, linked = os.path.realpath("/etc/localtime").partition("/zoneinfo/")
    try:
        written = Path("/etc/timezone").read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        written = ""
    for name in (environ.get("TZ", "").removeprefix(":"), linked, written):
        try:
            return schedule.zone_name(name)
        except InvalidValue:
            continue
    return "UTC"


def _times(answer: str, traits: Traits) -> Traits:
    """Times of day, a number of posts a day, or "every 6 hours"."""
    if hours := re.fullmatch(r"(?:every )?([0-9]{1,2}) ?h(?:ours?)?", answer):
        return _checked("schedule.every_hours", int(hours[1]))
    if re.fullmatch("[0-9]{1,2}", answer):
        times = _spread(int(answer))
    else:
        times = [re.sub(r"\A(?=[0-9][:.])", "0", word).replace(".", ":") for word in re.split(r"[\s,;]+", answer)]
    check_key("schedule.times", times)
    most = max(Counter(clock[:2] for clock in times).values())
    return {"schedule.times": times, "schedule.every_hours": None} | ({"limits.per_hour": most} if most > 1 else {})


def _spread(posts: int) -> list[str]:
    if not 1 <= posts <= _MOST_A_DAY:
        raise InvalidValue(f"must be 1 to {_MOST_A_DAY} posts a day", "For other times write them: 09:00, 17:30.")
    step = (_LAST_HOUR - _FIRST_HOUR) / max(1, posts - 1)
    return [f"{_FIRST_HOUR + round(step * number):02}:00" for number in range(posts)]


def _quiet_hours(answer: str, traits: Traits) -> Traits:
    if answer.casefold() in ("", "none", "no"):
        return {}
    check_key("limits.quiet_hours", answer)
    if covered := _covered(answer, traits):
        raise InvalidValue(f"covers {covered[0]}, when a post is to go out", "Write none for no quiet hours.")
    return {"limits.quiet_hours": answer}


def _proposed_quiet(traits: Traits, environ: Mapping[str, str]) -> str:
    return "none" if _covered(_QUIET, traits) else _QUIET


def _covered(hours: str, traits: Traits) -> list[str]:
    times = traits.get("schedule.times", ())
    assert isinstance(times, list | tuple)
    return [clock for clock in times if schedule.within(time.fromisoformat(clock), schedule.quiet(hours))]


_ALL, _NONE = ("always", "yes", "y"), ("", "never", "no", "n")


def _approve(answer: str, traits: Traits) -> Traits:
    """All posts, none, or the first so many."""
    said = answer.casefold()
    if said in _NONE:
        return {}
    if said in _ALL:
        return {"approve": ALWAYS}
    if not re.fullmatch("[0-9]{1,6}", said) or not int(said):
        raise InvalidValue("must be no, yes, or how many posts you want to see", "Write 10 to see the first ten.")
    return {"approve": WHEN_ASKED, **_checked("approve_when.first", int(said))}


ABOUT = (
    TraitQuestion(
        "about",
        "What is the account about, in a few words (say: rides and news of a cycling club in Kassel)",
        "what the account is about",
        _nothing,
        _about,
    ),
    TraitQuestion("name", "Its name, as readers see it", "its name, as readers see it", _nothing, _name),
)
WHEN = (
    TraitQuestion(
        "language",
        "Language of its posts: a code such as en or de, or any",
        "a code such as en or de, or any",
        _machine_language,
        _language,
    ),
    TraitQuestion("time-zone", "Time zone, such as Europe/Berlin", "such as Europe/Berlin", _machine_zone, _time_zone),
    TraitQuestion(
        "times",
        "When to post, in that zone: times of day, a number of posts a day, or every 6 hours",
        "09:00,17:30, or a number of posts a day, or 'every 6 hours'",
        lambda traits, environ: "09:00, 17:30",
        _times,
    ),
    TraitQuestion(
        "quiet-hours",
        "Quiet hours, in which nothing goes out, or none",
        "22:00-07:00, or none",
        _proposed_quiet,
        _quiet_hours,
    ),
    TraitQuestion(
        "approve",
        "Do you want to approve posts before they go out: no, yes, or how many of the first ones",
        "whether you approve posts before they go out: no, yes, or how many of the first ones",
        lambda traits, environ: "no",
        _approve,
    ),
)
