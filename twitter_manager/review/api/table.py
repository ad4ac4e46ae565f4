"""The one table of what can be asked of the API: the routes and the OpenAPI document come from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from starlette.routing import Mount, Route, Router

from twitter_manager.domain import Json
from twitter_manager.review.api import comments, drafts, entering, looking, monitoring, openapi, shapes
from twitter_manager.review.api.endpoint import Call, Endpoint, Resource
from twitter_manager.show.shapes import Shape
from twitter_manager.show.verb_shapes import StoryOfRun
from twitter_manager.telemetry.metrics import TEXT_FORMAT

_BODY = ("not-json", "too-large", "media-type", "refused")
_ACT = (*_BODY, "not-found", "meanwhile")
_ENTER = (*_BODY, "too-many")


def _act(name: str, run: Callable[[Call], Json], body: type[Shape], *more: str) -> Endpoint:
    """A decision on one draft."""
    return Endpoint("POST", f"/drafts/{{id}}/{name}", run, shapes.Decided, body, refusals=(*_ACT, *more))


def _on_comment(name: str, run: Callable[[Call], Json], body: type[Shape], *more: str) -> Endpoint:
    """What is made of one comment."""
    return Endpoint("POST", f"/comments/{{id}}/{name}", run, shapes.DecidedComment, body, refusals=(*_ACT, *more))


def description(call: Call) -> Json:
    """This description, by OpenAPI 3.1."""
    return openapi.document(ENDPOINTS)


ENDPOINTS: Sequence[Endpoint] = (
    Endpoint("GET", "/drafts", drafts.list_drafts, shapes.DraftPage, query=shapes.DraftQuery),
    Endpoint("POST", "/drafts", drafts.write, shapes.Made, shapes.NewPost, status=201, refusals=(*_BODY, "known")),
    Endpoint("GET", "/drafts/{id}", drafts.show_draft, shapes.FullDraft, refusals=("not-found",)),
    _act("edit", drafts.edit, shapes.Edit, "known"),
    _act("approve", drafts.approve, shapes.Seen),
    _act("skip", drafts.skip, shapes.Seen),
    _act("regenerate", drafts.regenerate, shapes.Seen, "unavailable"),
    _act("resume", drafts.resume, shapes.Seen),
    _act("move", drafts.move, shapes.Move),
    Endpoint("POST", "/drafts/{id}/check", drafts.check, shapes.CheckedText, shapes.NewText, refusals=_ACT),
    Endpoint("GET", "/comments", comments.list_comments, shapes.CommentPage, query=shapes.CommentQuery),
    Endpoint("GET", "/comments/{id}", comments.show_comment, shapes.FullComment, refusals=("not-found",)),
    _on_comment("answer", comments.answer_comment, shapes.NewAnswer, "known"),
    _on_comment("approve", comments.approve_answer, shapes.Seen),
    _on_comment("dismiss", comments.dismiss_comment, shapes.Seen),
    _on_comment("reopen", comments.reopen_comment, shapes.Nothing),
    Endpoint("GET", "/runs", looking.list_runs, shapes.RunPage, query=shapes.RunQuery),
    Endpoint("GET", "/runs/{id}", looking.show_run, StoryOfRun, refusals=("not-found",)),
    Endpoint("GET", "/history", looking.list_history, shapes.HistoryPage, query=shapes.HistoryQuery),
    Endpoint("GET", "/bots", looking.list_bots, shapes.Bots),
    Endpoint("GET", "/health", monitoring.health, shapes.Health, others=(503,), is_open=True),
    Endpoint("GET", "/metrics", monitoring.metrics, shapes.Metrics, query=shapes.MetricsQuery, text=TEXT_FORMAT),
    Endpoint("POST", "/login", entering.log_in, shapes.Entered, shapes.Entry, refusals=_ENTER, is_open=True),
    Endpoint("POST", "/logout", entering.log_out, shapes.Left, shapes.Nothing, refusals=_BODY),
    Endpoint("GET", "/openapi.json", description, dict[str, Any]),
)


def _routes() -> list[Route]:
    by_path: dict[str, dict[str, Endpoint]] = {}
    for endpoint in ENDPOINTS:
        by_path.setdefault(endpoint.path, {})[endpoint.method] = endpoint
    return [Route(path, Resource(endpoints)) for path, endpoints in by_path.items()]


ROUTES = (Mount("/api", Router(_routes(), redirect_slashes=False, default=Resource())),)
