"""Answers that a model writes: to a plain question beneath a post, from that post's own material, past the same judge.
All else is left to the bot's person, with the reason. What may be answered is told by `writing.answering`."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from twitter_manager.checks import check_draft
from twitter_manager.checks.suspicion import suspicions
from twitter_manager.content import plain
from twitter_manager.domain import Brief, Draft, DraftStatus, Item
from twitter_manager.errors import GeneratorError, TextKnown
from twitter_manager.pipeline import answering, select
from twitter_manager.pipeline.asking import Asking
from twitter_manager.pipeline.context import RunContext
from twitter_manager.settings.records import UNASKED
from twitter_manager.store import comments, deliveries, drafts, events, generations, items
from twitter_manager.store.comments import Comment, Status
from twitter_manager.store.database import Database, from_text
from twitter_manager.writing import answering as rules
from twitter_manager.writing import briefing
from twitter_manager.writing.brief import answering as asking_for
from twitter_manager.writing.brief import material_of
from twitter_manager.writing.judge import Answers, Judge
from twitter_manager.writing.topics import Choice

if TYPE_CHECKING:
    from twitter_manager.pipeline.fill import PoolFiller

log = logging.getLogger(__name__)

MOST_ASKED, MOST_A_DAY, MOST_LOOKED_AT = 3, 20, 50
"""For so many comments a model is asked in one run and in one day of the bot's, and so many are looked at in a run."""
ASKED_ABOUT = "comment_asked_about"
"""The event that a model answered, or was paid for none."""
LEAST_SECONDS = 20.0
"""With less left of the run no model is asked."""
_MOST_CHARS = 280
_MOST_BETWEEN = 20
"""Answers of ours between a comment and the post."""


def follow_up(context: RunContext, run_id: int) -> None:
    """Draft answers to what is new, within the run's time and money. The run is over, and nothing here can fail it."""
    try:
        with context.stages("draft answers"):
            draft(context, run_id)
    except Exception:
        log.exception("no answers were drafted")


def draft(context: RunContext, run_id: int) -> None:
    """Look at the new comments, the oldest first: leave each to its person, or draft its answer. Where no model writes,
    or nobody judges it, they stay as they are."""
    if context.filler is None:
        return
    waiting = comments.in_status(context.db, context.bot, (Status.NEW,), MOST_LOOKED_AT)
    if not waiting or (writer := _writer(context, run_id)) is None:
        return
    left = min(MOST_ASKED, MOST_A_DAY - _asked_today(context))
    for comment in waiting:
        try:
            question = _question(context, writer, run_id, comment)
            if isinstance(question, str):
                _flag(context, comment, question)
            elif left > 0 and writer.may_ask():
                left -= 1
                question.answer()
        except Exception as error:  # asked about again in each run, it would cost each time, and hold up the others
            log.exception("comment %d: no answer was drafted", comment.id)
            _flag(context, comment, f"an unforeseen {type(error).__name__} while its answer was drafted")


def _asked_today(context: RunContext) -> int:
    began = context.calendar.day_start(context.clock())
    asked = events.newest(context.db, context.bot, ASKED_ABOUT, MOST_A_DAY)
    return sum(from_text(event["at"]) >= began for event in asked)


@dataclass(frozen=True, slots=True)
class _Writer:
    """Who writes, who judges, and who pays."""

    who: Answers
    judge: Judge
    filler: PoolFiller
    services: Asking
    time_left: Callable[[], float]

    @property
    def language(self) -> str:
        """The bot's."""
        return self.filler.spec.blank.persona.language

    def may_ask(self) -> bool:
        """Whether there is time, money and no limit in the way of both."""
        parties = (self.who, self.judge, getattr(self.judge, "who", self.judge))
        money = all(self.filler.money.allows(party) for party in parties[:2])
        return money and self.time_left() > LEAST_SECONDS and not any(map(self.services.limit, parties))


