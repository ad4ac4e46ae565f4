"""Reads a judge's answer about a post, and holds it against post and material: what counts is what can be verified.

A judge lists the claims of a post, each with the words of the material that support it. The program looks each
quotation up in the material, and every sentence of the post among the claims. So a judge that says yes to everything,
makes its quotations up, leaves something out or obeys an order in the material is found out without being believed.

Anything but the form asked for is no answer: other keys, a string for a yes or no, words around the JSON, a verdict
that is none. Pure; who is asked, and how often, is left to `judge`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from twitter_manager.english import find_words, negations, shown, unspaced, words
from twitter_manager.writing.answers import read_json

MOST_CLAIMS = 40
"""More than any post or thread holds; an answer with more of them is none."""
LONGEST_FIELD = 2_000
LEAST_WORDS = 3
"""Words of a quotation; fewer prove nothing, unless they are a whole line of the material, such as a short title."""
PLACES, SENTENCE_CHARS = 20, 400
"""In how many places a quotation is looked at, and how much of what stands before it."""
COVERED = 0.8
"""The share of a sentence's words that claims must hold."""
OWN = 0.5
"""The share of a claim's words that must be the post's: a judge may say whom "it" means."""
GREETING_WORDS, REMARK_WORDS = 5, 10
"""Up to so many words a sentence without a number or a name may go unmentioned, called out (“See you there!”), where
the judge found no claim at all; and up to so many it may be called no claim."""
MOST_REASONS = 5
SUPPORTED, CONTRADICTED, NOT_SAID, NO_CLAIM = "supported", "contradicted", "not said", "no claim"
VERDICTS = (SUPPORTED, CONTRADICTED, NOT_SAID, NO_CLAIM)
_CLAIM_KEYS = {"claim", "quote", "verdict"}
_KEYS = {"claims", "misleading", "misleading_why", "harmful", "harmful_why", "self_contained"}


@dataclass(frozen=True, slots=True)
class Reading:
    """What an answer comes to. `reasons`: against the post, none where the judge says yes; `unusable`: why it is no
    answer, "" where it is one; `harm`: why no person would want it out, whatever its truth; `alone`: it can be
    understood without its link."""

    reasons: tuple[str, ...] = ()
    unusable: str = ""
    harm: str = ""
    alone: bool = True


def read(raw: str, parts: Sequence[str], material: str) -> Reading:
    """The answer `raw` about the post `parts`, held against the material as the judge was shown it."""
    answer = read_json(raw)
    if fault := _fault(answer):
        return Reading(unusable=fault)
    assert isinstance(answer, dict)
    claims: list[dict[str, str]] = answer["claims"]
    reasons = [reason for claim in claims if (reason := _against(claim))]
    if answer["misleading"]:
        reasons.append(f"It misleads: {shown(answer['misleading_why'], 200) or 'no reason given'}")
    harm = shown(answer["harmful_why"], 200) or "no reason given" if answer["harmful"] else ""
    if reasons or harm:
        return Reading(tuple(dict.fromkeys(reasons))[:MOST_REASONS], harm=harm)
    unproven = _unproven(claims, material) or _foreign(claims, parts) or _left_out(claims, parts)
    return Reading(unusable=unproven, alone=answer["self_contained"])


def fault(raw: str) -> str:
    """What keeps an answer from being of the form asked for; "" where it is."""
    return _fault(read_json(raw))


def _fault(answer: object) -> str:
    """What keeps an answer from being of the form asked for."""
    if not isinstance(answer, dict) or answer.keys() != _KEYS:
        return "it is not the JSON object that was asked for"
    if not all(type(answer[name]) is bool for name in ("misleading", "harmful", "self_contained")):
        return "a yes or no is none"
    if not all(isinstance(answer[name], str) for name in ("misleading_why", "harmful_why")):
        return "a reason is no text"
    claims = answer["claims"]
    if not isinstance(claims, list) or len(claims) > MOST_CLAIMS:
        return "its claims are no list, or more than a post can hold"
    for claim in claims:
        if not isinstance(claim, dict) or claim.keys() != _CLAIM_KEYS:
            return "a claim is not of the form asked for"
        if not all(isinstance(value, str) and len(value) <= LONGEST_FIELD for value in claim.values()):
            return "a claim holds something else than text"
        if claim["verdict"] not in VERDICTS or not claim["claim"].strip():
            return "a verdict is none of those asked for, or is about nothing"
    return ""


