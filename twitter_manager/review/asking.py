"""A person answers a post that nobody said to the account: it is kept as a comment that they asked for, and what they
say goes the way of every answer, exactly once."""

from __future__ import annotations

import re

from twitter_manager.domain import Draft
from twitter_manager.errors import UsageError
from twitter_manager.operations.social import Account
from twitter_manager.platforms import SPECS
from twitter_manager.review import answering
from twitter_manager.review.actions import Actions
from twitter_manager.social import Heard, Kind, SeenPost
from twitter_manager.store import comments
from twitter_manager.store.comments import Comment, Status, Whose

REASON = "you asked to answer it"


def reply(actions: Actions, mine: Account, remote_id: str, text: str) -> Draft:
    """The draft of a person's answer to any post, which the next run publishes beneath it. Raises TwitterManagerError
    where it can't be answered, or the text is off."""
    comment = comments.by_remote_id(actions.db, mine.bot.name, mine.platform.name, remote_id)
    if comment is None:
        comment = _kept(actions, mine, mine.seen(remote_id))
    elif comment.status is Status.DISMISSED:
        answering.reopen(actions, comment.id)
    return answering.answer(actions, comment.id, text)


def _kept(actions: Actions, mine: Account, post: SeenPost) -> Comment:
    """It waits for its person alone: nothing is drafted to it by itself."""
    db, now = actions.db, actions.app.clock()
    whose = Whose(mine.bot.name, mine.platform.name, mine.platform.account)
    heard = Heard(_kind(mine, post), post.redacted(mine.redact))
    with db.transaction():
        number = comments.add(db, whose, heard, now, reason=REASON)
    if number is None:
        raise UsageError("It was just heard.", "Do it again.")
    return answering.comment_of(db, number)


def _kind(mine: Account, post: SeenPost) -> Kind:
    """Where only those may be answered who turned to the account, it is looked whether its author did. Raises
    UsageError."""
    spec = SPECS[mine.platform.name]
    if not spec.summoned_only:
        return Kind.ASKED
    if "@" in post.text and re.search(rf"(?i)@{re.escape(mine.author('').handle)}\b", post.text):
        return Kind.REPLY if post.parent_id else Kind.MENTION
    who = f"{spec.title} lets a program answer only those who mentioned or quoted the account, or replied to it"
    raise UsageError(f"{who}: @{post.author} did not there.", f"Answer by hand: {post.receipt.url}")
