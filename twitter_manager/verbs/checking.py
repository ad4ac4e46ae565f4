"""The verb `check`: what a platform makes of a text, and what the rules say of it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path

from twitter_manager import factory
from twitter_manager import show as views
from twitter_manager.domain import Json
from twitter_manager.errors import UsageError
from twitter_manager.operations import overview
from twitter_manager.platforms import SPECS, any_of
from twitter_manager.verbs.verb import (
    JSON,
    Verb,
    Words,
    ask_for_text,
    bot_option,
    opened,
    platform_name,
    show,
    switch,
    word,
)

_FIRST, *_ = SPECS
_LARGEST_MATERIAL = 1_000_000
"""Bytes that `check --material` reads."""


def check(words: Words) -> int:
    """Read a text on standard input; tell its length as the platform counts it, and what is wrong with it."""
    app = opened(words)
    bot = app.session.bot(words.bot)
    if words.rules:
        show(words, {"rules": overview.rules(bot)}, views.rules_lines)
        return 0
    from twitter_manager.checks import check_text

    material = (_read(Path(words.material)),) if words.material else None
    context = factory.check_context(bot, app.settings.secrets, platforms=(words.platform,), material=material)
    ask_for_text(words)
    raw = sys.stdin.buffer.read().decode("utf-8", "surrogateescape")
    texts: Iterable[str | None] = [raw.removesuffix("\n")]
    if words.lines:
        texts = map(_json_string, raw.removesuffix("\n").split("\n") if raw else [])
    ok = True
    for text in texts:
        report = _no_string(words.platform) if text is None else check_text(text, words.platform, context).as_json()
        ok = ok and report["ok"]
        if words.json or words.lines:
            words.screen.json(report)
        else:
            words.screen.lines(views.check_lines(report))
    return 0 if ok else 1


CHECK = Verb(
    check,
    (
        JSON,
        word("--platform", type=platform_name, default=_FIRST, help=f"{any_of(tuple(SPECS))} (default: {_FIRST})"),
        switch("--lines", "read one JSON string a line, print one object a line"),
        word("--material", default="", metavar="FILE", help="check it as a text that a model made from FILE"),
        switch("--rules", "read no text; list all rules, why, and their settings"),
        bot_option("by whose settings (needed with several)"),
    ),
)


def _json_string(line: str) -> str | None:
    """The string that a line holds, or None when it holds none."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, str) else None


def _no_string(platform: str) -> Json:
    """What `check --lines` prints for a line that is no JSON string: one object a line, whatever comes."""
    violation = {"rule": "input", "message": 'The line is not a JSON string, such as "some text".'}
    return {"platform": platform, "length": 0, "limit": None, "ok": False, "violations": [violation], "facets": []}


def _read(path: Path) -> str:
    try:
        return path.read_bytes()[:_LARGEST_MATERIAL].decode("utf-8", "replace")
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"{path} can't be read: {reason}.", "Give a text file.") from None
