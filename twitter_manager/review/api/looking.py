"""Runs, what went out, and the bots as they are set up: read only."""

from __future__ import annotations

from twitter_manager import show
from twitter_manager.domain import Json
from twitter_manager.operations import overview
from twitter_manager.pipeline.context import Calendar
from twitter_manager.review.api import shapes
from twitter_manager.review.api.drafts import next_cursor
from twitter_manager.review.api.endpoint import Call
from twitter_manager.review.api.problems import Problem
from twitter_manager.review.console.desk import reading
from twitter_manager.show import records
from twitter_manager.store import browsing, drafts, pages, runs
from twitter_manager.store.browsing import Search
from twitter_manager.store.database import iso


def list_runs(call: Call) -> Json:
    """Runs, the newest first."""
    query: shapes.RunQuery = call.query
    page = pages.Page(query.limit, query.cursor, query.bot)
    with reading(call.request) as db:
        listed = pages.of_runs(db, page, query.outcome)
    return {"runs": [records.run_record(run) for run in listed], "next_cursor": next_cursor(listed, page)}


def show_run(call: Call) -> Json:
    """One run with its whole story."""
    with reading(call.request) as db:
        run = runs.get(db, call.number)
        if run is None:
            raise Problem("not-found", f"There is no run {call.number}.", "/api/runs gives the numbers.")
        return show.explain_run(db, run) | {"time_zone": call.app.session.time_zone(run.bot)}


def list_history(call: Call) -> Json:
    """Posts that went out or tried to, the newest first, each with where it went."""
    query: shapes.HistoryQuery = call.query
    page = pages.Page(query.limit, query.cursor, query.bot)
    with reading(call.request) as db:
        listed = browsing.history(db, Search(page.bots, before=page.after), page.limit)
        posts = [show.sent(db, draft, call.app.session.time_zone(draft.bot)) for draft in listed]
    return {"posts": posts, "next_cursor": next_cursor(listed, page)}


def list_bots(call: Call) -> Json:
    """Every bot: its last run, when its next slot begins, how many drafts are ready, and what its platforms and
    generators are set up to do. No secret is among it."""
    app, now = call.app, call.app.clock()
    with reading(call.request) as db:
        return {
            "bots": [
                {"bot": bot.name, "enabled": bot.enabled, "time_zone": bot.time_zone}
                | {"last_run": next(map(records.run_record, runs.last(db, bot.name)), None)}
                | {"next_slot": iso(Calendar.of(bot).next_slot(now)), "paused": runs.paused(db, bot.name)}
                | {"failures_in_a_row": runs.failures_in_a_row(db, bot.name)}
                | {"pool": drafts.in_pool(db, bot.name, now)}
                | overview.describe(bot, app.settings)
                for bot in app.settings.bots
            ]
        }
