"""`explain`: a draft's or a run's story for a person: what, why, from what, which candidates, which tries."""

from __future__ import annotations

from collections.abc import Iterator

from twitter_manager import phrases
from twitter_manager.domain import Json
from twitter_manager.show.lines import because, cost, post, scores, way_on

_UNTOLD = ("at", "kind", "platform", "text_hash", "delivery_id", "before")
"""What an event's line leaves out; `--json` has it."""

_MOST_WEIGHTS = 10
"""The heaviest; `--json` has all."""


def explain_lines(story: Json) -> Iterator[str]:
    """The whole story."""
    from twitter_manager.writing.designs import reasons_line

    yield from _of_draft(story) if "draft" in story else _of_run(story)
    for generation in story["generations"]:
        yield from _generation(generation)
    yield from (answers["line"] for answers in story.get("answers", ()))
    if story["attempts"]:
        yield "Tries:"
        yield from map(_attempt, story["attempts"])
    yield from (f"{source}: {reasons_line(reasons)}" for source, reasons in story.get("no_post", {}).items())
    yield "Events:"
    yield from map(_event, story["events"])


def _of_draft(story: Json) -> Iterator[str]:
    draft = story["draft"]
    yield f"Draft {draft['id']} of {draft['bot']}: {phrases.DRAFT[draft['status']]}{because(draft['reason'])}"
    slot = f"for the slot of {phrases.clock(draft['slot'])}" if draft["slot"] else "for no slot yet"
    yield f"  made {phrases.clock(draft['created_at'])} by a {draft['origin']}, {slot}"
    yield from way_on(draft, "  ")
    yield from post(draft)
    yield from _why(draft, story["why"], story["material"])


def _of_run(story: Json) -> Iterator[str]:
    run = story["run"]
    yield f"Run {run['id']} of {run['bot']} ({run['verb']}): {phrases.OUTCOME[run['outcome']]}{because(run['reason'])}"
    yield f"  from {phrases.clock(run['started_at'])} to {phrases.clock(run['ended_at']) if run['ended_at'] else 'now'}"
    for draft in story["posts"]:
        yield f"Draft {draft['id']}: {phrases.DRAFT[draft['status']]}{because(draft['reason'])}"
        yield from post(draft)
    for draft in story["chosen"]:
        yield f"Chose topic {draft['topic']}, format {draft['format']} for draft {draft['id']}"


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
    yield from (f"  not on {name}: {reason}" for name, reason in why.get("left_out", {}).items())
    if why.get("also"):
        yield f"  together with items {', '.join(map(str, why['also']))}"
    yield f"Material: {material['source']}/{material['key']}  {material['url']}"
    yield f"  {material['text']}"


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
    if drawn.get("left_out"):
        yield f"    left out, on lately: {', '.join(drawn['left_out'])}"


def _generation(generation: Json) -> Iterator[str]:
    writer = f"{generation['generator']} ({generation['model'] or 'no model'})"
    usage = f"{generation['tokens_in']} tokens in, {generation['tokens_out']} out"
    yield (
        f"{writer} for draft {generation['draft_id'] or '-'}: {generation['verdict']}; seed {generation['seed']},"
        f" {usage}, {cost(generation['cost_usd'])}, {generation['seconds']:.1f} s"
    )
    for candidate in generation["candidates"]:
        marks = because(scores(candidate))
        yield f"  [{candidate['verdict']}] {candidate['score']:.2f}{marks} {' / '.join(candidate['parts'])}"
        yield from (f"      {violation['rule']}: {violation['message']}" for violation in candidate["violations"])


def _attempt(attempt: Json) -> str:
    answer = f", HTTP {attempt['http_status']}" if attempt["http_status"] else ""
    what = f"{attempt['platform']} part {attempt['part'] + 1} {phrases.spaced(attempt['kind'])}"
    ended = phrases.attempt(attempt["outcome"])
    return f"  {phrases.clock(attempt['started_at'])} {what}: {ended}{answer}{because(attempt['detail'])}"


def _event(event: Json) -> str:
    details = {name: value for name, value in event.items() if name not in _UNTOLD and value}
    reason = details.pop("reason", "") or details.pop("error", "")
    rest = "; ".join([*filter(None, [reason]), *(f"{phrases.spaced(name)} {details[name]}" for name in details)])
    what = f"{event['platform']} " if event.get("platform") else ""
    return f"  {phrases.clock(event['at'])} {what}{phrases.event(event['kind'])}{because(rest)}"
