"""What a person does with drafts, whichever way they do it: by a verb, the console, the API, a reply or an MCP client.

Each action is one decision on one draft, on record with who took it and through what. It raises UsageError with the
reason where it can't be done, and Meanwhile where the draft is not as the person saw it. A run may be at work: who is
second is told so. Only what was begun already is decided on under the run's lock (LockHeld)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from twitter_manager import decisions, factory, moments
from twitter_manager.app import App
from twitter_manager.budget import TimeBudget
from twitter_manager.content import Part
from twitter_manager.domain import WAITS_UNTIL_EXPIRED, Actor, Draft, DraftStatus, Violation
from twitter_manager.errors import Changed, Meanwhile, TwitterManagerError, UsageError
from twitter_manager.operations import editing, own_pictures, queue, repeating
from twitter_manager.operations.own_posts import Checked as CheckedPost
from twitter_manager.operations.own_posts import OwnPost, OwnPosts, keep, refuse_too_late
from twitter_manager.pipeline import answering
from twitter_manager.pipeline.timetable import Forecast, forecasts
from twitter_manager.platforms import SPECS, exact
from twitter_manager.settings import Bot
from twitter_manager.settings.records import NEVER, WHEN
from twitter_manager.store import approvals, deliveries, drafts
from twitter_manager.store.database import Database
from twitter_manager.terminal import command

PATIENCE = 60.0
"""Seconds that a person waits for a page that a card is made of."""


@dataclass(frozen=True, slots=True)
class Queued:
    """A person's post that was queued."""

    draft: Draft
    forecast: Forecast
    notes: tuple[str, ...]
    """What its person should know."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What the checks say of words that a person has not saved."""

    violations: tuple[Violation, ...]
    lengths: Mapping[str, Sequence[tuple[int, int | None]]]
    """By platform: of each part, what is counted and how much is allowed, where that is limited."""


