"""What Mastodon shows of a post and how it counts one. Pure; the requests are made in `mastodon.py`."""

from __future__ import annotations

import contextlib
import re
import unicodedata
from datetime import UTC, datetime

from twitter_manager.domain import Json, Receipt
from twitter_manager.errors import Refused
from twitter_manager.platforms.matching import as_count, as_dict, as_list, graphemes, html_text, normal
from twitter_manager.platforms.weighted import links
from twitter_manager.social import Author, Figures, SeenPost

VISIBILITIES = ("public", "unlisted", "private", "direct")
"""From what all see to what is for those alone who are named."""
_NAME = re.compile(r"[\w.-]{1,100}(?:@[\w.:-]{1,253})?")
_LONGEST_NAME = 200
_REMOTE_MENTION = r"(?<![\w/])(@\w+(?:[.-]\w+)*)@[\w.-]+\w"


def is_id(value: object) -> bool:
    """Of Mastodon and its relatives: digits, or letters too."""
    return isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9_-]{1,64}", value) is not None


def checked_id(value: str) -> str:
    if not is_id(value):
        raise Refused(f"{value!r:.60} is no Mastodon post id.", "Give what stands at the end of the post's address.")
    return value


def is_sound(status: Json) -> bool:
    return moment_of(status) is not None and is_id(status.get("id")) and isinstance(status.get("content"), str)


def moment_of(entity: Json) -> datetime | None:
    """When something came about; None where it does not say."""
    with contextlib.suppress(KeyError, TypeError, ValueError, OverflowError):
        moment = datetime.fromisoformat(entity["created_at"])
        return moment.astimezone(UTC) if moment.tzinfo else None
    return None


def age_order(remote_id: str) -> tuple[int, str]:
    """Sorts ids by their age: they are numbers, or words of one length that sort as they are."""
    return len(remote_id), remote_id


def parent_of(status: Json) -> str:
    return str(status.get("in_reply_to_id") or "")


def created_at(status: Json) -> datetime:
    """Of a sound one."""
    return datetime.fromisoformat(status["created_at"]).astimezone(UTC)


def folded(text: str) -> str:
    """Equal for a text and what Mastodon shows of it: space is space, a mention has no host there."""
    return normal(re.sub(_REMOTE_MENTION, r"\1", unicodedata.normalize("NFC", text))).strip()


def count(text: str) -> int:
    """The characters that Mastodon counts: an address is 23, a mention has no host, an emoji sequence is one.
    https://docs.joinmastodon.org/user/posting/#characters"""
    short, end = "", 0
    for start, stop in links(text):
        if re.match("https?://", text[start:stop], re.IGNORECASE):
            short, end = short + text[end:start] + "x" * 23, stop
    # What else begins like an address may be one to the server: it counts no less than one.
    padded = re.sub(r"https?://\S+", lambda match: match[0].ljust(23, "x"), short + text[end:], flags=re.IGNORECASE)
    return graphemes(re.sub(_REMOTE_MENTION, r"\1", padded))


def addressed(text: str, author: str, own_name: str = "") -> str:
    """An answer as it is sent: only whom it names is told of it, and sees one to a private message."""
    if author in ("", own_name) or re.search(rf"(?<![\w/])@{re.escape(author)}(?![\w@])", text, re.IGNORECASE):
        return text
    return f"@{author} {text}"


def narrower(visibility: str, parent: Receipt) -> str:
    """An answer is never seen more widely than what it answers."""
    return max(visibility, parent.extra.get("visibility", ""), key=("", *VISIBILITIES).index)


def edited(status: Json, text: str) -> Json:
    """The form of PUT /api/v1/statuses/:id that changes the words alone: what it leaves out (pictures, the content
    warning) the server takes away. https://docs.joinmastodon.org/methods/statuses/#edit"""
    form = {"status": addressed(text, _named_parent(status)), "sensitive": bool(status.get("sensitive"))}
    kept = {name: status[name] for name in ("spoiler_text", "language") if status.get(name)}
    pictures = [str(as_dict(picture).get("id")) for picture in as_list(status.get("media_attachments"))]
    return form | kept | ({"media_ids": pictures} if pictures else {})


def _named_parent(status: Json) -> str:
    """Whom a post answers, where it names them."""
    named = map(as_dict, as_list(status.get("mentions")))
    return next((_name(one.get("acct")) for one in named if one.get("id") == status.get("in_reply_to_account_id")), "")


def figures_of(status: Json) -> Figures:
    """Quotes are counted since 4.5, views never."""
    names = ("favourites_count", "replies_count", "reblogs_count", "quotes_count")
    return Figures(*(as_count(status.get(name)) or 0 for name in names))


def figures_by_others(status: Json) -> Figures:
    """The same without the favourite and the boost of whoever asks."""
    return figures_of(status).without(likes=status.get("favourited") is True, reposts=status.get("reblogged") is True)


def shown(status: Json, receipt: Receipt, root: Receipt | None) -> SeenPost:
    """A sound status as the rest of the program reads it. Its receipt tells whom an answer has to name and how widely
    it may be seen."""
    account = as_dict(status.get("account"))
    handle, language = _name(account.get("acct")), status.get("language")
    visibility = status.get("visibility")
    extra = {"author": handle} if handle else {}
    if visibility not in (None, "public"):
        extra["visibility"] = visibility if visibility in VISIBILITIES else "direct"
    # For servers that know no quotes: those that do leave it out.
    content = re.sub(r'<p class="quote-inline">.*?</p>', "", status["content"], count=1, flags=re.DOTALL)
    warning = status.get("spoiler_text")
    return SeenPost(
        Receipt(receipt.remote_id, receipt.url, extra),
        author=handle,
        author_id=_id(account.get("id")),
        author_name=_words(account.get("display_name")) or handle,
        text="\n\n".join(filter(None, (_words(warning), html_text(content)))),
        created_at=created_at(status),
        language=language if isinstance(language, str) and re.fullmatch(r"[A-Za-z0-9-]{2,20}", language) else "",
        parent_id=_id(status.get("in_reply_to_id")),
        parent_author_id=_id(status.get("in_reply_to_account_id")),
        root=root,
        figures=figures_of(status),
    )


def author_of(account: Json) -> Author | None:
    """An account; None where it has no name that can be one."""
    handle, note, address, bot = (account.get(name) for name in ("acct", "note", "url", "bot"))
    if not (name := _name(handle)):
        return None
    return Author(
        name,
        _words(account.get("display_name")) or name,
        html_text(note) if isinstance(note, str) else "",
        address if isinstance(address, str) and re.fullmatch(r"https?://\S{1,500}", address) else "",
        as_count(account.get("followers_count")),
        as_count(account.get("statuses_count")),
        bot if isinstance(bot, bool) else None,
    )


def _id(value: object) -> str:
    return value if isinstance(value, str) and is_id(value) else ""


def _name(value: object) -> str:
    return value if isinstance(value, str) and _NAME.fullmatch(value) else ""


def _words(value: object) -> str:
    return " ".join(value.split())[:_LONGEST_NAME] if isinstance(value, str) else ""
