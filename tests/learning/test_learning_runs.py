"""Runs, `explain`, `replay` and `topics` of a bot whose posts have figures, as processes over a real database."""

from __future__ import annotations

import json
import re
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.home import Home
from twitter_manager.app import App
from twitter_manager.pipeline.learned import scored
from twitter_manager.social import Figures
from twitter_manager.store import engagement
from twitter_manager.store.database import Database, connect, to_text

NOW = datetime.now(UTC).replace(microsecond=0)
LIKES = {"git": 9, "sql": 2, "python": 1}
NOTES = "\n".join(
    f'[[note]]\nid = "{topic}{number}"\nlabel = "{topic}"\ntext = "In {topic} rule {number} has {number + 2} faces."\n'
    for topic in LIKES
    for number in range(12)
)
SOURCE = '[[sources]]\nkind = "notes"\npath = "notes.toml"\n'
LEARNS = f'platforms = ["feed"]\npool = 4\n[learn]\nmode = "on"\n{SOURCE}'


def fill(db: Database, each: int = 12, platforms: tuple[str, ...] = ("bluesky",)) -> None:
    """Posts of the bot that went out before, with figures: those on git did best."""
    with db.transaction():
        for number in range(each * len(LIKES)):
            topic = list(LIKES)[number % len(LIKES)]
            at = to_text(NOW - timedelta(hours=30 + 2 * number))
            draft = db.add(
                "drafts", bot="default", origin="generator", status="posted", topic=topic, format="tip",
                platforms='["bluesky"]', language="en", text_hash=f"h{number}", normalised_hash=f"n{number}",
                choice="{}", created_at=at, published_at=at,
            )  # fmt: skip
            for platform in platforms:
                delivery = db.add(
                    "deliveries", draft_id=draft, bot="default", platform=platform, part=0, account="me",
                    status="posted", text="x", remote_id=f"r{number}", url="", extra="{}", created_at=at, posted_at=at,
                )  # fmt: skip
                for band in engagement.BANDS:
                    engagement.add(db, delivery, band, Figures(LIKES[topic] + number % 2, 0, 0, 0), NOW)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A bot with three topics, whose earlier posts have figures."""
    made = Home(tmp_path / "home")
    (made.path / "notes.toml").write_text(NOTES)
    made.bot("default", SOURCE)
    assert made("sources", "update").code == 0
    with closing(connect(made.database)) as db:
        fill(db)
    return made


def test_a_run_chooses_what_does_well_and_says_why(home: Home) -> None:
    """With learning on a run draws its topics by learned weights, `explain` tells them in words, and `replay` makes
    the same choices."""
    home.bot("default", LEARNS)
    assert home("run").code == 0
    choices = home.rows("SELECT id, choice FROM drafts WHERE run_id IS NOT NULL")
    number, why = next((number, json.loads(text)) for number, text in choices if '"git"' in text.split('"left_out"')[0])
    told = home("explain", str(number), "--full")
    line = re.search(r"git: weight \d+, learned x([\d.]+) from 12 posts", told.out)
    assert line and 1.3 < float(line[1]) < 4, told.out
    assert "each topic keeps 20% of its weight" in told.out
    assert why["topic"]["learned"]["known"]["git"][0] > 0 > why["topic"]["learned"]["known"].get("sql", [-1])[0]
    replayed = home("replay", str(number), "--json")
    assert (replayed.code, replayed.json["same"]) == (0, True), replayed


@pytest.mark.parametrize("mode", ["advise", "off"])
def test_nothing_is_weighed_where_nobody_switched_it_on(home: Home, mode: str) -> None:
    """Off, or advising, a choice knows nothing of figures."""
    home.bot("default", LEARNS.replace('"on"', f'"{mode}"'))
    assert home("run").code == 0
    assert home.rows("SELECT count(*) FROM drafts WHERE choice LIKE '%learned%'") == [(0,)]
    assert home.rows("SELECT count(*) FROM drafts WHERE run_id IS NOT NULL")[0][0] >= 1


def test_only_so_many_posts_are_looked_at(home: Home) -> None:
    """Of 600 posts on three platforms the latest 400."""
    with closing(connect(home.database)) as db:
        with db.transaction():
            for table in ("engagement", "deliveries", "drafts"):
                db.update(f"DELETE FROM {table}")
        fill(db, 200, ("bluesky", "mastodon", "x"))
        bot = App.load(home.path, {"TWITTER_MANAGER_HOME": str(home.path)}, lambda line: None).settings.bots[0]
        known = scored(db, bot, NOW)
        assert sum(score.posts for score in known["topic"].values.values()) == 400


def test_topics_tells_uses_success_figures_weight_and_why(home: Home) -> None:
    """Each topic with its drafts, what share went out, average engagement, weight and reason; hours and generators are
    told without a weight; the same as JSON."""
    home.bot("default", LEARNS)
    assert home("run").code == 0
    with closing(connect(home.database)) as db, db.transaction():
        db.update(
            "UPDATE drafts SET status = 'skipped' WHERE id IN (SELECT id FROM drafts WHERE topic = 'sql' LIMIT 3)"
        )
    told = home("topics", "--json")
    (bot,) = told.json["bots"]
    rows = {(row["trait"], row["name"]): row for row in bot["values"]}
    git, sql = rows["topic", "git"], rows["topic", "sql"]
    assert (git["measured"], git["average_engagement"], git["success_rate"]) == (12, 9.5, 1.0)
    assert git["why"] == "clearly better than usual in 12 posts" and git["learned"] > 1.5 > 1 > sql["learned"]
    assert git["present_weight"] == pytest.approx(git["weight"] * git["learned"], abs=0.01)
    assert sql["success_rate"] < 0.9 and sql["uses"] >= 12
    assert any(trait == "hour" and row["weight"] is None for (trait, _), row in rows.items())
    assert rows["generator", "excerpt"]["measured"] == 0
    shown = home("topics").out
    done = "of those that are done 100% went out"  # others are ready and wait
    assert re.search(rf"git: 1\d drafts; {done}; 9\.5 likes, replies and shares a post; clearly better", shown), shown
    assert "Hours (told only: they are yours to choose)" in shown


def test_advice_changes_no_weight_and_off_gives_none(home: Home) -> None:
    """Where learning advises, the weight stays and what it would be is told; where it is off, nothing is."""
    advised = home("topics", "--json").json["bots"][0]["values"][0]
    assert (advised["name"], advised["present_weight"]) == ("git", advised["weight"]) and advised["learned"] > 1.5
    assert "not used" in home("topics").out
    home.bot("default", LEARNS.replace('"on"', '"off"'))
    assert all(row["learned"] is None for row in home("topics", "--json").json["bots"][0]["values"])


def test_topics_before_the_first_run(tmp_path: Path) -> None:
    """A home without a database has weights, and no figures."""
    done = Home(tmp_path / "new")("topics")
    assert done.code == 0 and "no figures yet" in done.out, done


def test_a_new_weight_goes_into_the_bots_file(home: Home) -> None:
    """Comments stay; the next look tells the weight; a format is taken by its name."""
    path = home.path / "data" / "bots" / "default.toml"
    path.write_text(f"# mine\n[topics] # what\ngit = 2 # best\nsql=1\n\n# end\n{SOURCE}")
    assert home("topics", "--set", "Git", "2.5").code == 0
    assert path.read_text() == f"# mine\n[topics] # what\ngit = 2.5 # best\nsql=1\n\n# end\n{SOURCE}"
    assert home("topics", "--set", "python", "3").code == 0
    assert "[topics] # what\npython = 3\ngit = 2.5 # best\nsql=1\n\n# end" in path.read_text()
    told = home("topics", "--set", "release note", "0.5", "--json")
    assert "formats.release note is 0.5 from now on (it was 3)" in told.json["done"][0], told
    rows = {row["name"]: row["weight"] for row in home("topics", "--json").json["bots"][0]["values"] if row["weight"]}
    assert (rows["git"], rows["python"], rows["release note"], rows["tip"]) == (2.5, 3, 0.5, 3)


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("gitt", "2"), "There is no topic and no format 'gitt'. Did you mean git?"),
        (("git", "much"), "'much' is no weight. Give a number from 0 (never) to 1000."),
        (("git", "nan"), "'nan' is no weight"),
        (("git", "-1"), "is no weight"),
        (("git", "1001"), "is no weight"),
    ],
)
def test_a_wrong_weight_is_told_and_changes_nothing(home: Home, words: tuple[str, str], line: str) -> None:
    """One line with the remedy, exit code 2, the file as it was."""
    path = home.path / "data" / "bots" / "default.toml"
    before = path.read_bytes()
    done = home("topics", "--set", *words)
    assert done.code == 2 and line in done.err and "Traceback" not in done.err, done
    assert path.read_bytes() == before


def test_a_file_that_cannot_be_changed_here_is_left_alone(home: Home) -> None:
    """A table in braces: told with the line to write by hand; a weight that leaves none is refused with the rule."""
    path = home.path / "data" / "bots" / "default.toml"
    path.write_text(f"topics = {{ git = 2 }}\n{SOURCE}")
    done = home("topics", "--set", "git", "3")
    assert done.code == 1 and "by hand: topics.git = 3" in done.err, done
    path.write_text(f"[topics]\ngit = 2\n{SOURCE}")
    done = home("topics", "--set", "git", "0")
    assert done.code == 78 and "topics" in done.err, done
    assert path.read_text() == f"[topics]\ngit = 2\n{SOURCE}"
