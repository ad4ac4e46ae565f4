"""Posts of releases and commits, without a model: the project, the version, and one whole entry of the changelog, with
its group as part of what is said ("tool 2.1 removes support for Python 3.8").

Which entries and commits concern users at all, the readers of changelogs and commits have decided (`sources`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from twitter_manager.domain import Item
from twitter_manager.english import normalised, paragraphs, set_of, spans
from twitter_manager.writing import standing

LONGEST_ENTRY = 200
MOST_ENTRIES = 200
_FORGES = ("github.com", "gitlab.com", "codeberg.org")


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a changelog; `group`: one of keep-a-changelog's in small letters, "breaking", "reverted", or ""."""

    group: str
    scope: str
    """The part of the project that it is about, where the changelog is cut so."""
    text: str

    @property
    def worth(self) -> float:
        """What users must know first: danger, and what is gone. Neither very short nor very long."""
        rank = {"security": 3.0, "breaking": 3.0, "removed": 2.5}.get(self.group, 1.0)
        rank = 3.0 if re.search(r"\bsecurity (?:issue|vulnerab|fix|hole)|\bvulnerabilit|\bCVE-\d", self.text) else rank
        minor = self.group in ("fixed", "deprecated", "reverted") or _MINOR.match(self.text)
        return rank - (0.3 if minor else 0.0) - (0.2 if not 40 <= len(self.text) <= 160 else 0.0)

    def told(self, heading: str) -> str:
        """The entry with the release in front, its group as part of what is claimed."""
        text = self.text if self.text[-1] in ".。" else f"{self.text}."
        if not text.casefold().startswith(heading.rpartition(" ")[0].casefold()):
            text = _raised(text)
        verb = _VERBS.get(self.group, "")
        thing = re.fullmatch(r"(?:(?:The )?([Ss]upport (?:for|of) .{2,80})|(.{2,40} support))\.", text)
        begins_so = (
            verb and not text.startswith("Support") and re.match(_SAID[self.group], text.split()[0], re.IGNORECASE)
        )
        if verb and thing and not begins_so and not re.search(r"[;:] | (?:is|was|has|are|were|have|been) ", text):
            return f"{heading} {verb} {_small(thing[1] or thing[2])}."
        if self.scope:
            return f"{heading} ({self.scope}): {text}"
        is_said = self.group in ("", "changed") or re.search(_SAID[self.group], text, re.IGNORECASE)
        is_sentence = self.text.endswith(".") or _CHANGES.match(text)
        if is_said or (self.group == "added" and is_sentence):
            return text if names(text, heading) else f"{heading}: {text}"
        is_hole = self.group == "security" and re.search(r"\A(?:CVE|GHSA)\b|\bcould\b|\bvulnerab", text)
        group = "Security fix" if is_hole else self.group.capitalize()
        return f"{heading} – {group}: {text}"


def entries(item: Item) -> list[Entry]:
    """What a release tells its users, the weightiest first; of equal weight in the changelog's order."""
    parsed = (_entry(block) for block in paragraphs(item.text)[:MOST_ENTRIES])
    return sorted((entry for entry in parsed if entry is not None), key=lambda entry: -entry.worth)


def _entry(block: str) -> Entry | None:
    """An entry that a user of the project understands, or None."""
    text = re.sub(r"\A[-*•+] +|(?:[. ] ?GHSA-|\. )(?=[0-9a-z-]*\d)(?:[0-9a-z]{4}-){2}[0-9a-z]{4}\.?\Z", "", block)
    head, colon, rest = text.partition(": ")
    group, scope = head.casefold() if head.casefold() in _SAID else "", ""
    if colon and group:
        text = rest.strip()
    elif colon and re.fullmatch(r"[A-Z][A-Za-z'-]*(?: [A-Za-z'-]+){0,2}", head) and _CHANGES.match(rest):
        scope, text = head, rest.strip()
    is_plain = (
        (12 if group else 25) <= len(text) <= LONGEST_ENTRY
        and len(text.split()) >= (3 if group else 4)
        and len(spans(text)) <= 2
        and standing.is_clean(text)
        and not standing.speaks(text)
        and not standing.is_cut(text)
        and text[-1] not in ":,;-?!"
        and not _LEANS.search(text)
        and not standing.is_internal(f"{scope} {text}")
        and (group or _CHANGES.match(text) or standing.stands(text, "en"))
    )
    return Entry(group, scope, text) if is_plain else None


