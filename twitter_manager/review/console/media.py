"""`/media/DIGEST`: a picture that a post shows, or one that a person just gave for a post they are writing."""

from __future__ import annotations

import re
from collections.abc import MutableMapping, Sequence

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from twitter_manager.content import Media
from twitter_manager.errors import MediaError
from twitter_manager.media import MediaStore
from twitter_manager.review.console.desk import desk, reading
from twitter_manager.store import browsing

MOST_GIVEN = 200
"""Pictures of posts that are being written; of more the oldest must be given again."""


def given(request: Request) -> MutableMapping[str, Media]:
    """The pictures that people gave for posts which are not queued yet, by digest: this process alone knows them."""
    state = request.app.state
    if not hasattr(state, "given_pictures"):
        state.given_pictures = {}
    pictures: MutableMapping[str, Media] = state.given_pictures
    return pictures


def remember(request: Request, media: Media) -> None:
    """Know a picture that was just kept."""
    pictures = given(request)
    pictures.pop(media.digest, None)
    pictures[media.digest] = media
    for oldest in list(pictures)[:-MOST_GIVEN]:
        pictures.pop(oldest, None)


def picture(request: Request) -> Response:
    """The picture as it is kept, with the type that it was kept as; its address is its content's, so it never
    changes."""
    digest = request.path_params["digest"]
    media = _known(request, digest) if re.fullmatch(r"[0-9a-f]{64}", digest) else None
    if media is None:
        return PlainTextResponse("There is no such picture.", 404)
    try:
        content = MediaStore.of(desk(request).settings.data).read(media)
    except MediaError as error:
        return PlainTextResponse(error.message, 404)
    headers = {
        "Content-Disposition": "inline",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, max-age=31536000, immutable",
    }
    return Response(content, media_type=media.mime, headers=headers)


def _known(request: Request, digest: str) -> Media | None:
    if digest in given(request):
        return given(request)[digest]
    with reading(request) as db:
        return browsing.picture(db, digest)


ROUTES: Sequence[BaseRoute] = (Route("/media/{digest}", picture),)
