"""Seeing what comes next, and why: `preview`, `replay`, `explain` and the fast lane for news, as whole processes."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.home import Home, Json
from tests.sources.test_repositories import Repository
from twitter_manager.operations.cron.install import usual_minute
from twitter_manager.sources import notes as bundled

KEYS = {f"TWITTER_{name}": "k" * 20 for name in ("API_KEY", "API_SECRET", "ACCESS_TOKEN", "ACCESS_SECRET")}
HEAVY = ("torch", "transformers", "httpx", "anthropic", "openai", "atproto")
WATCHED = f"""
import sys
sys.addaudithook(lambda event, found: event in ("socket.connect", "socket.getaddrinfo") and print("NETWORK", found))
from twitter_manager.cli import main
code = main(sys.argv[1:])
print("HEAVY", [name for name in {HEAVY} if name in sys.modules])
sys.exit(code)
"""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def previewed(home: Home, *words: str) -> list[Json]:
    done = home("preview", "--json", *words)
    assert done.code == 0, done.err
    [bot] = done.json["bots"]
    runs: list[Json] = bot["runs"]
    return runs


def posts(home: Home, runs: int) -> list[Json]:
    """The posts of the next runs. Before cron's minute the first of them still falls into a slot that is used."""
    return [run for run in previewed(home, "--runs", str(runs + 1)) if run["does"] == "post"][:runs]


def everything(home: Home) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(home.path.rglob("*")) if path.is_file()}


def change(home: Home, sql: str, *values: object) -> None:
    with sqlite3.connect(home.database) as connection:
        connection.execute(sql, values)
    connection.close()


# -- preview ------------------------------------------------------------------------------------------


def test_a_new_home_is_previewed_without_a_trace(home: Home) -> None:
    """A day of posts from the starter notes, one an hour; not one file more, no network, no model."""
    home.settings(GENERATORS="huggingface,excerpt")
    before = everything(home)
    done = home("preview", "--json", "--seed", "7", code=WATCHED)
    first, heavy = done.out.strip().splitlines()
    assert (heavy, "NETWORK" in done.out, done.code, done.err) == ("HEAVY []", False, 0, "")
    found = json.loads(first)
    runs = found["bots"][0]["runs"]
    assert found["seed"] == 7 and len(runs) == 24
    assert all(run["does"] == "post" and run["draft"] is None and run["parts"] is None for run in runs)
    moments = [datetime.fromisoformat(run["at"]) for run in runs]
    assert all(later - earlier == timedelta(hours=1) for earlier, later in pairwise(moments))
    assert moments[0] > datetime.now(UTC) and moments[0].minute == usual_minute(home.path)
    assert len({run["item"]["id"] for run in runs}) == 24
    assert all(earlier["topic"] != later["topic"] for earlier, later in pairwise(runs))
    assert everything(home) == before


def test_the_same_seed_shows_the_same(home: Home) -> None:
    """A preview can be had again by its seed; by another it differs."""
    one, same, other = (previewed(home, "--runs", "9", "--seed", seed) for seed in ("3", "3", "4"))
    items = [[run["item"]["id"] for run in runs] for runs in (one, same, other)]
    assert items[0] == items[1] != items[2]


def test_what_is_ready_goes_out_as_previewed(home: Home) -> None:
    """The drafts with a number, in their order, are what the runs then publish; your own go first."""
    assert home("run").code == 0
    assert home("post", "My own words.").code == 0
    before = home.database.read_bytes()
    runs = posts(home, 12)
    assert home.database.read_bytes() == before
    ready = [run["draft"] for run in runs if run["draft"]]
    assert runs[0]["origin"] == "person" and runs[0]["parts"] == ["My own words."]
    assert len(ready) == 9 and all(run["draft"] is None for run in runs[9:])
    for draft in ready[:4]:
        home.next_slot()
        done = home("run", "--json")
        assert done.json["bots"][0]["draft"]["id"] == draft, done.err


