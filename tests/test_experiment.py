"""The verb `experiment` over a home, from its start to its answer: posts written in variants, figures, words."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.home import Home, mastodon_settings
from tests.standins.mastodon import MastodonStandIn
from tests.test_pool_filler import Scripted, Yes
from twitter_manager.app import App
from twitter_manager.domain import Actor, Brief, Candidate, Generation, Progress, TimeLeft
from twitter_manager.factory import bot_folder
from twitter_manager.operations.replay import replay
from twitter_manager.pipeline import experimenting
from twitter_manager.pipeline.fill import PoolFiller
from twitter_manager.settings import Bot
from twitter_manager.social import Figures
from twitter_manager.store import drafts, engagement, experiments, items
from twitter_manager.store.database import Database, connect, to_text
from twitter_manager.writing.generators.excerpt import Excerpt
from twitter_manager.writing.topics import Choice

OPENER = "From the workshop:"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with MastodonStandIn() as server:
        yield Home(tmp_path / "home", **mastodon_settings(server))


def start(home: Home, *words: str) -> None:
    done = home("experiment", "start", *words)
    assert done.code == 0, done


class Program:
    """The program over a home as its own processes see it, with the model of a test."""

    def __init__(self, home: Home) -> None:
        self.app = App.load(home.path, {"TWITTER_MANAGER_HOME": str(home.path)}, lambda line: None)
        self.bot: Bot = self.app.settings.active[0]
        self.db: Database = connect(home.database)

    def filler(self, model: Scripted | None = None) -> PoolFiller:
        notes = list[str]()
        filler = self.app.factory.pool_filler(self.db, self.bot, self.bot.generators, lambda: 600.0, notes, None)
        if model is None:
            return replace(filler, generators=[(Excerpt(), 8)])
        writers = replace(filler.spec.writers, names=(model.name,), first=True, judge=lambda generator: Yes())
        return replace(filler, generators=[(model, 1)], spec=replace(filler.spec, writers=writers))


def variants(db: Database) -> dict[int, str]:
    """By draft, the variant that its choice names."""
    rows = db.rows("SELECT draft_id FROM experiment_posts ORDER BY draft_id")
    found = [drafts.get(db, row["draft_id"]) for row in rows]
    return {draft.id: draft.choice["experiment"]["variant"] for draft in found if draft}


def read(db: Database, likes: dict[str, int], now: datetime) -> None:
    """All posts of the experiment went out two days ago, and came to so much by their variant, at 24 hours."""
    out = to_text(now - timedelta(days=2))
    with db.transaction():
        for draft_id, variant in variants(db).items():
            db.update("UPDATE drafts SET status = 'posted', published_at = ? WHERE id = ?", out, draft_id)
            delivery = db.add(
                "deliveries",
                **{"draft_id": draft_id, "bot": "default", "platform": "mastodon", "part": 0, "account": "me"},
                **{"status": "posted", "text": "", "remote_id": f"r{draft_id}", "created_at": out},
                **{"posted_at": out, "extra": "{}", "url": ""},
            )
            figures = Figures(likes[variant] + draft_id % 3, 0, 0, 0)
            engagement.add(db, delivery, "24h", figures, now)


def test_openers_are_compared_to_the_answer(home: Home) -> None:
    """Posts with and without a phrase in balance; nothing is told before the end; then the next run says which did
    better, `status` and `explain` too, and the text goes on without."""
    assert home("run").code == 0
    start(home, "opener", "none", OPENER, "--posts", "8")
    program = Program(home)
    for _ in range(2):
        program.filler().write(8)
    written = variants(program.db)
    assert sorted(written.values()).count(OPENER) == 8 and len(written) == 16
    for draft_id, variant in written.items():
        draft = drafts.get(program.db, draft_id)
        assert draft is not None and draft.text.startswith(OPENER) is (variant == OPENER)
    [shown] = home("experiment", "--json").json["experiments"]
    assert [each["waits"] for each in shown["variants"]] == [8, 8]
    assert (shown["times"], shown["ending"]) == (None, "") and "the answer comes" in shown["words"]

    read(program.db, {"none": 2, OPENER: 30}, datetime.now(UTC))
    done = home("run")
    assert f"“{OPENER}” did better" in done.err
    [shown] = home("experiment", "--json").json["experiments"]
    assert (shown["ending"], shown["better"]) == ("difference", OPENER)
    assert 1 < shown["low"] < shown["times"] < shown["high"]
    number, variant = next(iter(written.items()))
    assert f"experiment 1 compares its opener; this post has “{variant}”" in home("explain", str(number)).out
    program.filler().write(2)
    assert variants(program.db) == written


def test_no_difference_is_told_in_these_words(home: Home) -> None:
    """Where both did the same, the answer is "no difference seen", with what it may have been at most."""
    assert home("run").code == 0
    start(home, "opener", "none", OPENER, "--posts", "8")
    program = Program(home)
    for _ in range(2):
        program.filler().write(8)
    read(program.db, {"none": 2, OPENER: 2}, datetime.now(UTC))
    home("run")
    assert "no difference seen; “From the workshop:” brings 0." in home("experiment").out


class Asked(Scripted):
    """Says the item's own words, and keeps what it was told."""

    def __init__(self) -> None:
        self.briefs: list[Brief] = []

    def generate(
        self, briefs: Sequence[Brief], n: int, time_left: TimeLeft, progress: Progress
    ) -> Iterator[tuple[Brief, tuple[Generation, ...]]]:
        for brief in briefs:
            self.briefs.append(brief)
            yield brief, (Generation(self.name, "m", candidates=(Candidate((brief.items[0].text,)),)),)


