"""The OpenAPI 3.1 document, made of the endpoints and their shapes, so that it says what they do."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from http import HTTPStatus

from pydantic import TypeAdapter

from twitter_manager import __version__
from twitter_manager.domain import Json
from twitter_manager.review.api.endpoint import Endpoint
from twitter_manager.review.api.problems import KINDS
from twitter_manager.review.api.shapes import Refusal
from twitter_manager.show.shapes import Shape

_OF_ALL = ("forbidden", "invalid", "failed")
_OF_CLOSED = ("not-signed-in", "busy")
_OF_THE_GUARD = {
    408: "The body took too long to arrive.",
    421: "The console does not answer under this name.",
    431: "The head of the request is too large.",
}
"""What stands before every endpoint says these (`console/guard.py`)."""
_ABOUT = (
    "What the review console does, for programs. Times are UTC (ISO 8601), money is US dollars; ids and the names of"
    " statuses stay. An address that is not listed is answered with 404, a method that it does not take with 405."
)
_SECURITY = {
    "token": {"type": "http", "scheme": "bearer", "description": "Made by: review token NAME"},
    "session": {"type": "apiKey", "in": "cookie", "name": "console-PORT", "description": "Of the console's own pages."},
    "csrf": {"type": "apiKey", "in": "header", "name": "X-CSRF-Token", "description": "Goes with the session."},
}
_NUMBER = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer", "minimum": 1, "maximum": 10**18}}


def document(endpoints: Sequence[Endpoint]) -> Json:
    """All of it."""
    asked = [shape for each in endpoints for shape in (each.answers, each.body, each.query) if shape is not None]
    told, definitions = TypeAdapter.json_schemas(
        [(str(shape), "validation", TypeAdapter(shape)) for shape in dict.fromkeys([*asked, Refusal])],
        ref_template="#/components/schemas/{model}",
    )
    schemas = {name: schema for (name, _), schema in told.items()}
    shapes = definitions["$defs"]
    paths: dict[str, Json] = {}
    for endpoint in endpoints:
        query = shapes[endpoint.query.__name__]
        paths.setdefault(f"/api{endpoint.path}", {})[endpoint.method.lower()] = _operation(endpoint, schemas, query)
    for name in {endpoint.query.__name__ for endpoint in endpoints} - {"Nothing"}:
        del shapes[name]
    return {
        "openapi": "3.1.0",
        "info": {"title": "twitter_manager", "version": __version__, "description": _ABOUT},
        "paths": paths,
        "components": {"schemas": shapes, "securitySchemes": _SECURITY},
        "security": [{"token": []}, {"session": [], "csrf": []}],
    }


def _operation(endpoint: Endpoint, schemas: Json, query: Json) -> Json:
    told = inspect.getdoc(endpoint.run) or ""
    parameters = [{"name": name, "in": "query"} | _parameter(shape) for name, shape in query["properties"].items()]
    return (
        {"operationId": endpoint.run.__name__, "summary": " ".join(told.split())}
        | {"parameters": ([_NUMBER] if "{id}" in endpoint.path else []) + parameters}
        | ({"requestBody": _body(endpoint.body, schemas)} if endpoint.body else {})
        | {"responses": _responses(endpoint, schemas)}
        | ({"security": []} if endpoint.is_open else {})
    )


def _body(shape: type[Shape], schemas: Json) -> Json:
    is_needed = bool({"text", "at", "token"} & shape.model_fields.keys())
    return {"required": is_needed, "content": {"application/json": {"schema": schemas[str(shape)]}}}


def _parameter(shape: Json) -> Json:
    return {"schema": shape} | ({"description": shape["description"]} if "description" in shape else {})


def _responses(endpoint: Endpoint, schemas: Json) -> Json:
    text = {endpoint.text: {"schema": {"type": "string"}}} if endpoint.text else {}
    good = {"application/json": {"schema": schemas[str(endpoint.answers)]}} | text
    kinds = (*_OF_ALL, *(() if endpoint.is_open else _OF_CLOSED), *endpoint.refusals)
    bad: dict[int, list[str]] = {}
    for kind in sorted(kinds, key=list(KINDS).index):
        status, title = KINDS[kind]
        bad.setdefault(status, []).append(title)
    refusal = {"application/problem+json": {"schema": schemas[str(Refusal)]}}
    refused = {status: " Or: ".join(titles) for status, titles in bad.items()} | _OF_THE_GUARD
    return {
        str(status): {"description": HTTPStatus(status).phrase, "content": good}
        for status in (endpoint.status, *endpoint.others)
    } | {str(status): {"description": refused[status], "content": refusal} for status in sorted(refused)}
