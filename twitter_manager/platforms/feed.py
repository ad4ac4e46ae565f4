"""The local feed: an Atom file and, beside it, a page that a person opens from disk. No account, no key, no network.

The Atom file is the truth and is replaced first, atomically; the page is derived from it and mended whenever it is
found out of step. The page alone says where else a post went: that changes after a post is out, and an entry that a
feed reader has read stays as it is. A file that is there and was not written by this program is never replaced. Only
one process writes at a time: the run's lock sees to that. How the two files look is told in `feed_atom` and
`feed_page`.

Exactly once: an entry's id follows from the feed's id and the delivery's, so a second try finds the first. The feed
keeps the newest posts in the order (time prepared, delivery); it also remembers the newest one that had to leave
(`tm:left`). A post at or before that mark either was here and left, or would leave the moment it came: in both cases
the file is already as it would be after publishing it, so `publish` changes nothing and `look_up` finds it.
"""

from __future__ import annotations

import hashlib
import logging
import os
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path

from twitter_manager import phrases
from twitter_manager.content import Media, MediaLimits, part_of
from twitter_manager.domain import Clock, Elsewhere, Json, Outgoing, Platform, Receipt, RemotePost
from twitter_manager.errors import (
    MediaGone,
    NeedsPerson,
    NotSent,
    OutcomeUnknown,
    PlatformError,
    Refused,
    StoreError,
    Unreadable,
)
from twitter_manager.platforms import feed_atom as atom
from twitter_manager.platforms import feed_page as page
from twitter_manager.platforms.feed_atom import Contents, Entry, Header, NotOurs, Picture
from twitter_manager.platforms.spec import PlatformContext, PlatformSpec


def path_of(data: Path, bot: str) -> Path:
    """A bot's feed: `feed.xml` for `default`, `feed-NAME.xml` for another."""
    return data / ("feed.xml" if bot == "default" else f"feed-{bot}.xml")


def _make(nothing: object, context: PlatformContext) -> Platform:
    from uuid import UUID, uuid5

    return Feed(
        path_of(context.data, context.bot),
        title=context.title,
        feed_id=uuid5(UUID(context.installation), context.bot).urn,
        author=context.title,
        language=context.language,
        clock=context.clock,
        time_zone=context.time_zone,
        elsewhere=context.elsewhere,
    )


SPEC = PlatformSpec(
    name="feed",
    title="a feed",
    make=_make,
    takes_cards=True,
    media=MediaLimits(count=4, max_bytes=16 * 2**20, max_gif_bytes=16 * 2**20, max_side=4096, max_alt=10_000),
    # https://www.w3.org/TR/xml/#charsets; what else XML can't carry are lone surrogates, which nothing can.
    forbidden=r"[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]",
)

log = logging.getLogger(__name__)

_UNNAMED_FOR = timedelta(days=2)
"""How long a picture stays that no entry names."""
_ENDS = {"image/jpeg": "jpg", "image/png": "png", "image/gif": "gif"}

MAX_TEXT_BYTES = 64 * 1024
MAX_FILE_BYTES = 16 * 1024 * 1024
"""500 posts of 3 kB make a file of 1.6 MB; what is ten times larger is not ours or not sound."""
_REPLACED_WITHIN = timedelta(minutes=1)
"""From the decision to post to the new file in its place. A process that was stopped in between decides anew."""


