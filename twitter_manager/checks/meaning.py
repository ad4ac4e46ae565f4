"""Rules on what a post makes of its material: nothing turned round, left out that limits, exchanged or added.

Each clause of the post must be one clause of the material in other words: its words in the same parts (subject and
object, what each preposition governs), as often negated, as limited, hanging on its sentence by the same conjunction.
What may differ is a closed list: the passive, the place of a phrase, a pronoun for its words, synonyms of a table.
A sentence that is the material's own, word for word, is not looked at. It is a comparison of words without a parser,
strict where it is unsure: a true rewording that it refuses costs a candidate. How often it errs is measured on
tests/checks/pairs.toml. It reads English; of a text in another language it says nothing.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from twitter_manager.checks import vocabulary as v
from twitter_manager.checks.alignment import Material, Pair, links, meant, pairs, read, reworded, same_marker
from twitter_manager.checks.clauses import Clause, Word, clauses, is_opener
from twitter_manager.checks.context import CheckContext
from twitter_manager.checks.words import shown
from twitter_manager.domain import Violation

_MOST_CHARACTERS = 5_000
_MOST_CLAUSES = 120
"""Of a part; what is longer is no post, and would take too much time."""
_LIMITING = frozenset({"only", "usually", "by default", "in most cases"})
_WHOLE_CLAUSE = _LIMITING | {"must", "may", "can", "should", "plans", "expected", "said", "sometimes", "yet", "partly"}
"""Qualifiers of a whole clause; the others qualify the next word."""
_FAR = frozenset({"said", "plans", "expected"})
"""Qualifiers that may stand in another clause of the sentence: "…, the study found"."""

_Finding = tuple[str, str]
_Rule = Callable[[Sequence[str], CheckContext], Iterator[Violation]]


def _rule(name: str, what: str) -> _Rule:
    def check(parts: Sequence[str], context: CheckContext) -> Iterator[Violation]:
        for at, part in enumerate(parts if context.material and context.written_by_model else ()):
            said = [message for rule, message in _findings(part, context.material or ()) if rule == name]
            yield from (Violation(name, message, at) for message in said[:1])

    check.__doc__ = what
    return check


roles = _rule("roles", "Who does what to whom, where, when, from where, than what: as the material has it.")
negations = _rule("negations", "No negation, and no word such as refuses, lacks or ignores, is lost or added.")
qualifiers = _rule("qualifiers", "Only, usually, at most, some, may, unless … are kept; always, must, all … not added.")
causes = _rule("causes", "No reason that the material doesn't give.")
comparisons = _rule("comparisons", "No comparison, rank or praise that the material doesn't have.")
amounts = _rule("amounts", "Numbers count what they count in the material, in the same unit.")
additions = _rule("additions", "No word that is neither the material's nor a synonym of one of its.")


@functools.lru_cache(maxsize=64)
def _findings(part: str, texts: tuple[str, ...]) -> tuple[_Finding, ...]:
    """All that is wrong with a part, each with the name of its rule."""
    material = read(texts)
    if not material.english:
        return ()
    found = clauses(part) if len(part) <= _MOST_CHARACTERS else ()
    if len(found) > _MOST_CLAUSES or len(part) > _MOST_CHARACTERS:
        return (("roles", "It is too long to be compared with its material."),)
    new = reworded(found, material)
    sources: dict[Clause, Sequence[Clause]] = {}
    said: list[_Finding] = []
    for clause in new:
        problems, sources[clause] = _compare(clause, found, material)
        said += problems
    said += _wrong_links(new, sources, material)
    said += _dropped_conditions(new, found, sources, material)
    said += _new_words(new, material)
    said += _wrong_amounts(new, material)
    return tuple(said)


def _compare(clause: Clause, whole: Sequence[Clause], material: Material) -> tuple[list[_Finding], list[Clause]]:
    """What is wrong with a clause beside the clause of the material that it fits best, and all that it fits."""
    if is_opener(clause.tokens) and clause.sentence != whole[-1].sentence:
        return [], []
    if not clause.words:
        return [], [one for one in material.clauses if _both_empty(one, clause)]
    if not any(material.meant(word.stem) for word in clause.words):
        return [], []
    candidates = pairs(clause, material)
    if not candidates:
        return [("roles", f"It puts together what the material doesn't: “{shown(clause.text)}”")], []
    judged = [(pair, list(_problems(pair, whole, material))) for pair in candidates]
    fitting = [pair.source for pair, problems in judged if not problems]
    if fitting:
        return [], fitting
    return max(judged, key=lambda one: (one[0].share, -len(one[1])))[1], []


def _both_empty(one: Clause, other: Clause) -> bool:
    """Two clauses of small words alone, such as "if it should not"."""
    return not one.words and one.link == other.link and one.negations % 2 == other.negations % 2


# -- one clause beside another ---------------------------------------------------------------------------


def _problems(pair: Pair, whole: Sequence[Clause], material: Material) -> Iterator[_Finding]:
    post, source = pair.post, pair.source
    if _is_turned_round(pair):
        yield "roles", f"Who does what, or what belongs to what, is another in the material: “{shown(post.text)}”"
    if not _same_link(post.link, source.link, material.beside(source)):
        rule = "causes" if {post.link, source.link} & {"because", "so"} else "roles"
        yield rule, f"It hangs otherwise on its sentence than in the material: “{shown(post.text)}”"
    if post.negations % 2 != source.negations % 2:
        yield "negations", f"Said with a “not” where the material has none, or without: “{shown(post.text)}”"
    here, there = (one.stems & _negative_stems() for one in (post, source))
    if any(not meant(one, there) for one in here) or any(not meant(one, here) for one in there):
        yield "negations", f"Refuses, ignores, removes … is lost or added: “{shown(post.text)}”"
    yield from _wrong_qualifiers(pair, whole, material)
    if source.negations or any(classes & _LIMITING for _, classes in source.qualifiers):
        stems = frozenset(stem for clause in whole for stem in clause.stems)
        for word in _narrowing(source.words, stems):
            yield "qualifiers", f"The material says it of less: “{shown(word.text)}” is left out."


def _narrowing(words: Sequence[Word], kept: frozenset[str]) -> Iterator[Word]:
    """Words left out that say of what: a phrase's, or one that stands before a word that was kept. Who said it is
    another rule's."""
    there = [bool(meant(word.stem, kept)) for word in words]
    for at, word in enumerate(words):
        before_kept = at + 1 < len(words) and there[at + 1] and words[at + 1].at == word.at + 1
        if not there[at] and (word.marker or before_kept) and word.text.casefold() not in v.SAYING:
            yield word