def _raised(text: str) -> str:
    """With a capital at its beginning, unless that is code."""
    return text[0].upper() + text[1:] if re.match(r"[a-z]+ (?!-)", text) else text


def _small(thing: str) -> str:
    return thing[0].lower() + thing[1:] if thing.startswith("Support") else thing


def commit(item: Item) -> str:
    """A commit's subject as a sentence, where it plainly says what changed for users; else ""."""
    name, subject = project(item), standing.bare(normalised(item.title).replace("`", ""))
    kind = re.match(r"(?:feat|fix|perf|security)(?:\([^)]{1,40}\))?!?: *", subject, flags=re.IGNORECASE)
    subject = subject[kind.end() :] if kind else subject
    subject = re.sub(r" *\((?:#|GH-|bpo-)\d+\)\Z", "", subject).rstrip(". …")
    is_fit = (
        30 <= len(subject) <= LONGEST_ENTRY
        and (_CHANGES if kind else _FOR_USERS).match(subject)
        and standing.is_clean(subject)
        and not standing.speaks(subject)
        and not standing.is_internal(subject)
        and not _LEANS.search(subject)
        and not re.search(r"\w_\w|/|::|->", subject)
    )
    return f"{name}: {_raised(subject)}." if name and is_fit else ""


# --- Names and versions ----------------------------------------------------------------------------------------------


def project(item: Item) -> str:
    """What a release or a commit belongs to, as a reader knows it; "" where that is not known."""
    if item.project:
        name = normalised(item.project[:80])
        return re.sub(r"(?<=\w) (?:releases|release notes|changelog|news)\Z", "", name, flags=re.IGNORECASE)
    parts = urlsplit(item.url)
    steps = [step for step in parts.path.split("/") if step]
    if parts.hostname in _FORGES and len(steps) >= 2:
        return steps[1]
    name = item.source.rstrip("/").rsplit("/", 1)[-1].removesuffix(".git")
    is_name = re.fullmatch(r"[^\W\d_][\w.+-]*(?: [\w.+-]+){0,3}", name)
    is_place = re.search(r"\.(?:xml|atom|rss|json|com|org|net|io|dev)\b", name)
    return name if is_name and not is_place and name.casefold() not in NO_NAMES else ""


def is_release(item: Item) -> bool:
    """Whether it tells of one release: its kind says so, or a feed's entry has a version for its title."""
    title = " ".join(item.title[:200].split())
    name = re.escape(item.project) if item.project else r"[\w.-]+"
    numbered = re.compile(rf"{name}[ -]v?\d+(?:\.\d+)+[\w.+-]*", re.IGNORECASE | re.ASCII)
    return item.kind == "release" or (item.kind == "entry" and (is_version(title) or bool(numbered.fullmatch(title))))


def release_name(item: Item) -> str:
    """PROJECT VERSION of a release, "" where both are not known."""
    name, number = project(item), version(item)
    return f"{name} {number}" if is_release(item) and name and number else ""


def version(item: Item) -> str:
    """The version that the title of a release names, "" where it names none."""
    number = r"(?<![\w.])v?(\d+(?:\.\d+)+(?:[.-]?(?:rc|alpha|beta|a|b|dev|post)[.-]?\d*)?)(?![\w.]*\w)"
    match = re.search(number, item.title[:200])
    return match[1] if match else ""


def is_version(title: str) -> bool:
    """It is a version and nothing else."""
    return bool(re.fullmatch(r"(?:version|release|v)?\s*v?\d+(?:\.\d+)*[\w.+-]*", title, re.IGNORECASE | re.ASCII))


