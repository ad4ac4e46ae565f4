"""What the pool filler is asked for, one brief at a time."""

from __future__ import annotations

from dataclasses import dataclass, field

from twitter_manager.domain import Actor, Brief, Draft
from twitter_manager.writing.post_spec import PostSpec
from twitter_manager.writing.review import Review
from twitter_manager.writing.topics import Choice


@dataclass(slots=True)
class Order:
    """One brief on its way through the generators. `reviews`: of what each of them made; `harm`: why the material
    should wait for a person; `served`: a post of it is saved; `held`: it is saved, and waits for a person."""

    brief: Brief
    choice: Choice
    reviews: list[Review] = field(default_factory=list)
    harm: str = ""
    served: bool = False
    held: bool = False
    charges: list[int] = field(default_factory=list)
    """What was paid for it, by the numbers of the charges."""
    instead_of: Draft | None = None
    """The draft that makes way for it."""
    by: Actor | None = None
    """Who wished so."""
    draft_id: int | None = None
    """What was saved of it."""
    again: Draft | None = None
    """The post that did well, which it says in other words; `asks`: what a person is told of that."""
    asks: str = ""
    spec: PostSpec | None = None
    """What it is made from and how, where that is another than the filler's: in the variant of an experiment."""
