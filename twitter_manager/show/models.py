"""Models on this machine as lines for a person."""

from __future__ import annotations

from collections.abc import Iterator

from twitter_manager import phrases
from twitter_manager.domain import Json

_KINDS = {
    "hub": "from the hub",
    "conversion": "converted",
    "folder": "a folder of your own",
    "package": "in its package",
    "leftover": "left of a conversion that was cut off",
    "missing": "not here yet: models fetch gets it",
}


def model_lines(report: Json, time_zone: str) -> Iterator[str]:
    """`models list`."""
    for model in report["models"]:
        yield f"{model['name']}: {', '.join(_facts(model, time_zone))}"
    if not report["models"]:
        yield "No model is kept on this machine."


def _facts(model: Json, time_zone: str) -> Iterator[str]:
    yield _KINDS[model["kind"]]
    if model["revision"] and not model["name"].startswith("gguf-"):
        yield model["revision"][:12]
    if model["bytes"]:
        yield f"{model['bytes'] / 1e6:,.1f} MB"
    if model["kind"] not in ("missing", "leftover"):
        yield f"licence {model['licence'] or 'unknown'}"
    if model["last_used"]:
        yield f"last used {phrases.clock(model['last_used'], time_zone)}"
    yield f"named by {' and '.join(model['settings'])}" if model["settings"] else "named by no setting"


def checked_lines(report: Json) -> Iterator[str]:
    """`models check`."""
    results = {"ok": "whole", "unproven": "there is no digest to compare with"}
    for model in report["models"]:
        damaged = f"damaged: {', '.join(model['damaged'])}. {model['remedy']}"
        yield f"{model['name']}: {results.get(model['result'], damaged)}"
        if newer := model["newer"]:
            yield f"    newer: {newer['revision']}{': ' * bool(newer['title'])}{newer['title']}"
            for file in newer["files"]:
                yield f"      {file['file']}: {file['bytes']:,} bytes become {file['bytes_newer']:,}"
        elif model["not_asked"]:
            yield f"    {model['not_asked']}"
    if not report["models"]:
        yield "No model is kept on this machine."
