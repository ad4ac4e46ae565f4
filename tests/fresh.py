"""A new database in a millisecond: a copy of one that the program made. What making one does is tested in `store`."""

from __future__ import annotations

import functools
import tempfile
from datetime import datetime
from pathlib import Path

from tests.fakes import START
from twitter_manager.store import schema
from twitter_manager.store.database import Database, connect


def new_database(path: Path, now: datetime = START) -> Database:
    """Made at `now`, opened. One that is there already is opened as it is."""
    if not path.exists():
        path.touch(mode=0o600)
        path.write_bytes(_made(now))
    return connect(path)


@functools.cache
def _made(now: datetime) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "twitter.db"
        db = connect(path)
        schema.migrate(db, now, None)
        db.close()
        return path.read_bytes()
