"""What a platform gave for the pictures of a delivery, until the post is out."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from twitter_manager.domain import Delivery, Json
from twitter_manager.store.database import Database, to_text


def keep(db: Database, delivery: Delivery, digest: str, given: Json, now: datetime, kept: timedelta) -> None:
    """Write down an upload, in the place of an earlier one."""
    db.update("DELETE FROM uploads WHERE delivery_id = ? AND digest = ?", delivery.id, digest)
    expires_at = to_text(now + kept)
    db.insert("uploads", delivery_id=delivery.id, digest=digest, given=json.dumps(given), expires_at=expires_at)


def of(db: Database, delivery: Delivery, now: datetime | None = None) -> dict[str, Json]:
    """What was given for each digest; with `now`, only what the platform surely has still."""
    if not delivery.content.pictures:
        return {}
    sql = "SELECT digest, given FROM uploads WHERE delivery_id = ? AND expires_at > ?"
    rows = db.rows(sql, delivery.id, to_text(now) if now else "")
    return {row["digest"]: json.loads(row["given"]) for row in rows}


def forget(db: Database, delivery: Delivery) -> None:
    """Its post is out, or the platform does not know what was uploaded for it."""
    if delivery.content.pictures:
        db.update("DELETE FROM uploads WHERE delivery_id = ?", delivery.id)