def test_dated_and_recurring_posts_are_shown_in_their_words(home: Home) -> None:
    """A post with a date is shown in its words beside a recurring one, which is shown each time that it comes."""
    home.bot("b")
    for words in (
        ["Once at the bridge.", "--at", "in 3 hours"],
        ["Ride on {date}.", "--every", "day", "--at", "in 2 hours"],
    ):
        assert home("post", *words).code == 0
    done = home("preview", "--runs", "60")
    assert done.code == 0 and "Once at the bridge." in done.out, done
    rides = [(head.split("  ")[2], words) for head, words in pairwise(done.out.splitlines()) if "Ride on " in words]
    first, *others = [head.split(",")[0] for head, _ in rides]
    assert others and first == "draft 2" and set(others) == {"again"}, rides
    assert len({words for _, words in rides}) == len(rides)


def test_it_tells_why_a_run_would_do_nothing(home: Home) -> None:
    """Quiet hours, the limit of a day, a slot that is used, a pause: in the words that the run itself has for them."""
    home.bot("b", '[limits]\nper_day = 2\nquiet_hours = "22:00-07:00"\n[schedule]\nevery_hours = 2\n')
    runs = previewed(home, "--runs", "48")
    reasons = {run["reason"] for run in runs if run["does"] != "post"}
    assert any(reason.startswith("quiet hours until") for reason in reasons)
    assert "the limit of 2 a day is reached" in reasons and "this slot has its post already" in reasons
    days = [run["at"][:10] for run in runs if run["does"] == "post"]
    assert days and max(map(days.count, days)) == 2
    assert not any(int(run["at"][11:13]) >= 22 or int(run["at"][11:13]) < 7 for run in runs if run["does"] == "post")
    home("pause", "on holiday")
    assert all("on holiday" in run["reason"] for run in previewed(home))
    lines = home("preview", "--runs", "24").out.splitlines()
    assert len(lines) < 8 and "on holiday" in lines[1] and "0 posts in 24 runs" in lines[2]


def test_costs_and_the_months_budget_are_told(home: Home) -> None:
    """X is in for as long as the budget lasts, then the feed goes on alone."""
    home.settings(GENERATORS="excerpt", **KEYS)
    home.bot("b", 'platforms = ["x", "feed"]\nmax_links = 0\n[limits]\nusd_per_month = 0.05\n')
    runs = previewed(home, "--runs", "5")
    if len({run["at"][:7] for run in runs}) == 1:  # a new month brings a new budget
        assert [run["cost_usd"] for run in runs] == [0.015, 0.015, 0.015, 0, 0]
        assert [run["platforms"] for run in runs] == [["x", "feed"]] * 3 + [["feed"]] * 2
    table = home("preview", "--runs", "5").out
    assert "publishing them costs about $0.0" in table and "x, feed" in table


def test_every_bot_or_the_one_that_is_named(home: Home) -> None:
    """Each bot has its own table; a bot without material says so."""
    (home.path / "empty.toml").write_text("note = []\n")
    home.bot("one")
    home.bot("two", '[topics]\n"no such topic" = 1\n')
    found = home("preview", "--runs", "3", "--json").json["bots"]
    assert [bot["bot"] for bot in found] == ["one", "two"]
    assert {run["does"] for run in found[1]["runs"]} == {"nothing"}
    assert "No item carries the label" in found[1]["runs"][0]["reason"]
    assert [bot["bot"] for bot in home("preview", "--bot", "one", "--json").json["bots"]] == ["one"]


@pytest.mark.parametrize(
    "words",
    [["--runs", "0"], ["--runs", "-1"], ["--runs", "1001"], ["--runs", "many"], ["--bot", "nobody"], ["--seed", "x"]],
    ids=" ".join,
)
def test_words_that_are_off_are_named(home: Home, words: list[str]) -> None:
    """One line, exit code 2, nothing written."""
    done = home("preview", *words)
    assert (done.code, done.out) == (2, "") and done.err.count("\n") == 1
    assert not (home.path / "data").exists()


