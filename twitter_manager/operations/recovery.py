"""What a backup has forgotten is found out and taken in: the part of `restore` that keeps posts from going out twice.

What the platforms show since the backup is read back and taken in as posted. What may have gone out and isn't found
does not go out by itself: a person's post waits for `resume` or `skip`, a generated one is dropped, its material stays.
The slot that is on counts as used, and a bot with a platform that can't be read back stands still until a person has
looked."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from twitter_manager.amendments import Kind, Status
from twitter_manager.content import Part, normalised_hash, plain, without_link
from twitter_manager.delivery import post_charge, same_account
from twitter_manager.domain import (
    Clock,
    Delivery,
    DeliveryStatus,
    Draft,
    DraftStatus,
    Json,
    Platform,
    Receipt,
    RemotePost,
)
from twitter_manager.platforms import SPECS
from twitter_manager.store import (
    amendments,
    answer_codes,
    charges,
    comments,
    deliveries,
    drafts,
    events,
    runs,
    series,
    tokens,
)
from twitter_manager.store.database import Database, from_text

log = logging.getLogger(__name__)

MARGIN = timedelta(hours=25)
"""How long before the backup's last event the platforms are read from: the clock may have been a day ahead then. What
is known already is left out; to read it again on X costs a tenth of a cent a post."""
MOST_READ = 3_000
"""Posts that are read back from one platform, a hundred days of one an hour; X shows 3,200. Where there are more, a
person must look."""
GAP = 1_000_000
"""New deliveries are numbered from so far past the backup's: a feed knows a post by its delivery's number, and numbers
that were given since the backup must not come again."""
_OPEN = (DeliveryStatus.SENDING, DeliveryStatus.UNKNOWN)
_READY = (DraftStatus.APPROVED, DraftStatus.PENDING)
_STUCK = (DraftStatus.FAILED, DraftStatus.PARTLY_POSTED, DraftStatus.NEEDS_ATTENTION)


@dataclass(frozen=True, slots=True)
class Account:
    """A bot, with the platforms that are on for it and its time table."""

    bot: str
    platforms: Mapping[str, Platform]
    slot_at: Callable[[datetime], datetime]


def _words(parts: Iterable[str]) -> str:
    """Equal for texts that differ only in how one platform shows them: a link may have got its `https://`."""
    return normalised_hash([part.replace("https://", " ").replace("http://", " ") for part in parts])


def _words_anywhere(parts: Iterable[str]) -> str:
    """The same over several platforms: not every one's text ends with the address of what it is about."""
    return _words(without_link(tuple(parts))[0])


def _is(draft: Draft, parts: tuple[str, ...], links: Mapping[str, str], shown: Mapping[str, Sequence[str]]) -> bool:
    """Whether these parts, with these links at their ends, are the draft: its words, and no other address. `shown`: the
    same by platform, where it may be the draft's to the word, without the address that its card has."""
    if any(_words(_texts_on(draft, name)) == _words(texts) for name, texts in shown.items() if name in draft.platforms):
        return True
    own = without_link(draft.texts)[1] or next(iter(draft.links.values()), "")
    same = not own or all(_words([link]) == _words([own]) for link in links.values())
    return same and _words_anywhere(draft.texts) == _words_anywhere(parts)


def _texts_on(draft: Draft, platform: str) -> list[str]:
    return [part.text for part in SPECS[platform].parts_of(draft)]


@dataclass(slots=True)
class _ReadBack:
    """What one bot's platforms show since the backup."""

    posts: dict[str, list[RemotePost]] = field(default_factory=dict)
    """By platform, oldest first: posts that no delivery is known for."""
    settled: list[tuple[Delivery, Receipt]] = field(default_factory=list)
    """Deliveries whose fate was open."""
    unreadable: dict[str, str] = field(default_factory=dict)
    """By platform: why it can't be read."""


