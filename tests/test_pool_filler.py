"""The pool filler over a real database: what a generator does wrong costs no slot and leaks nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.fakes import START, FakeClock
from tests.fresh import new_database
from twitter_manager import factory, settings
from twitter_manager.domain import Brief, Candidate, Generation, Generator, Item, Persona, Progress, TimeLeft
from twitter_manager.errors import GeneratorError
from twitter_manager.pipeline.collect import Collector
from twitter_manager.pipeline.fill import PoolFiller
from twitter_manager.redaction import Redactor
from twitter_manager.store import drafts, generations, items, runs
from twitter_manager.writing import briefing
from twitter_manager.writing.brief import Prompt
from twitter_manager.writing.generators.excerpt import Excerpt
from twitter_manager.writing.judge import Asked, Verdict
from twitter_manager.writing.topics import Rules

SECRET = "planted-secret-0123456789abcdefghij"


class Scripted:
    """Says one text for every brief, or raises; `slow`: uses up all the time that it is given."""

    name, free = "scripted", True

    def __init__(self, clock: FakeClock, text: str = "", *, slow: bool = False, error: Exception | None = None) -> None:
        self.clock, self.text, self.slow, self.error = clock, text, slow, error

    def generate(
        self, briefs: Sequence[Brief], n: int, time_left: TimeLeft, progress: Progress
    ) -> Iterator[tuple[Brief, tuple[Generation, ...]]]:
        for brief in briefs:
            if self.error:
                raise self.error
            while self.slow and time_left() > 0:
                self.clock.sleep(1)
            yield brief, (Generation(self.name, "m", "", 1, "p", self.text, (Candidate((self.text,)),)),)

    def verify(self) -> str:
        return ""


class Yes:
    """Says yes to everything."""

    name, free = "yes", True

    def review(
        self, brief: Brief, parts: Sequence[str], points: Sequence[str], time_left: TimeLeft, usd_left: float = 0.0
    ) -> Verdict:
        return Verdict(())


Make = Callable[..., PoolFiller]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def make(tmp_path: Path, clock: FakeClock) -> Make:
    def build(*generators: Generator) -> PoolFiller:
        (tmp_path / ".env").touch(mode=0o600)
        bot = settings.load(tmp_path, {}).active[0]
        db = new_database(tmp_path / "t.db")
        with db.transaction():
            run_id = runs.start(db, bot.name, "run", START, START)
        deadline = clock() + timedelta(minutes=10)
        return PoolFiller(
            db=db,
            spec=factory.post_spec(bot, (SECRET,), db, judge=lambda generator: Yes()),
            generators=[(one, 8) for one in generators],
            run_id=run_id,
            seed=7,
            clock=clock,
            time_left=lambda: (deadline - clock()).total_seconds(),
            progress=lambda line: None,
            redact=Redactor((SECRET,)).redact,
            collector=Collector(
                db, bot.name, bot.sources, factory.fetcher, clock, lambda: 600.0, lambda line: None, lambda text: text
            ),
        )

    return build


def test_the_pool_is_filled_with_different_posts(make: Make, clock: FakeClock) -> None:
    filler = make(Excerpt())
    assert filler.fill(5) == ""
    made = drafts.ready(filler.db, "default", clock())
    assert len({draft.parts for draft in made}) == len({draft.item_id for draft in made}) == 5


def test_a_candidate_turned_down_for_a_secret_keeps_it_to_itself(make: Make, tmp_path: Path) -> None:
    clock = FakeClock()
    filler = make(Scripted(clock, f"My key is {SECRET}."), Excerpt())
    filler.fill(1)
    [rejected, chosen] = generations.of_run(filler.db, filler.run_id)
    assert (rejected["verdict"], chosen["verdict"]) == ("rejected", "chosen")
    filler.db.close()
    assert SECRET.encode() not in (tmp_path / "t.db").read_bytes()


class Opening(Scripted):
    """Puts its text before each note and a greeting after it."""

    def generate(
        self, briefs: Sequence[Brief], n: int, time_left: TimeLeft, progress: Progress
    ) -> Iterator[tuple[Brief, tuple[Generation, ...]]]:
        for brief in briefs:
            made = Candidate((f"{self.text} {brief.items[0].text} Happy hacking!",), frame="wording")
            yield brief, (Generation(self.name, "m", "", 1, "p", self.text, (made,)),)


def test_a_persons_own_openers_and_closings_may_be_used(make: Make, clock: FakeClock) -> None:
    """What the person chose to stand beside notes needs no word in the material."""
    filler = make(Opening(clock, "From the trenches:"), Excerpt())
    own = Persona(openers=("From the trenches:",), closings=("Happy hacking!",))
    filler.spec = replace(filler.spec, blank=replace(filler.spec.blank, persona=own))
    assert filler.fill(1) == ""
    [draft] = drafts.ready(filler.db, "default", clock())
    assert "trenches" in draft.text and "hacking" in draft.text


def test_a_slow_model_leaves_time_for_the_next_and_for_publishing(make: Make, clock: FakeClock) -> None:
    filler = make(Scripted(clock, "nonsense", slow=True), Excerpt())
    filler.fill(1)
    assert drafts.ready(filler.db, "default", clock())
    assert filler.time_left() >= 30


@pytest.mark.parametrize("error", [KeyError("surprise"), GeneratorError(f"bad key {SECRET}")], ids=["bug", "refusal"])
def test_a_generator_that_fails_makes_way_and_is_named(make: Make, clock: FakeClock, error: Exception) -> None:
    filler = make(Scripted(clock, error=error), Excerpt())
    filler.fill(1)
    assert drafts.ready(filler.db, "default", clock())
    alone = make(Scripted(clock, error=error))
    reason = alone.fill(1)
    assert reason.startswith("scripted:")
    assert SECRET not in reason


class Picky:
    """Can make nothing of the first `useless` pieces of material that it is given."""

    name, free = "picky", True

    def __init__(self, useless: int) -> None:
        self.useless = useless
        self.given: list[str] = []

    def generate(
        self, briefs: Sequence[Brief], n: int, time_left: TimeLeft, progress: Progress
    ) -> Iterator[tuple[Brief, tuple[Generation, ...]]]:
        for brief in briefs:
            self.given.append(brief.items[0].key)
            text = brief.items[0].text if len(self.given) > self.useless else "Napoleon said so in 1804."
            yield brief, (Generation(self.name, "m", "", 1, "p", text, (Candidate((text,)),)),)

    def verify(self) -> str:
        return ""


def test_material_that_none_can_use_makes_way_for_other_material(make: Make, clock: FakeClock) -> None:
    """A commit of three words costs no slot: other material is chosen, each piece once, and only a few times."""
    filler = make(picky := Picky(2))
    assert filler.fill(1) == "" and len(drafts.ready(filler.db, "default", clock())) == 1
    assert len(set(picky.given)) == len(picky.given) == 3
    hopeless = make(picky := Picky(1000))
    assert hopeless.fill(1) and len(set(picky.given)) == len(picky.given) == 4


def test_a_short_run_tries_other_material_too(make: Make, clock: FakeClock) -> None:
    """With RUN_SECONDS=60 one piece that gives no post was the end of it."""
    filler = make(Picky(2))
    filler.time_left = lambda: 50.0
    assert filler.fill(1) == "" and len(drafts.ready(filler.db, "default", clock())) == 1


class Silent:
    """Uses up all the time that it is given, and says nothing."""

    name, free = "silent", True

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock

    def answer(self, prompt: Prompt, time_left: TimeLeft) -> Generation:
        while time_left() > 0:
            self.clock.sleep(1)
        raise GeneratorError("No answer came in time.")


def test_a_slow_judge_leaves_time_for_publishing(make: Make, clock: FakeClock) -> None:
    """Its bad hour costs no slot: the material's own words are there, and the time to send them."""
    filler = make(Picky(0), Excerpt())
    writers = replace(filler.spec.writers, judge=lambda generator: Asked(Silent(clock)))
    filler.spec = replace(filler.spec, writers=writers)
    assert filler.fill(1) == ""
    assert len(drafts.ready(filler.db, "default", clock())) == 1
    assert filler.time_left() >= 30


