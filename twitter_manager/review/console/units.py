"""The two units of systemd by which the console starts at the first request and leaves when it is idle."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from twitter_manager.operations.cron import crontab
from twitter_manager.operations.cron.systemd import Timer, quoted, raw
from twitter_manager.terminal import command


def lines(home: Path, port: int) -> Iterator[str]:
    """Both units, each with where it is to be written, and how they are switched on."""
    timer = Timer.of(home)
    name = f"{timer.name}-review"
    for unit, content in ((f"{name}.socket", _socket(home, port)), (f"{name}.service", _service(home))):
        yield f"# {timer.folder / unit}"
        yield from content.splitlines()
        yield ""
    yield "# Write each to the file that is named above it. Then:"
    yield f"#   systemctl --user daemon-reload && systemctl --user enable --now {name}.socket"
    yield "# To open the console:"
    yield f"#   {command('review --link')}"
    yield "# To take it away:"
    yield f"#   systemctl --user disable --now {name}.socket {name}.service"


def _socket(home: Path, port: int) -> str:
    return (
        f"[Unit]\nDescription=The review console of twitter_manager in {raw(home)}\n\n"
        f"[Socket]\nListenStream=127.0.0.1:{port}\n\n[Install]\nWantedBy=sockets.target\n"
    )


def _service(home: Path) -> str:
    _, environment, *words = crontab.command(home)
    start = [*words[:-1], "review", "--no-browser"]
    return (
        f"[Unit]\nDescription=The review console of twitter_manager in {raw(home)}\n\n"
        f"[Service]\nWorkingDirectory={raw(crontab.folder(home))}\nEnvironment={quoted(environment)}\n"
        f"ExecStart={' '.join(quoted(word).replace('$', '$$') for word in start)}\n"
        "NoNewPrivileges=yes\nUMask=0077\n"
    )
