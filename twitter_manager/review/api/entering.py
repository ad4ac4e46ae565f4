"""A session for a program of a person's, which shows it as `Authorization: Bearer …`. A program that runs by itself has
a token of its own instead (`review token NAME`)."""

from __future__ import annotations

from starlette.responses import JSONResponse, Response

from twitter_manager.domain import Json
from twitter_manager.review.api import shapes
from twitter_manager.review.api.endpoint import Call
from twitter_manager.review.console.guard import Safety
from twitter_manager.review.console.login import by_link, by_password


def log_in(call: Call) -> Response:
    """A session, by the token of a link (`review --link`), or by name and password."""
    said: shapes.Entry = call.body
    safety: Safety = call.request.state.safety
    client = call.request.client
    if said.token:
        session = by_link(safety, said.token)
    else:
        session = by_password(safety, said.name, said.password, client.host if client else "")
    return JSONResponse({"session": session})


def log_out(call: Call) -> Json:
    """The session ends."""
    safety: Safety = call.request.state.safety
    safety.sessions.end(call.request.headers.get("authorization", "").partition(" ")[2].strip())
    safety.sessions.end(call.request.cookies.get(safety.cookie, ""))
    return {"done": "logged out"}
