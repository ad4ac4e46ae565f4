"""X (API v2) through tweepy in OAuth 1.0a user context: publish, find again, read back, verify, delete.

X has no idempotency key, so all depends on telling apart what surely never arrived, what X refused and what nobody
knows. `transport.py` says how far a request got; here its answer is judged. tweepy's own exceptions are not looked
at: they say no more than the status does, and some odd bodies make tweepy raise AttributeError or TypeError instead.
When to retry, settle or hold is for `delivery/`; the text was checked before it came here.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial
from typing import Annotated, Any

from twitter_manager import phrases
from twitter_manager.content import Media
from twitter_manager.domain import Clock, Json, Outgoing, Platform, Receipt, RemotePost
from twitter_manager.errors import (
    Doubtful,
    NeedsPerson,
    NotSent,
    OutcomeUnknown,
    Refused,
    Unreadable,
)
from twitter_manager.platforms import x_media
from twitter_manager.platforms.http_errors import scarce_until, used_up_until
from twitter_manager.platforms.matching import as_dict, as_list, refuse_unsendable
from twitter_manager.platforms.spec import Charge, PlatformContext, PlatformSettings, PlatformSpec, free
from twitter_manager.platforms.transport import Answer, Transport
from twitter_manager.platforms.weighted import count_links, weighted_length
from twitter_manager.platforms.x_answers import (
    AUTOMATED,
    READ_ONLY,
    may_only_read,
    missing,
    owner_of,
    problem_of,
    readable,
    refusal_of,
)
from twitter_manager.platforms.x_posts import FieldNames, ShownPost, is_id, parse_post, receipt_of
from twitter_manager.platforms.x_prices import (
    COST_DELETION_USD,
    COST_HEARD_USD,
    COST_READING_USD,
    COST_READING_USER_USD,
    charge_for,
    cost,
)
from twitter_manager.platforms.x_social import XSocial
from twitter_manager.redaction import redact
from twitter_manager.validation import InvalidValue, Rule, by, url, variable


def _owner_id(access_token: str) -> str:
    """An OAuth 1.0a token begins with its user's id; "" where it does not."""
    owner = re.match(r"[0-9]{1,19}(?=-)", access_token)
    return owner[0] if owner else ""


def _account(access_token: str) -> str:
    owner = _owner_id(access_token)
    return f"user {owner}" if owner else "the access token's user"


TWEEPY_ORIGIN = "https://api.twitter.com"
"""What tweepy asks for and what OAuth 1.0a signs, wherever the request is sent: a gateway must present it as such."""


_FORMS = {
    "TWITTER_API_KEY": r"[A-Za-z0-9]{25}",
    "TWITTER_API_SECRET": r"[A-Za-z0-9]{50}",
    "TWITTER_ACCESS_TOKEN": r"[0-9]{1,19}-[A-Za-z0-9]{20,}",
    "TWITTER_ACCESS_SECRET": r"[A-Za-z0-9]{45}",
}
"""How the console gives them out. A key that has the form of another one was put under the wrong name."""
_OTHER_FORMS = r"A{20,}[A-Za-z0-9%]{30,}|[A-Za-z0-9_-]{25,40}(?:OjE6Y2k|oxOmNp|MTpjaQ)={0,2}"
"""A bearer token; an OAuth 2.0 client ID, which ends in `:1:ci` as base64."""


def _key(name: str) -> Rule:
    """A key of the console, told from the other three; a wrong one is never repeated."""

    def check(key: Any) -> str:
        if not isinstance(key, str) or not re.fullmatch("[!-~]{1,500}", key):
            raise InvalidValue("holds a blank or a character that no key has", "Copy it again.")
        if re.fullmatch(_OTHER_FORMS, key):
            remedy = "Take the API key and secret, and the access token and secret: those of OAuth 1.0a."
            raise InvalidValue("looks like a bearer token or an OAuth 2.0 client ID", remedy)
        if not re.fullmatch(_FORMS[name], key):
            for other, form in _FORMS.items():
                if re.fullmatch(form, key):
                    words = other.removeprefix("TWITTER_").replace("_", " ").lower()
                    raise InvalidValue(f"looks like the {words.replace('api', 'API')}", f"Swap it with {other}.")
        return key

    return by(check)


