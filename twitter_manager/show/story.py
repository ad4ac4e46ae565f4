"""`explain`: a draft's or a run's story for a person: what, why, from what, which candidates, which tries.

The summary has about ten lines; the whole story has all that was kept."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from twitter_manager import phrases
from twitter_manager.domain import Json
from twitter_manager.show.costs import of_post
from twitter_manager.show.lines import answers_whom, because, cost, delivered, post, scores, standing, stands, way_on
from twitter_manager.terminal import command

_UNTOLD = ("at", "kind", "platform", "text_hash", "delivery_id", "before")
"""What an event's line leaves out; `--json` has it."""

_MOMENT = r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)"
"""A stored time among an event's details."""
_MOST_WEIGHTS = 10
"""The heaviest; `--json` has all."""


_MOST_LINES = 3
"""So many lines of a post, and so many of several posts, stand in a summary."""
_SHORT = 300
"""Characters of a reason or a piece of material in a summary."""


def summary_lines(story: Json) -> Iterator[str]:
    """What happened and why, in short."""
    yield from _draft_in_short(story) if "draft" in story else _run_in_short(story)
    yield from (f"  {line}" for line in _answers_and_material(story))
    number = story["draft"]["id"] if "draft" in story else f"run:{story['run']['id']}"
    yield f"Every candidate, try and event: {command(f'explain {number} --full')}"


def _answers_and_material(story: Json) -> Iterator[str]:
    """How models' answers fared lately, and what material gives no post."""
    from twitter_manager.writing.designs import reasons_line

    yield from (answers["line"] for answers in story.get("answers", ()))
    yield from (f"{source}: {reasons_line(reasons)}" for source, reasons in story.get("no_post", {}).items())


def _draft_in_short(story: Json) -> Iterator[str]:
    draft, material = story["draft"], story["material"]
    yield from _heading(story)
    yield from answers_whom(draft)
    lines = list(post(standing(draft, story)))
    yield from lines[:_MOST_LINES]
    if len(lines) > _MOST_LINES:
        yield "    …"
    yield from (f"  {line}" for line in delivered(story, len(draft["parts"]), story["time_zone"]))
    if material:
        yield f"  topic {draft['topic']}, format {draft['format']}, from {_place(material)}"
        yield f"    {_cut(material['text'])}"
    yield from _experiment(story["why"])
    yield from _again(story["why"])
    yield from _candidates_in_short(story["generations"])
    yield from (f"  {line}" for line in of_post(story["charges"]))


def _run_in_short(story: Json) -> Iterator[str]:
    run, zone = story["run"], story["time_zone"]
    yield _run_line(run)
    yield f"  began {phrases.clock(run['started_at'], zone)}"
    for draft in story["posts"][:_MOST_LINES]:
        yield f"  draft {draft['id']} {phrases.DRAFT[draft['status']]}{because(_cut(draft['reason']))}"
        yield from list(post(draft))[:1]
    made = [str(draft["id"]) for draft in story["chosen"]]
    if made:
        yield f"  made {phrases.amount(len(made), 'draft')}: {', '.join(made[:20])}{', …' * (len(made) > 20)}"
    yield from _candidates_in_short(story["generations"])
    troubles = [event for event in story["events"] if event.get("error") or "trouble" in event["kind"]]
    yield from (_event(event, zone) for event in troubles[-_MOST_LINES:])


def _candidates_in_short(generations: Sequence[Json]) -> Iterator[str]:
    if not generations:
        return
    if removed := list(dict.fromkeys(filter(None, map(phrases.removed, generations)))):
        yield from (f"  {line}" for line in removed)
        return
    verdicts = [candidate["verdict"] for generation in generations for candidate in generation["candidates"]]
    writers = ", ".join(dict.fromkeys(generation["generator"] for generation in generations))
    refused = sum(verdict in ("rejected", "doubted") for verdict in verdicts)
    paid = sum(generation["cost_usd"] for generation in generations)
    yield f"  {phrases.amount(len(verdicts), 'candidate')} by {writers}, {refused} of them refused; {cost(paid)}"
    broken = [
        violation["message"]
        for generation in generations
        for candidate in generation["candidates"]
        for violation in candidate["violations"]
    ]
    yield from (f"    refused: {_cut(message)}" for message in list(dict.fromkeys(broken))[:_MOST_LINES])


