"""What people do with the posts of an X account, and what the account does with theirs (`twitter_manager.social`).

X charges for each post and each account that it shows, whether it is used or not: so little is asked for, and no page
is larger than what the caller wants. What is sent how is for `x.py`."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from twitter_manager.domain import Clock, Json
from twitter_manager.errors import NeedsPerson, OutcomeUnknown, Refused, Unreadable
from twitter_manager.platforms.matching import as_count, as_dict, as_list
from twitter_manager.platforms.spec import Charge
from twitter_manager.platforms.transport import Answer
from twitter_manager.platforms.x_answers import (
    Problem,
    missing,
    outside_plan,
    problem_in,
    problem_of,
    readable,
    refusal_of,
)
from twitter_manager.platforms.x_posts import FieldNames, as_seen, figures_of, id_at, is_id
from twitter_manager.platforms.x_prices import COST_INTERACTION_USD, charge_for
from twitter_manager.social import Author, Figures, Heard, HeardPage, Kind, SeenPost

_AT_ONCE = 100
_LEAST_PAGE, _MOST_PAGE = 5, 100
_CONVERSATION = 50
"""How many posts of a conversation are read, the newest: at most $0.75 with their authors."""
_COUNTED: FieldNames = ({"tweet.fields": "public_metrics"}, {"post.fields": "public_metrics"})
_TOLD: FieldNames = (
    {
        "tweet.fields": "author_id,conversation_id,created_at,entities,in_reply_to_user_id,lang,note_tweet,"
        "public_metrics,referenced_tweets",
        "expansions": "author_id",
    },
    {
        "post.fields": "conversation_id,created_at,entities,lang,note_post,public_metrics",
        "expansions": "author_id,edit_history_post_ids,in_reply_to_user_id,referenced_posts",
    },
)
"""All that is told of a post; the names under which it is asked for as in `x.py`."""
_PAGE = re.compile(r"https?://(?:www\.|mobile\.)?(?:x|twitter)\.com/(?:i/web|\w+)/status/([0-9]{1,19})(?![0-9])")
_NAME = re.compile(r"[A-Za-z0-9_]{1,50}")


class XSocial(ABC):
    """One account as a `SocialPlatform`."""

    figures_at_once = _AT_ONCE
    scarce_until: datetime | None = None
    """See `MeteredPlatform`."""
    _clock: Clock
    _charge: Charge

    def figures(self, remote_ids: Sequence[str]) -> Mapping[str, Figures | None]:
        """https://docs.x.com/x-api/posts/get-posts-by-ids"""
        told: dict[str, Figures | None] = {}
        asked = [remote_id for remote_id in dict.fromkeys(remote_ids) if is_id(remote_id)]
        for start in range(0, len(asked), _AT_ONCE):
            some = asked[start : start + _AT_ONCE]
            body = self._shown("/2/tweets", {"ids": ",".join(some)}, _COUNTED, "public_metrics")
            told |= dict.fromkeys(set(some) & missing(body))
            for post in map(as_dict, as_list(body.get("data"))):
                counted = figures_of(post)
                if post.get("id") in some and counted is not None:
                    told[post["id"]] = counted
        return told

    def heard(self, cursor: str, since: datetime, limit: int) -> HeardPage:
        """X shows the newest first, and each costs: where there is more than `limit`, that is told first, and what is
        older by the next pages. https://docs.x.com/x-api/users/get-mentions"""
        if not cursor and since > self._clock():
            return HeardPage([], "")
        mark, me, shown = _Mark.read(cursor, since), self._owner(), list[tuple[Json, SeenPost | None]]()
        until, goes_on = mark.until, True
        while goes_on and len(shown) < limit:
            params: Json = {"max_results": _page(limit - len(shown)), "since_id": mark.since}
            body = self._shown(f"/2/users/{me}/mentions", params | ({"until_id": until} if until else {}), _TOLD)
            page = [post for post in map(as_dict, as_list(body.get("data"))) if is_id(post.get("id"))]
            if "meta" not in body:
                raise Unreadable("X's list of mentions does not say where it ends.", "Reading is tried again later.")
            shown += [(post, as_seen(post, body)) for post in page]
            goes_on = bool(page and as_dict(body["meta"]).get("next_token"))
            until = str(min((int(post["id"]) for post in page), default=until))
        if len(shown) > limit:
            del shown[limit:]
            until, goes_on = shown[-1][0]["id"], True
        newest = mark.newest or max((post["id"] for post, _ in shown), key=int, default=mark.since)
        news = [(post, seen) for post, seen in reversed(shown) if seen and _is_news(post, seen, me)]
        after = f"{mark.since}:{until}:{newest}" if goes_on else newest
        heard = [Heard(_kind(post, seen, me), seen) for post, seen in news]
        return HeardPage(heard, after, more=goes_on or bool(mark.until))  # meanwhile there may be news

    def timeline(self, limit: int) -> list[SeenPost]:
        """https://docs.x.com/x-api/users/get-timeline"""
        route = f"/2/users/{self._owner()}/timelines/reverse_chronological"
        return _told(self._shown(route, {"max_results": min(max(limit, 1), _MOST_PAGE)}, _TOLD))[:limit]

    def thread(self, remote_id: str) -> list[SeenPost]:
        """Of the last seven days: older posts of a conversation are not searched, but for its first and this one.
        https://docs.x.com/x-api/posts/search-recent-posts"""
        post = self.seen(remote_id)
        if post is None:
            return []
        first = (post.root or post.receipt).remote_id
        query: Json = {"query": f"conversation_id:{first}", "max_results": _CONVERSATION}
        posts = _told(self._shown("/2/tweets/search/recent", query, _TOLD))
        known = {each.receipt.remote_id: each for each in [*posts, post]}
        if first not in known and (root := self.seen(first)):
            known[first] = root
        return [known[number] for number in sorted(known, key=int)]

    def author(self, handle: str) -> Author | None:
        """https://docs.x.com/x-api/users/get-user-by-username"""
        name = handle.removeprefix("@")
        if name and not _NAME.fullmatch(name):
            return None
        route = f"/2/users/by/username/{name}" if name else "/2/users/me"
        answer = self._get(route, {"user.fields": "description,public_metrics"})
        if answer.status == 404 and missing(as_dict(answer.json())):
            return None
        body = readable(answer, self._clock())
        user = as_dict(body.get("data"))
        charge_for(self._charge, {"includes": {"users": [user] if user else []}}, "")
        if isinstance(user.get("username"), str):
            return _author(user)
        if name and missing(body):
            return None
        raise Unreadable(f"X does not show this account{_says(problem_of(answer))}.", "Look for it at x.com.")

    def seen(self, remote_id: str) -> SeenPost | None:
        if not is_id(remote_id):
            raise Unreadable(*_no_id(remote_id))
        body = self._shown("/2/tweets", {"ids": remote_id}, _TOLD)
        for post in _told(body):
            return post
        if remote_id in missing(body):
            return None
        problem = problem_in(body)
        raise Unreadable(
            f"X does not show this post{_says(problem)}.", "Look at it at x.com.", forbidden=problem is not None
        )

    def id_at(self, address: str) -> str:
        page = _PAGE.match(address)
        return page[1] if page else ""

    def like(self, remote_id: str) -> None:
        """https://docs.x.com/x-api/users/like-post"""
        self._act(remote_id, "likes", "liked")

    def repost(self, remote_id: str) -> None:
        """https://docs.x.com/x-api/users/repost-post"""
        self._act(remote_id, "retweets", "retweeted")

    def _act(self, remote_id: str, route: str, done: str) -> None:
        if not is_id(remote_id):
            raise Refused(*_no_id(remote_id))
        answer = self._call("POST", f"/2/users/{self._owner()}/{route}", body={"tweet_id": remote_id})
        if not 200 <= answer.status < 300:
            problem = problem_of(answer)
            if answer.status == 403 and problem and f"already {done}" in problem.text.lower():
                return
            if problem and outside_plan(problem):
                remedy = "Do it by hand at x.com, or look at the app's plan in the developer console."
                raise NeedsPerson(f"X does not allow this ({answer.status}): {problem.says}.", remedy, status=403)
            if answer.status == 404:
                raise Refused("The post is not there any more.", "Nothing was done.", status=404)
            raise refusal_of(answer, self._clock())
        self._charge("interaction", 1, COST_INTERACTION_USD)
        data = as_dict(as_dict(answer.json()).get("data"))
        if data.get(done) is not True and data.get(done.replace("tweet", "post")) is not True:
            raise OutcomeUnknown("X did not say that it did this.", "Look at the post.")

    # What `x.py` has

    @abstractmethod
    def _call(self, method: str, route: str, params: Json | None = None, body: Json | None = None) -> Answer: ...

    @abstractmethod
    def _get(self, route: str, params: Json) -> Answer: ...

    @abstractmethod
    def _shown(self, route: str, params: Json, ways: FieldNames, proof: str = "created_at") -> Json:
        """A body with a list of posts, charged for, read under the first of these sets of names that X takes: posts
        without `proof` mean that it did not."""

    @abstractmethod
    def _owner(self) -> str: ...