class Feed:
    """A `domain.Platform` that writes `path` (Atom) and the page beside it (`.html`). Keeps the newest `keep` posts.

    `feed_id` is an IRI, the same for this bot as long as its database lives; a file that is there keeps the id it has.
    `language` (BCP 47) is that of the feed as a whole; a post may have its own."""

    name = "feed"
    definite = True

    def __init__(
        self,
        path: Path,
        *,
        title: str,
        feed_id: str,
        author: str,
        language: str = "en",
        keep: int = 500,
        clock: Clock,
        time_zone: str = "UTC",
        elsewhere: Callable[[], Mapping[int, Sequence[Elsewhere]]] = dict,
    ) -> None:
        if keep < 1 or path.suffix == ".html":
            raise ValueError("keep must be at least 1, and the path can't be the page's")
        self._path = path.absolute()
        self._page = self._path.with_suffix(".html")
        self._pictures = self._path.with_name(f"{self._path.stem}-pictures")
        self._keep, self._clock, self._elsewhere = keep, clock, elsewhere
        name = atom.one_line(title) or "Posts"
        self._header = Header(
            feed_id=feed_id,
            title=name,
            author=atom.one_line(author) or name,
            language=atom.language_tag(language),
            feed_name=self._path.name,
            page_name=self._page.name,
            time_zone=time_zone,
        )

    @property
    def account(self) -> str:
        """The file's name: the same when the whole installation moves."""
        return self._path.name

    def price(self, text: str, *, summoned: bool = False) -> float:
        """Nothing: it is a file on this machine."""
        return 0.0

    def prepare(self, post: Outgoing) -> Json:
        """The entry as JSON. Raises Refused for a text that an XML file can't hold or that is far too long."""
        from uuid import NAMESPACE_URL, uuid5

        for text in (post.text, *post.part.attached_texts):
            _refuse_unfit(text)
        pictures = [post.uploads[media.digest] | {"alt": media.alt} for media in post.part.media]
        thumb = post.uploads.get(post.part.thumb.digest) if post.part.thumb else None
        return (
            ({"pictures": pictures} if pictures else {})
            | ({"thumb": {name: thumb[name] for name in ("href", "width", "height")}} if thumb else {})
            | {
                "entry_id": uuid5(NAMESPACE_URL, f"{self._header.feed_id}#{post.delivery_id}").urn,
                "delivery_id": post.delivery_id,
                "title": atom.shortened(atom.first_line(post.text) or self._header.title),
                "text": post.text,
                "published": atom.rfc3339(post.created_at),
                "language": atom.language_tag(post.language),
                "reply_to": post.reply.parent.remote_id if post.reply else "",
            }
            | {name: value for name, value in post.part.attached.items() if name == "card"}
        )

    def upload(self, media: Media, content: bytes) -> Json:
        """Put the file beside the feed, before an entry names it. Raises NotSent."""
        name = f"{media.digest}.{_ENDS[media.mime]}"
        _replace(self._pictures / name, [content])
        href = f"{self._pictures.name}/{name}"
        return {"href": href, "mime": media.mime, "size": len(content), "width": media.width, "height": media.height}

    def publish(self, request: Json) -> Receipt:
        """Put the entry in, unless it is there. Raises NotSent (full disk, permissions), NeedsPerson (the file is not
        one of ours), Refused (a request that `prepare` did not make), OutcomeUnknown (replaced, maybe not on disk)."""
        began = self._clock()
        entry = _entry_from(request)
        contents, data = self._read()
        known = contents.find(entry.entry_id)
        if known and known.text != entry.text:
            raise NeedsPerson(
                f"{self._path}: delivery {entry.delivery} is there already, with another text.",
                "The database seems older than the feed: move the feed aside, a new one is begun.",
            )
        if not known and not contents.is_past(entry):
            if not all((self._path.parent / picture.href).is_file() for picture in entry.files):
                raise MediaGone(f"{self._pictures}: a picture of the post is gone.", "It is put there again.")
            contents = contents.with_entry(entry, self._keep)
            data = self._write(contents, lambda: abs(self._clock() - began) <= _REPLACED_WITHIN)
            self._remove_unnamed(contents)
        self._mend_page(contents, data)
        return self._receipt(entry.entry_id)

    def _remove_unnamed(self, contents: Contents, gone: Entry | None = None) -> None:
        """Take away the pictures of entries that left, those of the one that was taken down at once; a new one may be
        that of a post on its way."""
        at_once = {self._path.parent / picture.href for picture in gone.files} if gone else set()
        named = {self._path.parent / picture.href for entry in contents.entries for picture in entry.files}
        with suppress(OSError):
            for path in set(self._pictures.glob("*.???")) - named:
                if path in at_once or path.stat().st_mtime < (self._clock() - _UNNAMED_FOR).timestamp():
                    path.unlink()

    def look_up(self, request: Json, since: datetime, claimed: frozenset[str]) -> Receipt | None:
        """Find the request's own entry; ids are exact, so `since` adds nothing. Raises Unreadable."""
        with _reading():
            entry = _entry_from(request)
            contents, data = self._read()
        known = contents.find(entry.entry_id)
        there = known.text == entry.text if known else contents.is_past(entry)
        if not there or entry.entry_id in claimed:
            return None
        self._mend_page(contents, data)
        return self._receipt(entry.entry_id)

    def recent(self, since: datetime, limit: int = 100) -> list[RemotePost]:
        """What the feed holds since then, newest first. Raises Unreadable."""
        with _reading():
            contents, _ = self._read()
        newer = [entry for entry in contents.entries if entry.published >= since]
        return [RemotePost(self._receipt(e.entry_id), e.text, e.published, e.reply_to) for e in newer[:limit]]

    def delete(self, remote_id: str) -> None:
        """Take an entry out with its pictures; one not there is fine. Raises as `publish` does, and where the page
        still has it."""
        contents, data = self._read()
        entry = contents.find(remote_id)
        if entry:
            contents = contents.without(remote_id)
            data = self._write(contents)
        try:
            if data:
                self._write_page(contents, data)
        except OSError as error:
            raise _not_sent(self._page, error) from error
        except NotOurs as error:
            raise NeedsPerson(f"{self._page} {error}; it was left as it is.", error.remedy) from error
        self._remove_unnamed(contents, entry)

    def verify(self) -> str:
        """Reads the feed and asks whether the folder may be written. Raises Unreadable, NeedsPerson."""
        with _reading():
            contents, _ = self._read()
        folder = next(folder for folder in self._path.parents if os.access(folder, os.F_OK))
        if not os.access(folder, os.R_OK | os.W_OK | os.X_OK, effective_ids=True):
            raise NeedsPerson(f"{folder}: this user may not write here.", "Give it the folder, or run as its owner.")
        return f"{self._path}: {phrases.amount(len(contents.entries), 'post')}, can be written"

    # -- files -------------------------------------------------------------------------------------

    def _read(self) -> tuple[Contents, bytes]:
        """The feed as it stands (empty when there is no file) and its bytes. Raises NotSent, NeedsPerson."""
        try:
            if not _is_there(self._path):
                return Contents(), b""
            data = _read_whole(self._path)
            return atom.parse(data), data
        except OSError as error:
            raise _not_sent(self._path, error) from error
        except NotOurs as error:
            raise NeedsPerson(f"{self._path} {error}; it was left as it is.", error.remedy) from error

    def _write(self, contents: Contents, in_time: Callable[[], bool] = lambda: True) -> bytes:
        data = b"".join(atom.render_atom(self._header, contents, self._clock()))
        if len(data) > MAX_FILE_BYTES:
            raise NeedsPerson(
                f"{self._path}: would grow past {MAX_FILE_BYTES} bytes.", "Move it aside, a new one is begun."
            )
        _replace(self._path, [data], in_time)
        return data

    def redraw(self) -> None:
        """See `domain.PagePlatform`."""
        try:
            data = _read_whole(self._path) if _is_there(self._path) else b""
        except (OSError, NotOurs):
            return  # told by whoever publishes or verifies
        if data:
            self._mend_page(None, data)

    def _write_page(self, contents: Contents | None, data: bytes) -> None:
        """Rewrite the page where it isn't in step with the feed, the header and what is known of other platforms.
        `contents`: of `data`, where they were read already."""
        places = self._elsewhere()
        shown = f"{page.template()}{self._header}{sorted(places.items())}"
        mark = f"<!-- {hashlib.sha256(data + shown.encode()).hexdigest()} -->\n".encode()
        if not _page_is_current(self._page, mark):
            contents = atom.parse(data) if contents is None else contents
            _replace(self._page, chain(page.render_page(self._header, contents, places), [mark]))

    def _mend_page(self, contents: Contents | None, data: bytes) -> None:
        """The same; the post is out by now, so trouble is only a warning."""
        try:
            self._write_page(contents, data)
        except (OSError, PlatformError, StoreError) as error:
            log.warning("the feed's page could not be written: %s", error)
        except NotOurs as error:
            log.warning("%s %s; it was left as it is. %s", self._page, error, error.remedy)

    def _receipt(self, entry_id: str) -> Receipt:
        return Receipt(entry_id, f"{self._page.as_uri()}#{atom.anchor(entry_id)}")