def _place(material: Json) -> str:
    return f"{material['source']}/{material['key']}  {material['url']}".rstrip()


def _cut(text: str) -> str:
    return phrases.in_a_line(text, _SHORT)


def full_lines(story: Json) -> Iterator[str]:
    """The whole story."""
    yield from _of_draft(story) if "draft" in story else _of_run(story)
    for generation in story["generations"]:
        yield from _generation(generation)
    yield from _answers_and_material(story)
    if story["attempts"]:
        yield "Tries:"
        yield from (_attempt(attempt, story["time_zone"]) for attempt in story["attempts"])
    yield "Events:"
    yield from (_event(event, story["time_zone"]) for event in story["events"])


def _heading(story: Json) -> Iterator[str]:
    draft, zone = story["draft"], story["time_zone"]
    yield f"Draft {draft['id']} of {draft['bot']}: {stands(draft, story)}{because(draft['reason'])}"
    slot = f"for the slot of {phrases.clock(draft['slot'], zone)}" if draft["slot"] else "for no slot"
    slot = "beneath a comment" if draft.get("comment") else slot
    slot = f"for its own date, {phrases.clock(draft['due_at'], zone)}" if draft["due_at"] else slot
    author = "a person" if draft["origin"] == "person" else "the bot"
    yield f"  made {phrases.clock(draft['created_at'], zone)} by {author}, {slot}"
    late = [event for event in story["events"] if event["kind"] == "late"]
    yield from (f"  went out {event['lasting']} late{because(event['reason'])}" for event in late[-1:])
    yield from way_on(draft, "  ")


def _of_draft(story: Json) -> Iterator[str]:
    draft = story["draft"]
    yield from _heading(story)
    yield from answers_whom(draft)
    yield from post(standing(draft, story))
    yield from (f"  {line}" for line in delivered(story, len(draft["parts"]), story["time_zone"]))
    yield from _why(draft, story["why"], story["material"])


def _of_run(story: Json) -> Iterator[str]:
    run, zone = story["run"], story["time_zone"]
    ended = phrases.clock(run["ended_at"], zone) if run["ended_at"] else "now"
    yield _run_line(run)
    yield f"  from {phrases.clock(run['started_at'], zone)} to {ended}"
    for draft in story["posts"]:
        yield f"Draft {draft['id']}: {phrases.DRAFT[draft['status']]}{because(draft['reason'])}"
        yield from post(draft)
    for draft in story["chosen"]:
        yield f"Chose topic {draft['topic']}, format {draft['format']} for draft {draft['id']}"


def _run_line(run: Json) -> str:
    outcome = f"{phrases.OUTCOME[run['outcome']]}{because(run['reason'])}"
    return f"Run {run['id']} of {run['bot']} ({run['verb']}): {outcome}"


def _why(draft: Json, why: Json, material: Json | None) -> Iterator[str]:
    """The choice in words: each draw with its shares, each item's marks."""
    if not material:
        return
    yield f"Topic {draft['topic']}, format {draft['format']}; drawn with seed {why.get('seed')}:"
    if why.get("lane") == "news":
        yield "  fresh news goes first"
    yield from _draw("topic", why.get("topic", {}))
    yield from _item(why.get("item", {}))
    yield from _draw("format", why.get("format", {}))
    yield from _experiment(why)
    yield from _again(why)
    yield from (f"  not on {name}: {reason}" for name, reason in why.get("left_out", {}).items())
    if why.get("no_picture"):
        yield f"  without a picture: {why['no_picture']}"
    if "score" in why:
        yield f"  score {why['score']:.2f}: near to its material and unlike the latest posts, 0 (bad) to 1 (good)"
    if why.get("also"):
        yield f"  together with items {', '.join(map(str, why['also']))}"
    yield f"Material: {_place(material)}"
    yield f"  {material['text']}"


def _experiment(why: Json) -> Iterator[str]:
    """In which variant it was written."""
    if part := why.get("experiment"):
        yield f"  experiment {part['id']} compares its {part['of']}; this post has “{part['variant']}”"


def _again(why: Json) -> Iterator[str]:
    """Which post it says in other words."""
    if old := why.get("again_of"):
        yield f"  draft {old} {why['did_well']['words']}: this says it in other words"


