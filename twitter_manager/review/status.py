"""What every bot did last, does next, and is set up to do: for the verb `status` and for the API."""

from __future__ import annotations

from twitter_manager import providers, show
from twitter_manager.app import App
from twitter_manager.domain import Json
from twitter_manager.operations import overview
from twitter_manager.pipeline import outlook
from twitter_manager.pipeline.context import Calendar


def status_of(app: App) -> Json:
    """All bots, and the home folder."""
    now = app.clock()
    with app.session.reading() as db:
        return {
            "home": str(app.settings.home),
            "bots": [
                {"bot": bot.name, "enabled": bot.enabled}
                | show.bot_status(db, bot.name, now)
                | show.upcoming(db, bot, Calendar.of(bot), now)
                | {"material": ahead.as_json() if (ahead := outlook.outlook(bot, db, now)) else None}
                | overview.describe(bot, app.settings)
                | {"answers": show.answers(db, bot.name, providers.writers(bot.generators), now)}
                for bot in app.settings.bots
            ],
        }
