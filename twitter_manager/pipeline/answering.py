"""Answers to comments: which may go out, and when. They take no slot, and hang beneath what they answer.

Each is a draft of its own, with all that follows: approval, the outbox, exactly once. A comment has one at most."""

from __future__ import annotations

import logging
from datetime import datetime

from twitter_manager.amendments import ChargingPlatform
from twitter_manager.delivery import Outbox
from twitter_manager.delivery.accounts import is_account
from twitter_manager.delivery.policy import RESERVE_SECONDS
from twitter_manager.domain import Actor, Draft, DraftStatus, Platform
from twitter_manager.errors import Changed, NeedsPerson, PlatformError, Unreadable
from twitter_manager.pipeline import select
from twitter_manager.pipeline.context import RunContext
from twitter_manager.pipeline.reading import guarded
from twitter_manager.platforms import SPECS
from twitter_manager.settings.records import Answers
from twitter_manager.social import Kind, SocialPlatform
from twitter_manager.store import comments, drafts, events
from twitter_manager.store.comments import Comment, Status
from twitter_manager.store.database import Database

log = logging.getLogger(__name__)

_WORDS = ("draft_saved", "draft_edited")
"""The events that give a draft its words."""
_NO_ANSWER = {
    Status.DISMISSED: "its person wants no answer to the comment",
    Status.GONE: "the comment was deleted",
    Status.ANSWERED: "the comment is answered already",
}

_BY_HAND = "the account answered it there"


def publish(context: RunContext, run_id: int, outbox: Outbox) -> None:
    """Let the approved answers go out, the oldest first, as many as the hour allows."""
    for draft in drafts.answering(context.db, context.bot, DraftStatus.APPROVED):
        if hour_is_full(context.db, context.bot, context.answers, context.clock()):
            log.info("answers: the limit of %d an hour is reached", context.answers.per_hour)
            return
        if context.time_left() <= RESERVE_SECONDS:
            return
        try:
            _publish(context, run_id, outbox, draft)
        except Changed as error:  # a person was quicker: what they made of it holds
            log.info("the answer in draft %d is not sent: %s", draft.id, error)
        except Exception as error:  # no answer stands in the way of the posts
            log.exception("the answer in draft %d could not be sent", draft.id)
            outbox.attention.append(
                (draft.id, f"the answer in draft {draft.id} is not sent: unforeseen {type(error).__name__}")
            )


def hour_is_full(db: Database, bot: str, answers: Answers, now: datetime) -> bool:
    """Whether no more answers go out in this hour."""
    return drafts.answers_since(db, bot, now.replace(minute=0, second=0, microsecond=0), now) >= answers.per_hour


def _publish(context: RunContext, run_id: int, outbox: Outbox, draft: Draft) -> None:
    comment = comments.get(context.db, draft.comment_id or 0)
    [name] = draft.platforms
    over = _NO_ANSWER.get(comment.status, "") if comment else "the comment is not known"
    if comment is None or over:
        _move(context, run_id, draft, DraftStatus.SKIPPED, over)
        return
    if reason := why_not(context.db, draft, context.answers):
        _not_sent(context, run_id, outbox, draft, reason)
        return
    platform = context.platforms.get(name)
    if platform is None:
        outbox.attention.append((draft.id, f"the answer in draft {draft.id} waits: {name} is not set up"))
        return
    try:
        if not is_account(context.db, platform, comment.account):
            reason = f"it answers what was said to {comment.account}, and now {platform.account} is set up"
            _not_sent(context, run_id, outbox, draft, reason)
        elif not select.takers(context, draft):
            log.info("the answer in draft %d waits: %s", draft.id, select.standing(context, draft).words)
        elif reason := _changed_there(context, platform, comment):
            _not_sent(context, run_id, outbox, draft, reason)
        elif is_by_program(context.db, draft) and _is_answered_there(platform, comment):
            with context.db.transaction():
                comments.move(context.db, comment, Status.ANSWERED, _BY_HAND)
            _move(context, run_id, draft, DraftStatus.SKIPPED, _BY_HAND)
        else:
            outbox.answer(draft, name)
    except PlatformError as error:  # whose account it is, or what is there, could not be asked
        why = context.redact(str(error))
        log.warning("%s: the answer in draft %d waits: %s", name, draft.id, why)
        if isinstance(error, NeedsPerson) or (isinstance(error, Unreadable) and error.forbidden):
            outbox.attention.append((draft.id, f"the answer in draft {draft.id} waits: {why}"))


