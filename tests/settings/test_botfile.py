"""Bot files: what they may hold, what is refused and how it is named, and how several bots share accounts."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from datetime import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from tests.home import Home
from tests.settings.test_env import BLUESKY, X, lines, problems, put
from twitter_manager.domain import Persona
from twitter_manager.schedule import Schedule
from twitter_manager.settings import BotFile, load, sample_bot_file
from twitter_manager.settings.botfile import TABLES, from_document, json_schema, keys
from twitter_manager.settings.files import Problems
from twitter_manager.settings.records import ApproveWhen, Limits
from twitter_manager.settings.sources import keys_of_kinds
from twitter_manager.sources import Source

FULL = """
enabled = true
platforms = ["feed", "x"]
time_zone = "Australia/Lord_Howe"
pool = 3
draft_ttl_hours = 24
approve = "when"
approval_hours = 12
item_rest_days = 0
hashtags = ["#Python", "日本"]
signature = "— the bot"
blocked_terms = ["rocket science"]
links = ["x"]
max_links = 0
max_mentions = 1
max_hashtags = 2
allowed_mentions = ["@psf.example"]
allow_profanity = true
allowed_personal = ["hello@club.example"]
fresh_days = 0
[approve_when]
first = 10
score_below = 0.5
doubts = true
threads = true
images = true
topics = ["security"]
[schedule]
times = ["09:00", "17:30"]
[limits]
per_hour = 2
per_day = 5
quiet_hours = "22:00-07:00"
usd_per_month = 0
[persona]
name = "Nova"
voice = "dry"
audience = "beginners"
language = "pt-BR"
do = ["Be short."]
dont = ["No jokes."]
samples = ["One line\\nand another."]
openers = ["Psst:", "{topic} tip:"]
closings = ["So there."]
[topics]
git = 2
"C++ and more" = 0.5
[formats]
tip = 1
thread = 0
[[sources]]
kind = "notes"
path = "mine.toml"
[[sources]]
kind = "rss"
name = "news"
url = "https://example.org/feed?a=b"
label = "Python"
link = false
max_items = 3
max_age_days = 7
backfill = 2
every_minutes = 30
[[sources]]
kind = "web"
urls = ["https://example.org/a", "http://example.org/b/"]
[[sources]]
kind = "files"
path = "docs"
patterns = ["**/*.md", "*.txt"]
[[sources]]
kind = "git"
path = "/nowhere/project"
backfill = 0
"""


def test_every_key_arrives(tmp_path: Path) -> None:
    """Each key of a bot file ends up in its record, persona and schedule as the rest of the program takes them."""
    put(tmp_path, "", "mine.toml")
    put(tmp_path, FULL, "data/bots/nova.toml")
    (bot,) = load(tmp_path, X).bots
    assert (bot.name, bot.enabled, bot.platforms_on, bot.pool_size) == ("nova", True, ("feed", "x"), 3)
    assert (bot.time_zone, bot.draft_ttl_hours, bot.item_rest_days) == ("Australia/Lord_Howe", 24, 0)
    assert (bot.hashtags, bot.signature, bot.blocked_terms) == (("Python", "日本"), "— the bot", ("rocket science",))
    assert (bot.max_links, bot.max_mentions, bot.max_hashtags, bot.allowed_mentions) == (0, 1, 2, ("psf.example",))
    assert (bot.links, bot.allow_profanity, bot.fresh_days) == (("x",), True, 0)
    assert bot.allowed_personal == ("hello@club.example",)
    assert (bot.approve, bot.approval_hours) == ("when", 12)
    wanted = ApproveWhen(first=10, score_below=0.5, doubts=True, threads=True, images=True, topics=("security",))
    assert bot.approve_when == wanted
    assert bot.schedule == Schedule(times=(time(9), time(17, 30)))
    assert bot.limits == Limits.model_construct(
        per_hour=2, per_day=5, quiet_hours=(time(22), time(7)), usd_per_month=0.0
    )
    rules = (("Be short.",), ("No jokes.",), ("One line\nand another.",))
    assert bot.persona == Persona(
        "Nova", "dry", "beginners", "pt-BR", *rules, ("Psst:", "{topic} tip:"), ("So there.",)
    )
    assert bot.topics == {"git": 2.0, "C++ and more": 0.5} and bot.formats == {"tip": 1.0, "thread": 0.0}
    notes = tmp_path / "mine.toml"
    assert bot.sources[0] == Source("notes", f"notes:{notes}", path=notes, trust="own")
    assert bot.sources[1] == Source(
        "rss", "news", ("https://example.org/feed?a=b",), None, (), "Python", False, 3, 7, 2, 30
    )
    guide = ("https://example.org/a", "http://example.org/b/")
    assert bot.sources[2] == Source("web", "example.org/a", guide, every_minutes=1440)
    docs = Source("files", "docs", path=tmp_path / "docs", patterns=("**/*.md", "*.txt"), trust="own", max_age_days=365)
    assert bot.sources[3] == docs
    assert bot.sources[4] == Source("git", "/nowhere/project", path=Path("/nowhere/project"), backfill=0, trust="own")


def test_an_empty_file_is_the_default_bot(tmp_path: Path) -> None:
    """Whatever is left out has its default; the sample file says the same as an empty one."""
    put(tmp_path, "", "data/bots/a.toml")
    put(tmp_path, sample_bot_file(), "data/bots/b.toml")
    built_in = load(tmp_path / "data", {}).bots[0]
    a, b = load(tmp_path, {}).bots
    fields = BotFile.model_fields
    assert [getattr(a, name) for name in fields] == [getattr(b, name) for name in fields]
    assert [getattr(a, name) for name in fields if name != "sources"] == [
        getattr(built_in, name) for name in fields if name != "sources"
    ]


BUNDLED = '[[sources]]\nkind = "starter"\n'


@pytest.mark.parametrize(
    ("file", "account", "serve", "told"),
    [
        (None, {}, True, ""),
        (None, X, False, "no material of its own"),
        ("", {}, False, "no material of its own"),
        ("", X, False, "no material of its own"),
        (BUNDLED, {}, True, ""),
        (BUNDLED, X, True, ""),
        (BUNDLED + '[[sources]]\nkind = "files"\npath = "docs"', X, False, "no longer posted"),
        ('[[sources]]\nkind = "files"\npath = "docs"', X, False, ""),
    ],
)
def test_the_bundled_notes_serve_only_who_asks_for_them(
    tmp_path: Path, file: str | None, account: dict[str, str], serve: bool, told: str
) -> None:
    """They serve the built-in bot without an account and a file that names nothing else; who might miss them is told
    what to write."""
    if file is not None:
        put(tmp_path, file, "data/bots/default.toml")
    (bot,) = load(tmp_path, account).bots
    assert ([source.kind for source in bot.sources] == ["starter"]) == serve
    assert told in bot.on_material and bool(told) == bool(bot.on_material)


def test_every_key_stands_in_the_sample() -> None:
    """Each key of each table and of each kind of source is shown, set or behind a #."""
    for name in [*(name for table in TABLES for name in keys(table)), *keys_of_kinds()]:
        assert f"\n{name} = " in sample_bot_file() or f"\n# {name} = " in sample_bot_file()


