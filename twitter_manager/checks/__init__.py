"""Checks a post before it goes out: length, characters, duplicates, policy, grounding, traces of the model.

Pure: nothing here opens a file, a database or a connection. The rules see the final text, after everything that is
appended. What happens to a draft that fails is left to `writing` and to the person.
"""

from twitter_manager.checks.context import CheckContext, Policy
from twitter_manager.checks.lengths import length
from twitter_manager.checks.repairs import repair
from twitter_manager.checks.rules import RULES, TextReport, check_attached, check_draft, check_post, check_text

__all__ = [
    "RULES",
    "CheckContext",
    "Policy",
    "TextReport",
    "check_attached",
    "check_draft",
    "check_post",
    "check_text",
    "length",
    "repair",
]
