"""`/write`: a person writes a post. What they typed stays in the form until the post is queued."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from twitter_manager import phrases
from twitter_manager.errors import MediaError, TwitterManagerError
from twitter_manager.media import MediaStore, prepared
from twitter_manager.media.limits import MOST_READ
from twitter_manager.operations import own_pictures
from twitter_manager.operations.own_pictures import MOST
from twitter_manager.review.console import media, writing
from twitter_manager.review.console.desk import acting, desk, flash, render
from twitter_manager.review.console.views.shown import title
from twitter_manager.review.console.writing import Faults, Looked, Picture, Written

if TYPE_CHECKING:
    from twitter_manager.settings import Bot


def empty(request: Request) -> Response:
    """The form; `?bot=` and `?at=` fill it in."""
    query = request.query_params
    written = Written(bot=query.get("bot", ""), at=query.get("at", "")[:100])
    return _form(request, replace(written, platforms=_bot(request, written).platforms_on))


def sent(request: Request) -> Response:
    """The form with a button pressed: to queue the post, or only to keep what is typed and go on with it."""
    form = request.state.form
    written, lost = writing.read_form(form, media.given(request))
    bot, button = _bot(request, written), str(form.get("do") or "")
    is_new_bot = bot.name != form.get("for") or bot.name != written.bot
    if is_new_bot:
        written = replace(written, bot=bot.name, platforms=bot.platforms_on)
    written, troubles = _with_new_pictures(request, written)
    if lost:
        troubles.append(f"{phrases.amount(lost, 'picture')} can't be found any more: choose again what is missing.")
    faults = Faults({"image": troubles} if troubles else {})
    if button == "part":
        return _form(request, replace(written, texts=(*written.texts, "")), faults)
    if button.startswith("drop-"):
        left = tuple(each for each in written.pictures if each.media.digest != button.removeprefix("drop-"))
        return _form(request, replace(written, pictures=left), faults)
    if button != "post":
        return _form(request, written, faults)
    looked = writing.look(desk(request), bot, written)
    lacking = writing.lacking(written, bot, looked, desk(request).clock())
    other = {"platform": ["The bot was changed: look where it goes, then queue it."]} if is_new_bot else {}
    faults = Faults({**lacking.by_field, **faults.by_field, **other})
    return _form(request, written, faults, looked=looked, status=422) if faults else _queued(request, written)


def _queued(request: Request, written: Written) -> Response:
    app = desk(request)
    try:
        store = MediaStore.of(app.settings.data)
        contents = {each.media.digest: store.read(each.media) for each in written.pictures}
        with acting(request) as actions:
            queued = actions.post(_bot(request, written).name, written.own_post(contents))
    except TwitterManagerError as error:
        looked = writing.look(app, _bot(request, written), written)
        return _form(request, written, writing.faults_of(error, looked), looked=looked, status=422)
    flash(request, f"Queued as draft {queued.draft.id}: it {queued.forecast.words}.")
    for note in queued.notes:
        flash(request, note)
    return RedirectResponse(f"/draft/{queued.draft.id}", 303)


def check(request: Request) -> Response:
    """Lengths, checks and moments of what is typed so far, as the page asks for them while a person types."""
    written, _ = writing.read_form(request.state.form, media.given(request))
    bot = _bot(request, written)
    looked = writing.look(desk(request), bot, written)
    moments = writing.understood(written, bot, desk(request).clock())
    parts = [
        {
            "lengths": [{"title": each.title, "told": each.told, "over": each.is_over} for each in lengths],
            "problems": list(problems),
        }
        for lengths, problems in zip(looked.lengths, looked.problems, strict=True)
    ]
    said = {name: {"words": each.words, "wrong": each.is_wrong} for name, each in moments.items()}
    return JSONResponse({"parts": parts, "moments": said})


def _bot(request: Request, written: Written) -> Bot:
    """The chosen bot, or the first."""
    bots = _bots(request)
    return next((bot for bot in bots if bot.name == written.bot), bots[0])


def _bots(request: Request) -> Sequence[Bot]:
    settings = desk(request).settings
    return settings.active or settings.bots


def _with_new_pictures(request: Request, written: Written) -> tuple[Written, list[str]]:
    """The post with the pictures that came along, cleaned and kept, and what is wrong with the others."""
    pictures, troubles = list(written.pictures), list[str]()
    for name, content in _uploads(request):
        if len(pictures) >= MOST:
            troubles.append(f"{name} is left out: a post takes at most {MOST} pictures.")
            continue
        try:
            cleaned, content = prepared(content, name=name)
        except MediaError as error:
            troubles.append(str(error))
            continue
        if any(each.media.digest == cleaned.digest for each in pictures):
            troubles.append(f"{name} is there already.")
            continue
        own_pictures.keep([(cleaned, content)], desk(request).settings.data)
        media.remember(request, cleaned)
        pictures.append(Picture(cleaned))
    return replace(written, pictures=tuple(pictures)), troubles


def _uploads(request: Request) -> Iterator[tuple[str, bytes]]:
    for upload in request.state.form.getlist("picture"):
        if isinstance(upload, UploadFile) and upload.filename:
            yield upload.filename[:100], upload.file.read(MOST_READ + 1)


def _form(
    request: Request,
    written: Written,
    faults: Faults | None = None,
    *,
    looked: Looked | None = None,
    status: int = 200,
) -> Response:
    bot = _bot(request, written)
    looked = looked or writing.look(desk(request), bot, written)
    return render(
        request,
        "write.html.j2",
        status,
        written=written,
        bots=_bots(request),
        bot=bot,
        platforms=[(name, title(name)) for name in bot.platforms_on],
        looked=looked,
        moments=writing.understood(written, bot, desk(request).clock()),
        faults=faults or Faults(),
        most=MOST,
        most_parts=writing.MOST_PARTS,
    )


ROUTES: Sequence[BaseRoute] = (
    Route("/write", empty, methods=["GET"]),
    Route("/write", sent, methods=["POST"]),
    Route("/write/check", check, methods=["POST"]),
)
