"""What an invocation leaves behind for whoever watches the program, once its bots have run. Trouble with it is told,
and never makes the runs fail that it is about."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

from twitter_manager.app import App
from twitter_manager.stages import Stage
from twitter_manager.store.database import Database
from twitter_manager.telemetry import counting

log = logging.getLogger(__name__)


def keep_figures(app: App, db: Database, stages: Mapping[str, Sequence[Stage]]) -> None:
    """Count what happened. `stages`: of each bot's run."""
    try:
        counting.count(db, app.session.time_zone, stages)
    except Exception as error:  # whatever it is, the posts are out
        log.error("the figures are not kept: %s", error, exc_info=True)
