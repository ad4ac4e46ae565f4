"""What to take away, and where, by whoever stops using the program. It takes nothing away itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from twitter_manager.domain import Json
from twitter_manager.platforms import SPECS
from twitter_manager.settings import Settings, env, keyrings
from twitter_manager.terminal import command
from twitter_manager.validation import InvalidValue

_REVOKE = {
    "x": "https://console.x.com: delete the app, or its access token",
    "bluesky": "https://bsky.app: Settings → Privacy and security → App passwords",
    "mastodon": "your server: Preferences → Development, delete the application",
}
_SERVICES = {
    "claude": "https://console.anthropic.com: API keys",
    "openai": "https://platform.openai.com: API keys (of another service: in its own console)",
}


def steps(settings: Settings) -> list[Json]:
    """What to do, in this order: `what`, `how` and `why`."""
    return [{"what": what, "how": how, "why": why} for what, how, why in _steps(settings)]


def _steps(settings: Settings) -> Iterator[tuple[str, str, str]]:
    yield "what starts the runs", command("uninstall-cron"), "else cron goes on trying"
    yield from _keys(settings)
    yield from _keyring(settings)
    if any(bot.channels.urls for bot in settings.bots):
        yield "the addresses of NOTIFY_URLS", "delete web hooks and bots where you made them", "who has them can write"
    if settings.ping_url:
        yield "the check of PING_URL", "delete it where you made it", "else it reports that the bot died"
    if settings.pushgateway_url:
        yield "the figures at PUSHGATEWAY_URL", "delete there what the job twitter_manager pushed", "it keeps the last"
    if settings.otlp_endpoint:
        yield "the traces at OTEL_EXPORTER_OTLP_ENDPOINT", "delete them there if you want to", ""
    record = settings.database
    if record.exists():
        yield "the record of what was posted", f"copy {record} if you want to keep it", "any SQLite tool reads it"
    kept = [path for path in (settings.home / ".env", settings.data, settings.logs) if path.exists()]
    if copies := settings.upkeep.backup_copy:
        yield f"the copies in {copies}", "delete what is named twitter-….db there, and its pictures", ""
    apart = (settings.metrics_path, settings.health_path)
    kept += [path for path in apart if path and path.exists() and not path.is_relative_to(settings.data)]
    for path in kept:
        yield str(path), f"delete it ({_size(path)})", ""
    yield "the program", f"delete the folder {Path(__file__).parents[2]}, or: pipx uninstall twitter-manager", ""


def _keys(settings: Settings) -> Iterator[tuple[str, str, str]]:
    for bot in settings.bots:
        for platform in bot.credentials:
            yield f"{bot.name}: the key for {SPECS[platform].title}", _REVOKE[platform], "a deleted file revokes none"
        for name, how in _SERVICES.items():
            provider = bot.generators.provider(name)
            if provider is not None and provider.api_key:
                yield f"{bot.name}: the key for {name}", how, "a deleted file revokes none"


def _keyring(settings: Settings) -> Iterator[tuple[str, str, str]]:
    if settings.keyring != "on":
        return
    try:
        entries = env.in_keyring({"KEYRING": env.Given("on", "")}, {bot.name: {} for bot in settings.bots})
    except InvalidValue as invalid:
        how = f"{keyrings.deletion('NAME')} (each that you put there)"
        yield "the entries of twitter_manager in the keyring", how, f"it {invalid.message}"
        return
    for user in entries:
        yield f"the keyring's entry {user} of twitter_manager", keyrings.deletion(user), ""


def _size(path: Path) -> str:
    files = [path] if path.is_file() else [each for each in path.rglob("*") if each.is_file()]
    return f"{sum(each.lstat().st_size for each in files) / 1e6:,.1f} MB"


def lines(told: Json) -> Iterator[str]:
    """The same for a person, and why not all of it is known (`problems`)."""
    yield "Nothing was taken away. To uninstall, in this order:"
    for number, step in enumerate(told["steps"], 1):
        why = f" ({step['why']})" if step["why"] else ""
        yield f"{number}. {step['what']}: {step['how']}{why}"
    for problem in told["problems"]:
        yield f"The settings could not be read as a whole, so something may be missing here: {problem}"
    if not told["problems"]:
        yield "The program keeps nothing anywhere else."
    yield "Posts that are out stay out; to take one down, say delete before."
