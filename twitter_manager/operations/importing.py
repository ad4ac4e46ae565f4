"""The import of a file of a person's posts: all are checked before any is kept, and all are kept or none."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from twitter_manager.content import Media, Part
from twitter_manager.domain import Actor, Draft, Progress, TimeLeft
from twitter_manager.errors import FileProblems, MediaError, Problem, TextKnown, TwitterManagerError, UsageError
from twitter_manager.media import prepared
from twitter_manager.operations import own_pictures, own_posts, post_files
from twitter_manager.operations.own_pictures import Pictures
from twitter_manager.operations.own_posts import AddCard, Checked, OwnPost, OwnPosts, Said
from twitter_manager.operations.post_files import Row
from twitter_manager.pipeline import timetable
from twitter_manager.pipeline.cards import CardMaker, with_blank
from twitter_manager.pipeline.timetable import Forecast
from twitter_manager.settings import Bot
from twitter_manager.store import drafts
from twitter_manager.store.database import Database

MOST_PICTURES, MOST_PICTURE_BYTES = 200, 256 * 2**20
"""Of one file: different pictures, and bytes of them as they are kept."""
_YES, _NO = ("yes", "y", "true", "1", "x"), ("", "no", "n", "false", "0")


@dataclass(frozen=True, slots=True)
class Batch:
    """The posts of a file, ready to be kept."""

    posts: Sequence[tuple[Row, Checked]]
    pictures: Pictures
    notes: Sequence[str]
    """What their person should know, each once."""


@dataclass(frozen=True, slots=True)
class Importer:
    """Checks the posts of files. `checks`: makes what checks them, from what knows words and what adds cards. `said`:
    knows those that were said before."""

    checks: Callable[[Said, AddCard], OwnPosts]
    said: Said
    cards: CardMaker
    time_left: TimeLeft
    """For the pages of all cards together."""
    progress: Progress

    def checked(self, file: Path) -> Batch:
        """The posts of a file. Raises UsageError, with all that is wrong: FileProblems."""
        words, album = _Words(self.said), _Album(self.progress)
        check = self.checks(words.known, with_blank)
        posts: list[tuple[Row, OwnPost, Checked]] = []
        problems: list[Problem] = []
        rows = post_files.read(file)
        for row in rows:
            try:
                if isinstance(row, Row):
                    post = _post(row, file, album)
                    checked = words.take(check, post, row.line)
                    posts.append((row, post, checked))
                else:
                    problems.append(row)
            except TwitterManagerError as error:
                problems.append(_problem(error, row, file))
        _refuse(problems, rows)
        carded, notes = self._with_cards(posts, file, rows)
        return Batch(carded, list(album.pictures.values()), [*notes, *_notes(carded)])

    def _with_cards(
        self, posts: Sequence[tuple[Row, OwnPost, Checked]], file: Path, rows: Sequence[Row | Problem]
    ) -> tuple[list[tuple[Row, Checked]], list[str]]:
        """The posts with the cards of their addresses, as far as the time goes, and what to tell of those without."""
        check = self.checks(self.said, self._card)
        done, bare, problems = list[tuple[Row, Checked]](), 0, list[Problem]()
        if any(_has_card(checked) for *_, checked in posts):
            self.progress("the pages of the addresses are read")
        for row, post, checked in posts:
            if _has_card(checked):
                try:
                    checked = check.checked(post)
                    bare += not _has_card(checked)
                except TwitterManagerError as error:
                    problems.append(_problem(error, row, file))
            done.append((row, checked))
        _refuse(problems, rows)
        why = self.cards.why_not if self.time_left() > 0 else "the time for reading pages was up."
        return done, [f"No card goes along with {bare:,} of the posts: {why}"] * bool(bare)

    def _card(self, parts: Sequence[Part], platforms: Sequence[str]) -> tuple[Part, ...]:
        return self.cards.add_to(parts, platforms) if self.time_left() > 0 else tuple(parts)


def keep(
    db: Database, bot: Bot, batch: Batch, file: Path, now: datetime, by: Actor
) -> tuple[list[tuple[Row, Draft]], dict[int, Forecast]]:
    """Save all of them in the caller's transaction; gives their drafts, and when each goes out. Raises FileProblems
    for those that expire before."""
    saved = [(row, own_posts.keep(db, checked, now, by)) for row, checked in batch.posts]
    forecasts = timetable.forecasts(bot, db, now, {draft.id for _, draft in saved})
    problems = list[Problem]()
    for row, draft in saved:
        try:
            own_posts.refuse_too_late(forecasts[draft.id], "Take a later --expires, or an --at before it.")
        except UsageError as error:
            problems.append(_problem(error, row, file))
    _refuse(problems, [row for row, _ in saved])
    return saved, forecasts


def _post(row: Row, file: Path, album: _Album) -> OwnPost:
    """What a row says, with its pictures. Raises UsageError, MediaError."""
    if not row.one("text"):
        raise UsageError("--text: there is none.", "Write what the post says.")
    pictures = own_pictures.given(
        [file.parent / image for image in row.said["image"]], row.said["alt"], _no_alt(row), album.prepared
    )
    return OwnPost(
        texts=(row.one("text"), *row.said["part"]),
        platforms=row.said["platform"],
        at=row.one("at"),
        expires=row.one("expires"),
        every=row.one("every"),
        until=row.one("until"),
        variants=row.said["variant"],
        pictures=tuple(pictures),
    )


def _no_alt(row: Row) -> bool:
    said = row.one("no_alt").casefold()
    if said not in (*_YES, *_NO):
        raise UsageError(f"--no-alt: “{said[:40]}” is neither yes nor no.", "Write yes, or nothing.")
    return said in _YES


def _has_card(checked: Checked) -> bool:
    return any(part.card for part in checked.new.parts)


@dataclass(slots=True)
class _Words:
    """Knows the words that were said before, in the history or further up in the file."""

    said: Said
    lines: dict[str, int] = field(default_factory=dict)
    """By `normalised_hash`: the line of the file that says it."""

    def known(self, parts: Sequence[Part], links: Mapping[str, str], platforms: Sequence[str]) -> str:
        """As `said` does it."""
        if line := next(filter(None, map(self.lines.get, drafts.digests(parts, links))), None):
            raise TextKnown(
                "The same words stand in the file already.", f"Line {line} says the same. Say something else."
            )
        return self.said(parts, links, platforms)

    def take(self, check: OwnPosts, post: OwnPost, line: int) -> Checked:
        """Check a post, and know its words from then on. Raises TwitterManagerError."""
        new = (checked := check.checked(post)).new
        for digest in drafts.digests(new.parts, new.links):
            self.lines.setdefault(digest, line)
        return checked


@dataclass(slots=True)
class _Album:
    """The pictures of a file, each cleaned once however many posts show it."""

    progress: Progress
    pictures: dict[Path, tuple[Media, bytes]] = field(default_factory=dict)
    refused: dict[Path, MediaError] = field(default_factory=dict)

    def prepared(self, path: Path, alt: str) -> tuple[Media, bytes]:
        """A picture with its alt text. Raises MediaError."""
        if path not in self.pictures and path not in self.refused:
            try:
                self.pictures[path] = self._new(path)
            except MediaError as error:
                self.refused[path] = error
        if path in self.refused:
            raise MediaError(self.refused[path].message, self.refused[path].remedy)
        media, content = self.pictures[path]
        return replace(media, alt=alt), content

    def _new(self, path: Path) -> tuple[Media, bytes]:
        if len(self.pictures) + len(self.refused) >= MOST_PICTURES:
            raise MediaError(f"{path.name} is one picture too many: {MOST_PICTURES}.", "Split the file.")
        self.progress(f"picture {path.name} is made ready")
        media, content = prepared(path)
        if media.size + sum(known.size for known, _ in self.pictures.values()) > MOST_PICTURE_BYTES:
            raise MediaError(f"The pictures up to {path.name} are too large together.", "Split the file.")
        return media, content


_OPTION = re.compile(r"--([a-z][a-z-]+)\b")


def _problem(error: TwitterManagerError, row: Row | Problem, file: Path) -> Problem:
    """What is wrong with a row: it has columns where the command line has options."""
    assert isinstance(row, Row)
    named = _OPTION.search(f"{error.message} {error.remedy}")
    said = named[1].replace("-", "_") if named else "image" if isinstance(error, MediaError) else "text"
    message, remedy = (
        _OPTION.sub(lambda option: option[1].replace("-", "_"), text) for text in (error.message, error.remedy)
    )
    message = message.removeprefix("Not queued: ").removeprefix(f"{said}: ").rstrip(".")
    return Problem(post_files.place(file, row.line), said, f"{message}.", remedy)


def _refuse(problems: Sequence[Problem], rows: Sequence[Row | Problem]) -> None:
    if problems:
        bad = f"{len(problems):,} of {len(rows):,} posts {'is' if len(problems) == 1 else 'are'} not right"
        raise FileProblems(problems, f"Nothing is queued: {bad}.", "Mend the file and give it again.")


def _notes(posts: Sequence[tuple[Row, Checked]]) -> list[str]:
    """Each note once, with the lines that it is about."""
    lines: defaultdict[str, list[int]] = defaultdict(list)
    for row, checked in posts:
        for note in checked.notes:
            lines[note].append(row.line)
    told = [f"{_lines(numbers)}: {note}" for note, numbers in list(lines.items())[: FileProblems.MOST]]
    more = len(lines) - len(told)
    return [*told, *[f"… and {more:,} more."] * (more > 0)]


def _lines(numbers: Sequence[int]) -> str:
    first, more = ", ".join(map(str, numbers[:3])), len(numbers) - 3
    return f"Line{'s' * (len(numbers) > 1)} {first}" + (f" and {more:,} more" if more > 0 else "")
