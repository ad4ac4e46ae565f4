"""Makes messages of notices: short and plain, with all of a draft that is to be decided on."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from twitter_manager import decisions, phrases
from twitter_manager.domain import Draft
from twitter_manager.notify import reporting
from twitter_manager.notify.facts import waiting_drafts
from twitter_manager.notify.proofs import LAST_TIME
from twitter_manager.notify.rules import Kind, Notice
from twitter_manager.store import drafts, notices
from twitter_manager.store.alerts import Alert
from twitter_manager.store.database import Database
from twitter_manager.terminal import command, harmless

MOST_IN_FULL = 10
"""Notices of a message that are told in full; of more it is said that they are there."""
_MOST = 40
_MOST_REMINDED = 5
_LONGEST = 10_000
"""Characters of a message, of which services make several where it is too long for one."""
_LONGEST_TITLE = 120
_BETWEEN = "\n\n———\n\n"
"""Stands between notices: a draft has empty lines of its own."""
_LONGEST_LINE = 80
_CALLS = re.compile(r"@(?=everyone|here|channel|all\b)|(?<=<)(?=[!@#])", re.IGNORECASE)
"""By which Discord and Slack would call everybody: drafts hold what others wrote."""

HEADLINES: Mapping[str, str] = {
    Kind.DRAFT_READY: "a draft waits for your word",
    Kind.COMMENTS: "comments wait for you",
    Kind.REMINDER: "nothing is approved",
    Kind.FAILED: "trouble with a post",
    Kind.CREDENTIALS: "keys are refused",
    Kind.CREDIT: "no credit is left",
    Kind.WRITING: "a service is of no use",
    Kind.MACHINE: "the machine needs you",
    Kind.BUDGET: "the budget",
    Kind.NOTHING_POSTED: "no posts go out",
    Kind.OFTEN_WRONG: "many runs go wrong",
    Kind.SOURCE: "a source can't be read",
    Kind.MATERIAL_LOW: "the material runs out",
    Kind.RECOVERED: "trouble is over",
    reporting.KIND: "the report",
}


def alert(notice: Notice, open_since: Alert | None, good_at: datetime | None, time_zone: str, run: int) -> str:
    """A notice as it is kept: the cause, since when it is so where that was told before, when it last went well
    (`good_at`), and what to run."""
    lines = [notice.text]
    if open_since and open_since.told_at:
        lines.append(f"It has been so since {phrases.clock(open_since.since, time_zone)}.")
    last_time = LAST_TIME.get(notice.proof.partition(":")[0])
    good_at = good_at or (open_since.good_at if open_since else None)
    if last_time and good_at:
        lines.append(last_time.format(phrases.clock(good_at, time_zone)))
    if notice.command:
        lines.append(f"To look into it: {command(notice.command)}")
        is_trouble = notice.again and notice.kind is not Kind.COMMENTS
        lines += [f"What the last run did: {command(f'explain run:{run}')}"] * bool(run and is_trouble)
    return "\n".join(lines)


def over(line: str, since: datetime, good_at: datetime | None, time_zone: str) -> str:
    """That trouble is over."""
    again = f", since {phrases.clock(good_at, time_zone)}" if good_at else ""
    return f"It is over: {line}{again}. The trouble began at {phrases.clock(since, time_zone)}."


@dataclass(frozen=True, slots=True)
class Words:
    """Makes the words of messages. `how_to_answer`: how a person can answer the message itself about a draft, or ""."""

    db: Database
    redact: Callable[[str], str]
    how_to_answer: Callable[[Draft], str]

    def message(self, by_bot: Mapping[str, Sequence[notices.Waiting]]) -> tuple[str, str]:
        """Title and body of one message on these notices of bots."""
        told = [notice for waiting in by_bot.values() for notice in waiting]
        one = HEADLINES.get(told[0].kind, "") if len({notice.kind for notice in told}) == 1 else ""
        title = f"{' and '.join(by_bot) if len(by_bot) < 3 else f'{len(by_bot)} bots'}: {one or 'things to know'}"
        blocks: list[str] = []
        room = _LONGEST
        for bot, waiting in by_bot.items():
            blocks += [f"== {bot} =="] * (len(by_bot) > 1)
            for notice in waiting:
                block = self._in_full(bot, notice) if len(blocks) < MOST_IN_FULL and room > 0 else notice.text
                block = block if len(block) <= room else notice.text
                room -= len(block)
                blocks += [block] * (room > 0 and len(blocks) < _MOST)
        blocks += [f"There is more: {command('notify')}"] * (room <= 0 or len(blocks) >= _MOST)
        return self._clean(title)[:_LONGEST_TITLE], self._clean(_BETWEEN.join(blocks))

    def _in_full(self, bot: str, notice: notices.Waiting) -> str:
        if notice.kind == Kind.REMINDER:
            return "\n".join([notice.text, *self._reminded(bot)])
        draft = drafts.get(self.db, notice.draft_id) if notice.draft_id else None
        if draft is None:
            return notice.text
        ways = [phrases.way_on([each]) for each in decisions.ways_on(self.db, draft)]
        if notice.kind != Kind.DRAFT_READY:
            return "\n".join([notice.text, *ways])
        # Who reads it on a telephone answers; commands are for where nobody reads answers.
        blocks = (notice.text, *_post(draft), self.how_to_answer(draft) or "\n".join(ways))
        return "\n\n".join(filter(None, blocks))

    def _reminded(self, bot: str) -> Iterator[str]:
        waiting = waiting_drafts(self.db, bot)
        for draft in waiting[:_MOST_REMINDED]:
            if answer := self.how_to_answer(draft):  # nobody says yes to what they did not see
                yield from (f"\nDraft {draft.id}:", *_post(draft), answer)
            else:
                yield f"\nDraft {draft.id}: {phrases.in_a_line(draft.text, _LONGEST_LINE)}"
        if len(waiting) > _MOST_REMINDED:
            yield f"\n… and {len(waiting) - _MOST_REMINDED:,} more."
        yield f"\nAll of them: {command('drafts')}"

    def _clean(self, text: str) -> str:
        return _CALLS.sub(lambda call: f"{call[0]}\u200b", harmless(self.redact(text)))


def _post(draft: Draft) -> Iterator[str]:
    """All that goes out, part by part."""
    for number, part in enumerate(draft.parts, 1):
        if len(draft.parts) > 1:
            yield f"Part {number} of {len(draft.parts)}:"
        yield part.text
        for picture in part.media:
            yield f"With a picture: {picture.alt or 'without an alt text'}"
        if part.card:
            yield f"With a card: {part.card.title} {part.card.url}"
    if draft.links:
        yield f"With the address: {', '.join(dict.fromkeys(draft.links.values()))} ({', '.join(draft.links)})"