def _writer(context: RunContext, run_id: int) -> _Writer | None:
    assert context.filler is not None
    filler = context.filler(run_id)
    filler.money.cap(select.standing(context).left_beside_posts)
    writers = filler.spec.writers
    for generator, _ in filler.generators:
        judge = writers.judge(generator)
        if generator.name in writers.names and isinstance(generator, Answers) and judge is not None:
            services = Asking(context.db, context.bot, context.clock, context.calendar.time_zone)
            return _Writer(generator, judge, filler, services, context.time_left)
    return None


def _flag(context: RunContext, comment: Comment, reason: str) -> None:
    """Leave it to its person, unless they were quicker."""
    with context.db.transaction():
        if comments.get(context.db, comment.id) == comment:
            comments.move(context.db, comment, Status.FLAGGED, context.redact(reason))
    log.info("%s: comment %d is for you: %s", comment.platform, comment.id, reason)


def _question(context: RunContext, writer: _Writer, run_id: int, comment: Comment) -> _Question | str:
    """What a model may be asked about a comment, or why it is for its person alone."""
    where = str(comment.receipt.extra.get("visibility", ""))
    if reason := rules.why_for_person(comment.text, where, writer.language):
        return reason
    if answering.is_too_deep(context.db, comment, context.answers):
        return f"the bot has answered {context.answers.per_thread} times there"
    post = _post_above(context, comment)
    material = _material_of(context.db, post) if post else []
    if post is None or not material:
        return "it stands beneath no post of the bot that has material to answer from"
    return _Question(context, writer, run_id, comment, post, material)


def _post_above(context: RunContext, comment: Comment) -> Draft | None:
    """The post of ours that it stands beneath, however many answers lie between."""
    db = context.db
    for _ in range(_MOST_BETWEEN):
        delivery = deliveries.get(db, comment.delivery_id) if comment.delivery_id is not None else None
        post = drafts.get(db, delivery.draft_id) if delivery else None
        above = comments.get(db, post.comment_id) if post and post.comment_id is not None else None
        if above is None:
            return post if post and post.bot == context.bot else None
        comment = above
    return None


def _material_of(db: Database, post: Draft) -> list[tuple[int, Item]]:
    numbers = [post.item_id, *post.choice.get("also", ())]
    known = ((number, items.get(db, number)) for number in numbers if number is not None)
    return [(number, item) for number, item in known if item is not None]


