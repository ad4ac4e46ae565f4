"""What X means by an answer: a no for good or for now, for a person, or nothing that settles it. Pure; the requests are
made in `x.py` and `x_media.py`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from twitter_manager.domain import Json
from twitter_manager.errors import (
    TOO_MANY,
    AlreadyThere,
    Gone,
    MediaGone,
    NeedsPerson,
    NotSent,
    OutcomeUnknown,
    PlatformError,
    Refused,
    Unreadable,
)
from twitter_manager.platforms.http_errors import retry_at_from_headers, told
from twitter_manager.platforms.matching import as_dict, as_list
from twitter_manager.platforms.transport import Answer

_DEFINITE = frozenset({400, 403, 404, 405, 406, 410, 413, 414, 415, 421, 422, 431})
"""Statuses that are a no when it is X that says so (a proxy's or firewall's HTML may stand for anything). Not 408, 409,
425 and 499: they tell of a request that may have been half-way."""
_DEFINITE_ALONE = frozenset({401, 402, 429})
"""Statuses that are a no whatever comes with them: given before the request is looked at."""
READ_ONLY = (
    "The X app may only read.",
    "In the developer console set its permissions to 'Read and write', then make a new access token and secret;"
    " the old ones stay as they are.",
)
_NEED_A_PERSON: tuple[tuple[frozenset[str], str, str], ...] = (
    (frozenset({"oauth1-permissions"}), *READ_ONLY),
    (
        frozenset({"client-forbidden", "client-not-enrolled"}),
        "The X app is not attached to a project.",
        "Attach it to a project in the developer console.",
    ),
    (
        frozenset({"unsupported-authentication", "453"}),
        "The X app's access level does not allow this.",
        "Check the app's plan and permissions in the developer console.",
    ),
    (
        frozenset({"64", "326"}),
        "The X account is suspended or locked.",
        "Log in at x.com and do what it asks.",
    ),
)
"""What X says with a 403 that no post will get past: the problem type's last part, its reason, or an error code."""
_PLAN = frozenset({"client-forbidden", "client-not-enrolled", "unsupported-authentication", "453"})
_NO_CREDIT = frozenset({"credits", "credits-depleted", "CreditsDepleted"})
_CAPPED = frozenset({"usage-capped", "UsageCapExceeded"})


@dataclass(frozen=True, slots=True)
class Problem:
    """What X said with a refusal: `marks` are its type's last part, title, reasons and error codes; `says` is the most
    telling line, of all the `text`; `about`: the parameters that it names."""

    marks: frozenset[str]
    says: str
    text: str
    about: frozenset[str] = frozenset()


_SAYS = ("message", "detail", "title")


def problem_of(answer: Answer) -> Problem | None:
    """None where it is not X that speaks: HTML of a proxy, no body, JSON of another kind."""
    return problem_in(as_dict(answer.json()), answer.redact)


def problem_in(body: Json, redact: Callable[[str], str] = str) -> Problem | None:
    """The same of a body, which may tell of a problem beside what it shows."""
    parts = [body, *map(as_dict, as_list(body.get("errors")))]
    words = {key: [str(part[key]) for part in parts if part.get(key)] for key in (*_SAYS, "type", "reason", "code")}
    says = next((words[key][0] for key in _SAYS if words[key]), "")
    if not says and not words["type"]:
        return None
    marks = [kind.rstrip("/").rpartition("/")[2] for kind in words["type"]] + words["reason"] + words["code"]
    text = " ".join(words["message"] + words["detail"])
    about = frozenset(name for part in parts for name in as_dict(part.get("parameters")))
    return Problem(frozenset(marks + words["title"]), told(says, redact), text, about)


def missing(body: Json) -> set[str]:
    """The ids, or names, of what was asked for and is surely not there."""
    errors = [error for error in map(as_dict, [body, *as_list(body.get("errors"))]) if error.get("type")]
    gone = [error for error in errors if str(error["type"]).rstrip("/").endswith("/resource-not-found")]
    return {str(error.get("resource_id") or error.get("value")) for error in gone}