def _against(claim: dict[str, str]) -> str:
    about = f"“{shown(claim['claim'], 200)}”"
    if claim["verdict"] == CONTRADICTED:
        return f"The material says otherwise than {about}"
    return f"The material does not say {about}" if claim["verdict"] == NOT_SAID else ""


# --- Quotations ------------------------------------------------------------------------------------------------------


def _unproven(claims: Sequence[dict[str, str]], material: str) -> str:
    """The first supported claim whose quotation does not stand in the material."""
    lines = [_plain(line) for line in material.splitlines()]
    whole = f" {_plain(material)} "
    for claim in claims:
        if claim["verdict"] == SUPPORTED and not _stands(claim["quote"], whole, lines):
            return f"the material has no such words as are quoted for “{shown(claim['claim'], 100)}”"
    return ""


def _stands(quote: str, whole: str, lines: Sequence[str]) -> bool:
    """Whether the quotation's pieces, which are parted by an ellipsis, stand in the material in this order, without a
    “not” that was passed over before one of them or between two."""
    pieces = _pieces(quote)
    if not pieces:
        return False
    if len(pieces) == 1 and pieces[0] in lines:
        return True
    if sum(map(_size, pieces)) < LEAST_WORDS or any(_size(piece) < 2 for piece in pieces):
        return False
    end = 0
    for at, piece in enumerate(pieces):
        start = _found(piece, whole, end, first=not at)
        if start < 0:
            return False
        end = start + len(piece)
    return True


@dataclass(frozen=True, slots=True)
class Claim:
    """What a judge says of one claim of a post. `spans`: where in the material its quotation stands, piece by piece;
    none where it does not stand there."""

    claim: str
    quote: str
    verdict: str
    spans: tuple[tuple[int, int], ...] = ()


def claims(raw: str, material: str) -> tuple[Claim, ...]:
    """The claims of an answer, each with the place of its quotation; none of an answer that is not of the form asked
    for."""
    answer = read_json(raw)
    if _fault(answer):
        return ()
    assert isinstance(answer, dict)
    lines, whole = [_plain(line) for line in material.splitlines()], f" {_plain(material)} "
    folded, origins = _folded(material)
    return tuple(
        Claim(
            each["claim"],
            each["quote"],
            each["verdict"],
            _spans(each["quote"], folded, origins) if _stands(each["quote"], whole, lines) else (),
        )
        for each in answer["claims"]
    )


def _folded(text: str) -> tuple[str, list[int]]:
    """Text as `_plain` compares it, its ends apart, and where each of its characters comes from."""
    folded, origins = [" "], [0]
    for cluster in re.finditer(r"\s+|.[\u0300-\u036f\u3099\u309a]*", text):
        plain = " " if cluster[0].isspace() else unicodedata.normalize("NFKC", cluster[0]).casefold()
        for character in plain.translate(_marks()):
            folded.append(character)
            origins.append(cluster.start())
    return "".join((*folded, " ")), [*origins, len(text)]


def _spans(quote: str, folded: str, origins: Sequence[int]) -> tuple[tuple[int, int], ...]:
    """Where the pieces of a quotation that stands in a text are in it."""
    spans: list[tuple[int, int]] = []
    end = 0
    for at, piece in enumerate(_pieces(quote)):
        start = _found(piece, folded, end, first=not at)
        if start >= 0:
            end = start + len(piece)
            spans.append((origins[start], origins[end]))
    return tuple(spans)


def _pieces(quote: str) -> list[str]:
    """What an ellipsis parts."""
    return [piece for each in re.split(r"\[?(?:…|\.{3,})\]?", quote[:LONGEST_FIELD]) if (piece := _plain(each))]


def _found(piece: str, whole: str, end: int, *, first: bool) -> int:
    """Where a piece stands behind `end` with no “not” passed over before it; -1 where it does not, among its first
    PLACES."""
    start = end - 1
    for _ in range(PLACES):
        start = find_words(piece, whole, start + 1)
        if start < 0:
            return -1
        skipped = whole[max(0 if first else end, start - SENTENCE_CHARS) : start]
        if not _passes_over_a_not(skipped, near=first):
            return start
    return -1


