"""What comes back on Mastodon: figures, what others say to the account, conversations, accounts. And a like, a boost,
the bot flag. See `social.SocialPlatform` and `social.LabelledPlatform`.

What a token may do is told by its scopes (https://docs.joinmastodon.org/api/oauth-scopes/): one that is lacking is
named with what the server says. Mastodon's relatives leave counts out, know fewer requests and count in other ways: an
odd answer costs a figure, never the whole reading."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Any

from twitter_manager.domain import Json
from twitter_manager.errors import Gone, OutcomeUnknown, PlatformError, Refused, Unreadable
from twitter_manager.platforms.mastodon_connection import PAGE, MastodonConnection
from twitter_manager.platforms.mastodon_posts import (
    age_order,
    author_of,
    checked_id,
    created_at,
    figures_by_others,
    is_id,
    is_sound,
    moment_of,
    shown,
)
from twitter_manager.platforms.mastodon_server import refusal_of, says, unreadable
from twitter_manager.platforms.matching import as_dict, as_list
from twitter_manager.social import Author, Figures, Heard, HeardPage, Kind, SeenPost

_AT_ONCE = 20
"""For so many ids the server gives posts at once, since 4.3; more is an error. `DEFAULT_STATUSES_LIMIT` of its
`Api::BaseController`."""
_PAGES = 50
"""Pages of own posts that are read at most, where posts can't be asked for by their ids."""
_NOTICES, _FEWEST_NOTICES = 80, 30
"""Notifications of a page at most, since 4.1 and before."""
_NOTICE_PAGES = 10
_ASKED_SINGLY = 20
"""So many posts that a list leaves out are asked for by themselves at a time: gone, or hidden from the list?"""
_NO_SUCH_REQUEST = frozenset({400, 404, 405, 410, 422, 501})
_KINDS = {"mention": Kind.MENTION, "quote": Kind.QUOTE}
"""By the type of a notification. Quotes are since 4.5."""


