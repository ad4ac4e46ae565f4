"""A stateful stand-in for a Mastodon server (API of 4.x), on 127.0.0.1 over real HTTP.

It keeps statuses and, for an hour, idempotency keys; checks tokens and lengths; shows a text as HTML as Mastodon does,
and goes wrong on command (`service.py`). It speaks as docs.joinmastodon.org says; it knows nothing of the program
under test.

    with MastodonStandIn() as server:
        server.fault("store_then_drop")     # the next status is stored and the line is cut
        ...  # server.url, server.posts, server.requests
"""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import regex

from tests.standins.mastodon_media import MIME_TYPES, Attachment, Shelf, error
from tests.standins.mastodon_social import MOST_NOTICES, People, moment, parent_account
from tests.standins.service import Fault, Json, Refusal, Reply, Service
from tests.standins.x_media import form_of

TOKEN, RENEWED, OTHER = "standin-token-0000000001", "standin-token-0000000002", "standin-token-0000000003"
"""The account's token, another one of the same account, and one of another account."""
ACCOUNT, SOMEONE = "109501234567890001", "109501234567890002"
OWNERS = {TOKEN: ACCOUNT, RENEWED: ACCOUNT, OTHER: SOMEONE}
NAMES = {ACCOUNT: "standin_bot", SOMEONE: "someone"}
KEY_LASTS = 3600
"""Seconds for which an idempotency key is kept."""


_HTML = "<!DOCTYPE html><html><body><h1>We're sorry, but something went wrong</h1></body></html>"
_HTML_TYPE = {"content-type": "text/html; charset=utf-8"}
ANSWERS: dict[str, Reply] = {
    "html": Reply(200, _HTML, _HTML_TYPE),
    "empty_200": Reply(200),
    "json_list": Reply(200, [{"id": "1"}]),
    "nothing": Reply(200, []),
    "unlabelled": Reply(200, {"id": "1", "bot": False}),
    "no_id": Reply(200, {"content": "<p>x</p>"}),
    "bad_id": Reply(200, {"id": {"a": 1}, "url": "x"}),
    "html_403": Reply(403, _HTML, _HTML_TYPE),
    "html_422": Reply(422, _HTML, _HTML_TYPE),
    "redirect": Reply(307, None, {"location": "https://example.invalid/api/v1/statuses"}),
    "request_timeout": error(408, "Request timeout"),
    "error_500": error(500, "Internal server error"),
    "error_502_html": Reply(502, _HTML, _HTML_TYPE),
    "error_503": error(503, "There was a temporary problem serving your request, please try again"),
    "error_504_html": Reply(504, _HTML, _HTML_TYPE),
    "rate_limited": error(429, "Too many requests"),
    "rate_limited_bare": Reply(429, "Too many requests\n", {"content-type": "text/plain"}),
    "unauthorized": error(401, "The access token is invalid"),
    "scopes": error(403, "This action is outside the authorized scopes"),
    "disabled": error(403, "Your login is currently disabled"),
    "invalid": error(422, "Validation failed: Text character limit of 500 exceeded"),
    "no_parent": error(404, "The post you are trying to reply to does not appear to exist."),
    "bad_request": error(400, "param is missing or the value is empty"),
}


@dataclass
class Post:
    id: str
    author: str
    text: str
    created: float
    reply_to: str = ""
    visible_from: float = 0.0
    versions: list[str] = field(default_factory=list)
    """Its earlier texts, where it was edited."""
    body: Json = field(default_factory=dict)
    key: str = ""
    media: list[Attachment] = field(default_factory=list)


@dataclass
class Settings:
    max_characters: int = 500
    keeps_keys: bool = True
    """False: as a server that stores the post and dies before it stores the key."""
    prefix: str = ""
    max_media: int = 4
    scopes: tuple[str, ...] = ("read", "write")
    processing: int = 0
    media_lasts: float = 86400.0
    leaves_out: bool = False
    """As before 4.3: a picture that is not there is left out."""
    image_bytes: int = 16777216
    image_pixels: int = 33_177_600
    description_characters: int = 1500
    by_id: bool = True
    """False: as before 4.3, where posts are not given by their ids."""
    knows_quotes: bool = True
    """False: as a relative that refuses a type of notification that it does not know."""
    most_notices: int = MOST_NOTICES
    shows: dict[str, Any] = field(default_factory=dict)
    """What stands in each status in place of what Mastodon says; None: left out."""


