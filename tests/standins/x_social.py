"""The other accounts of X's stand-in: what they say and do, and what X tells of it. Its routes for that."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from tests.standins.service import Json, Refusal, Reply

if TYPE_CHECKING:
    from tests.standins.x import Post, XStandIn

PLAN = {
    "title": "Client Forbidden",
    "detail": "You currently have access to a subset of X API V2 endpoints and limited v1.1 endpoints only. If you "
    "need access to this endpoint, you may need a different access level.",
    "type": "https://api.twitter.com/2/problems/client-forbidden",
    "reason": "client-not-enrolled",
    "required_enrollment": "Appropriate Level of API Access",
    "status": 403,
}
"""What X says where the account's plan does not have the endpoint."""


class Others:
    """What is told of posts besides their text, and who did what with them."""

    def __init__(self, x: XStandIn) -> None:
        self.x = x
        self.about: dict[str, str] = {}

    def account(self, name: str) -> str:
        """The id of the account of this name, a new one where there is none."""
        known = next((number for number, other in self.x.users.items() if other == name), None)
        if known is None:
            known = str(9000 + len(self.x.users))
            self.x.users[known] = name
        return known

    def say(self, name: str, text: str, *, reply_to: str = "", quotes: str = "") -> Post:
        """A post of another account; before a reply stand the names of whom it answers, as X puts them there."""
        parent = self.x.posts.get(reply_to)
        author = self.account(name)
        named = f"@{self.x.users[parent.author]} " if parent and parent.author != author else ""
        post = self.x.add_post(named + text, reply_to=reply_to, author=author)
        post.quotes = quotes
        return post

    # What is asked for

    def carry_out(self, author: str, method: str, path: str, query: dict[str, str], body: Any) -> Reply | None:
        """None where the path is none of these."""
        if (method, path) == ("GET", "/2/tweets/search/recent"):
            self._need_plan()
            return self._conversation(query)
        if method == "GET" and (match := re.fullmatch(r"/2/users/by/username/(\w{1,50})", path)):
            found = next((number for number, name in self.x.users.items() if name == match[1]), None)
            return Reply(200, {"data": self.shown(found, query)}) if found else self._nobody(match[1])
        if method == "GET" and path == f"/2/users/{author}/mentions":
            name = re.compile(rf"@{self.x.users[author]}\b")
            return self.x.listed(self.x._shown_newest_first(lambda post: bool(name.search(post.text))), query)
        if method == "GET" and path == f"/2/users/{author}/timelines/reverse_chronological":
            return self.x.listed(self.x._shown_newest_first(lambda post: True), query, least=1)
        if method == "POST" and path in (f"/2/users/{author}/likes", f"/2/users/{author}/retweets"):
            self._need_plan()
            return self._act(author, path.rpartition("/")[2], body)
        return None

    def _need_plan(self) -> None:
        if self.x.settings.plan != "all":
            raise Refusal(Reply(403, PLAN))

    def _conversation(self, query: dict[str, str]) -> Reply:
        wanted = query["query"].removeprefix("conversation_id:")
        posts = self.x._shown_newest_first(lambda post: self.conversation(post) == wanted and post.id != wanted)
        return self.x.listed(posts, query, least=10, more="query")

    def _act(self, author: str, what: str, body: Any) -> Reply:
        if not isinstance(body, dict) or body.keys() != {"tweet_id"}:
            return Reply(400, {"title": "Invalid Request", "detail": "tweet_id is missing", "status": 400})
        post = self.x.posts.get(body["tweet_id"])
        if post is None:
            return self.x._not_found(body["tweet_id"])
        self.x.bill.append(("interaction", 0.015))
        (post.likes if what == "likes" else post.reposts).add(author)
        return Reply(200, {"data": {"liked" if what == "likes" else "retweeted": True}})

    @staticmethod
    def _nobody(name: str) -> Reply:
        problem = {
            "value": name, "detail": f"Could not find user with username: [{name}].", "title": "Not Found Error",
            "resource_type": "user", "parameter": "username", "resource_id": name,
            "type": "https://api.twitter.com/2/problems/resource-not-found",
        }  # fmt: skip
        return Reply(200, {"errors": [problem]})

    # What is told

    def conversation(self, post: Post) -> str:
        """The id of the post that began it, be that there or not."""
        while post.reply_to in self.x.posts:
            post = self.x.posts[post.reply_to]
        return post.reply_to or post.versions[0]

    def shown(self, number: str, query: dict[str, str]) -> Json:
        """An account."""
        own = self.x.settings.names == "tweet"
        name = self.x.users[number]
        told: Json = {"id": number, "name": "Stand-in" if number == "4242" else name.title(), "username": name}
        if "description" in query.get("user.fields", ""):
            told["description"] = self.about.get(number, "")
        if "public_metrics" in query.get("user.fields", ""):
            posts = sum(post.author == number for post in self.x.posts.values())
            told["public_metrics"] = {"followers_count": 3, "tweet_count" if own else "post_count": posts}
        return told

    def told(self, post: Post, asked: frozenset[str]) -> Json:
        """What is asked for of a post, besides what the other module tells."""
        parent = self.x.posts.get(post.reply_to)
        told = {
            "author_id": post.author,
            "conversation_id": self.conversation(post),
            "in_reply_to_user_id": parent.author if parent else None,
            "lang": "en",
            "public_metrics": self._counts(post),
        }
        return {name: value for name, value in told.items() if name in asked and value is not None}

    def _counts(self, post: Post) -> Json:
        everything = self.x.posts.values()
        return {
            "like_count": len(post.likes),
            "reply_count": sum(other.reply_to == post.id for other in everything),
            "retweet_count" if self.x.settings.names == "tweet" else "repost_count": len(post.reposts),
            "quote_count": sum(other.quotes == post.id for other in everything),
            "bookmark_count": 0,
            "impression_count": post.views,
        }

    def along(self, posts: Iterable[Post], asked: frozenset[str]) -> Json:
        """What comes along with these posts because it was asked for: accounts, each once, and posts."""
        posts = list(posts)
        parents = [self.x.posts[post.reply_to] for post in posts if post.reply_to in self.x.posts]
        users = {post.author for post in posts} if "author_id" in asked else set()
        if self.x.settings.names == "post" and "in_reply_to_user_id" in asked:
            users |= {parent.author for parent in parents}
        told: Json = {"users": [self.shown(number, {}) for number in sorted(users)]}
        if {"referenced_posts", "author_id"} <= asked:
            told["posts"] = [{"id": parent.id, "text": parent.shown, "author_id": parent.author} for parent in parents]
        along = {name: shown for name, shown in told.items() if shown}
        return {"includes": along} if along else {}
