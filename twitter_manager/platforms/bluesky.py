"""Publishing to Bluesky, exactly once: the record and its key are chosen and stored before anything is sent.

`putRecord` with `swapRecord: null` makes the post when the key is free, does nothing when this same record is already
there, and refuses when another one is. So the same bytes may be sent any number of times, and reading the key back
tells for sure whether they arrived. https://docs.bsky.app/docs/api/com-atproto-repo-put-record
A thread goes out as one `applyWrites`. Measured for three parts (`python -m tests.threads`): one request instead of
three, 0.05 s instead of 0.14, and of the points at which the program may die 0 of 2 leave half a thread in public, not
4 of 6; it counts 9 points of 5,000 an hour, not 6. Sent again it is a 500 that changes nothing: so it is looked up.
Login and the wire are left to `bluesky_session`, what a failed call means to `bluesky_calls`, what people answer to
`bluesky_social`; lengths and the place of links and mentions to the checks.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from twitter_manager.content import Media, short_link, with_short_link
from twitter_manager.domain import (
    Clock,
    Json,
    Outgoing,
    Platform,
    Receipt,
    RemotePost,
)
from twitter_manager.errors import (
    AlreadyThere,
    NeedsPerson,
    NotSent,
    OutcomeUnknown,
    Refused,
    Unreadable,
)
from twitter_manager.platforms import kept
from twitter_manager.platforms.bluesky_calls import DEFINITE, unreadable
from twitter_manager.platforms.bluesky_records import (
    ADDRESS,
    COLLECTION,
    DAG_CBOR,
    HANDLE,
    LIMITS,
    RAW,
    UNREADABLE_ANSWER,
    TidMaker,
    cid_of,
    encoded,
    external,
    facet_at,
    field_of,
    images,
    link_feature,
    owner_of,
    receipt_at,
    receipt_of,
    remote_post,
    reply_refs,
    repo_and_key,
    uri_of,
)
from twitter_manager.platforms.bluesky_session import (
    CHECK_LOGIN,
    DID,
    BlueskySession,
    CallFailed,
    Headers,
    SessionFile,
    ends_at,
)
from twitter_manager.platforms.bluesky_social import BlueskySocial
from twitter_manager.platforms.facets import Facet, linked
from twitter_manager.platforms.facets import facets as detected
from twitter_manager.platforms.http_errors import used_up_until
from twitter_manager.platforms.matching import graphemes
from twitter_manager.platforms.spec import PlatformContext, PlatformSettings, PlatformSpec, Session
from twitter_manager.validation import matching, text, url, variable

if TYPE_CHECKING:
    from atproto import Client


def _linked(text: str, unattended: bool) -> Sequence[Facet]:
    return linked(text, unattended=unattended)


def _count_links(text: str) -> int:
    return sum(facet.kind == "link" for facet in linked(text, unattended=True))


_IDENTIFIER = matching(
    r"(?=.{3,253}$)(?:did:[a-z]+:[A-Za-z0-9._:%-]+|[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+|[^@\s]+@[^@\s]+\.[^@\s]+)",
    "is not a handle, a DID or an e-mail address",
    "Write it as name.bsky.social, without @ in front.",
)


class BlueskySettings(PlatformSettings):
    """An account and its app password, and the PDS that it lives on."""

    identifier: Annotated[
        str,
        _IDENTIFIER,
        variable(
            "BLUESKY_IDENTIFIER",
            "Bluesky: the handle, and an app password (not the account's own).",
            asked="handle, such as name.bsky.social",
            where="The name of your account, as your profile shows it behind the @.",
        ),
    ]
    password: Annotated[
        str,
        text(500),
        variable(
            "BLUESKY_PASSWORD",
            asked="app password",
            where="Make one at https://bsky.app/settings/app-passwords (Settings, Privacy and security, App passwords)."
            " It looks like abcd-efgh-ijkl-mnop, and is not your account's own password. The refresh token of a session"
            " serves too.",
            secret=True,
        ),
    ]
    service_url: Annotated[
        str, url(path=False), variable("BLUESKY_SERVICE_URL", "The server that the account lives on.")
    ] = "https://bsky.social"

    @property
    def account(self) -> str:
        return f"{self.service_url} {self.identifier.casefold()}"

    @property
    def described(self) -> str:
        return f"as {self.identifier} at {self.service_url}"


def _make(keys: BlueskySettings, context: PlatformContext) -> Platform:
    return Bluesky(
        keys.identifier,
        keys.password,
        session_file=kept.place(context.data, "bluesky", context.bot),
        clock=context.clock,
        service_url=keys.service_url,
    )


def _session_there(keys: BlueskySettings, data: Path, bot: str) -> Session | None:
    """That of the file; else the one whose token stands in the place of an app password."""
    own = ends_at(keys.password)
    file = SessionFile(kept.place(data, "bluesky", bot), keys.service_url, keys.identifier)
    tokens = file.load()
    until = ends_at(tokens.refresh) if tokens else own
    return Session(until, renewable=own is None) if until else None


# Lexicon app.bsky.feed.post: https://github.com/bluesky-social/atproto/blob/main/lexicons/app/bsky/feed/post.json
SPEC = PlatformSpec(
    name="bluesky",
    title="Bluesky",
    make=_make,
    settings=BlueskySettings,
    session_there=_session_there,
    labelling="the label “bot”, which it gives itself",
    revoking="delete the old one at https://bsky.app/settings/app-passwords",
    limit=300,
    unit="graphemes",
    count=graphemes,
    max_bytes=3000,
    forbidden="\0",
    count_links=_count_links,
    shown=with_short_link,
    facets=detected,
    takes_cards=True,
    one_embed=True,
    media=LIMITS,
    card_has_link=True,
)

log = logging.getLogger(__name__)

_PAGE = 100


FindFacets = Callable[[str, bool], Sequence[Facet]]
"""Gives the facets of a text, and is told whether no person wrote it."""


class Bluesky(BlueskySocial):
    """One account as a `domain.Platform`. No request is made, nor the SDK loaded, before a method needs it."""

    name = "bluesky"
    definite = True

    def __init__(
        self,
        identifier: str,
        password: str,
        *,
        session_file: Path,
        clock: Clock,
        facets: FindFacets = _linked,
        service_url: str = "https://bsky.social",
        timeout: float = 30.0,
        new_key: Callable[[], str] | None = None,
    ) -> None:
        super().__init__(BlueskySession(identifier, password, service_url, session_file, clock, timeout), clock)
        self._facets = facets
        self._new_key = new_key or TidMaker(clock)

    @property
    def account(self) -> str:
        return self._session.identifier

    def price(self, text: str, *, summoned: bool = False) -> float:
        """Nothing: Bluesky charges no one."""
        return 0.0

    def prepare(self, post: Outgoing) -> Json:
        """The record in full with its key. Logs in when there is no session yet, and looks up mentioned handles."""
        try:
            post.text.encode()
        except UnicodeEncodeError as error:
            raise Refused("The text holds broken characters (lone surrogates).", "Write it anew.") from error
        record: Json = {
            "$type": COLLECTION,
            "text": with_short_link(post.text, post.link),
            "createdAt": post.created_at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        }
        if re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", post.language):
            record["langs"] = [post.language]
        if media := post.part.media:
            record["embed"] = images(media, [post.uploads[picture.digest]["blob"] for picture in media])
        elif card := post.part.card:
            thumb = post.uploads.get(card.thumb.digest) if card.thumb else None
            record["embed"] = external(card, thumb["blob"] if thumb else None)
        if post.reply:
            record["reply"] = reply_refs(post.reply)
        repo = self._session.open().did
        if facets := self._facets_of(post):
            record["facets"] = facets
        return {"repo": repo, "rkey": self._new_key(), "record": record}

    def upload(self, media: Media, content: bytes) -> Json:
        """The blob's reference. Its name is a hash of its content, so uploading it again changes nothing. The server
        drops what no record refers to after a while. https://docs.bsky.app/docs/api/com-atproto-repo-upload-blob"""

        def send(client: Client, headers: Headers) -> Any:
            answer = client.invoke_procedure(
                "com.atproto.repo.uploadBlob", content=content, input_encoding=media.mime, headers=headers
            )
            return answer.content

        try:
            answer = self._session.call(send)
        except CallFailed as failure:
            error = self._write_error(failure)
            if isinstance(error, OutcomeUnknown | AlreadyThere):  # nobody sees a blob that no post has
                raise NotSent(str(error), "The picture is uploaded again.", status=error.status) from failure
            raise error from failure
        match answer:
            case {"blob": {"ref": {"$link": str(cid)}, "mimeType": str(), "size": int()} as blob}:
                if cid == cid_of(content, RAW):
                    return {"blob": blob}
        raise NotSent("Bluesky's answer to the picture can't be read.", "It is uploaded again.")

    def publish(self, request: Json) -> Receipt:
        """Send it, or find that it is there already; both give the same receipt."""
        began = self._clock()
        self._must_be_mine(request)
        answer = self._write(began, "putRecord", request | {"collection": COLLECTION, "swapRecord": None})
        return self._told_of(answer, receipt_of(answer.content, request))

    def _told_of(self, answer: Any, receipt: Receipt) -> Receipt:
        return replace(receipt, used_up_until=used_up_until(answer.headers, self._clock()))

    def publish_thread(self, requests: Sequence[Json]) -> list[Receipt]:
        """All parts in one commit of the server's, or none. A key in use is a 500 here: looked up, as any other."""
        began = self._clock()
        for request in requests:
            self._must_be_mine(request)
        create = {"$type": "com.atproto.repo.applyWrites#create", "collection": COLLECTION}
        writes = [create | {"rkey": request["rkey"], "value": request["record"]} for request in requests]
        answer = self._write(began, "applyWrites", {"repo": requests[0]["repo"], "writes": writes})
        results = answer.content.get("results") if isinstance(answer.content, dict) else None
        if not isinstance(results, list) or len(results) != len(requests):
            raise OutcomeUnknown(UNREADABLE_ANSWER, "It will be looked up.")
        pairs = zip(results, requests, strict=True)
        return [self._told_of(answer, receipt_of(result, request)) for result, request in pairs]

    def foresee(self, request: Json) -> Receipt:
        """A record's CID is a hash of its content. https://atproto.com/specs/data-model#link-and-cid-formats"""
        repo_and_key(request, Refused)
        return receipt_at(uri_of(request), cid_of(encoded(request["record"]), DAG_CBOR))

    def is_mine(self, request: Json | None, posts: Collection[str]) -> bool:
        """By the DID, which an account keeps when its handle changes. https://atproto.com/specs/did"""
        owners = {repo_and_key(request, Refused)[0]} if request else set(map(owner_of, posts))
        return len(owners) == 1 and owners == {self._session.open().did}

    def _must_be_mine(self, request: Json) -> None:
        if (repo := repo_and_key(request, Refused)[0]) != (mine := self._session.open().did):
            raise Refused(f"The post was made for another account ({repo}, not {mine}).", "Write it anew for this one.")

    def look_up(self, request: Json, since: datetime, claimed: frozenset[str]) -> Receipt | None:
        """Read the key back. None is proof that nothing is there.

        A record under our key with our text or our `createdAt` is ours; when only the text differs somebody has
        edited it since, and it counts as posted. Anything else under the key is left for a person to look at."""
        repo, rkey = repo_and_key(request, Unreadable)
        uri, record = uri_of(request), request["record"]
        if (there := self._record(repo, COLLECTION, rkey)) is None:
            return None
        text, created = field_of(there, "value", "text"), field_of(there, "value", "created_at")
        if record["text"] != text and record["createdAt"] != created:
            message = f"Another post stands under the key of this one: {uri}."
            raise Unreadable(message, "Compare the two, then decide.", forbidden=True)
        if record["text"] != text:
            log.warning("the post %s was edited after it was sent", uri)
        return None if uri in claimed else receipt_at(uri, str(there.cid))

    def recent(self, since: datetime, limit: int = 100) -> list[RemotePost]:
        """The account's posts and replies as its server stores them, by record key, newest first."""
        posts: list[RemotePost] = []
        cursor: str | None = None
        while len(posts) < limit:
            page = self._page(min(_PAGE, limit), cursor)
            fresh = [post for record in page.records if (post := remote_post(record)).created_at >= since]
            posts += fresh
            if not fresh or not page.cursor or page.cursor == cursor:
                break
            cursor = page.cursor
        return posts[:limit]

    def _page(self, limit: int, cursor: str | None) -> Any:
        params = {"repo": self._did(), "collection": COLLECTION, "limit": limit, "cursor": cursor}
        return self._read(lambda client, headers: client.com.atproto.repo.list_records(params, headers=headers))

    def delete(self, remote_id: str) -> None:
        """Take a post of this account down; one that is not there counts as done."""
        mine = self._session.open().did
        match = ADDRESS.fullmatch(remote_id)
        if match is None or match[1] != mine:
            raise Refused(f"{remote_id!r} is no post of {self.account}.", "Give the at:// address of one.")
        data = {"repo": mine, "collection": COLLECTION, "rkey": match[2]}
        try:
            done = self._session.call(
                lambda client, headers: client.com.atproto.repo.delete_record(data, headers=headers)
            )
        except CallFailed as failure:
            raise self._write_error(failure) from failure
        # A server that had nothing to do names no commit, and neither does something that answers in its place.
        if done.commit is None and self._record(mine, COLLECTION, match[2]) is not None:
            raise OutcomeUnknown("Bluesky did not say that it deleted the post, and it is there.", "Try it again.")

    def is_there(self, remote_id: str) -> bool:
        match = ADDRESS.fullmatch(remote_id)
        if match is None:
            raise Unreadable(f"{remote_id!r} is no post.", "Give the at:// address of one.")
        return self._record(match[1], COLLECTION, match[2]) is not None

    def verify(self) -> str:
        try:
            session = self._session.call(lambda client, headers: client.com.atproto.server.get_session(headers=headers))
        except (CallFailed, NotSent) as failure:
            if failure.status in (401, 403):
                raise NeedsPerson(f"Bluesky refused the login: {failure}.", CHECK_LOGIN) from failure
            raise unreadable(failure, self._clock) from failure
        if session.active is False:
            raise NeedsPerson(f"The Bluesky account {session.handle} is {session.status or 'not active'}.", CHECK_LOGIN)
        return f"{session.handle} ({session.did}) at {self._session.service_url}"

    def _facets_of(self, post: Outgoing) -> list[Json]:
        """The facets as the record wants them. https://docs.bsky.app/docs/advanced-guides/post-richtext

        The address that goes along is one whatever it looks like, and whole however the text shows it."""
        end = f"\n{post.link}"
        words = post.text.removesuffix(end) if post.link else post.text
        facets = []
        for facet in self._facets(words, post.unattended):
            if (feature := self._feature(facet)) is not None:
                facets.append(facet_at(facet.byte_start, facet.byte_end, feature))
        if words != post.text:
            start = len(words.encode()) + 1
            facets.append(facet_at(start, start + len(short_link(post.link).encode()), link_feature(post.link)))
        return facets

    def _feature(self, facet: Facet) -> Json | None:
        kind = f"app.bsky.richtext.facet#{facet.kind}"
        if facet.kind == "link":
            return link_feature(facet.value)
        if facet.kind == "tag":
            return {"$type": kind, "tag": facet.value}
        did = self._resolve(facet.value)
        return {"$type": kind, "did": did} if did else None

    def _resolve(self, handle: str) -> str | None:
        """The DID of a handle; None when the service knows none: the mention then stays plain text. Only its own no
        counts: a mention that is lost can't be mended later."""
        if not re.fullmatch(HANDLE, handle):
            return None
        try:
            params = {"handle": handle}
            did = self._session.call_openly(lambda client: client.com.atproto.identity.resolve_handle(params)).did
        except CallFailed as failure:
            if failure.status not in DEFINITE or not failure.code:
                raise failure.as_not_sent(self._clock) from failure
            log.info("the handle %s in the post does not resolve: %s", handle, failure)
            return None
        return did if re.fullmatch(DID, did) else None