class Broken(Yes):
    """Has a bug."""

    def review(
        self, brief: Brief, parts: Sequence[str], points: Sequence[str], time_left: TimeLeft, usd_left: float = 0.0
    ) -> Verdict:
        raise KeyError("surprise")


def test_what_was_paid_for_is_kept_whatever_breaks(make: Make, clock: FakeClock) -> None:
    """An answer that could not be looked at is on record, and the next generator serves."""
    filler = make(Picky(0), Excerpt())
    writers = replace(filler.spec.writers, judge=lambda generator: Broken())
    filler.spec = replace(filler.spec, writers=writers)
    assert filler.fill(1) == "" and len(drafts.ready(filler.db, "default", clock())) == 1
    kept = [(one["generator"], one["verdict"]) for one in generations.of_run(filler.db, filler.run_id)]
    assert kept == [("picky", "rejected"), ("excerpt", "chosen")]


def test_a_thread_is_made_of_several_notes_of_one_label_and_uses_them_all_up(make: Make, clock: FakeClock) -> None:
    """One brief with all of them; none of them is chosen again, though the draft names but the first."""
    filler = make(Excerpt())
    material = replace(filler.spec.material, rules=Rules({"Git": 1.0}, {"thread": 1.0}))
    filler.spec = replace(filler.spec, material=material)
    assert filler.fill(3) == ""
    made = [draft for draft in drafts.ready(filler.db, "default", clock()) if draft.format == "thread"]
    taken = [[draft.item_id, *draft.choice["also"]] for draft in made]
    assert all(len(draft.parts) == len(numbers) + 1 for draft, numbers in zip(made, taken, strict=True))
    every = [number for numbers in taken for number in numbers]
    assert len(set(every)) == len(every) >= 9
    assert items.last_used(filler.db, "default").keys() == set(every)


