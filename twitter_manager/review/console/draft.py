"""The page of one draft, and what a person does with it there.

Each form carries `seen`, the hash of what it was rendered from. What was changed meanwhile is told, and nothing
happens; words that a person wrote come back to them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from twitter_manager import phrases
from twitter_manager.domain import Draft, Json, Violation
from twitter_manager.errors import LockHeld, Meanwhile, TwitterManagerError, UsageError
from twitter_manager.operations import pictures
from twitter_manager.review.actions import Actions, Checked
from twitter_manager.review.console.desk import acting, desk, flash, reading, render, writing_anew
from twitter_manager.review.console.queue import back_to_queue, told
from twitter_manager.review.console.views import inbox
from twitter_manager.review.console.views.draft import EditPart, form, view
from twitter_manager.review.console.views.shown import Length, title
from twitter_manager.store import comments, drafts, generations
from twitter_manager.store.database import Database

MOST_PARTS, MOST_CHARS = 60, 50_000
"""More is no post, and is not looked at."""


@dataclass(frozen=True, slots=True)
class Typed:
    """What a person wrote into the form and did not save. `alts`: of each part, one for each picture."""

    texts: tuple[str, ...]
    alts: tuple[tuple[str, ...], ...] = ()
    checked: Checked | None = None


def page(request: Request) -> Response:
    """The draft. `take`: a candidate whose words stand in the form."""
    number = _number(request)
    with reading(request) as db:
        draft = drafts.get(db, number)
        if draft is None:
            return _missing(request, number)
        taken = _candidate(db, draft, request.query_params.get("take", ""))
        return _shown(request, db, draft, Typed(taken) if taken else None)


def approve(request: Request) -> Response:
    """Let it go out as it was seen."""
    return _decide(request, lambda actions, number, seen: actions.approve(number, seen=seen), to_queue=True)


def skip(request: Request) -> Response:
    """Give it up."""
    return _decide(request, lambda actions, number, seen: actions.skip(number, seen=seen), to_queue=True)


def resume(request: Request) -> Response:
    """Go on with what is held or failed."""
    return _decide(request, lambda actions, number, seen: actions.resume(number, seen=seen))


def move(request: Request) -> Response:
    """Give it a date, or another place in the queue."""
    given = request.state.form
    to, at, before = (str(given.get(name, "")).strip() for name in ("to", "at", "before"))

    def put(actions: Actions, number: int, seen: str) -> str:
        next_one = int(before) if to == "before" and re.fullmatch("[0-9]{1,18}", before) else 0
        return actions.move(
            number, at=at if to == "at" else "", first=to == "first", last=to == "last", before=next_one, seen=seen
        )

    return _decide(request, put)


def regenerate(request: Request) -> Response:
    """Have it written anew, once: who asks twice is told that it is under way."""
    number = _number(request)
    try:
        with writing_anew(request, number), acting(request) as actions:
            new = actions.regenerate(number, seen=_seen(request))
    except TwitterManagerError as error:
        return _refused(request, number, error)
    flash(request, f"Draft {number} was written anew: this is draft {new.id}.")
    return RedirectResponse(f"/draft/{new.id}", 303)


def edit(request: Request) -> Response:
    """Save a person's words. What is refused stands in the form again."""
    number, typed = _number(request), _typed(request)
    try:
        _refuse_too_much(typed)
        approves = bool(request.state.form.get("approve"))
        with acting(request) as actions:
            became = actions.edit(
                number,
                typed.texts,
                alts=typed.alts or None,
                seen=_seen(request),
                approve=approves,
                pending=not approves,
            )
    except TwitterManagerError as error:
        return _refused(request, number, error, typed)
    flash(request, f"Draft {number} {became}.")
    return RedirectResponse(f"/draft/{number}", 303)


