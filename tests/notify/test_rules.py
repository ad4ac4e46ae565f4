"""What is worth telling: each rule, and what holds for all of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import example, given
from hypothesis import strategies as st

from tests.fakes import START
from twitter_manager.notify import reporting
from twitter_manager.notify.proofs import LAST_TIME, PROOFS
from twitter_manager.notify.rules import (
    RULES,
    SWITCHES,
    About,
    Facts,
    Kind,
    Machine,
    Notice,
    Refusal,
    Talk,
    Useless,
    is_due,
    wants,
    worth_telling,
)
from twitter_manager.notify.words import HEADLINES, alert
from twitter_manager.operations.told import Broken
from twitter_manager.settings.records import Notify
from twitter_manager.terminal import command
from twitter_manager.verbs import VERBS

WISHES = Notify.model_construct()
CALM = Facts(outcome="posted", slot="2026-03-01 10:00 UTC", month="2026-03", month_usd=15.0, left_usd=15.0)

_words = st.text(max_size=300)
_abouts = st.lists(st.builds(About, st.integers(1, 99), _words, _words, cause=_words), max_size=4).map(tuple)
_refusals = st.builds(Refusal, _words, st.just(START), st.sampled_from(["platform:x", "service:claude"]))
_facts = st.builds(
    Facts,
    outcome=st.sampled_from(["posted", "failed", "waiting_for_review", "nothing_due"]),
    slot=_words,
    month=st.just("2026-03"),
    waiting=_abouts,
    troubled=_abouts,
    attention=st.lists(_words, max_size=3).map(tuple),
    failure=_words,
    refused=st.dictionaries(st.sampled_from(["X", "claude"]), _refusals),
    spent_usd=st.floats(0, 100),
    month_usd=st.floats(0, 100),
    left_usd=st.floats(-100, 100),
    spent_today_usd=st.floats(0, 100),
    day_usd=st.floats(0, 100),
    left_today_usd=st.floats(-100, 100),
    slots_without_post=st.integers(0, 100),
    last_post=_words,
    why_none=_words,
    material=st.tuples(_words, _words),
)
_wishes = st.builds(
    lambda off, slots: Notify.model_construct(**dict.fromkeys(off, False), slots=slots),
    st.sets(st.sampled_from(sorted({SWITCHES.get(kind, kind) for kind in RULES}))),
    st.integers(1, 50),
)


def kinds(facts: Facts) -> list[Kind]:
    return [notice.kind for notice in worth_telling(facts, WISHES)]


def test_each_kind_has_a_rule_a_switch_and_a_headline() -> None:
    """A new kind gets all three, or fails here; that trouble is over has its kind's switch."""
    switches = {name for name, value in WISHES if isinstance(value, bool)}
    assert {*RULES, Kind.RECOVERED} == set(Kind) == set(HEADLINES) - {reporting.KIND}
    assert {SWITCHES.get(kind, kind) for kind in RULES} == switches


@given(_facts, _wishes)
@example(replace(CALM, waiting=(About(1, "", "0" * 300),)), WISHES)
def test_what_is_switched_off_is_never_told(facts: Facts, wishes: Notify) -> None:
    """Whatever the facts; what is told has words and a bounded subject; and the same facts give the same."""
    told = worth_telling(facts, wishes)
    assert all(wants(wishes, notice.kind) for notice in told)
    assert all(len(notice.subject) <= 200 for notice in told)
    assert told == worth_telling(facts, wishes)
    switched_on = worth_telling(facts, WISHES.model_copy(update={"slots": wishes.slots}))
    assert told == [notice for notice in switched_on if wants(wishes, notice.kind)]


@given(_facts)
def test_the_same_facts_are_told_once(facts: Facts) -> None:
    """Every notice of a run has its own subject, unless two lines differ in nothing but numbers."""
    told = worth_telling(replace(facts, attention=()), WISHES)
    unique = {(notice.kind, notice.subject) for notice in told}
    drafts = [about.draft for about in (*facts.waiting, *[about for about in facts.troubled if not about.cause])]
    assert len(unique) == len(told) or len(set(drafts)) < len(drafts)


@given(st.integers(-72, 72), st.integers(1, 720), st.booleans())
def test_the_cooldown(hours: int, cooldown: int, again: bool) -> None:
    """What is never told is due; what comes once is not due again; what comes again waits for its time, and a clock
    that was put back doesn't make it come more often."""
    notice = Notice(Kind.REMINDER, "", "", again=again, command="")
    assert is_due(notice, None, START, timedelta(hours=cooldown))
    due = is_due(notice, START - timedelta(hours=hours), START, timedelta(hours=cooldown))
    assert due == (again and abs(hours) >= cooldown)


def test_a_calm_run_tells_nothing() -> None:
    assert kinds(CALM) == []


def test_a_slot_with_nothing_approved_reminds() -> None:
    """By the outcome's value."""
    assert kinds(replace(CALM, outcome="waiting_for_review")) == [Kind.REMINDER]