@dataclass(slots=True)
class Recovery:
    """One pass over a copy of the backup, in one transaction."""

    db: Database
    source: Path
    clock: Clock
    now: datetime = field(init=False)
    since: datetime = field(init=False)
    reason: str = field(init=False)
    next_id: int = field(init=False)
    adopted: int = 0
    dropped: int = 0
    waiting: list[int] = field(default_factory=list)
    """Drafts that a person must decide about."""
    uncorrected: list[int] = field(default_factory=list)
    """Drafts with an edit that did not get through before the backup."""
    textless: list[int] = field(default_factory=list)
    """Drafts whose parts were gone from the backup."""
    words: set[str] = field(default_factory=set)
    """What was read back, to recognise it by."""

    def __post_init__(self) -> None:
        last = events.last_at(self.db)
        self.since = from_text(last) if last else self.clock()
        self.reason = f"it may have gone out after the backup of {self.since:%Y-%m-%d %H:%M} UTC"
        self.next_id = deliveries.newest_id(self.db) + GAP

    def recover(self, accounts: Sequence[Account]) -> list[str]:
        """Gives lines for a person."""
        shown = {account.bot: self._read_back(account) for account in accounts}  # asks servers: before the transaction
        self.now = self.clock()
        with self.db.transaction():
            runs.abandon_open(self.db, self.now)
            answer_codes.void_all(self.db, self.now)  # a mail that was carried out since may be read once more
            for bot in drafts.bots(self.db):
                self._give_up_textless(bot)
            for account in accounts:
                self._take_in(account, shown[account.bot])
            for bot in drafts.bots(self.db):
                self._set_aside(bot)
                events.record(self.db, self.now, comments.IN_DOUBT, bot=bot)
            for account in accounts:
                self._stop(account, shown[account.bot])
            told: Json = {"backup": self.source.name, "since": f"{self.since:%Y-%m-%dT%H:%M:%SZ}"}
            told |= {"adopted": self.adopted, "dropped": self.dropped, "waiting": self.waiting}
            events.record(self.db, self.now, "restored", **told)
        log.warning("restored from %s; read back: %d, dropped: %d", self.source, self.adopted, self.dropped)
        return self._lines(shown)

    def _lines(self, shown: Mapping[str, _ReadBack]) -> list[str]:
        lines = [f"Restored: {self.source}, which ends at {self.since:%Y-%m-%d %H:%M} UTC."]
        lines.append(f"Posts that went out since then and were read back: {self.adopted}.")
        if self.dropped:
            lines.append(f"Ready drafts that were dropped, because they may have gone out: {self.dropped}.")
        for number in self.waiting:
            lines.append(f"Draft {number} is yours to decide: if it went out, skip {number}; if not, resume {number}.")
        if self.textless:
            numbers = ", ".join(map(str, self.textless))
            lines.append(f"Drafts that were given up, because the backup has lost their text: {numbers}.")
        for number in self.uncorrected:
            remedy = f"see what stands there; to correct it: correct {number} TEXT"
            lines.append(f"Draft {number} was to be corrected, and may have got newer words since: {remedy}")
        for bot, seen in shown.items():
            for platform, why in seen.unreadable.items():
                lines.append(f"{bot}: {platform} could not be read back: {why}")
            if seen.unreadable:
                lines.append(f"{bot} is paused: look at the account, then: pause --off --bot {bot}")
        if known := [token.name for token in tokens.everyone(self.db)]:
            lines.append(f"These API tokens work again, revoked since or not: {', '.join(known)}. See: review tokens")
        lines.append("What you queued or decided after that time is not in it: see status, and do it again.")
        return [*lines, "No post goes out in the slot that is on now; after it, runs go on as usual."]

    # -- reading back ------------------------------------------------------------------------------

    def _read_back(self, account: Account) -> _ReadBack:
        shown = _ReadBack()
        for name, platform in account.platforms.items():
            try:
                self._read_one(account.bot, platform, shown)
            except Exception as error:  # whatever it is, the restore goes on, and the bot stands still
                log.exception("%s: %s can't be read back", account.bot, name)
                shown.unreadable[name] = " ".join(str(error).split())[:200] or type(error).__name__
                shown.posts.pop(name, None)
        return shown

    def _read_one(self, bot: str, platform: Platform, shown: _ReadBack) -> None:
        claimed = self._claimed(platform)
        for delivery in deliveries.with_status(self.db, bot, *_OPEN):
            if delivery.platform == platform.name and same_account(self.db, platform, delivery):
                since = deliveries.first_send(self.db, delivery.id) or delivery.created_at
                receipt = platform.look_up(delivery.request or {}, since, claimed)
                if receipt:
                    claimed |= {receipt.remote_id}
                    shown.settled.append((delivery, receipt))
        posts = platform.recent(min(self.since, self.clock()) - MARGIN, MOST_READ)
        shown.posts[platform.name] = posts[::-1]
        if len(posts) >= MOST_READ:
            shown.unreadable[platform.name] = f"it shows more than {MOST_READ:,} posts since then"

    def _claimed(self, platform: Platform) -> frozenset[str]:
        return deliveries.remote_ids(self.db, platform.name)  # under an account's former name too

    # -- taking in ---------------------------------------------------------------------------------

    def _take_in(self, account: Account, shown: _ReadBack) -> None:
        for delivery, receipt in shown.settled:
            self._is_out(account, delivery, receipt)
        for name, posts in shown.posts.items():
            claimed = self._claimed(account.platforms[name])
            posts[:] = [post for post in posts if post.receipt.remote_id not in claimed]
            self.words |= {_words([post.text]) for post in posts}
            self._match(account, name, posts)
        for same in _by_text(shown.posts):
            self._adopt(account, same)

    def _is_out(self, account: Account, delivery: Delivery, receipt: Receipt) -> None:
        for attempt in deliveries.open_attempts(self.db, delivery.id):
            deliveries.end_attempt(self.db, attempt, "found", self.now, detail="read back after a restore")
        deliveries.move(self.db, delivery, DeliveryStatus.POSTED, self.now, run_id=None, receipt=receipt)
        charges.add(self.db, post_charge(self.db, account.platforms[delivery.platform], delivery, self.now))
        self.adopted += 1

    def _match(self, account: Account, platform: str, posts: list[RemotePost]) -> None:
        """A post with the words of a delivery that was still queued is that delivery's; it leaves `posts`."""
        for delivery in deliveries.with_status(self.db, account.bot, DeliveryStatus.QUEUED):
            matches = [post for post in posts if _words([post.text]) == _words([delivery.text])]
            if not matches or delivery.platform != platform:
                continue
            if same_account(self.db, account.platforms[platform], delivery):  # it may ask the platform
                delivery = self._move(self._move(delivery, DeliveryStatus.HELD), DeliveryStatus.UNKNOWN)
                self._is_out(account, delivery, matches[0].receipt)
                posts.remove(matches[0])

    def _adopt(self, account: Account, same: Mapping[str, Sequence[RemotePost]]) -> None:
        """One post or thread, on one platform or several, becomes a posted draft."""
        exact = next((thread for name, thread in same.items() if not SPECS[name].public), next(iter(same.values())))
        parts = tuple(post.text for post in exact)
        ends = {name: without_link(tuple(post.text for post in thread))[1] for name, thread in same.items()}
        links = {name: link for name, link in ends.items() if link}
        if len(links) < len(ends):  # it went along on some; what ends the text everywhere may be the person's own words
            parts, _ = without_link(parts)
        published = min(post.created_at for thread in same.values() for post in thread)
        slot = account.slot_at(published)
        new = self._known(
            account.bot, parts, links, {name: [post.text for post in posts] for name, posts in same.items()}
        )
        free = drafts.slot_filled(self.db, account.bot, slot) is None
        draft_id = drafts.adopt(self.db, new, slot if free else None, published, self.now)
        for name, thread in same.items():
            self._is_answered(account.bot, name, thread[0].reply_to)
            for part, post in enumerate(thread):
                self._adopt_one(account.platforms[name], _delivery(self.next_id, account, draft_id, name, part, post))

    def _is_answered(self, bot: str, platform: str, remote_id: str) -> None:
        """A comment that was answered after the backup gets no second answer."""
        if remote_id and (comment := comments.by_remote_id(self.db, bot, platform, remote_id)):
            comments.move(self.db, comment, comments.Status.ANSWERED, "answered after the backup")

    def _adopt_one(self, platform: Platform, delivery: Delivery) -> None:
        assert delivery.receipt is not None
        deliveries.adopt(self.db, delivery, delivery.receipt, self.now)
        charges.add(self.db, post_charge(self.db, platform, delivery, delivery.created_at))
        self.next_id += 1
        self.adopted += 1

    def _known(
        self, bot: str, parts: tuple[str, ...], links: Mapping[str, str], shown: Mapping[str, Sequence[str]]
    ) -> drafts.NewDraft:
        """What is known of these words: a draft that was ready at the time of the backup is the one that went out."""
        new = drafts.NewDraft(
            bot, "person", plain(parts), tuple(shown), timedelta(), choice={"restored": True}, links=links
        )
        for draft in drafts.in_status(self.db, bot, *_READY):
            if _is(draft, parts, links, shown):
                reason = "it went out after the backup; a draft of its own stands for it"
                drafts.move(self.db, draft, DraftStatus.SKIPPED, self.now, reason=reason)
                names = ("origin", "parts", "language", "topic", "format", "item_id", "choice")
                return replace(new, **{name: getattr(draft, name) for name in names})
        return new

    # -- setting aside -----------------------------------------------------------------------------

    def _give_up_textless(self, bot: str) -> None:
        """There is nothing to recognise it by, and nothing to post."""
        for draft in drafts.in_status(self.db, bot, *_READY):
            if not draft.parts:
                drafts.move(self.db, draft, DraftStatus.SKIPPED, self.now, reason="its text was lost")
                self.textless.append(draft.id)

    def _set_aside(self, bot: str) -> None:
        for draft in drafts.in_status(self.db, bot, *_STUCK):
            self._give_up_if_out(draft)
        for delivery in deliveries.with_status(self.db, bot, *_OPEN):
            self._end_open(delivery)
        for delivery in deliveries.with_status(self.db, bot, DeliveryStatus.QUEUED, DeliveryStatus.UNKNOWN):
            self._move(delivery, DeliveryStatus.HELD)
        for edit in (each for each in amendments.waiting(self.db, bot) if each.kind is Kind.EDIT):
            error, delivery = "newer words may stand there since the backup", deliveries.get(self.db, edit.delivery_id)
            amendments.move(self.db, edit, delivery, Status.REFUSED, self.now, error=error)
            self.uncorrected.append(edit.draft_id)
        for draft in drafts.in_status(self.db, bot, DraftStatus.PUBLISHING):
            self._close(draft)
        for draft in drafts.in_status(self.db, bot, *_READY):
            if draft.origin == "person":
                drafts.move(self.db, draft, DraftStatus.NEEDS_ATTENTION, self.now, reason=self.reason)
                self.waiting.append(draft.id)
            else:
                drafts.move(self.db, draft, DraftStatus.SKIPPED, self.now, reason=self.reason)
                self.dropped += 1

    def _end_open(self, delivery: Delivery) -> None:
        """That it isn't there proves no more that it never was: it may have been found, and taken down, since."""
        for attempt in deliveries.open_attempts(self.db, delivery.id):
            deliveries.end_attempt(self.db, attempt, "lost", self.now, detail="a backup was restored")
        if delivery.status is DeliveryStatus.SENDING:
            self._move(delivery, DeliveryStatus.UNKNOWN)

    def _give_up_if_out(self, draft: Draft) -> None:
        """A person may have told it to go on since the backup: what was read back must not be resumed once more."""
        unposted = [
            delivery
            for delivery in deliveries.of_draft(self.db, draft.id)
            if delivery.status is not DeliveryStatus.POSTED
        ]
        parts = [text for name in draft.platforms for text in _texts_on(draft, name)]
        texts = [[delivery.text] for delivery in unposted] or [[part] for part in parts]
        if self.words.isdisjoint(map(_words, texts)):
            return
        for delivery in unposted:
            if delivery.status is DeliveryStatus.HELD:
                self._move(delivery, DeliveryStatus.FAILED)
        drafts.move(self.db, draft, DraftStatus.SKIPPED, self.now, reason="its words went out after the backup")

    def _close(self, draft: Draft) -> None:
        """Give it the status that its deliveries add up to; one whose fate is open is looked up by the next run."""
        mine = {delivery.status for delivery in deliveries.of_draft(self.db, draft.id)}
        if not mine.isdisjoint(_OPEN):
            return
        if mine == {DeliveryStatus.POSTED}:
            status = DraftStatus.POSTED
        else:
            status = DraftStatus.PARTLY_POSTED if DeliveryStatus.POSTED in mine else DraftStatus.FAILED
        if DeliveryStatus.HELD in mine:
            self.waiting.append(draft.id)
        reason = "" if status is DraftStatus.POSTED else self.reason
        drafts.move(self.db, draft, status, self.now, reason=reason)

    def _stop(self, account: Account, shown: _ReadBack) -> None:
        """The slot that is on may have had its post; where that can't be seen at all, nothing more goes out."""
        slot = account.slot_at(self.now)
        if drafts.slot_filled(self.db, account.bot, slot) is None:
            drafts.use_up(self.db, account.bot, slot, f"a post {self.reason.removeprefix('it ')}", self.now)
        series.use_up(self.db, account.bot, self.reason, self.now)
        if shown.unreadable:
            why = f"restored from a backup, and {', '.join(shown.unreadable)} could not be read back"
            runs.pause(self.db, account.bot, why, self.now)

    def _move(self, delivery: Delivery, status: DeliveryStatus) -> Delivery:
        deliveries.move(self.db, delivery, status, self.now, run_id=None, error=self.reason)
        return deliveries.get(self.db, delivery.id)