def begun(home: Home, thing: str, first: str, second: str) -> Program:
    """A bot with material, and an experiment on it, whoever writes."""
    home.bot("default", "[formats]\ntip = 1.0\n")
    assert home("run").code == 0
    program = Program(home)
    folder = bot_folder("default", home.path)
    settings = experimenting.settings_of(program.bot, folder, thing, (first, second))
    with program.db.transaction():
        plan = experiments.Plan("default", thing, (first, second), 8, "24h", 90, 7, settings)
        experiments.start(program.db, plan, datetime.now(UTC), Actor("Ada", "test"))
    return program


def test_a_tone_is_told_to_the_model_and_held_to(home: Home) -> None:
    """Half of the posts are asked for in each tone, and what the tone bars is refused in those alone."""
    program, model = begun(home, "tone", "none", "sober"), Asked()
    filler = program.filler(model)
    filler.write(4)
    assert sorted(brief.tone for brief in model.briefs) == ["", "", "sober", "sober"]
    assert sorted(variants(program.db).values()) == ["none", "none", "sober", "sober"]
    experimenter = program.app.factory.experimenter(program.bot, program.db)
    [number, item] = next(iter(items.available(program.db, "default")))
    choices = [Choice("t", "tip", ((number, item),), {"seed": seed}) for seed in range(4)]
    before: list[Choice] = []
    for choice in choices:
        varied, spec = experimenter.varied(choice, filler.spec, before)
        assert spec.delivery.rules.policy.tone == {"none": ""}.get(varied.why["experiment"]["variant"], "sober")
        before.append(varied)


def test_prompts_come_from_two_folders(home: Home) -> None:
    """One variant is asked with the program's templates, the other with those of the folder; a change in that folder
    ends the experiment."""
    folder = bot_folder("default", home.path) / "short"
    folder.mkdir(parents=True)
    (folder / "task.j2").write_text("Say it shortly: {{ material }}")
    program, model = begun(home, "prompt", "built-in", "short"), Asked()
    program.filler(model).write(4)
    assert sorted(brief.templates for brief in model.briefs) == ["", "", str(folder), str(folder)]
    experimenter = program.app.factory.experimenter(program.bot, program.db)
    assert experimenter.conclude() == ""
    (folder / "task.j2").write_text("Say it at length: {{ material }}")
    assert "you changed templates in short meanwhile" in experimenter.conclude()


