"""Whether a person may say again what was said before, and what they hear of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from twitter_manager import moments
from twitter_manager.content import Part
from twitter_manager.errors import TextKnown
from twitter_manager.pipeline.recurring import repeating
from twitter_manager.platforms import SPECS
from twitter_manager.store import drafts, repeats, succession
from twitter_manager.store.database import Database
from twitter_manager.store.repeats import Repeat
from twitter_manager.terminal import command


@dataclass(frozen=True, slots=True)
class Words:
    """The words that were said before. `besides`: this draft and what stands for it are the post itself."""

    db: Database
    time_zone: str
    now: datetime
    besides: int = 0

    def said(self, parts: Sequence[Part], links: Mapping[str, str], platforms: Sequence[str]) -> str:
        """A note where the same words went out before; "" where they are new. Raises TextKnown where they still wait or
        just went out, and where one of the platforms takes none twice."""
        besides = succession.same_post(self.db, self.besides) if self.besides else ()
        known = repeats.of(self.db, drafts.digests(parts, links), besides)
        strict = set(platforms) - set(repeating(platforms))
        for repeat in known:
            if repeat.is_slip(self.now):
                raise TextKnown(self._told(repeat), f"Say something else. See: {command(f'explain {repeat.draft}')}")
            if refusing := sorted(strict.intersection(repeat.platforms)):
                raise TextKnown(*self._refusal(repeat, refusing, platforms))
        return self._told(known[0]) if known else ""

    def _told(self, repeat: Repeat) -> str:
        if repeat.out_at is None:
            return f"The same words wait, or are on their way, as draft {repeat.draft}."
        return f"The same words went out on {moments.told(repeat.out_at, self.time_zone)} as draft {repeat.draft}."

    def _refusal(self, repeat: Repeat, refusing: Sequence[str], platforms: Sequence[str]) -> tuple[str, str]:
        names = " and ".join(SPECS[name].title for name in refusing)
        others = " ".join(f"--platform {name}" for name in platforms if name not in refusing)
        remedy = f"Say it in other words, or only elsewhere: {others}" if others else "Say it in other words."
        return f"{names} takes no text twice. {self._told(repeat)}", remedy
