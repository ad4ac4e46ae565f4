"""A report as one page of HTML: no script, nothing from outside, charts as SVG, for a screen and for paper.

Imported only where a page is made, as the template engine comes with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import jinja2

from twitter_manager import __version__, phrases
from twitter_manager.domain import Json
from twitter_manager.errors import UsageError
from twitter_manager.files import UnfitFile, read_small, replace_file
from twitter_manager.reports import words
from twitter_manager.store.database import iso
from twitter_manager.terminal import command, harmless, redacted

MARK = "twitter_manager report"
"""By which a page is known as one of ours, that may be replaced."""
_LARGEST = 64 * 2**20
_FIRST = 20_000
"""Characters within which the mark stands."""
_MOST_BARS = 8
_FULL = 1000


def html(reports: Sequence[Json], now: datetime, redact: Callable[[str], str]) -> str:
    """The page. What others wrote is shown as it is, and can't act."""
    shown = redacted(redacted(list(reports), redact), harmless)
    titles = {f"{report['bot']}, {words.title(report)}" for report in reports}
    template = _environment().get_template("report.html.j2")
    return template.render(
        reports=shown,
        title=redact(titles.pop() if len(titles) == 1 else f"Report on {len(reports)} bots"),
        made=iso(now),
        mark=MARK,
        version=__version__,
    )


def write(path: Path, page: str) -> None:
    """Write it, for this user alone, in one step. Raises UsageError where another file stands there, or the folder
    can't be written to."""
    _refuse_anothers(path)
    if not path.parent.is_dir():
        raise UsageError(f"There is no folder {path.parent}.", "Make it, or say another file.")
    try:
        replace_file(path, page)
    except OSError as error:
        raise UsageError(f"{path} can't be written ({error.strerror}).", "Say another file.") from error


def _refuse_anothers(path: Path) -> None:
    try:
        if path.is_dir():
            raise UsageError(f"{path} is a folder.", "Say the file to write in it.")
        if path.is_symlink():
            raise UsageError(f"{path} is a link.", "Say the file that it leads to, or another one.")
        content = read_small(path, _LARGEST)
    except FileNotFoundError:
        return
    except OSError as error:
        raise UsageError(f"{path} can't be written ({error.strerror}).", "Say another file.") from error
    except UnfitFile as unfit:
        raise UsageError(f"{path} {unfit.message}.", "Say another file.") from None
    if f'content="{MARK}"'.encode() not in content[:_FIRST]:
        raise UsageError(f"{path} is no report, and is not replaced.", "Move it away, or say another file.")


def _environment() -> jinja2.Environment:
    loader = jinja2.PackageLoader(__package__, "templates")
    made = jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.filters |= {
        "capitalised": lambda text: text[:1].upper() + text[1:],
        "is_web": _is_web,
        "ranked": _ranked,
        "shortened": phrases.in_a_line,
        "spaced": phrases.spaced,
    }
    made.globals |= {
        "words": words,
        "usd": phrases.usd,
        "command": command,
        "clock": phrases.clock,
        "drafts_words": phrases.DRAFT,
        "delivery_words": phrases.DELIVERY,
    }
    return made


def _is_web(url: str | None) -> bool:
    """Whether an address may be followed from the page: a platform gave it, and it may be anything."""
    return re.match(r"https?://[^\s]+\Z", url or "") is not None


def _ranked(names: Sequence[Json]) -> list[dict[str, Any]]:
    """The most frequent names as bars; the rest as one without."""
    most = max(each["times"] for each in names)
    rows = [
        {
            "name": phrases.spaced(each["name"]),
            "told": f"{each['times']:,}",
            "width": max(1, _FULL * each["times"] // most),
        }
        for each in names[:_MOST_BARS]
    ]
    if rest := sum(each["times"] for each in names[_MOST_BARS:]):
        rows.append({"name": "all others", "told": f"{rest:,}", "width": min(_FULL, _FULL * rest // most)})
    return rows
