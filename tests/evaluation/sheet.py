"""What a reader of the real set gets, and the table of what they thought of it."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from twitter_manager.domain import Item, Json

OURS, TITLE, SENTENCE = "ours", "Title, link", "Title: first sentence"
KINDS = {
    "entry": "feeds",
    "page": "pages",
    "document": "documents",
    "release": "releases",
    "commit": "commits",
    "note": "starter notes",
}
FAULTS = (
    "context missing", "commit noise", "dull", "page junk", "markup", "fragment", "stale", "quote form",
    "wrong language", "false or misattributed", "other",
)  # fmt: skip
_SHOWN = 1500
"""Characters of an item's text."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A post as each platform shows it (`x`, `bluesky`), the trivial designs, and the material."""

    id: str
    kind: str
    language: str
    designs: Mapping[str, str]
    item: Json
    form: str


@dataclass(frozen=True, slots=True)
class Nothing:
    """An item that gave no post. `refused`: some of the candidates."""

    bot: str
    kind: str
    title: str
    why: str
    refused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mark:
    """A reader's word on one post of one design."""

    design: str
    id: str
    ok: bool
    fault: str = ""


class BadMarks(ValueError):
    """A line of marks that can't be counted."""


def trivial(item: Item) -> dict[str, str]:
    """The two designs that anybody would make first; a note has no title, and is its own first sentence."""
    first = re.split(r"(?<=[.!?])\s|(?<=[。！？])|\n\n", item.text, maxsplit=1)[0]
    title = item.title or first
    link = f"\n{item.url}" if item.url else ""
    return {TITLE: title + link, SENTENCE: (f"{title}: {first}" if item.title else first) + link}


def material(item: Item) -> Json:
    whole = {"title": item.title, "project": item.project, "headings": item.headings, "summary": item.summary}
    text = item.text if len(item.text) <= _SHOWN else item.text[:_SHOWN] + " […]"
    day = f"{item.published_at:%Y-%m-%d}" if item.published_at else ""
    return {name: value for name, value in (whole | {"date": day, "url": item.url, "text": text}).items() if value}


def as_json(made: Sequence[Shown], without: Sequence[Nothing]) -> str:
    whole = {"posts": [asdict(one) for one in made], "without": [asdict(one) for one in without]}
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def markdown(made: Sequence[Shown], without: Sequence[Nothing]) -> str:
    """One post after the other: as it is shown, the trivial designs, the material."""
    return "\n".join(["# Posts from real material", "", summary(made, without), *_sheet(made), *_rest(without)]) + "\n"


def _sheet(made: Sequence[Shown]) -> Iterator[str]:
    for one in made:
        yield f"\n## {one.id} ({KINDS.get(one.kind, one.kind)}, {one.language}; {one.form})\n"
        names = {"x": "X, no link", "bluesky": "Bluesky, with link"}
        for design in (*names, TITLE, SENTENCE):
            yield f"**{names.get(design, design)}**\n\n{_fenced(one.designs.get(design, '— left out —'))}\n"
        yield "Material:\n"
        yield _fenced("\n".join(f"{name}: {_line(value)}" for name, value in one.item.items()))


def _rest(without: Sequence[Nothing]) -> Iterator[str]:
    yield "\n## Items that gave no post\n"
    for one in without:
        yield f"- {one.bot} ({one.kind}) {_line(one.title)!r}: {_line(one.why)}"
        yield from (f"    - {_line(text)!r}" for text in one.refused)


def _fenced(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())


def _line(value: object) -> str:
    return " > ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def summary(made: Sequence[Shown], without: Sequence[Nothing]) -> str:
    """How many posts of which kind, and why the other items gave none."""
    kinds = Counter(KINDS.get(one.kind, one.kind) for one in made)
    whys = Counter(one.why for one in without)
    left_out = sum("x" not in one.designs for one in made)
    lines = [f"{len(made)} posts: {', '.join(f'{name} {count}' for name, count in kinds.most_common())}."]
    lines += [f"{left_out} of them only with their link. {len(without)} items were tried and gave none:"]
    return "\n".join([*lines, *(f"- {count} × {why}" for why, count in whys.most_common())])


def read_marks(path: Path) -> list[Mark]:
    """Marks as JSON lines: `{"id": "attrs-1", "design": "ours", "ok": false, "fault": "dull"}`. Raises BadMarks."""
    marks = []
    for at, line in enumerate(path.read_text().splitlines(), start=1):
        if not line.strip():
            continue
        try:
            mark = Mark(**({"design": OURS} | json.loads(line)))
        except (ValueError, TypeError):
            raise BadMarks(f"{path}, line {at}: is no mark. Write id, design, ok and fault as JSON.") from None
        if mark.design not in (OURS, TITLE, SENTENCE) or (mark.fault not in FAULTS and not mark.ok):
            known = ", ".join((OURS, TITLE, SENTENCE, *FAULTS))
            raise BadMarks(f"{path}, line {at}: unknown design or fault. Known: {known}.")
        marks.append(mark)
    return marks


def table(marks: Sequence[Mark], made: Json) -> str:
    """The share of publishable posts by kind and design, and the faults of ours, in Markdown."""
    kinds = {one["id"]: KINDS.get(one["kind"], one["kind"]) for one in made["posts"]}
    marks = [mark for mark in marks if mark.id in kinds]
    rows = [
        "| kind | posts | ours | Title, link | Title: first sentence | faults of ours |",
        "|---|--:|--:|--:|--:|---|",
    ]
    for kind in (*[name for name in KINDS.values() if name in kinds.values()], ""):
        mine = [mark for mark in marks if kind in ("", kinds[mark.id])]
        faults = Counter(mark.fault for mark in mine if mark.design == OURS and not mark.ok)
        shares = [_share([mark.ok for mark in mine if mark.design == design]) for design in (OURS, TITLE, SENTENCE)]
        told = ", ".join(f"{fault} {count}" for fault, count in faults.most_common()) or "–"
        count = sum(mark.design == OURS for mark in mine)
        rows.append(f"| {kind or 'all'} | {count} | {' | '.join(shares)} | {told} |")
    return "\n".join(rows)


def _share(oks: Sequence[bool]) -> str:
    return f"{100 * sum(oks) / len(oks):.0f} %" if oks else "–"