def check(request: Request) -> Response:
    """What the checks say of words that are not saved: as JSON for the page's script, else the page with them."""
    number, typed = _number(request), _typed(request)
    is_script = request.headers.get("accept", "") == "application/json"
    try:
        _refuse_too_much(typed)
        with acting(request) as actions:
            checked = actions.check(number, typed.texts)
    except TwitterManagerError as error:
        return JSONResponse({"error": told(error)}, 422) if is_script else _refused(request, number, error, typed)
    if is_script:
        return JSONResponse(_as_json(checked))
    with reading(request) as db:
        draft = drafts.get(db, number)
        if draft is None:
            return _missing(request, number)
        return _shown(request, db, draft, replace(typed, checked=checked), seen=_seen(request))


# -- how it is done ------------------------------------------------------------------------------------


def _decide(request: Request, take: Callable[[Actions, int, str], str], *, to_queue: bool = False) -> Response:
    number = _number(request)
    try:
        with acting(request) as actions:
            became = take(actions, number, _seen(request))
    except TwitterManagerError as error:
        return _refused(request, number, error)
    flash(request, f"Draft {number} {became}.")
    return back_to_queue(request) if to_queue else RedirectResponse(f"/draft/{number}", 303)


def _refused(request: Request, number: int, error: TwitterManagerError, typed: Typed | None = None) -> Response:
    """The draft as it is now, with what stood against it, and what the person wrote."""
    words = told(error)
    if isinstance(error, Meanwhile):
        words = phrases.sentences(error.message, "Nothing was done. This is how it stands now")
    with reading(request) as db:
        draft = drafts.get(db, number)
        if draft is None:
            return _missing(request, number)
        return _shown(request, db, draft, typed, trouble=words, status=_status(error))


def _status(error: TwitterManagerError) -> HTTPStatus:
    if isinstance(error, Meanwhile):
        return HTTPStatus.CONFLICT
    if isinstance(error, LockHeld):
        return HTTPStatus.SERVICE_UNAVAILABLE
    return HTTPStatus.UNPROCESSABLE_ENTITY


def _missing(request: Request, number: int) -> Response:
    return _not_here(request, f"There is no draft {number}.")


def _not_here(request: Request, why: str) -> Response:
    return render(request, "not_here.html.j2", HTTPStatus.NOT_FOUND, what=why, back="/queue")


def _shown(
    request: Request,
    db: Database,
    draft: Draft,
    typed: Typed | None,
    *,
    trouble: str = "",
    status: HTTPStatus = HTTPStatus.OK,
    seen: str = "",
) -> Response:
    """The page. `typed`: what stands in the form; `seen`: what the form is about, where that is not what is shown."""
    app = desk(request)
    bot = next((bot for bot in app.settings.bots if bot.name == draft.bot), None)
    if bot is None:
        why = f"Draft {draft.id} belongs to the bot {draft.bot}, whose file is gone. To see it and to decide on it, put"
        return _not_here(request, f"{why} data/bots/{draft.bot}.toml back, and start the console again.")
    told_draft = view(db, draft, bot, app.clock())
    comment = comments.get(db, draft.comment_id) if draft.comment_id else None
    actions = Actions(app, db, request.state.actor)
    now = actions.check(draft.id, draft.texts) if draft.parts else None
    checked = typed.checked if typed else None
    return render(
        request,
        "draft.html.j2",
        status,
        draft=replace(told_draft, seen=seen) if seen else told_draft,
        comment=inbox.entry(db, comment, bot.time_zone) if comment else None,
        trouble=trouble,
        lacking=pictures.lacking(draft, app.settings.data),
        violations=_unlike(now.violations) if now else (),
        form=_form(draft, typed),
        parts=len(draft.parts),
        counted=_counted(checked or _counts(actions, draft, typed) or now, len(typed.texts if typed else draft.parts)),
        checked=checked,
        form_violations=_unlike(checked.violations) if checked else (),
        at=str(request.state.form.get("at", "")) if trouble else "",
        zone=bot.time_zone,
    )


def _counts(actions: Actions, draft: Draft, typed: Typed | None) -> Checked | None:
    """How long what a person wrote is, as far as it can be a draft's text at all."""
    if typed is None or not typed.texts:
        return None
    try:
        _refuse_too_much(typed)
        return actions.check(draft.id, typed.texts)
    except UsageError:
        return None


