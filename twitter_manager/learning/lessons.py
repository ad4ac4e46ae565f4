"""What a person's edits and skips teach, as rules in plain words, each with the posts that show it. Pure.

A rule is found only where it holds clearly. Nothing follows from it until the person accepts it."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from statistics import median

from twitter_manager.english import EMOJI, HASHTAG, LINK
from twitter_manager.store.lessons import Decided, Edited

LEAST_CASES = 5
LEAST_SHARE = 0.8
"""From so many cases on, and in such a share of them, a rule is clear."""
APART = 0.3
"""By so much the share of skips must differ from that of all other drafts: who skips all alike means no topic."""
_LONG = 80
"""Characters from which on a text can be shortened in a way that says something."""
_SHORTER = 0.75
_OPENER = re.compile(r"([^\n:!?.#@]{2,40}[:!?])\s+(?=\S)")
_WORD = re.compile(r"[^\W\d_]{3,}(?:['’-][^\W\d_]+)*")
_MOST_WORDS = 120
"""Of a post, that are compared word by word."""


@dataclass(frozen=True, slots=True)
class Now:
    """The settings that a lesson would change, as they are. `weights`: by their keys ("topics.git")."""

    hashtags: tuple[str, ...] = ()
    max_hashtags: int = 3
    max_chars: int | None = None
    dont: tuple[str, ...] = ()
    openers: tuple[str, ...] = ()
    weights: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change:
    """A key of the bot's file and its new value."""

    key: str
    value: object


@dataclass(frozen=True, slots=True)
class Lesson:
    """A rule. `rule`: its name, which stays; `shown`: what shows it, the newest first, of so many (`of`) that could;
    `changes`: what accepting it sets; `by_hand`: what a person does themselves where no setting does it."""

    rule: str
    words: str
    shown: Sequence[Edited | Decided]
    of: int
    changes: Sequence[Change] = ()
    by_hand: str = ""

    @property
    def drafts(self) -> list[int]:
        """Those that show it."""
        return [shown.draft for shown in self.shown]


def found(edits: Sequence[Edited], decisions: Sequence[Decided], now: Now) -> list[Lesson]:
    """The rules that hold clearly and that no setting follows yet."""
    rules = (_hashtags, _emoji, _exclamation_marks, _shortened, _openers, _words)
    lessons = [*(lesson for rule in rules for lesson in rule(edits, now)), *_skips(decisions, now)]
    return [
        lesson
        for lesson in lessons
        if (lesson.changes or lesson.by_hand)
        and len(lesson.shown) >= LEAST_CASES
        and len(lesson.shown) >= LEAST_SHARE * lesson.of
    ]


def _lesson(rule: str, did: str, shown: Sequence[Edited | Decided], of: int, changes: Sequence[Change]) -> Lesson:
    return Lesson(rule, f"You {did} {len(shown)} times of {of}", shown, of, changes)


def _hashtags(edits: Sequence[Edited], now: Now) -> Iterator[Lesson]:
    changes = (Change("hashtags", []),) * bool(now.hashtags) + (Change("max_hashtags", 0),)
    if now.hashtags or now.max_hashtags:
        yield _removed(edits, "hashtags", "the hashtags", HASHTAG, changes)


def _emoji(edits: Sequence[Edited], now: Now) -> Iterator[Lesson]:
    yield _removed(edits, "emoji", "the emoji", EMOJI, _not_to("use emoji", now))


def _exclamation_marks(edits: Sequence[Edited], now: Now) -> Iterator[Lesson]:
    yield _removed(edits, "exclamation", "the exclamation marks", "[!！]", _not_to("use exclamation marks", now))


def _removed(edits: Sequence[Edited], rule: str, what: str, pattern: str, changes: Sequence[Change]) -> Lesson:
    """That a person takes something out wherever it stands."""
    concerned = [edit for edit in edits if re.search(pattern, edit.before)]
    shown = [edit for edit in concerned if not re.search(pattern, edit.after)]
    return _lesson(rule, f"removed {what}", shown, len(concerned), changes)