def _passes_over_a_not(text: str, *, near: bool) -> bool:
    """Whether what was left out, back to the end of the sentence before, turns round what is quoted. `near`: only its
    last two words count: that is what a quotation's beginning could cut off."""
    sentence = re.split(r"[.!?。！？;:]\s|[。！？]", text)[-1]
    said = words(sentence)
    return any(word in _negations() for word in (said[-2:] if near else said))


def _size(piece: str) -> int:
    """Words; two letters of a script without spaces count as one."""
    said = words(piece)
    letters = sum(1 for word in said if unspaced().fullmatch(word))
    return len(said) - letters + -(-letters // 2)


def _plain(text: str) -> str:
    """Text as it is compared: one case, one kind of quotation mark, dash and blank, no marks at its ends."""
    folded = unicodedata.normalize("NFKC", text).casefold().translate(_marks())
    return " ".join(folded.split()).strip(" .,;:!?'-。、，！？*_`()")


@cache
def _negations() -> frozenset[str]:
    """Of all languages: material and post may be in two. Without those that are more often something else, a month, a
    person or a part of a word."""
    return negations() - {"mai", "personne", "ず"}


@cache
def _marks() -> dict[int, str]:
    quotes = dict.fromkeys(map(ord, '‘’‚‛“”„‟«»‹›"`´′″「」『』'), "'")
    dashes = dict.fromkeys(map(ord, "‐‑‒–—―−"), "-")
    return quotes | dashes | dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"), "")


# --- What the claims cover -------------------------------------------------------------------------------------------


def _foreign(claims: Sequence[dict[str, str]], parts: Sequence[str]) -> str:
    """The first claim that is not the post's but, say, the material's: other words, or a “not” that the post hasn't."""
    post = {word for part in parts for word in words(part)}
    for claim in claims:
        claimed = words(claim["claim"])
        turned = not post & _negations() and any(word in _negations() for word in claimed)
        if turned or sum(word in post for word in claimed) < OWN * len(claimed):
            return f"“{shown(claim['claim'], 100)}” is not what the post says"
    return ""


def _left_out(claims: Sequence[dict[str, str]], parts: Sequence[str]) -> str:
    """The first sentence of the post that says something and stands in no claim."""
    stated, remarks = _words_of(claims, SUPPORTED), _words_of(claims, NO_CLAIM)
    for sentence in (sentence for part in parts for sentence in sentences(part)):
        said = words(sentence)
        if not said or _covers(stated, said):
            continue
        if is_remark(sentence, REMARK_WORDS) and _covers(remarks | stated, said):
            continue
        if not claims and is_remark(sentence, GREETING_WORDS, called=True):
            continue
        return f"“{shown(sentence, 100)}” is left out of the claims"
    return ""


def _words_of(claims: Sequence[dict[str, str]], verdict: str) -> set[str]:
    return {word for claim in claims if claim["verdict"] == verdict for word in words(claim["claim"])}


def _covers(claimed: set[str], said: Sequence[str]) -> bool:
    """Whether claims hold most words of a sentence, and every number and “not” of it."""
    must = {word for word in said if word[0].isdigit() or word in _negations()}
    return must <= claimed and sum(word in claimed for word in said) >= COVERED * len(said)


def is_remark(sentence: str, most: int, *, called: bool = False) -> bool:
    """Whether a sentence may be no claim: a greeting, a short question, an invitation; with a number or a name in it,
    it is one. `called`: only with a mark of exclamation or question, as in “See you there!”."""
    short = _size(sentence) <= most
    marked = not called or sentence.rstrip(" )\"”»'’").endswith(("!", "?", "！", "？"))
    return short and marked and not any(c.isdigit() for c in sentence) and not _NAME.search(sentence)


_NAME = re.compile(r"(?<=[^\W\d_] )(?:[A-Z]{2,}|[A-Z][a-z]*[A-Z]|[A-Z][\w'’]* [A-Z])\w*|[\w.]+\(\)|\w_\w|`")
"""What is surely a name or code inside a sentence. One capital alone is none: German writes every noun with one."""


def sentences(text: str) -> list[str]:
    """The sentences of a post, lines parted; rough, for it only decides what must stand in a claim."""
    return [sentence.strip() for sentence in re.split(r"(?<=[.!?…])\s+|(?<=[。！？])|\n+", text) if sentence.strip()]
