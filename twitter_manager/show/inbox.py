"""What people said to a bot: as objects, and as lines for a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from twitter_manager import decisions, phrases
from twitter_manager.domain import Draft, DraftStatus, Json
from twitter_manager.show.lines import because, in_a_line, post, quoted, said
from twitter_manager.show.records import draft_as_json, said_as_json
from twitter_manager.store import conversation, drafts
from twitter_manager.store.comments import OPEN, Comment, Status
from twitter_manager.store.conversation import Ours, Said
from twitter_manager.store.database import Database, iso
from twitter_manager.terminal import command

KINDS: Mapping[str, str] = {
    "reply": "answers you",
    "mention": "mentions you",
    "quote": "quotes you",
    "asked": "wrote what you chose to answer",
}


def how(kind: str, *, private: bool) -> str:
    """How a comment reached the account."""
    return f"{KINDS[kind]}{' privately' * private}"


def comment_as_json(db: Database, comment: Comment, time_zone: str) -> Json:
    """A comment with the post of ours that it stands beneath, and the answer to it."""
    ours, answer = conversation.beneath(db, comment), drafts.answer_to(db, comment.id)
    return said_as_json(comment) | {
        "bot": comment.bot,
        "account": comment.account,
        "kind": comment.kind,
        "private": comment.is_private,
        "author_name": comment.author_name,
        "language": comment.language,
        "posted_at": iso(comment.posted_at),
        "seen_at": iso(comment.seen_at),
        "depth": comment.depth,
        "reason": comment.reason,
        "post": _post(ours) if ours else None,
        "answer": draft_as_json(answer) | {"commands": decisions.ways_on(db, answer)} if answer else None,
        "commands": [f"inbox {way} {comment.id}" for way in ways(comment, answer)],
        "time_zone": time_zone,
    }


def whole(db: Database, comment: Comment, time_zone: str) -> Json:
    """The same with the conversation above it."""
    return comment_as_json(db, comment, time_zone) | {
        "thread": [_line(each) for each in conversation.above(db, comment)]
    }


def _post(ours: Ours) -> Json:
    receipt = ours.delivery.receipt
    return {"draft": ours.delivery.draft_id, "text": ours.delivery.text, "url": receipt.url if receipt else None}


def _line(each: Said) -> Json:
    if isinstance(each, Ours):
        shown = _post(each)
        return shown | {"url": shown["url"] or "", "ours": True, "author": "", "at": iso(each.at), "comment": None}
    about = {"ours": False, "author": each.author, "comment": each.id, "draft": None}
    return about | {"text": each.text, "at": iso(each.posted_at), "url": each.receipt.url}


def ways(comment: Comment, answer: Draft | None) -> Sequence[str]:
    """What a person can decide about it: the actions of the verb `inbox`. `answer`: the draft that answers it."""
    if comment.status is Status.DISMISSED:
        return ("reopen",)
    if comment.status not in OPEN or (answer and answer.status not in drafts.WAITING):
        return ()
    if answer is None:
        return ("answer", "dismiss")
    return ("dismiss",) if answer.status is DraftStatus.APPROVED else ("approve", "dismiss")


_AIMS: Mapping[str, str] = {
    "inbox approve": "to let it go out",
    "inbox answer": "to answer",
    "inbox dismiss": "to leave it unanswered",
    "inbox reopen": "to take it up again",
    "drafts edit": "to change it",
}


_IN_THE_LIST = 600
"""Characters of a comment; more than a platform's usual post, and no screenful."""


def lines(shown: Json, *, more: str = "", unread: Sequence[str] = ()) -> Iterator[str]:
    """`inbox`, for a person. `more`: how those are listed that are not among these; "" where there are none. `unread`:
    where nothing can be read, and why: an empty inbox says nothing then."""
    listed: Sequence[Json] = shown["comments"]
    yield from unread
    if not listed:
        yield f"Nobody waits for an answer. All that was said: {command('inbox --all')}"
    for comment in listed:
        yield from _heading(comment)
        text = said(comment["text"])
        yield from quoted([text[:_IN_THE_LIST] + "…" * (len(text) > _IN_THE_LIST)])
        if comment["answer"]:
            yield from _answer(comment["answer"])
        yield ""
    if more:
        yield f"There are more: {command(more)}"
    if listed:
        yield f"The conversation, and what you can do: {command('inbox show N')}"
        yield f'To answer in words of your own: {command("inbox answer N")} "Your words"'
    if any(way.startswith("inbox approve") for comment in listed for way in comment["commands"]):
        yield f"To let a drafted answer go out: {command('inbox approve N')}"
    if listed:
        yield f"To leave it unanswered: {command('inbox dismiss N')}"


def in_full(shown: Json) -> Iterator[str]:
    """`inbox show`, for a person."""
    for comment in shown["comments"]:
        zone = comment["time_zone"]
        for each in comment["thread"]:
            who = f"{comment['bot']} (draft {each['draft']})" if each["ours"] else f"@{in_a_line(each['author'])}"
            yield f"{who}, {phrases.clock(each['at'], zone)}:"
            yield from quoted([said(each["text"])])
        yield from _heading(comment)
        yield from quoted([said(comment["text"])])
        if comment["url"]:
            yield f"  {comment['url']}"
        if comment["answer"]:
            yield from _answer(comment["answer"])
        yield from _ways(comment)


def _heading(comment: Json) -> Iterator[str]:
    """Who said it, where and when, and where it stands."""
    name = f"{in_a_line(comment['author_name'])} ".lstrip()
    where = f"on {comment['platform']}, {phrases.clock(comment['posted_at'], comment['time_zone'])}"
    told = how(comment["kind"], private=comment["private"])
    yield f"{comment['id']}. {name}@{in_a_line(comment['author'])} {told} {where}"
    yield f"  {comment['bot']}: {phrases.COMMENT[comment['status']]}{because(comment['reason'])}"
    if ours := comment["post"]:
        yield f"  beneath draft {ours['draft']}: {in_a_line(ours['text'])}"


def _answer(answer: Json) -> Iterator[str]:
    by = "Your answer" if answer["origin"] == "person" else "The drafted answer"
    yield f"  {by}, draft {answer['id']}, {phrases.DRAFT[answer['status']]}{because(answer['reason'])}:"
    yield from post(answer)


def _ways(comment: Json) -> Iterator[str]:
    """With commands to copy."""
    for way in comment["commands"]:
        words = ' "Your words"' if way.startswith("inbox answer") else ""
        yield f"  {_AIMS[way.rpartition(' ')[0]].capitalize()}: {command(way)}{words}"
    answer = comment["answer"]
    if answer and answer["status"] in drafts.WAITING:
        yield f"  To change it: {command('drafts edit ' + str(answer['id']))}"
