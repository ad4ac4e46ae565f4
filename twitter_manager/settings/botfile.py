"""The bot file `data/bots/NAME.toml`: what it may hold, how it is read, and the commented sample of it.

`TABLES` is the one list of its keys: the rules, the words of the sample and every message come from it, the defaults
from the records.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import time
from pathlib import Path
from typing import Any, NamedTuple

from twitter_manager.domain import FORMATS, TONES, Persona
from twitter_manager.platforms import SPECS
from twitter_manager.schedule import Quiet, Schedule, zone
from twitter_manager.settings.env import Problems
from twitter_manager.settings.records import BotFile, Limits, Style, Threads
from twitter_manager.settings.rules import (
    Bad,
    Rule,
    choice,
    every,
    flag,
    matching,
    near,
    number,
    page,
    read_text,
    text,
    weights,
    whole,
)
from twitter_manager.sources import LOOKS, Source

LARGEST = 256 * 1024
"""Bytes of a bot file."""
_MAX_DOTS_IN_LINE = 1000
TRUST = ("own", "known", "open")
"""Whose words a source gives: the person's own, those of somebody they chose, or anybody's."""


class Key(NamedTuple):
    """A key of a bot file: its rule, what the sample says of it, and an example where it has no default."""

    rule: Rule
    help: str
    example: object = None


_clock_text = matching(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]", "must be a time of day", 'Write it as "09:00".')
_quiet_text = matching(r"[0-9:]{5} ?- ?[0-9:]{5}", "must be two times of day", 'Write it as "22:00-07:00".')


def _clock(value: Any) -> time:
    return time.fromisoformat(_clock_text(value))


def _quiet(value: Any) -> Quiet:
    start, end = (_clock(part.strip()) for part in _quiet_text(value).split("-"))
    if start == end:
        raise Bad("begins and ends at the same time", "Leave it out for no quiet hours.")
    return start, end


def _hours(value: Any) -> int:
    hours = whole(1, 24)(value)
    if 24 % hours:
        raise Bad("must divide 24", "Take 1, 2, 3, 4, 6, 8, 12 or 24.")
    return int(hours)


def _zone(value: Any) -> str:
    name: str = matching(r"[A-Za-z0-9_+/-]{1,64}", "must be the name of a time zone", "Write it as Europe/Berlin.")(
        value
    )
    try:
        zone(name)
    except (LookupError, ValueError, OSError):
        raise Bad("is no time zone that this machine knows", _near_zone(name)) from None
    return name


def _near_zone(name: str) -> str:
    from zoneinfo import available_timezones

    known = available_timezones()
    return near(name, known) if known else "Install the system's package tzdata."


def _without(mark: str, rule: Rule) -> Rule:
    return lambda value: rule(value.removeprefix(mark) if isinstance(value, str) else value)


_hashtag = _without("#", matching(r"(?=.*[^\W\d_])\w{1,64}", "must be letters, digits and _, with a letter"))
_mention = _without("@", matching(r"[A-Za-z0-9_.-]{1,253}", "must be a handle"))
_TEXTS = every(text(1000, lines=True), 20)


def _phrase(value: Any) -> str:
    phrase: str = text(60)(value)
    if not phrase.endswith((":", ".", "?", "!", "…")):
        raise Bad("must end with a mark", 'It stands beside a whole sentence: write it as "Worth knowing:".')
    return phrase


def _closing(value: Any) -> str:
    phrase = _phrase(value)
    if "{" in phrase or "}" in phrase:
        raise Bad("holds a brace", "Only an opener can hold {topic}, and nothing else in braces.")
    return phrase


def _opener(value: Any) -> str:
    phrase = _phrase(value)
    _closing(phrase.replace("{topic}", "", 1))
    return phrase


def _base_url(value: Any) -> str:
    """An address with placeholders for the path of a document (`sources/addresses.py`)."""
    from twitter_manager.sources.addresses import PLACEHOLDERS, unknown

    address = text(1000)(value)
    if names := unknown(address):
        known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
        raise Bad(f"holds {{{names[0][:40]}}}, which is no placeholder", f"There are {known}.")
    filled = re.sub(r"\{\w+\}", "x", address)
    page(filled)
    if "{" in filled or "}" in filled:
        raise Bad("holds a lone brace", "Write a placeholder as {path}.")
    if "{" in address.partition("://")[2].partition("/")[0]:
        raise Bad("has a placeholder for its host", "Put placeholders into the path only.")
    return str(address)


_OPENERS, _CLOSINGS = every(_opener, 100), every(_closing, 100)

TABLES: Mapping[str, Mapping[str, Key]] = {
    "": {
        "enabled": Key(flag, "false: the bot rests."),
        "platforms": Key(
            every(choice(*SPECS), len(SPECS), least=1), "Where it posts, as far as there are credentials."
        ),
        "time_zone": Key(_zone, "For times of day, quiet hours and the daily limit."),
        "pool": Key(whole(1, 200), "Drafts to keep ready. Left out: 8 where writing is free, 1 where it costs.", 8),
        "draft_ttl_hours": Key(whole(1, 8760), "Hours after which a ready draft is too old to post."),
        "item_rest_days": Key(
            whole(0, 3650),
            "Days that a piece of material rests after its use; one with n other wordings 1/(n + 1) of them.",
        ),
        "hashtags": Key(every(_hashtag, 10), "Appended to every post."),
        "signature": Key(text(100), "Appended to every post, after the hashtags, on a line of its own."),
        "blocked_terms": Key(every(text(200), 1000), "Words and phrases that no post may hold."),
        "links": Key(
            every(choice(*SPECS), len(SPECS)), "Where posts get their material's address; X charges more then."
        ),
        "max_links": Key(whole(0, 10), ""),
        "max_mentions": Key(whole(0, 10), ""),
        "max_hashtags": Key(whole(0, 30), ""),
        "allowed_mentions": Key(every(_mention, 100), "These may be mentioned; others only up to max_mentions."),
        "allow_profanity": Key(flag, "true: the bot may swear."),
        "allowed_personal": Key(
            every(text(200), 100), 'E-mail addresses, telephone numbers … that may be posted; ["*"]: all.'
        ),
        "fresh_days": Key(whole(0, 365), "Only younger material may be called new, today's, just released."),
        "fidelity": Key(
            choice("judged", "strict"),
            "strict: a model posts only the material's own sentences. Left out: its own, once a judge agrees.",
            "strict",
        ),
    },
    "schedule": {
        "every_hours": Key(_hours, "A post every so many hours (UTC); a divisor of 24."),
        "times": Key(every(_clock, 96, least=1), "Instead: at these times of day.", ["09:00", "17:30"]),
    },
    "limits": {
        "per_hour": Key(whole(1, 100), "Posts at most."),
        "per_day": Key(whole(1, 1000), ""),
        "quiet_hours": Key(_quiet, "No posts in this time.", "22:00-07:00"),
        "usd_per_month": Key(number(0, 100_000), "US dollars at most, for writing and posting together."),
    },
    "persona": {
        "name": Key(text(100), "Who the bot is."),
        "voice": Key(text(500), "How it sounds."),
        "audience": Key(text(500), "Whom it writes for."),
        "language": Key(
            matching(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*", "must be a language code or any", "Say en."),
            "Material in another language is not used; any: each post in its material's.",
        ),
        "do": Key(_TEXTS, "Wishes, one sentence each."),
        "dont": Key(_TEXTS, ""),
        "samples": Key(_TEXTS, "Posts that it could have written."),
        "openers": Key(_OPENERS, 'Stand before notes, in turns, not often: "From the workshop:", "{topic} tip:".'),
        "closings": Key(_CLOSINGS, 'Stand after notes, in turns with the openers: "Happy baking!"'),
    },
    "threads": {
        "numbered": Key(flag, "Each part with its number in front: 1/3."),
    },
    "style": {
        "learn_from": Key(text(1000), "Your own past posts (.txt, .md, .jsonl, .csv, tweets.js).", "posts.txt"),
        "tone": Key(choice(*TONES), f"{', '.join(TONES)}. Left out: none is wished for.", "sober"),
        "max_chars": Key(
            whole(60, 500), "Characters of a post, or of a thread's part. Left out: what platforms take.", 200
        ),
    },
    "topics": {},
    "formats": {},
    "sources": {
        "kind": Key(choice(*LOOKS), ""),
        "name": Key(text(80), ""),
        "url": Key(page, ""),
        "urls": Key(every(page, 100, least=1), ""),
        "path": Key(text(1000), ""),
        "patterns": Key(every(text(200), 50, least=1), ""),
        "label": Key(text(40), ""),
        "link": Key(flag, ""),
        "max_items": Key(whole(0, 100), ""),
        "max_age_days": Key(whole(1, 3650), ""),
        "backfill": Key(whole(0, 100), ""),
        "every_minutes": Key(whole(5, 43200), ""),
        "base_url": Key(_base_url, ""),
        "commits": Key(flag, ""),
        "trust": Key(choice(*TRUST), ""),
    },
}
_NEWS = ("max_items", "max_age_days", "backfill")
SOURCE_KEYS: Mapping[str, tuple[str, Sequence[str]]] = {
    "starter": ("", ()),
    "notes": ("path", ("name", "trust")),
    "rss": ("url", ("name", "label", "link", "every_minutes", "trust", *_NEWS)),
    "web": ("urls", ("name", "label", "link", "every_minutes", "trust")),
    "files": ("path", ("name", "patterns", "label", "link", "base_url", "trust", "max_age_days")),
    "git": ("path", ("name", "label", "link", "commits", "trust", *_NEWS)),
}
"""For each kind of source the key that it needs, and those that it may have."""
MAX_AGE_DAYS = {"files": 365}
"""When what is dated is too old to be posted, where the file doesn't say and the kind has another measure than news."""
EVERY_MINUTES = {"rss": 60, "web": 1440}
"""How often a source is asked where the file doesn't say. What lies on this machine is looked at each time."""
OWN = ("starter", "notes", "files", "git")
"""The kinds whose words are the person's own where the file doesn't say."""
_POST, _LEAST_TEXT = 280, 40
"""Characters of a post on the tightest platform, and what must be left of them beside what is appended to each."""
_topics = weights(text(100), 200)
_formats = weights(choice(*FORMATS), len(FORMATS))


