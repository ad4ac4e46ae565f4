"""Carries out what a person's reply says: finds the draft by the code, acts through `review.actions`, and says in a
sentence what became of it. A reply that comes twice does nothing the second time."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from twitter_manager import phrases
from twitter_manager.answers import codes, words
from twitter_manager.answers.words import Answer, Wish
from twitter_manager.app import App
from twitter_manager.domain import Actor, Draft, DraftStatus
from twitter_manager.errors import StoreError, TwitterManagerError
from twitter_manager.platforms import exact
from twitter_manager.review.actions import Actions
from twitter_manager.store import answer_codes, drafts, schema
from twitter_manager.store.answer_codes import IssuedCode
from twitter_manager.store.database import Database

MOST_WRONG = 5
PERIOD = timedelta(hours=24)
"""After so many wrong codes in this time no answer of the sender's counts until it has passed."""


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a reply."""

    words: str
    """For the person."""
    was_done: bool = False
    """It was carried out, now or before."""


@dataclass(frozen=True, slots=True)
class Decider:
    """Carries out the replies of one person, who may decide on the drafts of these bots."""

    app: App
    db: Database
    by: Actor
    bots: Collection[str]

    def carry_out(self, text: str) -> Told:
        """What the reply asks for. Raises what the database raises."""
        answer = words.read(text)
        if not isinstance(answer, Answer):
            return Told(f"Nothing was done. {answer.why}")
        now = self.app.clock()
        wrong = answer_codes.wrong_since(self.db, self.by.name, self.by.via, now - PERIOD)
        if wrong >= MOST_WRONG:
            hours = phrases.amount(round(PERIOD / timedelta(hours=1)), "hour")
            return Told(f"Nothing was done. There were {wrong} wrong codes within {hours}; answers rest for so long.")
        code = self._find(answer.code)
        draft = drafts.get(self.db, code.draft_id) if code else None
        if code is None or draft is None or draft.bot not in self.bots:
            with self.db.transaction():
                answer_codes.record_wrong(self.db, self.by.name, self.by.via, now)
            return Told("Nothing was done. There is no such code; copy it from the newest notice.")
        return self._decide(answer, code, draft, now)

    def _find(self, given: str) -> IssuedCode | None:
        """The code that was given out; each is compared, so that the time tells nothing."""
        hashed = codes.hashed(given, schema.installation_id(self.db))
        same = [code for code in answer_codes.known(self.db) if codes.same(code.code_hash, hashed)]
        return same[0] if same else None

    def _decide(self, answer: Answer, code: IssuedCode, draft: Draft, now: datetime) -> Told:
        stands = phrases.draft(draft.id, draft.status).capitalize()
        if self._was_done(answer, draft, code):
            return self._end(draft, f"{stands}.", now)
        if code.is_used:
            return Told(f"Nothing was done. The code was used already. {stands}.")
        if code.expires_at <= now:
            return Told(f"Nothing was done. The code of draft {draft.id} is out of date. {stands}.")
        if draft.status not in drafts.WAITING:
            return Told(f"Nothing was done. {stands}.")
        if code.content_hash != exact.content_hash(draft):
            return Told(f"Nothing was done. Draft {draft.id} was changed since; a new notice brings a new code.")
        try:
            became = self._act(answer, draft, code.content_hash)
        except StoreError:
            raise  # it is not the reply's fault: the next run carries it out
        except TwitterManagerError as refused:
            return Told(f"Nothing was done. {refused.message}")
        return self._end(draft, f"Draft {draft.id} {became}.", now)

    def _was_done(self, answer: Answer, draft: Draft, code: IssuedCode) -> bool:
        """Whether the same reply was carried out just before the program was cut off, and comes again."""
        if code.is_used:
            return False
        if answer.wish is Wish.EDIT:
            return draft.edited_at is not None and draft.texts == answer.texts
        return answer.wish is Wish.SKIP and draft.status is DraftStatus.SKIPPED

    def _act(self, answer: Answer, draft: Draft, seen: str) -> str:
        actions = Actions(self.app, self.db, self.by)
        if answer.wish is Wish.APPROVE:
            return actions.approve(draft.id, seen=seen)
        if answer.wish is Wish.SKIP:
            return actions.skip(draft.id, seen=seen)
        # It waits for another yes: a mail program may have broken its lines, or put a signature below it.
        became = actions.edit(draft.id, answer.texts, seen=seen, pending=True)
        return f"{became}; the next notice shows it, with a new code"

    def _end(self, draft: Draft, told: str, now: datetime) -> Told:
        with self.db.transaction():
            answer_codes.use_up(self.db, draft.id, now)
        return Told(told, was_done=True)


def issue(db: Database, draft: Draft, longest: timedelta, now: datetime) -> tuple[str, bool]:
    """A new code for the draft as it is now, and whether one for another text of it is void by that."""
    content_hash, code = exact.content_hash(draft), codes.new()
    expires_at = min(filter(None, (now + longest, draft.expires_at)))
    hashed = codes.hashed(code, schema.installation_id(db))
    with db.transaction():
        is_void = answer_codes.void_before(db, draft.id, content_hash, now)
        answer_codes.add(db, draft, content_hash, hashed, expires_at, now)
    return code, is_void
