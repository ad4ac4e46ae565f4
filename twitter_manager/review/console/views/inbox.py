"""A comment as the console shows it: who said what, beneath which post, what would be answered, and what a person may
do. An address in a stranger's words leads nowhere: it is text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from twitter_manager import phrases
from twitter_manager.domain import Draft
from twitter_manager.platforms.exact import content_hash
from twitter_manager.review.console.views.shown import Words, title, web_address, words_of
from twitter_manager.show import lines
from twitter_manager.show.inbox import how, ways
from twitter_manager.store import conversation, drafts
from twitter_manager.store.comments import Comment, Status
from twitter_manager.store.conversation import Ours, Said
from twitter_manager.store.database import Database

_TONES = {Status.ANSWERED: "good", Status.FLAGGED: "wait", Status.DRAFTED: "wait", Status.NEW: "wait"}


@dataclass(frozen=True, slots=True)
class Line:
    """One post of a conversation. `draft`: the one that it was, where it is ours; else 0."""

    who: tuple[Words, ...]
    at: str
    words: tuple[Words, ...]
    draft: int
    url: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The draft that answers it. `seen`: the hash of what is shown."""

    draft: int
    origin: str
    status: str
    waits: bool
    """It can be changed still."""
    words: tuple[Words, ...]
    seen: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A comment in the list."""

    id: int
    bot: str
    who: tuple[Words, ...]
    how: str
    """How it reached the account: "answers you"."""
    where: str
    at: str
    status: str
    tone: str
    reason: str
    words: tuple[Words, ...]
    language: str
    url: str
    """Where it stands; "" where that is no web address."""
    post: Line | None
    answer: Answer | None
    may: Sequence[str]
    """What a person can decide (`show.inbox.ways`)."""


def entry(db: Database, comment: Comment, zone: str) -> Entry:
    """All that the list shows of a comment."""
    ours, draft = conversation.beneath(db, comment), drafts.answer_to(db, comment.id)
    return Entry(
        id=comment.id,
        bot=comment.bot,
        who=plain_words(f"{comment.author_name} @{comment.author}".lstrip()),
        how=how(comment.kind, private=comment.is_private),
        where=title(comment.platform),
        at=phrases.clock(comment.posted_at, zone),
        status=phrases.COMMENT[comment.status],
        tone=_TONES.get(comment.status, ""),
        reason=comment.reason,
        words=plain_words(lines.said(comment.text)),
        language=comment.language,
        url=web_address(comment.receipt.url),
        post=line(ours, comment.bot, zone) if ours else None,
        answer=_answer(draft) if draft else None,
        may=ways(comment, draft),
    )


def above(db: Database, comment: Comment, zone: str) -> list[Line]:
    """The conversation above it, as far as it is stored, the first of all first."""
    return [line(each, comment.bot, zone) for each in conversation.above(db, comment)]


def line(said: Said, bot: str, zone: str) -> Line:
    """One post of a conversation."""
    if isinstance(said, Ours):
        url = said.delivery.receipt.url if said.delivery.receipt else ""
        return _line(bot, said.at, said.delivery.text, said.delivery.draft_id, url, zone)
    return _line(f"@{said.author}", said.posted_at, said.text, 0, said.receipt.url, zone)


def _line(who: str, at: datetime, text: str, draft: int, url: str, zone: str) -> Line:
    words = plain_words(lines.said(text))
    return Line(plain_words(who), phrases.clock(at, zone), words, draft, web_address(url))


def plain_words(text: str) -> tuple[Words, ...]:
    """A text in which no address can be followed, with a name for each character that would hide."""
    return tuple(Words(words.text, is_unseen=words.is_unseen) for words in words_of(text))


def _answer(draft: Draft) -> Answer:
    origin = "Your answer" if draft.origin == "person" else "The drafted answer"
    waits = draft.status in drafts.WAITING
    return Answer(draft.id, origin, phrases.DRAFT[draft.status], waits, plain_words(draft.text), content_hash(draft))
