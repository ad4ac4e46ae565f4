"""A stateful stand-in for X's API v2, on 127.0.0.1 over real HTTP.

It keeps posts, checks OAuth 1.0a signatures, refuses unknown fields, overlong texts and duplicates, shortens links and
escapes & < > as X does, and goes wrong on command. It speaks as X's description and the bodies seen from X say;
it knows nothing of the program under test.

    with XStandIn() as x:
        x.fault("store_then_drop")          # the next POST /2/tweets is stored and the line is cut
        ...  # x.url, x.posts, x.requests

What a fault does is told in `service.py`.

`settings.alters` names what the service does to a text and its links beyond that: see TEXT_ALTERATIONS and
LINK_ALTERATIONS.
"""

from __future__ import annotations

import base64
import hashlib
import re
import sys
import time
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from tests.standins.service import Fault, Json, Refusal, Reply, Service, loads
from tests.standins.x_media import Shelf, Stored, form_of, with_pictures
from tests.standins.x_social import PLAN, Others

API_KEY = "standinConsumerKey0000001"
API_SECRET = "standin-consumer-secret-0000000000000000000001"
ACCESS_TOKEN = "4242-standinAccessToken0000000000000001"
ACCESS_SECRET = "standin-access-secret-000000000000000000000001"
CREDENTIALS = (API_KEY, API_SECRET, ACCESS_TOKEN, ACCESS_SECRET)
USER_ID, USERNAME = "4242", "standin_bot"
SIGNED_ORIGIN = "https://api.twitter.com"
"""What the signature must be made for, whatever address the request came to: the stand-in passes for this host."""
PROBLEMS = "https://api.twitter.com/2/problems"

BODY_FIELDS = frozenset(
    [
        "text",
        "reply",
        "quote_tweet_id",
        "media",
        "poll",
        "reply_settings",
        "community_id",
        "made_with_ai",
        "paid_partnership",
        "nullcast",
        "for_super_followers_only",
        "share_with_followers",
        "card_uri",
        "direct_message_deep_link",
        "edit_options",
        "geo",
    ]
)
REPLY_FIELDS = frozenset({"in_reply_to_tweet_id", "exclude_reply_user_ids", "auto_populate_reply_metadata"})
MEDIA_FIELDS = frozenset({"media_ids"})
"""Of the fields of a post's `media`, those that pictures need."""
TIMELINE_PARAMETERS = frozenset(
    ["max_results", "pagination_token", "start_time", "end_time", "since_id", "until_id", "exclude"]
)
USER_FIELDS = frozenset({"description", "id", "name", "public_metrics", "username"})


@dataclass(frozen=True)
class Names:
    """How the answers' fields are called and asked for: in X's pages (`tweet`), in its newest description (`post`)."""

    parameter: str
    fields: frozenset[str]
    expansions: frozenset[str]
    history: str
    references: str


_COMMON = "attachments conversation_id created_at entities geo id lang public_metrics reply_settings source text"
NAMES = {
    "tweet": Names(
        parameter="tweet.fields",
        fields=frozenset([*_COMMON.split(), "author_id", "in_reply_to_user_id", "note_tweet", "referenced_tweets"]),
        expansions=frozenset({"author_id", "in_reply_to_user_id", "referenced_tweets.id", "edit_history_tweet_ids"}),
        history="edit_history_tweet_ids",
        references="referenced_tweets",
    ),
    "post": Names(
        parameter="post.fields",
        fields=frozenset([*_COMMON.split(), "note_post"]),
        expansions=frozenset({"author_id", "in_reply_to_user_id", "referenced_posts", "edit_history_post_ids"}),
        history="edit_history_post_ids",
        references="referenced_posts",
    ),
}


@dataclass
class Post:
    id: str
    author: str
    text: str
    """As it was sent."""
    shown: str
    """As the API shows it: links shortened, & < > escaped."""
    entities: Json
    created: float
    reply_to: str = ""
    visible_from: float = 0.0
    versions: tuple[str, ...] = ()
    body: Json = field(default_factory=dict)
    media: list[Stored] = field(default_factory=list)
    quotes: str = ""
    likes: set[str] = field(default_factory=set)
    reposts: set[str] = field(default_factory=set)
    views: int = 0


