"""Where a bot's material is: a place is found out and looked at on the spot, own notes are begun."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from twitter_manager import factory, language, phrases
from twitter_manager.budget import TimeBudget
from twitter_manager.domain import Clock
from twitter_manager.errors import SourceError, TwitterManagerError
from twitter_manager.operations import sources
from twitter_manager.operations.init.interview import Interview, Question
from twitter_manager.settings.sources import BUNDLED
from twitter_manager.sources import Source
from twitter_manager.sources.notes import checked_note
from twitter_manager.validation import InvalidValue

NOTES, PROGRAMMING, NOTHING = "notes", "programming", "none"
"""Answers that are no places."""
_PATIENCE = 120.0
"""Seconds for a look at one place."""
_SAMPLES, _SAMPLE = 50, 500
"""So many items, and so many characters of each, tell in which language a place is."""
_KINDS = {
    "rss": ("a feed", "entry", "entries"),
    "web": ("a page", "piece of text", "pieces of text"),
    "files": ("documents", "piece of text", "pieces of text"),
    "git": ("a git repository", "release", "releases"),
    "notes": ("a file of notes", "note", "notes"),
}
_TOLD = f"""\
Where is its material? Give one of:
  the address of a site or a feed, such as https://example.org/blog
  a folder or a file on this machine, such as ~/club/news
  a git repository on this machine, such as ~/project
  {NOTES}         notes of your own: a file is made for them
  {PROGRAMMING}   the notes on programming that come with this program
  {NOTHING}          nothing: it posts only what you give to the verb post"""


@dataclass(frozen=True, slots=True)
class Material:
    """What a new bot posts from."""

    sources: tuple[Source, ...] = ()
    note_file: Path | None = None
    """The file that is made for notes of the person's own."""
    notes: tuple[str, ...] = ()
    """The first of them."""
    language: str = ""
    """That of most of it; "" where it can't be told."""


def ask_for_material(
    interview: Interview, places: Sequence[str], notes: Sequence[str], note_file: Path, clock: Clock
) -> Material:
    """Find out where the material is. `places`, `notes`: what the command line gave; `note_file`: where notes of the
    person's own are put."""
    look = _Look(interview, note_file, clock, [], [])
    if notes and NOTES not in places:
        places = (*places, NOTES)
    for place in places:
        interview.read(look.question(), place)
    if not places and interview.ask:
        interview.say(_TOLD)
        interview.answer(look.question())
        while look.found and BUNDLED not in look.found and interview.answer(look.question()):
            pass
    if look.note_source not in look.found or note_file.exists():
        return Material(tuple(look.found), language=_language(look))
    written = _notes(interview, notes)
    look.texts.extend(written)
    return Material(tuple(look.found), note_file, written, _language(look))


def _language(look: _Look) -> str:
    """What the bundled notes are in, or what most of the texts are in."""
    if BUNDLED in look.found:
        return "en"
    detected = Counter(filter(None, map(language.detect, look.texts)))
    return detected.most_common(1)[0][0] if detected else ""


def _notes(interview: Interview, given: Sequence[str]) -> tuple[str, ...]:
    """The first notes, in a person's words."""
    question = Question(
        "note",
        "A note, in the words in which it may be posted (Enter: no more)",
        lambda answer: checked_note(answer) if answer else "",
        told="Your first notes: one or two sentences each, which a reader understands without more.",
    )
    notes = [interview.read(question, note) for note in given]
    while not given and interview.ask and (note := interview.answer(question)):
        notes.append(note)
        question = Question("note", question.words, question.read)
    return tuple(dict.fromkeys(filter(None, notes)))


@dataclass(frozen=True, slots=True)
class _Look:
    """Looks at one place after the other."""

    interview: Interview
    note_file: Path
    clock: Clock
    found: list[Source]
    texts: list[str]
    """Some of what was found there."""

    @property
    def note_source(self) -> Source:
        return Source("notes", "notes", path=self.note_file, trust="own")

    def question(self) -> Question:
        return Question("source", "Another place (Enter: no more)" if self.found else "Its material", self.read)

    def read(self, answer: str) -> str:
        """Take a place; gives it. Raises InvalidValue, SourceError, UsageError."""
        if not answer and not self.found:
            raise InvalidValue("is no place", f"Give one, or {NOTES}, {PROGRAMMING} or {NOTHING}.")
        if (answer == PROGRAMMING and self.found) or (answer and BUNDLED in self.found):
            raise InvalidValue(f"does not go with other material: {PROGRAMMING} stands alone", "Leave one out.")
        if answer == NOTES and self.note_source not in self.found:
            if self.note_file.exists():
                self.interview.say(f"{self.note_file} is there, and its notes are taken.")
            self.found.append(self.note_source)
        elif answer == PROGRAMMING:
            self.found.append(BUNDLED)
        elif answer not in ("", NOTES, NOTHING):
            self._look_at(answer)
        return answer

    def _look_at(self, place: str) -> None:
        self.interview.say(f"Looking at {place} …")
        left = TimeBudget.of(_PATIENCE)
        try:
            with closing(factory.fetcher(left)) as fetcher:
                looked = sources.guess(place, self.found, fetcher, self.clock(), left, "", "")
        except SourceError as error:  # whose remedy is for a run
            raise TwitterManagerError(error.message, "Check the place, or give another.") from None
        if any((looked.source.kind, looked.source.place) == (known.kind, known.place) for known in self.found):
            raise InvalidValue("is named already", "Give another place, or nothing.")
        self._tell(looked)
        if not looked.collected.items and not self.interview.agrees("Take it all the same", by_default=True):
            raise TwitterManagerError("It is not taken.")
        self.found.append(looked.source)
        self.texts.extend(f"{item.title}. {item.text[:_SAMPLE]}" for item in looked.collected.items[:_SAMPLES])

    def _tell(self, looked: sources.Found) -> None:
        from twitter_manager.writing.designs import ANY, reasons_line, why_not

        kind, singular, plural = _KINDS[looked.source.kind]
        postable = [item for item in looked.collected.items if item.postable][: sources.MOST_JUDGED]
        shown = looked.as_json()
        count = shown["items"]
        words = f"Found {kind}, {shown['title'] or shown['name']}: {phrases.amount(count, singular, plural)}"
        samples = [sample["title"] or sample["text"] for sample in shown["samples"][:1]]
        self.interview.say("".join((words, *(f", the newest “{sample}”" for sample in samples), ".")))
        silent = Counter(filter(None, (why_not(item, ANY, linked=looked.source.link) for item in postable)))
        reasons = [reasons_line(dict(silent.most_common()))] if silent else []
        for line in (*sources.only_background(shown), *reasons, *looked.warnings):
            self.interview.say(f"  {line}")
