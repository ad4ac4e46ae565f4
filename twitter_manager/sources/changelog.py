"""Reads changelogs and release notes: versions, and of each version its entries, whole.

A changelog's group is part of the claim, so an entry stands after its group's name: "Removed: support for Python 2.7".
What a reader of the program does not see (tests, CI, dependencies, thanks) is left out, and so are the references and
names at an entry's end; its wording is otherwise untouched. Nested entries belong to the one above them.

Known forms: keep-a-changelog, GitHub's generated notes, conventional commits, towncrier, `CHANGES` and `NEWS` in
Markdown, reStructuredText or plain text, Debian's changelogs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from twitter_manager.sources import headings, markdown, restructured, routine, sections, words
from twitter_manager.sources.blocks import UNUSABLE, Block
from twitter_manager.sources.dates import first_day_in

MOST_VERSIONS = 100
LONGEST_ENTRY = 700
"""Characters. A longer one is an article."""
_LEAST_LETTERS = 10
_LEFT_OUT = ""
_TYPES = {"feat": "Added", "fix": "Fixed", "perf": "Changed", "security": "Security", "revert": "Reverted",
          "remove": "Removed", "deprecate": "Deprecated", "breaking": "Breaking"}  # fmt: skip
_VERSION = re.compile(
    r"(?<![\w.])(?:v|version |release )?(\d+(?:\.\d+)+(?:[-.]?(?:a|b|c|rc|alpha|beta|pre|preview|dev"
    r"|post)[-.]?\d*)?)(?![\w.]*[*x])",
    re.I,
)
_ONLY_DATE = re.compile(
    r"\W*(?:(?:released|date|release date|veröffentlicht|publié)\b[^\n]{0,40}|[\d./ -]{8,12})\W*", re.I
)
_REFERENCE = (
    r"(?:(?:gh|prs?|pulls?|issues?|pull requests?|bug|ticket|merge request|mr)?[ -]?[#!]\d+"
    r"|[\w.-]{1,40}(?:/[\w.-]{1,40})?[#!]\d+|GHSA-[\w-]{4,30}"
    r"|(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{7,40}|@[\w-]+(?:\[bot\])?|\[\d+\])"
)
_ADDRESS = r"https?://[^\s()<>]{1,300}"
_LEADS_TO = (
    r"\b(?:by|see|via|thanks(?: to)?|in|closed|closes|fixed|fixes|refs?|resolves|and|cf\.?|issues?|prs?"
    r"|pull request)\b:?"
)
_CREDIT = (
    r"(?:(?:many )?(?:thanks|thank you|thx|kudos)\b[^().]{0,80}"
    r"|(?:patch|contributed|reported|pull request|implemented|fix|found|suggested|submitted|requested)"
    r"(?: and \w+)? (?:by|from|courtesy)\b[^()]{2,60})"
)
_TAILS = (
    rf"(?:(?<=\s)|\A)\*?(?:see )?related (?:issues?|prs?|pull requests?)[^:]{{0,40}}:\*?"
    rf"(?:[\s,;&]*(?:and )?{_REFERENCE})*+(?=\W*\Z)",
    rf"(?:(?<=[.!?])\s+|\s*[\[(]){_CREDIT}[).!\]]*",
    rf"\s*[\[(]\s*(?>(?:{_REFERENCE}|{_ADDRESS}|[0-9a-f]{{7,40}}|\d{{2,6}}|{_LEADS_TO}|[,;&/])\s*){{0,20}}[\])]",
    rf"\s*[,;–—-]{{0,3}}\s*(?:{_LEADS_TO} ?{_ADDRESS}|(?:{_LEADS_TO} ?|(?<=\s)){_REFERENCE})"
    rf"(?:,? (?:and )?(?:{_REFERENCE}|\d{{2,6}})){{0,10}}+",
    r"(?<=[.!?])\s+\(?see (?:also )?[^.]{2,100}? for (?:more |further |all )?(?:details|information|context)\)?",
    r"\s--? by :?[\w:`-]{1,60}",
)
_TAIL = re.compile(rf"(?:{'|'.join(_TAILS)})(?=[.!]?\s*\Z)", re.IGNORECASE)
"""What stands at an entry's end and is none of it: references, in brackets or not, credits, where to read more."""
_DANGLING = re.compile(
    r"\b(?:from|of|to|in|with|for|and|or|by|since|after|before|see|per|as|the|issue|via|like)\W*\Z", re.IGNORECASE
)
_HEAD_REFERENCE = re.compile(
    r"\A(?:\W*(?:(?:fix(?:e[sd])?|close[sd]?|resolve[sd]?)? ?(?:issues?|bug|pr|gh|ticket)?[ -]?[#!]\d+)"
    r"(?:\s*[,&/]\s*[#!]\d+)*(?:\W{1,4}|\Z)"
    r"|[\[(][^\[\]()]{0,40}[#!]\d+[\])]\W{0,3})",
    re.IGNORECASE,
)
_LABEL = re.compile(r"([^\W\d_][\w /-]{2,24}):\s+(.+)", re.DOTALL)
_TAGGED = re.compile(r"(?:[\[(][^\W\d_][\w -]{1,24}[\])]:?\s+){1,6}(?=\S)")
_HEAD_MARKS = re.compile(r"\A(?:[^\w\s`\"'(<\[{$¿¡«“„./@#~*+-]|[\ufe0f\u200d])+\s*")
_CONVENTIONAL = re.compile(r"(\w{2,12})(?:\(([^()]{1,40})\))?(!)?:\s+(.+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Release:
    """A version as the changelog tells it. `heading`: as it stands there."""

    version: str
    heading: str
    published_at: datetime | None
    entries: tuple[str, ...]


def releases(text: str, name: str) -> list[Release]:
    """The versions of a changelog, in its order. `name`: its file's, which tells how it is written."""
    versions: list[_VersionCollector] = []
    current: _VersionCollector | None = None
    level = 0
    for block in _blocks(text, name):
        if version := _version_of(block, level):
            if len(versions) == MOST_VERSIONS:
                break
            level = block.level
            current = _VersionCollector(version, block.text)
            versions.append(current)
        elif current is not None and block.kind == "heading" and block.level < level:
            current = None
        elif current is not None:
            current.add(block)
    return [release for collector in versions if (release := collector.release())]


def entries(text: str) -> list[str]:
    """The entries of one version's notes in Markdown, each after its group."""
    text = re.sub(r"(?m)^(?=.*\bby @)(.{1,400}\bin (?:#\d+|https?://\S+))[ \t]*$", r"\1\n", text)
    return entries_of(markdown.blocks(text))


def entries_of(blocks: Iterable[Block]) -> list[str]:
    """The entries of one version's notes that are read into blocks, each after its group."""
    collector = _EntryCollector()
    for block in blocks:
        collector.add(block)
    return collector.entries()


def version_in(text: str) -> str:
    """The version that a heading or a tag's name holds, without its v; "" for `Unreleased` and the like."""
    version = _VERSION.search(text)
    return version[1] if version and not _not_out().search(text) else ""


def group_of(text: str) -> str | None:
    """The canonical name of a changelog's group, "" for one of no interest to readers; None for other words."""
    if len(text) > 80:
        return None
    name = re.sub(r" (?:in|of|to) (?:this|the) release\Z", "", headings.normalised(text.replace("-", " ")))
    found = next((group for group in words.table_of("groups") if words.fits(f"groups.{group}", name)), None)
    return _LEFT_OUT if found == "internal" else None if found == "neutral" else found


def _not_out() -> re.Pattern[str]:
    return words.pattern("entries.not_out")


def _says_group(text: str, group: str) -> bool:
    """Whether an entry says by itself what its group says: "Removed the flag" below Removed."""
    known = group in words.table_of("own_words")
    return known and words.pattern(f"own_words.{group}", r"{}\s").match(text) is not None


def _version_of(block: Block, level: int) -> str:
    """The version whose part of the changelog begins here, or ""."""
    if block.kind != "heading" or len(block.text) > 100:
        return ""
    version = _VERSION.search(block.text)
    if not version:
        return "-" if _not_out().search(block.text) and (not level or block.level <= level) else ""
    words = re.findall(r"[^\W\d_]{2,}", block.text[: version.start()])
    rest = re.findall(r"[^\W\d_]{2,}", block.text[version.end() :])
    deeper = bool(level) and block.level > level
    return "" if len(words) > (1 if deeper else 4) or (deeper and len(rest) > 1) else version[1]


class _VersionCollector:
    """One version while it is read."""

    def __init__(self, version: str, heading: str) -> None:
        self.version, self.heading = version, heading
        self.published_at = first_day_in(heading)
        self.out = version != "-" and not _not_out().search(heading)
        self.collector = _EntryCollector()
        self._begun = False

    def add(self, block: Block) -> None:
        if not self._begun and block.kind != "heading" and len(block.text) < 60:
            self.out = self.out and not _not_out().match(block.text.lstrip("*_( "))
            if _ONLY_DATE.fullmatch(block.text):
                self.published_at = self.published_at or first_day_in(block.text)
                return
        self._begun = True
        self.collector.add(block)

    def release(self) -> Release | None:
        """None for a version that is not out, or of which nothing is told."""
        entries = self.collector.entries() if self.out else []
        return Release(self.version, self.heading, self.published_at, tuple(entries)) if entries else None


class _EntryCollector:
    """Goes through the blocks of one version and joins what belongs to one entry."""

    def __init__(self) -> None:
        self._outer: dict[int, str | None] = {}  # the groups of the headings that are open, by level; None: left out
        self._group: str | None = ""
        self._base = 1  # the depth of the lists whose entries stand for themselves
        self._found: list[tuple[str | None, list[Block]]] = []

    def add(self, block: Block) -> None:
        group = group_of(block.text)
        if block.kind == "heading":
            self._heading(block, group)
        elif group is not None and block.kind in ("paragraph", "item") and len(block.text) <= 60:
            self._group = group or None
            self._base = block.level + 1
        elif block.kind == "paragraph" or (block.kind == "item" and (block.level <= self._base or not self._found)):
            if block.kind == "item" and block.level < self._base:
                self._group, self._base = self._outermost(), block.level
            self._found.append((self._group, [block]))
        elif block.kind in ("item", "more") and self._found:
            self._found[-1][1].append(block)

    def _heading(self, block: Block, group: str | None) -> None:
        self._outer = {level: group for level, group in self._outer.items() if level < block.level}
        name = headings.normalised(block.text)
        if group is not None:
            self._outer[block.level] = group or None
        elif not words.fits("groups.neutral", name) and headings.gives_no_material((block.text,)):
            self._outer[block.level] = None
        self._group, self._base = self._outermost(), 1

    def _outermost(self) -> str | None:
        """The group that holds: the innermost one, and none where one of them is left out."""
        groups = list(self._outer.values())
        return None if None in groups else next((group for group in reversed(groups) if group), "")

    def entries(self) -> list[str]:
        entries = (
            _entry(words, group) for group, parts in self._found if group is not None for words in _joined(parts)
        )
        return list(dict.fromkeys(filter(None, entries)))


def _joined(parts: list[Block]) -> Iterator[str]:
    """An entry's words with all that is nested in it; each nested one for itself below a mere name ("Parser")."""
    first = parts[0].text
    nested = [part.text for part in parts[1:] if part.kind == "item"]
    if (
        nested
        and len(first.split()) <= 3
        and not first.rstrip().endswith((".", "!", "?"))
        and not _DANGLING.search(first)
    ):
        yield from (f"{first.rstrip(' :')}: {entry}" for entry in nested)
        return
    text = _without_tail(first) if len(parts) > 1 else first
    listed = False
    for part in parts[1:]:
        words = _without_tail(part.text)
        if not re.search(r"\w", words):
            continue
        if listed and part.kind == "item":
            text = f"{text.rstrip('.;')}; {words}"
            continue
        listed = part.kind == "item" and text.rstrip().endswith(":")
        text = text if text.rstrip()[-1:] in ".!?:…" else text + "."
        text = f"{text} {words}"
        if len(text) > 4 * LONGEST_ENTRY:
            return
    yield text


def _entry(text: str, group: str) -> str:
    """What one entry says, after its group; "" where it says nothing to a reader."""
    text = _HEAD_MARKS.sub("", " ".join(text.split()))
    if routine.is_bump(text):
        return ""
    text = re.sub(r"\s\([\s,;&]{0,20}\)", "", text)  # where a reference stood that a role made
    text = re.sub(r"\s?\(#\d+(?:,? #\d+){0,10}\)", "", text)
    if reference := _HEAD_REFERENCE.match(text):
        text = text[reference.end() :]
        group = group or ("Fixed" if re.search(r"fix|clos|resolv", reference[0], re.IGNORECASE) else "")
    text, group = _unlabelled(text, group)
    text = _without_tail(text)
    if text.endswith(":"):
        text = sections.without_lead(text)
    if not text or UNUSABLE in text or "\ufffd" in text or len(text) > LONGEST_ENTRY:
        return ""
    if words.pattern("entries.noise", r"\W*{}\W*").fullmatch(text) or _DANGLING.search(text) or routine.is_noise(text):
        return ""
    if sum(character.isalpha() for character in text) < _LEAST_LETTERS or " " not in text.strip():
        return ""
    return text if not group or _says_group(text, group) else f"{group}: {text}"


def _unlabelled(text: str, group: str) -> tuple[str, str]:
    """The text without the group that it names itself ("fix(parser): …", "[bug] [parser] …"), and that group; no text
    where it is one that is left out."""
    if (match := _CONVENTIONAL.fullmatch(text)) and (match[1].lower() in _TYPES or routine.is_internal_type(match[1])):
        if routine.is_internal_type(match[1]) or routine.is_internal_type(match[2] or ""):
            return "", group
        mine = "Breaking" if match[3] else _TYPES[match[1].lower()]
        return (f"{match[2]}: {match[4]}" if match[2] else match[4]), group or mine
    if (match := _TAGGED.match(text)) and (tagged := _untagged(match[0], text[match.end() :], group)):
        return tagged
    if (match := _LABEL.fullmatch(text)) and (named := group_of(match[1])) is not None:
        return (match[2], named) if named else ("", group)
    return text, group


def _untagged(tags: str, text: str, group: str) -> tuple[str, str] | None:
    """The text with its topics in front, and its group; None where the tags are none ("(temporarily) …")."""
    named = {tag: group_of(tag) for tag in re.findall(r"[^\W\d_][\w -]*", tags)}
    groups = [name for name in named.values() if name is not None]
    if not groups and tags.count("[") < 2:
        return None
    if _LEFT_OUT in groups:
        return "", group
    group = groups[-1] if groups else group
    topics = ", ".join(tag for tag, group_name in named.items() if group_name is None)
    return (f"{topics}: {text}", "" if _says_group(text, group) else group) if topics else (text, group)


def _without_tail(text: str) -> str:
    """Without the references and names at its end."""
    for _ in range(12):
        head, tail = text[:-300], text[-300:]
        tail_match = _TAIL.search(tail)
        if not tail_match:
            break
        text = (head + tail[: tail_match.start()] + tail[tail_match.end() :]).strip()
    return re.sub(r"(?<!\.)\.\.\Z", ".", text.rstrip(" ,;–—-"))


# -- how changelogs are written ------------------------------------------------------------------------------


def _blocks(text: str, name: str) -> Iterable[Block]:
    ending = name.lower().rpartition(".")[2]
    if ending in ("md", "markdown"):
        return markdown.blocks(text)
    if ending == "rst":
        return restructured.blocks(text)
    plain = markdown.blocks(_as_markdown(text))
    if not re.search(r"^(?:={4,}|-{4,}|~{4,})$", text, re.MULTILINE):
        return plain
    return max(
        (restructured.blocks(text), plain), key=lambda blocks: sum(bool(_version_of(block, 0)) for block in blocks)
    )


_BULLET = re.compile(r"(\s*)[-*+•o](?=\s+\S)")
_MARKS = re.compile(r"[`*_<&\\\[\]]")
_DEBIAN = re.compile(r"[a-z0-9][a-z0-9.+-]* \(([^()\s]+?)(?:-[^()\s-]+)?\) [^;\n]+;.*")
_NO_WORDS = re.compile(r" -- .{0,200}|\W{3,}|\s*\[ [^\[\]]{1,80} \]")
"""What closes a Debian entry, draws a rule, or names whose changes follow."""


def _as_markdown(text: str) -> str:
    """A plain text as Markdown: what is not indented and names a version is a heading, what is below it stands out."""
    parts: list[list[str]] = [[]]
    indents: list[int] = []  # of the entries that are open, outermost first
    for line in text[:1_000_000].expandtabs(8).splitlines():
        debian = _DEBIAN.fullmatch(line)
        bullet = _BULLET.match(line)
        apart = not parts[-1] or not parts[-1][-1]
        stands_out = apart and not bullet and line[:1].strip() and len(line.rstrip()) <= 80
        if debian or (stands_out and _VERSION.search(line[:60])):
            parts += [[f"# {debian[1] if debian else line}"], []]
            indents = []
        elif _NO_WORDS.fullmatch(line):
            parts[-1].append("")
        else:
            words = _MARKS.sub(r"\\\g<0>", line[bullet.end() if bullet else 0 :].replace("``", "").strip())
            indent = len(line) - len(line.lstrip())
            was_open = bool(indents)
            if words and (bullet or apart or words.endswith(":")):  # other lines go on with the entry before them
                indents = [outer for outer in indents if outer < indent]
            if (bullet and not (indents or was_open or apart)) or (was_open and not (indents or bullet or apart)):
                parts[-1].append("")  # a list begins, or ends
            parts[-1].append("  " * len(indents) + (f"* {words}" if bullet else words) if words else "")
            indents += [indent] if bullet else []
    return "\n".join(line for lines in parts for line in lines)