@dataclass
class Settings:
    refuse_duplicates: bool = True
    access_level: str = "read-write"
    names: str = "tweet"
    ignore_unknown_parameters: bool = False
    prefix: str = ""
    access_token: str = ACCESS_TOKEN
    alters: tuple[str, ...] = ()
    media_lasts: float = 86400.0
    processing: int = 1
    plan: str = "all"
    """Without likes, reposts and search: `self-serve`."""
    only_summoned: bool = False
    """Whether a reply is refused to whom did not name the account."""

    def __post_init__(self) -> None:
        if unknown := set(self.alters) - TEXT_ALTERATIONS.keys() - LINK_ALTERATIONS.keys():
            raise ValueError(f"no such alterations: {unknown}")


def _problem(status: int, title: str, detail: str, kind: str = "about:blank", **more: Any) -> Reply:
    return Reply(status, {"title": title, "detail": detail, "type": kind, "status": status, **more})


def _invalid(message: str, **parameters: Any) -> Refusal:
    detail = "One or more parameters to your request was invalid."
    errors = [{"parameters": parameters, "message": message}]
    return Refusal(Reply(400, {"errors": errors, "title": "Invalid Request", "detail": detail,
                               "type": f"{PROBLEMS}/invalid-request"}))  # fmt: skip


_HTML = "<!DOCTYPE html><html><body><h1>Something went wrong</h1></body></html>"
_HTML_TYPE = {"content-type": "text/html; charset=utf-8"}
ANSWERS: dict[str, Reply] = {
    "html": Reply(200, _HTML, _HTML_TYPE),
    "empty_201": Reply(201),
    "json_list": Reply(200, [{"data": {"id": "1"}}]),
    "no_data": Reply(201, {"errors": []}),
    "bad_id": Reply(201, {"data": {"id": "not-a-number", "text": "x"}}),
    "error_list_500": Reply(500, [{"message": "Internal error"}]),
    "errors_null_403": Reply(403, {"errors": None}),
    "html_403": Reply(403, _HTML, _HTML_TYPE),
    "redirect": Reply(307, None, {"location": "https://example.invalid/2/tweets"}),
    "request_timeout": _problem(408, "Request Timeout", "Request Timeout"),
    "error_500": _problem(500, "Internal Server Error", "Something is broken"),
    "error_502_html": Reply(502, _HTML, _HTML_TYPE),
    "error_503": _problem(503, "Service Unavailable", "Service Unavailable"),
    "rate_limited": _problem(429, "Too Many Requests", "Too Many Requests"),
    "rate_limited_bare": Reply(429, "Rate limit exceeded\n", {"content-type": "text/plain"}),
    "usage_capped": _problem(
        429, "UsageCapExceeded", "Usage cap exceeded: Monthly product cap", f"{PROBLEMS}/usage-capped",
        period="Monthly", scope="Product",
    ),
    "credits_depleted": _problem(
        402, "CreditsDepleted", "Your enrolled account does not have any credits.", f"{PROBLEMS}/credits"
    ),
    "payment_required": _problem(402, "Payment Required", "Payment Required", f"{PROBLEMS}/credits-depleted"),
    "unauthorized": _problem(401, "Unauthorized", "Unauthorized"),
    "duplicate": _problem(403, "Forbidden", "You are not allowed to create a Tweet with duplicate content."),
    "invalid": _problem(
        400, "Invalid Request", "One or more parameters to your request was invalid.", f"{PROBLEMS}/invalid-request"
    ),
    "not_permitted": _problem(403, "Forbidden", "You are not permitted to perform this action."),
    "oauth1_permissions": _problem(
        403, "Forbidden", "Your client app is not configured with the appropriate oauth1 app permissions for this "
        "endpoint.", f"{PROBLEMS}/oauth1-permissions",
    ),
    "client_forbidden": _problem(
        403, "Client Forbidden", "When authenticating requests to the Twitter API v2 endpoints, you must use keys "
        "and tokens from a Twitter developer App that is attached to a Project.", f"{PROBLEMS}/client-forbidden",
        reason="client-not-enrolled",
    ),
    "reply_not_allowed": _problem(
        403, "Forbidden", "Reply to this conversation is not allowed because you have not been mentioned or "
        "otherwise engaged by the author of the post you are replying to.",
    ),
    "no_plan": Reply(403, PLAN),
    "account_locked": Reply(403, {"errors": [{"code": 326, "message": "To protect our users from spam, this account "
                                              "is temporarily locked."}]}),
}  # fmt: skip