@functools.cache
def _negative_stems() -> frozenset[str]:
    return frozenset(map(v.stem, v.NEGATIVE_WORDS))


def _same_link(said: str, given: str, beside: Sequence[Clause]) -> bool:
    """Whether a clause hangs on its sentence as the material's does; a reason may change its place."""
    plain = ("", "and", "though", "said")
    turned = {"because": "so", "so": "because"}
    if said in turned and given in plain:
        return any(one.link == turned[said] for one in beside)
    return said == given or (said in plain and (given in plain or given in turned))


def _wrong_qualifiers(pair: Pair, whole: Sequence[Clause], material: Material) -> Iterator[_Finding]:
    source, taken = pair.source, {other.at for _, other in pair.words}
    have = [classes for _, classes in pair.post.qualifiers]
    have += [classes & _FAR for one in whole if one.sentence == pair.post.sentence for _, classes in one.qualifiers]
    for at, classes in source.qualifiers:
        qualified = next((word for word in source.words if word.at > at), None)
        if not classes & _WHOLE_CLAUSE and qualified is not None and qualified.at not in taken:
            continue
        if not any(classes & some for some in have):
            yield "qualifiers", f"The material says “{_said(source.tokens[at])}”, this doesn't."
    given = material.said[source.sentence]
    for token in pair.post.tokens:
        if token in v.STRONG and token not in given and not meant(v.stem(token), given):
            yield "qualifiers", f"The material doesn't say “{_said(token)}” there."


