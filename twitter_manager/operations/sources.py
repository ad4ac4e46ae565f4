"""The verb `sources`: shows a bot's sources, guesses what a new place is, and writes it into the bot file.

How a look goes is `pipeline.collect`'s; what is asked of a person is left to the caller.
"""

from __future__ import annotations

import os
import re
import stat
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from twitter_manager import phrases
from twitter_manager.domain import Item, Json, TimeLeft
from twitter_manager.errors import SettingsProblems, TwitterManagerError, UsageError
from twitter_manager.files import replace_file
from twitter_manager.pipeline.collect import Looked
from twitter_manager.settings import Bot, sample_bot_file
from twitter_manager.settings.botfile import LARGEST, as_toml, parse
from twitter_manager.settings.files import Problems
from twitter_manager.settings.sources import EVERY_MINUTES, serving
from twitter_manager.sources import Collected, Look, Source
from twitter_manager.store import items
from twitter_manager.store import sources as memory
from twitter_manager.store.database import Database, iso
from twitter_manager.terminal import command

if TYPE_CHECKING:
    from twitter_manager.sources.fetch import Fetcher

SAMPLES = 3
MOST_JUDGED = 500
"""Of so many items it is told why they give no post."""


# -- what is there -------------------------------------------------------------------------------------


def listing(db: Database | None, bot: Bot) -> list[Json]:
    """The bot's sources, with what the last look at each gave."""
    counts = items.counts(db, bot.name) if db else {}
    known = memory.remembered(db, bot.name) if db else {}
    silent = no_posts(db, bot) if db else {}
    pictured = items.pictured(db, bot.name) if db else {}
    return [
        _listed(bot, source, counts.get(source.name, (0, 0)), known.get(source.name))
        | {"no_post": silent.get(source.name, {})}
        | ({"pictured": pictured.get(source.name, 0)} if source.images else {})
        for source in bot.sources
    ]


def no_posts(db: Database, bot: Bot) -> dict[str, dict[str, int]]:
    """By source: why how many of the newest items that may be posted give no post without a model that writes, the
    commonest reason first."""
    from twitter_manager.writing.designs import why_not

    linked = {source.name: source.link and bot.has_links for source in bot.sources}
    reasons: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for item in items.newest(db, bot.name, MOST_JUDGED):
        if reason := why_not(item, bot.persona.language, linked=linked.get(item.source, True)):
            reasons[item.source][reason] += 1
    return {source: dict(counted.most_common()) for source, counted in reasons.items()}


def _listed(bot: Bot, source: Source, count: tuple[int, int], before: memory.Remembered | None) -> Json:
    return {
        "bot": bot.name,
        "time_zone": bot.time_zone,
        "name": source.name,
        "kind": source.kind,
        "place": source.place,
        "items": count[0],
        "postable": count[1],
        "last_look": iso(before.looked_at if before else None),
        "last_success": iso(before.succeeded_at if before else None),
        "last_error": before.error if before else "",
    }


def listing_lines(listed: Iterable[Json]) -> Iterator[str]:
    """The same for a person."""
    from twitter_manager.writing.designs import reasons_line

    for source in listed:
        yield f"{source['bot']}: {source['name']} ({source['kind']}, {source['place']})"
        zone = source["time_zone"]
        counted = f"{phrases.amount(source['items'], 'item')}, {source['postable']} of them may be posted"
        looked = f"last look {phrases.clock(source['last_look'], zone)}" if source["last_look"] else ""
        yield f"    {counted}; {looked}" if looked else "    not looked at yet"
        if looked and "pictured" in source:
            yield f"    {source['pictured']} of these with a picture that posts show"
        yield from (f"    {line}" for line in only_background(source))
        if source["no_post"]:
            yield f"    {reasons_line(source['no_post'])}"
        if source["last_error"]:
            succeeded = source["last_success"]
            since = f"last success {phrases.clock(succeeded, zone)}" if succeeded else "no success yet"
            yield f"    trouble: {source['last_error']} ({since})"


