"""The page of the queue, and the decisions on several drafts at once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from twitter_manager import phrases
from twitter_manager.errors import TwitterManagerError
from twitter_manager.review.console.desk import acting, desk, flash, reading, render
from twitter_manager.review.console.views import queue as view
from twitter_manager.store.listing import Group
from twitter_manager.terminal import command

MOST_AT_ONCE = 200
"""Drafts that are decided on in one go."""
_MOST_TOLD = 5
"""Refusals that are told one by one."""


def page(request: Request) -> Response:
    """What waits, of all bots or of one: the beginning of each group, or one group page by page."""
    app, wanted = desk(request), request.query_params.get("bot", "")
    bots = [bot for bot in app.settings.bots if wanted in ("", bot.name)]
    group = next((group for group in Group if group == request.query_params.get("show")), None)
    with reading(request) as db:
        shown = (
            view.of_group(db, bots, app.clock(), group, _number(request.query_params.get("page", "")))
            if group
            else view.overview(db, bots, app.clock())
        )
    query = {"bot": wanted, "show": group or "", "page": str(shown.page) if shown.page > 1 else ""}
    return render(
        request,
        "queue.html.j2",
        queue=shown,
        groups=[(each, view.NAMES[each], shown.totals[each]) for each in Group if shown.totals[each]],
        show=group or "",
        bot=wanted if bots else "",
        bots=[bot.name for bot in app.settings.bots],
        many_bots=len(app.settings.bots) > 1,
        back=urlencode({name: value for name, value in query.items() if value}),
    )


def decide(request: Request) -> Response:
    """Approve or skip those that were selected. Each stands for itself: what can't be done is told."""
    form = request.state.form
    picked = [str(value) for value in form.getlist("draft")][:MOST_AT_ONCE]
    approves = form.get("do") == "approve"
    done, refused = 0, list[str]()
    with acting(request) as actions:
        take = actions.approve if approves else actions.skip
        for value in picked:
            number, _, seen = value.partition(":")
            try:
                take(_number(number), seen=seen or "nothing")  # what nobody saw is not decided on
                done += 1
            except TwitterManagerError as error:
                refused.append(told(error))
    what = "approved" if approves else "skipped"
    flash(request, f"{phrases.amount(done, 'draft')} {what}." if picked else "Select some drafts first.")
    for words in refused[:_MOST_TOLD]:
        flash(request, f"Not {what}: {words}")
    if len(refused) > _MOST_TOLD:
        flash(request, f"Not {what}: {len(refused) - _MOST_TOLD} more.")
    return back_to_queue(request)


def back_to_queue(request: Request) -> Response:
    """The queue as the person left it. Only its own query is taken from the form."""
    query = str(request.state.form.get("back", ""))
    return RedirectResponse(f"/queue?{query}" if re.fullmatch(r"[\w=&%.+-]{1,300}", query) else "/queue", 303)


def told(error: TwitterManagerError) -> str:
    """An error for a person who has a page before them: without a command to type."""
    return phrases.sentences(error.message, "" if command("") in error.remedy else error.remedy)


def _number(words: str) -> int:
    return int(words) if re.fullmatch(r"[0-9]{1,18}", words) else 0


ROUTES: Sequence[Route] = (
    Route("/queue", page, methods=["GET"]),
    Route("/queue/decide", decide, methods=["POST"]),
)