# -- explain and replay -------------------------------------------------------------------------------


def test_every_choice_of_a_run_is_explained_and_made_again(home: Home) -> None:
    """Weights, scores and the draw, in words and as data; the run's choices come out the same."""
    home("run")
    told = home("explain", "2", "--full").out
    for words in (
        "drawn with seed",
        "with a share of",
        "the draw was 0.",
        "weights: ",
        "freshness 0.50, relevance 1.00",
    ):
        assert words in told
    why = home("explain", "2", "--json").json["why"]
    assert why["item"]["chosen"] in [row["item"] for row in why["item"]["best"]]
    assert why["topic"]["chosen"] in why["topic"]["drawn_from"]
    story = home("explain", "run:1", "--json").json
    assert len(story["chosen"]) == 9 and all(draft["why"]["seed"] for draft in story["chosen"])
    done = home("replay", "run:1")
    assert done.code == 0
    assert done.out.count("the same.") == 9
    made = home("replay", "draft:2", "--json").json
    assert made["same"] and [one["draft"] for one in made["choices"]] == [2]


def test_replay_names_what_differs(home: Home) -> None:
    """An item that changed, and a record that was tampered with: exit code 1, each in a line."""
    home("run")
    [(item,)] = home.rows("SELECT item_id FROM drafts WHERE id = 3")
    change(home, "UPDATE items SET published_at = '2001-01-01T00:00:00.000000Z', kind = 'entry' WHERE id = ?", item)
    done = home("replay", "3")
    assert done.code == 1 and "it differs" in done.out and f"item {item}: its freshness is 0.01" in done.out
    change(home, "UPDATE drafts SET choice = json_set(choice, '$.topic.chosen', 'Nonsense') WHERE id = 4")
    made = home("replay", "run:1", "--json")
    assert made.code == 1 and not made.json["same"]
    differing = {one["draft"]: one["differs"] for one in made.json["choices"] if one["differs"]}
    assert differing.keys() >= {3, 4} and "recorded is Nonsense" in differing[4][0]


@pytest.mark.parametrize("record", ["{}", '{"seed": 1, "topic": 5, "item": {"best": {"a": 1}}, "format": null}'])
def test_a_record_that_is_none_is_told(home: Home, record: str) -> None:
    """What can't be read is a line and exit code 1, not a crash."""
    home("run")
    change(home, "UPDATE drafts SET choice = ? WHERE id = 2", record)
    done = home("replay", "2")
    assert done.code == 1 and "can't be read" in done.out and "unforeseen" not in done.err


def test_what_an_older_version_recorded_is_still_explained_and_replayed(home: Home) -> None:
    """Its draws were recorded with the shares and without the items' scores."""
    home("run")

    def step(name: str, *choices: str) -> Json:
        chance = int.from_bytes(hashlib.sha256(f"5:{name}".encode()).digest()[:6], "big") / 2**48
        share = 1 / len(choices)
        return {
            "scores": dict.fromkeys(choices, share),
            "draw": chance,
            "key": f"5:{name}",
            "chosen": choices[int(chance / share)],
            "weights": dict.fromkeys(choices, 1.0),
            "last": None,
        }

    topic, form = step("topic", "Git", "SQL"), step("format", "tip")
    [(item,)] = home.rows("SELECT item_id FROM drafts WHERE id = 2")
    old = {"seed": 5, "items": 2, "usable": {"Git": 1}, "topic": topic, "format": form}
    old |= {"item": {"rule": "never used", "among": 2, "draw": 0.5, "chosen": item}}
    sql = "UPDATE drafts SET choice = ?, topic = ?, format = 'tip' WHERE id = 2"
    change(home, sql, json.dumps(old), topic["chosen"])
    told = home("explain", "2", "--full").out
    assert "with a share of 50%" in told and "item: never used, among 2" in told
    assert home("replay", "2").code == 0
    change(home, "UPDATE drafts SET choice = json_set(choice, '$.topic.draw', 0.25) WHERE id = 2")
    assert home("replay", "2").code == 1