class XStandIn(Service):
    """X's state and rules."""

    answers = ANSWERS
    writes = "/2/tweets"

    def __init__(
        self,
        port: int = 0,
        now: Callable[[], float] = time.time,
        signed_now: Callable[[], float] | None = None,
        **settings: Any,
    ) -> None:
        self._signed_now = signed_now or now
        """The clock that signatures are judged by: the signer takes the machine's, also where `now` is simulated."""
        super().__init__(port, now, **settings)

    @property
    def prefix(self) -> str:
        return self.settings.prefix

    def reset(self, **settings: Any) -> None:
        with self._lock:
            super().reset()
            self.settings = Settings(**settings)
            self.posts: dict[str, Post] = {}
            self.users = {USER_ID: USERNAME}
            self.bill: list[tuple[str, float]] = []
            """What X charges for, and US dollars, by its price list; a read whose answer is lost on the way is free."""
            self.others = Others(self)
            self.shelf = Shelf(self.settings.media_lasts, self.settings.processing)
            self._nonces: set[str] = set()
            self._sequence = 0

    def texts(self) -> list[str]:
        """What stands on the account, oldest first."""
        with self._lock:
            return [post.text for post in sorted(self.posts.values(), key=lambda post: int(post.id))]

    def add_post(self, text: str, *, reply_to: str = "", author: str = USER_ID, hide: float = 0.0,
                 media: Iterable[Stored] = ()) -> Post:  # fmt: skip
        """A post that came about in another way than through the API."""
        with self._lock:
            now = self._now()
            self._sequence += 1
            post_id = str((int(now * 1000) - 1288834974657 << 22) + self._sequence)
            shown, entities = shorten(self._altered(text), post_id, self.settings.alters)
            shown, entities = with_pictures(shown, entities, post_id, self.users[author], list(media))
            visible = float("inf") if hide < 0 else now + hide
            post = Post(post_id, author, text, shown, entities, now, reply_to, visible, (post_id,), media=[*media])
            self.posts[post_id] = post
            return post

    def _altered(self, text: str) -> str:
        for name in self.settings.alters:
            text = TEXT_ALTERATIONS[name](text) if name in TEXT_ALTERATIONS else text
        return text.strip()

    def edit(self, post_id: str, text: str) -> Post:
        """A person edits a post: a new id, the old one readable by id only."""
        with self._lock:
            old = self.posts[post_id]
            new = self.add_post(text, reply_to=old.reply_to)
            new.versions = (*old.versions, new.id)
            return new

    # How a request is answered

    def limit_headers(self) -> dict[str, str]:
        reset = str(int(self._now()) + 900)
        return {"x-rate-limit-limit": "100", "x-rate-limit-remaining": "0", "x-rate-limit-reset": reset}

    def carry_out(self, method: str, target: str, path: str, headers: Any, raw: bytes, fault: Fault | None) -> Reply:
        reply = self._carried_out(method, target, path, headers, raw, fault)
        if method == "GET" and reply.status == 200 and (fault is None or fault.effect in ("normal", "slow", "gate")):
            data = reply.body.get("data", [])
            shown = data if isinstance(data, list) else [data]
            along = reply.body.get("includes", {})
            users = [*along.get("users", []), *(each for each in shown if "username" in each)]
            posts = [*along.get("tweets", []), *along.get("posts", []), *(each for each in shown if "text" in each)]
            self.bill += [("user read", 0.01)] * len(users)
            others = [post.id for post in self.posts.values() if post.author != USER_ID]
            self.bill += [("read", 0.005 if each.get("id") in others else 0.001) for each in posts]
        return reply

    def _carried_out(self, method: str, target: str, path: str, headers: Any, raw: bytes, fault: Fault | None) -> Reply:
        author = self._authenticate(method, target, headers)
        query = dict(parse_qsl(urlsplit(target).query, keep_blank_values=True))
        if (method, path) == ("POST", "/2/tweets"):
            return self._create(author, raw, fault.hide if fault else 0.0)
        if (method, path) == ("GET", "/2/users/me"):
            return Reply(
                200, {"data": self.others.shown(author, query)}, {"x-access-level": self.settings.access_level}
            )
        if (method, path) == ("GET", "/2/tweets"):
            return self._lookup(query)
        if reply := self.others.carry_out(author, method, path, query, loads(raw)):
            return reply
        if path.startswith("/2/media/"):
            if self.settings.access_level == "read":
                raise Refusal(ANSWERS["oauth1_permissions"])
            return self.shelf.carry_out(author, method, path, query, form_of(headers, raw), raw, self._now())
        if match := re.fullmatch(r"/2/users/(\d+)/tweets", path):
            return self._timeline(match[1], query) if method == "GET" else Reply(405)
        if match := re.fullmatch(r"/2/tweets/(\d+)", path):
            return self._one(match[1], query) if method == "GET" else self._delete(author, match[1])
        return _problem(404, "Not Found", f"{path} was not found.")

    def _authenticate(self, method: str, target: str, headers: Any) -> str:
        """The user's id; 401 unless the OAuth 1.0a signature holds for SIGNED_ORIGIN, is fresh and was not used."""
        from oauthlib.oauth1.rfc5849 import signature  # type: ignore[import-untyped]

        parameters = signature.collect_parameters(
            headers={"Authorization": headers.get("Authorization", "")}, exclude_oauth_signature=False
        )
        given = dict(parameters)
        parsed = urlsplit(target)
        request = SimpleNamespace(
            uri=SIGNED_ORIGIN + parsed.path.removeprefix(self.settings.prefix),
            http_method=method,
            params=[
                *(item for item in parameters if item[0] != "oauth_signature"),
                *parse_qsl(parsed.query, keep_blank_values=True),
            ],
            signature=given.get("oauth_signature", ""),
        )
        age = abs(self._signed_now() - int(given.get("oauth_timestamp", "0")))
        nonce = given.get("oauth_nonce", "")
        if (
            (given.get("oauth_consumer_key"), given.get("oauth_token")) != (API_KEY, self.settings.access_token)
            or given.get("oauth_signature_method") != "HMAC-SHA1"
            or age > 300
            or nonce in self._nonces
            or not signature.verify_hmac_sha1(request, API_SECRET, ACCESS_SECRET)
        ):
            # For whoever reads of a failed test; the credentials are the stand-in's own.
            print(
                f"401: {method} {target}, {age:.1f} s old, known nonce: {nonce in self._nonces}, {given}",
                file=sys.stderr,
            )
            raise Refusal(ANSWERS["unauthorized"])
        self._nonces.add(nonce)
        return USER_ID

    def _create(self, author: str, raw: bytes, hide: float) -> Reply:
        body = loads(raw)
        if self.settings.access_level == "read":
            raise Refusal(ANSWERS["oauth1_permissions"])
        if not isinstance(body, dict):
            raise _invalid("The request body is not a JSON object")
        for unknown in body.keys() - BODY_FIELDS:
            raise _invalid(f"[$.{unknown}] is not defined in the schema and the schema does not allow additional "
                           "properties")  # fmt: skip
        text = body.get("text", "")
        if not isinstance(text, str) or not text.strip():
            raise _invalid("$.text: must be a string that is not empty")
        if weighted_length(text) > 280:
            raise Refusal(ANSWERS["not_permitted"])
        text = text.strip()
        parent = self._parent(body.get("reply"))
        media = self._media(author, body)
        if self.settings.refuse_duplicates and any(
            post.author == author
            and self._altered(post.body.get("text", post.text)) == self._altered(text)
            and post.media == media  # the dark side: with another picture it is no duplicate to X
            for post in self.posts.values()
        ):
            raise Refusal(ANSWERS["duplicate"])
        mention = f"@{self.users[parent.author]} " if parent and parent.author != author else ""
        post = self.add_post(
            mention + text, reply_to=parent.id if parent else "", author=author, hide=hide, media=media
        )
        post.body = body
        named = parent is not None and parent.author != author and f"@{self.users[author]}" in parent.text
        self.bill.append(("post", 0.2 if any(_links(text)) else 0.01 if named else 0.015))
        history = NAMES[self.settings.names].history
        return Reply(201, {"data": {"id": post.id, "text": post.shown, history: [post.id]}})

    def _media(self, author: str, body: Json) -> list[Stored]:
        media = body.get("media", {})
        if not isinstance(media, dict) or media.keys() - MEDIA_FIELDS:
            raise _invalid("$.media: is not valid")
        return self.shelf.attachable(author, media.get("media_ids"), self._now()) if "media" in body else []

    def _parent(self, reply: Any) -> Post | None:
        if reply is None:
            return None
        if not isinstance(reply, dict) or reply.keys() - REPLY_FIELDS:
            raise _invalid("$.reply: is not valid")
        parent = self.posts.get(str(reply.get("in_reply_to_tweet_id", "")))
        if not re.fullmatch(r"[0-9]{1,19}", str(reply.get("in_reply_to_tweet_id", ""))):
            raise _invalid("$.reply.in_reply_to_tweet_id: does not match the regex pattern ^[0-9]{1,19}$")
        if parent is None:
            detail = "You attempted to reply to a Tweet that is deleted or not visible to you."
            raise Refusal(_problem(403, "Forbidden", detail))
        named = parent.author == USER_ID or f"@{self.users[USER_ID]}" in parent.text
        if self.settings.only_summoned and not named:
            raise Refusal(ANSWERS["reply_not_allowed"])
        return parent

    def _delete(self, author: str, post_id: str) -> Reply:
        post = self.posts.get(post_id)
        if post is None:
            return self._not_found(post_id)
        if post.author != author:
            return ANSWERS["not_permitted"]
        for version in {post_id, *post.versions}:  # deleting one version deletes the whole chain
            self.posts.pop(version, None)
        self.bill.append(("deletion", 0.01))
        return Reply(200, {"data": {"deleted": True}})

    def _one(self, post_id: str, query: dict[str, str]) -> Reply:
        asked = self._asked(query, frozenset())
        post = self.posts.get(post_id)
        return Reply(200, {"data": self._show(post, asked)}) if post else self._not_found(post_id)

    def _lookup(self, query: dict[str, str]) -> Reply:
        asked = self._asked(query, frozenset({"ids"}))
        ids = query.get("ids", "").split(",")
        if not 1 <= len(ids) <= 100:
            raise _invalid("The `ids` query parameter is not between 1 and 100 ids")
        posts = [self.posts[post_id] for post_id in ids if post_id in self.posts]
        found = [self._show(post, asked) for post in posts]
        errors = [self._not_found(post_id).body for post_id in ids if post_id not in self.posts]
        along = self.others.along(posts, asked)
        return Reply(200, {**({"data": found} if found else {}), **({"errors": errors} if errors else {}), **along})

    def _timeline(self, user: str, query: dict[str, str]) -> Reply:
        return self.listed(self._shown_newest_first(lambda post: post.author == user), query)

    def listed(self, among: Iterable[Post], query: dict[str, str], least: int = 5, more: str = "") -> Reply:
        """A page of these, the newest first. `more`: a parameter that only this list has."""
        asked = self._asked(query, TIMELINE_PARAMETERS | {more} if more else TIMELINE_PARAMETERS)
        size = int(query.get("max_results", "10")) if query.get("max_results", "10").isdigit() else 0
        if not least <= size <= 100:
            raise _invalid(f"The `max_results` query parameter value is not between {least} and 100")
        start = _offset(query.get("pagination_token", ""))
        posts = [post for post in among if self._within(post, query)]
        page = posts[start : start + size]
        meta: Json = {"result_count": len(page)}
        if page:
            meta |= {"newest_id": page[0].id, "oldest_id": page[-1].id}
        if start + size < len(posts):
            meta["next_token"] = base64.b32hexencode(str(start + size).encode()).decode().rstrip("=").lower()
        data = {"data": [self._show(post, asked) for post in page]} if page else {}
        return Reply(200, {**data, **self.others.along(page, asked), "meta": meta})

    def _shown_newest_first(self, wanted: Callable[[Post], bool]) -> list[Post]:
        replaced = {old for post in self.posts.values() for old in post.versions[:-1]}
        visible = [
            post
            for post in self.posts.values()
            if wanted(post) and post.visible_from <= self._now() and post.id not in replaced
        ]
        return sorted(visible, key=lambda post: int(post.id), reverse=True)

    def _within(self, post: Post, query: dict[str, str]) -> bool:
        return (
            post.created >= _seconds(query.get("start_time"), float("-inf"))
            and post.created < _seconds(query.get("end_time"), float("inf"))
            and int(post.id) > int(query.get("since_id", "0"))
            and int(post.id) < int(query.get("until_id", "9" * 19))
            and not (post.reply_to and "replies" in query.get("exclude", ""))
        )

    def _asked(self, query: dict[str, str], own: frozenset[str]) -> frozenset[str]:
        """What the request wants to see, beyond what is shown always. 400 on what X does not know."""
        names = NAMES[self.settings.names]
        allowed = {names.parameter: names.fields, "expansions": names.expansions, "user.fields": USER_FIELDS}
        asked: set[str] = set()
        for name, value in query.items():
            if name in allowed:
                wanted = set(value.split(",")) if name != "user.fields" else set()
                if unknown := wanted - allowed[name]:
                    raise _invalid(f"The `{name}` query parameter value {sorted(unknown)} is not one of "
                                   f"{sorted(allowed[name])}")  # fmt: skip
                asked |= wanted
            elif name not in own and not self.settings.ignore_unknown_parameters:
                raise _invalid(f"The query parameter [{name}] is not one of {sorted(own | allowed.keys())}")
        return frozenset(asked)

    def _show(self, post: Post, asked: frozenset[str]) -> Json:
        names = NAMES[self.settings.names]
        shown: Json = {"id": post.id, "text": post.shown, names.history: list(post.versions)}
        if "created_at" in asked:
            shown["created_at"] = datetime.fromtimestamp(post.created, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        if "entities" in asked and post.entities:
            shown["entities"] = post.entities
        if "attachments" in asked and post.media:
            shown["attachments"] = {"media_keys": [picture.key for picture in post.media]}
        references = [("replied_to", post.reply_to), ("quoted", post.quotes)]
        if asked & {names.references, f"{names.references}.id"} and any(other for _, other in references):
            shown[names.references] = [{"type": kind, "id": other} for kind, other in references if other]
        return shown | self.others.told(post, asked)

    @staticmethod
    def _not_found(post_id: str) -> Reply:
        detail = f"Could not find tweet with id: [{post_id}]."
        return _problem(404, "Not Found Error", detail, f"{PROBLEMS}/resource-not-found", value=post_id,
                        resource_id=post_id, resource_type="tweet", parameter="id")  # fmt: skip


# X's rules for text

_LETTERS = "A-Za-z0-9\\u00c0-\\u024f\\u0300-\\u036f\\u0400-\\u04ff"
_HOST = r"(?:[\w\u0300-\u036f\u3099\u309a-]+\.)+(?:xn--[a-z0-9-]+|[a-z]{2,}|\u0440\u0444|\u307f\u3093\u306a)"
_PATH = rf"/(?:[{_LETTERS}!*';:=+,.$%#\[\]~@|&/_-]*(?:\([{_LETTERS}]*\)|[{_LETTERS}=_#/+-]))?"
_URL = re.compile(
    rf"https?://{_HOST}(?::[0-9]+)?(?:{_PATH})?(?:\?[A-Za-z0-9_!?*'@();:&=+$/%#\[\],.~|-]*[A-Za-z0-9_&=#/-])?", re.I
)
_DOMAIN = re.compile(r"(?<![\w@./-])(?:[a-z0-9-]+\.)+(?:com|org|net|io|dev|example)(?![\w@-])" + f"(?:{_PATH})?")


def _links(text: str) -> Iterator[tuple[int, int]]:
    """Where the links are: those with a scheme, and bare names under a few well-known endings."""
    end = 0
    for match in sorted([*_URL.finditer(text), *_DOMAIN.finditer(text)], key=lambda found: found.start()):
        if match.start() >= end:
            end = match.end()
            yield match.span()


def shorten(text: str, post_id: str, alters: Iterable[str] = ()) -> tuple[str, Json]:
    """The text as the API shows it, and its entities."""
    shown, end, urls = "", 0, []
    for number, (start, stop) in enumerate(_links(text)):
        link = text[start:stop]
        digest = hashlib.sha256(f"{post_id}/{link}".encode()).digest()
        address = "https://t.co/" + re.sub(r"[^A-Za-z0-9]", "x", base64.b64encode(digest).decode())[:10]
        expanded = link if _URL.fullmatch(link) else f"http://{link}"
        for name in alters:
            expanded = LINK_ALTERATIONS.get(name, str)(expanded)
        display = re.sub(r"^https?://(www\.)?", "", expanded)
        display = display if len(display) <= 27 else display[:26] + "…"
        shown += _escape(text[end:start])
        urls.append({"start": len(shown), "end": len(shown) + len(address), "url": address, "expanded_url": expanded,
                     "display_url": display})  # fmt: skip
        shown += address
        end = stop
        assert number < 200
    return shown + _escape(text[end:]), {"urls": urls} if urls else {}


def _host(change: Callable[[str], str]) -> Callable[[str], str]:
    return lambda url: re.sub(r"(?<=://)[^/?#]+", lambda host: change(host[0]), url, count=1)


def _punycode(host: str) -> str:
    return ".".join(
        label if label.isascii() else "xn--" + label.lower().encode("punycode").decode() for label in host.split(".")
    )


TEXT_ALTERATIONS: dict[str, Callable[[str], str]] = {
    "nfc": lambda text: unicodedata.normalize("NFC", text),
    "nfd": lambda text: unicodedata.normalize("NFD", text),
    "collapse_space": lambda text: re.sub(r"\s+", " ", text),
    "collapse_newlines": lambda text: re.sub(r"\s*\n\s*", "\n", text),
    "drop_zero_width": lambda text: re.sub("[\u200b\u2060\ufeff]", "", text),
}
"""What a service may do to a text before it stores it."""
LINK_ALTERATIONS: dict[str, Callable[[str], str]] = {
    "punycode": _host(_punycode),
    "lower_host": _host(str.lower),
    "percent": lambda url: quote(url, safe="!#$%&'()*+,/:;=?@[]~|"),
    "slash": lambda url: re.sub(r"^(https?://[^/?#]+)(?=[?#]|$)", r"\1/", url, flags=re.I),
    "escape_links": lambda url: url.replace("&", "&amp;"),
}
"""How it may write what a link stands for. In the order in which `alters` names them."""


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def weighted_length(text: str) -> int:
    """twitter-text v3, without its emoji rule (each emoji part weighs 2): links 23, narrow characters 1, others 2."""
    text = unicodedata.normalize("NFC", text)
    spans = list(_links(text))
    total = 23 * len(spans)
    inside = {index for start, stop in spans for index in range(start, stop)}
    for index, character in enumerate(text):
        if index not in inside:
            code = ord(character)
            narrow = code <= 4351 or 8192 <= code <= 8205 or 8208 <= code <= 8223 or 8242 <= code <= 8247
            total += 1 if narrow else 2
    return total


def _seconds(value: str | None, default: float) -> float:
    if value is None:
        return default
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", value) or value < "2010-11-06":
        raise _invalid(f"The time {value} is not an RFC 3339 date and time on or after 2010-11-06")
    return datetime.fromisoformat(value).timestamp()


def _offset(token: str) -> int:
    try:
        return int(base64.b32hexdecode(token.upper() + "=" * (-len(token) % 8)) or b"0")
    except ValueError:
        raise _invalid("The `pagination_token` query parameter value is not valid") from None