class XSettings(PlatformSettings):
    """The four keys of OAuth 1.0a, and where requests go."""

    api_key: Annotated[
        str,
        _key("TWITTER_API_KEY"),
        variable(
            "TWITTER_API_KEY",
            "X: all four, of an app that may read and write.",
            asked="API key",
            where="Sign in at https://console.x.com with the account that will post, make an app and buy credits (X"
            " charges for each post). First set User authentication settings to Read and write, then make new tokens"
            " under Keys and tokens: there are the four keys that are asked for here.",
            secret=True,
        ),
    ]
    api_secret: Annotated[
        str, _key("TWITTER_API_SECRET"), variable("TWITTER_API_SECRET", asked="API key secret", secret=True)
    ]
    access_token: Annotated[
        str,
        _key("TWITTER_ACCESS_TOKEN"),
        variable(
            "TWITTER_ACCESS_TOKEN",
            asked="access token",
            where="Made after the app was set to Read and write; it begins with a number and a hyphen.",
            secret=True,
        ),
    ]
    access_secret: Annotated[
        str, _key("TWITTER_ACCESS_SECRET"), variable("TWITTER_ACCESS_SECRET", asked="access token secret", secret=True)
    ]
    base_url: Annotated[str, url(path=False), variable("TWITTER_API_BASE_URL", "Where X answers.")] = TWEEPY_ORIGIN

    @property
    def account(self) -> str:
        return f"{self.base_url} {_owner_id(self.access_token) or self.access_token}"

    @property
    def described(self) -> str:
        return f"as {_account(self.access_token)} at {self.base_url}"


def _make(keys: XSettings, context: PlatformContext) -> Platform:
    secrets = (keys.api_key, keys.api_secret, keys.access_token, keys.access_secret)
    return X(*secrets, clock=context.clock, charge=context.charge, base_url=keys.base_url)


SPEC = PlatformSpec(
    name="x",
    refuses_repeats=True,  # https://help.x.com/en/rules-and-policies/x-automation
    summoned_only=True,  # the same, on automated replies and mentions
    ai_by_leave=True,  # the same, on replies that AI writes
    title="X",
    make=_make,
    settings=XSettings,
    labelling=AUTOMATED,
    revoking="new keys end those of the same kind; else revoke them at https://console.x.com, Keys and tokens",
    limit=280,
    unit="weighted characters",
    count=weighted_length,
    # `hasInvalidCharacters` in https://github.com/twitter/twitter-text/tree/master/js/src
    forbidden=r"[\ufffe\ufeff\uffff]",
    max_cashtags=1,
    links_by_default=False,  # a post with a link costs thirteen times as much
    media=x_media.LIMITS,
    count_links=count_links,  # bare names such as `example.org` too, and it bills a post for them
)

_ALSO_OFFICIAL = "https://api.x.com"
_LEAVES_WITHIN = timedelta(minutes=1)
"""From the decision to post to the first byte on its way. A process that was stopped in between decides anew."""
_SKEW = timedelta(minutes=5)
"""How far the two clocks may be apart: X refuses OAuth 1.0a timestamps that are further off."""
_FIRST_START_TIME = datetime(2010, 11, 6, 0, 0, 1, tzinfo=UTC)
_PAGES = 13
_LEAST_PAGE, _MOST_PAGE = 5, 100
"""Posts on a page: X charges for each that it shows, so a look-up begins small, and doubles: 955 posts in all."""
_FIELDS: FieldNames = (
    {"tweet.fields": "attachments,created_at,entities,note_tweet,referenced_tweets"},
    {
        "post.fields": "attachments,created_at,entities,note_post",
        "expansions": "edit_history_post_ids,referenced_posts",
    },
)
"""What we ask to see of a post: as X's pages and every client name it, then as the newest OpenAPI description
(2.167) does. The second is asked where the first is refused or ignored."""