def names(text: str, name: str) -> bool:
    """The text has the name, in whole words."""
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE) is not None


_SAID = {
    "added": r"\b(?:add(?:s|ed|ing)?|new|introduc\w*|support\w*|allow\w*|now|can)\b",
    "changed": r"",
    "deprecated": r"\bdeprecat",
    "removed": r"\A(?:remov(?:e[sd]?|ing)|dropp(?:ed|ing)|drops?)\b(?!-)"
    r"|\b(?:is|are|was|were|been) (?:removed|dropped|deleted)\b|\bno longer\b",
    "fixed": r"\b(?:fix(?:e[sd])?|correct(?:s|ed)|resolv\w+|prevent(?:s|ed)?|avoid(?:s|ed)?|no longer|ensur\w+)\b",
    "security": r"\A(?:fix(?:e[sd])?|patch(?:e[sd])?|(?:prevent|guard|harden|reject|protect|limit)s?)\b|\bno longer\b",
    "breaking": r"\b(?:breaking|incompatib)",
    "reverted": r"\brevert",
}
"""The groups of a changelog, each with how an entry says by itself what its group says."""
_VERBS = {"removed": "removes", "deprecated": "deprecates", "added": "adds", "reverted": "reverts"}
_MINOR = re.compile(r"(?:Fix|Require|Bump|Updat|Mak|Restor|Correct|Improv)", re.IGNORECASE)
"""How entries begin that matter to few users."""
_CHANGES = re.compile(
    r"(?:(?:Accept|Add|Allow|Announc|Avoid|Cach|Chang|Check|Convert|Correct|Creat|Default|Deprecat|Detect|Disabl|Display"
    r"|Drop|Emit|Enabl|Ensur|Expos|Fix|Handl|Hid[ei]|Highlight|Ignor|Implement|Improv|Includ|Introduc|Keep"
    r"|Let|Limit|Log|Mak|Mark|Mov|Prevent|Print|Provid|Rais|Read|Reduc|Reject|Remov|Renam|Render|Replac|Requir"
    r"|Resolv|Respect|Restor|Return|Send|Show|Speed|Split|Stop|Support|Switch|Treat|Updat|Validat|Warn|Writ)(?-i:[a-z]*\b)"
    r"|No longer|It is now|(?:\S+ ){1,4}(?:now|no longer) |[`\w.()*-]+ (?:is now|are now|can now|has|accepts?|supports?"
    r"|returns?) |[A-Z][a-z]+ \d)",
    re.IGNORECASE,
)
"""How an entry begins that says what was changed."""
_FOR_USERS = re.compile(
    r"(?:Add|Allow|Support|Introduce|Enable|Deprecate|Speed up|(?:Remove|Drop)(?=.* support\b)"
    r"|Fix (?:an? )?(?:\w+ )?(?:crash|leak|hang|vulnerability|data loss)) ",
    re.IGNORECASE,
)
"""How a commit's subject begins that users would care for, where no type says what it is."""
_LEANS = re.compile(
    r"\A(?:In v?\d|Now,|Don.t |Do not |This|These|(?:When|If|While|As|After|Before|Where)\b[^,]*\Z)|\bplease\b"
    r"|\b(?:above|below|see also|see the|as follows|the following|this (?:bug|issue|change|fix))\b|#\d|\bGH-\d"
    r"|(?<!\w)_\w|->|\A[a-z]\w*_\w+: |\b(?=[a-f]*\d)[0-9a-f]{7,40}\b"
)
"""Half a sentence, or one that needs what stood around it."""
NO_NAMES = set_of("""
    main master trunk src source repo repository code project checkout work workspace app git build readme readme.md
    index documentation docs overview introduction home changelog guide usage installation untitled about api reference
    release releases tutorial quickstart examples faq feed feeds rss atom blog news notes posts articles pages site web
""")
"""Folders, pages and headings that are called as anybody's may be."""