def read(path: Path, where: str, home: Path, problems: Problems) -> BotFile | None:
    """The bot file, or None where it has problems (all are noted)."""
    try:
        document = _parsed(read_text(path, LARGEST, private=False))
    except FileNotFoundError:
        problems.note(where, "", Bad("is not there", "It was removed in this moment, or its link leads nowhere."))
        return None
    except Bad as bad:
        problems.note(where, "", bad)
        return None
    before = len(problems)
    made = _Reader(where, home, problems).bot(document)
    return made if len(problems) == before else None


def _parsed(content: str) -> dict[str, Any]:
    import tomllib

    # A key of many dotted parts costs tomllib time and memory by the square: 30,000 parts took 14 s and 3.5 GB.
    if any(line.count(".") > _MAX_DOTS_IN_LINE for line in content.splitlines()):
        raise Bad(f"has a line with more than {_MAX_DOTS_IN_LINE} dots", "Break the line up.")
    try:
        return tomllib.loads(content)
    except tomllib.TOMLDecodeError as error:
        raise Bad(f"is not TOML: {str(error)[:200]}", "Mend that line.") from None
    except (ValueError, RecursionError):
        raise Bad("is not TOML: a number or a nesting beyond measure") from None


class _Reader:
    """Turns a parsed bot file into a record, noting every problem with its path."""

    def __init__(self, where: str, home: Path, problems: Problems) -> None:
        self._where = where
        self._home = home
        self._problems = problems

    def bot(self, document: dict[str, Any]) -> BotFile:
        top = {name: value for name, value in document.items() if name not in TABLES}
        values = self._table("", top)
        for name, record in (("schedule", Schedule), ("limits", Limits), ("persona", Persona), ("threads", Threads)):
            values[name] = record(**self._table(name, document.get(name, {})))
        values["style"] = self._style(document.get("style", {}))
        for name, rule in (("topics", _topics), ("formats", _formats)):
            if name in document:
                self._take(values, name, rule, document[name], name)
        if "sources" in document:
            values["sources"] = self._sources(document["sources"])
        if isinstance(schedule := document.get("schedule"), dict) and {"every_hours", "times"} <= schedule.keys():
            self._note("schedule", Bad("has both every_hours and times", "Remove one of them."))
        made = BotFile(**values)
        if len(made.hashtags) > made.max_hashtags:
            self._note("hashtags", Bad("has more entries than max_hashtags allows", "Raise it, or leave some out."))
        appended = sum(len(tag) + 2 for tag in made.hashtags) + len(made.signature) + 1
        if (left := (made.style.max_chars or _POST) - appended) < _LEAST_TEXT:
            field = "style.max_chars" if made.style.max_chars else "signature"
            remedy = f"Shorten hashtags and signature: they take {appended} characters of each post."
            self._note(field, Bad(f"leaves {max(0, left)} characters to the text", remedy))
        return made

    def _style(self, found: Any) -> Style:
        given = self._table("style", found)
        if place := given.pop("learn_from", ""):
            given["learn_from"] = self._place("style.learn_from", place, must_be_there=True)
        return Style(**given)

    def _table(self, table: str, found: Any, place: str = "") -> dict[str, Any]:
        """The table's values, as far as they are sound. `place`: its path, where that is not its name."""
        if not isinstance(found, dict):
            self._note(table, Bad("must be a table", f"Write it as [{table}]."))
            return {}
        values: dict[str, Any] = {}
        for name, value in found.items():
            path = f"{place or table}.{name}" if table else name
            if name in TABLES[table]:
                self._take(values, name, TABLES[table][name].rule, value, path)
            else:
                self._note(path, Bad("is no setting of a bot", _guess(table, name)))
        return values

    def _take(self, values: dict[str, Any], name: str, rule: Rule, value: Any, path: str) -> None:
        try:
            values[name] = rule(value)
        except Bad as bad:
            self._note(path + bad.path, bad)

    def _sources(self, found: Any) -> tuple[Source, ...]:
        if not isinstance(found, list) or not 1 <= len(found) <= 50:
            self._note("sources", Bad("must be 1 to 50 tables", "Write each as [[sources]]."))
            return ()
        made = tuple(self._source(f"sources[{at}]", entry) for at, entry in enumerate(found))
        for at, source in enumerate(made):
            if source.name in [other.name for other in made[:at]] and not self._problems:
                self._note(f"sources[{at}].name", Bad("is the name of another source too", "Give each its own name."))
        return made

    def _source(self, path: str, entry: Any) -> Source:
        if not isinstance(entry, dict):
            self._note(path, Bad("must be a table", "Write it as [[sources]]."))
            return Source()
        before = len(self._problems)
        values = self._table("sources", entry, path)
        kind = values.get("kind")
        if "kind" not in entry:
            self._note(f"{path}.kind", Bad("is missing", f'Say kind = "rss", or one of {", ".join(SOURCE_KEYS)}.'))
        if kind is not None:
            self._fitting(path, kind, entry)
        if len(self._problems) > before:
            return Source()
        place = values.get("path")
        if place is not None:
            values["path"] = self._place(f"{path}.path", place, must_be_there=kind == "notes")
        values |= {"urls": (values.pop("url"),)} if "url" in values else {}
        name = values.pop("name", "") or _source_name(kind, values, place)
        known: dict[str, Any] = {"name": name, "every_minutes": EVERY_MINUTES.get(kind or "", 0)}
        known |= {"trust": "own"} if kind in OWN else {}
        known |= {"max_age_days": MAX_AGE_DAYS[kind]} if kind in MAX_AGE_DAYS else {}
        return Source(**(known | values))

    def _fitting(self, path: str, kind: str, entry: dict[str, Any]) -> None:
        """Note the keys that this kind needs and has not, and those that belong to other kinds."""
        needed, _ = SOURCE_KEYS[kind]
        if needed and not entry.get(needed) and entry.keys() <= TABLES["sources"].keys():
            self._note(f"{path}.{needed}", Bad("is missing", f"A source of kind {kind} needs it."))
        for key in entry:
            kinds = [name for name, (first, others) in SOURCE_KEYS.items() if key in (first, *others)]
            if kinds and kind not in kinds:
                self._note(f"{path}.{key}", Bad(f"is only for {', '.join(kinds)}", "Remove it, or mend kind."))

    def _place(self, path: str, given: str, *, must_be_there: bool) -> Path | None:
        """The absolute path of what is given from the home folder. A source's folder may come and go (a look tells)."""
        try:
            place = self._home / Path(given).expanduser()
            if not must_be_there or place.is_file():
                return place
        except (OSError, RuntimeError):
            pass  # a name that can't be one is not there
        self._note(path, Bad("is no file that is there", "It counts from the folder that holds .env."))
        return None

    def _note(self, path: str, bad: Bad) -> None:
        self._problems.note(self._where, path[:100], bad)


