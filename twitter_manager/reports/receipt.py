"""The receipt of a period: what was due, what is out, that nothing went out twice, and how all that can be checked."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from twitter_manager.domain import DeliveryStatus, Json
from twitter_manager.reports.sound import sound
from twitter_manager.store import between, events, reports
from twitter_manager.store.database import Database, from_text, iso
from twitter_manager.store.dialect import Row

MOST_EVENTS = 20_000
"""So many are looked at for a report, the newest: half a second on a slow machine. `audit verify` looks at all."""
SAME_WORDS = timedelta(days=1)
"""A person may post the same words again after that."""
_MOST_WRONG = 5
_UNFINISHED = (DeliveryStatus.QUEUED, DeliveryStatus.SENDING, DeliveryStatus.UNKNOWN)


def receipt(
    db: Database, posts: Sequence[Row], earlier: Sequence[Row], slots: Json, trail: Json, posts_since: int
) -> Json:
    """`posts`: the deliveries of the period; `earlier`: those of the day before it; `slots`: the figures on slots;
    `trail`: what `looked_at` gave; `posts_since`: how many were sent since the period began, until now."""
    standing = Counter(str(post["status"]) for post in posts)
    return {
        "slots_due": slots["due"],
        "slots_filled": slots["filled"],
        "out": standing[DeliveryStatus.POSTED],
        "held": standing[DeliveryStatus.HELD],
        "failed": standing[DeliveryStatus.FAILED],
        "unfinished": sum(standing[status] for status in _UNFINISHED),
        "taken_down": sum(post["removed_at"] is not None for post in posts),
        "posts_since": posts_since,
        "sent_twice": len(sent_twice(db, posts, earlier)),
        "trail": trail,
    }


def sent_twice(db: Database, posts: Sequence[Row], earlier: Sequence[Row]) -> set[int]:
    """The deliveries by which something went out once more: their platform said yes to more than one try, or gave
    them the number of another, or they have the words that another draft's post had there within a day, while that was
    still there."""
    out = [post for post in posts if post["status"] == DeliveryStatus.POSTED]
    yeses = between.sends(db, [post["id"] for post in out])
    twice = {number for number, times in yeses.items() if times > 1}
    numbers: dict[tuple[str, str, str], int] = {}
    for post in (*earlier, *out):
        key = (post["platform"], post["account"], post["remote_id"])
        if post["remote_id"] and numbers.setdefault(key, post["id"]) != post["id"]:
            twice.add(post["id"])
    return twice | _same_words(out, earlier)


def _same_words(out: Sequence[Row], earlier: Sequence[Row]) -> set[int]:
    """Words alone count: a post that is no more than its picture has none. Two people may be answered in the same."""
    by_words: defaultdict[tuple[str, str, str, int | None], list[Row]] = defaultdict(list)
    mine = {post["id"] for post in out}
    for post in sorted((*earlier, *out), key=lambda each: each["posted_at"] or ""):
        if post["posted_at"] and post["text"].strip():
            by_words[post["platform"], post["account"], post["text"], post["comment"]].append(post)
    again = set[int]()
    for same in by_words.values():
        for number, post in enumerate(same):
            if post["id"] in mine and any(_is_again(post, before) for before in same[:number]):
                again.add(post["id"])
    return again


def _is_again(post: Row, before: Row) -> bool:
    if post["draft_id"] == before["draft_id"] or (before["removed_at"] and before["removed_at"] <= post["posted_at"]):
        return False
    return from_text(post["posted_at"]) - from_text(before["posted_at"]) < SAME_WORDS


def looked_at(db: Database, now: datetime) -> Json:
    """How far the audit trail was looked at, and what came of it. An event that an earlier report found good must still
    have the hash that stands there; only what came since is looked at anew, the newest MOST_EVENTS at most and the last
    one always. Those before are counted."""
    number, digest = events.head(db)
    kept = sound(reports.newest(db, now))
    known: Json = kept.figures["receipt"]["trail"] if kept else {}
    wrong = _changed_since(db, known)
    good = known["events"] if kept and known["whole"] and not wrong else 0
    after = max(0, min(good, number - 1), number - MOST_EVENTS)
    if missing := events.missing_until(db, after):
        wrong.append(f"of the first {after:,} events {missing:,} {'is' if missing == 1 else 'are'} missing")
    wrong += events.verify(db, after)
    from_start = not wrong and (after == 0 or (after <= good and known["from_start"]))
    return {
        "events": number,
        "hash": digest,
        "first": min(after + 1, number),
        "from_start": from_start,
        "vouched_at": iso(kept.made_at) if kept and from_start and after else None,
        "whole": not wrong,
        "wrong": wrong[:_MOST_WRONG],
    }


def _changed_since(db: Database, known: Json) -> list[str]:
    """What an earlier report saw must stand there still."""
    number = known.get("events", 0)
    if number == 0 or events.hash_of(db, number) == known["hash"]:
        return []
    return [f"event {number} is not what it was when an earlier report looked at it"]
