"""What the verb `social` shows: posts and accounts as a platform has them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict

from twitter_manager import phrases
from twitter_manager.domain import Json
from twitter_manager.show.lines import in_a_line, quoted, said
from twitter_manager.social import Author, SeenPost
from twitter_manager.store.database import iso


def post_as_json(post: SeenPost) -> Json:
    """One post."""
    return {
        "id": post.receipt.remote_id,
        "url": post.receipt.url,
        "author": post.author,
        "author_id": post.author_id,
        "author_name": post.author_name,
        "text": post.text,
        "created_at": iso(post.created_at),
        "language": post.language,
        "parent": post.parent_id,
        "figures": asdict(post.figures) if post.figures else None,
    }


def author_as_json(author: Author) -> Json:
    """Somebody's account."""
    told = asdict(author)
    return {**told, "bot_label": told.pop("bot")}


def posts_lines(time_zone: str) -> Callable[[Json], Iterable[str]]:
    """Posts for a person, at their clock."""
    return lambda told: _posts(told["posts"], time_zone) if told["posts"] else ["There is nothing to show."]


def _posts(posts: Sequence[Json], time_zone: str) -> Iterator[str]:
    for post in posts:
        name = f"{in_a_line(post['author_name'])} ".lstrip()
        yield f"{name}@{in_a_line(post['author'])}, {phrases.clock(post['created_at'], time_zone)}"
        yield from quoted([said(post["text"])])
        if figures := post["figures"]:
            yield f"  {', '.join(phrases.came_to(figures)) or 'nothing happened with it yet'}"
        yield f"  {post['id']}" + f"  {post['url']}" * (post["url"] != post["id"])


def author_lines(author: Json) -> Iterator[str]:
    """An account for a person."""
    yield in_a_line(f"{author['name']} @{author['handle']}")
    yield from quoted([author["about"]] if author["about"] else [])
    counts = [("follower", author["followers"]), ("post", author["posts"])]
    if told := ", ".join(phrases.amount(number, what) for what, number in counts if number is not None):
        yield f"  {told}"
    if author["bot_label"] is not None:
        yield "  It calls itself automated." if author["bot_label"] else "  It does not call itself automated."
    yield f"  {author['url']}"