def _source_name(kind: str | None, values: Mapping[str, Any], place: str | None) -> str:
    """What a source is called where the file doesn't say: by its place."""
    if kind == "notes":
        return f"notes:{values['path']}"
    urls = values.get("urls") or ("",)
    return place or urls[0].partition("://")[2].rstrip("/")[:80] or "starter"


def _guess(table: str, name: str) -> str:
    """What may have been meant: a key of this table, or the same key where it belongs."""
    known = [*TABLES[table], *(TABLES if not table else ())]
    homes = [other for other, keys in TABLES.items() if name in keys and other != "sources"]
    if homes:
        return f"It belongs into [{homes[0]}]." if homes[0] else "It belongs to the top, before any [table]."
    return near(name, filter(None, known))


def sample_bot_file(changes: Mapping[str, object] | None = None) -> str:
    """The text of a bot file in which every key stands with its default. `changes`: other values, by path
    (`persona.name`)."""
    changes = changes or {}
    lines = ["# A bot. Every line can be left out; what stands here are the defaults."]
    tables: Sequence[tuple[str, object]] = [("", BotFile()), ("schedule", Schedule()), ("limits", Limits())]
    for table, record in [*tables, ("persona", Persona()), ("threads", Threads()), ("style", Style())]:
        lines += ["", f"[{table}]"] if table else []
        for name, key in TABLES[table].items():
            path = f"{table}.{name}" if table else name
            lines += [f"# {key.help}"] if key.help else []
            if key.example is not None and path not in changes:
                lines.append(f"# {name} = {as_toml(key.example)}")
            else:
                lines.append(f"{name} = {as_toml(changes.get(path, getattr(record, name, None)))}")
    return "\n".join([*lines, *_FURTHER]) + "\n"