@contextmanager
def _reading() -> Iterator[None]:
    """Any trouble while only reading is Unreadable."""
    try:
        yield
    except PlatformError as error:
        raise Unreadable(error.message, error.remedy) from error


def _not_sent(path: Path, error: OSError) -> NotSent:
    """Names the system's reason; nothing was changed."""
    return NotSent(f"{error.filename or path}: {error.strerror or error}.", "Free space or mend the permissions.")


def _is_there(path: Path) -> bool:
    """Whether there is a regular file. Raises NotOurs for anything else that is there, OSError."""
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return False
    if stat.S_ISLNK(mode):
        raise NotOurs("is a symbolic link", "Keep the file here and let the other place link to it.")
    if not stat.S_ISREG(mode):
        raise NotOurs("is not a regular file", "Move it aside.")
    return True


def _read_whole(path: Path) -> bytes:
    with path.open("rb") as file:
        data = file.read(MAX_FILE_BYTES + 1)
    if len(data) > MAX_FILE_BYTES:
        raise NotOurs(f"is larger than {MAX_FILE_BYTES} bytes")
    return data


def _page_is_current(path: Path, mark: bytes) -> bool:
    """Whether the page ends in the mark of the feed as it stands. Raises NotOurs for a page of someone else's."""
    if not _is_there(path):
        return False
    with path.open("rb") as file:
        head = file.read(2000)
        if head and page.SIGN not in head:
            raise NotOurs("was not written by this program", "Move it aside.")
        file.seek(max(0, file.seek(0, os.SEEK_END) - len(mark)))
        return file.read() == mark