def outside_plan(problem: Problem) -> bool:
    """Whether it is the account's plan that does not allow what was asked: X says so in its own words."""
    return bool(problem.marks & _PLAN)


def may_only_read(answer: Answer) -> bool:
    """X says with each answer what the keys may do: read, read-write or read-write-directmessages."""
    return answer.headers.get("x-access-level") == "read"


def refusal_of(answer: Answer, now: datetime) -> PlatformError:
    """The error for an answer that is not a yes. https://docs.x.com/x-api/fundamentals/response-codes-and-errors"""
    status, problem = answer.status, problem_of(answer)
    if status not in _DEFINITE_ALONE and (status not in _DEFINITE or problem is None):
        return OutcomeUnknown(f"X's answer {status} does not settle it.", "It is looked up.", status=status)
    problem = problem or Problem(frozenset(), "", "")
    if status == 401:
        remedy = "Check the four TWITTER_ keys, and this machine's clock."
        return NeedsPerson("X does not accept the keys.", remedy, status=status)
    if status == 402 or problem.marks & _NO_CREDIT:
        return NeedsPerson("The X account is out of credit.", "Top it up in the developer console.", status=status)
    if status == 429 or problem.marks & _CAPPED:
        return _limited(answer, capped=bool(problem.marks & _CAPPED), now=now)
    if "duplicate content" in problem.text.lower() or "187" in problem.marks:
        return AlreadyThere("X has this post already.", "It is looked up.", status=status)
    marks = problem.marks | ({"oauth1-permissions"} if may_only_read(answer) else set())
    for signs, message, remedy in _NEED_A_PERSON:
        if signs & marks:
            return NeedsPerson(message, remedy, status=status)
    if status == 400 and ("media.media_ids" in problem.about or "media ids are invalid" in problem.text.lower()):
        return MediaGone("X no longer knows the uploaded picture.", "It is uploaded again.", status=status)
    gone = "deleted or not visible" in problem.text.lower()
    remedy = "The thread can't go on there." if gone else "Look at its length, its links and whom it replies to."
    return (Gone if gone else Refused)(f"X refused this ({status}): {problem.says}", remedy, status=status)


def _limited(answer: Answer, capped: bool, now: datetime) -> NotSent:
    """A window's limit says when it ends. The monthly cap does not: not today, then."""
    retry_at = retry_at_from_headers(answer.headers, now)
    if not capped:
        return NotSent(
            "X's rate limit is reached.", "It is tried again later.", status=answer.status, retry_at=retry_at
        )
    tomorrow = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    remedy = "Raise the cap in the developer console, or wait for the next month."
    retry_at = max(tomorrow, retry_at or tomorrow)
    return NotSent("X's monthly cap is reached.", remedy, status=answer.status, retry_at=retry_at)


def readable(answer: Answer, now: datetime) -> Json:
    """The body of a yes to a read. Raises Unreadable; `forbidden` where X itself says that we may not, or no more."""
    body = answer.json()
    if 200 <= answer.status < 300 and isinstance(body, dict) and ("data" in body or "meta" in body or "errors" in body):
        return body
    if 200 <= answer.status < 300:
        raise Unreadable("X's answer can't be read.", "Reading is tried again later.", status=answer.status)
    problem = problem_of(answer)
    capped = problem is not None and bool(problem.marks & _CAPPED)
    forbidden = answer.status in (401, 402) or (answer.status == 403 and problem is not None and not capped)
    says = f": {problem.says}" if problem else ""
    remedy = "Check the app's access in the developer console." if forbidden else "Reading is tried again later."
    retry_at = _limited(answer, capped, now).retry_at if answer.status == TOO_MANY or capped else None
    raise Unreadable(
        f"X answered {answer.status}{says}.", remedy, status=answer.status, retry_at=retry_at, forbidden=forbidden
    )
