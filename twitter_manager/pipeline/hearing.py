"""What others said to a bot's accounts, read at the end of a run, page by page, and kept. A page and how far it goes
are kept together, so that a run that dies reads it again and none is there twice. What becomes of it is left to
`answering`."""

from __future__ import annotations

import logging
from datetime import timedelta
from functools import partial

from twitter_manager import phrases
from twitter_manager.pipeline.reading import Reader
from twitter_manager.social import Heard, HeardPage, SocialPlatform
from twitter_manager.store import comments
from twitter_manager.store.comments import Whose

log = logging.getLogger(__name__)

PAGE, PAGES = 40, 5
"""Comments that are asked for at once, and how often in one run."""
FEWEST = 5
"""X shows no fewer at once, and charges for each."""
FIRST_LOOK = timedelta(days=2)
"""How far back the first look goes: nobody wants answers to what was said last year."""
_LONGEST_ID = 2_000
_DOUBT = "it may have been answered before a backup was restored: look there"


def read_comments(reader: Reader) -> None:
    """Read what is new on each platform, as far as the run's time, the limits and the money go."""
    for platform in reader.platforms(reader.context.listen.comments):
        for _ in range(PAGES):
            limit = _affordable(reader, platform)
            if not limit or not reader.may_ask(platform) or not _read_page(reader, platform, limit):
                break


def _read_page(reader: Reader, platform: SocialPlatform, limit: int) -> bool:
    """Read one page and keep it; whether there is more."""
    context, now = reader.context, reader.context.clock()
    whose = Whose(context.bot, platform.name, platform.account)
    cursor = comments.cursor(context.db, whose)
    context.progress(f"{platform.name}: reading what people said")
    page = reader.ask(platform, "comments", partial(platform.heard, cursor, now - FIRST_LOOK, limit))
    if page is None:
        return False
    _keep(reader, whose, page)
    return page.more and page.cursor != cursor


def _keep(reader: Reader, whose: Whose, page: HeardPage) -> None:
    context, new = reader.context, 0
    restored = comments.in_doubt_until(context.db, context.bot)
    with context.db.transaction():
        for heard in filter(_is_sound, page.heard):
            doubt = _DOUBT if restored and heard.post.created_at <= restored else ""
            kept = Heard(heard.kind, heard.post.redacted(context.redact))
            new += comments.add(context.db, whose, kept, context.clock(), reason=doubt) is not None
        comments.keep_cursor(context.db, whose, page.cursor, context.clock())
    if new:
        log.info("%s: %s", whose.platform, phrases.amount(new, "new comment", "new comments"))


def _is_sound(heard: Heard) -> bool:
    """Whether its names there are names: a part of them is what a stranger's server says."""
    post = heard.post
    names = (post.receipt.remote_id, post.receipt.url, post.author_id, post.parent_id, post.parent_author_id)
    if all(name.isprintable() and len(name) <= _LONGEST_ID for name in names):
        return True
    log.warning("a comment is left out: its address is none: %.100r", post.receipt.remote_id)
    return False


def _affordable(reader: Reader, platform: SocialPlatform) -> int:
    """How many comments may be asked for; 0 where the money does not last for the fewest."""
    most = reader.affordable(platform, PAGE, lambda charging: charging.hearing_usd)
    if most < FEWEST:
        log.info("%s: what people said is not read: the money for reading is used up", platform.name)
        return 0
    return most