class MastodonSocial(MastodonConnection):
    """The social half of a Mastodon account."""

    figures_at_once = _AT_ONCE
    _gives_by_id = True
    """False once the server has shown that it knows no such request."""
    _types: Sequence[str] = tuple(_KINDS)

    # -- figures -------------------------------------------------------------------------------------------------------

    def figures(self, remote_ids: Sequence[str]) -> Mapping[str, Figures | None]:
        """See `social.SocialPlatform`. Before 4.3: a request for each 40 own posts in which one of them stands."""
        wanted = [remote_id for remote_id in dict.fromkeys(remote_ids) if is_id(remote_id)]
        told: dict[str, Json | None] = {}
        for at in range(0, len(wanted), _AT_ONCE):
            told |= self._by_id(wanted[at : at + _AT_ONCE])
            if not self._gives_by_id:
                told |= self._by_pages([remote_id for remote_id in wanted if remote_id not in told])
                break
        for remote_id in islice([each for each, status in told.items() if status is None], _ASKED_SINGLY):
            told[remote_id] = self._there(remote_id) or {}
        sure = {remote_id: status for remote_id, status in told.items() if status is not None}
        return {remote_id: figures_by_others(status) if status else None for remote_id, status in sure.items()}

    def _by_id(self, remote_ids: Sequence[str]) -> dict[str, Json | None]:
        """Posts by their ids; None for one that the server leaves out. Raises Unreadable.
        https://docs.joinmastodon.org/methods/statuses/#index"""
        if not self._gives_by_id:
            return {}
        try:
            statuses = self._read(lambda client: client.statuses(list(remote_ids)), "read:statuses")
        except Unreadable as error:
            if error.status not in _NO_SUCH_REQUEST:
                raise
            self._gives_by_id = False
            return {}
        found = {status["id"]: status for status in map(as_dict, statuses) if is_id(status.get("id"))}
        return {remote_id: found.get(remote_id) for remote_id in remote_ids}

    def _by_pages(self, remote_ids: Sequence[str]) -> dict[str, Json | None]:
        """The same from the list of own posts. A page begins just above the newest that was not met yet, where ids are
        numbers, so that what lies between is skipped."""
        account, before = self._own_id(), None
        left = sorted(remote_ids, key=age_order, reverse=True)
        told: dict[str, Json | None] = {}
        for _ in range(_PAGES):
            if not left:
                break
            start = str(int(left[0]) + 1) if left[0].isdigit() else before
            page = self._own_page(account, start)
            met = {status["id"]: status for status in map(as_dict, page) if is_id(status.get("id"))}
            end = min(met, key=age_order, default="")
            if met and end == before:
                break
            passed = [remote_id for remote_id in left if age_order(remote_id) >= age_order(end)]
            told |= {remote_id: met.get(remote_id) for remote_id in passed}
            left, before = left[len(passed) :], end
        return told

    # -- what is said --------------------------------------------------------------------------------------------------

    def heard(self, cursor: str, since: datetime, limit: int) -> HeardPage:
        """See `social.SocialPlatform`. https://docs.joinmastodon.org/methods/notifications/#get"""
        account = self._own_id()
        if cursor:
            asked = self._notices(min(limit, _NOTICES), min_id=cursor)
            page = [notice for notice in asked if age_order(notice["id"]) > age_order(cursor)][:limit]
            more = len(page) >= min(limit, _FEWEST_NOTICES)
        else:
            everything = self._since(since)
            fresh = [notice for notice in everything if (moment_of(notice) or since) >= since]
            page, more = fresh[:limit], len(fresh) > limit
            cursor = everything[-1]["id"] if everything else ""
        heard = [comment for notice in page if (comment := self._comment(notice, account))]
        return HeardPage(heard, page[-1]["id"] if page else cursor, more)

    def _comment(self, notice: Json, account: str) -> Heard | None:
        """What a notification tells of; None where that is not for us, was the account's own or can't be read."""
        kind, status = _KINDS.get(str(notice.get("type"))), as_dict(notice.get("status"))
        if kind is None or not is_sound(status):
            return None
        post = self._shown(status)
        if post.author_id in ("", account):
            return None
        is_reply = kind is Kind.MENTION and post.parent_id and post.parent_author_id == account
        return Heard(Kind.REPLY if is_reply else kind, post)

    def _since(self, since: datetime) -> list[Json]:
        """The newest notifications, oldest first, back to one that is older."""
        notices: list[Json] = []
        for _ in range(_NOTICE_PAGES):
            before = notices[0]["id"] if notices else None
            page = self._notices(_NOTICES, max_id=before)
            older = [notice for notice in page if not before or age_order(notice["id"]) < age_order(before)]
            notices = older + notices
            if not older or any((moment_of(notice) or since) < since for notice in older):
                break
        return notices

    def _notices(self, limit: int, **where: str | None) -> list[Json]:
        """A page of notifications that have an id, oldest first."""
        scope = "read:notifications"
        try:
            page = self._read(lambda client: client.notifications(types=[*self._types], limit=limit, **where), scope)
        except Unreadable as error:
            if error.status not in (400, 422) or len(self._types) == 1:
                raise
            self._types = ("mention",)  # some refuse a type that they don't know
            return self._notices(limit, **where)
        sound = [notice for notice in map(as_dict, page) if is_id(notice.get("id"))]
        return sorted(sound, key=lambda notice: age_order(notice["id"]))

    # -- what is there -------------------------------------------------------------------------------------------------

    def timeline(self, limit: int) -> list[SeenPost]:
        """See `social.SocialPlatform`; of a boost, what is boosted. https://docs.joinmastodon.org/methods/timelines/#home"""
        return [self._shown(status) for status in islice(self._home(limit), limit)]

    def _home(self, limit: int) -> Iterator[Json]:
        before: str | None = None
        for _ in range(-(-limit // PAGE)):
            asked = {"limit": min(limit, PAGE), "max_id": before}
            page = self._read(partial(_ask_home, asked), "read:statuses")
            entries = [entry for entry in map(as_dict, page) if is_id(entry.get("id"))]
            yield from filter(is_sound, (as_dict(entry.get("reblog")) or entry for entry in entries))
            if not entries or entries[-1]["id"] == before:
                return
            before = entries[-1]["id"]

    def thread(self, remote_id: str) -> list[SeenPost]:
        """See `social.SocialPlatform`: what stands above a post and what stands beneath it.
        https://docs.joinmastodon.org/methods/statuses/#context"""
        status = self._there(remote_id)
        if status is None:
            return []
        context = self._read_body("read:statuses", lambda client: client.status_context(remote_id), gone={})
        above, beneath = (
            list(filter(is_sound, map(as_dict, as_list(as_dict(context).get(name)))))
            for name in ("ancestors", "descendants")
        )
        root, *_ = (*above, status)
        posts = sorted((*above, status, *beneath), key=lambda post: (created_at(post), age_order(post["id"])))
        return [self._shown(post, root) for post in posts]

    def seen(self, remote_id: str) -> SeenPost | None:
        """See `social.SocialPlatform`."""
        status = self._there(remote_id)
        return self._shown(status) if status else None

    def author(self, handle: str) -> Author | None:
        """See `social.SocialPlatform`. https://docs.joinmastodon.org/methods/accounts/#lookup"""
        name = handle.removeprefix("@")
        if any(not (letter.isalnum() or letter in "_.-@:") for letter in name):
            return None
        if name:
            account = self._read_body("read:accounts", lambda client: client.account_lookup(name), gone={})
        else:
            account = self._own_account()
        return author_of(account) if account else None

    # -- acts ----------------------------------------------------------------------------------------------------------

    def id_at(self, address: str) -> str:
        """Of a page on the account's own server: what ends with a post's id. Other servers number posts anew."""
        place, _, last = address.rstrip("/").rpartition("/")
        return last if is_id(last) and f"{place}/".startswith(f"{self._base_url}/") else ""

    def like(self, remote_id: str) -> None:
        """See `social.SocialPlatform`. https://docs.joinmastodon.org/methods/statuses/#favourite"""
        checked_id(remote_id)
        self._act("write:favourites", lambda client: client.status_favourite(remote_id))

    def repost(self, remote_id: str) -> None:
        """See `social.SocialPlatform`. https://docs.joinmastodon.org/methods/statuses/#boost"""
        checked_id(remote_id)
        self._act("write:statuses", lambda client: client.status_reblog(remote_id))

    def is_labelled(self) -> bool:
        """Whether the account is marked as a bot."""
        return self._own_account().get("bot") is True

    def label(self) -> None:
        """Mark the account as a bot. https://docs.joinmastodon.org/methods/accounts/#update_credentials"""
        account = as_dict(self._act("write:accounts", lambda client: client.account_update_credentials(bot=True)))
        if account.get("bot") is not True:
            raise Refused("Mastodon did not mark the account as a bot.", "Do it there: Preferences, Profile.")

    def _act(self, scope: str, send: Callable[[Any], object]) -> Any:
        """Something that a second time changes nothing of. Raises NotSent, Refused, NeedsPerson, OutcomeUnknown."""
        try:
            return self._ask(send, scope)
        except OutcomeUnknown as error:
            raise OutcomeUnknown(error.message, "Try it again: twice is once.", status=error.status) from error
        except Refused as error:
            if error.status == 404:
                raise Gone("The post is not there any more.", "Nothing was done.", status=404) from error
            raise

    # -- reading -------------------------------------------------------------------------------------------------------

    def _own_id(self) -> str:
        """Raises Unreadable."""
        try:
            return self._ask_known().account_id
        except PlatformError as error:
            raise unreadable(error) from error

    def _own_account(self) -> Json:
        account = self._read_body("read:accounts", lambda client: client.account_verify_credentials())
        return as_dict(account)

    def _there(self, remote_id: str) -> Json | None:
        """A post as it is shown, whoever wrote it; None where it is gone. Raises Unreadable."""
        if not is_id(remote_id):
            raise Unreadable(f"{remote_id!r:.60} is no Mastodon post id.", "Look at the end of the post's address.")
        status = self._read_body("read:statuses", lambda client: client.status(remote_id), gone={})
        if status and (not is_sound(as_dict(status)) or status["id"] != remote_id):
            raise Unreadable("Mastodon shows the post in a way that can't be read.", "Look at it there.")
        return status or None

    def _shown(self, status: Json, root: Json | None = None) -> SeenPost:
        top = self._receipt(root) if root and root["id"] != status["id"] else None
        return shown(status, self._receipt(status), top)

    def _read_body(self, scope: str, send: Callable[[Any], object], gone: Json | None = None) -> Any:
        """What a request gives, an object or a list; `gone`: what stands for a definite 404. Raises Unreadable."""
        try:
            answer = self._call(send)
            if gone is not None and answer.status == 404 and says(answer):
                return gone
            if not 200 <= answer.status < 300:
                raise refusal_of(answer, self._clock(), scope)
        except PlatformError as error:
            raise unreadable(error) from error
        body = answer.json()
        if not isinstance(body, (dict, list)):
            raise Unreadable("Mastodon's answer can't be read.", "Reading is tried again later.")
        return body


def _ask_home(where: Mapping[str, Any], client: Any) -> object:
    return client.timeline_home(**where)