def test_the_budget_is_told_near_its_end_and_at_it() -> None:
    """Once each a month, and of promises only where some use it up; a bot that may spend nothing has no budget to
    tell of."""
    near = worth_telling(replace(CALM, spent_usd=12.0, left_usd=3.0), WISHES)
    used = worth_telling(replace(CALM, spent_usd=15.2, left_usd=-0.2), WISHES)
    assert [notice.subject for notice in (*near, *used)] == ["2026-03:near", "2026-03:used"]
    assert "$12.00 of $15.00" in near[0].text and "kept for posts" in near[0].text and not near[0].again
    assert "($15.20 of $15.00)" in used[0].text
    [promised] = worth_telling(replace(CALM, spent_usd=14.99, left_usd=-0.01), WISHES)
    assert "($14.99 of $15.00, with what is promised)" in promised.text
    [promised] = worth_telling(replace(CALM, spent_usd=11.0, left_usd=2.5), WISHES)
    assert "nearly used up ($11.00 of $15.00, with what is promised)" in promised.text
    assert kinds(replace(CALM, spent_usd=11.9, left_usd=3.1)) == []
    assert kinds(replace(CALM, month_usd=0.0, left_usd=0.0)) == []


def test_the_budget_of_the_day_is_told_beside_that_of_the_month() -> None:
    """Once each a day; a bot without one has none to tell of."""
    day = replace(CALM, day="2026-03-01", day_usd=1.0)
    near = worth_telling(replace(day, spent_today_usd=0.8, left_today_usd=0.2), WISHES)
    used = worth_telling(replace(day, spent_today_usd=1.0, left_today_usd=0.0), WISHES)
    assert [notice.subject for notice in (*near, *used)] == ["2026-03-01:near", "2026-03-01:used"]
    assert "tomorrow" in used[0].text
    assert kinds(replace(day, day_usd=0.0, spent_today_usd=9.0, left_today_usd=0.0)) == []


def test_a_draft_in_trouble_is_told_anew_where_it_stands_otherwise() -> None:
    """Held on one platform, then failed on another: two things to tell; the same standing is one."""
    first, second = (
        worth_telling(replace(CALM, troubled=(About(3, "words", state),)), WISHES)[0] for state in ("held", "failed")
    )
    assert first.subject != second.subject and not first.again and first.draft == 3


def test_numbers_make_no_new_trouble() -> None:
    """A run that fails every hour with another count is one thing to tell; another draft is another thing."""
    one, other = (worth_telling(replace(CALM, attention=(f"{n} of {n} sources fail",)), WISHES)[0] for n in (3, 14))
    assert one.subject == other.subject and one.again
    third, fourth = (worth_telling(replace(CALM, attention=(f"draft {n} expired",)), WISHES)[0] for n in (3, 14))
    assert third.subject != fourth.subject


def test_each_kind_names_what_to_run() -> None:
    """Whatever the trouble, and in words that a message shows: but for drafts that wait, whose commands are put in
    when it is sent."""
    everything = Facts(
        outcome="waiting_for_review",
        slot="",
        month="2026-03",
        day="2026-03-01",
        waiting=(About(1, "waits"),),
        talk=Talk(2, 1, START, ("1. mia on x: When?",)),
        troubled=(About(2, "failed"), About(3, "failed", cause="same")),
        attention=("draft 4 expired unsent", "x: something"),
        failure="no run",
        refused={"X": Refusal("no", START, "platform:x"), "claude": Refusal("no", START, "service:claude", True)},
        ending={"x": "The key ends."},
        failing=(Useless("claude", "no", START, START),),
        unused=(Useless("claude", "no", START, START),),
        unread=(Useless("news", "no", START, START),),
        machine=Machine("/", "/", 1, 2, {"backup": Broken("2026-03-01T00:00:00.000000Z", "It failed.", "")}),
        went_wrong=(9, 9),
        spent_usd=9.0,
        month_usd=9.0,
        spent_today_usd=0.9,
        day_usd=1.0,
        left_today_usd=0.1,
        slots_without_post=99,
        material=("item:1", "The material runs out."),
    )
    told = worth_telling(everything, WISHES) + worth_telling(replace(CALM, month_usd=0.1, post_usd=0.2), WISHES)
    assert {notice.kind for notice in told} == set(RULES)
    of_drafts = (Kind.DRAFT_READY, Kind.REMINDER)
    for notice in told:
        assert bool(notice.command) == (notice.kind not in of_drafts), notice
        if notice.command:
            assert f"To look into it: {command(notice.command)}" in alert(notice, None, None, "UTC", 1)
            assert notice.command.split()[0] in VERBS
    commands = {notice.text: notice.command for notice in told}
    assert (commands["draft 4 expired unsent"], commands["x: something"]) == ("explain 4", "status")
    assert (commands["The key ends."], commands["The material runs out."]) == ("auth check", "sources")
    assert [notice.command for notice in told if notice.kind is Kind.BUDGET] == ["costs"] * 3


def test_each_proof_has_a_last_good_time() -> None:
    """In words, but for a single post, which has none; a new one gets them, or fails here."""
    assert set(LAST_TIME) == set(PROOFS) - {"draft"}


def test_slots_without_a_post() -> None:
    """From the number on that is set."""
    assert kinds(replace(CALM, slots_without_post=11)) == []
    [notice] = worth_telling(replace(CALM, slots_without_post=12, why_none="no news"), WISHES)
    assert notice.kind is Kind.NOTHING_POSTED and "12 slots" in notice.text and "no news" in notice.text
