"""What a person does with comments, whichever way they do it: by a verb, the console or the API.

An answer is a draft: it is approved, edited and skipped as every draft is, and the next run publishes it. One comment
has one answer at most. Each action raises UsageError with the reason where it can't be done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from twitter_manager import phrases
from twitter_manager.content import Part
from twitter_manager.domain import Draft, DraftStatus
from twitter_manager.errors import Meanwhile, UsageError
from twitter_manager.operations.own_posts import OwnPost, OwnPosts, Said
from twitter_manager.operations.repeating import Words
from twitter_manager.platforms import SPECS
from twitter_manager.review.actions import Actions
from twitter_manager.settings import Bot
from twitter_manager.store import comments, drafts, events
from twitter_manager.store.comments import Comment, Status
from twitter_manager.store.database import Database
from twitter_manager.terminal import command

PROPOSED = "a program proposed it"
_GONE = "it was deleted there"


def comment_of(db: Database | None, number: int) -> Comment:
    """The comment of this number. Raises UsageError."""
    comment = comments.get(db, number) if db else None
    if comment is None:
        raise UsageError(f"There is no comment {number}.", f"The numbers: {command('inbox')}")
    return comment


def answer(actions: Actions, number: int, text: str) -> Draft:
    """A person's own words beneath a comment, after the checks; gives the draft that the next run publishes. Raises
    TwitterManagerError for a text that is off, TextKnown where a platform takes none twice."""
    db, now, by = actions.db, actions.app.clock(), actions.by
    comment = comment_of(db, number)
    _refuse_answered(db, comment)
    new = _checked(actions, comment, text)
    if by.is_program:
        new = replace(new, status=DraftStatus.PENDING, reason=PROPOSED)
    with db.transaction():
        comment = comment_of(db, number)  # as it is now: a run or another person may have been quicker
        _refuse_answered(db, comment)
        draft_id = drafts.add(db, new, now, by)
    draft = drafts.get(db, draft_id)
    if draft is None:
        raise AssertionError("the draft that was just saved is not there")
    return draft


def approve(actions: Actions, number: int, *, seen: str = "") -> str:
    """Let the answer that was drafted go out exactly as it is. `seen`: see `Actions.approve`."""
    comment = comment_of(actions.db, number)
    draft = drafts.answer_to(actions.db, comment.id)
    if draft is None:
        way = f'inbox answer {number} "Your words"'
        raise UsageError(f"No answer to comment {number} is drafted.", f"Write one: {command(way)}")
    return f"is answered by draft {draft.id}, which {actions.approve(draft.id, seen=seen)}"


def dismiss(actions: Actions, number: int, *, seen: str = "") -> str:
    """No answer is wanted: one that was drafted is given up. `seen`: the `exact.content_hash` of that."""
    comment = comment_of(actions.db, number)
    if comment.status is Status.DISMISSED:
        return "is dismissed already"
    draft = drafts.answer_to(actions.db, number)
    if draft is not None and comment.status is not Status.ANSWERED:
        actions.skip(draft.id, seen=seen)
    _move(actions, number, comments.OPEN, Status.DISMISSED, "dismissed")
    return "is dismissed" + (f", and the answer drafted to it (draft {draft.id}) is given up" if draft else "")


def reopen(actions: Actions, number: int) -> str:
    """One that was dismissed waits again."""
    _move(actions, number, (Status.DISMISSED,), Status.FLAGGED, "reopened", "a person took it up again")
    return "waits for you again"


def _move(actions: Actions, number: int, sources: Sequence[Status], to: Status, did: str, reason: str = "") -> None:
    """Give a comment another status, on record with who did it."""
    db = actions.db
    with db.transaction():
        comment = comment_of(db, number)
        if comment.status not in sources:
            raise UsageError(f"{phrases.comment(number, comment.status)}: it can't be {did}.", look(number))
        comments.move(db, comment, to, reason)
        told = actions.by.on_record
        events.record(db, actions.app.clock(), f"comment_{did}", bot=comment.bot, comment=number, **told)


def look(number: int) -> str:
    """The command that shows a comment."""
    return f"Look: {command(f'inbox show {number}')}"


def _refuse_answered(db: Database, comment: Comment) -> None:
    if draft := drafts.answer_to(db, comment.id):
        message = f"Comment {comment.id} has an answer already: {phrases.draft(draft.id, draft.status)}."
        if draft.status in drafts.WAITING:
            ways = f"{command(f'drafts edit {draft.id}')}; or give it up first: {command(f'skip {draft.id}')}"
            raise Meanwhile(message, f"Change that one: {ways}")
        if comment.status is Status.ANSWERED and comment.reason:  # that it was deleted
            message = f"Comment {comment.id} has one answer, draft {draft.id}, and {comment.reason}."
            raise Meanwhile(message, f"To answer once more, do it there: {comment.receipt.url}")
        raise Meanwhile(message, look(comment.id))
    if comment.status is Status.ANSWERED:
        message = f"Comment {comment.id} is answered already: {comment.reason}."
        raise Meanwhile(message, f"To answer once more, do it there: {comment.receipt.url}")
    if comment.status is Status.GONE:
        raise UsageError(f"Comment {comment.id} can't be answered: {_GONE}.", look(comment.id))


def _checked(actions: Actions, comment: Comment, text: str) -> drafts.NewDraft:
    """The answer, checked as every post of a person's. It gets no card: it is part of a conversation."""
    bot = actions.app.session.bot(comment.bot)
    if comment.platform not in bot.platforms_on:
        raise UsageError(f"{bot.name} has no account on {comment.platform} now.", f"See: {command('doctor')}")
    if not text.strip():
        raise UsageError("There is no text.", "Say what to answer.")
    posts = OwnPosts(bot, actions.app.settings.secrets, actions.app.clock(), _said(actions, bot, comment), _as_it_is)
    checked = posts.checked(OwnPost((text.strip(),), (comment.platform,)))
    return replace(checked.new, comment_id=comment.id, language=comment.language or checked.new.language)


def _said(actions: Actions, bot: Bot, comment: Comment) -> Said:
    """Two people may be thanked in the same words, but where the platform takes no words twice."""
    if SPECS[comment.platform].refuses_repeats:
        return Words(actions.db, bot.name, bot.time_zone, actions.app.clock()).said
    return lambda parts, links, platforms: ""


def _as_it_is(parts: Sequence[Part], platforms: Sequence[str]) -> tuple[Part, ...]:
    return tuple(parts)
