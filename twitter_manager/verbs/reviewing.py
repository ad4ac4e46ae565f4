"""The verb of the review console: `review`, its links, and who else may use it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from twitter_manager.app import App
from twitter_manager.errors import UsageError
from twitter_manager.terminal import command
from twitter_manager.verbs.verb import Verb, Words, action, number, opened, say, switch, word

if TYPE_CHECKING:
    from twitter_manager.review.console.serve import Place, Running


def review(words: Words) -> int:
    """Open the review console in the browser, where drafts are looked at, mended, approved and planned; it ends when
    nobody uses it. Or name who may use it: `review users`, `review adduser NAME`, `review removeuser NAME`; programs:
    `review tokens`, `review token NAME`, `review revoke NAME`."""
    app = opened(words)
    if bool(words.name) != (words.action in ("adduser", "removeuser", "token", "revoke")):
        raise UsageError(f"{words.action} needs a name." if not words.name else f"{words.action} takes no name.")
    if words.action in ("tokens", "token", "revoke"):
        return _about_tokens(words, app)
    if words.action != "start":
        return _about_users(words, app)
    if words.systemd:
        from twitter_manager.review.console import units

        words.screen.verbatim(units.lines(app.settings.home, words.port or app.settings.review_port))
        return 0
    return _link(words, app) if words.link else _start(words, app)


def _port(given: str) -> int:
    return 0 if given == "0" else number(65535)(given)


REVIEW = Verb(
    review,
    (
        action("start", "users", "adduser", "removeuser", "tokens", "token", "revoke",
               help="open the console (the default), or name its users and the programs that use its API"),
        word("name", nargs="?", default="", metavar="NAME", help="the user, or the program"),
        word("--port", type=_port, metavar="N", help="where it listens; 0: any free port (default: REVIEW_PORT)"),
        switch("--no-browser", "print the address and open no browser"),
        switch("--link", "print a new link into the console that runs, or that systemd starts"),
        word("--host", action="append", default=[], metavar="NAME", help="the name or address of this machine, to open "
             "the console for named users over a network; the first is listened at (needs TLS)"),
        word("--tls-cert", default="", metavar="FILE", help="the certificate of that name, in PEM"),
        word("--tls-key", default="", metavar="FILE", help="its key"),
        switch("--systemd", "print the two units by which systemd starts the console at the first request"),
    ),
)  # fmt: skip


def _start(words: Words, app: App) -> int:
    from twitter_manager.review.console import serve
    from twitter_manager.review.console.listening import Listening, Wish

    place = serve.Place.of(app)
    wish = Wish(words.port, app.settings.review_port, words.host, words.tls_cert, words.tls_key)

    def told(address: str, listening: Listening) -> None:
        if not listening.is_handed_over:
            _show(words, app, place, serve.Running(address, listening.is_local))
            minutes = app.settings.review_idle_minutes
            words.screen.lines([f"It ends when nobody uses it for {minutes} min, or with Ctrl-C."])
            sys.stdout.flush()

    ended = serve.serve(app, wish, os.environ, told)
    if isinstance(ended, str):
        words.screen.lines([ended])
        return 0
    words.screen.lines(["The console runs already."])
    _show(words, app, place, ended)
    return 0


def _link(words: Words, app: App) -> int:
    """A link into the console that runs, or that the first request starts."""
    from twitter_manager.files import make_folder
    from twitter_manager.review.console import serve

    place = serve.Place.of(app)
    make_folder(place.folder)
    port = words.port or app.settings.review_port
    console = serve.running(place) or serve.woken(place, port)
    if console is None:
        raise UsageError("No console runs here.", f"Start it: {command('review')}")
    if not console.takes_links:
        raise UsageError("This console takes no links.", f"Log in with your name: {console.address}")
    words.screen.verbatim([_address(app, place, console)])
    return 0


def _address(app: App, place: Place, console: Running) -> str:
    """What a person opens: with a new link, where links are taken."""
    return f"{console.address}login?token={place.links.make(app.clock())}" if console.takes_links else console.address


def _show(words: Words, app: App, place: Place, console: Running) -> None:
    """Open the browser, where there is one, and print the address."""
    address = _address(app, place, console)
    is_opened = not words.no_browser and _has_browser(os.environ) and _open(place, address)
    words.screen.verbatim(_told(address, os.environ, is_opened=is_opened, is_link=console.takes_links))


def _told(address: str, environ: Mapping[str, str], *, is_opened: bool, is_link: bool) -> Iterator[str]:
    from urllib.parse import urlsplit

    yield "The console opens in your browser. If it does not, open:" if is_opened else "Open the console:"
    yield f"  {address}"
    if is_link:
        yield f"The link lets you in once, in the next 10 minutes. For another: {command('review --link')}"
    connection = environ.get("SSH_CONNECTION", "").split()
    if is_link and len(connection) == 4:
        from twitter_manager.review.console.links import login_name

        port = urlsplit(address).port
        elsewhere = "" if connection[3] == "22" else f"-p {connection[3]} "
        yield "From your own machine, first run there:"
        yield f"  ssh -N -L {port}:127.0.0.1:{port} {elsewhere}{login_name()}@{connection[2]}"


def _has_browser(environ: Mapping[str, str]) -> bool:
    """Whether a person sits at a terminal of a machine that shows windows."""
    has_display = sys.platform == "darwin" or environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY")
    return bool(sys.stdout.isatty() and has_display and "SSH_CONNECTION" not in environ)


def _open(place: Place, address: str) -> bool:
    """Give a page that leads to the address to the person's browser, without waiting for it: what stands among the
    words of a command, other users can read. Gives whether there is one."""
    import html
    import threading
    import webbrowser

    from twitter_manager.files import replace_file

    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return False
    if isinstance(browser, webbrowser.GenericBrowser) and not isinstance(browser, webbrowser.BackgroundBrowser):
        return False  # it would take the terminal
    target = html.escape(address)
    replace_file(
        place.start_page,
        f'<!doctype html>\n<meta charset="utf-8">\n<meta http-equiv="refresh" content="0; url={target}">\n'
        f'<title>Review console</title>\n<p><a href="{target}">Open the console</a></p>\n',
    )
    page = Path(place.start_page).as_uri()
    threading.Thread(target=browser.open, args=(page,), daemon=True).start()
    return True


def _about_users(words: Words, app: App) -> int:
    from twitter_manager.review.console.serve import Place

    users = Place.of(app).users
    if words.action == "users":
        known = [f"{name} (since {user.since[:10]})" for name, user in users.all().items()]
        words.screen.lines(known or [f"No users. Add one: {command('review adduser NAME')}"])
        return 0
    if words.action == "removeuser":
        users.remove(words.name)
        return say(words, f"{words.name} can't log in any more.")
    is_new = users.add(words.name, _password(), app.clock())
    return say(words, f"{words.name} can log in now." if is_new else f"{words.name} has another password now.")


def _about_tokens(words: Words, app: App) -> int:
    from twitter_manager.review import tokens
    from twitter_manager.review.console.links import login_name

    with app.session.logged(), closing(app.session.open_store()) as db:
        if words.action == "tokens":
            words.screen.lines(tokens.told(db) or [f"No tokens. Make one: {command('review token NAME')}"])
        elif words.action == "token":
            words.screen.verbatim([tokens.make(db, words.name, app.clock(), by=login_name())])
        else:
            tokens.revoke(db, words.name, app.clock(), by=login_name())
            return say(words, f"The token {words.name} opens nothing any more.")
    return 0


def _password() -> str:
    """Typed twice without being shown, or the first line of standard input. Raises UsageError."""
    from getpass import getpass

    if not sys.stdin.isatty():
        return sys.stdin.readline(10_000).rstrip("\r\n")
    try:
        password = getpass("Password: ")
        if getpass("Once more: ") != password:
            raise UsageError("The two are not the same.", "Nothing was changed.")
    except EOFError:
        raise UsageError("No password was given.", "Nothing was changed.") from None
    return password
