"""`replay`: makes recorded choices again and tells whether they come out the same.

The draws are made from the recorded weights and seed; the scores from the items as they are stored now, so that an item
that changed since is told. What the sources gave at that time and nobody considered is not made again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from twitter_manager.domain import Draft, Item, Json, Run
from twitter_manager.store import drafts, items
from twitter_manager.store.database import Database


def replay(db: Database, what: Draft | Run) -> Json:
    """Every choice of a run, or that of one draft, with what differs."""
    chosen = [what] if isinstance(what, Draft) else drafts.made_in_run(db, what.id)
    made = [_again(db, draft) for draft in chosen if draft.origin == "generator" and draft.item_id is not None]
    return {
        "what": f"draft {what.id}" if isinstance(what, Draft) else f"run {what.id}",
        "same": all(not one["differs"] for one in made),
        "choices": made,
    }


def _again(db: Database, draft: Draft) -> Json:
    rows = _best(draft.choice)
    numbers = {number for row in rows if isinstance(number := row.get("item"), int)}
    known = {number: found for number in numbers if (found := items.with_since(db, number))}
    posts = {name: text for row in rows if (name := str(row.get("near", ""))) and (text := _text(db, name))}
    differs = again(draft.choice, known, posts)
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
    }


def again(why: Json, items: Mapping[int, tuple[Item, datetime]], posts: Mapping[str, str]) -> list[str]:
    """Make a recorded choice again; gives what differs, a line each. The draws are made from the recorded weights and
    scores, the scores from the items as they are now (each with its `since`), and the posts they were compared with."""
    from twitter_manager.writing.sampling import draw, sound

    differing: list[str] = []
    try:
        best = why["item"].get("best", [])
        for step in ("topic", "format", "item"):
            weights = dict(why[step].get("drawn_from") or why[step].get("scores") or {})
            weights = {str(row["item"]): row["score"] for row in best} if step == "item" else weights
            if weights != sound(weights):
                raise ValueError(f"weights of the {step}")
            if not weights:
                continue
            chosen, made = draw(weights, f"{why['seed']}:{step}")
            if (chosen, made["draw"]) != (str(why[step]["chosen"]), why[step]["draw"]):
                recorded = f"{why[step]['chosen']} ({why[step]['draw']})"
                differing.append(f"{step}: drawn again it is {chosen} ({made['draw']}), recorded is {recorded}")
        differing += [line for row in best if (line := _scored_again(row, why, items, posts))]
    except (KeyError, TypeError, ValueError, AttributeError, ZeroDivisionError, OverflowError) as error:
        return [f"what was recorded of the choice can't be read ({type(error).__name__}: {error})"]
    return differing


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
    one = scoring.marked(number, why["topic"]["chosen"], item, since, used, rest, now)
    like = scoring.overlap(scoring.content(f"{item.title} {item.text}"), scoring.content(posts.get(near, "")))
    one = replace(one, novelty=scoring.novelty(like) if near in posts else row["novelty"])
    for name in ("freshness", "relevance", "novelty", "rest", "score"):
        if getattr(one, name) != row[name]:
            return f"item {number}: its {name} is {getattr(one, name)}, recorded is {row[name]}{changed}"
    return f"item {number} changed since; its scores are the same" if changed else ""


def _best(choice: Json) -> list[Json]:
    step = choice.get("item")
    best = step.get("best", []) if isinstance(step, dict) else []
    return [row for row in best if isinstance(row, dict)] if isinstance(best, list) else []


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


def lines(made: Json) -> Iterator[str]:
    """A replay for a person."""
    if not made["choices"]:
        yield f"{made['what'].capitalize()}: nothing was chosen."
    for one in made["choices"]:
        about = f"Draft {one['draft']}: topic {one['topic']}, item {one['item']}, format {one['format']}"
        yield f"{about}; drawn again with seed {one['seed']}: {'it differs' if one['differs'] else 'the same'}."
        yield from (f"  {line}" for line in one["differs"])