_BASE = "[[sources]]\nkind = 'files'\npath = 'x'\nbase_url = "
WRONG: list[tuple[str, str, str]] = [
    # content, the problem's field, words of the problem
    ("pol = 3", "pol", "is no setting of a bot. Did you mean pool?"),
    ("[limit]\nper_hour = 1", "limit", "Did you mean limits?"),
    ("[limits]\nper_hours = 1", "limits.per_hours", "Did you mean per_hour?"),
    ("per_day = 3", "per_day", "It belongs into [limits]."),
    ("[limits]\nsignature = 'x'", "limits.signature", "before any [table]"),
    ("[persona]\nvioce = 'x'", "persona.vioce", "Did you mean voice?"),
    ("name = 'x'", "name", "[persona]"),
    ("[persona]\nopeners = ['So']", "persona.openers[0]", "must end with a mark"),
    (f"signature = '{'x' * 30}'\n[style]\nmax_chars = 70", "style.max_chars", "leaves 39 characters to the text"),
    (f"hashtags = {[c * 60 for c in 'abcd']}\nmax_hashtags = 4", "signature", "leaves 31 characters to the text"),
    ("[persona]\nopeners = ['{label} tip:']", "persona.openers[0]", "holds a brace"),
    ("[persona]\nopeners = ['{topic} {topic}:']", "persona.openers[0]", "holds a brace"),
    ("[persona]\nclosings = ['So much for {topic}.']", "persona.closings[0]", "holds a brace"),
    (f"[persona]\nclosings = ['{'x' * 60}.']", "persona.closings[0]", "longer than 60"),
    ("approve = 'sometimes'", "approve", "must be one of never, always, when"),
    ("[listen]\ncomments = ['feed']", "listen.comments[0]", "must be one of x, bluesky, mastodon"),
    ("approve = 'when'", "approve", "[approve_when] names no post"),
    ("approve = 'when'\n[approve_when]\nfirst = 0\ndoubts = false", "approve", 'write approve = "always"'),
    ("[approve_when]\nthreads = true", "approve_when", 'says nothing where approve is "never"'),
    ("approve = 'always'\n[approve_when]\nfirst = 3", "approve_when", 'Write approve = "when"'),
    ("approve = 'when'\n[approve_when]\nscore_below = 2", "approve_when.score_below", "from 0 to 1"),
    ("approve = 'when'\n[approve_when]\nthread = true", "approve_when.thread", "Did you mean threads?"),
    ("threads = true", "threads", "must be a table"),
    ("approval_hours = 0", "approval_hours", "from 1 to 8760"),
    ("enabled = 'yes'", "enabled", "without quotes"),
    ("enabled = 1", "enabled", "true or false"),
    ("platforms = []", "platforms", "1 to 4"),
    ("platforms = 'x'", "platforms", "must be a list"),
    ("platforms = ['x', 'blue']", "platforms[1]", "Did you mean bluesky?"),
    ("platforms = ['x', 'x']", "platforms", "twice"),
    ("time_zone = 'Europe/Berln'", "time_zone", "Did you mean Europe/Berlin?"),
    ("time_zone = '../../etc/passwd'", "time_zone", "must be the name"),
    ("time_zone = '/etc/passwd'", "time_zone", "no time zone"),
    ("time_zone = 'Europe'", "time_zone", "no time zone"),
    ("time_zone = 5", "time_zone", "must be the name"),
    ("pool = 0", "pool", "1 to 200"),
    ("pool = true", "pool", "whole number"),
    ("pool = 1.0", "pool", "whole number"),
    ("pool = '3'", "pool", "whole number"),
    (f"pool = {'9' * 4000}", "pool", "whole number"),
    (f"pool = {'9' * 5000}", "", "beyond measure"),
    ("draft_ttl_hours = -1", "draft_ttl_hours", "1 to 8760"),
    ("hashtags = ['two words']", "hashtags[0]", "letters"),
    ("hashtags = ['123']", "hashtags[0]", "letter"),
    ("hashtags = ['a', '#a']", "hashtags", "twice"),
    ("hashtags = [['a']]", "hashtags[0]", "letters"),
    ("max_hashtags = 1\nhashtags = ['a', 'b']", "hashtags", "max_hashtags"),
    ('signature = "a\\nb"', "signature", "one line"),
    ('signature = "\\u001b[2J"', "signature", "control character"),
    (f"signature = '{'x' * 101}'", "signature", "longer than 100"),
    ("blocked_terms = [1]", "blocked_terms[0]", "text"),
    ("allowed_mentions = ['@']", "allowed_mentions[0]", "handle"),
    ("links = ['myspace']", "links[0]", "x, bluesky"),
    ("links = true", "links", "list"),
    ("allow_profanity = 1", "allow_profanity", "true or false"),
    ("allowed_personal = [1]", "allowed_personal[0]", "text"),
    ("fresh_days = -1", "fresh_days", "0 to 365"),
    ("schedule = 1", "schedule", "must be a table"),
    ("[schedule]\nevery_hours = 5", "schedule.every_hours", "divide 24"),
    ("[schedule]\nevery_hours = 25", "schedule.every_hours", "1 to 24"),
    ("[schedule]\ntimes = ['9:00']", "schedule.times[0]", '"09:00"'),
    ("[schedule]\ntimes = ['24:00']", "schedule.times[0]", "time of day"),
    ("[schedule]\ntimes = [09:00:00]", "schedule.times[0]", '"09:00"'),
    ("[schedule]\ntimes = []", "schedule.times", "1 to 96"),
    ("[schedule]\nevery_hours = 1\ntimes = ['09:00']", "schedule", "both"),
    ("[limits]\nquiet_hours = '22-7'", "limits.quiet_hours", '"22:00-07:00"'),
    ("[limits]\nquiet_hours = '22:00-25:00'", "limits.quiet_hours", "time of day"),
    ("[limits]\nquiet_hours = '22:00-22:00'", "limits.quiet_hours", "same time"),
    ("[limits]\nusd_per_month = inf", "limits.usd_per_month", "0 to 100000"),
    ("[limits]\nusd_per_month = nan", "limits.usd_per_month", "number"),
    ("[persona]\nlanguage = 'English!'", "persona.language", "language"),
    ("[persona]\ndo = 'be nice'", "persona.do", "must be a list"),
    ("[topics]\ngit = -1", "topics.git", "0 to 1000"),
    ("[topics]\ngit = 0", "topics", "above 0"),
    ("topics = ['git']", "topics", "names and weights"),
    ("[formats]\ntipp = 1", "formats.tipp", "Did you mean tip?"),
    ("[formats]\ntip = 'much'", "formats.tip", "number"),
    ("sources = []", "sources", "[[sources]]"),
    ("[sources]\nkind = 'starter'", "sources", "[[sources]]"),
    ("sources = ['starter']", "sources[0]", "[[sources]]"),
    ("[[sources]]\nkind = 'atom'", "sources[0].kind", "starter, notes, rss, web, files, git"),
    ("[[sources]]\nkind = 'rss'\nuri = 'x'", "sources[0].uri", "no setting"),
    ("[[sources]]\nkind = 'rss'", "sources[0].url", "missing"),
    ("[[sources]]\nkind = 'web'", "sources[0].urls", "missing"),
    ("[[sources]]\nkind = 'git'", "sources[0].path", "missing"),
    ("[[sources]]\nkind = 'rss'\nurl = 'example.org'", "sources[0].url", "https://host/path"),
    ("[[sources]]\nkind = 'rss'\nurl = 'file:///etc/passwd'", "sources[0].url", "web address"),
    ("[[sources]]\nkind = 'rss'\nurl = 'https://a:b@c.org/'", "sources[0].url", "password"),
    ("[[sources]]\nkind = 'rss'\nurl = 'https://[::1/'", "sources[0].url", "web address"),
    ("[[sources]]\nkind = 'rss'\nurl = 'https://a.org/'\npath = 'x'", "sources[0].path", "only for notes, files, git"),
    ("[[sources]]\nkind = 'files'\npath = 'x'\nbackfill = 3", "sources[0].backfill", "only for rss, git"),
    ("[[sources]]\nkind = 'starter'\nlink = false", "sources[0].link", "only for rss, web, files, git"),
    ("[[sources]]\nkind = 'files'\npath = 'x'\ncommits = true", "sources[0].commits", "only for git"),
    ("[[sources]]\nkind = 'git'\npath = 'x'\ncommits = 'yes'", "sources[0].commits", "true or false"),
    ("[[sources]]\nkind = 'git'\npath = 'x'\nbase_url = 'https://a.org/'", "sources[0].base_url", "only for files"),
    (f"{_BASE}'ftp://a.org/'", "sources[0].base_url", "web address"),
    (f"{_BASE}'https://a.org/{{titel}}'", "sources[0].base_url", "There are {path}, {file}"),
    (f"{_BASE}'https://a.org/{{path'", "sources[0].base_url", "lone brace"),
    (f"{_BASE}'https://{{name}}.org/'", "sources[0].base_url", "placeholder for its host"),
    (f"{_BASE}'https://me:key@a.org/'", "sources[0].base_url", "user name or password"),
    ("[[sources]]\nkind = 'files'\npath = ''", "sources[0].path", "missing"),
    ("[[sources]]\nkind = 'files'\npath = 'x'\npatterns = []", "sources[0].patterns", "1 to 50"),
    ("[[sources]]\nkind = 'rss'\nurl = 'https://a.org/'\nevery_minutes = 1", "sources[0].every_minutes", "5 to"),
    (
        "[[sources]]\nkind = 'files'\npath = 'x'\n[[sources]]\nkind = 'git'\npath = 'x'",
        "sources[1].name",
        "another source",
    ),
    ("[[sources]]\npath = 'x'", "sources[0].kind", "missing"),
    ("[[sources]]\nkind = 'notes'", "sources[0].path", "missing"),
    ("[[sources]]\nkind = 'starter'\npath = 'x'", "sources[0].path", "only for notes, files, git"),
    ("[[sources]]\nkind = 'starter'\n[[sources]]\nkind = 'notes'\npath = 'gone'", "sources[1].path", "no file"),
    (f"[[sources]]\nkind = 'notes'\npath = '{'x' * 900}'", "sources[0].path", "no file"),
    ("a = 1\nb = = 2", "", "line 2"),
    ("x = 'unclosed", "", "is not TOML"),
    ("pool = 1\npool = 2", "", "is not TOML"),
    ("x = " + "[" * 100_000, "", "beyond measure"),
    ("x = " + "{a=" * 50_000, "", "is not TOML"),
    ("#" * 300_000, "", "larger than 256 kB"),
    (".".join(["a"] * 30_000) + " = 1", "", "dots"),
]


