"""Learns how a person writes from a file of their own past posts: lengths, openings, punctuation, emoji, words.

Every trait is a plain count that a person can check by eye. What a prompt makes of it is left to `brief`.
"""

from __future__ import annotations

import csv
import html
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import quantiles

from twitter_manager.domain import Brief, Json
from twitter_manager.english import EMOJI, HASHTAG, LINK, function_words, sentences, words
from twitter_manager.errors import TwitterManagerError

LARGEST = 64 * 1024 * 1024
"""Bytes of a file to learn from: an X archive of many years."""
FEWEST, MOST = 5, 20_000
"""How many posts can be learned from; of more the last ones count."""
LONGEST = 4_000
"""Characters of one post; a longer piece is an article."""
FIELDS = ("full_text", "text", "tweet", "content", "post")
"""How the field is called that holds a post, in JSON lines and CSV."""
KINDS = ".txt, .md, .jsonl, .csv, or tweets.js of an X archive"
NEAREST = 3
"""So many of the posts go into a prompt."""

TRAITS: Mapping[str, tuple[str, str]] = {
    "emoji": (EMOJI, "emoji"),
    "hashtags": (HASHTAG, "hashtags"),
    "questions": (r"[?？؟](?:\s|$)", "a question"),
    "exclamations": (r"[!！](?:\s|$)", "an exclamation mark"),
    "ellipses": (r"\.\.\.|…", "an ellipsis"),
    "dashes": (r"[–—]|\s-\s", "a dash"),
    "brackets": (r"\([^)]+\)", "brackets"),
    "line breaks": (r"\n", "several lines"),
    "first person": (r"\b(?:I|we|my|our|We|My|Our)\b", "“I” or “we”"),
    "small beginnings": (r"\A[^\W\d_A-Z]", "a small letter at its beginning"),
}
"""What a post can have, by name: the expression that finds it, and how it is told."""


class BadSample(TwitterManagerError):
    """The file of past posts can't be learned from."""


@dataclass(frozen=True, slots=True)
class Style:
    """How a person writes. `lengths` and `sentences` (characters of a post, words of a sentence) are the lower
    quartile, the median and the upper one; `traits`: the share of posts (0 to 1) that have each of TRAITS; the lists
    hold what occurs in more than one post with its number of posts, most first."""

    posts: tuple[str, ...] = field(repr=False)
    lengths: tuple[float, float, float]
    sentences: tuple[float, float, float]
    traits: Mapping[str, float]
    openings: tuple[tuple[str, int], ...]
    emoji: tuple[tuple[str, int], ...]
    hashtags: tuple[tuple[str, int], ...]
    vocabulary: tuple[tuple[str, int], ...]

    def as_json(self) -> Json:
        """The object that `style show --json` prints."""
        return {
            "posts": len(self.posts),
            "characters": dict(zip(("lower", "median", "upper"), self.lengths, strict=True)),
            "sentence_words": dict(zip(("lower", "median", "upper"), self.sentences, strict=True)),
            "traits": {name: round(share, 3) for name, share in self.traits.items()},
            "openings": dict(self.openings),
            "emoji": dict(self.emoji),
            "hashtags": dict(self.hashtags),
            "vocabulary": dict(self.vocabulary),
        }

    def told(self) -> tuple[str, ...]:
        """The style in a few lines, for a model."""
        low, middle, high = (round(value) for value in self.lengths)
        lines = [f"Length: mostly {low} to {high} characters, typically {middle}."]
        lines.append(f"Sentences: mostly {self.sentences[0]:.0f} to {self.sentences[2]:.0f} words.")
        often = [TRAITS[name][1] for name, share in self.traits.items() if share >= 0.5]
        never = [TRAITS[name][1] for name, share in self.traits.items() if share <= 0.02 and name != "hashtags"]
        lines += [f"Most posts have: {', '.join(often)}."] if often else []
        lines += [f"Posts never have: {', '.join(never)}."] if never else []
        lines += [f"Emoji used: {' '.join(name for name, _ in self.emoji[:5])}"] if self.emoji else []
        return tuple(lines)

    def nearest(self, form: str, length: int) -> tuple[str, ...]:
        """The posts that are most like one of this format and length, for a model to take the tone from."""
        asks = re.compile(TRAITS["questions"][0])

        def distance(post: str) -> tuple[bool, int]:
            return bool(asks.search(post)) != (form == "question"), abs(len(post) - length)

        return tuple(sorted(dict.fromkeys(self.posts), key=distance)[:NEAREST])

    def closeness(self, parts: Sequence[str]) -> float:
        """How like (0 to 1) a post is to the learned ones: the share of posts that are as it is, trait by trait, and
        its length and its sentences' against the usual ones. Hashtags are left out: the settings append them."""
        text = re.sub(TRAITS["hashtags"][0], "", "\n\n".join(parts)).strip()
        has = _traits(text)
        shares = [
            share if has[name] else 1 - share
            for name, share in self.traits.items()
            if name != "hashtags" and (name != "line breaks" or len(parts) == 1)
        ]
        shares += [_within(len(part), self.lengths) for part in parts[:1]]
        shares += [_within(_sentence_words(text), self.sentences)]
        return sum(shares) / len(shares)

    def dress(self, brief: Brief) -> Brief:
        """The brief with what is told of the style, and with the nearest posts before the persona's own samples."""
        near = self.nearest(brief.format, min(brief.max_chars, round(self.lengths[1])))
        return replace(
            brief, style=self.told(), persona=replace(brief.persona, samples=(*near, *brief.persona.samples))
        )


