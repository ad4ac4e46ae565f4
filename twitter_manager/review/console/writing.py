"""What a person typed of a post that is being written, and what the checks say of it, field by field.

Nothing here keeps a post: that is `review.actions`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time
from typing import TYPE_CHECKING

from twitter_manager import factory, moments
from twitter_manager.app import App
from twitter_manager.content import Media, Part, plain
from twitter_manager.errors import TwitterManagerError, UsageError
from twitter_manager.operations.own_pictures import MOST
from twitter_manager.operations.own_posts import OwnPost
from twitter_manager.platforms import SPECS
from twitter_manager.review.console.views.shown import Length, title
from twitter_manager.settings import Bot

if TYPE_CHECKING:
    from starlette.datastructures import FormData

FIELDS: Mapping[str, str] = {
    "at": "Goes out",
    "expires": "Too late from",
    "every": "Comes again",
    "until": "Comes again until",
    "platform": "Where",
    "image": "Pictures",
    "alt": "What it shows",
    "bot": "Bot",
}
"""What the console calls the options of the verb `post`."""
MOST_PARTS = 25
LONGEST_TEXT = 100_000
"""Characters of a part that are looked at; more is no post anywhere."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of the post, kept already."""

    media: Media
    alt: str = ""
    needs_no_words: bool = False


@dataclass(frozen=True, slots=True)
class Written:
    """All that the form holds."""

    bot: str = ""
    texts: tuple[str, ...] = ("",)
    platforms: tuple[str, ...] = ()
    at: str = ""
    expires: str = ""
    every: str = ""
    until: str = ""
    pictures: tuple[Picture, ...] = ()

    @property
    def parts(self) -> tuple[str, ...]:
        """The texts that hold something."""
        return tuple(text for text in self.texts if text.strip()) or ("",)

    def own_post(self, contents: Mapping[str, bytes]) -> OwnPost:
        """The post as the actions take it. `contents`: the pictures' bytes by digest."""
        pictures = [(replace(each.media, alt=each.alt), contents[each.media.digest]) for each in self.pictures]
        return OwnPost(
            texts=self.parts,
            platforms=self.platforms,
            at=self.at,
            expires=self.expires,
            every=self.every,
            until=self.until,
            pictures=tuple(pictures),
        )


def read_form(form: FormData, known: Mapping[str, Media]) -> tuple[Written, int]:
    """What a person sent, and how many pictures must be given again. `known`: those that are kept, by digest."""
    said = {name: str(form.get(name) or "").strip() for name in ("bot", "at", "expires", "every", "until")}
    texts = [_lines(str(text)) for text in form.getlist("text")][:MOST_PARTS]
    digests = list(dict.fromkeys(map(str, form.getlist("kept"))))
    pictures = [
        Picture(known[digest], str(form.get(f"alt-{digest}") or "").strip(), f"wordless-{digest}" in form)
        for digest in digests
        if digest in known
    ]
    platforms = [name for name in map(str, form.getlist("platform")) if name in SPECS]
    written = Written(
        **said, texts=tuple(texts) or ("",), platforms=tuple(dict.fromkeys(platforms)), pictures=tuple(pictures)
    )
    return written, len(digests) - len(pictures)


def _lines(text: str) -> str:
    """Browsers send lines that end with CR LF."""
    return text.replace("\r\n", "\n").replace("\r", "\n").rstrip()[:LONGEST_TEXT]


@dataclass(frozen=True, slots=True)
class Looked:
    """What the checks say of a text as it stands."""

    lengths: Sequence[Sequence[Length]] = ()
    """Of each text, on each platform."""
    problems: Sequence[Sequence[str]] = ()
    """Of each text."""


@dataclass(frozen=True, slots=True)
class Faults:
    """Why a post was not queued: what to say at each field; "" is the whole form."""

    by_field: Mapping[str, Sequence[str]] = field(default_factory=dict)
    draft: int = 0
    """The draft that is named, whose page tells more."""

    def __bool__(self) -> bool:
        return bool(self.by_field)

    def at(self, name: str) -> Sequence[str]:
        """What is wrong there."""
        return self.by_field.get(name, ())


