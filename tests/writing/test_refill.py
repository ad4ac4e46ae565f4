"""The refill over a real database: what a generator does wrong costs no slot and leaks nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from tests.fakes import START, FakeClock
from twitter_manager import settings, wiring
from twitter_manager.domain import Brief, Candidate, Generation, Generator, Progress, TimeLeft
from twitter_manager.errors import GeneratorError
from twitter_manager.redaction import Redactor
from twitter_manager.store import drafts, generations, runs
from twitter_manager.store.database import connect
from twitter_manager.store.schema import migrate
from twitter_manager.writing.generators.excerpt import Excerpt
from twitter_manager.writing.refill import Refill

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


Make = Callable[..., Refill]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def make(tmp_path: Path, clock: FakeClock) -> Make:
    def build(*generators: Generator) -> Refill:
        (tmp_path / ".env").touch(mode=0o600)
        bot = settings.load(tmp_path, {}).active[0]
        db = connect(tmp_path / "t.db")
        migrate(db, START, None)
        with db.transaction():
            run_id = runs.start(db, bot.name, "run", START, START, 1)
        deadline = clock() + timedelta(minutes=10)
        return Refill(
            db=db,
            recipe=wiring.recipe(bot, (SECRET,), db),
            generators=[(one, 8) for one in generators],
            run_id=run_id,
            seed=7,
            clock=clock,
            time_left=lambda: (deadline - clock()).total_seconds(),
            progress=lambda line: None,
            redact=Redactor((SECRET,)).redact,
        )

    return build


def test_the_pool_is_filled_with_different_posts(make: Make, clock: FakeClock) -> None:
    refill = make(Excerpt())
    assert refill.fill(5) == ""
    made = drafts.ready(refill.db, "default", clock())
    assert len({draft.parts for draft in made}) == len({draft.item_id for draft in made}) == 5


def test_a_candidate_turned_down_for_a_secret_keeps_it_to_itself(make: Make, tmp_path: Path) -> None:
    clock = FakeClock()
    refill = make(Scripted(clock, f"My key is {SECRET}."), Excerpt())
    refill.fill(1)
    [rejected, chosen] = generations.of_run(refill.db, refill.run_id)
    assert (rejected["verdict"], chosen["verdict"]) == ("rejected", "chosen")
    refill.db.close()
    assert SECRET.encode() not in (tmp_path / "t.db").read_bytes()


def test_a_slow_model_leaves_time_for_the_next_and_for_publishing(make: Make, clock: FakeClock) -> None:
    refill = make(Scripted(clock, "nonsense", slow=True), Excerpt())
    refill.fill(1)
    assert drafts.ready(refill.db, "default", clock())
    assert refill.time_left() >= 30


@pytest.mark.parametrize("error", [KeyError("surprise"), GeneratorError(f"bad key {SECRET}")], ids=["bug", "refusal"])
def test_a_generator_that_fails_makes_way_and_is_named(make: Make, clock: FakeClock, error: Exception) -> None:
    refill = make(Scripted(clock, error=error), Excerpt())
    refill.fill(1)
    assert drafts.ready(refill.db, "default", clock())
    alone = make(Scripted(clock, error=error))
    reason = alone.fill(1)
    assert reason.startswith("scripted:")
    assert SECRET not in reason