def learn(path: Path) -> Style:
    """The style of the posts in a file. Raises BadSample."""
    posts = read_posts(path)
    if len(posts) < FEWEST:
        raise BadSample(
            f"{path} holds {len(posts)} posts of its own, and fewer than {FEWEST} show no style.",
            f"Add more; it takes {KINDS}.",
        )
    bare = [re.sub(LINK, "", post).strip() for post in posts]
    traits = [_traits(post) for post in bare]
    return Style(
        posts=tuple(posts),
        lengths=_quartiles([len(post) for post in posts]),
        sentences=_quartiles([_sentence_words(post) for post in bare]),
        traits={name: sum(post_traits[name] for post_traits in traits) / len(posts) for name in TRAITS},
        openings=_common(bare, lambda post: [" ".join(words(post)[:2])]),
        emoji=_common(bare, lambda post: re.findall(EMOJI, post)),
        hashtags=_common(bare, lambda post: [tag.casefold() for tag in re.findall(TRAITS["hashtags"][0], post)]),
        vocabulary=_common(bare, lambda post: [w for w in words(post) if len(w) > 2 and w not in function_words()], 20),
    )


def read_posts(path: Path) -> list[str]:
    """The person's own posts in a file, by its ending; reposts and replies of an archive left out. Raises BadSample."""
    readers: Mapping[str, Callable[[str], Iterable[object]]] = {
        ".txt": _blocks,
        ".md": _blocks,
        ".jsonl": _json_lines,
        ".csv": _csv,
        ".js": _archive,
    }
    if path.suffix.lower() not in readers:
        raise BadSample(f"{path} is of a kind that is not known.", f"It takes {KINDS}.")
    content = _content(path)
    try:
        posts = [_post(post) for post in readers[path.suffix.lower()](content)]
    except (ValueError, RecursionError, csv.Error) as error:
        raise BadSample(f"{path} can't be read as {path.suffix}: {str(error)[:150]}.", "Mend that place.") from None
    return [post for post in posts if post][-MOST:]


def _content(path: Path) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST + 1)
    except OSError as error:
        raise BadSample(f"{path} can't be read ({error.strerror}).", "Mend learn_from in the bot file.") from None
    if len(raw) > LARGEST:
        raise BadSample(f"{path} is larger than {LARGEST // 1024**2} MB.", "Give a part of it.")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise BadSample(f"{path} is not UTF-8 text (line {line}).", "Save it as UTF-8.") from None


def _post(field_text: object) -> str:
    """One post as text, "" where it is none to learn from."""
    if not isinstance(field_text, str):
        return ""
    text = re.sub(r"https?://t\.co/\w+", "", html.unescape(field_text)).replace("\r\n", "\n").strip()
    text = "".join(c for c in text if c == "\n" or c.isprintable() or c in "\u200d\ufe0f")
    return "" if len(text) > LONGEST or text.startswith("RT @") else text


def _blocks(content: str) -> Iterable[str]:
    return re.split(r"\n\s*\n", content.replace("\r\n", "\n"))


def _json_lines(content: str) -> Iterable[object]:
    for number, line in enumerate(content.split("\n"), start=1):
        if line.strip():
            try:
                record = json.loads(line)
            except ValueError:
                raise ValueError(f"line {number} is no JSON") from None
            yield _field(record) if isinstance(record, dict) else record


def _csv(content: str) -> Iterable[object]:
    rows = csv.DictReader(content.splitlines(keepends=True))
    names = {name.strip().casefold(): name for name in rows.fieldnames or () if name}
    column = next((names[name] for name in FIELDS if name in names), None)
    if column is None:
        raise ValueError(f"no column is called {' or '.join(FIELDS)}")
    return [row[column] for row in rows]


def _archive(content: str) -> Iterable[object]:
    """X's archive: `window.YTD.tweets.part0 = [{"tweet": {…}}, …]`
    (https://help.x.com/en/managing-your-account/how-to-download-your-x-archive)."""
    _, sign, rest = content.partition("=")
    listed = json.loads(rest.strip().rstrip(";")) if sign and content.lstrip().startswith("window.") else None
    if not isinstance(listed, list):
        raise ValueError("it does not begin as tweets.js of an X archive does")
    for entry in listed:
        tweet = entry.get("tweet", entry) if isinstance(entry, dict) else {}
        if isinstance(tweet, dict) and not tweet.get("in_reply_to_status_id"):
            yield _field(tweet)


def _field(record: Mapping[str, object]) -> object:
    return next((record[name] for name in FIELDS if isinstance(record.get(name), str)), None)


def _traits(post: str) -> dict[str, bool]:
    return {name: bool(re.search(expression, post)) for name, (expression, _) in TRAITS.items()}


def _sentence_words(post: str) -> float:
    """Words of a sentence, on average."""
    lengths = [length for each in sentences(post) if (length := len(words(each)))]
    return sum(lengths) / max(1, len(lengths))


def _quartiles(values: Sequence[float]) -> tuple[float, float, float]:
    low, middle, high = quantiles(values, n=4, method="inclusive")
    return round(low, 1), round(middle, 1), round(high, 1)


def _within(value: float, usual: tuple[float, float, float]) -> float:
    """1 between the quartiles, less the further it is away from them."""
    low, _, high = usual
    away = max(low - value, value - high, 0.0)
    return 1 / (1 + away / max(1.0, (high - low) / 2, high / 4))


def _common(posts: Sequence[str], of: Callable[[str], Iterable[str]], most: int = 8) -> tuple[tuple[str, int], ...]:
    """What more than one post has, with their number."""
    counted = Counter(each for post in posts for each in dict.fromkeys(of(post)) if each)
    return tuple((name, number) for name, number in counted.most_common(most) if number > 1)
