"""Mastodon through Mastodon.py: publish, find again, read back, verify, delete.

Exactly once: each post carries an `Idempotency-Key`, by which the server gives back the first post instead of making a
second one, for an hour (https://docs.joinmastodon.org/methods/statuses/#create). A server that stored the post may die
before it stores the key, so the key is a second net and never a proof: what has no clear answer is looked up among the
account's own posts, and is sent again only when it had time to show up there. `transport.py` says how far a request
got; the errors that Mastodon.py raises are not looked at, for they say no more than the answer does.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from twitter_manager.domain import Clock, Json, Outgoing, Receipt, RemotePost
from twitter_manager.errors import Doubtful, NeedsPerson, NotSent, OutcomeUnknown, PlatformError, Refused, Unreadable
from twitter_manager.platforms import kept
from twitter_manager.platforms.http_errors import retry_at_from_headers, told
from twitter_manager.platforms.mastodon_posts import checked_id, count, created_at, folded, is_id, is_sound, parent_of
from twitter_manager.platforms.matching import as_dict, graphemes, html_text, refuse_unsendable, words
from twitter_manager.platforms.spec import PlatformContext, PlatformSettings, PlatformSpec
from twitter_manager.platforms.transport import Answer, Transport
from twitter_manager.redaction import Redactor
from twitter_manager.validation import TOKEN, choice, text, url, variable

_MAKE_ONE = (
    "Make a token with the scopes read:accounts, read:statuses and write:statuses (on the server: Preferences,"
    " Development), and put it into MASTODON_ACCESS_TOKEN."
)
_LEAVES_WITHIN = timedelta(minutes=1)
"""From the decision to post to the first byte on its way. A process that was stopped in between decides anew."""
_SKEW = timedelta(minutes=5)
"""How far the two clocks may be apart."""
_ASKED_AGAIN_AFTER = timedelta(days=1)
_PAGE, _PAGES = 40, 10
_DEFINITE = frozenset({400, 403, 404, 405, 406, 410, 413, 414, 415, 422, 431})
"""Statuses that are a no when it is Mastodon that says so (a proxy's HTML may stand for anything)."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What the instance takes; these are the values of a Mastodon that nobody changed."""

    max_characters: int = 500
    max_media: int = 4
    image_bytes: int = 16 * 1024 * 1024
    description_characters: int = 1500


@dataclass(frozen=True, slots=True)
class Known:
    """What the server said of itself and of the token's owner. `handle`: @name@host."""

    account_id: str
    handle: str
    limits: Limits
    asked_at: datetime


class Mastodon:
    """domain.Platform for one Mastodon account. Nothing is imported or opened before the first request.

    `installation`: keeps the idempotency keys of two installations apart. `state_file`: keeps what the server said of
    itself and the account, for a day. Timeouts are in seconds."""

    name = "mastodon"
    definite = False

    def __init__(
        self,
        base_url: str,
        access_token: str,
        *,
        installation: str,
        state_file: Path,
        clock: Clock,
        visibility: str = "public",
        content_warning: str = "",
        connect_timeout: float = 10,
        read_timeout: float = 30,
    ) -> None:
        self._base_url, self._token = base_url.rstrip("/"), access_token
        self._installation, self._clock = installation, clock
        self._visibility, self._warning = visibility, content_warning
        self._timeouts = (connect_timeout, read_timeout)
        self._file = state_file
        self._known: Known | None = None

    @property
    def account(self) -> str:
        return _account(self._base_url, self._token)

    def price(self, text: str) -> float:
        """Nothing: Mastodon charges no one."""
        return 0.0

    def prepare(self, post: Outgoing) -> Json:
        """The account's id, the idempotency key and the form of POST /api/v1/statuses."""
        refuse_unsendable(post.text)
        form = {"status": post.text, "visibility": self._visibility}
        if self._warning:
            form["spoiler_text"] = self._warning
        if language := re.match(r"[a-z]{2,3}(?=-|$)", post.language):
            form["language"] = language[0]
        if post.reply is not None:
            form["in_reply_to_id"] = checked_id(post.reply.parent.remote_id)
        import uuid

        known = self._ask_known()
        counted, most = count(post.text) + graphemes(self._warning), known.limits.max_characters
        if counted > most:
            raise Refused(f"{counted} characters, and {self._base_url} takes {most}.", "Shorten it.")
        # With the words and the moment: a database that was set back counts its deliveries anew.
        seed = "\n".join([str(post.delivery_id), post.created_at.isoformat(), *form.values()])
        key = uuid.uuid5(uuid.uuid5(uuid.NAMESPACE_OID, self._installation), seed)
        return {"account": self._owner(known), "key": str(key), "form": form}

    def publish(self, request: Json) -> Receipt:
        """Send it, or get the post that was made under its key. https://docs.joinmastodon.org/methods/statuses/"""
        began, form = self._clock(), _sent(request)
        mine = self._ask_known()
        if request["account"] != self._owner(mine):
            raise Refused(f"The post was made for another account, not {mine.handle}.", "Write it anew for this one.")
        answer = self._call(lambda client: client.status_post(**form, idempotency_key=request["key"]), began)
        status = as_dict(self._yes(answer))
        if not is_id(status.get("id")):
            raise OutcomeUnknown(
                f"Mastodon answered {answer.status} without a usable post id.", "It is looked up.", status=answer.status
            )
        return self._receipt(status)

    def is_mine(self, request: Json | None, posts: Collection[str]) -> bool:
        """By the server and the account's id, which a new token does not change; else by whose the posts are."""
        mine = self._ask_known()
        if request:
            _sent(request)
            return bool(request["account"] == self._owner(mine))
        return bool(posts) and all(self._author(post) == mine.account_id for post in posts)

    def _owner(self, known: Known) -> str:
        """Ids are a server's own."""
        return f"{known.account_id}@{urlsplit(self._base_url).netloc}"

    def _author(self, remote_id: str) -> str:
        """The id of the account that a post is of, "" where it is not there. Raises NotSent, NeedsPerson."""
        answer = self._call(lambda client: client.status(checked_id(remote_id)))
        if answer.status == 404:
            return ""
        try:
            return str(as_dict(as_dict(self._yes(answer)).get("account")).get("id", ""))
        except (OutcomeUnknown, Refused) as error:
            raise NotSent(error.message, "It is tried again.", status=error.status) from error

    def look_up(self, request: Json, since: datetime, claimed: frozenset[str]) -> Receipt | None:
        """The newest own post since then (less five minutes for clocks that differ) with this text and parent, as it
        was before a person edited it. Raises Unreadable also where a post is nearly this one: absence would be a
        guess."""
        try:
            form = _sent(request)
        except Refused as error:
            raise Unreadable(error.message, error.remedy, forbidden=True) from error
        text, parent = form["status"], form.get("in_reply_to_id", "")
        doubtful: list[Json] = []
        for status in self._statuses(since):
            if status["id"] in claimed or parent_of(status) != parent or status.get("reblog"):
                continue
            shown = self._first_version(status)
            if folded(shown) == folded(text):
                return self._receipt(status)
            if words(folded(shown)) == words(folded(text)):
                doubtful.append(status)
        if doubtful:
            which = f"{self._receipt(doubtful[0]).url} may be this post, and may be another."
            raise Doubtful(which, "Look at the account.")
        return None

    def recent(self, since: datetime, limit: int = 100) -> list[RemotePost]:
        posts = (
            RemotePost(self._receipt(status), html_text(status["content"]), created_at(status), parent_of(status))
            for status in self._statuses(since)
            if not status.get("reblog")
        )
        return list(islice(posts, limit))

    def delete(self, remote_id: str) -> None:
        """Take a post down; one that is gone already is fine. https://docs.joinmastodon.org/methods/statuses/#delete"""
        checked_id(remote_id)
        answer = self._call(lambda client: client.status_delete(remote_id))
        if answer.status == 404 and _says(answer):
            return
        if as_dict(self._yes(answer)).get("id") != remote_id:
            raise OutcomeUnknown("Mastodon did not say that it deleted the post.", "Look at the account.")

    def verify(self) -> str:
        """`@name@host`, and how long a post may be there."""
        try:
            known = self._ask_known(anew=True)
        except NotSent as error:
            raise _unreadable(error) from error
        return f"{known.handle}, posts up to {known.limits.max_characters} characters"

    def _ask_known(self, *, anew: bool = False) -> Known:
        """Raises NotSent, NeedsPerson: it is asked before anything is sent."""
        known = self._known or _kept(self._file, self.account)
        if known is None or anew or abs(self._clock() - known.asked_at) > _ASKED_AGAIN_AFTER:
            try:
                known = self._asked()
            except NeedsPerson:
                raise
            except PlatformError as error:
                if known is None or anew:
                    retry_at = error.retry_at if isinstance(error, NotSent) else None
                    message = f"It could not be found out whose access token this is: {error.message}"
                    raise NotSent(message, error.remedy, status=error.status, retry_at=retry_at) from error
            else:
                kept.save(
                    self._file, {"account": self.account}, asdict(known) | {"asked_at": known.asked_at.isoformat()}
                )
        self._known = known
        return known

    def _asked(self) -> Known:
        owner = as_dict(self._ask(lambda client: client.account_verify_credentials()))
        instance = as_dict(self._ask_instance())
        name, configuration = owner.get("username"), as_dict(instance.get("configuration"))
        if not is_id(owner.get("id")) or not isinstance(name, str) or not re.fullmatch(r"[\w.-]{1,100}", name):
            raise OutcomeUnknown("Mastodon did not say whose access token this is.", "Check MASTODON_BASE_URL.")
        statuses, media = as_dict(configuration.get("statuses")), as_dict(configuration.get("media_attachments"))
        usual = Limits()
        limits = Limits(
            _number(statuses.get("max_characters"), usual.max_characters),
            _number(statuses.get("max_media_attachments"), usual.max_media),
            _number(media.get("image_size_limit"), usual.image_bytes),
            _number(media.get("description_limit"), usual.description_characters),
        )
        return Known(owner["id"], f"@{name}@{urlsplit(self._base_url).netloc}", limits, self._clock())

    def _ask_instance(self) -> Any:
        try:
            return self._ask(lambda client: client.instance_v2())
        except NeedsPerson:
            raise
        except Refused:  # older servers and some relatives know no such request
            return {}

    @cached_property
    def _connection(self) -> tuple[Any, Transport]:
        import mastodon

        client = mastodon.Mastodon(
            access_token=self._token,
            api_base_url=self._base_url,
            ratelimit_method="throw",
            user_agent="twitter_manager",
        )
        transport = Transport(self._base_url, *self._timeouts, redact=Redactor((self._token,)).redact)
        transport.mount_on(client.session)
        return client, transport

    def _call(self, send: Callable[[Any], object], began: datetime | None = None) -> Answer:
        """The complete answer, whatever it says. `began`: when it was decided to send, if that was before now. Raises
        NotSent or OutcomeUnknown where there is none."""
        began = began or self._clock()
        client, transport = self._connection
        return transport.ask(
            "Mastodon",
            lambda: send(client),
            lambda: abs(self._clock() - began) <= _LEAVES_WITHIN,
            "Check the network, and MASTODON_BASE_URL.",
        )

    def _ask(self, send: Callable[[Any], object]) -> Any:
        """The body of a yes. Raises what `_refusal` gives for anything else."""
        return self._yes(self._call(send))

    def _yes(self, answer: Answer) -> Any:
        if not 200 <= answer.status < 300:
            raise _refusal(answer, self._clock())
        return answer.json()

    def _read(self, send: Callable[[Any], object]) -> list[Any]:
        """A list. Raises Unreadable."""
        try:
            body = self._ask(send)
        except PlatformError as error:
            raise _unreadable(error) from error
        if not isinstance(body, list):
            raise Unreadable("Mastodon's list of posts is no list.", "Reading is tried again later.")
        return body

    def _statuses(self, since: datetime) -> Iterator[Json]:
        """Own posts, newest first. https://docs.joinmastodon.org/methods/accounts/#statuses

        Raises Unreadable, also when one of them can't be read or there are more than we are ready to ask for: absence
        would be a guess."""
        start = min(since, self._clock()) - _SKEW
        try:
            account = self._ask_known().account_id
        except (NotSent, NeedsPerson) as error:
            raise _unreadable(error) from error
        before: str | None = None
        odd = False
        for _ in range(_PAGES):
            page = self._page(account, before)
            sound = [status for status in map(as_dict, page) if is_sound(status)]
            odd = odd or len(sound) < len(page)
            yield from (status for status in sound if created_at(status) >= start)
            if not sound or any(created_at(status) < start for status in sound):
                if odd:
                    raise Unreadable("Mastodon shows a post without a usable id, text or time.", "Look at the account.")
                return
            if before == sound[-1]["id"]:
                break
            before = sound[-1]["id"]
        raise Unreadable("Mastodon has too many own posts since then to read them all.", "Look at the account.")

    def _page(self, account: str, before: str | None) -> list[Any]:
        return self._read(lambda client: client.account_statuses(account, limit=_PAGE, max_id=before))

    def _first_version(self, status: Json) -> str:
        """The text as it was before a person edited it. Raises Unreadable."""
        if not status.get("edited_at"):
            return html_text(status["content"])
        versions = self._read(lambda client: client.status_history(status["id"]))
        if not versions or not isinstance(as_dict(versions[0]).get("content"), str):
            raise Unreadable("Mastodon does not show what an edited post was.", "Look at the account.")
        return html_text(versions[0]["content"])

    def _receipt(self, status: Json) -> Receipt:
        url = status.get("url")
        is_address = isinstance(url, str) and re.fullmatch(r"https?://\S{1,500}", url)
        return Receipt(status["id"], str(url) if is_address else f"{self._base_url}/web/statuses/{status['id']}")


def _kept(file: Path, account: str) -> Known | None:
    """What was kept of this account at its server; None where it is not there or is not sound."""
    stored = kept.load(file, {"account": account}) or {}
    with contextlib.suppress(ValueError, TypeError, KeyError, AttributeError):
        limits = Limits(**{name: _number(value, 0) for name, value in stored["limits"].items()})
        if is_id(stored["account_id"]) and min(asdict(limits).values()) > 0:
            asked_at = datetime.fromisoformat(stored["asked_at"]).astimezone(UTC)
            return Known(stored["account_id"], str(stored["handle"]), limits, asked_at)
    return None


def _says(answer: Answer) -> str:
    """What Mastodon gives as the reason; "" where it is not Mastodon that speaks."""
    error = as_dict(answer.json()).get("error")
    return told(error, answer.redact) if isinstance(error, str) else ""


def _refusal(answer: Answer, now: datetime) -> PlatformError:
    """The error for an answer that is not a yes. Forks answer differently: status and shape count, not words."""
    status, says = answer.status, _says(answer)
    if status == 401:
        return NeedsPerson("Mastodon does not accept the access token.", _MAKE_ONE, status=status)
    if status == 429:
        retry_at = retry_at_from_headers(answer.headers, now)
        message = "Mastodon's rate limit is reached."
        return NotSent(message, "It is tried again later.", status=status, retry_at=retry_at)
    if status not in _DEFINITE or not says:
        return OutcomeUnknown(f"Mastodon's answer {status} does not settle it.", "It is looked up.", status=status)
    if status == 403:
        return NeedsPerson(f"Mastodon does not allow this: {says}.", _MAKE_ONE, status=status)
    remedy = "Look at its length and at whom it replies to."
    return Refused(f"Mastodon refused this ({status}): {says}.", remedy, status=status)


_FORM = frozenset({"status", "visibility", "spoiler_text", "language", "in_reply_to_id"})


def _unreadable(error: PlatformError) -> Unreadable:
    forbidden = isinstance(error, NeedsPerson)
    remedy = error.remedy if forbidden else "Reading is tried again later."
    return Unreadable(error.message, remedy, status=error.status, forbidden=forbidden)


def _sent(request: Json) -> dict[str, str]:
    """The form of a stored request. Raises Refused when it is damaged: sending half of it would be worse."""
    form: dict[str, str] = as_dict(request.get("form"))
    fields = [request.get("account"), request.get("key"), form.get("status"), *form.values()]
    if form.keys() - _FORM or not all(isinstance(value, str) and value.strip() for value in fields):
        raise Refused("The stored request is damaged.", "Skip this post and write it anew.")
    return form


def _number(value: object, usual: int) -> int:
    return value if isinstance(value, int) and 0 < value < 2**40 else usual


def _account(base_url: str, access_token: str) -> str:
    """A token does not tell whose it is; a part of its hash tells it from another account's."""
    fingerprint = hashlib.sha256(access_token.encode()).hexdigest()[:8]
    return f"{urlsplit(base_url).netloc} (token {fingerprint})"


class MastodonSettings(PlatformSettings):
    """A server and an access token for it, and what goes with each post."""

    base_url: Annotated[
        str,
        url(path=False),
        variable(
            "MASTODON_BASE_URL",
            "Mastodon: the account's server, and a token made there.",
            asked="the account's server, such as https://mastodon.social",
        ),
    ]
    access_token: Annotated[
        str,
        TOKEN,
        variable(
            "MASTODON_ACCESS_TOKEN",
            asked="access token",
            where="On your server: Preferences, Development, New application, with the scopes read:accounts,"
            " read:statuses, write:statuses and write:media. Open the application again and copy Your access token.",
            secret=True,
        ),
    ]
    visibility: Annotated[
        str,
        choice("public", "unlisted", "private"),
        variable("MASTODON_VISIBILITY", "Who sees the posts: public, unlisted or private."),
    ] = "public"
    content_warning: Annotated[
        str,
        text(200),
        variable("MASTODON_CONTENT_WARNING", "What is shown in place of each post until it is opened. Empty: none."),
    ] = ""

    @property
    def account(self) -> str:
        return f"{self.base_url} {self.access_token}"

    @property
    def described(self) -> str:
        return f"at {_account(self.base_url, self.access_token)}"


def _state_file(data: Path, bot: str) -> Path:
    return data / "sessions" / f"mastodon-{bot}"


def _make(keys: MastodonSettings, context: PlatformContext) -> Mastodon:
    return Mastodon(
        keys.base_url,
        keys.access_token,
        installation=context.installation,
        state_file=_state_file(context.data, context.bot),
        clock=context.clock,
        visibility=keys.visibility,
        content_warning=keys.content_warning,
    )


def _limit_there(keys: MastodonSettings, data: Path, bot: str) -> int:
    """What the instance takes, less the content warning, which counts."""
    known = _kept(_state_file(data, bot), _account(keys.base_url, keys.access_token))
    return (known.limits if known else Limits()).max_characters - graphemes(keys.content_warning)


SPEC = PlatformSpec(
    name="mastodon",
    title="Mastodon",
    make=_make,
    settings=MastodonSettings,
    limit=Limits().max_characters,
    limit_there=_limit_there,
    count=count,
    forbidden="\0",
)
