"""`/calendar`: a bot's month, and posts put to another day."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from twitter_manager import schedule
from twitter_manager.errors import TwitterManagerError, UsageError
from twitter_manager.review.console import month
from twitter_manager.review.console.desk import acting, desk, flash, reading, render

if TYPE_CHECKING:
    from twitter_manager.settings import Bot


def shown(request: Request) -> Response:
    """A month of one bot: `?bot=`, `?month=2026-11`."""
    bot, now = _bot(request), desk(request).clock()
    try:
        first = month.read_month(request.query_params.get("month", ""), now, bot.time_zone)
    except UsageError as error:
        return render(request, "not_here.html.j2", 404, what=str(error), back="/calendar")
    with reading(request) as db:
        found = month.month_of(db, bot, first, now)
    today = now.astimezone(schedule.zone(bot.time_zone)).date()
    return render(
        request,
        "calendar.html.j2",
        month=found,
        bot=bot,
        bots=[each.name for each in desk(request).settings.bots],
        weekdays=month.weekdays(),
        today=today,
        this=f"{today:%Y-%m}",
        open=request.query_params.get("open", ""),
    )


def moved(request: Request) -> Response:
    """Give a draft another date: its day, and its time of day on the bot's clock."""
    form = request.state.form
    number, day, clock = (str(form.get(name) or "").strip() for name in ("draft", "day", "time"))
    back = {"bot": str(form.get("bot") or ""), "month": str(form.get("month") or "")}
    try:
        _refuse_unread(number, day, clock)
        with acting(request) as actions:
            told = actions.move(int(number), at=f"{day}T{clock}")
    except TwitterManagerError as error:
        flash(request, f"Not moved: {error}")
        return _back(back | {"open": number}, number)
    flash(request, f"Draft {number} {told}.")
    return _back(back | {"month": day[:7]}, number)


def _refuse_unread(number: str, day: str, clock: str) -> None:
    """What a browser's own fields send. Raises UsageError."""
    if not re.fullmatch(r"[0-9]{1,15}", number):
        raise UsageError("No draft is named.")
    try:
        date.fromisoformat(day)
    except ValueError:
        raise UsageError("The day is missing.", "Choose it.") from None
    if not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", clock):
        raise UsageError("The time of day is missing.", "Say it as 09:00.")


def _back(query: dict[str, str], number: str) -> Response:
    said = {name: value for name, value in query.items() if value}
    return RedirectResponse(f"/calendar?{urlencode(said)}{quote(f'#draft-{number}', safe='#')}", 303)


def _bot(request: Request) -> Bot:
    """The bot that is asked for, or the first."""
    settings = desk(request).settings
    name, bots = request.query_params.get("bot", ""), settings.active or settings.bots
    return next((bot for bot in settings.bots if bot.name == name), bots[0])


ROUTES: Sequence[BaseRoute] = (
    Route("/calendar", shown, methods=["GET"]),
    Route("/calendar/move", moved, methods=["POST"]),
)