def only_background(source: Json) -> Iterator[str]:
    """Says so where a place gave items, and none of them may be posted. `source`: with `items` and `postable`."""
    if source["items"] and not source["postable"]:
        yield "All of it is too old for news: it is background, and what comes from now on is posted."


def looked_as_json(bot: str, looked: Looked) -> Json:
    """How one look went."""
    change = looked.change
    return {
        "bot": bot,
        "name": looked.source.name,
        "added": change.added,
        "postable": change.postable,
        "changed": change.changed,
        "retired": change.retired,
        "warnings": list(looked.warnings),
        "error": looked.error,
    }


def looked_lines(looks: Iterable[Json]) -> Iterator[str]:
    """The same for a person."""
    for look in looks:
        counts = (
            f"{look['added']} new ({look['postable']} may be posted), {look['changed']} changed, {look['retired']} gone"
        )
        yield f"{look['bot']}: {look['name']}: {look['error'] or counts}"
        yield from (f"    {line}" for line in look["warnings"])


# -- a look that stores nothing --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Found:
    """What a look at a place gave."""

    source: Source
    collected: Collected
    warnings: tuple[str, ...]
    title: str = ""
    """What the place calls itself."""

    def as_json(self) -> Json:
        """For the command line."""
        newest = sorted(
            self.collected.items,
            key=lambda item: item.published_at.timestamp() if item.published_at else 0,
            reverse=True,  # of the same day the first, as the place has them
        )
        return {
            "kind": self.source.kind,
            "name": self.source.name,
            "place": self.source.place,
            "title": self.title,
            "items": len(self.collected.items),
            "postable": sum(item.postable for item in self.collected.items),
            "samples": [_sample(item) for item in newest[:SAMPLES]],
            "warnings": list(self.warnings),
        }


def found_lines(guessed: Json) -> Iterator[str]:
    """The same for a person."""
    yield f"{guessed['name']}: {guessed['kind']}, {guessed['place']}" + (
        f" ({guessed['title']})" if guessed["title"] else ""
    )
    yield f"  {phrases.amount(guessed['items'], 'item')}; at a first look {guessed['postable']} of them may be posted."
    yield from (f"  {line}" for line in only_background(guessed))
    for sample in guessed["samples"]:
        day = f"{sample['published_at'][:10]}  " if sample["published_at"] else ""
        if head := f"{day}{sample['title']}":  # a note has neither
            yield f"    {head}"
        yield f"      {sample['text']}"
    yield from (f"  {line}" for line in guessed["warnings"])


def look_only(source: Source, fetcher: Fetcher, now: datetime, time_left: TimeLeft, title: str = "") -> Found:
    """Look at a source as if for the first time; nothing is stored. Raises SourceError."""
    from twitter_manager.sources.bounded import Reader

    warnings: list[str] = []
    with closing(Reader(fetcher)) as reader:
        collected = reader.look(Look(source, {}, now, fetcher, warnings.append, time_left))
    return Found(source, collected, tuple(warnings), title)


def _sample(item: Item) -> Json:
    text = item.text if len(item.text) <= 160 else item.text[:159] + "…"
    return {
        "title": item.title,
        "text": " ".join(text.split()),
        "url": item.url,
        "published_at": iso(item.published_at),
        "postable": item.postable,
    }


# -- a new source ------------------------------------------------------------------------------------------


def guess(
    place: str, others: Sequence[Source], fetcher: Fetcher, now: datetime, time_left: TimeLeft, name: str, label: str
) -> Found:
    """Find out what a place is, and look at it. `others`: what the bot has. Raises SourceError, UsageError."""
    if "://" in place or (not Path(place).expanduser().exists() and re.fullmatch(r"[\w-]+(\.[\w-]+)+(/\S*)?", place)):
        source, title = _guess_address(place if "://" in place else f"https://{place}", fetcher, now, time_left)
    else:
        source, title = _guess_path(Path(place).expanduser().absolute()), ""
    if same := next((other for other in others if _is_same_place(source, other)), None):
        raise UsageError(f"{source.place} is a source already: {same.name}.", "Nothing is to be done.")
    taken = [other.name for other in others]
    source = replace(
        source, name=name or _free_name(source, taken), label=label, every_minutes=EVERY_MINUTES.get(source.kind, 0)
    )
    if source.name in taken:
        raise UsageError(f"There is a source {source.name!r} already.", "Give another with --name.")
    return look_only(source, fetcher, now, time_left, title)


