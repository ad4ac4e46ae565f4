"""Comments: listed, looked at, answered and dismissed. All that changes anything goes through `review.answering`."""

from __future__ import annotations

from collections.abc import Callable

from twitter_manager.domain import Json
from twitter_manager.platforms.exact import content_hash
from twitter_manager.review import answering
from twitter_manager.review.actions import Actions
from twitter_manager.review.api import shapes
from twitter_manager.review.api.drafts import next_cursor
from twitter_manager.review.api.endpoint import Call
from twitter_manager.review.api.problems import Problem
from twitter_manager.review.console.desk import acting, reading
from twitter_manager.show import inbox
from twitter_manager.store import comments, drafts, pages
from twitter_manager.store.comments import Comment
from twitter_manager.store.database import Database


def list_comments(call: Call) -> Json:
    """What people said to the bots, the newest first."""
    query: shapes.CommentQuery = call.query
    page = pages.Page(query.limit, query.cursor, query.bot)
    with reading(call.request) as db:
        listed = pages.of_comments(db, page, query.status)
        return {
            "comments": [_listed(call, db, comment) for comment in listed],
            "next_cursor": next_cursor(listed, page),
        }


def show_comment(call: Call) -> Json:
    """One comment with the conversation above it, as far as it is stored."""
    with reading(call.request) as db:
        comment = _comment(db, call.number)
        thread = inbox.whole(db, comment, call.app.session.time_zone(comment.bot))["thread"]
        return _listed(call, db, comment) | {"thread": thread}


def answer_comment(call: Call) -> Json:
    """Answer a comment in a person's own words, after the checks. One comment has one answer: a second is refused
    (409)."""
    said: shapes.NewAnswer = call.body

    def answer(actions: Actions) -> str:
        return f"is answered by draft {answering.answer(actions, call.number, said.text).id}"

    return _decided(call, answer)


def approve_answer(call: Call) -> Json:
    """Let the answer that was drafted go out, exactly as it was seen."""
    said: shapes.Seen = call.body
    return _decided(call, lambda actions: answering.approve(actions, call.number, seen=said.seen))


def dismiss_comment(call: Call) -> Json:
    """Leave a comment unanswered. An answer that was drafted is given up."""
    said: shapes.Seen = call.body
    return _decided(call, lambda actions: answering.dismiss(actions, call.number, seen=said.seen))


def reopen_comment(call: Call) -> Json:
    """Take up again a comment that was dismissed."""
    return _decided(call, lambda actions: answering.reopen(actions, call.number))


def _decided(call: Call, decide: Callable[[Actions], str]) -> Json:
    with reading(call.request) as db:
        _comment(db, call.number)  # else it would read as if the request were wrong in itself
    with acting(call.request) as actions:
        became = decide(actions)
        comment = _comment(actions.db, call.number)
        return {"done": f"Comment {call.number} {became}.", "comment": _listed(call, actions.db, comment)}


def _comment(db: Database, number: int) -> Comment:
    comment = comments.get(db, number)
    if comment is None:
        raise Problem("not-found", f"There is no comment {number}.", "/api/comments gives the numbers.")
    return comment


def _listed(call: Call, db: Database, comment: Comment) -> Json:
    told = inbox.comment_as_json(db, comment, call.app.session.time_zone(comment.bot))
    answer = drafts.answer_to(db, comment.id)
    return told | ({"answer": told["answer"] | {"hash": content_hash(answer)}} if answer else {})
