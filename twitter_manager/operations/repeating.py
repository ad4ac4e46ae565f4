"""Whether a person may say again what was said before, and what they hear of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from twitter_manager import moments
from twitter_manager.content import Part, normalised_hash
from twitter_manager.domain import Draft
from twitter_manager.english import shown
from twitter_manager.errors import TextKnown
from twitter_manager.pipeline.recurring import repeating
from twitter_manager.platforms import SPECS
from twitter_manager.store import drafts, repeats, succession
from twitter_manager.store.database import Database
from twitter_manager.store.repeats import Repeat
from twitter_manager.terminal import command

_OF_OTHERS = 200
"""The newest posts of a person's other bots that a new one must not repeat."""


@dataclass(frozen=True, slots=True)
class Words:
    """The words that were said before. `bot`: whose they are to be; `besides`: this draft and what stands for it are
    the post itself."""

    db: Database
    bot: str
    time_zone: str
    now: datetime
    besides: int = 0

    def said(self, parts: Sequence[Part], links: Mapping[str, str], platforms: Sequence[str]) -> str:
        """A note where the same words went out before; "" where they are new. Raises TextKnown where they still wait or
        just went out, where one of the platforms takes none twice, and where another account of the person's has
        nearly the same there."""
        besides = succession.same_post(self.db, self.besides) if self.besides else ()
        known = repeats.of(self.db, drafts.digests(parts, links), besides)
        strict = set(platforms) - set(repeating(platforms))
        for repeat in known:
            if repeat.is_slip(self.now):
                raise TextKnown(self._told(repeat), f"Say something else. See: {command(f'explain {repeat.draft}')}")
            if refusing := sorted(strict.intersection(repeat.platforms)):
                raise TextKnown(*self._refusal(repeat, refusing, platforms))
        self._refuse_on_two_accounts(parts, platforms)
        return self._told(known[0]) if known else ""

    def _refuse_on_two_accounts(self, parts: Sequence[Part], platforms: Sequence[str]) -> None:
        """X forbids near-identical posts on several accounts of one person, and the others take them for spam
        (https://help.x.com/en/rules-and-policies/x-automation). One account's own are its person's to repeat."""
        public = {name for name in platforms if SPECS[name].public}
        shared = [
            draft for draft in drafts.of_others(self.db, self.bot, _OF_OTHERS) if public.intersection(draft.platforms)
        ]
        while draft := _alike(parts, shared):
            if there := sorted(public.intersection(repeats.standing(self.db, draft))):
                names = " and ".join(SPECS[name].title for name in there)
                says = f"Draft {draft.id} of the bot {draft.bot} says nearly the same on {names}: “{shown(draft.text)}”"
                raise TextKnown(f"{says}. Your accounts may not repeat each other.", _elsewhere(there, platforms))
            shared.remove(draft)

    def _told(self, repeat: Repeat) -> str:
        if repeat.out_at is None:
            return f"The same words wait, or are on their way, as draft {repeat.draft}."
        return f"The same words went out on {moments.told(repeat.out_at, self.time_zone)} as draft {repeat.draft}."

    def _refusal(self, repeat: Repeat, refusing: Sequence[str], platforms: Sequence[str]) -> tuple[str, str]:
        names = " and ".join(SPECS[name].title for name in refusing)
        return f"{names} takes no text twice. {self._told(repeat)}", _elsewhere(refusing, platforms)


def _alike(parts: Sequence[Part], posts: Sequence[Draft]) -> Draft | None:
    """The first of the posts that says the same, or nearly."""
    from twitter_manager.checks.duplicates import nearly_the_same

    texts = [part.text for part in parts]
    digest, by_text = normalised_hash(texts), {draft.text: draft for draft in posts}
    same = next((draft for draft in posts if drafts.digest(draft) == digest), None)
    return same or by_text.get(nearly_the_same("\n".join(texts), list(by_text)))


def _elsewhere(refusing: Sequence[str], platforms: Sequence[str]) -> str:
    others = " ".join(f"--platform {name}" for name in platforms if name not in refusing)
    return f"Say it in other words, or only elsewhere: {others}" if others else "Say it in other words."
