"""Checks a post before it goes out: length, characters, duplicates, policy, grounding, traces of the model.

Pure: nothing here opens a file, a database or a connection. The rules see the final text, after everything that is
appended. What happens to a draft that fails is left to `writing` and to the person.
"""

from twitter_manager.checks.context import CheckContext, Policy
from twitter_manager.checks.lengths import PLATFORM_LIMITS, as_shown, length
from twitter_manager.checks.repairs import repair
from twitter_manager.checks.rules import RULES, TextReport, check_draft, check_text
from twitter_manager.platforms.facets import linked

__all__ = [
    "PLATFORM_LIMITS",
    "RULES",
    "CheckContext",
    "Policy",
    "TextReport",
    "as_shown",
    "check_draft",
    "check_text",
    "length",
    "linked",
    "repair",
]