@pytest.mark.timeout(60)
@pytest.mark.parametrize(("content", "field", "words"), WRONG)
def test_a_wrong_bot_file_names_path_fault_and_remedy(tmp_path: Path, content: str, field: str, words: str) -> None:
    """Unknown keys, wrong types and ranges, broken and hostile TOML: one problem each, at its exact path."""
    put(tmp_path, content, "data/bots/nova.toml")
    (problem,) = problems(tmp_path)
    assert (problem.where, problem.field) == ("data/bots/nova.toml", field)
    assert words in str(problem) and len(str(problem)) < 400


def test_the_file_itself_is_checked(tmp_path: Path) -> None:
    """A pipe is not waited for; a link to nowhere and a folder are problems; no UTF-8 names its line."""
    path = put(tmp_path, "", "data/bots/a.toml")
    path.write_bytes(b"# fine\nsignature = '\xe9'\n")
    assert "line 2" in problems(tmp_path)[0].message
    path.unlink()
    os.mkfifo(path)
    assert "regular" in problems(tmp_path)[0].message
    path.unlink()
    path.symlink_to("nowhere")
    assert "not there" in problems(tmp_path)[0].message
    path.unlink()
    path.mkdir()
    assert problems(tmp_path)[0].where == "data/bots/a.toml"