def _changed_there(context: RunContext, platform: Platform, comment: Comment) -> str:
    """Why the answer does not fit any more: its comment was deleted, or has other words by now; "" where it fits, and
    where each look costs money. Raises Unreadable."""
    if not isinstance(platform, SocialPlatform) or isinstance(platform, ChargingPlatform):
        return ""
    with guarded(platform):
        post = platform.seen(comment.receipt.remote_id)
    if post is None:
        with context.db.transaction():
            comments.move(context.db, comment, Status.GONE)
        return _NO_ANSWER[Status.GONE]
    if (text := comments.storable(context.redact(post.text))) == comment.text:
        return ""
    with context.db.transaction():
        comments.reword(context.db, comment, text)
    return "the comment was edited since: read it again"


def _not_sent(context: RunContext, run_id: int, outbox: Outbox, draft: Draft, reason: str) -> None:
    """What can't go out as it is waits for its person, who hears why; beneath what is gone nothing can."""
    status = DraftStatus.SKIPPED if reason == _NO_ANSWER[Status.GONE] else DraftStatus.NEEDS_ATTENTION
    _move(context, run_id, draft, status, reason)
    outbox.attention.append((draft.id, f"the answer in draft {draft.id} is not sent: {reason}"))


def _is_answered_there(platform: Platform, comment: Comment) -> bool:
    """Whether something of the account's stands beneath the comment already: its person was quicker, in the platform's
    own app. Not asked where each look costs money. Raises Unreadable."""
    if not isinstance(platform, SocialPlatform) or isinstance(platform, ChargingPlatform):
        return False
    here = comment.receipt.remote_id
    with guarded(platform):
        authors = {post.author.casefold() for post in platform.thread(here) if post.parent_id == here}
        mine = platform.author("") if authors else None
    return mine is not None and mine.handle.casefold() in authors


def _move(context: RunContext, run_id: int, draft: Draft, status: DraftStatus, reason: str) -> None:
    with context.db.transaction():
        drafts.move(context.db, draft, status, context.clock(), run_id=run_id, reason=reason)


def why_not(db: Database, draft: Draft, answers: Answers) -> str:
    """Why the rules let a draft not go out as it is, in one line that says what can be done; "" where they do. What is
    no answer is none of this module's."""
    comment = comments.get(db, draft.comment_id) if draft.comment_id is not None else None
    if comment is None:
        return ""
    spec = SPECS[comment.platform]
    if spec.summoned_only and comment.kind is Kind.ASKED:
        return f"{spec.title} lets a program answer only those who mentioned or quoted the account, or replied to it"
    if not is_by_program(db, draft):
        return ""
    if spec.ai_by_leave and not answers.x_allows_ai:
        rule = f"{spec.title} lets a model write answers only with its approval"
        return f"{rule}: write it in your own words, or set x_allows_ai = true under [answers] if you have that"
    if is_too_deep(db, comment, answers):
        return f"the bot has answered {answers.per_thread} times there, as per_thread allows: write it yourself"
    return ""


def is_by_program(db: Database, draft: Draft) -> bool:
    """Whether a model or an assistant wrote its words as they are now, and no person."""
    *_, last = ({}, *(event for event in events.of_draft(db, draft.id) if event["kind"] in _WORDS))
    by = Actor("", last.get("via", ""))
    return by.is_program or (draft.origin == "generator" and last.get("kind") != "draft_edited")


def is_too_deep(db: Database, comment: Comment, answers: Answers) -> bool:
    """Whether the bot has said enough to its author in that conversation, or above it."""
    return max(comment.depth, comments.answers_beside(db, comment)) >= answers.per_thread
