"""The verb `notify`: whether messages get through, and what was told."""

from __future__ import annotations

from collections.abc import Iterator

from twitter_manager import phrases
from twitter_manager.domain import Json
from twitter_manager.settings.channels import VARIABLE
from twitter_manager.verbs.verb import JSON, Verb, Words, action, bot_option, number, opened, show, word

_STATUS = {"waiting": "not sent yet", "sent": "sent", "dropped": "given up"}
_MOST = 1000


def notify(words: Words) -> int:
    """What you were told by e-mail or chat, and what not and why; or send a test to each of your channels."""
    from twitter_manager.notify import channels

    app = opened(words)
    bots = app.session.bots(words.bot)
    if words.action == "test":
        with app.session.logged():
            tried = channels.test(app, bots)
        ok = all(channel["sent"] for channel in tried)
        show(words, {"ok": ok, "channels": tried}, _tested)
        return 0 if ok else 1
    with app.session.reading() as db:
        notices = channels.recent(db, words.bot, words.n) if db else []
        troubles = channels.troubles(db, bots) if db else []
    zones = {bot.name: bot.time_zone for bot in app.settings.bots}
    told = {"notices": notices, "troubles": troubles}
    show(words, told, lambda shown: _listed(shown, zones, any(bot.channels.urls for bot in bots)))
    return 0


NOTIFY = Verb(
    notify,
    (
        JSON,
        action("list", "test", help="what was told (default), or send a test message"),
        word("-n", type=number(_MOST), default=20, metavar="N", help="how many notices (default: 20)"),
        bot_option(),
    ),
)


def _tested(shown: Json) -> Iterator[str]:
    for channel in shown["channels"]:
        whose = f"{', '.join(channel['bots'])}: {channel['channel']}"
        yield f"{whose}: sent" if channel["sent"] else f"{whose}: not sent: {channel['error']}"


def _listed(shown: Json, zones: dict[str, str], are_channels: bool) -> Iterator[str]:
    if not are_channels:
        from twitter_manager.notify.channels import HOW

        yield f"No channel is set up: nothing is told. Set {VARIABLE} in .env: {HOW}"
    elif not shown["notices"]:
        yield "Nothing was told yet."
    for trouble in shown["troubles"]:
        since = phrases.clock(trouble["since"], zones.get(trouble["bot"], "UTC"))
        yield f"{trouble['bot']}: {trouble['channel']} takes no messages since {since}: {trouble['error']}"
    for notice in shown["notices"]:
        at = phrases.clock(notice["at"], zones.get(notice["bot"], "UTC"))
        yield f"{at}  {notice['bot']}: {notice['text']}"
        for way in notice["channels"]:
            tries = f", after {phrases.amount(way['tries'], 'try', 'tries')}" if way["tries"] > 1 else ""
            why = f": {way['error']}" if way["error"] else ""
            yield f"    {way['channel']}: {_STATUS[way['status']]}{tries}{why}"