def test_names_of_bots(tmp_path: Path) -> None:
    """A name that no bot can have and a `.env` without its bot are problems; other files are left alone."""
    for name in ("My Bot.toml", "ok.toml", "x" * 41 + ".toml", "okk.env", "ok.toml~", ".ok.toml.swp", "notes.txt"):
        put(tmp_path, "", f"data/bots/{name}")
    found = {problem.where: problem for problem in problems(tmp_path)}
    assert found.keys() == {"data/bots/'My Bot.toml'", f"data/bots/'{'x' * 41}.toml'", "data/bots/'okk.env'"}
    assert "Did you mean ok?" in found["data/bots/'okk.env'"].remedy


def test_the_built_in_bot_may_have_its_own_keys(tmp_path: Path) -> None:
    """`default.env` is read when no bot file is there."""
    put(tmp_path, lines(BLUESKY), "data/bots/default.env")
    (bot,) = load(tmp_path, {}).bots
    assert (bot.name, bot.platforms_on) == ("default", ("bluesky", "feed"))


def test_two_bots_with_one_account_are_a_problem(tmp_path: Path) -> None:
    """The same X user (by the id in the token) or Bluesky identifier names both bots; an own account, an own list of
    platforms or a switched-off bot settles it."""
    for name in ("a", "b"):
        put(tmp_path, "", f"data/bots/{name}.toml")
    put(tmp_path, "TWITTER_ACCESS_TOKEN=12345-second\nBLUESKY_IDENTIFIER=ME.bsky.social\n", "data/bots/b.env")
    found = problems(tmp_path, X | BLUESKY)
    assert {problem.field for problem in found} == {"x", "bluesky"}
    assert all("a and b" in problem.message and "12345" not in str(problem) for problem in found)
    put(tmp_path, "TWITTER_ACCESS_TOKEN=999-other\nBLUESKY_IDENTIFIER=other.bsky.social\n", "data/bots/b.env")
    assert len(load(tmp_path, X | BLUESKY).bots) == 2
    (tmp_path / "data/bots/b.env").unlink()
    put(tmp_path, "platforms = ['feed']", "data/bots/b.toml")
    assert [bot.platforms_on for bot in load(tmp_path, X).bots] == [("x", "feed"), ("feed",)]
    put(tmp_path, "enabled = false", "data/bots/b.toml")
    settings = load(tmp_path, X | BLUESKY)
    assert len(settings.bots) == 2 and [bot.name for bot in settings.active] == ["a"]