@dataclass(frozen=True, slots=True)
class _Mark:
    """How far mentions were read. Between `since` and `newest` there may be older ones than `until` to read still."""

    since: str
    until: str = ""
    newest: str = ""

    @classmethod
    def read(cls, cursor: str, since: datetime) -> _Mark:
        """What no cursor of ours is counts as none."""
        parts = cursor.split(":")
        return cls(*parts) if len(parts) in (1, 3) and all(map(is_id, parts)) else cls(id_at(since))


def _page(wanted: int) -> int:
    return min(max(wanted, _LEAST_PAGE), _MOST_PAGE)


def _told(body: Json) -> list[SeenPost]:
    """The posts that can be read."""
    return [seen for post in as_list(body.get("data")) if (seen := as_seen(as_dict(post), body))]


def _is_news(post: Json, seen: SeenPost, me: str) -> bool:
    return seen.author_id != me and "retweeted" not in _references(post)


def _kind(post: Json, seen: SeenPost, me: str) -> Kind:
    """X names nobody else's reply and quote so: they are mentions, then. Whose post is quoted X does not tell."""
    if seen.parent_id:
        return Kind.REPLY if seen.parent_author_id in ("", me) else Kind.MENTION
    return Kind.QUOTE if "quoted" in _references(post) else Kind.MENTION


def _references(post: Json) -> list[Any]:
    references = as_list(post.get("referenced_tweets") or post.get("referenced_posts"))
    return [as_dict(reference).get("type") for reference in references]


def _author(user: Json) -> Author:
    counts, name = as_dict(user.get("public_metrics")), str(user["username"])
    return Author(
        handle=name,
        name=str(user.get("name") or ""),
        about=str(user.get("description") or ""),
        url=f"https://x.com/{name}",
        followers=as_count(counts.get("followers_count")),
        posts=as_count(counts.get("tweet_count", counts.get("post_count"))),
        bot=None,
    )


def _says(problem: Problem | None) -> str:
    return f": {problem.says}" if problem else ""


def _no_id(remote_id: str) -> tuple[str, str]:
    return f"{remote_id!r:.60} is no X post id.", "Give the number at the end of the post's address."