def _is_same_place(source: Source, other: Source) -> bool:
    if source.path and other.path:
        return os.path.realpath(source.path) == os.path.realpath(other.path)
    return not set(map(_bare, source.urls)).isdisjoint(map(_bare, other.urls))


def _bare(url: str) -> tuple[str, str, str]:
    """What tells an address from others, however it is written."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2].lower()
    return re.sub(r":(?:80|443)?$", "", host), parts.path.rstrip("/"), parts.query


def _guess_path(path: Path) -> Source:
    if not path.exists():
        raise UsageError(f"{path} is not there.", "Give a web address, a folder or a file.")
    if path.is_dir():
        repository = (path / ".git").exists() or ((path / "HEAD").is_file() and (path / "objects").is_dir())
        return Source("git" if repository else "files", path=path)
    return Source("notes" if path.suffix == ".toml" else "files", path=path)


def _guess_address(url: str, fetcher: Fetcher, now: datetime, time_left: TimeLeft) -> tuple[Source, str]:
    """A feed, the feed that a page names, or else the page itself; with its title."""
    from twitter_manager.sources import discovery
    from twitter_manager.sources.bounded import Reader
    from twitter_manager.sources.fetch import shown

    with closing(Reader(fetcher)) as reader:
        kind, address, title = reader.do(discovery.source_at, (url, now), shown(url), time_left, lambda line: None)
    return Source(str(kind), urls=(str(address),)), str(title)


def _free_name(source: Source, taken: Sequence[str]) -> str:
    """A short name that no other source has."""
    if source.urls:
        host, _, path = source.urls[0].partition("://")[2].partition("/")
        names = [host.removeprefix("www."), f"{host.removeprefix('www.')}/{path}"[:80].rstrip("/")]
    else:
        assert source.path is not None
        names = [source.path.name or "files"]
    candidates = [*names, *(f"{names[0]}-{number}" for number in range(2, 52))]
    return next((name for name in candidates if name not in taken), names[0])


def write(guessed: Found, bot: str, home: Path) -> tuple[str, Sequence[Source]]:
    """Put the source at the end of the bot's file; all that is there stays. Gives a line for a person, and the sources
    that serve from now on.

    Raises TwitterManagerError, SettingsProblems (the file is as it was then)."""
    path = bot_file(bot, home)
    written = table(guessed.source, home)
    try:
        before = read_exactly(path) if path.exists() else sample_bot_file()
        if re.search(r"^\s*sources\s*=", before, re.MULTILINE):
            raise TwitterManagerError(f"{path} has its sources in a list.", f"Add this to it: {_inline(written)}")
        text = f"{before.rstrip()}\n\n{written}"
        if len(text.encode()) > LARGEST:
            raise TwitterManagerError(f"{path} would be larger than {LARGEST // 1024} kB.", "Make it shorter.")
        sources = _sources_in(text, path, home)
        replace_file(path, text, stat.S_IMODE(path.stat().st_mode) if path.exists() else 0o644)
    except (OSError, UnicodeDecodeError) as error:
        raise TwitterManagerError(
            f"{path} can't be written ({why_unreadable(error)}).", f"Add this: {_inline(written)}"
        ) from None
    return f"{guessed.source.name} is written into {path}. The next run looks at it.", serving(sources, on_trial=False)


def remove(name: str, bot: str, home: Path) -> tuple[str, Sequence[Source]]:
    """Take a source's table out of the bot's file; all else stays to the byte. Gives what `write` gives.

    Raises UsageError, TwitterManagerError (the file is as it was then)."""
    path = bot_file(bot, home)
    try:
        before = read_exactly(path) if path.exists() else ""
        number = [source.name for source in _sources_in(before, path, home)].index(name)
        text = without_table(before, number)
        if text is None:
            raise TwitterManagerError(f"{path} has its sources in a list.", f"Take {name} out of it by hand.")
        replace_file(path, text, stat.S_IMODE(path.stat().st_mode))
    except ValueError as error:
        if isinstance(error, UnicodeDecodeError):
            raise TwitterManagerError(f"{path} can't be read (not UTF-8).", "Save it as UTF-8.") from None
        raise UsageError(f"{path} names no source {name}.", f"See: {command('sources list')}") from None
    except OSError as error:
        raise TwitterManagerError(
            f"{path} can't be written ({why_unreadable(error)}).", f"Take {name} out by hand."
        ) from None
    sources = serving(_sources_in(text, path, home), on_trial=False)
    left = ", ".join(source.name for source in sources)
    return f"{name} is taken out of {path}. " + (f"Sources now: {left}." if left else "No source is left."), sources


def without_table(text: str, number: int) -> str | None:
    """A bot file without its source of this number (from 0). Comments before the table and behind it stay. None where
    no table holds that source alone, as with a list."""
    import tomllib

    bom = "\ufeff" * text.startswith("\ufeff")
    wanted = tomllib.loads(text.removeprefix(bom))
    sources = wanted.pop("sources", [])
    others = [*sources[:number], *sources[number + 1 :]]
    wanted |= {"sources": others} if others else {}
    starts = [match.start() for match in re.finditer(r"^[ \t]*\[", text, re.MULTILINE)]
    for start, end in pairwise([*starts, len(text)]):
        if not re.match(r"""[ \t]*\[\[[ \t]*["']?sources["']?[ \t]*\]\]""", text[start:end]):
            continue
        lines = text[start:end].splitlines(keepends=True)
        while not lines[-1].strip() or lines[-1].lstrip().startswith("#"):
            lines.pop()
        rest = text[:start] + text[start + len("".join(lines)) :]
        with suppress(tomllib.TOMLDecodeError):
            if tomllib.loads(rest.removeprefix(bom)) == wanted:
                return rest
    return None


def bot_file(bot: str, home: Path) -> Path:
    """Where a bot's file is, or would be."""
    return (home / "data" / "bots" / f"{bot}.toml").resolve()


def read_exactly(path: Path) -> str:
    """Its text, with its line ends as they are."""
    with path.open(encoding="utf-8", newline="") as file:
        return file.read()


def _sources_in(text: str, path: Path, home: Path) -> Sequence[Source]:
    """The sources that a bot file names. Raises SettingsProblems."""
    problems = Problems()
    file = parse(text.removeprefix("\ufeff"), f"data/bots/{path.name}", home, problems)
    if file is None:
        raise SettingsProblems(problems)
    return file.sources


def why_unreadable(error: OSError | UnicodeDecodeError) -> str:
    """In words, for a person."""
    return getattr(error, "strerror", None) or "not UTF-8"


def table(source: Source, home: Path) -> str:
    """The source as a table of a bot file."""
    if source.kind == "starter":
        return '[[sources]]\nkind = "starter"\n'
    values: dict[str, object] = {"kind": source.kind, "name": source.name}
    if source.kind == "rss":
        values["url"] = source.urls[0]
    elif source.urls:
        values["urls"] = source.urls
    elif source.path is not None:
        inside = source.path.is_relative_to(home)
        values["path"] = str(source.path.relative_to(home) if inside else source.path)
    if source.label:
        values["label"] = source.label
    return "[[sources]]\n" + "".join(f"{name} = {as_toml(value)}\n" for name, value in values.items())


def _inline(table: str) -> str:
    """The table on one line, as TOML takes it in a list."""
    return f"{{{', '.join(table.splitlines()[1:])}}}"
