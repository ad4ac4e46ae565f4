"""What is known of the bots' keys as lines for a person."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from twitter_manager import phrases
from twitter_manager.domain import Json


def key_lines(report: Json, time_zone: Callable[[str], str]) -> Iterator[str]:
    """`auth check`. `time_zone`: gives that of a bot."""
    for key in report["keys"]:
        yield f"{key['bot']}: {key['service']:9} {key['result']:8}{phrases.sentences(key['detail'], key['remedy'])}"
        yield f"    {_facts(key, time_zone(key['bot']))}"
    if not report["keys"]:
        yield "No bot has a key: posts go to the feed on this machine."
    for file in report["files"]:
        mend = f"other users may read it; run: chmod 600 {file['path']}"
        told = "only you may read it now" if file["closed"] else mend
        yield f"{file['path']}: {told}"


def _facts(key: Json, time_zone: str) -> str:
    words = [f"in {' and '.join(key['places'])}"] if key["places"] else []
    words.append(f"known for {phrases.amount(key['age_days'], 'day')}" if key["age_days"] else "known since today")
    if key["expires_at"]:
        words.append(f"ends {phrases.clock(key['expires_at'], time_zone)}")
    elif key["session_until"]:
        words.append(f"logged in until {phrases.clock(key['session_until'], time_zone)}, renewed by itself")
    return "; ".join(words)