def look(app: App, bot: Bot, written: Written) -> Looked:
    """Lengths and checks of what is typed so far. Nothing is fetched or kept."""
    from twitter_manager.checks import check_post, lengths

    names = tuple(name for name in written.platforms if name in bot.platforms_on) or bot.platforms_on
    links = lengths.own_links(written.parts, names, factory.policy(bot))
    context = factory.check_context(bot, app.settings.secrets, platforms=names)
    violations = check_post(_parts(written), replace(context, links=links)) if written.parts[0].strip() else []
    counted, told = list[Sequence[Length]](), list[Sequence[str]]()
    for text, part in zip(written.texts, _places(written), strict=True):
        counted.append(
            [_length(text, name, links.get(name, ""), part == len(written.parts) - 1, bot) for name in names]
        )
        told.append(list(dict.fromkeys(each.message for each in violations if each.part == part)))
    return Looked(counted, told)


def _length(text: str, name: str, link: str, is_last: bool, bot: Bot) -> Length:
    """A text as a platform counts it, with the link that goes along at the end of the last part."""
    from twitter_manager.checks import lengths

    spec = SPECS[name]
    whole = spec.texts_of([text], link, "")[0] if is_last and text.strip() else text.strip()
    return Length(title(name), *lengths.length(spec.shown(whole, link), name, bot.limits_there))


def _parts(written: Written) -> tuple[Part, ...]:
    first, *others = plain(written.parts)
    return replace(first, media=tuple(replace(each.media, alt=each.alt) for each in written.pictures)), *others


def _places(written: Written) -> list[int | None]:
    """Which part each text becomes; None where it is empty and left out."""
    places, number = list[int | None](), 0
    for text in written.texts:
        places.append(number if text.strip() else None)
        number += bool(text.strip())
    return places


def lacking(written: Written, bot: Bot, looked: Looked, now: datetime) -> Faults:
    """All that is missing or wrong by itself, at once, before anything is asked."""
    faults = {f"text-{number}": told for number, told in enumerate(looked.problems) if told}
    if not written.parts[0].strip():
        faults["text-0"] = ["Write something."]
    if not written.platforms:
        faults["platform"] = ["Choose where it goes."]
    if len(written.pictures) > MOST:
        faults["image"] = [f"{len(written.pictures)} pictures; a post takes at most {MOST}. Take some off."]
    silent = [each for each in written.pictures if not each.alt and not each.needs_no_words]
    words = "Say what it shows, for people who can't see it; or say that it needs no words."
    faults |= {f"alt-{each.media.digest}": [words] for each in silent}
    faults |= {name: [each.words] for name, each in understood(written, bot, now).items() if each.is_wrong}
    return Faults(faults)


@dataclass(frozen=True, slots=True)
class Understood:
    """A moment that a person said in words: when that is, or why it can't be told."""

    words: str
    is_wrong: bool = False


def understood(written: Written, bot: Bot, now: datetime) -> dict[str, Understood]:
    """What is understood of the moments that are said, by field."""
    told = dict[str, Understood]()
    for name, clock in (("at", None), ("expires", time(23, 59)), ("until", time(23, 59))):
        if typed := getattr(written, name):
            try:
                moment = moments.understand(typed, now, bot.time_zone, bot.persona.language, clock=clock)
                told[name] = Understood(f"{moments.told(moment, bot.time_zone)} ({bot.time_zone})")
            except UsageError as error:
                told[name] = Understood(str(error), is_wrong=True)
    return told


def faults_of(error: TwitterManagerError, looked: Looked) -> Faults:
    """An error of the actions, at the fields that it is about. What the checks found stands at the texts."""
    if any(looked.problems) and error.message.startswith("Not queued"):
        return Faults({f"text-{number}": told for number, told in enumerate(looked.problems) if told})
    words = f"{error.message} {error.remedy}".strip()
    named = re.search(r"--(?:no-)?([a-z]+)", error.message) or re.search(r"--(?:no-)?([a-z]+)", error.remedy)
    where = named[1] if named and named[1] in FIELDS else ""
    draft = re.search(r"(?:explain|as draft|drafts show) (\d{1,15})", words)
    return Faults({where: [_in_words_of_the_form(words)]}, int(draft[1]) if draft else 0)


def _in_words_of_the_form(words: str) -> str:
    """A message of the command line as it is said where there are fields and no options."""
    words = re.sub(r"(\A|\s)--([a-z]+): ", lambda found: found[1], words)
    words = re.sub(r",? or --now\b", "", words)
    words = re.sub(r"\s*See: \S.*\Z", "", words)
    words = re.sub(r"--(?:no-)?([a-z]+)", lambda found: f"“{FIELDS.get(found[1], found[1])}”", words)
    return words[:1].upper() + words[1:]