class MastodonStandIn(Service):
    answers = ANSWERS
    writes = "/api/v1/statuses"

    @property
    def prefix(self) -> str:
        return self.settings.prefix

    def reset(self, **settings: Any) -> None:
        with self._lock:
            super().reset()
            self.settings = Settings(**settings)
            self.posts: dict[str, Post] = {}
            self.shelf = Shelf(self.settings)
            self.names = dict(NAMES)
            self.people = People(self)
            self._keys: dict[tuple[str, str], tuple[str, float]] = {}
            self._sequence = 0

    def texts(self) -> list[str]:
        """What stands on the account, oldest first."""
        with self._lock:
            return [post.text for post in self.posts.values() if post.author == ACCOUNT]

    def add_post(self, text: str, *, reply_to: str = "", author: str = ACCOUNT, hide: float = 0.0) -> Post:
        """A post that came about in another way than through the API."""
        with self._lock:
            post_id = self.next_id()
            visible = float("inf") if hide < 0 else self._now() + hide
            self.posts[post_id] = Post(post_id, author, text.strip(), self._now(), reply_to, visible)
            self.people.mentioned(self.posts[post_id])
            return self.posts[post_id]

    def next_id(self) -> str:
        self._sequence += 1
        return str((int(self._now() * 1000) << 16) + self._sequence)

    def now(self) -> float:
        return self._now()

    def edit(self, post_id: str, text: str) -> None:
        """A person edits a post; it keeps its id."""
        with self._lock:
            post = self.posts[post_id]
            post.versions.append(post.text)
            post.text = text

    def limit_headers(self) -> dict[str, str]:
        reset = datetime.fromtimestamp(self._now() + 300, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return {"x-ratelimit-limit": "300", "x-ratelimit-remaining": "0", "x-ratelimit-reset": reset}

    def carry_out(self, method: str, target: str, path: str, headers: Any, raw: bytes, fault: Fault | None) -> Reply:
        path = path.rstrip("/")
        query = dict(parse_qsl(urlsplit(target).query, keep_blank_values=True))
        if (method, path) == ("GET", "/api/v2/instance"):
            return Reply(200, self._instance())
        owner = OWNERS.get(headers.get("Authorization", "").removeprefix("Bearer "))
        if owner is None:
            return ANSWERS["unauthorized"]
        self.people.refuse_scope(method, path)
        if reply := self.people.carry_out(method, path, target, owner, raw):
            return reply
        if (method, path) == ("POST", "/api/v1/statuses"):
            fields = parse_qsl(raw.decode())
            form = dict(fields) | {"media_ids": [value for name, value in fields if name == "media_ids[]"]}
            return self._create(owner, form, headers.get("Idempotency-Key", ""), fault.hide if fault else 0.0)
        if (method, path) == ("POST", "/api/v2/media"):
            return self.shelf.upload(owner, form_of(headers, raw), self._now())
        if match := re.fullmatch(r"/api/v1/media/(\w+)", path):
            return self.shelf.one(owner, match[1], self._now())
        if (method, path) == ("GET", "/api/v1/apps/verify_credentials"):
            return Reply(200, {"name": "Stand-in", "scopes": list(self.settings.scopes)})
        if (method, path) == ("GET", "/api/v1/accounts/verify_credentials"):
            return Reply(200, self.show_account(owner))
        if match := re.fullmatch(r"/api/v1/accounts/(\w+)/statuses", path):
            return self._statuses(match[1], query)
        if match := re.fullmatch(r"/api/v1/statuses/(\w+)(/history)?", path):
            post = self.posts.get(match[1])
            if post is None or (method == "DELETE" and post.author != owner):
                return error(404, "Record not found")
            if method == "DELETE":
                del self.posts[post.id]
                return Reply(200, self.show(post) | {"text": post.text})
            if method == "PUT":
                return self._edit(owner, post, json.loads(raw))
            texts = [*post.versions, post.text]
            return Reply(200, [{"content": render(text)} for text in texts] if match[2] else self.show(post))
        return error(404, "Record not found")

    def _create(self, author: str, form: Json, key: str, hide: float) -> Reply:
        known, until = self._keys.get((author, key), ("", 0.0))
        if key and self._now() < until:
            # A post that was deleted since is no longer there to be given back.
            return Reply(200, self.show(self.posts[known])) if known in self.posts else error(404, "Record not found")
        text, parent = str(form.get("status", "")), str(form.get("in_reply_to_id", ""))
        if form.get("visibility", "public") not in ("public", "unlisted", "private", "direct"):
            raise Refusal(error(422, "Validation failed: Visibility is not included in the list"))
        if not text.strip():
            raise Refusal(error(422, "Validation failed: Text can't be blank"))
        if length(text) + length(str(form.get("spoiler_text", ""))) > self.settings.max_characters:
            limit = self.settings.max_characters
            raise Refusal(error(422, f"Validation failed: Text character limit of {limit} exceeded"))
        if parent and parent not in self.posts:
            raise Refusal(ANSWERS["no_parent"])
        media = self.shelf.attach(author, form["media_ids"], self._now())
        post = self.add_post(text, reply_to=parent, author=author, hide=hide)
        post.body, post.key, post.media = form, key, media
        for attachment in media:
            attachment.post = post.id
        if key and self.settings.keeps_keys:
            self._keys[author, key] = (post.id, self._now() + KEY_LASTS)
        return Reply(200, self.show(post))

    def _edit(self, owner: str, post: Post, form: Json) -> Reply:
        """What the form leaves out is taken away: the content warning and the pictures."""
        if post.author != owner:
            return error(404, "Record not found")
        if not str(form.get("status", "")).strip():
            return error(422, "Validation failed: Text can't be blank")
        if form["status"] != post.text:
            self.edit(post.id, form["status"])
        post.body = {**post.body, "spoiler_text": form.get("spoiler_text", "")}
        post.body |= {"language": form["language"]} if form.get("language") else {}
        post.media = [attachment for attachment in post.media if attachment.id in form.get("media_ids", ())]
        return Reply(200, self.show(post))

    def _statuses(self, author: str, query: dict[str, str]) -> Reply:
        limit = min(int(query.get("limit", "20")), 40)
        before = int(query.get("max_id", "9" * 30))
        mine = [post for post in self.posts.values() if post.author == author and int(post.id) < before]
        shown = [post for post in mine if post.visible_from <= self._now()]
        return Reply(200, [self.show(post) for post in sorted(shown, key=lambda post: -int(post.id))[:limit]])

    def show(self, post: Post) -> Json:
        name = self.names[post.author]
        created = moment(post.created)
        shown = {
            "id": post.id,
            "created_at": created,
            "in_reply_to_id": post.reply_to or None,
            "in_reply_to_account_id": parent_account(self.posts, post),
            "visibility": post.body.get("visibility", "public"),
            "spoiler_text": post.body.get("spoiler_text", ""),
            "language": post.body.get("language"),
            "uri": f"{self.url}/users/{name}/statuses/{post.id}",
            "url": f"{self.url}/@{name}/{post.id}",
            "content": render(post.text),
            "edited_at": created if post.versions else None,
            "reblog": None,
            "media_attachments": [self.shelf.show(attachment) for attachment in post.media],
            "account": self.show_account(post.author),
            "mentions": self.people.mentions(post),
            **self.people.counts(post),
            **self.settings.shows,
        }
        return {name: value for name, value in shown.items() if value is not None or name not in self.settings.shows}

    def show_account(self, owner: str) -> Json:
        name = self.names[owner]
        account = {"id": owner, "username": name, "acct": name, "url": f"{self.url}/@{name}"}
        return account | self.people.profile(owner)

    def _instance(self) -> Json:
        statuses = {"max_characters": self.settings.max_characters, "max_media_attachments": self.settings.max_media}
        media = {"image_size_limit": self.settings.image_bytes, "image_matrix_limit": self.settings.image_pixels}
        media |= {"description_limit": self.settings.description_characters, "supported_mime_types": MIME_TYPES}
        return {
            "domain": "127.0.0.1",
            "version": "4.4.0",
            "configuration": {
                "statuses": statuses | {"characters_reserved_per_url": 23},
                "media_attachments": media,
            },
        }


# Mastodon's rules for text

_URL = re.compile(r"https?://[^\s<>\"]*[^\s<>\"'.,;:!?)\]}»”]")
_ENTITY = re.compile(
    rf"(?P<url>{_URL.pattern})|(?<![\w/])#(?P<tag>\w*[^\W\d]\w*)|(?<![\w/])@(?P<name>\w+)(?P<host>@[\w.-]+\w)?"
)


def length(text: str) -> int:
    """Graphemes; an address counts 23, a mention without its host."""
    short = re.sub(r"(?<![\w/])@(\w+)@[\w.-]+\w", r"@\1", _URL.sub("x" * 23, text))
    return sum(1 for _ in regex.finditer(r"\X", short))


def render(text: str) -> str:
    """The content as the API gives it."""
    shown, end = "", 0
    for entity in _ENTITY.finditer(text):
        shown += html.escape(text[end : entity.start()]) + _link(entity)
        end = entity.end()
    shown += html.escape(text[end:])
    paragraphs = re.split(r"\n\n+", re.sub(r"\r\n?", "\n", shown))
    return "".join(f"<p>{paragraph}</p>".replace("\n", "<br />") for paragraph in paragraphs)


def _link(entity: re.Match[str]) -> str:
    if entity["tag"]:
        tag = entity["tag"]
        return f'<a href="https://server.example/tags/{tag}" class="mention hashtag" rel="tag">#<span>{tag}</span></a>'
    if entity["name"]:
        name, host = entity["name"], entity["host"]
        if not host:  # nobody of that name lives here
            return entity[0]
        href = f"https://{host[1:]}/@{name}"
        return f'<span class="h-card"><a href="{href}" class="u-url mention">@<span>{name}</span></a></span>'
    scheme, _, rest = entity["url"].partition("://")
    prefix = f"{scheme}://" + ("www." if rest.startswith("www.") else "")
    rest = entity["url"].removeprefix(prefix)
    cut = "ellipsis" if len(rest) > 30 else ""
    return (
        f'<a href="{html.escape(entity["url"])}" target="_blank" rel="nofollow noopener">'
        f'<span class="invisible">{prefix}</span><span class="{cut}">{html.escape(rest[:30])}</span>'
        f'<span class="invisible">{html.escape(rest[30:])}</span></a>'
    )