def _item(item: Json) -> Iterator[str]:
    if not item.get("best"):  # drawn by an older version of the program
        if "rule" in item:
            yield f"  item: {item['rule']}, among {item['among']}"
        return
    best = f"the best {len(item['best'])}" if item["among"] > len(item["best"]) else "all"
    first = f"  item: {item['chosen']}, one of {item['among']} {item['rule']}"
    yield f"{first}; the draw was {item['draw']:.3f} among {best}:"
    total = sum(row["score"] for row in item["best"])
    for row in item["best"]:
        near = f" (nearest: {row['near']})" if "near" in row else ""
        marks = f"relevance {row['relevance']:.2f}, novelty {row['novelty']:.2f}{near}, rest {row['rest']:.2f}"
        share = f"score {row['score']:.4f}, a share of {row['score'] / total:.0%}"
        yield f"    {row['item']}: {share}; freshness {row['freshness']:.2f}, {marks}"


def _draw(step: str, drawn: Json) -> Iterator[str]:
    weights = drawn.get("drawn_from") or drawn.get("scores")
    if not weights:
        return
    chosen = drawn["chosen"]
    share = f"{weights[chosen] / sum(weights.values()):.0%}"
    yield f"  {step}: {chosen}, one of {len(weights)} with a share of {share}; the draw was {drawn['draw']:.3f}"
    if len(weights) > 1:
        heaviest = sorted(weights.items(), key=lambda entry: -entry[1])[:_MOST_WEIGHTS]
        more = f", and {len(weights) - _MOST_WEIGHTS} more" if len(weights) > _MOST_WEIGHTS else ""
        yield "    weights: " + ", ".join(f"{name} {weight:g}" for name, weight in heaviest) + more
    yield from _learned(step, drawn.get("learned", {}))
    if drawn.get("left_out"):
        yield f"    left out, on lately: {', '.join(drawn['left_out'])}"


def _learned(step: str, learned: Json) -> Iterator[str]:
    """With which learned weight each was drawn: by what the person's is multiplied on the average."""
    if not learned:
        return
    from twitter_manager.writing.learned import recorded, times

    given, known = learned["given"], learned["known"]
    multiplied = times(given, recorded(learned))
    heaviest = sorted(given, key=lambda name: -given[name] * multiplied[name])[:_MOST_WEIGHTS]
    for name in heaviest:
        posts = phrases.amount(known[name][2] if name in known else 0, "post")
        yield f"    {name}: weight {given[name]:g}, learned x{multiplied[name]:.2g} from {posts}"
    yield f"    each {step} keeps {learned['explore']:.0%} of its weight; the rest went to the one drawn strongest now"


def _generation(generation: Json) -> Iterator[str]:
    writer = f"{generation['generator']} ({generation['model'] or 'no model'})"
    usage = f"{generation['tokens_in']} tokens in, {generation['tokens_out']} out"
    yield (
        f"{writer} for draft {generation['draft_id'] or '-'}: {generation['verdict']}; seed {generation['seed']},"
        f" {usage}, {cost(generation['cost_usd'])}, {generation['seconds']:.1f} s"
    )
    if removed := phrases.removed(generation):
        yield f"  {removed}, with its prompt and its answer"
    for candidate in generation["candidates"]:
        marks = because(scores(candidate))
        yield f"  [{candidate['verdict']}] {candidate['score']:.2f}{marks} {' / '.join(candidate['parts'])}"
        yield from (f"      {violation['rule']}: {violation['message']}" for violation in candidate["violations"])


def _attempt(attempt: Json, time_zone: str) -> str:
    answer = f", HTTP {attempt['http_status']}" if attempt["http_status"] else ""
    what = f"{attempt['platform']} part {attempt['part'] + 1} {phrases.spaced(attempt['kind'])}"
    ended = phrases.attempt(attempt["outcome"])
    return f"  {phrases.clock(attempt['started_at'], time_zone)} {what}: {ended}{answer}{because(attempt['detail'])}"


def _event(event: Json, time_zone: str) -> str:
    details = {name: value for name, value in event.items() if name not in _UNTOLD and value}
    reason = details.pop("reason", "") or details.pop("error", "")
    rest = "; ".join([*filter(None, [reason]), *(f"{phrases.spaced(name)} {details[name]}" for name in details)])
    what = f"{event['platform']} " if event.get("platform") else ""
    line = f"  {phrases.clock(event['at'], time_zone)} {what}{phrases.event(event['kind'])}{because(rest)}"
    return re.sub(_MOMENT, lambda moment: phrases.clock(moment[0], time_zone), line)
