"""Drafts: listed, looked at, written, and what is decided on them. All that changes anything goes through
`review.actions`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from starlette.responses import Response

from twitter_manager import decisions, show
from twitter_manager.domain import Draft, Json, Run
from twitter_manager.operations import pictures
from twitter_manager.operations.own_posts import OwnPost
from twitter_manager.pipeline.timetable import forecasts
from twitter_manager.platforms.exact import content_hash, contents
from twitter_manager.review.actions import Actions
from twitter_manager.review.api import shapes
from twitter_manager.review.api.endpoint import Call, answered
from twitter_manager.review.api.problems import Problem
from twitter_manager.review.console.desk import acting, reading, writing_anew
from twitter_manager.show import waiting
from twitter_manager.store import approvals, drafts, pages
from twitter_manager.store.approvals import Approval
from twitter_manager.store.comments import Comment
from twitter_manager.store.database import Database, iso


def list_drafts(call: Call) -> Json:
    """Drafts, the newest first."""
    query: shapes.DraftQuery = call.query
    page = pages.Page(query.limit, query.cursor, query.bot)
    with reading(call.request) as db:
        listed = pages.of_drafts(db, page, query.status)
        return {"drafts": [_listed(db, draft) for draft in listed], "next_cursor": next_cursor(listed, page)}


R = TypeVar("R", Draft, Run, Comment)


def next_cursor(rows: Sequence[R], page: pages.Page) -> int | None:
    """Where the page after these rows begins; None where it would be empty for sure."""
    return rows[-1].id if len(rows) == page.limit else None


def show_draft(call: Call) -> Json:
    """One draft: its words, its length on each platform, what exactly each platform gets, who approved it, when it goes
    out, and where it went."""
    with reading(call.request) as db:
        draft = _draft(db, call.number)
        approval = approvals.newest(db, draft)
        return (
            _described(call, db, draft)
            | show.sent(db, draft, call.app.session.time_zone(draft.bot))
            | {"hash": content_hash(draft), "contents": contents(draft)}
            | {"approval": _approval(approval) if approval else None}
        )


def _described(call: Call, db: Database, draft: Draft) -> Json:
    bot = next((bot for bot in call.app.settings.bots if bot.name == draft.bot), None)
    if bot is None:  # it is no longer set up
        return show.draft_as_json(draft) | {"edited": draft.edited_at is not None, "lengths": {}, "comes_again": None}
    lacking = pictures.lacking(draft, call.app.settings.data)
    forecast = forecasts(bot, db, call.app.clock(), [draft.id]).get(draft.id)
    return waiting.described(db, draft, bot, forecast) | ({"lacking_pictures": lacking} if lacking else {})


def _approval(approval: Approval) -> Json:
    by = approval.by
    return {"at": iso(approval.at), "name": by.name, "via": by.via, "platforms": dict(approval.hashes)}


def _draft(db: Database, number: int) -> Draft:
    draft = drafts.get(db, number)
    if draft is None:
        raise Problem("not-found", f"There is no draft {number}.", "/api/drafts gives the numbers.")
    return draft


def write(call: Call) -> Response:
    """Queue a post of a person's own, after the checks. The same words twice are refused (409), so that a request that
    was repeated makes no second post."""
    said: shapes.NewPost = call.body
    if not said.bot and len(bots := call.app.settings.active) > 1:
        raise Problem("invalid", "Say which bot.", f"Bots: {', '.join(bot.name for bot in bots)}.", field="bot")
    post = OwnPost(said.texts, tuple(said.platforms), said.at, said.expires)
    with acting(call.request) as actions:
        queued = actions.post(said.bot, post, pending=said.pending)
    forecast, notes = queued.forecast, list(queued.notes)
    told = {"goes_out_at": iso(forecast.at), "goes_out": forecast.words, "notes": notes}
    with reading(call.request) as db:
        made = {"draft": _listed(db, queued.draft)} | told
    return answered(call.app, made, 201, {"Location": f"/api/drafts/{queued.draft.id}"})


def edit(call: Call) -> Json:
    """Put other words in the place of a draft's, after the checks. That takes an approval back, unless it is approved
    in the same step."""
    said: shapes.Edit = call.body
    return _decided(
        call,
        lambda actions: actions.edit(call.number, said.texts, alts=said.alts, seen=said.seen, approve=said.approve),
    )


def approve(call: Call) -> Json:
    """Let a draft go out, exactly as it was seen."""
    said: shapes.Seen = call.body
    return _decided(call, lambda actions: actions.approve(call.number, seen=said.seen))


def skip(call: Call) -> Json:
    """Give a draft up."""
    said: shapes.Seen = call.body
    return _decided(call, lambda actions: actions.skip(call.number, seen=said.seen))


def move(call: Call) -> Json:
    """Give a draft a date, or another place in the queue."""
    said: shapes.Move = call.body
    return _decided(
        call,
        lambda actions: actions.move(
            call.number, at=said.at, first=said.first, last=said.last, before=said.before or 0, seen=said.seen
        ),
    )


def resume(call: Call) -> Json:
    """Go on with a draft that failed or is held. While a run is at work the answer is 503."""
    said: shapes.Seen = call.body
    return _decided(call, lambda actions: actions.resume(call.number, seen=said.seen))


def regenerate(call: Call) -> Json:
    """Write another draft in the place of this one, which is skipped. This is slow, for a model may have to be
    loaded, and one at a time: 503 while another is written."""
    said: shapes.Seen = call.body
    _refuse_unknown(call)
    with writing_anew(call.request, call.number), acting(call.request) as actions:
        new = actions.regenerate(call.number, seen=said.seen)
    return _became(call, new.id, f"Draft {new.id} stands in its place.")


def check(call: Call) -> Json:
    """Look at other words for a draft as the checks would, and count them. Nothing is changed."""
    said: shapes.NewText = call.body
    _refuse_unknown(call)
    with acting(call.request) as actions:
        checked = actions.check(call.number, said.texts)
    return {
        "ok": not checked.violations,
        "violations": [{"rule": each.rule, "message": each.message} for each in checked.violations],
        "lengths": {
            platform: [{"length": length, "limit": limit} for length, limit in parts]
            for platform, parts in checked.lengths.items()
        },
    }


def _decided(call: Call, decide: Callable[[Actions], str]) -> Json:
    _refuse_unknown(call)
    with acting(call.request) as actions:
        became = decide(actions)
    return _became(call, call.number, f"Draft {call.number} {became}.")


def _refuse_unknown(call: Call) -> None:
    """Else it would read as if the request were wrong in itself."""
    with reading(call.request) as db:
        _draft(db, call.number)


def _became(call: Call, number: int, done: str) -> Json:
    with reading(call.request) as db:
        return {"done": done, "draft": _listed(db, _draft(db, number))}


def _listed(db: Database, draft: Draft) -> Json:
    return show.draft_as_json(draft) | {"commands": decisions.ways_on(db, draft), "hash": content_hash(draft)}
