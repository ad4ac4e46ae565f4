"""The addresses of channels: what is taken, and that no part of one that opens a channel is ever shown or kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.home import Home
from tests.notify.receivers import Hook, free_port, hook_server
from tests.settings.test_redaction import key
from twitter_manager.redaction import Redactor
from twitter_manager.settings import channels, load
from twitter_manager.validation import InvalidValue

PASSWORD, TOKEN, PARAMETER, USER, HOST = key(21, 20), key(22, 30), key(23, 24), f"bot-{key(24, 12)}", key(25, 36)
SECRETS = (PASSWORD, TOKEN, PARAMETER, USER, HOST)
SHAPES = {
    "mailtos://{0}:{1}@mail.example.org:465?from=bot@example.org&to=anna@example.org": (USER, PASSWORD),
    "json://{0}:{1}@hooks.example.org/services/{2}?x={3}": (USER, PASSWORD, TOKEN, PARAMETER),
    "mailtos://smtp24.example.org?user=bot@shop24.example.org&pass={0}&to=anna@example.org": (PASSWORD,),
    "tgram://123456789:{0}/-1001234567890/": (TOKEN,),
    "discord://4174216298123/{0}?footer=yes&x={1}": (TOKEN, PARAMETER),
    "slack://{0}/{1}/{2}/#general": (HOST, TOKEN, PARAMETER),
    "https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/{0}": (TOKEN,),
    "whatsapp://{0}:{1}@1234567890/+491701234567": (TOKEN, PASSWORD),
    "json://hooks.example.org/?+X-Access-Token={0}": (TOKEN,),
    "json://bot:{0}%40%2F{1}@hooks.example.org": (PASSWORD, TOKEN),
}
PUBLIC = (
    "hooks.example.org", "hooks.slack.com", "anna@example.org", "mail.example.org", "services", "example.org",
    "shop24.example.org", "general", "webhooks", "newsletter", "localhost",
)  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_every_secret_part_is_known_and_what_is_public_is_not(shape: str) -> None:
    """Whole or in pieces, in whatever form it is echoed; a post may name the host, and use the words of a path."""
    url = shape.format(*SHAPES[shape])
    assert channels.checked(url) == (url,)
    redactor = Redactor(tuple(channels.secrets_in(url)))
    for secret in SHAPES[shape]:
        for form in (secret, secret[::-1], secret.encode().hex(), f"error at {url}: no"):
            assert secret[:14] not in redactor.redact(form) and "[redacted]" in redactor.redact(form)
    for words in PUBLIC:
        assert redactor.redact(f"See {words} soon.") == f"See {words} soon."


@given(st.text(max_size=300))
def test_whatever_stands_there_is_taken_or_named(value: str) -> None:
    """No value breaks the reading, and no message repeats any of it."""
    channels.secrets_in(value)
    try:
        taken = channels.checked(value)
    except InvalidValue as invalid:
        assert "channel" in invalid.message or "addresses" in invalid.message
    else:
        assert all("://" in url and not set(url) & set(" \n") for url in taken)


MALFORMED = (
    "{0}", "https:/{0}", "://{0}", "mailto:bot@example.org?pass={0}", "{0}://x", "json://", "json:///",
    "json://localhost/ {0}", "json://[{0}/", "json://a " * 11 + "{0}",
)  # fmt: skip


@pytest.mark.parametrize("value", MALFORMED)
def test_a_malformed_address_stops_the_run_and_is_not_repeated(tmp_path: Path, value: str) -> None:
    """Exit code 78, the file, the variable and what to write; in `.env` and in a bot's own."""
    secret = key(31, 40)
    home = Home(tmp_path / "home")
    home.bot("ada", NOTIFY_URLS=value.format(secret))
    own = home("run")
    home.bot("ada")
    (home.path / "data/bots/ada.env").unlink()
    home.settings(NOTIFY_URLS=value.format(secret))
    for done, where in ((own, "data/bots/ada.env"), (home("run", "--json"), ".env")):
        told = done.out + done.err
        assert done.code == 78 and f"{where}: NOTIFY_URLS: " in done.err, told
        assert not any(secret[at : at + 10] in told for at in range(30)), told


def test_several_addresses_by_blanks_or_lines(tmp_path: Path) -> None:
    """Each once, in their order; a bot's own hold over those of all, and an empty value takes them away."""
    home = Home(tmp_path / "home", NOTIFY_URLS='"json://localhost/a  json://localhost/b\njson://localhost/a"')
    home.bot("ada")
    home.bot("ben", NOTIFY_URLS="tgram://123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw/12315544")
    home.bot("cleo", NOTIFY_URLS='""')
    found = {bot.name: bot.channels.urls for bot in load(home.path, {}).bots}
    assert found["ada"] == ("json://localhost/a", "json://localhost/b") and len(found["ben"]) == 1
    assert found["cleo"] == ()
    assert "AAHdq" not in repr(load(home.path, {}))


def test_names_of_channels_tell_nothing() -> None:
    assert list(channels.names(("json://a/b", "slack://T", "JSON://c/d"))) == ["json", "slack", "json 2"]


@pytest.fixture
def hook() -> Iterator[Hook]:
    with hook_server() as server:
        yield server


def test_planted_secrets_reach_no_file_and_no_screen(tmp_path: Path, hook: Hook) -> None:
    """In the user, the password, the path and the query, of channels that work, refuse, or aren't there, with the
    fullest log: neither a file, nor the database, nor what is printed, nor a message has a piece of one."""
    hook.status = 401
    place, dead = hook.url.removeprefix("json://"), f"127.0.0.1:{free_port()}"
    urls = [
        f"json://{USER}:{PASSWORD}@{dead}/{TOKEN}?x={PARAMETER}", f"json://{USER}:{PASSWORD}@{place}/{TOKEN}",
        f"mailto://{USER}:{PASSWORD}@{dead}?from=a@example.org&to=b@example.org", f"nosuch://{HOST}/{TOKEN}",
    ]  # fmt: skip
    home = Home(tmp_path / "home", LOG_LEVEL="DEBUG", GENERATORS="excerpt", NOTIFY_URLS=" ".join(urls))
    home.bot("default", "pool = 2\nenabled = true\n")
    (home.path / "data/bots/default.toml").write_text("# no material of its own: something to tell\n")
    seen = ""
    for words in (
        ["run"], ["run", "--force"], ["run", "--json", "--force"], ["notify"], ["notify", "--json"], ["notify", "test"],
        ["notify", "test", "--json"], ["doctor"], ["status", "--json"], ["audit", "export"], ["explain", "run:1"],
        ["post", f"My password is {PASSWORD}"], ["pause", f"because {TOKEN}"], ["notify", "--bot", TOKEN],
    ):  # fmt: skip
        done = home(*words)
        assert "Traceback" not in done.err
        seen += done.out + done.err
    assert "does not take messages" in seen and home.rows("SELECT * FROM notices") and hook.got
    files = [path for path in home.path.rglob("*") if path.is_file() and path.name != ".env"]
    everything = seen + "".join(path.read_bytes().decode("utf-8", "replace") for path in files)
    everything += repr(hook.bodies)
    for secret in SECRETS:
        assert not any(secret[at : at + 12] in everything for at in range(len(secret) - 11)), secret
