"""What people do on the Mastodon stand-in besides posting: mentions, favourites, boosts, quotes, notifications,
conversations, the home timeline, profiles; and what a token may do, by its scopes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from tests.standins.mastodon_media import error
from tests.standins.service import Json, Refusal, Reply

if TYPE_CHECKING:
    from tests.standins.mastodon import MastodonStandIn, Post

AT_ONCE, MOST_NOTICES = 20, 80
_SCOPES = (
    ("GET", r"/api/v1/notifications", "read:notifications"),
    ("GET", r"/api/v1/accounts/(?:verify_credentials|lookup)", "read:accounts"),
    ("GET", r"/api/v1/(?:accounts/\w+/statuses|statuses.*|timelines/home)", "read:statuses"),
    ("POST", r"/api/v1/statuses/\w+/favourite", "write:favourites"),
    ("POST|PUT|DELETE", r"/api/v1/statuses.*", "write:statuses"),
    ("PATCH", r"/api/v1/accounts/update_credentials", "write:accounts"),
    ("POST", r"/api/v2/media", "write:media"),
)
"""What a token needs, by method and path; the first line that fits counts.
https://docs.joinmastodon.org/api/oauth-scopes/"""


@dataclass
class Notice:
    id: str
    type: str
    owner: str
    who: str
    post: str
    created: float


