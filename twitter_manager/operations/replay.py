"""`replay`: makes recorded choices again and tells whether they come out the same.

The draws are made from the recorded weights, what was learned of them, and the seed; the scores from the items as they
are stored now, so that an item that changed since is told. What the sources gave at that time and nobody
considered is not made again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from twitter_manager import phrases
from twitter_manager.domain import Draft, Item, Json, Run
from twitter_manager.store import drafts, generations, items
from twitter_manager.store.database import Database


def replay(db: Database, what: Draft | Run) -> Json:
    """Every choice of a run, or that of one draft, with what differs."""
    generated = [what] if isinstance(what, Draft) else drafts.made_in_run(db, what.id)
    choices = [_again(db, draft) for draft in generated if draft.origin == "generator" and draft.item_id is not None]
    return {
        "what": f"draft {what.id}" if isinstance(what, Draft) else f"run {what.id}",
        "same": all(not choice["differs"] for choice in choices),
        "choices": choices,
    }


def _again(db: Database, draft: Draft) -> Json:
    rows = _best(draft.choice)
    numbers = {number for row in rows if isinstance(number := row.get("item"), int)}
    numbers |= {number for row in rows if (number := _item_of(str(row.get("near", ""))))}
    known = {number: stored for number in numbers if (stored := items.with_since(db, number))}
    posts = {name: text for row in rows if (name := str(row.get("near", ""))) and (text := _text(db, name))}
    gone = {number for number in numbers if items.pruned(db, number)}
    differs = again(draft.choice, known, posts, gone)
    for name, mine in {"topic": draft.topic, "item": draft.item_id, "format": draft.format}.items():
        step = draft.choice.get(name)
        recorded = step.get("chosen") if isinstance(step, dict) else None
        if not differs and str(recorded) != str(mine):
            differs.append(f"{name}: the draft's is {mine}, recorded is {recorded}")
    return {
        "draft": draft.id,
        "topic": draft.topic,
        "item": draft.item_id,
        "format": draft.format,
        "seed": draft.choice.get("seed"),
        "differs": differs,
        "removed": [
            *dict.fromkeys(filter(None, map(phrases.removed, generations.of_draft(db, draft.id)))),
            *(f"item {number}: it is gone from its source, and its text was removed" for number in sorted(gone)),
        ],
    }


def again(
    why: Json,
    items: Mapping[int, tuple[Item, datetime]],
    posts: Mapping[str, str],
    gone: Collection[int] = (),
) -> list[str]:
    """Make a recorded choice again; gives what differs, a line each.

    `items`: as they are now, each with its `since`; `gone`: those without a text any more, which can't be scored again.
    `posts`: what they were compared with."""
    from twitter_manager.writing.learned import weighed_again
    from twitter_manager.writing.sampling import draw, sound

    differences: list[str] = []
    try:
        best = why["item"].get("best", [])
        for step in ("topic", "format", "item"):
            weights = dict(why[step].get("drawn_from") or why[step].get("scores") or {})
            weights = {str(row["item"]): row["score"] for row in best} if step == "item" else weights
            if weights != sound(weights):
                raise ValueError(f"weights of the {step}")
            if not weights:
                continue
            learned = why[step].get("learned")
            if learned and weighed_again(learned, f"{why['seed']}:{step}") != weights:
                differences.append(f"{step}: the weights come out otherwise from what was learned")
            chosen, draw_record = draw(weights, f"{why['seed']}:{step}")
            if (chosen, draw_record["draw"]) != (str(why[step]["chosen"]), why[step]["draw"]):
                recorded = f"{why[step]['chosen']} ({why[step]['draw']})"
                differences.append(
                    f"{step}: drawn again it is {chosen} ({draw_record['draw']}), recorded is {recorded}"
                )
        there = [row for row in best if not {row["item"], _item_of(row.get("near", ""))} & {*gone}]
        differences += [line for row in there if (line := _scored_again(row, why, items, posts))]
    except (KeyError, TypeError, ValueError, AttributeError, ZeroDivisionError, OverflowError) as error:
        return [f"what was recorded of the choice can't be read ({type(error).__name__}: {error})"]
    return differences


def _scored_again(row: Json, why: Json, items: Mapping[int, tuple[Item, datetime]], posts: Mapping[str, str]) -> str:
    from twitter_manager.writing import scoring

    number, near = row["item"], row.get("near", "")
    if number not in items:
        return f"item {number}: it is not there any more"
    if near not in ("", "meaning", *posts):
        return f"item {number}: {near}, which it was compared with, is not there any more"
    item, since = items[number]
    changed = " (the item changed since)" if item.content_hash[:12] != row["hash"] else ""
    used = datetime.fromisoformat(row["used"]) if "used" in row else None
    rest, now = timedelta(days=why["rest_days"]), datetime.fromisoformat(why["at"])
    scored = scoring.marked(number, why["topic"]["chosen"], item, since, used, rest, now)
    like = scoring.overlap(scoring.content(f"{item.title} {item.text}"), scoring.content(posts.get(near, "")))
    scored = replace(scored, novelty=scoring.novelty(like) if near in posts else row["novelty"])
    for name in ("freshness", "relevance", "novelty", "rest", "score"):
        if getattr(scored, name) != row[name]:
            return f"item {number}: its {name} is {getattr(scored, name)}, recorded is {row[name]}{changed}"
    return f"item {number} changed since; its scores are the same" if changed else ""


def _best(choice: Json) -> list[Json]:
    step = choice.get("item")
    best = step.get("best", []) if isinstance(step, dict) else []
    return [row for row in best if isinstance(row, dict)] if isinstance(best, list) else []


def _item_of(near: str) -> int | None:
    """The item that one was compared with, which was chosen just before: "item 7"."""
    kind, _, number = near.partition(" ")
    return int(number) if kind == "item" and number.isascii() and number.isdigit() and len(number) < 19 else None


def _text(db: Database, name: str) -> str:
    """The text of what an item was compared with: `draft 12`, or `item 7` where that was chosen just before."""
    kind, _, number = name.partition(" ")
    if not number.isascii() or not number.isdigit() or len(number) > 18:
        return ""
    if kind == "item":
        item = items.get(db, int(number))
        return item.text if item else ""
    draft = drafts.get(db, int(number)) if kind == "draft" else None
    return draft.text if draft else ""


def lines(result: Json) -> Iterator[str]:
    """A replay for a person."""
    if not result["choices"]:
        yield f"{result['what'].capitalize()}: nothing was chosen."
    for choice in result["choices"]:
        about = f"Draft {choice['draft']}: topic {choice['topic']}, item {choice['item']}, format {choice['format']}"
        yield f"{about}; drawn again with seed {choice['seed']}: {'it differs' if choice['differs'] else 'the same'}."
        yield from (f"  {line}" for line in (*choice["differs"], *choice["removed"]))
