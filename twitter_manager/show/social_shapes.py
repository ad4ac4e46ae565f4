"""The shapes of what the verb `social` prints with `--json`."""

from __future__ import annotations

from twitter_manager.show.shapes import Optional, Shape


class Counted(Shape):
    """What people did with a post."""

    likes: int
    replies: int
    reposts: int
    quotes: int
    views: int | None


class SocialPost(Shape):
    """A post as its platform shows it, whoever wrote it."""

    id: str
    """Its name there, which the verb takes."""
    url: str
    author: str
    author_id: str
    author_name: str
    text: str
    created_at: str
    language: str
    parent: str
    """What it answers; "" for nothing."""
    figures: Counted | None


class SocialPosts(Shape):
    """`social timeline`, newest first, and `social thread`, oldest first."""

    bot: str
    platform: str
    posts: list[SocialPost]


class SocialAuthor(Shape):
    """`social author`."""

    bot: str
    platform: str
    handle: str
    name: str
    about: str
    url: str
    followers: int | None
    posts: int | None
    bot_label: bool | None
    """Whether the account calls itself automated; null where the platform does not tell."""


class SocialDone(Shape):
    """`social like`, `repost`, `reply`, and `delete` of a post that the program did not make."""

    done: list[str]
    platform: str
    post: str
    draft: int = Optional
    """Of a reply: the draft that goes out with the next run."""
    comment: int = Optional
    """Of a reply: under which number the inbox has the post that it answers."""