def _unlike(violations: Sequence[Violation]) -> tuple[Violation, ...]:
    """Each once, though several platforms say it."""
    return tuple({(violation.part, violation.message): violation for violation in violations}.values())


def _form(draft: Draft, typed: Typed | None) -> tuple[EditPart, ...]:
    """The draft's own parts, or those that a person wrote, with its pictures."""
    own = form(draft.parts)
    if typed is None:
        return own
    pages = []
    for at, text in enumerate(typed.texts):
        media = own[at].media if at < len(own) else ()
        alts = typed.alts[at] if at < len(typed.alts) and len(typed.alts[at]) == len(media) else None
        described = zip(media, alts, strict=True) if alts else ()
        pages.append(EditPart(text, tuple(replace(picture, alt=alt) for picture, alt in described) or media))
    return (*pages, *(EditPart("", part.media) for part in own[len(pages) :]))


def _typed(request: Request) -> Typed:
    """What the form says. Empty fields behind the last text are no parts."""
    given = request.state.form
    texts = [_text(value) for value in given.getlist("text")]
    while texts and not texts[-1]:
        texts.pop()
    parts = str(given.get("parts", ""))
    numbers = range(1, int(parts) + 1 if re.fullmatch("[0-9]{1,3}", parts) else 1)
    alts = tuple(tuple(_text(value) for value in given.getlist(f"alt-{number}")) for number in numbers)
    return Typed(tuple(texts), alts if any(alts) else ())


def _text(value: object) -> str:
    return str(value).replace("\r\n", "\n").strip()


def _refuse_too_much(typed: Typed) -> None:
    if len(typed.texts) > MOST_PARTS or sum(map(len, typed.texts)) > MOST_CHARS:
        raise UsageError(f"This is more than {MOST_PARTS} parts or {MOST_CHARS:,} characters.", "Shorten it.")


def _number(request: Request) -> int:
    """The draft of the address. No database has one with a larger number."""
    return min(int(request.path_params["number"]), 2**63 - 1)


def _seen(request: Request) -> str:
    """What the person looked at. A form without it is about nothing that anybody saw."""
    return str(request.state.form.get("seen", "")) or "nothing"


def _candidate(db: Database, draft: Draft, name: str) -> tuple[str, ...]:
    """The words of one of the draft's own candidates; () where there is no such."""
    found = re.fullmatch(r"([0-9]{1,18})\.([0-9]{1,4})", name)
    if found is None:
        return ()
    for generation in generations.of_draft(db, draft.id):
        if generation["id"] == int(found[1]) and int(found[2]) < len(generation["candidates"]):
            return tuple(generation["candidates"][int(found[2])]["parts"])
    return ()


def _counted(checked: Checked | None, parts: int) -> list[tuple[Length, ...]]:
    """Of each part in the form, how long it is on each platform."""
    lengths = checked.lengths if checked else {}
    return [
        tuple(Length(title(name), *counted[at]) for name, counted in lengths.items() if at < len(counted))
        for at in range(max(parts, *map(len, lengths.values()), 0) if lengths else parts)
    ]


def _as_json(checked: Checked) -> Json:
    """For the page's script."""
    most = max(map(len, checked.lengths.values()), default=0)
    return {
        "violations": [{"part": one.part + 1, "message": one.message} for one in _unlike(checked.violations)],
        "parts": [
            [{"platform": length.title, "told": length.told, "over": length.is_over} for length in part]
            for part in _counted(checked, most)
        ],
    }


ROUTES: Sequence[Route] = (
    Route("/draft/{number:int}", page, methods=["GET"]),
    Route("/draft/{number:int}/approve", approve, methods=["POST"]),
    Route("/draft/{number:int}/skip", skip, methods=["POST"]),
    Route("/draft/{number:int}/resume", resume, methods=["POST"]),
    Route("/draft/{number:int}/edit", edit, methods=["POST"]),
    Route("/draft/{number:int}/check", check, methods=["POST"]),
    Route("/draft/{number:int}/regenerate", regenerate, methods=["POST"]),
    Route("/draft/{number:int}/move", move, methods=["POST"]),
)
