"""What became of a file of posts: an object for each, and lines for a person."""

from __future__ import annotations

from collections.abc import Iterator

from twitter_manager import phrases
from twitter_manager.domain import Draft, Json
from twitter_manager.pipeline.timetable import Forecast
from twitter_manager.store.database import iso
from twitter_manager.terminal import command


def imported_as_json(line: int, draft: Draft, forecast: Forecast) -> Json:
    """A post of a file, queued."""
    return {
        "line": line,
        "draft": draft.id,
        "due_at": iso(draft.due_at),
        "goes_out_at": iso(forecast.at),
        "goes_out": forecast.words,
    }


def imported_lines(queued: Json) -> Iterator[str]:
    """How many, when the first and the last go out, what is moved from its date, and the notes."""
    posts: list[Json] = queued["posts"]
    numbers = [post["draft"] for post in posts]
    as_drafts = f"draft {numbers[0]}" if len(posts) == 1 else f"drafts {numbers[0]} to {numbers[-1]}"
    yield f"Queued {phrases.amount(len(posts), 'post')} of {queued['file']} as {as_drafts}."
    in_order = sorted((post for post in posts if post["goes_out_at"]), key=lambda post: str(post["goes_out_at"]))
    for at in sorted({0, len(in_order) - 1}) if in_order else ():
        yield f"Draft {in_order[at]['draft']} {in_order[at]['goes_out']}."
    if waiting := [post for post in posts if not post["goes_out_at"]]:
        yield _counted(len(waiting), f"{waiting[0]['goes_out']}.")
    if late := [post for post in in_order if post["due_at"] and post["due_at"] < post["goes_out_at"]]:
        yield _counted(len(late), f"can't go out at its date; why is told by {command('drafts')}")
    yield from queued["notes"]


def _counted(number: int, what: str) -> str:
    return f"{number:,} of them: each {what}"
