"""The shapes of comments, as the verb `inbox` prints them with `--json` and the API gives them."""

from __future__ import annotations

from twitter_manager.show.shapes import (
    Amendment,  # noqa: F401 (Draft names it)
    Attached,  # noqa: F401 (Draft names it)
    Delivery,  # noqa: F401 (Draft names it)
    Draft,
    Optional,
    Said,
    Shape,
)


class OwnPost(Shape):
    """The post of the bot's that a comment stands beneath."""

    draft: int
    text: str
    """As it went out."""
    url: str | None


class ThreadPost(Shape):
    """One post of the conversation above a comment."""

    ours: bool
    author: str
    """"" for the bot itself."""
    text: str
    at: str
    url: str
    comment: int | None
    """Its number, where it is a comment."""
    draft: int | None
    """The draft that it was, where it is ours."""


class Comment(Said):
    """Something that was said to the account."""

    bot: str
    account: str
    """Of the bot's, that it was said to."""
    kind: str
    """`reply`, `mention`, `quote` or `asked`."""
    private: bool
    """Whether only those whom it names see it, and the answer to it."""
    author_name: str
    language: str
    posted_at: str
    seen_at: str
    depth: int
    """How many answers of ours stand above it."""
    reason: str
    """Why it is for a person, where it is; or that its answer was deleted."""
    post: OwnPost | None
    answer: Draft | None
    """The draft that answers it, unless that was given up."""
    commands: list[str]
    """The verbs by which a person decides: `inbox approve 3`, `inbox dismiss 3`."""
    time_zone: str


class WholeComment(Comment):
    """A comment with the conversation that it stands in."""

    thread: list[ThreadPost]
    """What is stored of what stands above it, the first of all first."""


class Inbox(Shape):
    """`inbox`; `inbox show` adds the conversation."""

    comments: list[Comment]


class ShownComments(Shape):
    """`inbox show`."""

    comments: list[WholeComment]


class DecidedComments(Shape):
    """The actions of `inbox` that change something: what was done, a line each."""

    done: list[str]
    comments: list[int]
    """The comments with which it was done."""
    drafts: list[int] = Optional
    """The answers that were written."""
    refused: list[str]
    """What was not done, and why; the exit code is 2 then."""