class X(XSocial):
    """domain.Platform and SocialPlatform for one X account. Nothing is imported or opened before the first request.

    `base_url`: where requests go instead of X's own host; they are signed as for https://api.twitter.com (tweepy
    knows no other), so what listens there must pass itself off as that. Timeouts are in seconds; a request takes
    at most about `connect_timeout` + 2 × `read_timeout`.
    """

    name = "x"
    definite = False
    deletion_usd = COST_DELETION_USD
    reading_usd, hearing_usd = COST_READING_USD, COST_HEARD_USD

    def __init__(
        self,
        api_key: str,
        api_secret: str,
        access_token: str,
        access_secret: str,
        *,
        clock: Clock,
        charge: Charge = free,
        base_url: str = TWEEPY_ORIGIN,
        connect_timeout: float = 10,
        read_timeout: float = 30,
        sleep: Callable[[float], None] | None = None,
    ) -> None:
        self._sleep = sleep or time.sleep
        self._credentials = (api_key, api_secret, access_token, access_secret)
        self._clock = clock
        self._charge = charge
        base_url = base_url.rstrip("/")
        # The same service under its second name; the signature holds for the first.
        self._base_url = TWEEPY_ORIGIN if base_url == _ALSO_OFFICIAL else base_url
        self._timeouts = (connect_timeout, read_timeout)
        self._user_id = _owner_id(access_token)
        # Stays as it is when the id is learnt later: a delivery goes by the account that it was queued for.
        self._account = _account(access_token)

    @property
    def account(self) -> str:
        return self._account

    def price(self, text: str, *, summoned: bool = False) -> float:
        """See `cost`."""
        return cost(text, summoned=summoned)

    def prepare(self, post: Outgoing) -> Json:
        """`{"body": …}`: the JSON body of POST /2/tweets. Nothing more is needed to recognise the post later."""
        refuse_unsendable(post.text)
        body: Json = {"text": post.text}
        if post.reply is not None:
            parent = post.reply.parent.remote_id
            if not is_id(parent):
                raise Refused(f"The post replies to {parent!r:.60}, which is no X post id.", "Post it on its own.")
            body["reply"] = {"in_reply_to_tweet_id": parent}
        if post.part.media:
            body["media"] = {"media_ids": [post.uploads[picture.digest]["id"] for picture in post.part.media]}
        return {"body": body}

    def upload(self, media: Media, content: bytes) -> Json:
        """Gives the media id. Raises NotSent, Refused, NeedsPerson."""
        return x_media.upload(media, content, self._call, self._clock, self._sleep)

    def publish(self, request: Json) -> Receipt:
        """Send it once. https://docs.x.com/x-api/posts/create-post"""
        _sent(request)
        answer = self._call("POST", "/2/tweets", body=request["body"])
        if not 200 <= answer.status < 300:
            raise refusal_of(answer, self._clock())
        data = as_dict(answer.json()).get("data")
        remote_id = as_dict(data).get("id")
        if not is_id(remote_id):
            raise OutcomeUnknown(
                f"X answered {answer.status} without a usable post id.", "It is looked up.", status=answer.status
            )
        return replace(receipt_of(remote_id), used_up_until=used_up_until(answer.headers, self._clock()))

    def look_up(self, request: Json, since: datetime, claimed: frozenset[str]) -> Receipt | None:
        """The newest own post since then (less five minutes for clocks that differ) with this text and parent.

        One that a person posted by hand with the same words is taken too: the text is out, and X lets it out once.
        Raises Unreadable also where a post is nearly this one, or can't be read: absence would be a guess."""
        try:
            text, parent, pictured = _sent(request)
        except Refused as error:
            raise Unreadable(error.message, error.remedy, forbidden=True) from error
        edited: list[str] = []
        doubtful: list[str] = []
        for post in self._timeline(since):
            if post.parent != parent or post.is_repost or not claimed.isdisjoint(post.versions):
                continue
            if post.shows(text, pictured):
                return receipt_of(post.versions[0])
            if post.may_show(text) or not post.whole_history:
                doubtful.append(post.id)
            if len(post.versions) > 1:
                edited.append(post.versions[0])
        # Where a person has edited it since, the timeline shows the last version; the first one is read by its id.
        originals = self._posts("/2/tweets", {"ids": ",".join(edited[:100])}).posts if edited else []
        for post in originals:
            if post.shows(text, pictured):
                return receipt_of(post.versions[0])
        doubtful += [post.id for post in originals if post.may_show(text)]
        doubtful += sorted(set(edited) - {post.id for post in originals})
        if doubtful:
            which = f"{receipt_of(doubtful[0]).url} may be this post, and may be another."
            raise Doubtful(which, "Look at the account.")
        return None

    def recent(self, since: datetime, limit: int = 100) -> list[RemotePost]:
        posts: list[RemotePost] = []
        for post in self._timeline(since, page=min(max(limit, _LEAST_PAGE), _MOST_PAGE)):
            if not post.is_repost:
                posts.append(RemotePost(receipt_of(post.id), post.text, post.created_at, post.parent))
            if len(posts) >= limit:
                break
        return posts

    def delete(self, remote_id: str) -> None:
        """Take a post down; one that is gone already is fine. https://docs.x.com/x-api/posts/delete-post"""
        if not is_id(remote_id):
            raise Refused(f"{remote_id!r:.60} is no X post id.", "Give the number at the end of the post's address.")
        answer = self._call("DELETE", f"/2/tweets/{remote_id}")
        if answer.status == 404 and problem_of(answer):
            return
        if not 200 <= answer.status < 300:
            raise refusal_of(answer, self._clock())
        if as_dict(as_dict(answer.json()).get("data")).get("deleted") is not True:
            raise OutcomeUnknown("X did not say that it deleted the post.", "Look at the account.")

    def is_there(self, remote_id: str) -> bool:
        """Reads one post, which costs a tenth of what deleting it does. https://docs.x.com/x-api/posts/get-posts-by-ids"""
        page = self._posts("/2/tweets", {"ids": remote_id})
        if page.posts or page.odd:
            return True
        if missing(page.body):
            return False
        raise Unreadable("X does not say whether the post is there.", "Look at the account.")

    def verify(self) -> str:
        """`@name` and the cost, by GET /2/users/me; the header x-access-level tells whether the keys may write."""
        answer = self._get("/2/users/me", {"user.fields": "description"})
        if may_only_read(answer):
            raise NeedsPerson(*READ_ONLY, status=answer.status)
        if not 200 <= answer.status < 300:
            refusal = refusal_of(answer, self._clock())
            if isinstance(refusal, NeedsPerson):
                raise refusal
            raise Unreadable(refusal.message, refusal.remedy, status=answer.status, retry_at=refusal.retry_at)
        self._charge("user_read", 1, COST_READING_USER_USD)
        username, who_runs_it = owner_of(answer)
        return f"@{username}, asked for {phrases.usd(COST_READING_USER_USD)}{who_runs_it}"

    @cached_property
    def _connection(self) -> tuple[Any, Transport]:
        import tweepy

        key, secret, token, token_secret = self._credentials
        client = tweepy.Client(
            consumer_key=key, consumer_secret=secret, access_token=token, access_token_secret=token_secret
        )
        redacted = partial(redact, values=self._credentials)
        transport = Transport(self._base_url, *self._timeouts, origin=TWEEPY_ORIGIN, redact=redacted)
        transport.mount_on(client.session)
        return client, transport

    def _call(
        self,
        method: str,
        route: str,
        params: Json | None = None,
        body: Json | None = None,
        form: Json | None = None,
        within: timedelta = _LEAVES_WITHIN,
    ) -> Answer:
        """The complete answer. `form`: the fields of a multipart body, which OAuth 1.0a does not sign; `within`: how
        long after this moment the last byte may leave. Raises NotSent or OutcomeUnknown where there is no answer."""
        began = self._clock()
        client, transport = self._connection

        def send() -> None:
            if form is None:
                client.request(method, route, params=params, json=body, user_auth=True)
                return
            import tweepy

            # tweepy has no multipart request of API v2.
            signed = tweepy.OAuth1UserHandler(*self._credentials).apply_auth()
            client.session.request(method, f"{TWEEPY_ORIGIN}{route}", files=form, auth=signed)

        return transport.ask(
            "X",
            send,
            lambda: abs(self._clock() - began) <= within,
            "Check the network, and TWITTER_API_BASE_URL if it is set.",
        )

    def _get(self, route: str, params: Json) -> Answer:
        try:
            answer = self._call("GET", route, params=params)
        except (NotSent, OutcomeUnknown) as error:
            raise Unreadable(error.message, "Reading is tried again later.") from error
        self.scarce_until = scarce_until(answer.headers, self._clock())
        return answer

    def _owner(self) -> str:
        if not self._user_id:
            body = readable(self._get("/2/users/me", {}), self._clock())
            self._charge("user_read", 1, COST_READING_USER_USD)
            owner = as_dict(body.get("data")).get("id")
            if not is_id(owner):
                raise Unreadable("X did not say whose keys these are.", "Try again later.")
            self._user_id = owner
        return self._user_id

    def _timeline(self, since: datetime, page: int = _LEAST_PAGE) -> Iterator[ShownPost]:
        """Own posts, newest first; each page that is needed is twice as large as the one before, `page` the first.
        https://docs.x.com/x-api/users/get-posts

        Raises Unreadable, also when there are more pages than we are ready to pay for: absence would be a guess."""
        start = max(min(since, self._clock()) - _SKEW, _FIRST_START_TIME)
        params: Json = {"max_results": page, "start_time": start.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}
        odd: Unreadable | None = None
        for _ in range(_PAGES):
            shown = self._posts(f"/2/users/{self._owner()}/tweets", params)
            yield from (post for post in shown.posts if post.created_at >= start)
            odd = odd or shown.odd
            token = _next_token(shown)
            if token and all(post.created_at >= start for post in shown.posts):
                _turn(params, token, as_dict(shown.body.get("meta")).get("oldest_id"))
            elif odd:
                raise odd
            else:
                return
        raise Unreadable("X has too many own posts since then to read them all.", "Look at the account.")

    def _posts(self, route: str, params: Json) -> _Page:
        """A body and its posts."""
        body = self._shown(route, params, _FIELDS)
        return _parse_page(body, body.get("data", []))

    def _shown(self, route: str, params: Json, ways: FieldNames, proof: str = "created_at") -> Json:
        problem = None
        for fields in ways:
            answer = self._get(route, {**params, **fields})
            if answer.status == 400:
                problem = problem_of(answer)
                continue
            body = readable(answer, self._clock())
            posts = body.get("data", [])
            charge_for(self._charge, body, self._user_id)
            if not isinstance(posts, list):
                raise Unreadable("X's list of posts is no list.", "Reading is tried again later.")
            if not posts or any(proof in as_dict(post) for post in posts):
                return body
        says = f": {problem.says}" if problem else ""
        raise Unreadable(f"X does not show the fields that a post is recognised by{says}.", "Look at the account.")