def test_a_bot_that_posts_nowhere_is_a_problem(tmp_path: Path) -> None:
    """Only X listed and no keys for it: it would run every hour in vain."""
    put(tmp_path, "platforms = ['x', 'bluesky']", "data/bots/a.toml")
    (problem,) = problems(tmp_path)
    assert (problem.field, "credentials" in problem.message) == ("platforms", True)


def test_the_schema_takes_what_the_program_takes() -> None:
    """The JSON Schema is one, and the sample, a full file and the empty one validate against it; of files with a plain
    fault of key, type, range or choice it refuses each."""
    schema = json_schema()
    validator = Draft202012Validator(schema)
    Draft202012Validator.check_schema(schema)
    for sound in (FULL, "", sample_bot_file()):
        validator.validate(tomllib.loads(sound))
    plain = ("no setting", "Did you mean", "belongs", "whole number", "true or false", "1 to 4", "1 to 8760")
    wrong = [content for content, field, words in WRONG if field not in ("", "time_zone") and words.startswith(plain)]
    assert len(wrong) >= 15
    for content in wrong:
        whole_float = content == "pool = 1.0"  # an integer to JSON Schema
        assert validator.is_valid(tomllib.loads(content)) == whole_float, content


def test_the_schema_is_printed(home: Home) -> None:
    """`schema bot` needs no settings, and prints what the sample's first line names."""
    (home.path / ".env").write_text("NO SUCH LINE")
    done = home("schema", "bot")
    assert (done.code, done.json) == (0, json_schema())
    assert sample_bot_file().startswith("#:schema ./bot.schema.json\n")
    assert done.json["properties"]["pool"]["maximum"] == 200