def _said(token: str) -> str:
    return token.replace("_", " ")


def _is_turned_round(pair: Pair) -> bool:
    verb = next(
        (both for both in pair.words if _is_passive(pair.post, both[0]) != _is_passive(pair.source, both[1])), None
    )
    if any(not same_marker(word, other, turned=verb is not None) for word, other in pair.words) or _crossed(pair):
        return True
    return _out_of_order(pair) if verb is None else _half_turned(pair, verb)


def _is_passive(clause: Clause, word: Word) -> bool:
    return word.stem in clause.passive


def _crossed(pair: Pair) -> bool:
    """Two words have changed their places: each stands where the other stood."""
    for at, (word, other) in enumerate(pair.words):
        for second, its in pair.words[at + 1 :]:
            neighbours = second.at == word.at + 1 and its.at == other.at - 1
            exchanged = word.marker != second.marker and (word.marker, second.marker) == (its.marker, other.marker)
            same = word.marker == second.marker == other.marker == its.marker != ""
            if neighbours or exchanged or (same and other.at > its.at):
                return True
    return False


def _out_of_order(pair: Pair) -> bool:
    """What no preposition governs (subject, verb, object) stands in another order; adverbs may stand anywhere, and
    beside subject and verb what says when."""
    bare = [(word, other) for word, other in pair.words if word.marker == other.marker == "" and not _is_adverb(word)]
    moved = [both for both in bare if not (_says_when(pair.post, both[0]) and _says_when(pair.source, both[1]))]
    places = [other.at for _, other in (moved if len(moved) > 1 else bare)]
    return places != sorted(places) and not {"what", "is_what", "are_what"} & set(pair.post.tokens)


def _is_adverb(word: Word) -> bool:
    return word.text.endswith("ly") or word.text.casefold() in v.ADVERBS


def _says_when(clause: Clause, word: Word) -> bool:
    """Every night, last year."""
    before = clause.tokens[word.at - 1] if word.at else ""
    return before in ("every", "each", "last", "next") and word.stem in _time_stems()


@functools.cache
def _time_stems() -> frozenset[str]:
    return frozenset(map(v.stem, v.TIMES))


def _half_turned(pair: Pair, verb: tuple[Word, Word]) -> bool:
    """One side is in the passive: the object must stand before its verb there, and the subject behind, after `by`."""
    others = [(word, other) for word, other in pair.words if word is not verb[0]]
    moved = [both for both in others if "by" in (both[0].marker, both[1].marker) and both[0].marker != both[1].marker]
    bare = [(word, other) for word, other in others if word.marker == other.marker == ""]
    if not moved and all(word.at < verb[0].at and other.at < verb[1].at for word, other in bare):
        return False  # "the shop will close", "the shop will be closed"
    return any(
        (word.at < verb[0].at) == (other.at < verb[1].at)
        for word, other in (*moved, *bare)
        if not word.number and not _is_adverb(word)
    )


# -- the whole part --------------------------------------------------------------------------------------


def _wrong_links(
    new: Sequence[Clause], sources: Mapping[Clause, Sequence[Clause]], material: Material
) -> Iterator[_Finding]:
    """Reason and result, condition and what it is for, before and after, subject and second verb: joined as in the
    material."""
    for one, second in pairwise(new):
        hangs = second.mark == "(" or (second.joined and all(source.joined for source in sources[second]))
        if one.sentence == second.sentence and hangs and sources[one] and sources[second]:
            before = {a for source in sources[second] for a, b in pairwise(material.beside(source)) if b is source}
            if before.isdisjoint(sources[one]):
                yield "roles", f"“{shown(second.text, 40)}” is said of something else in the material."
    for link, mains, other in links(new):
        has_words = [any(material.meant(word.stem) for word in one.words) for one in (*mains, other)]
        if link == "said" or not any(has_words[:-1]):
            continue
        if other.words and not has_words[-1]:
            if link == "because":
                yield "causes", f"The material gives no such reason: “{shown(other.text)}”"
        elif not any((link, a, b) in material.links for one in mains for a in sources[one] for b in sources[other]):
            rule = "causes" if link == "because" else "roles"
            yield rule, f"The material doesn't join “{shown(mains[0].text, 40)}” and “{shown(other.text, 40)}” so."
    for clause in new:
        beside = [one for source in sources[clause] for one in material.beside(source)]
        if clause.cause and beside and not any(one.cause for one in beside):
            yield "causes", f"The material gives no such reason: “{shown(clause.text)}”"