@dataclass
class People:
    """Who did what. `boosts`: by post, each one's boost by who made it; `bots`: the accounts that are marked as one."""

    server: MastodonStandIn
    likes: dict[str, set[str]] = field(default_factory=dict)
    boosts: dict[str, dict[str, str]] = field(default_factory=dict)
    quotes: dict[str, str] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)
    bots: set[str] = field(default_factory=set)
    viewer: str = ""
    """Who asks now."""
    profiles: dict[str, Json] = field(default_factory=dict)

    def account(self, name: str) -> str:
        """The id of somebody's account, which is made where there is none."""
        ids = {known: account for account, known in self.server.names.items()}
        if name not in ids:
            ids[name] = str(109501234567890003 + len(ids))
            self.server.names[ids[name]] = name
        return ids[name]

    def like(self, post_id: str, who: str) -> None:
        if who not in self.likes.setdefault(post_id, set()):
            self.likes[post_id].add(who)
            self._tell("favourite", self.server.posts[post_id].author, who, post_id)

    def boost(self, post_id: str, who: str) -> str:
        """The boost's own id, each time the same."""
        boosts = self.boosts.setdefault(post_id, {})
        if who not in boosts:
            boosts[who] = self.server.next_id()
            self._tell("reblog", self.server.posts[post_id].author, who, post_id)
        return boosts[who]

    def quote(self, post_id: str, text: str, who: str) -> Post:
        """A post that quotes another, as servers show it that know no quotes."""
        post = self.server.add_post(text, author=who)
        self.quotes[post.id] = post_id
        self._tell("quote", self.server.posts[post_id].author, who, post.id)
        return post

    def mentioned(self, post: Post) -> None:
        """Whoever is named in a post hears of it."""
        for mention in self.mentions(post):
            self._tell("mention", mention["id"], post.author, post.id)

    def mentions(self, post: Post) -> list[Json]:
        named = re.findall(r"(?<![\w/])@(\w+)", post.text)
        return [
            {"id": account, "username": name, "acct": name, "url": f"{self.server.url}/@{name}"}
            for account, name in self.server.names.items()
            if name in named
        ]

    def _tell(self, kind: str, owner: str, who: str, post_id: str) -> None:
        if owner != who:
            self.notices.append(Notice(str(len(self.notices) + 1), kind, owner, who, post_id, self.server.now()))

    # -- the requests --------------------------------------------------------------------------------------------------

    def refuse_scope(self, method: str, path: str) -> None:
        for methods, paths, scope in _SCOPES:
            if method in methods.split("|") and re.fullmatch(paths, path):
                if {scope, scope.split(":")[0]}.isdisjoint(self.server.settings.scopes):
                    raise Refusal(error(403, "This action is outside the authorized scopes"))
                return

    def carry_out(self, method: str, path: str, target: str, owner: str, raw: bytes) -> Reply | None:
        self.viewer = owner
        asked = parse_qsl(urlsplit(target).query)
        query = dict(asked)
        if (method, path) == ("GET", "/api/v1/statuses"):
            return self._by_ids([value for name, value in asked if name == "id[]"])
        if (method, path) == ("GET", "/api/v1/notifications"):
            return self._notifications(owner, query, [value for name, value in asked if name == "types[]"])
        if (method, path) == ("GET", "/api/v1/timelines/home"):
            return Reply(200, self._home(int(query.get("limit", "20")), query.get("max_id")))
        if (method, path) == ("GET", "/api/v1/accounts/lookup"):
            ids = [account for account, name in self.server.names.items() if name == query.get("acct")]
            return Reply(200, self.server.show_account(ids[0])) if ids else error(404, "Record not found")
        if (method, path) == ("PATCH", "/api/v1/accounts/update_credentials"):
            return self._update(owner, dict(parse_qsl(raw.decode())))
        if match := re.fullmatch(r"/api/v1/statuses/(\w+)/(context|favourite|reblog)", path):
            if match[1] not in self.server.posts:
                return error(404, "Record not found")
            return self._of_post(method, match[1], match[2], owner)
        return None

    def _of_post(self, method: str, post_id: str, what: str, owner: str) -> Reply:
        server, post = self.server, self.server.posts[post_id]
        if (method, what) == ("POST", "favourite"):
            self.like(post_id, owner)
            return Reply(200, server.show(post))
        if (method, what) == ("POST", "reblog"):
            return Reply(200, self._boost_shown(self.boost(post_id, owner), post))
        above: list[Post] = []
        parent = server.posts.get(post.reply_to)
        while parent:
            above.insert(0, parent)
            parent = server.posts.get(parent.reply_to)
        shown = {"ancestors": above, "descendants": list(self._beneath(post_id))}
        return Reply(200, {name: [server.show(each) for each in posts] for name, posts in shown.items()})

    def _beneath(self, post_id: str) -> Iterable[Post]:
        for post in list(self.server.posts.values()):
            if post.reply_to == post_id:
                yield post
                yield from self._beneath(post.id)

    def _by_ids(self, ids: list[str]) -> Reply:
        if not self.server.settings.by_id:
            return Reply(404, "<!DOCTYPE html><html></html>", {"content-type": "text/html; charset=utf-8"})
        if len(set(ids)) > AT_ONCE:
            return error(422, "Validation failed")
        posts = self.server.posts
        return Reply(200, [self.server.show(posts[post_id]) for post_id in dict.fromkeys(ids) if post_id in posts])

    def _notifications(self, owner: str, query: dict[str, str], types: list[str]) -> Reply:
        if "quote" in types and not self.server.settings.knows_quotes:
            return error(400, "Invalid value for enum")
        after, before = (int(query.get(name, edge)) for name, edge in (("min_id", "0"), ("max_id", "9" * 18)))
        limit = min(int(query.get("limit", "40")), self.server.settings.most_notices)
        mine = [
            notice
            for notice in self.notices
            if notice.owner == owner and (not types or notice.type in types) and after < int(notice.id) < before
            if notice.post in self.server.posts
        ]
        page = mine[:limit] if "min_id" in query else mine[-limit:]
        return Reply(200, [self._notice_shown(notice) for notice in reversed(page)])

    def _notice_shown(self, notice: Notice) -> Json:
        status = self.server.show(self.server.posts[notice.post])
        account = self.server.show_account(notice.who)
        shown = {"id": notice.id, "type": notice.type, "created_at": moment(notice.created)}
        return shown | {"account": account, "status": status}

    def _home(self, limit: int, before: str | None) -> list[Json]:
        """As if everybody were followed."""
        posts = self.server.posts
        entries = {post.id: self.server.show(post) for post in posts.values()}
        for post_id, boosts in self.boosts.items():
            entries |= {own_id: self._boost_shown(own_id, posts[post_id]) for own_id in boosts.values()}
        ids = sorted((each for each in entries if before is None or int(each) < int(before)), key=int, reverse=True)
        return [entries[each] for each in ids[: min(limit, 40)]]

    def _boost_shown(self, own_id: str, post: Post) -> Json:
        return self.server.show(post) | {"id": own_id, "content": "", "reblog": self.server.show(post)}

    def _update(self, owner: str, form: dict[str, str]) -> Reply:
        if "bot" in form:
            (self.bots.add if form["bot"].lower() in ("true", "1") else self.bots.discard)(owner)
        self.profiles.setdefault(owner, {}).update({name: value for name, value in form.items() if name != "bot"})
        return Reply(200, self.server.show_account(owner))

    # -- what is shown of a post and an account ------------------------------------------------------------------------

    def counts(self, post: Post) -> Json:
        """Of replies those that anybody may see, the author's own too (`Status#increment_counter_caches`)."""
        seen_by_all = ("public", "unlisted")
        return {
            "favourites_count": len(self.likes.get(post.id, ())),
            "replies_count": sum(
                other.reply_to == post.id and other.body.get("visibility", "public") in seen_by_all
                for other in self.server.posts.values()
            ),
            "reblogs_count": len(self.boosts.get(post.id, ())),
            "favourited": self.viewer in self.likes.get(post.id, ()),
            "reblogged": self.viewer in self.boosts.get(post.id, {}),
            "quotes_count": sum(
                quoted == post.id and quoting in self.server.posts for quoting, quoted in self.quotes.items()
            ),
        }

    def profile(self, account: str) -> Json:
        mine = [post for post in self.server.posts.values() if post.author == account]
        profile = {"display_name": "", "note": "<p>Tells what it likes.</p>", **self.profiles.get(account, {})}
        counts = {"followers_count": 3, "statuses_count": len(mine)}
        return profile | counts | {"bot": account in self.bots}


def moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parent_account(posts: dict[str, Any], post: Post) -> str | None:
    parent = posts.get(post.reply_to)
    return parent.author if parent else None