@dataclass(frozen=True, slots=True)
class _Question:
    """A comment that a model may answer, the post of ours that it stands beneath, and what that was made from."""

    context: RunContext
    writer: _Writer
    run_id: int
    comment: Comment
    post: Draft
    material: list[tuple[int, Item]]

    def answer(self) -> None:
        """Ask for an answer, and keep it where nothing is against it."""
        context, filler = self.context, self.writer.filler
        brief = self._brief()
        context.progress(f"{self.writer.who.name}: writing an answer")
        prompt = asking_for(brief, self.post.text, rules.question_of(self.comment.text))
        try:
            answer = self.writer.who.answer(prompt, context.time_left)
        except GeneratorError as error:
            filler.money.pay("writing", self.writer.who.name, error.tokens, error.cost_usd)
            self.writer.services.met(self.writer.who, error, context.redact(str(error)))
            log.warning("%s: no answer was written: %s", self.writer.who.name, context.redact(str(error)))
            if error.cost_usd or error.tokens:  # what costs is not tried in each run
                with context.db.transaction():
                    self._note_asked()
                _flag(context, self.comment, f"no answer could be written: {error.message}")
            return
        filler.money.pay("writing", answer.generator, answer.tokens_in + answer.tokens_out, answer.cost_usd)
        with context.db.transaction():
            filler.keep(answer, (), unchecked=generations.ANSWERING)
            self._note_asked()
        text = rules.read(answer.raw)
        if reason := self._why_not(brief, text):
            _flag(context, self.comment, reason)
        elif text:
            self._keep(brief, text)

    def _note_asked(self) -> None:
        context, now = self.context, self.context.clock()
        events.record(context.db, now, ASKED_ABOUT, bot=context.bot, run_id=self.run_id, comment=self.comment.id)

    def _why_not(self, brief: Brief, text: str | None) -> str:
        """What is against an answer: the form, the second gate, the checks, the judge."""
        if text is None:
            return "the model gave no answer of the form that was asked for"
        if not text:
            return "its post's material does not answer it"
        material = (material_of(brief), self.post.text)
        if reason := rules.why_unfit(text, self.comment.text, material, self.writer.language):
            return reason
        spec = self.writer.filler.spec
        made = briefing.context(self.context.db, spec, brief, {}, self.context.clock())
        policy = replace(made.policy, max_links=0, max_mentions=0, max_hashtags=0)
        checked = replace(made, platforms=(self.comment.platform,), policy=policy, recent=(), card="")
        if violations := check_draft((text,), checked):
            return f"the answer: {violations[0].message}"
        return self._judged(brief, text)

    def _judged(self, brief: Brief, text: str) -> str:
        filler, judge = self.writer.filler, self.writer.judge
        points = (
            rules.point_for_judge(self.comment.text),
            *suspicions((text,), (material_of(brief),), self.writer.language),
        )
        verdict = judge.review(brief, (text,), points, self.context.time_left, filler.money.usd_left)
        for answer in verdict.answers:
            filler.money.pay("judging", answer.generator, answer.tokens_in + answer.tokens_out, answer.cost_usd)
        with self.context.db.transaction():
            for answer in verdict.answers:
                filler.keep(answer, ())
        self.writer.services.met(getattr(judge, "who", None), verdict.error, self.context.redact(str(verdict.error)))
        if verdict.harm:
            return f"the judge warns: {verdict.harm}"
        return f"the judge doubts the answer: {verdict.reasons[0]}" if verdict.reasons else ""

    def _keep(self, brief: Brief, text: str) -> None:
        """Save it; what is sent without a person's yes is clean in all respects."""
        context, spec = self.context, self.writer.filler.spec
        material, language = (material_of(brief),), self.writer.language
        doubts = [
            *rules.why_seen_first(self.comment.text, language),
            *suspicions((text,), material, language),
            *(["it says yes or no to the question"] if rules.says_yes_or_no(text) else []),
            *(f"it says “{word}”" for word in rules.new_words(text, material, language)),
        ]
        unasked = context.answers.mode == UNASKED and not doubts
        new = drafts.NewDraft(
            bot=context.bot,
            origin="generator",
            parts=plain((text,)),
            platforms=(self.comment.platform,),
            lifetime=spec.delivery.lifetime if unasked else context.approval.lifetime,
            language=language,
            run_id=self.run_id,
            status=DraftStatus.APPROVED if unasked else DraftStatus.PENDING,
            reason="" if unasked else doubts[0] if doubts else "a model wrote this answer",
            comment_id=self.comment.id,
        )
        try:
            with context.db.transaction():
                fresh = comments.get(context.db, self.comment.id) == self.comment
                number = drafts.add(context.db, new, context.clock()) if fresh else None
                saved = drafts.get(context.db, number) if number else None
                if saved and unasked and (reason := answering.why_not(context.db, saved, context.answers)):
                    drafts.move(context.db, saved, DraftStatus.PENDING, context.clock(), reason=reason)
        except TextKnown:
            _flag(context, self.comment, "the answer would say what a post says already")

    def _brief(self) -> Brief:
        """As for a post of the same material, for this platform and without what leads away from it."""
        filler = self.writer.filler
        choice = Choice(self.post.topic, "tip", tuple(self.material), {"seed": filler.seed})
        brief = briefing.brief(filler.spec, choice, self.context.clock())
        return replace(
            brief,
            platforms=(self.comment.platform,),
            background=(),
            near=(),
            linked=False,
            max_chars=min(brief.max_chars, _MOST_CHARS),
        )
