"""Which class serves which name, made from a bot's settings: platforms, generators, the recipe of its posts.

A provider is one function and one line in a table, in `outlets` or `services`. Nothing heavy is imported, and nothing
is asked, before a part is used.
"""

from twitter_manager.wiring.material import collecting, fetcher, has_fast_news, is_used_up
from twitter_manager.wiring.meaning import (
    INDEXING,
    WHILE_A_POST_WAITS,
    has_more_than_notes,
    retrieval,
    update_index,
)
from twitter_manager.wiring.outlets import ShowOnly, calendar, platforms
from twitter_manager.wiring.outlook import outlook, running_out
from twitter_manager.wiring.overview import describe, generator_examinations
from twitter_manager.wiring.posts import check_context, recipe, template_problems, templates
from twitter_manager.wiring.services import (
    LOADS_A_MODEL,
    LOCAL_CANDIDATES,
    embedder,
    generators,
    judge_warnings,
    judges,
    lacking_embedder,
    that_write,
    writers,
)

__all__ = [
    "INDEXING",
    "LOADS_A_MODEL",
    "LOCAL_CANDIDATES",
    "WHILE_A_POST_WAITS",
    "ShowOnly",
    "calendar",
    "check_context",
    "collecting",
    "describe",
    "embedder",
    "fetcher",
    "generator_examinations",
    "generators",
    "has_fast_news",
    "has_more_than_notes",
    "is_used_up",
    "judge_warnings",
    "judges",
    "lacking_embedder",
    "outlook",
    "platforms",
    "recipe",
    "retrieval",
    "running_out",
    "template_problems",
    "templates",
    "that_write",
    "update_index",
    "writers",
]