def _turn(params: Json, token: str, oldest: object) -> None:
    """To the next page. A larger one is asked for by the oldest post of this one: a token is for pages of one size."""
    if params["max_results"] < _MOST_PAGE and is_id(oldest):
        params.pop("pagination_token", None)
        params |= {"max_results": min(2 * params["max_results"], _MOST_PAGE), "until_id": oldest}
    else:
        params["pagination_token"] = token


@dataclass(frozen=True, slots=True)
class _Page:
    """One answer's posts. `odd`: what is wrong with one of them that can't be used; the others still can."""

    body: Json
    posts: list[ShownPost]
    odd: Unreadable | None


def _parse_page(body: Json, shown: list[Any]) -> _Page:
    posts, odd = [], None
    for post in shown:
        try:
            posts.append(parse_post(post))
        except Unreadable as error:
            odd = error
    return _Page(body, posts, odd)


def _next_token(page: _Page) -> str:
    """What the next page is asked for with; empty after the last. Raises Unreadable where X doesn't say which it is."""
    meta = as_dict(page.body.get("meta"))
    token = "" if meta.get("next_token") is None else meta["next_token"]
    empty = not page.posts and page.odd is None
    sound = meta.get("result_count") == 0 and not page.body.get("errors") if empty else "meta" in page.body
    if not sound or not isinstance(token, str):
        raise Unreadable("X's list of own posts does not say where it ends.", "Reading is tried again later.")
    return token


def _sent(request: Json) -> tuple[str, str, bool]:
    """Text and parent of a stored request, and whether pictures go along. Raises Refused when it is damaged: sending
    half of it would be worse."""
    body = as_dict(request.get("body"))
    text, parent = body.get("text"), as_dict(body.get("reply")).get("in_reply_to_tweet_id", "")
    pictures = as_list(as_dict(body.get("media")).get("media_ids"))
    sound = (parent == "" or is_id(parent)) and all(map(is_id, pictures)) and bool(pictures) == ("media" in body)
    if not isinstance(text, str) or not text.strip() or not sound:
        raise Refused("The stored request is damaged.", "Skip this post and write it anew.")
    return text, parent, bool(pictures)