def _dropped_conditions(
    new: Iterable[Clause], whole: Sequence[Clause], sources: Mapping[Clause, Sequence[Clause]], material: Material
) -> Iterator[_Finding]:
    """What holds only if, unless or until something else does, or what someone said, is not said without that."""
    stems = frozenset(stem for clause in whole for stem in clause.stems)
    for clause in new:
        for source in sources[clause][:1]:
            for link, mains, other in links(material.beside(source)):
                if source not in mains or link not in v.CONDITIONS:
                    continue
                kept = sum(bool(meant(stem, stems)) for stem in other.stems)
                unlinked = link in ("unless", "until") and not any(one.link == link for one in whole)
                if kept * 2 < len(other.stems) or unlinked:
                    yield "qualifiers", f"The material says it only with “{shown(other.text)}”."


def _new_words(new: Iterable[Clause], material: Material) -> Iterator[_Finding]:
    added: list[str] = []
    for clause in new:
        for token in clause.tokens:
            if token in v.COMPARATIVES and token not in material.tokens:
                yield "comparisons", f"The material doesn't say “{token}”."
        for word in clause.words:
            framing = v.stem(word.text.casefold()) in v.framing_words()
            if framing or material.meant(word.stem) or (word.number and "/" not in word.text):
                continue
            if _has_opposite(word.stem, material) or word.stem in _negative_stems():
                yield "negations", f"“{shown(word.text)}” turns round what the material says."
            elif clause.cause:
                yield "causes", f"The material says nothing of “{shown(word.text)}” as a reason."
            added.append(shown(word.text, 30))
    if added:
        yield "additions", "Not in the material: " + ", ".join(f"“{one}”" for one in added[:6]) + "."


def _has_opposite(stem: str, material: Material) -> bool:
    return any(
        mark + stem in material.places
        or (len(stem) > len(mark) + 3 and stem.startswith(mark) and stem.removeprefix(mark) in material.places)
        for mark in v.OPPOSITES
    )


def _wrong_amounts(new: Iterable[Clause], material: Material) -> Iterator[_Finding]:
    for clause in new:
        for amount, noun in clause.amounts:
            nouns = material.counted.get(amount, frozenset())
            given = frozenset(one for known in material.meant(noun) for one in material.amounts.get(known, ()))
            if amount[0].isdigit() and nouns and not meant(noun, nouns) and noun in material.places:
                yield "amounts", f"“{amount}” counts something else in the material than “{shown(noun)}”."
            elif given and not meant(amount, given) and not _alike(amount, given):
                yield "amounts", f"The material gives another amount than “{amount}” of “{shown(noun)}”."
        for word in clause.words:
            low = word.text.casefold()
            counts = low in v.AMOUNTS or word.stem in _unit_stems()
            if counts and low not in material.tokens and not material.meant(word.stem):
                yield "amounts", f"The material doesn't say “{shown(word.text)}”."


@functools.cache
def _unit_stems() -> frozenset[str]:
    return frozenset(map(v.stem, v.UNITS))


def _alike(amount: str, given: frozenset[str]) -> bool:
    """Amounts that say the same, such as some and several."""
    classes = v.qualifiers().get(amount, frozenset())
    return any(classes & v.qualifiers().get(one, frozenset()) for one in given)