_NAMES = sorted({*(name for table in TABLES for name in keys(table)), *keys_of_kinds(), "zz"})
_TOP = sorted([*keys(""), *filter(None, TABLES), "topics", "formats", "sources", "zz"])
tables = st.recursive(
    st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.dates() | st.times(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(_NAMES), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(_TOP), tables, max_size=6))
def test_any_document_gives_a_record_or_problems(document: dict[str, Any]) -> None:
    """Whatever types stand wherever: never another error."""
    noted = Problems()
    bot = from_document(document, "f", Path("/nonexistent"), noted)
    assert isinstance(bot, BotFile) != bool(noted)


def test_a_machine_without_time_zones_says_what_to_install(tmp_path: Path) -> None:
    """Where neither the system nor Python brings the IANA data, UTC works and another zone names the package."""
    code = (
        "import sys; from pathlib import Path; from twitter_manager.settings import load\n"
        "sys.modules['tzdata'] = None; load(Path(sys.argv[1]), {})"
    )
    bare = {"PYTHONTZPATH": "", "PYTHONPATH": str(Path(__file__).parents[2])}
    for name, expected in (("UTC", ""), ("Europe/Berlin", "Install the system's package tzdata.")):
        put(tmp_path, f"time_zone = '{name}'", "data/bots/a.toml")
        done = subprocess.run(
            [sys.executable, "-c", code, str(tmp_path)], env=bare, capture_output=True, text=True, timeout=60
        )
        assert (done.returncode == 0) == (not expected) and expected in done.stderr
