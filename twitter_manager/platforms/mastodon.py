"""Mastodon through Mastodon.py: publish, find again, read back, verify, delete.

Exactly once: each post carries an `Idempotency-Key`, by which the server gives back the first post instead of making a
second one, for an hour (https://docs.joinmastodon.org/methods/statuses/#create). A server that stored the post may die
before it stores the key, so the key is a second net and never a proof: what has no clear answer is looked up among the
account's own posts, and is sent again only when it had time to show up there. How the server is asked is left to
`mastodon_connection.py`, what comes back to `mastodon_social.py`.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from twitter_manager.content import Media, MediaLimits
from twitter_manager.domain import Json, Outgoing, Receipt, RemotePost
from twitter_manager.errors import (
    Doubtful,
    Gone,
    NeedsPerson,
    NotSent,
    OutcomeUnknown,
    PlatformError,
    Refused,
    Unreadable,
)
from twitter_manager.platforms import kept
from twitter_manager.platforms.http_errors import used_up_until
from twitter_manager.platforms.mastodon_connection import account_of
from twitter_manager.platforms.mastodon_media import LIMITS, Attachments, limited, refuse_unfit
from twitter_manager.platforms.mastodon_posts import (
    addressed,
    age_order,
    checked_id,
    count,
    created_at,
    edited,
    folded,
    is_id,
    is_sound,
    narrower,
    parent_of,
)
from twitter_manager.platforms.mastodon_server import Known, Limits, kept_of, says, unreadable
from twitter_manager.platforms.mastodon_social import MastodonSocial
from twitter_manager.platforms.matching import as_dict, as_list, graphemes, html_text, refuse_unsendable, words
from twitter_manager.platforms.spec import PlatformContext, PlatformSettings, PlatformSpec
from twitter_manager.validation import TOKEN, choice, text, url, variable

_SKEW = timedelta(minutes=5)
"""How far the two clocks may be apart."""
_KEY_LASTS = timedelta(minutes=50)
"""For so long, and ten minutes more, the server knows an idempotency key."""
_PAGES = 10
_PROOFS = 5
"""So many posts show whose all are that went out under one token: each is asked for by itself."""


class Mastodon(MastodonSocial):
    """domain.Platform for one Mastodon account."""

    name = "mastodon"
    definite = False

    def price(self, text: str, *, summoned: bool = False) -> float:
        """Nothing: Mastodon charges no one."""
        return 0.0

    def prepare(self, post: Outgoing) -> Json:
        """The account's id, the idempotency key and the form of POST /api/v1/statuses."""
        refuse_unsendable(post.text)
        form: Json = {"status": post.text, "visibility": self._visibility}
        if self._warning:
            form["spoiler_text"] = self._warning
        if language := re.match(r"[a-z]{2,3}(?=-|$)", post.language):
            form["language"] = language[0]
        import uuid

        known = self._ask_known()
        if post.reply is not None:
            parent = post.reply.parent
            form["in_reply_to_id"] = checked_id(parent.remote_id)
            form["status"] = addressed(post.text, parent.extra.get("author", ""), known.handle.split("@")[1])
            form["visibility"] = narrower(self._visibility, parent)
        counted, most = count(form["status"]) + graphemes(self._warning), known.limits.max_characters
        if counted > most:
            raise Refused(f"{counted} characters, and {self._base_url} takes {most}.", "Shorten it.")
        if post.part.media:
            form["media_ids"] = self._attached(post, known.limits)
        # With the words and the moment: a database that was set back counts its deliveries anew.
        seed = "\n".join([str(post.delivery_id), post.created_at.isoformat(), *map(str, form.values())])
        key = uuid.uuid5(uuid.uuid5(uuid.NAMESPACE_OID, self._installation), seed)
        request = {"account": self._owner(known), "key": str(key), "form": form}
        return request | ({"made_at": post.created_at.isoformat()} if post.part.media else {})

    def _attached(self, post: Outgoing, limits: Limits) -> list[str]:
        if len(post.part.media) > limits.max_media:
            raise Refused(
                f"{len(post.part.media)} pictures, and {self._base_url} takes {limits.max_media}.", "Use fewer."
            )
        return [post.uploads[picture.digest]["id"] for picture in post.part.media]

    def limited(self, limits: MediaLimits) -> MediaLimits:
        """See `delivery.uploading.LimitingPlatform`."""
        return limited(limits, self._ask_known().limits)

    def upload(self, media: Media, content: bytes) -> Json:
        """Gives the attachment's id. Raises NotSent, Refused, NeedsPerson."""
        refuse_unfit(media, content, self._ask_known().limits)
        return self._attachments.upload(media, content)

    def publish(self, request: Json) -> Receipt:
        """Send it, or get the post that was made under its key. https://docs.joinmastodon.org/methods/statuses/"""
        began, form = self._clock(), _sent(request)
        mine = self._ask_known()
        if request["account"] != self._owner(mine):
            raise Refused(f"The post was made for another account, not {mine.handle}.", "Write it anew for this one.")
        ids = form.get("media_ids", [])
        age = abs(began - datetime.fromisoformat(request["made_at"])) if ids else timedelta()
        if age > _KEY_LASTS:
            # Servers before 4.3 leave out without a word what they no longer have. Within the hour the key gives the
            # first post back, whatever became of its pictures.
            self._attachments.refuse_gone(ids, age)
        answer = self._call(lambda client: client.status_post(**form, idempotency_key=request["key"]), began)
        if answer.status == 422 and says(answer):
            self._attachments.refuse_gone(ids, age)
        if answer.status == 404 and "in_reply_to_id" in form and says(answer):
            raise Gone(f"Mastodon refused this: {says(answer)}", "The thread can't go on there.", status=404)
        status = as_dict(self._yes(answer))
        if not is_id(status.get("id")):
            raise OutcomeUnknown(
                f"Mastodon answered {answer.status} without a usable post id.", "It is looked up.", status=answer.status
            )
        return replace(self._receipt(status), used_up_until=used_up_until(answer.headers, self._clock()))

    def is_mine(self, request: Json | None, posts: Collection[str]) -> bool:
        """By the server and the account's id, which a new token does not change; else by whose the posts are."""
        mine = self._ask_known()
        if request:
            _sent(request)
            return bool(request["account"] == self._owner(mine))
        newest = sorted(posts, key=age_order)[-_PROOFS:]
        return bool(newest) and all(self._author(post) == mine.account_id for post in newest)

    def _owner(self, known: Known) -> str:
        """Ids are a server's own."""
        return f"{known.account_id}@{urlsplit(self._base_url).netloc}"

    def _author(self, remote_id: str) -> str:
        """The id of the account that a post is of, "" where it is not there. Raises NotSent, NeedsPerson."""
        return str(as_dict((self._status(remote_id) or {}).get("account")).get("id", ""))

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
        if answer.status == 404 and says(answer):
            return
        if as_dict(self._yes(answer)).get("id") != remote_id:
            raise OutcomeUnknown("Mastodon did not say that it deleted the post.", "Look at the account.")

    def edit(self, remote_id: str, text: str) -> None:
        """Give a post other words; all else of it stays. https://docs.joinmastodon.org/methods/statuses/#edit"""
        began = self._clock()
        status = self._status(remote_id)
        if status is None:
            raise Gone("The post is not there any more.", "Nothing was changed.", status=404)
        address, headers = f"{self._base_url}/api/v1/statuses/{remote_id}", {"Authorization": f"Bearer {self._token}"}
        form = edited(status, text)
        # By hand: the client's own call can't name the language.
        answer = self._call(lambda client: client.session.put(address, json=form, headers=headers), began)
        if as_dict(self._yes(answer)).get("id") != remote_id:
            raise OutcomeUnknown("Mastodon did not say that it changed the post.", "It is tried again.")

    def is_there(self, remote_id: str) -> bool:
        try:
            return self._status(remote_id) is not None
        except PlatformError as error:
            raise unreadable(error) from error

    def verify(self) -> str:
        """`@name@host`, and how long a post may be there."""
        try:
            known = self._ask_known(anew=True)
        except NotSent as error:
            raise unreadable(error) from error
        told = f"{known.handle}, posts up to {known.limits.max_characters} characters"
        return told if self._may_upload() else f"{told}, no pictures: the token lacks the scope write:media"

    def _may_upload(self) -> bool:
        """False only where the server says so: the scopes of the token's application, since 4.3.
        https://docs.joinmastodon.org/methods/apps/#verify_credentials"""
        with contextlib.suppress(PlatformError):
            scopes = as_dict(self._ask(lambda client: client.app_verify_credentials())).get("scopes")
            return not isinstance(scopes, list) or not {"write", "write:media"}.isdisjoint(map(str, scopes))
        return True

    @property
    def _attachments(self) -> Attachments:
        return Attachments(lambda send, within: self._call(send, within=within), self._clock, self._sleep)

    def _statuses(self, since: datetime) -> Iterator[Json]:
        """Own posts, newest first.

        Raises Unreadable, also when one of them can't be read or there are more than we are ready to ask for: absence
        would be a guess."""
        start = min(since, self._clock()) - _SKEW
        try:
            account = self._ask_known().account_id
        except (NotSent, NeedsPerson) as error:
            raise unreadable(error) from error
        before: str | None = None
        odd = False
        for _ in range(_PAGES):
            page = self._own_page(account, before)
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

    def _first_version(self, status: Json) -> str:
        """The text as it was before a person edited it. Raises Unreadable."""
        if not status.get("edited_at"):
            return html_text(status["content"])
        versions = self._read(lambda client: client.status_history(status["id"]))
        if not versions or not isinstance(as_dict(versions[0]).get("content"), str):
            raise Unreadable("Mastodon does not show what an edited post was.", "Look at the account.")
        return html_text(versions[0]["content"])