@dataclass(frozen=True, slots=True)
class Actions:
    """What one person may do. `db` is open for writing."""

    app: App
    db: Database
    by: Actor

    def approve(self, number: int, *, seen: str = "") -> str:
        """Let it go out exactly as it is. `seen`: the `exact.content_hash` of what the person looked at."""
        draft = self._draft(number)
        if draft.status is DraftStatus.APPROVED:
            self._refuse_unseen(draft, seen)
            return "is approved already"
        self._refuse_unseen(draft, seen)
        self._refuse_unanswerable(draft)
        decisions.approve(self.db, draft, self._lifetime(draft), self._now, self.by)
        return f"is approved, and {self._forecast(number)}"

    def skip(self, number: int, *, seen: str = "", again: bool = False) -> str:
        """Give it up. `again`: its material may be written about anew."""
        draft = self._draft(number)
        if draft.status is DraftStatus.SKIPPED:
            return "is skipped already"
        self._refuse_unseen(draft, seen)
        old = drafts.waits_for(self.db, draft)
        with self._alone(draft):
            decisions.skip(self.db, draft, self._now, self.by, again=again)
        if old:
            return f"is skipped; draft {old}, in whose place it was to come, is taken down all the same"
        stays = f"; what is out stays there, until {command(f'delete {draft.id}')}"
        return "is skipped" + stays * deliveries.is_there(self.db, draft.id)

    def edit(
        self,
        number: int,
        texts: Sequence[str],
        *,
        alts: Sequence[Sequence[str]] | None = None,
        seen: str = "",
        approve: bool = False,
        pending: bool = False,
    ) -> str:
        """Put these texts, one for each part, in the place of its own, and `alts` in that of its pictures' alt texts
        (of each part, one for each picture). They are checked as every post. `approve`: they may go out; `pending`:
        they wait for an approval, even where none was needed before."""
        draft = self._draft(number)
        decisions.refuse_begun(self.db, draft)
        self._refuse_unseen(draft, seen)
        described = draft if alts is None else replace(draft, parts=_with_alts(draft.parts, alts))
        if tuple(texts) == draft.texts and described.parts == draft.parts:
            return self.approve(number, seen=seen) if approve else "is as it was"
        bot = self._bot(draft)
        said = repeating.Words(self.db, bot.time_zone, self._now, besides=draft.id).said
        with closing(self.app.factory.card_maker(bot, self.db, TimeBudget.of(PATIENCE))) as cards:
            parts, links = editing.checked(bot, self.app.settings.secrets, said, cards.add_to, described, tuple(texts))
        approved = approve or (not pending and self._edit_approves(bot, draft))
        decisions.edit(self.db, draft, parts, links, self._now, self.by, approved=approved)
        return f"is changed, and {self._stands(number)}"

    def regenerate(self, number: int, *, seen: str = "") -> Draft:
        """Have another post written of the same material, in its place. Slow: it may load a model. Raises
        TwitterManagerError where nothing else comes of the material; the draft stays then."""
        old = self._draft(number)
        self._refuse_unseen(old, seen)
        decisions.refuse_begun(self.db, old)
        by_hand = f"Edit it: {command(f'drafts edit {number}')}"
        if old.comment_id is not None:
            raise UsageError(f"Draft {number} answers a comment, and is written once.", by_hand)
        if old.origin != "generator" or old.item_id is None or decisions.is_replacement(self.db, old):
            raise UsageError(f"Draft {number} was not written by the bot.", by_hand)
        bot, time_left = self._bot(old), TimeBudget.of(self.app.settings.run_seconds)
        filler = self.app.factory.pool_filler(self.db, bot, bot.generators, time_left, [], None, lasting=True)
        try:
            new, reason = filler.write_again(old, self.by)
        except Changed:
            raise Meanwhile(f"Draft {number} was changed meanwhile.", decisions.look(old)) from None
        if new is None:
            why = f" ({reason})" if reason else ""
            message = f"Draft {number} stays as it is: nothing else came of its material{why}."
            raise TwitterManagerError(message, by_hand)
        return self._draft(new)

    def move(
        self, number: int, *, at: str = "", first: bool = False, last: bool = False, before: int = 0, seen: str = ""
    ) -> str:
        """Give it a date (in words), or another place in the queue: one of the four."""
        draft = self._draft(number)
        self._refuse_unseen(draft, seen)
        if sum(map(bool, (at, first, last, before))) != 1:
            raise UsageError("Where to?", "Say one of: at a time, first, last, before another draft.")
        bot, now = self._bot(draft), self._now
        due_at = moments.understand(at, now, bot.time_zone, bot.persona.language) if at else None
        queue.move(self.db, draft, queue.Place(due_at, first, last, before), now, self.by)
        if due_at is not None:
            return self._stands(number)
        place = "first" if first else "last" if last else f"before draft {before}"
        return f"comes {place}" + (", and has no date any more" if draft.due_at else "")

    def resume(self, number: int, *, seen: str = "") -> str:
        """Go on with one that failed, is held, or waits for a person's word."""
        draft = self._draft(number)
        self._refuse_unseen(draft, seen)
        if draft.status is DraftStatus.APPROVED:
            return "goes on already"
        self._refuse_unanswerable(draft)
        with self._alone(draft):
            decisions.resume(self.db, draft, self._lifetime(draft), self._now, self.by)
        return "goes on with the next run"

    def post(self, bot: str, post: OwnPost, *, pending: bool = False) -> Queued:
        """Queue a post of a person's own, after the checks. `pending`: it waits for an approval."""
        chosen, now = self.app.session.bot(bot), self._now
        checked = self.checked(chosen, post)
        if pending and checked.recurring:
            raise UsageError("A post that comes again can't wait for an approval.", "Queue it yourself.")
        if pending:
            checked = self._as_proposal(chosen, checked)
        with self.db.transaction():
            draft = keep(self.db, checked, now, self.by)
            forecast = forecasts(chosen, self.db, now, [draft.id]).get(draft.id, Forecast(None, WAITS))
            refuse_too_late(forecast, "Take a later --expires, an --at before it, or --now.")
        return Queued(draft, forecast, checked.notes)

    def _as_proposal(self, bot: Bot, checked: CheckedPost) -> CheckedPost:
        """It waits for a yes, as long as every draft that does, from its date on where it has one."""
        reason = f"{self.by.name or 'somebody'} proposed it by {self.by.via}"
        new = replace(checked.new, status=DraftStatus.PENDING, reason=reason)
        if checked.expires_at is not None:
            return replace(checked, new=new)
        end = (new.due_at or self._now) + timedelta(hours=bot.approval_hours)
        return replace(checked, new=replace(new, choice={WAITS_UNTIL_EXPIRED: True}), expires_at=end)

    def checked(self, bot: Bot, post: OwnPost) -> CheckedPost:
        """A post that can be kept, its pictures with it. Raises TwitterManagerError."""
        now = self._now
        with closing(self.app.factory.card_maker(bot, self.db, TimeBudget.of(PATIENCE))) as cards:
            said = repeating.Words(self.db, bot.time_zone, now).said
            checked = OwnPosts(bot, self.app.settings.secrets, now, said, cards.add_to).checked(post)
        own_pictures.keep(post.pictures, self.app.settings.data)
        no_card = [f"No card goes along: {cards.why_not}"] * bool(cards.why_not)
        return replace(checked, notes=(*checked.notes, *no_card))

    def check(self, number: int, texts: Sequence[str]) -> Checked:
        """What the checks say of these texts in a draft's place. Nothing is fetched or kept."""
        draft = self._draft(number)
        bot = self._bot(draft)
        parts = editing.with_texts(draft, texts)
        return self._checked(bot, replace(draft, parts=parts, links=editing.relinked(bot, draft, parts)))

    def _checked(self, bot: Bot, draft: Draft) -> Checked:
        from twitter_manager.checks import check_post, length

        context = factory.check_context(bot, self.app.settings.secrets, platforms=draft.platforms)
        violations = check_post(draft.parts, replace(context, links=draft.links))
        counted = {
            name: [
                length(SPECS[name].shown(part.text, draft.links.get(name, "")), name, bot.limits_there)
                for part in SPECS[name].parts_of(draft)
            ]
            for name in draft.platforms
        }
        return Checked(tuple(violations), counted)

    # -- how it stands -----------------------------------------------------------------------------

    @property
    def _now(self) -> datetime:
        return self.app.clock()

    def _draft(self, number: int) -> Draft:
        return decisions.draft_of(self.db, number)

    def _bot(self, draft: Draft) -> Bot:
        return self.app.session.bot(draft.bot)

    def _lifetime(self, draft: Draft) -> timedelta:
        return timedelta(hours=self._bot(draft).draft_ttl_hours)

    def _edit_approves(self, bot: Bot, draft: Draft) -> bool:
        """Whether a person's words in it go out without another yes: where none was needed before either. A
        program's never do."""
        if draft.status is DraftStatus.PENDING or self.by.is_program:
            return False
        if bot.approve == NEVER or draft.origin == "person":
            return True
        unasked = draft.status is DraftStatus.APPROVED and approvals.newest(self.db, draft) is None
        return bot.approve == WHEN and unasked

    def _refuse_unseen(self, draft: Draft, seen: str) -> None:
        if seen and seen != exact.content_hash(draft):
            raise Meanwhile(f"Draft {draft.id} was changed meanwhile.", decisions.look(draft))

    def _refuse_unanswerable(self, draft: Draft) -> None:
        """What the platform's rules, or the bot's, keep an answer from."""
        if reason := answering.why_not(self.db, draft, self._bot(draft).answers):
            raise UsageError(f"Draft {draft.id} can't go out.", f"{reason[0].upper()}{reason[1:]}.")

    @contextmanager
    def _alone(self, draft: Draft) -> Iterator[None]:
        """What was begun is not decided on while a run works at it."""
        if draft.status in drafts.WAITING:
            yield
            return
        with self.app.session.alone():
            yield

    def _stands(self, number: int) -> str:
        """What comes of it now, in words."""
        draft = self._draft(number)
        if old := drafts.waits_for(self.db, draft):
            after = "" if draft.status is DraftStatus.PENDING else f"after {command(f'resume {number}')}, "
            return f"goes out {after}once draft {old} is taken down"
        return self._forecast(number)

    def _forecast(self, number: int) -> str:
        draft = self._draft(number)
        if draft.status is DraftStatus.PENDING:
            if draft.due_at is None:
                return WAITS
            return f"{WAITS}, and goes out {moments.told(draft.due_at, self._bot(draft).time_zone)} at the earliest"
        forecast = forecasts(self._bot(draft), self.db, self._now, [number]).get(number)
        return forecast.words if forecast else "goes out in its turn"


WAITS = "waits for an approval"


def _with_alts(parts: Sequence[Part], alts: Sequence[Sequence[str]]) -> tuple[Part, ...]:
    """The parts, their pictures with these alt texts. Raises UsageError where they are too many or too few."""
    if [len(each) for each in alts] != [len(part.media) for part in parts]:
        raise UsageError("The alt texts don't fit the pictures.", "Give one for each picture of each part.")
    return tuple(
        replace(part, media=tuple(replace(media, alt=alt) for media, alt in zip(part.media, its, strict=True)))
        for part, its in zip(parts, alts, strict=True)
    )