def test_formats_take_turns_on_material_that_suits_both(home: Home) -> None:
    """Each post of the experiment has the format of its variant, and its choice can be made again."""
    program, model = begun(home, "format", "tip", "question"), Asked()
    program.filler(model).write(4)
    asked = sorted(brief.format for brief in model.briefs[:4])
    assert asked == ["question", "question", "tip", "tip"]
    for draft_id, variant in variants(program.db).items():  # what is no question was refused
        draft = drafts.get(program.db, draft_id)
        assert draft is not None and draft.format == variant == "tip"
        assert replay(program.db, draft)["same"]


def test_hours_are_compared_by_the_slots_that_posts_took(home: Home) -> None:
    """What went out in time in a slot of one of the two hours takes part, up to the plan's number; late posts, a
    person's own and other slots don't; `explain` tells the hour."""
    home.bot("default", '[schedule]\ntimes = ["09:00", "12:00", "17:30"]\n')
    assert home("run").code == 0
    start(home, "hour", "09:00", "17:30", "--posts", "8", "--age", "7d")
    program = Program(home)
    program.filler().write(9)
    program.filler().write(1)
    numbers = [row["id"] for row in program.db.rows("SELECT id FROM drafts WHERE status = 'approved' ORDER BY id")]
    begun_at = datetime.now(UTC) - timedelta(days=8)
    day = begun_at.replace(hour=0, minute=0, second=0, microsecond=0)
    moments = [
        timedelta(days=1 + n // 2, **{0: {"hours": 9}, 1: {"hours": 17, "minutes": 30}}[n % 2]) for n in range(10)
    ]
    late, persons, noon = numbers[0], numbers[3], numbers[4]
    with program.db.transaction():
        program.db.update("UPDATE experiments SET per_variant = 3, started_at = ?", to_text(begun_at))
        for number, moment in zip(numbers, moments, strict=False):
            slot = day + (timedelta(days=3, hours=12) if number == noon else moment)
            began = slot + timedelta(minutes=75 if number == late else 7)
            program.db.update(
                "UPDATE drafts SET slot = ?, published_at = ?, status = 'posted', origin = ? WHERE id = ?",
                *(to_text(slot), to_text(began), "person" if number == persons else "generator", number),
            )
    experimenter = program.app.factory.experimenter(program.bot, program.db)
    assert experimenter.conclude() == "" == experimenter.conclude()
    taking = {row["draft_id"]: row["variant"] for row in program.db.rows("SELECT * FROM experiment_posts")}
    assert taking == {n: at % 2 for at, n in enumerate(numbers[:10]) if n not in (late, persons, noon, numbers[9])}
    assert "compares its hour; this post has “09:00”" in home("explain", str(numbers[2])).out
    assert "hour" not in home("explain", str(late)).out


def test_what_is_edited_or_dropped_is_left_out_and_written_anew(home: Home) -> None:
    """The person's hand is no variant: such a post does not count, and another is written in the same variant."""
    assert home("run").code == 0
    start(home, "opener", "none", OPENER, "--posts", "8")
    program = Program(home)
    program.filler().write(4)
    first, second, *_ = variants(program.db)
    assert home("drafts", "edit", str(first), "--text", "We meet at noon.").code == 0
    assert home("drafts", "skip", str(second)).code == 0
    [shown] = home("experiment", "--json").json["experiments"]
    assert sum(each["left_out"] for each in shown["variants"]) == 2
    for _ in range(2):
        program.filler().write(8)
    [shown] = home("experiment", "--json").json["experiments"]
    assert [each["waits"] for each in shown["variants"]] == [8, 8]


def test_a_post_written_anew_keeps_its_variant(home: Home) -> None:
    """`drafts regenerate` gives another wording in the same variant; after the end, one in none."""
    assert home("run").code == 0
    start(home, "opener", "none", OPENER, "--posts", "8")
    program = Program(home)
    program.filler().write(4)
    [number, _] = [number for number, variant in variants(program.db).items() if variant == OPENER]
    old = drafts.get(program.db, number)
    assert old is not None
    new, reason = program.filler().write_again(old)
    assert new is not None, reason
    assert variants(program.db)[new] == OPENER
    assert home("experiment", "stop").code == 0
    old = drafts.get(program.db, new)
    assert old is not None
    last, reason = program.filler().write_again(old)
    written = drafts.get(program.db, last or 0)
    assert written is not None, reason
    assert "experiment" not in written.choice and not written.text.startswith(OPENER)


def test_a_dry_run_leaves_an_experiment_alone(home: Home) -> None:
    """It ends in a real run."""
    assert home("run").code == 0
    start(home, "opener", "none", OPENER)
    home.bot("default", '[persona]\nname = "Ada"\n')
    assert home("run", "--dry-run", "--force").code == 0
    assert home("experiment", "--json").json["experiments"][0]["ending"] == ""


def test_a_changed_setting_ends_it(home: Home) -> None:
    """Which one is told by the run and by `experiment`; what is no part of a post's making ends nothing."""
    home.bot("default", "pool = 3\n")
    assert home("run").code == 0
    start(home, "opener", "none", OPENER)
    home.bot("default", "pool = 4\n")
    assert "experiment" not in home("run", "--force").err
    home.bot("default", 'pool = 4\n[persona]\nname = "Ada"\n')
    assert "no answer, for you changed persona meanwhile" in home("run", "--force").err
    assert home("experiment", "--json").json["experiments"][0]["ending"] == "settings"
    start(home, "opener", "none", OPENER)


def test_the_example_works_where_no_model_writes(home: Home) -> None:
    """What `experiment` proposes where none runs can be copied, on a fresh bot too."""
    told = home("experiment").out
    start(home, *shlex.split(told.partition("experiment start ")[2]))


def test_one_at_a_time_and_a_person_may_stop_it(home: Home) -> None:
    """A second is refused; after `stop` posts are plain, and `list` has both."""
    assert home("run").code == 0
    start(home, "opener", "none", OPENER)
    done = home("experiment", "start", "opener", "none", "Worth knowing:")
    assert done.code == 2 and "Experiment 1 of default still runs" in done.err
    assert home("experiment", "stop").code == 0
    assert home("experiment", "stop").code == 2
    start(home, "opener", "none", "Worth knowing:")
    listed = home("experiment", "list", "--json").json["experiments"]
    assert [(each["id"], each["ending"]) for each in listed] == [(2, ""), (1, "stopped")]


REFUSED = [
    (["opener", "none"], "its two variants"),
    (["weather", "a", "b"], "Say what is compared"),
    (["opener", "none", "no mark"], "must end with a mark"),
    (["opener", "none", "{topic} tip:"], "no braces"),
    (["opener", "own", "none"], "has no openers"),
    (["opener", OPENER, OPENER], "two variants"),
    (["tone", "sober", "shrill"], "There is no tone"),
    (["tone", "sober", "lively"], "No model writes"),
    (["format", "tip", "thread"], "no format 'thread'"),
    (["format", "tip", "news"], "can be both tip and news"),
    (["prompt", "built-in", "../../secrets"], "There is no folder"),
    (["prompt", "built-in", "short"], "There is no folder"),
    (["hour", "9", "17:30"], 'Write it as "09:00"'),
    (["hour", "09:00", "17:30"], "no slot at 17:30"),
    (["hour", "23:00", "09:00"], "in the quiet hours"),
    (["opener", "none", OPENER, "--posts", "3"], "Fewer than 8"),
    (["opener", "none", OPENER, "--age", "7d", "--days", "5"], "within 5 days"),
]


def test_what_can_not_be_compared_is_refused(home: Home) -> None:
    """Each with one line and exit code 2, and nothing is begun."""
    home.bot("default", '[limits]\nquiet_hours = "22:00-07:00"\n')
    assert home("run").code == 0
    for words, said in REFUSED:
        done = home("experiment", "start", *words)
        assert done.code == 2 and said in done.err and done.err.count("\n") == 1, done
    assert home("experiment", "list", "--json").json["experiments"] == []


def test_without_figures_nothing_is_compared(tmp_path: Path) -> None:
    """A bot that posts to a feed alone hears nothing back."""
    done = Home(tmp_path)("experiment", "start", "opener", "none", OPENER)
    assert done.code == 2 and "No figures are read" in done.err