def _shortened(edits: Sequence[Edited], now: Now) -> Iterator[Lesson]:
    concerned = [edit for edit in edits if len(_bare(edit.before)) >= _LONG]
    short = [edit for edit in concerned if len(_bare(edit.after)) <= _SHORTER * len(_bare(edit.before))]
    if not short:
        return
    lengths = sorted(len(_bare(edit.after)) for edit in short)
    usual = min(max(-(-lengths[int(0.9 * (len(lengths) - 1))] // 10) * 10, 60), 500)
    saved = 1 - median(len(_bare(edit.after)) / len(_bare(edit.before)) for edit in short)
    if now.max_chars is None or now.max_chars > usual:
        did = f"shortened posts by {saved:.0%} as a rule,"
        yield _lesson("length", did, short, len(concerned), [Change("style.max_chars", usual)])


def _bare(text: str) -> str:
    """Without addresses, whose length says nothing."""
    return re.sub(LINK, "", text).strip()


def _openers(edits: Sequence[Edited], now: Now) -> Iterator[Lesson]:
    opened = [(edit, match) for edit in edits if (match := _OPENER.match(edit.before))]
    removed = {edit: match[1] for edit, match in opened if _begins_without(edit, match)}
    if removed:
        [(commonest, _)] = Counter(removed.values()).most_common(1)
        changes = _not_to("begin with an opening such as “Good news:”", now)
        if now.openers:
            changes = [Change("persona.openers", [])]
        yield _lesson("opener", f"removed the opening (“{commonest}”)", list(removed), len(opened), changes)


def _begins_without(edit: Edited, match: re.Match[str]) -> bool:
    """Whether the opener went, and what came behind it stays at the beginning."""
    rest = edit.before[match.end() :].casefold()
    return not edit.after.startswith(match[1]) and edit.after[:12].casefold() == rest[:12]


def _words(edits: Sequence[Edited], now: Now) -> Iterator[Lesson]:
    """That a person always puts one certain word in the place of another."""
    swaps: defaultdict[tuple[str, str], list[Edited]] = defaultdict(list)
    held: Counter[str] = Counter()
    for edit in edits:
        before, after = (_WORD.findall(text.casefold())[:_MOST_WORDS] for text in (edit.before, edit.after))
        held.update(set(before))
        for pair in set(_swapped(before, after)):
            swaps[pair].append(edit)
    for (old, new), shown in sorted(swaps.items()):
        changes = _not_to(f"write “{old}”: write “{new}”", now)
        yield _lesson(f"word:{old}", f"wrote “{new}” in the place of “{old}”", shown, held[old], changes)


def _swapped(before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[str, str]]:
    """One word for one; not where the old one stays elsewhere."""
    for kind, begin, end, start, stop in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "replace" and end - begin == stop - start:
            pairs = zip(before[begin:end], after[start:stop], strict=True)
            yield from ((old, new) for old, new in pairs if old not in after)


def _not_to(wish: str, now: Now) -> Sequence[Change]:
    """One more line of what a model is told not to do; none where it stands there."""
    return [] if wish in now.dont else [Change("persona.dont", [*now.dont, wish])]


_KINDS: tuple[tuple[str, str, Callable[[Decided], str]], ...] = (
    ("topic", "posts on {}", lambda decision: decision.topic),
    ("format", "posts of the format {}", lambda decision: decision.format),
    ("source", "posts from the source {}", lambda decision: decision.source),
    ("pictures", "posts with a picture", lambda decision: "a picture" if decision.pictured else ""),
)
_BY_HAND = {
    "topic": "To write less on it: name all topics in [topics] of the bot's file, each with its weight.",
    "source": "To post nothing more from it: sources remove {}",
    "pictures": "To post without pictures: say images = false in the bot's sources.",
}


def _skips(decisions: Sequence[Decided], now: Now) -> Iterator[Lesson]:
    """That a person skips what they would mostly let go out otherwise."""
    for kind, what, name_of in _KINDS:
        of_name: defaultdict[str, list[Decided]] = defaultdict(list)
        for decision in decisions:
            of_name[name_of(decision)].append(decision)
        for name, concerned in sorted(of_name.items()):
            shown = [decision for decision in concerned if decision.skipped]
            others = [decision.skipped for decision in decisions if name_of(decision) != name]
            if name and others and len(shown) / len(concerned) - sum(others) / len(others) >= APART:
                lesson = _lesson(
                    f"{kind}:{name}", f"skipped {what.format(name)}", shown, len(concerned), _lighter(kind, name, now)
                )
                yield lesson if lesson.changes else replace(lesson, by_hand=_BY_HAND.get(kind, "").format(name))


def _lighter(kind: str, name: str, now: Now) -> Sequence[Change]:
    """A topic or a format that has a weight comes a quarter as often."""
    key = f"{kind}s.{name}"
    return [Change(key, round(now.weights[key] / 4, 4))] if key in now.weights else []