_FORM = frozenset({"status", "visibility", "spoiler_text", "language", "in_reply_to_id"})
"""The form's fields of text; `media_ids` besides is a list."""


def _sent(request: Json) -> Json:
    """The form of a stored request. Raises Refused when it is damaged: sending half of it would be worse."""
    form = as_dict(request.get("form"))
    texts = {name: value for name, value in form.items() if name != "media_ids"}
    fields = [request.get("account"), request.get("key"), form.get("status"), *texts.values()]
    sound = all(isinstance(value, str) and value.strip() for value in fields) and not texts.keys() - _FORM
    if "media_ids" in form:
        ids = as_list(form["media_ids"])
        sound = sound and bool(ids) and all(map(is_id, ids)) and _is_moment(request.get("made_at"))
    if not sound:
        raise Refused("The stored request is damaged.", "Skip this post and write it anew.")
    return form


def _is_moment(value: object) -> bool:
    with contextlib.suppress(TypeError, ValueError):
        return datetime.fromisoformat(value).tzinfo is not None  # type: ignore[arg-type]
    return False


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
            " read:statuses, write:statuses and write:media; to hear what people answer, read:notifications; to like"
            " posts from here, write:favourites; to mark the account as a bot from here, write:accounts. Open the"
            " application again and copy Your access token.",
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
        return f"at {account_of(self.base_url, self.access_token)}"


def _make(keys: MastodonSettings, context: PlatformContext) -> Mastodon:
    return Mastodon(
        keys.base_url,
        keys.access_token,
        installation=context.installation,
        state_file=kept.place(context.data, "mastodon", context.bot),
        clock=context.clock,
        visibility=keys.visibility,
        content_warning=keys.content_warning,
    )


def _limit_there(keys: MastodonSettings, data: Path, bot: str) -> int:
    """What the instance takes, less the content warning, which counts."""
    known = kept_of(kept.place(data, "mastodon", bot), account_of(keys.base_url, keys.access_token))
    return (known.limits if known else Limits()).max_characters - graphemes(keys.content_warning)


SPEC = PlatformSpec(
    name="mastodon",
    title="Mastodon",
    make=_make,
    settings=MastodonSettings,
    labelling="“This is an automated account” in its profile",
    revoking="end the old one on its server: Preferences, Development, the application, Regenerate access token or"
    " Delete",
    limit=Limits().max_characters,
    limit_there=_limit_there,
    count=count,
    forbidden="\0",
    media=LIMITS,
)