def _replace(path: Path, data: Iterable[bytes], in_time: Callable[[], bool] = lambda: True) -> None:
    """Replace a file in one step, or not at all. Its mode is kept; a new one gets 0644 less the umask. `in_time` is
    asked when all is ready, 10 µs before it happens: no means that nothing is replaced.

    Raises NotSent (nothing changed) or OutcomeUnknown (replaced, but the folder could not be flushed)."""
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.unlink(missing_ok=True)  # what a killed process left
        try:
            _write_flushed(temporary, data, stat.S_IMODE(path.stat().st_mode) if path.exists() else None)
            if not in_time():
                raise NotSent(f"{path}: this process was stopped on the way.", "It is tried again.")
            temporary.replace(path)
        except (OSError, NotSent):
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise _not_sent(path, error) from error
    try:
        _flush_folder(path.parent)
    except OSError as error:
        raise OutcomeUnknown(f"{path}: replaced, but its folder was not flushed: {error.strerror}.") from error


def _write_flushed(path: Path, data: Iterable[bytes], mode: int | None) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
    with os.fdopen(descriptor, "wb") as file:
        if mode is not None:
            os.fchmod(descriptor, mode)
        file.writelines(data)
        file.flush()
        os.fsync(descriptor)


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


# -- requests and texts ----------------------------------------------------------------------------


def _entry_from(request: Mapping[str, object]) -> Entry:
    """A stored request as an entry. Raises Refused when `prepare` can't have made it."""
    strings = {key: request.get(key) for key in ("entry_id", "title", "text", "published", "language", "reply_to")}
    delivery = request.get("delivery_id")
    try:
        if not isinstance(delivery, int) or not all(isinstance(value, str) for value in strings.values()):
            raise ValueError("a field is missing or of the wrong type")
        fields = {key: str(value) for key, value in strings.items()}
        for value in fields.values():
            _refuse_unfit(value)
        published = atom.moment_from(fields.pop("published"))
        atom.check_id(fields["entry_id"])
        if fields["reply_to"]:
            atom.check_id(fields["reply_to"])
        pictures = tuple(Picture(**picture) for picture in _list(request.get("pictures")))
        card = part_of("", {name: request[name] for name in ("card",) if name in request}).card
        card = replace(card, thumb=None) if card else None  # the file beside the feed stands for it
        about = request.get("thumb")
        thumb = Picture(**about) if isinstance(about, dict) else None
        return Entry(delivery=delivery, published=published, pictures=pictures, card=card, thumb=thumb, **fields)
    except (TypeError, ValueError) as error:
        raise Refused(f"the stored request for the feed is broken: {error}.", "Post the text anew.") from error


def _list(value: object) -> list[Json]:
    return value if isinstance(value, list) else []


def _refuse_unfit(text: str) -> None:
    illegal = atom.illegal().search(text)
    if illegal:
        character = ord(illegal.group())
        raise Refused(
            f"the text has U+{character:04X} at position {illegal.start() + 1}, which an XML file can't hold.",
            "Take that character out.",
        )
    size = len(text.encode())
    if size > MAX_TEXT_BYTES:
        raise Refused(f"the text has {size} bytes; the feed takes {MAX_TEXT_BYTES}.", "Shorten it.")
