"""Sources, as a person and cron meet them: whole processes that post from feeds, folders and repositories, and the
verbs that list, update, test and add them. The feeds are on this machine, where only a test's process may go."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.home import ROOT, Done, Home
from tests.sources.test_documents import put as write
from tests.sources.test_feeds import RSS, entry, rss
from tests.sources.test_repositories import Repository
from tests.sources.web import Site, serve

ALLOWED = """
import sys, time
from tests.sources.web import loopback_policy
from twitter_manager import factory
from twitter_manager.cli import main
from twitter_manager.sources.fetch import Fetcher

policy = loopback_policy({port})
allowed = lambda left: Fetcher(sleep=lambda _: None, monotonic=time.monotonic, time_left=left, policy=policy)
factory.fetcher = allowed
sys.exit(main())
"""
FACTS = """# Slate

Slate starts in a tenth of a second, because it loads nothing that it does not need.

## Cache

Slate keeps answers in its cache for a day, and never fills more than fifty megabytes of the disk.
"""


@pytest.fixture
def site() -> Iterator[Site]:
    with serve() as made:
        yield made


class Program:
    """The program over a home folder, in processes that may reach the test's site."""

    def __init__(self, home: Home, site: Site) -> None:
        self.home = home
        self.code = ALLOWED.format(port=site.port)

    def __call__(self, *words: str) -> Done:
        return self.home(*words, code=self.code)

    def answering(self, answer: str, *words: str) -> Done:
        """At a terminal, with this answer typed ahead."""
        ours, theirs = pty.openpty()
        os.write(ours, f"{answer}\n".encode())
        done = subprocess.run(
            [sys.executable, "-c", self.code, *words],
            stdin=theirs,
            capture_output=True,
            text=True,
            env=self.home.environment(TERM="dumb"),
            timeout=120,
            check=False,
        )
        os.close(theirs)
        os.close(ours)
        return Done(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def program(tmp_path: Path, site: Site) -> Program:
    return Program(Home(tmp_path / "home"), site)


def feed_entry(number: int, days_ago: float = 1) -> dict[str, str]:
    body = f"<p>Version {number} of the parser reads dates of any calendar that has months and years.</p>"
    return entry(number, days_ago, title=f"Parser {number}", description=body)


def test_a_bot_posts_from_new_material(program: Program, site: Site, tmp_path: Path) -> None:
    """A feed, a folder and a repository, one of them broken: the run posts, nothing floods, the trouble is a warning on
    record; an hour later the news of the feed goes out too."""
    home = program.home
    site.put("/feed", rss(*(feed_entry(number, number) for number in range(1, 9))), content_type=RSS)
    write(home.path, "docs/tool.md", FACTS)
    project = Repository(tmp_path / "project")
    project.commit("Start")
    project.tag("v1.0.0", "First words\n\nThe project reads dates of any calendar that has months and years.")
    home.bot(
        "nova",
        f"""platforms = ["feed"]
pool = 1
[[sources]]
kind = "rss"
name = "parser"
url = "{site.url}/feed"
every_minutes = 5
[[sources]]
kind = "files"
path = "docs"
[[sources]]
kind = "git"
name = "project"
path = "{project.path}"
[[sources]]
kind = "rss"
name = "gone"
url = "{site.url}/no-such-feed"
""",
    )
    done = program("run", "--json")
    report = done.json["bots"][0]
    assert (done.code, report["outcome"]) == (0, "posted"), done
    assert any(note.startswith("gone: ") and "404" in note for note in report["notes"])
    assert "no-such-feed" in home.log()
    counts = dict(home.rows("SELECT source, sum(postable) FROM items GROUP BY source"))
    assert counts == {"parser": 1, "docs": 2, "project": 1}
    assert home.rows("SELECT count(*) FROM items WHERE source = 'parser'") == [(8,)]
    assert home.rows("SELECT name FROM sources WHERE error <> ''") == [("gone",)]

    posted = [report["draft"]["parts"][0]]
    for _ in range(5):
        home.next_slot()
        site.put("/feed", rss(feed_entry(9, 0.01), feed_entry(1, 1)), content_type=RSS)
        connection_wait = "UPDATE sources SET looked_at = '2020-01-01T00:00:00.000000Z'"
        _change(home, connection_wait)
        found = program("run", "--json").json["bots"][0]
        posted += found["draft"]["parts"] if found["draft"] else []
    everything = "\n".join(posted)
    assert "Version 9 of the parser" in everything and "fifty megabytes" in everything
    assert not any(f"Version {number} of the parser" in everything for number in range(2, 9))


def _change(home: Home, sql: str) -> None:
    import sqlite3

    connection = sqlite3.connect(home.database)
    with connection:
        connection.execute(sql)
    connection.close()


def test_without_a_tests_leave_nothing_on_this_machine_is_fetched(site: Site, tmp_path: Path) -> None:
    """The program itself, with whatever environment: loopback stays out of reach, and the run says so."""
    site.put("/feed", rss(feed_entry(1)), content_type=RSS)
    home = Home(tmp_path / "home")
    home.bot("nova", f'platforms = ["feed"]\n[[sources]]\nkind = "rss"\nurl = "http://127.0.0.1:{site.port}/feed"\n')
    done = home("run", "--json", HTTP_PROXY=site.url, ALL_PROXY=site.url, NO_PROXY="127.0.0.1")
    assert done.code == 1 and done.json["bots"][0]["outcome"] == "nothing_to_post"
    assert "is refused" in done.json["bots"][0]["reason"]
    assert not site.seen and not site.robots_asked


def test_a_dry_run_looks_and_leaves_no_trace(program: Program, site: Site) -> None:
    """It shows a post from the feed; the next real run sees the feed for the first time."""
    site.put("/feed", rss(feed_entry(1)), content_type=RSS)
    program.home.bot("nova", f'platforms = ["feed"]\n[[sources]]\nkind = "rss"\nurl = "{site.url}/feed"\n')
    assert "Version 1 of the parser" in program("run", "--dry-run").out
    assert not program.home.database.exists()
    assert "Version 1 of the parser" in program("run", "--json").json["bots"][0]["draft"]["parts"][0]


# -- the verbs -----------------------------------------------------------------------------------------------


def test_list_and_update(program: Program, site: Site) -> None:
    """Before any look, after a good one and after a bad one; `update` exits with 1 where a source failed."""
    home = program.home
    site.put("/feed", rss(feed_entry(1), feed_entry(2, 2)), content_type=RSS)
    write(home.path, "docs/tool.md", FACTS)
    feed = f'[[sources]]\nkind = "rss"\nname = "parser"\nurl = "{site.url}/feed"\n'
    home.bot("nova", f'{feed}[[sources]]\nkind = "files"\npath = "docs"\n')
    before = program("sources", "list", "--json").json["sources"]
    assert [(one["name"], one["kind"], one["items"], one["last_look"]) for one in before] == [
        ("parser", "rss", 0, None), ("docs", "files", 0, None),
    ]  # fmt: skip
    assert "not looked at yet" in program("sources", "list").out
    updated = program("sources", "update", "--json")
    assert updated.code == 0
    assert {one["name"]: (one["added"], one["postable"]) for one in updated.json["sources"]} == {
        "parser": (2, 1),
        "docs": (2, 2),
    }
    site.put("/feed", "", 503)
    assert program("sources", "update", "docs").code == 0
    failed = program("sources", "update", "parser")
    assert failed.code == 1 and "503" in failed.err
    parser = next(one for one in program("sources", "list", "--json").json["sources"] if one["name"] == "parser")
    assert parser["items"] == 2 and "503" in parser["last_error"] and parser["last_success"]
    assert "trouble" in program("sources", "list").out


def test_test_stores_nothing(program: Program, site: Site) -> None:
    """It shows what would come, newest first; an unknown name lists those that are known."""
    site.put("/feed", rss(*(feed_entry(number, number) for number in range(1, 6))), content_type=RSS)
    program.home.bot("nova", f'[[sources]]\nkind = "rss"\nname = "parser"\nurl = "{site.url}/feed"\n')
    tested = program("sources", "test", "parser", "--json").json
    assert (tested["items"], tested["postable"]) == (5, 1)
    assert [sample["title"] for sample in tested["samples"]] == ["Parser 1", "Parser 2", "Parser 3"]
    assert "Version 1 of the parser" in program("sources", "test", "parser").out
    assert not program.home.database.exists()
    unknown = program("sources", "test", "parsr")
    assert unknown.code == 2 and "Known: parser" in unknown.err
    site.put("/feed", "no feed", content_type=RSS)
    assert program("sources", "test", "parser").code == 1


def test_add_guesses_what_a_place_is(program: Program, site: Site, tmp_path: Path) -> None:
    """A feed, a page that names its feed, a page without one, a folder, a file, a repository, notes."""
    feed = site.put("/feed", rss(feed_entry(1), title="The parser&apos;s news"), content_type=RSS)
    link = '<link rel="alternate" type="application/rss+xml" href="/feed">'
    dead = '<link rel="alternate" type="application/atom+xml" href="/dead">'
    blog = site.put("/blog", f"<html><head>{dead}{link}</head><body>Blog</body></html>")
    text = "<p>A page about the parser, long enough to be read and used. It has two sentences, and each says much.</p>"
    body = text + text.replace("A page", "Another part of it")
    page = site.put("/page", f"<html><head><title>Page</title></head><body><article>{body}</article></body></html>")
    write(tmp_path, "docs/a.md", FACTS)
    write(tmp_path, "mine.toml", '[[note]]\nid = "a"\nlabel = "A"\ntext = "A note of my own."\n')
    project = Repository(tmp_path / "project")
    project.commit("Start here")
    project.tag("v1.0.0", "First words\n\nThe project reads dates of any calendar that has months and years.")
    for place, kind, where in (
        (feed, "rss", feed), (blog, "rss", feed), (page, "web", page), (str(tmp_path / "docs"), "files", None),
        (str(tmp_path / "docs/a.md"), "files", None), (str(tmp_path / "project"), "git", None),
        (str(tmp_path / "mine.toml"), "notes", None),
    ):  # fmt: skip
        done = program("sources", "add", place, "--json")
        assert done.code == 0, done
        assert (done.json["kind"], done.json["place"], done.json["written"]) == (kind, where or place, False)
        assert done.json["items"] >= 1 and done.json["samples"]
    assert program("sources", "add", blog, "--json").json["title"] == "The parser's news"
    assert not (program.home.path / "data/bots/default.toml").exists()


@pytest.mark.parametrize(
    ("place", "code", "words"),
    [
        ("/no/such/folder", 2, "not there"), ("http://127.0.0.2/", 1, "is refused"), ("", 2, "needs a place"),
        ("http://user:secret@127.0.0.1/", 1, "is refused"), ("file:///etc/passwd", 1, "is refused"),
        ("no-such-host.invalid", 1, "no answer"),
    ],
)  # fmt: skip
def test_add_says_what_is_wrong_with_a_place(program: Program, place: str, code: int, words: str) -> None:
    """One line, an exit code, nothing written."""
    done = program("sources", "add", place, "--yes")
    assert done.code == code and words in done.err and "secret" not in done.err and len(done.err.splitlines()) == 1
    assert not (program.home.path / "data/bots").exists()


def test_add_writes_into_the_bot_file(program: Program, site: Site) -> None:
    """What stands there stays to the byte, an editor's BOM too; without a file the commented sample is
    taken; a second one of a name gets another; the next run posts from it."""
    feed = site.put("/feed", rss(feed_entry(1)), content_type=RSS)
    done = program("sources", "add", feed, "--yes", "--name", "parser", "--label", 'Py "thon"')
    path = program.home.path / "data/bots/default.toml"
    assert done == Done(0, "", "")  # as with every verb where nobody watches
    assert tomllib.loads(path.read_text())["sources"] == [
        {"kind": "rss", "name": "parser", "url": feed, "label": 'Py "thon"'},
    ]  # fmt: skip
    before = "\ufeff# mine\r\npool = 3 # three\r\n[topics]\r\ngit = 1"
    program.home.path.joinpath("data/bots/nova.toml").write_bytes(before.encode())
    for folder in ("docs", "more/docs"):
        write(program.home.path, f"{folder}/a.md", FACTS)
        done = program("sources", "add", str(program.home.path / folder), "--yes", "--bot", "nova")
        assert done.code == 0, done
    after = program.home.path.joinpath("data/bots/nova.toml").read_bytes().decode()
    assert after.startswith(before)
    assert tomllib.loads(after.removeprefix("\ufeff"))["sources"] == [
        {"kind": "files", "name": "docs", "path": "docs"},
        {"kind": "files", "name": "docs-2", "path": "more/docs"},
    ]  # fmt: skip
    listed = program("sources", "list", "--json").json["sources"]
    assert [one["name"] for one in listed] == ["parser", "docs", "docs-2"]


def test_add_asks_at_a_terminal(program: Program) -> None:
    """Only a yes writes."""
    write(program.home.path, "docs/a.md", FACTS)
    path = program.home.path / "data/bots/default.toml"
    for answer in ("n", "", "what?"):
        assert "Nothing is written" in program.answering(answer, "sources", "add", str(program.home.path / "docs")).out
        assert not path.exists()
    assert "is written" in program.answering("y", "sources", "add", str(program.home.path / "docs")).out
    assert path.exists()


def test_a_bot_file_that_can_not_be_appended_to_stays_as_it_is(program: Program) -> None:
    """Sources in a list: the line to add by hand is shown."""
    write(program.home.path, "docs/a.md", FACTS)
    before = 'sources = [{kind = "starter"}]\n'
    program.home.bot("nova", before)
    done = program("sources", "add", str(program.home.path / "docs"), "--yes")
    assert done.code == 1 and '{kind = "files", name = "docs", path = "docs"}' in done.err
    assert (program.home.path / "data/bots/nova.toml").read_text() == before


def test_verbs_that_write_take_the_lock(program: Program, tmp_path: Path) -> None:
    """While a run is at work, `update` and `add` leave with 75; `list` and `test` don't mind."""
    import fcntl

    write(program.home.path, "docs/a.md", FACTS)
    (program.home.path / "data").mkdir(exist_ok=True)
    with (program.home.path / "data" / "twitter.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert program("sources", "update").code == 75
        assert program("sources", "add", str(program.home.path / "docs"), "--yes").code == 75
        assert program("sources", "list").code == 0 and program("sources", "test", "starter").code == 0


def test_listing_imports_nothing_heavy(tmp_path: Path) -> None:
    """`sources list` needs no HTTP client, no parser."""
    code = (
        "import sys; from twitter_manager.cli import main; main(['sources', 'list']);"
        "heavy = ('httpx', 'lxml', 'feedparser', 'trafilatura', 'ssrfguard', 'yaml', 'subprocess');"
        "print([name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True,
        env={"TWITTER_MANAGER_HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    assert done.stdout.endswith("[]\n")


def test_the_list_says_why_material_gives_no_post(program: Program) -> None:
    """`sources list` and `explain` count the items that give no post without a model, by reason."""
    write(
        program.home.path,
        "docs/one.md",
        "# Slate\n\nTo fill the cache, set this option to true before the first run.\n",
    )
    program.home.bot("nova", 'platforms = ["feed"]\n[[sources]]\nkind = "files"\nname = "docs"\npath = "docs"\n')
    assert program("run").code == 1
    listed = program("sources", "list", "--json").json["sources"]
    assert [one["no_post"] for one in listed] == [{"no sentence of it stands alone": 1}]
    told = "without a model that writes, 1 item gives no post: no sentence of it stands alone (1)"
    assert told in program("sources", "list").out and told in program("explain", "run:1").out
