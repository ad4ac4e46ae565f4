"""What comes back of posts, read at the end of a run: their figures, at a few ages, each once. The run is over by then,
and nothing here can fail it."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from functools import partial

from twitter_manager import phrases
from twitter_manager.delivery.accounts import same_account
from twitter_manager.pipeline.context import RunContext
from twitter_manager.pipeline.hearing import read_comments
from twitter_manager.pipeline.reading import Reader
from twitter_manager.social import Figures, SocialPlatform
from twitter_manager.store import amendments, deliveries, engagement
from twitter_manager.store.engagement import Due

log = logging.getLogger(__name__)

FIGURES = "figures"


def follow_up(context: RunContext, run_id: int) -> None:
    """Read what is due, as far as the run's time, the limits and the money go."""
    reader = Reader(context, run_id)
    with context.stages("listen"):
        for read in (_read_figures, read_comments):  # one's fault stops no other
            try:
                read(reader)
            except Exception:
                log.exception("what came back could not be read")


def _read_figures(reader: Reader) -> None:
    context = reader.context
    for platform in reader.platforms(context.listen.figures):
        due = engagement.due(context.db, context.bot, platform.name, context.clock())
        mine = _of_this_account(reader, platform, due)
        most = reader.affordable(platform, len(mine), lambda charging: charging.reading_usd)
        if most < len(mine):
            log.info("%s: the money lasts for the figures of %d posts of %d", platform.name, most, len(mine))
        size = platform.figures_at_once
        for start in range(
            0, most, size
        ):  # those left out are read once there is money, at the age that they have then
            if reader.may_ask(platform):
                _read_batch(reader, platform, mine[start : min(start + size, most)])


def _read_batch(reader: Reader, platform: SocialPlatform, batch: Sequence[Due]) -> None:
    """One request, and what it says of these posts is kept together."""
    context = reader.context
    context.progress(f"{platform.name}: reading how {phrases.amount(len(batch), 'post does', 'posts do')}")
    answer = reader.ask(platform, FIGURES, partial(platform.figures, [post.remote_id for post in batch]))
    if answer is None:
        return
    with context.db.transaction():
        for post in batch:
            _keep(context, platform, post, answer)


def _keep(context: RunContext, platform: SocialPlatform, post: Due, answer: Mapping[str, Figures | None]) -> None:
    """Of what the answer does not name nothing is known, and the next run asks again."""
    figures = answer.get(post.remote_id)
    if figures is not None:
        engagement.add(context.db, post.delivery_id, post.band, figures, context.clock())
    elif post.remote_id in answer and amendments.notice_gone(
        context.db, platform.name, post.remote_id, context.clock()
    ):
        log.info("%s: draft %d is not there any more: it was taken down there", platform.name, post.draft_id)


def _of_this_account(reader: Reader, platform: SocialPlatform, due: Sequence[Due]) -> list[Due]:
    """Another account's posts are left alone: on its server their names may be those of other posts."""
    accounts = {post.account: post.delivery_id for post in due}
    mine = {name for name, delivery in accounts.items() if _is_this_account(reader, platform, name, delivery)}
    return [post for post in due if post.account in mine]


def _is_this_account(reader: Reader, platform: SocialPlatform, account: str, delivery_id: int) -> bool:
    if account == platform.account:
        return True
    db = reader.context.db
    return bool(reader.ask(platform, FIGURES, lambda: same_account(db, platform, deliveries.get(db, delivery_id))))