def as_toml(value: object) -> str:
    """A value as TOML writes it."""
    import json

    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(as_toml, value))}]"
    return str(value).lower() if isinstance(value, bool) else str(value)


_FURTHER = (
    "",
    "# What to write about: labels of the material, with weights. None: every label there is.",
    "[topics]",
    "# git = 2",
    "# python = 1",
    "",
    f"# In which form, with weights: {', '.join(FORMATS)}.",
    "# Of those that suit the material one is drawn; where none does, the post plainly says what the material says.",
    "# A question and a comparison need a model that writes.",
    "[formats]",
    *(f"{as_toml(name)} = {weight:g}" if " " in name else f"{name} = {weight:g}" for name, weight in FORMATS.items()),
    "",
    "# Where material comes from; any number of tables. A path counts from the folder of .env. Every kind but starter",
    "# may have a name, every kind but starter and notes a label (the topic of its items).",
    "[[sources]]",
    'kind = "starter"',
    "",
    "# A feed (RSS, Atom, JSON). What is there at the first look is not posted, save the newest backfill entries.",
    "# [[sources]]",
    '# kind = "rss"',
    '# url = "https://example.org/feed.xml"',
    '# name = "example"',
    '# label = "Python"',
    "# link = true           # false: posts never carry the entry's address",
    "# backfill = 1",
    "# max_items = 10        # of what is new at one look, at most so many may be posted",
    "# max_age_days = 14     # older is no news",
    "# every_minutes = 60",
    '# trust = "known"       # "open": anybody may write there (comments, many authors): its first posts wait for you;',
    '#                       # "own": your own words: nothing that is doubtful in them is held. Every kind may say it.',
    "",
    "# Web pages; every_minutes is 1440 here. label and link as above.",
    "# [[sources]]",
    '# kind = "web"',
    '# urls = ["https://example.org/guide", "https://example.org/tips"]',
    "",
    "# Documents: a folder or one file (Markdown, reStructuredText, text, HTML, PDF). label and link as above.",
    "# [[sources]]",
    '# kind = "files"',
    '# path = "docs"',
    '# patterns = ["**/*.md"]',
    "# max_age_days = 365    # of those that have a date",
    "# Where they stand on the web: their path without its ending is put behind it, or in the place of {path};",
    "# {file} is the path with its ending, {name} its last part, {slug} that without a date, {year} {month} {day} the",
    "# date.",
    '# base_url = "https://example.org/docs/"',
    '# base_url = "https://github.com/me/tool/blob/main/docs/{file}"',
    "",
    "# A local git repository: its releases (annotated tags, changelog). label, link, backfill, max_items and",
    "# max_age_days as above.",
    "# [[sources]]",
    '# kind = "git"',
    '# path = "../project"',
    "# commits = false       # true: commits that tell a user something are posted too",
    "",
    "# Your own notes.",
    "# [[sources]]",
    '# kind = "notes"',
    '# path = "notes.toml"',
)