def test_each_choice_knows_those_before_it(make: Make) -> None:
    """No topic and no item comes twice among the choices of one filler; what was just chosen counts as said."""
    filler = make(Excerpt())
    filler.collect()
    assert briefing.choices(filler.db, filler.spec, 0, 7, START) == ([], "")
    chosen, reason = briefing.choices(filler.db, filler.spec, 14, 7, START)
    assert reason == "" and len({one.item_id for one in chosen}) == len({one.topic for one in chosen}) == 14
    near = [row.get("near", "") for one in chosen for row in one.why["item"]["best"]]
    assert any(name.startswith("item ") for name in near)


def test_news_alone_is_written_or_nothing(make: Make, clock: FakeClock) -> None:
    """The fast lane: a fresh commit becomes a draft, then there is none left; background is never taken; what can't be
    used is tried once."""
    fresh = Item(
        "p", "c1", "The upload asks three times now.", "Add a second try for uploads that broke off", kind="commit"
    )
    filler = make(Excerpt())
    filler.collector = None
    with filler.db.transaction():
        items.refresh(filler.db, "default", "p", [fresh], clock())
        items.refresh(filler.db, "default", "n", [Item("n", "1", "Git has hooks.", label="Git")], clock())
    assert filler.fill(1, news_only=True) == ""
    [draft] = drafts.ready(filler.db, "default", clock())
    assert draft.choice["lane"] == "news" and draft.topic == "general"
    assert filler.fill(1, news_only=True) == "There is no fresh news"
    hopeless = make(picky := Picky(1000))
    hopeless.collector = None
    with hopeless.db.transaction():
        two = [fresh, *(replace(fresh, key=f"c{number}", text=f"Number {number} now.") for number in (2, 3))]
        items.refresh(hopeless.db, "default", "p", two, clock())
    assert hopeless.fill(1, news_only=True) and len(picky.given) == 1