@pytest.mark.parametrize("what", ["0", "99", "run:99", "draft:x", "run:", "", "1e3", "²", "9" * 30, "\x00"])
def test_replay_of_what_is_not_there(home: Home, what: str) -> None:
    """One line and exit code 2."""
    home("run")
    done = home("replay", what) if "\x00" not in what else home("replay", "a b")
    assert (done.code, done.out) == (2, "") and done.err.count("\n") == 1


def test_a_persons_own_post_was_not_chosen(home: Home) -> None:
    """Nothing was drawn, so nothing is drawn again."""
    home("post", "My own words.")
    done = home("replay", "1")
    assert done.code == 0 and "nothing was chosen" in done.out


# -- the fast lane ------------------------------------------------------------------------------------

NEWS = (
    "Add a retry for uploads that broke off\n\nThe upload asks three times now, with a pause of 2 seconds in between.\n"
)


@pytest.fixture
def project(home: Home) -> Callable[[], Repository]:
    """A bot with many notes and a git repository as sources; gives the repository."""

    def make() -> Repository:
        made = Repository(home.path / "harbour")
        made.now = datetime.now(UTC) - timedelta(hours=2)
        made.commit("Start the project")
        git = '[[sources]]\nkind = "git"\npath = "harbour"\ncommits = true\nbackfill = 0\n'
        notes = Path(bundled.__file__).with_name("starter_notes.toml")
        home.bot("default", f'[[sources]]\nkind = "notes"\npath = "{notes}"\n{git}')
        return made

    return make


def waiting(home: Home) -> list[tuple[Any, ...]]:
    return home.rows("SELECT id, json_extract(choice, '$.lane') FROM drafts WHERE status = 'approved' ORDER BY id")


def test_fresh_news_does_not_wait_for_the_pool(home: Home, project: Callable[[], Repository]) -> None:
    """With the pool full, a new commit is drafted by the run that sees it, without a model, and goes out in the next;
    `preview` knew; then the older drafts have their turn."""
    repository = project()
    assert home("run").code == 0
    assert {lane for _, lane in waiting(home)} == {"any"} and len(waiting(home)) == 8
    repository.commit(NEWS)
    home.settings(GENERATORS="huggingface,excerpt")
    home.next_slot()
    told, heavy = home("run", "--json", code=WATCHED).out.splitlines()
    assert heavy == "HEAVY []" and json.loads(told)["bots"][0]["draft"]["id"] == 2
    [(news, _)] = [row for row in waiting(home) if row[1] == "news"]
    [first, second] = posts(home, 2)
    assert (first["draft"], first["news"]) == (news, True) and second["draft"] == 3
    for expected in (news, 3):
        home.next_slot()
        assert home("run", "--json").json["bots"][0]["draft"]["id"] == expected
    assert "broke off" in home.feed()


def test_a_bot_without_news_looks_at_nothing_on_a_usual_run(home: Home) -> None:
    """The starter notes alone: a run with a full pool makes no draft and looks at no source."""
    home("run")
    before = home.rows("SELECT looked_at FROM sources")
    home.next_slot()
    home("run")
    assert home.rows("SELECT looked_at FROM sources") == before and len(waiting(home)) == 7


def test_times_of_day_are_previewed_on_the_minute(home: Home) -> None:
    """As the line that install-cron makes meets them."""
    home.bot("club", 'platforms = ["feed"]\ntime_zone = "Asia/Kathmandu"\n[schedule]\ntimes = ["17:30"]\n')
    runs = home("preview", "--json", "--runs", "48").json["bots"][0]["runs"]
    assert {run["at"][11:16] for run in runs[1:] if run["does"] == "post"} == {"11:45"}
    assert {run["at"][14:16] for run in runs} == {"45"}
