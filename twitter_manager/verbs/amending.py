"""The verbs for a post that is out: `delete` takes it down, `correct` gives it other words."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial

from twitter_manager import factory, takedown
from twitter_manager import show as views
from twitter_manager.amendments import OPEN
from twitter_manager.app import App
from twitter_manager.budget import TimeBudget
from twitter_manager.decisions import draft_of
from twitter_manager.delivery import Amender
from twitter_manager.domain import Draft, DraftStatus, Json, Platform
from twitter_manager.errors import TwitterManagerError, UsageError
from twitter_manager.media import MediaStore
from twitter_manager.operations import editing, repeating
from twitter_manager.operations.own_posts import refuse_bad
from twitter_manager.operations.presence import Look
from twitter_manager.pipeline.context import RunContext
from twitter_manager.pipeline.run import run_bot
from twitter_manager.pipeline.spending import Budget, left_of_budget
from twitter_manager.platforms import SPECS, any_of
from twitter_manager.show import BotReport
from twitter_manager.store import amendments, deliveries, drafts
from twitter_manager.store.database import Database
from twitter_manager.takedown import Plan
from twitter_manager.terminal import command
from twitter_manager.verbs.deciding import at_the_shell
from twitter_manager.verbs.verb import (
    JSON,
    LARGEST,
    PATIENCE,
    UNCHANGED,
    Verb,
    Words,
    agrees,
    number,
    opened,
    platform_name,
    show,
    switch,
    word,
)

_Planner = Callable[[Database, Draft, Mapping[str, Platform]], Plan]


def delete(words: Words) -> int:
    """Take a post down, on every platform or on those that you name; a thread with all its parts."""
    app, names = opened(words), tuple(map(platform_name, words.platform))
    return _amend(app, words, lambda db, draft, platforms: takedown.deletion(db, draft, names, platforms))


def correct(words: Words) -> int:
    """Give a post other words: Mastodon edits it; elsewhere it is taken down and posted anew."""
    app, names = opened(words), tuple(map(platform_name, words.platform))
    text = sys.stdin.read().strip() if words.text == "-" else words.text

    def plan(db: Database, draft: Draft, platforms: Mapping[str, Platform]) -> Plan:
        relink = partial(editing.relinked, app.session.bot(draft.bot))
        made = takedown.correction(db, draft, words.part, text, names, platforms, relink)
        _check(app, db, made)
        _refuse_too_dear(app, db, made)
        return made

    return _amend(app, words, plan)


_PLATFORM = word("--platform", action="append", default=[], help=f"only there: {any_of(tuple(SPECS))}; may be repeated")
_DRAFT = word("draft", type=number(LARGEST), metavar="DRAFT", help="a draft's number, as history shows it")
_YES = switch("--yes", "don't ask")

DELETE = Verb(delete, (JSON, _DRAFT, _PLATFORM, _YES))
CORRECT = Verb(
    correct,
    (
        JSON,
        _DRAFT,
        word("text", metavar="TEXT", help="the new words; - reads them from standard input"),
        word("--part", type=number(LARGEST), default=None, metavar="K", help="which part of a thread, from 1"),
        _PLATFORM,
        _YES,
    ),
)


@dataclass(frozen=True, slots=True)
class Amended:
    """What came of it."""

    answer: Json
    lines: tuple[str, ...]
    trouble: tuple[str, ...]


def _amend(app: App, words: Words, planner: _Planner) -> int:
    """Say what it comes to, ask, and do it; what is not done by then the next runs do."""
    with app.session.reading() as read:
        if read is None:
            raise UsageError(f"There is no draft {words.draft}.", "Nothing was posted yet.")
        draft = draft_of(read, words.draft)
        _refuse_without_bot(app, read, draft)
        plan = planner(read, draft, app.factory.platforms(app.session.bot(draft.bot)))
    if not words.yes and not _agreed(words, plan):
        words.screen.lines([UNCHANGED])
        return 0
    with app.session.at_work(dry_run=False) as db:
        amended = _carried_out(app, db, draft_of(db, words.draft), planner)
    if words.json or sys.stdout.isatty():
        show(words, amended.answer, lambda _: amended.lines)
    for line in (*amended.trouble, *app.notes):
        words.screen.trouble(line)
    return 1 if amended.trouble else 0


def _refuse_without_bot(app: App, db: Database, draft: Draft) -> None:
    if draft.bot not in {bot.name for bot in app.settings.bots}:
        posts = (post for post in deliveries.of_draft(db, draft.id) if post.removed_at is None)
        where = " ".join(post.receipt.url for post in posts if post.receipt)
        remedy = f"Put its file back into data/bots, or take it down by hand: {where}"
        raise UsageError(f"Draft {draft.id} is of {draft.bot}, which is no bot any more.", remedy)


def _agreed(words: Words, plan: Plan) -> bool:
    if words.json or not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(f"{UNCHANGED[:-1]}: nobody could be asked.", "Say --yes.")
    words.screen.lines(_there(plan))
    words.screen.lines(_foretold(plan))
    return agrees(words, "Do it?")


def _there(plan: Plan) -> Iterator[str]:
    """What stands there now of what changes, told apart by platform where it differs."""
    texts = {name: tuple(post.text for post in plan.posts if post.platform == name) for name in plan.platforms}
    for words in dict.fromkeys(texts.values()):
        if len(set(texts.values())) > 1:
            yield f"{', '.join(name for name in texts if texts[name] == words)}:"
        yield from views.quoted(words)


def _foretold(plan: Plan) -> Iterator[str]:
    """What will happen, for a person who decides."""
    names = ", ".join(dict.fromkeys(post.platform for post in plan.deletions))
    cost = f" (${plan.cost_usd:.3f})" if plan.cost_usd else ""
    for post, _ in plan.edits:
        yield f"{post.platform}: the post is edited; it keeps its address, its replies and what goes along with it."
    if plan.parts and names:
        anew = "with a new address; replies, likes and reposts stay behind"
        yield f"{names}: can't edit. The post is taken down and the corrected one goes out as a new post{cost}, {anew}."
    elif names:
        yield f"{names}: taken down{cost}. This can't be undone."
    if waiting := plan.waiting:
        where = ", ".join(waiting.draft.platforms)
        yield f"{where}: draft {waiting.draft.id}, which waits in its place, gets these words."
    if missing := ", ".join(dict.fromkeys(post.platform for post, _ in plan.unsent)):
        yield f"{missing}: not out there. After {command(f'resume {plan.draft.id}')} it goes out as corrected."
    yield from filter(None, (*plan.untouched, plan.in_its_place))


def _carried_out(app: App, db: Database, draft: Draft, planner: _Planner) -> Amended:
    bot = app.session.bot(draft.bot)
    app.session.log_context.bot = bot.name
    context = app.factory.run_context(db, bot)
    plan = planner(db, draft, context.platforms)
    for name in plan.replaced_on:  # what was deleted there by hand does not come back in other words
        Look(db, app.clock, context.time_left, context.policy.settle, name).at([draft], context.platforms)
    plan = _carded(app, db, planner(db, draft, context.platforms) if plan.replaced_on else plan)
    waits_on = plan.waiting.draft.platforms if plan.waiting else ()
    with db.transaction():
        replacement = takedown.put_on_record(db, plan, app.clock(), at_the_shell())
    amender = _amender(context)
    amender.go_on(only=draft.id)
    report = _published(app, context, replacement) if replacement else None
    mine = [each for each in amendments.of_draft(db, draft.id) if each.platform in (*plan.platforms, *waits_on)]
    still_open = {each.platform: each.error for each in mine if each.status in OPEN}
    waiting = [f"{name}: not yet; the next run goes on by itself: {why}" for name, why in still_open.items()]
    answer: Json = {
        "draft": views.draft_as_json(draft_of(db, draft.id)),
        "deliveries": [views.delivery_as_json(delivery) for delivery in deliveries.of_draft(db, draft.id)],
        "amendments": views.amendments_of(db, draft.id),
        "attention": [line for _, line in amender.attention],
        "waiting": waiting,
        "untouched": list(plan.untouched),
        "replacement": views.run_as_json(report) if report else None,
    }
    trouble = [line for _, line in amender.attention] + waiting + list(plan.untouched)
    trouble += list(views.cron_lines(report.report)) if report else []
    place = [plan.in_its_place] * bool(plan.in_its_place)
    lines = [*amender.notes, *place, *(views.run_lines(report) if report else ())]
    return Amended(answer, tuple(lines), tuple(trouble))


def _carded(app: App, db: Database, plan: Plan) -> Plan:
    """A new post, and one that waits to be, has the card of the address in its new words."""
    new = bool(plan.replaced_on and not plan.parts[-1].card and plan.draft.parts != plan.parts)
    waiting = plan.waiting if plan.waiting and not plan.waiting.parts[-1].card else None
    if not (new or waiting):
        return plan
    maker = app.factory.card_maker(app.session.bot(plan.draft.bot), db, TimeBudget.of(PATIENCE))
    with closing(maker) as cards:
        parts = cards.add_to(plan.parts, plan.replaced_on) if new else plan.parts
        if waiting:
            waiting = replace(waiting, parts=cards.add_to(waiting.parts, waiting.draft.platforms))
    return replace(plan, parts=parts, waiting=waiting or plan.waiting)


def _amender(context: RunContext) -> Amender:
    patience = TimeBudget.of(PATIENCE)
    return Amender(
        context.db,
        context.bot,
        context.platforms,
        context.policy,
        context.clock,
        context.sleep,
        lambda: min(context.time_left(), patience()),
        context.progress,
        context.redact,
        time_zone=context.calendar.time_zone,
    )


def _published(app: App, context: RunContext, draft_id: int) -> BotReport | None:
    """Publish the corrected post by the path of every other, where what it replaces is gone."""
    draft = drafts.get(context.db, draft_id)
    if draft is None or draft.status is not DraftStatus.APPROVED:
        return None
    return BotReport(run_bot(context, "correct", only=draft_id, began=app.tag))


def _refuse_too_dear(app: App, db: Database, plan: Plan) -> None:
    """Nothing is taken down for a post that the budget does not allow. Raises TwitterManagerError."""
    bot = app.session.bot(plan.draft.bot)
    platforms = app.factory.platforms(bot)
    stands = left_of_budget(db, bot.name, Budget.of(bot), platforms, app.clock())
    left, of_day = max(0.0, stands.left), stands.left_of_day < stands.left_of_month
    if plan.cost_usd > left:
        where, whose = ", ".join(plan.replaced_on), "today's" if of_day else "this month's"
        message = f"Not corrected: on {where} that costs ${plan.cost_usd:.3f}, and ${left:.3f} of {whose} is left."
        setting, alone = "usd_per_day" if of_day else "usd_per_month", command(f"delete {plan.draft.id}")
        remedy = f"Raise {setting} in the bot's file, or take it down alone: {alone}"
        raise TwitterManagerError(message, remedy)


def _check(app: App, db: Database, plan: Plan) -> None:
    """The new words pass the checks of every post. Raises TwitterManagerError."""
    draft, bot = plan.draft, app.session.bot(plan.draft.bot)
    context = factory.check_context(bot, app.settings.secrets, platforms=plan.platforms)
    refuse_bad(plan.parts, replace(context, links=plan.links), "Not corrected")
    words = repeating.Words(db, bot.name, bot.time_zone, app.clock(), draft.id)
    words.said(plan.parts, plan.links, plan.platforms)
    if waiting := plan.waiting:
        refuse_bad(
            waiting.parts, replace(context, platforms=waiting.draft.platforms, links=waiting.links), "Not corrected"
        )
        words.said(waiting.parts, waiting.links, waiting.draft.platforms)
    store = MediaStore.of(app.settings.data)
    lost = (store.trouble(media) for part in plan.parts * bool(plan.replaced_on) for media in part.media)
    if trouble := next(filter(None, lost), ""):
        raise TwitterManagerError(f"Not corrected, and nothing was taken down. {trouble}")
