"""What can't be written or reached, by name: a person is told of it once, until it works again."""

from __future__ import annotations

from datetime import datetime

from twitter_manager.domain import Json
from twitter_manager.store.database import Database, as_json, to_text


def note(db: Database, name: str, error: str, now: datetime) -> bool:
    """Keep what is wrong, in one transaction; "" where it works. Gives whether a person is to be told: it worked
    before."""
    known = db.value("SELECT error FROM troubles WHERE name = ?", name)
    if error == (known or ""):
        return False
    with db.transaction():
        if not error:
            db.update("DELETE FROM troubles WHERE name = ?", name)
        elif not db.update("UPDATE troubles SET error = ? WHERE name = ?", error, name):
            db.insert("troubles", name=name, since=to_text(now), error=error)
    return known is None


def standing(db: Database) -> list[Json]:
    """What doesn't work now: `name`, `since` and `error`."""
    return [as_json(row) for row in db.rows("SELECT * FROM troubles ORDER BY name")]
