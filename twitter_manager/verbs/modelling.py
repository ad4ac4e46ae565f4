"""The verb `models`: the models on this machine."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping

from twitter_manager.app import App
from twitter_manager.operations import models as kept
from twitter_manager.show.models import checked_lines, model_lines
from twitter_manager.verbs.verb import JSON, Verb, Words, action, agrees, opened, say, show, switch


def models(words: Words) -> int:
    """The models on this machine. list: what is kept, its size and licence, when it was used, and which setting names
    it. fetch: download and convert what the settings name. check: whether the files are whole, and whether the hub has
    a newer revision. prune: remove what no setting names."""
    return _ACTIONS[words.action](opened(words), words)


def _list(app: App, words: Words) -> int:
    show(words, {"models": kept.listing(app.settings)}, lambda shown: model_lines(shown, _zone(app)))
    return 0


def _fetch(app: App, words: Words) -> int:
    with app.session.logged():
        return say(words, *kept.fetch(app.settings, words.screen.progress))


def _check(app: App, words: Words) -> int:
    with app.session.logged():
        checked = kept.check(app.settings, words.screen.progress)
    report = {"ok": all(model["result"] != kept.DAMAGED for model in checked), "models": checked}
    show(words, report, checked_lines)
    return 0 if report["ok"] else 1


def _prune(app: App, words: Words) -> int:
    """Under the lock: no run loads what is taken away."""
    with app.session.alone(), app.session.logged():
        those = kept.unused(app.settings)
        rows = kept.rows(those)
        at_terminal = sys.stdin.isatty() and sys.stdout.isatty() and not words.json
        if at_terminal or not (words.yes or words.json):
            words.screen.lines(model_lines({"models": rows}, _zone(app)) if rows else ["There is nothing to remove."])
        agreed = words.yes or (bool(rows) and at_terminal and agrees(words, "Remove this?"))
        if agreed:
            kept.remove(those)
    if words.json:
        words.screen.json({"removed": agreed, "models": rows})
    elif rows and not agreed and not at_terminal:
        words.screen.lines(["Nothing is removed; with --yes it is."])
    return 0


def _zone(app: App) -> str:
    return next((bot.time_zone for bot in app.settings.active), "UTC")


_ACTIONS: Mapping[str, Callable[[App, Words], int]] = {
    "list": _list,
    "fetch": _fetch,
    "check": _check,
    "prune": _prune,
}
MODELS = Verb(
    models, (JSON, action(*_ACTIONS, help="what to do"), switch("--yes", "with prune: remove without asking"))
)