def _by_text(posts: Mapping[str, Sequence[RemotePost]]) -> list[dict[str, list[RemotePost]]]:
    """Posts and threads, those with the same words on several platforms together."""
    together: dict[tuple[str, int], dict[str, list[RemotePost]]] = {}
    for name, platform_posts in posts.items():
        for thread in _threads(platform_posts):
            words, nth = _words_anywhere(post.text for post in thread), 0
            while name in together.get((words, nth), {}):
                nth += 1
            together.setdefault((words, nth), {})[name] = thread
    return list(together.values())


def _threads(posts: Iterable[RemotePost]) -> list[list[RemotePost]]:
    """Posts (oldest first) with the answers to them that follow: threads."""
    threads: list[list[RemotePost]] = []
    ends: dict[str, list[RemotePost]] = {}
    for post in posts:
        thread = ends.pop(post.reply_to, None)
        if thread is None:
            thread = []
            threads.append(thread)
        thread.append(post)
        ends[post.receipt.remote_id] = thread
    return threads


def _delivery(number: int, account: Account, draft_id: int, platform: str, part: int, post: RemotePost) -> Delivery:
    return Delivery(
        id=number,
        draft_id=draft_id,
        bot=account.bot,
        platform=platform,
        part=part,
        account=account.platforms[platform].account,
        status=DeliveryStatus.POSTED,
        content=Part(post.text),
        request=None,
        receipt=post.receipt,
        not_before=None,
        error="",
        created_at=post.created_at,
        resumed_at=None,
    )
