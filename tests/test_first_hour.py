"""The first hour, at a terminal and by options: from an empty folder to posts on a real Bluesky server."""

from __future__ import annotations

import stat
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

import pytest

from tests.home import Done, mastodon_settings, x_settings
from tests.pictures import photo
from tests.sources.test_feeds import RSS, entry, rss
from tests.sources.test_repositories import Repository
from tests.sources.web import serve
from tests.standins import mastodon
from tests.standins import x as x_standin
from tests.standins.mastodon import MastodonStandIn
from tests.standins.pds import Account, Pds
from tests.standins.x import XStandIn
from tests.talking import Exchange, Person
from tests.test_sources import feed_entry
from twitter_manager.operations.init.files import UNFINISHED

NOTE = "The club house in Kassel is open every Saturday from 10 to 14."
MORE = ("New riders meet at the fountain at nine on Sundays.", "A spare tube and a pump belong into every saddle bag.")


def program(home: Path, *words: str, stdin: str = "", **more: str) -> Done:
    return Person(home).in_script(*words, stdin=stdin, **more)


def lines(**keys: str) -> str:
    """As --keys-stdin takes them."""
    return "".join(f"{name}={value}\n" for name, value in keys.items())


def contents(home: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() if path.is_file() else b"" for path in home.rglob("*")}


def told(done: Done) -> str:
    """What was shown, however its lines are broken."""
    return " ".join(done.out.split())


def about(what: str, name: str) -> Sequence[Exchange]:
    return ("in Kassel):", f"{what}\n"), ("as readers see it:", f"{name}\n")


WHEN: Sequence[Exchange] = (
    ("or any [en]:", "\n"),
    ("[Europe/Berlin]:", "\n"),
    ("[09:00, 17:30]:", "\n"),
    ("[22:00-07:00]:", "\n"),
    ("how many of the first ones [no]:", "\n"),
)
END: Sequence[Exchange] = (
    ("Claude: API key (Enter: none):", "\n"),
    ("OpenAI: API key (Enter: none):", "\n"),
    ("Dead-man's switch: address (Enter: none):", "\n"),
    ("Write this [yes]:", "\n"),
)
CLUB: Sequence[Exchange] = (
    *about("rides of a cycling club in Kassel", "Radsport Kassel"),
    ("Its material:", "notes\n"),
    ("Another place (Enter: no more):", "\n"),
    ("(Enter: no more):", f"{NOTE}\n"),
    ("(Enter: no more):", f"{MORE[0]}\n"),
    ("(Enter: no more):", f"{MORE[1]}\n"),
    ("(Enter: no more):", "\n"),
    *WHEN[:2],
    ("[09:00, 17:30]:", "25:00\n"),
    *WHEN[2:],
    ("(Enter: no X):", "\n"),
)


def test_a_club_gets_from_an_empty_folder_to_its_third_post(tmp_path: Path, pds: Pds, account: Account) -> None:
    """Own notes and a real Bluesky server; a wrong password first keeps the handle; no secret is shown, lines fit the
    terminal, files are for their owner alone; `git clone`, `make install` and three commands make a real post."""
    club = Person(tmp_path / "club", width=70, environment={"BLUESKY_SERVICE_URL": pds.url})
    talked = club.at_terminal(
        "init",
        says=(
            *CLUB,
            ("(Enter: no Bluesky):", f"{account.handle}\n"),
            ("app password:", "not-the-password\n"),
            (f"[{account.handle}]:", "\n"),
            ("(Enter keeps what is there):", f"{account.password}\n"),
            ("(Enter: no Mastodon):", "\n"),
            *END,
        ),
    )
    assert talked.code == 0, talked.out
    assert f"as {account.handle}" in talked.out and "must be a time of day" in talked.out
    assert account.password not in talked.out and "not-the-password" not in talked.out
    assert "dry run; nothing was published" in told(talked)
    assert pds.records(account) == []
    assert club.at_terminal("run", "--force").code == 0
    assert len(pds.records(account)) == 1 and 2 + len(club.commands) <= 5
    files = [club.home / name for name in (".env", "data/bots/default.toml", "data/notes.toml")]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    with_hours = club.home / "data/bots/default.toml"
    with_hours.write_text(with_hours.read_text().replace("per_hour = 1", "per_hour = 9"))
    for _ in range(2):
        assert club.at_terminal("run", "--force").code == 0
    assert {record["value"]["text"] for record in pds.records(account)} == {NOTE, *MORE}


NEWS = "Reads dates of any calendar that has months and years."
LOOKS_LIKE_A_SECRET = "Q7" * 22 + "Q"
"""As X's console writes access token secrets."""
WRONG_TOKEN = "4242-wrongToken00000000000000000000000"
NAMED = ("looks like the access secret", "looks like the access token", "does not accept the keys", "may only read",
         "set its permissions to 'Read and write', then make a new access token")  # fmt: skip
X_KEPT = (
    ("X: API key (Enter keeps what is there):", "\n"),
    ("X: API key secret (Enter keeps what is there):", "\n"),
)


def test_a_maintainer_with_wrong_keys_gets_to_the_third_post(tmp_path: Path) -> None:
    """A repository, X and Mastodon: the access token and its secret swapped, an app that may only read, another app's
    token, a wrong Mastodon token. Each is named and asked again, the rest is kept, and no key is shown."""
    project = Repository(tmp_path / "project")
    project.write("README.md", "# Kalender\n\nKalender reads dates.\n")
    project.write("CHANGELOG.md", f"# Changelog\n\n## 1.0.0 - {datetime.now(UTC):%Y-%m-%d}\n\n- {NEWS}\n")
    project.tag("v1.0.0")
    key, secret, token, token_secret = x_standin.CREDENTIALS
    with XStandIn() as x, MastodonStandIn() as server:
        person = Person(tmp_path / "home", environment={"TWITTER_API_BASE_URL": x.url})
        x.reset(access_level="read")
        tells_apart = (
            ("(Enter: no X):", f"{key}\n"),
            ("X: API key secret:", f"{secret}\n"),
            ("X: access token:", f"{LOOKS_LIKE_A_SECRET}\n"),
            ("X: access token:", f"{WRONG_TOKEN}\n"),
            ("X: access token secret:", f"{token}\n"),
            ("X: access token secret:", f"{token_secret}\n"),
            *X_KEPT,
            ("access token (Enter keeps what is there):", f"{token}\n"),
            ("access token secret (Enter keeps what is there):", "\n"),
        )
        before = (*about("news of the project", "Project"), ("Its material:", f"{project.path}\n"))
        before = (*before, ("Another place (Enter: no more):", "\n"), *WHEN)
        stopped = person.at_terminal("init", says=(*before, *tells_apart, (X_KEPT[0][0], "\x04")))
        assert stopped.code == 2 and list(person.home.iterdir()) == []
        assert not [words for words in NAMED if words not in told(stopped)], stopped.out
        x.reset(access_level="read-write")
        talked = person.at_terminal(
            "init",
            says=(
                *before,
                ("(Enter: no X):", f"{key}\n"),
                ("X: API key secret:", f"{secret}\n"),
                ("X: access token:", f"{token}\n"),
                ("X: access token secret:", f"{token_secret}\n"),
                ("(Enter: no Bluesky):", "\n"),
                ("(Enter: no Mastodon):", f"{server.url}\n"),
                ("Mastodon: access token:", "no-token-of-this-server\n"),
                (f"[{server.url}]:", "\n"),
                ("access token (Enter keeps what is there):", f"{mastodon.TOKEN}\n"),
                *END,
            ),
        )
        assert talked.code == 0, talked.out
        assert "does not accept the access token" in told(talked) and "1 release" in told(talked)
        hidden = (*x_standin.CREDENTIALS, LOOKS_LIKE_A_SECRET, WRONG_TOKEN, mastodon.TOKEN, "no-token-of-this-server")
        assert not [value for value in hidden if value in stopped.out + talked.out]
        assert x.posts == server.posts == {}
        for words in (("run", "--force"), ("post", "It reads Roman dates too.", "--now"), ("post", "Twice.", "--now")):
            assert person.at_terminal(*words).code == 0
        assert len(x.posts) == len(server.posts) == 3
        assert NEWS.removesuffix(".") in server.texts()[0]


def test_a_blogger_gets_to_the_third_post_with_cards_and_a_photo(tmp_path: Path, pds: Pds, account: Account) -> None:
    """A feed, Bluesky and Mastodon: the newest entry goes out with a link card on Bluesky, a photo with its
    description on both, and the program names what is missing when the description is."""
    with serve() as site, MastodonStandIn() as server:
        page = site.put("/alps", PAGE)
        alps = entry(1, link=page, title="Over the Alps on a bicycle", pubDate=format_datetime(datetime.now(UTC)))
        feed = site.put("/feed", rss(alps, title="Wheels"), content_type=RSS)
        person = Person(tmp_path / "home", site=site.port, environment={"BLUESKY_SERVICE_URL": pds.url})
        (person.home / "alps.jpg").write_bytes(photo())
        talked = person.at_terminal(
            "init",
            says=(
                *about("bicycle tours", "Wheels"),
                ("Its material:", f"{feed}\n"),
                ("Another place (Enter: no more):", "\n"),
                *WHEN,
                ("(Enter: no X):", "\n"),
                ("(Enter: no Bluesky):", f"{account.handle}\n"),
                ("app password:", f"{account.password}\n"),
                ("(Enter: no Mastodon):", f"{server.url}\n"),
                ("Mastodon: access token:", f"{mastodon.TOKEN}\n"),
                *END,
            ),
        )
        assert talked.code == 0 and "Over the Alps" in told(talked), talked.out
        assert person.at_terminal("run", "--force").code == 0
        [first] = pds.records(account)
        assert first["value"]["embed"]["external"]["uri"] == page, first
        forgot = person.at_terminal("post", "The top.", "--now", "--image", "alps.jpg")
        assert forgot.code == 2 and "alps.jpg has no alt text" in told(forgot)
        shows = ("--image", "alps.jpg", "--alt", "A road over a pass, snow on both sides.")
        assert person.at_terminal("post", "The top.", "--now", *shows).code == 0
        assert person.at_terminal("post", f"All of it: {page}", "--now").code == 0
        records = {record["value"]["text"]: record["value"]["embed"] for record in pds.records(account)}
        assert len(records) == len(server.posts) == 3
        assert records["The top."]["images"][0]["alt"] == shows[-1]
        assert [media.alt for post in server.posts.values() for media in post.media] == [shows[-1]]


PAGE = """<html><head><title>Over the Alps</title><meta property="og:title" content="Over the Alps on a bicycle">
<meta property="og:description" content="Three days of climbing."></head><body><p>Three days.</p></body></html>"""


@pytest.mark.parametrize("answers", [0, 6, len(CLUB)])
def test_end_of_input_leaves_nothing(tmp_path: Path, answers: int) -> None:
    """Ctrl-D at whatever question: exit code 2, how to go on, and not one file."""
    following = [*CLUB, ("(Enter: no Bluesky): ", "\x04")]
    talked = Person(tmp_path).at_terminal("init", says=[*CLUB[:answers], (following[answers][0], "\x04")])
    assert talked.code == 2 and "Nothing was written. To go on, run init again." in told(talked)
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_leaves_nothing(tmp_path: Path) -> None:
    """Ctrl-C at a question: one clean line that says how to go on, and not one file."""
    talked = Person(tmp_path).at_terminal("init", says=[(CLUB[0][0], "\x03")])
    assert talked.code == 130 and "ended by signal" not in talked.out
    assert talked.out.splitlines()[-1] == "twitter_manager: Nothing was written. To go on, run init again."
    assert list(tmp_path.iterdir()) == []


def test_options_make_two_bots_and_other_verbs_go_on(tmp_path: Path, pds: Pds, account: Account) -> None:
    """A second bot has keys of its own, the same account twice is refused, and `status` always works: it does not say
    that a bot without a run has no post left."""
    other = pds.create_account()
    server = {"BLUESKY_SERVICE_URL": pds.url}
    first = ("init", "--yes", "--no-dry-run", "--note", NOTE, "--bluesky")
    keys = f"BLUESKY_PASSWORD={account.password}\n"
    assert program(tmp_path, *first, account.handle, "--keys-stdin", stdin=keys, **server).code == 0
    again = program(tmp_path, *first, account.handle, "--bot", "two", BLUESKY_PASSWORD=account.password, **server)
    assert again.code == 2 and "default posts to this account already" in again.err
    done = program(tmp_path, *first, other.handle, "--bot", "two", BLUESKY_PASSWORD=other.password, **server)
    assert done.code == 0, done
    assert other.password in (tmp_path / "data/bots/two.env").read_text()
    assert program(tmp_path, "run", "--bot", "default").code == 0
    status = program(tmp_path, "status")
    assert status.code == 0 and "material: not looked at yet" in status.out.partition("\ntwo:\n")[2], status
    taken = program(tmp_path, *first, other.handle, "--bot", "two", BLUESKY_PASSWORD=other.password, **server)
    assert taken.code == 2 and "is the name of a bot that is there" in taken.err


def test_exported_keys_of_a_second_bot_are_refused(tmp_path: Path) -> None:
    """Exported keys hold for the first bot too, and `status` would end with 78 in that shell: `init` leaves all as it
    was, at a new bot and at an addition, and one line says what to do, which works."""
    assert program(tmp_path, "init", "--yes", "--no-dry-run", "--note", NOTE).code == 0
    before = contents(tmp_path)
    with XStandIn() as x, MastodonStandIn() as server:
        keys = x_settings(x)
        two = ("init", "--yes", "--no-dry-run", "--note", NOTE, "--bot", "two", "--x")
        done = program(tmp_path, *two, **keys)
        assert (done.code, done.err.count("\n")) == (2, 1) and "two post to the same account" in done.err, done
        assert f"unset {' '.join(list(keys)[:4])} (or" in done.err and "give the keys with --keys-stdin" in done.err
        assert contents(tmp_path) == before and program(tmp_path, "status", **keys).code == 0
        assert program(tmp_path, *two, "--keys-stdin", stdin=lines(**keys)).code == 0
        before = contents(tmp_path)
        token = {"MASTODON_ACCESS_TOKEN": mastodon.TOKEN}
        add = ("init", "--yes", "--no-dry-run", "--bot", "two", "--mastodon", server.url)
        done = program(tmp_path, *add, **token)
        assert (
            done.code == 2
            and "MASTODON_BASE_URL: is missing" in done.err
            and "unset MASTODON_ACCESS_TOKEN (" in done.err
        )
        assert contents(tmp_path) == before
        assert program(tmp_path, *add, "--keys-stdin", stdin=lines(**token)).code == 0
    status = program(tmp_path, "status")
    assert status.code == 0 and "mastodon" in status.out.partition("\ntwo:\n")[2].casefold(), status


def test_what_is_in_the_environment_besides_is_refused(tmp_path: Path, pds: Pds, account: Account) -> None:
    """Half of another service's keys, or a setting that is no good, by which every verb would end with 78: one line
    names it, and the folder stays empty; the keys that this first bot is given are no trouble."""
    words = ("init", "--yes", "--no-dry-run", "--note", NOTE, "--bluesky", account.handle)
    keys = {"BLUESKY_PASSWORD": account.password, "BLUESKY_SERVICE_URL": pds.url}
    done = program(tmp_path, *words, **keys, MASTODON_ACCESS_TOKEN=mastodon.TOKEN)
    assert (done.code, done.err.count("\n")) == (2, 1) and "First say: unset MASTODON_ACCESS_TOKEN (or" in done.err
    assert "--keys-stdin" not in done.err and mastodon.TOKEN not in done.err
    done = program(tmp_path, *words, **keys, EMBEDDINGS="none")
    assert (done.code, done.err.count("\n")) == (2, 1) and "environment: EMBEDDINGS: " in done.err
    assert contents(tmp_path) == {}
    assert program(tmp_path, *words, **keys).code == 0
    assert program(tmp_path, "status", **keys).code == 0


def test_at_a_terminal_the_environment_is_told_before_the_questions(tmp_path: Path) -> None:
    """Nothing was typed but the second bot's name, and the first bot stays as it was."""
    assert program(tmp_path, "init", "--yes", "--no-dry-run", "--note", NOTE).code == 0
    before = contents(tmp_path)
    person = Person(tmp_path, environment={"BLUESKY_PASSWORD": "abcd-efgh-ijkl-mnop"})
    talked = person.at_terminal("init", says=[("Its short name, such as club:", "two\n")])
    assert talked.code == 2 and "First say: unset BLUESKY_PASSWORD (or" in told(talked), talked.out
    assert contents(tmp_path) == before


def test_bad_options_are_told_at_once(tmp_path: Path) -> None:
    """One line with all of them, exit code 2, nothing written."""
    bad = (
        "--bot",
        "No!",
        "--time-zone",
        "Berlin",
        "--times",
        "25:00",
        "--language",
        "!",
        "--x",
        "--source",
        "/nowhere",
    )
    bad = (*bad, "--source", "programming", "--source", "notes")
    done = program(tmp_path, "init", "--yes", *bad)
    assert done.code == 2 and done.err.count("\n") == 1
    assert "stands alone" in done.err
    for option in ("bot", "time-zone", "times", "language", "x", "source"):
        assert f"--{option}: " in done.err
    assert list(tmp_path.iterdir()) == []


def test_a_maintainer_posts_from_a_repository_to_x_and_mastodon(tmp_path: Path) -> None:
    """A git repository looked at on the spot, both logins tried, and a post on each; what the environment said of the
    services is kept for cron."""
    project = Repository(tmp_path / "project")
    project.commit("Start")
    project.tag("v1.0.0", "First words\n\nThe project reads dates of any calendar that has months and years.")
    home = tmp_path / "home"
    with XStandIn() as x, MastodonStandIn() as server:
        keys = {**x_settings(x), "MASTODON_ACCESS_TOKEN": mastodon_settings(server)["MASTODON_ACCESS_TOKEN"]}
        words = ("--x", "--mastodon", server.url, "--source", str(project.path))
        done = program(home, "init", "--yes", *words, **keys)
        assert done.code == 0 and "1 release" in done.out and "@standin_bot" in done.out, done
        assert not [value for value in x_settings(x).values() if value in done.out and value != x.url]
        assert program(home, "post", "The project reads dates of any calendar now.", "--now").code == 0
        assert len(x.posts) == len(server.posts) == 1


def test_a_bot_that_was_cut_off_rests_and_is_finished_later(tmp_path: Path, pds: Pds, account: Account) -> None:
    """A kill between two files of a second bot: `status` works, and the same command finishes it."""
    assert program(tmp_path, "init", "--yes", "--no-dry-run", "--note", NOTE).code == 0
    unfinished = tmp_path / "data/bots/two.toml"
    unfinished.write_text(UNFINISHED)
    unfinished.with_suffix(".env").write_text(f"BLUESKY_IDENTIFIER={account.handle}\nBLUESKY_PASSWORD=old\n")
    unfinished.with_suffix(".env").chmod(0o600)
    assert program(tmp_path, "status").code == 0
    words = ("init", "--yes", "--no-dry-run", "--bot", "two", "--source", "programming", "--bluesky", account.handle)
    keys = lines(BLUESKY_PASSWORD=account.password, BLUESKY_SERVICE_URL=pds.url)
    done = program(tmp_path, *words, "--keys-stdin", stdin=keys)
    assert done.code == 0, done
    assert program(tmp_path, "run", "--bot", "two", "--force").code == 0
    assert len(pds.records(account)) == 1


def test_a_blog_is_looked_at_on_the_spot(tmp_path: Path) -> None:
    """A page's feed is found and counted, its newest entry shown first, and the dry run posts it with its address."""
    with serve() as site:
        entries = (feed_entry(number, number) for number in range(1, 13))
        feed = site.put("/feed", rss(*entries), content_type=RSS)
        words = ("init", "--yes", "--source", feed)
        done = Person(tmp_path, site=site.port).in_script(*words)
    assert done.code == 0, done
    assert "12 entries" in " ".join(done.out.split()) and "nothing was published" in done.out


def test_what_gives_no_post_is_told_when_it_is_named(tmp_path: Path) -> None:
    """A repository whose releases are old, and one whose name is not known: both look full, and `init` says why the
    first run will find nothing there; so does `sources`."""
    old = Repository(tmp_path / "old")
    old.write("CHANGELOG.md", f"# Changelog\n\n## 1.0.0 - 2020-01-02\n\n- {NEWS}\n")
    nameless = Repository(tmp_path / "project")
    nameless.now = datetime.now(UTC)
    nameless.commit("Start")
    nameless.tag("v1.0.0", f"First words\n\n{NEWS}")
    background = "All of it is too old for news: it is background, and what comes from now on is posted."
    for project, why in ((old, background), (nameless, "1 item gives no post: the project's name is not known")):
        person = Person(tmp_path / f"home of {project.path.name}")
        done = person.in_script("init", "--yes", "--source", str(project.path))
        assert done.code == 0 and "1 release" in done.out and why in done.out, done
        assert "the verb sources tells why" in done.out and "a post of your own" in done.out
        person.in_script("run", "--force")  # also in quiet hours
        assert why in person.in_script("sources").out


def test_an_account_is_added_to_a_bot_that_is_there(tmp_path: Path, pds: Pds, account: Account) -> None:
    """Who left Mastodon out at first says `init` again: the bot's own name adds it, at a terminal or by options. All
    else in its files stays, its next post goes there too, and what it has already is not asked for."""
    with MastodonStandIn() as server:
        person = Person(tmp_path / "home", environment={"BLUESKY_SERVICE_URL": pds.url})
        words = ("init", "--yes", "--no-dry-run", "--note", NOTE, "--bluesky")
        assert person.in_script(*words, account.handle, BLUESKY_PASSWORD=account.password).code == 0
        before = (person.home / ".env").read_text().splitlines(), (person.home / "data/bots/default.toml").read_text()
        talked = person.at_terminal(
            "init",
            says=(
                ("Its short name, such as club:", "default\n"),
                ("(Enter: no X):", "\n"),
                ("(Enter: no Mastodon):", f"{server.url}\n"),
                ("Mastodon: access token:", f"{mastodon.TOKEN}\n"),
                ("Write this [yes]:", "\n"),
            ),
        )
        assert talked.code == 0 and "will post to Mastodon too" in told(talked), talked.out
        after = (person.home / ".env").read_text().splitlines()
        assert len(set(before[0]) - set(after)) == 2 and len(after) == len(before[0])
        assert (person.home / "data/bots/default.toml").read_text() == before[1]
        assert stat.S_IMODE((person.home / ".env").stat().st_mode) == 0o600
        assert person.in_script("run", "--force").code == 0
        assert len(pds.records(account)) == len(server.posts) == 1
        again = person.in_script("init", "--yes", "--bot", "default", "--mastodon", server.url)
        assert again.code == 2 and "posts there already" in again.err and "change them in" in again.err
        bare = person.in_script("init", "--yes", "--mastodon", server.url)
        assert bare.code == 2 and "--bot: is missing, and there is a bot already" in bare.err


def test_an_account_is_added_to_a_bot_with_keys_of_its_own(tmp_path: Path) -> None:
    """Its own file takes the keys and its list of platforms the platform; the same account under another token is
    refused by what the server says, and a file that says it in its own way is named with the line for it."""
    with MastodonStandIn() as server, XStandIn() as x:
        first = ("init", "--yes", "--no-dry-run", "--note", NOTE)
        token = {"MASTODON_ACCESS_TOKEN": mastodon.TOKEN}
        assert program(tmp_path, *first, "--mastodon", server.url, **token).code == 0
        keys = lines(**x_settings(x))
        assert program(tmp_path, *first, "--bot", "two", "--x", "--keys-stdin", stdin=keys).code == 0
        add = ("init", "--yes", "--no-dry-run", "--bot", "two", "--mastodon", server.url)
        other = lines(MASTODON_ACCESS_TOKEN=mastodon.OTHER)
        same = program(tmp_path, *add, MASTODON_ACCESS_TOKEN=mastodon.RENEWED)
        assert same.code == 2 and "default posts to this account already" in same.err
        toml = tmp_path / "data/bots/two.toml"
        written = toml.read_text()
        toml.write_text(written.replace('platforms = ["x", "feed"]', 'platforms = [\n"x", "feed"]'))
        refused = program(tmp_path, *add, "--keys-stdin", stdin=other)
        assert refused.code == 1 and 'Write into it: platforms = ["x", "mastodon", "feed"]' in refused.err
        assert "MASTODON" not in (tmp_path / "data/bots/two.env").read_text()
        toml.write_text(written)
        assert program(tmp_path, *add, "--keys-stdin", stdin=other).code == 0
        assert mastodon.OTHER in (tmp_path / "data/bots/two.env").read_text()
        assert program(tmp_path, "post", "We are open.", "--now", "--bot", "two").code == 0
        assert [post.author for post in server.posts.values()] == [mastodon.SOMEONE] and len(x.posts) == 1


def test_the_language_that_is_proposed_is_that_of_the_material(tmp_path: Path) -> None:
    """On an English machine a German club is asked [de]: in another language its material would give no post."""
    person = Person(tmp_path / "home")
    says = (
        *about("Radtouren", "Radsport Kassel"),
        ("Its material:", "notes\n"),
        ("Another place (Enter: no more):", "\n"),
        ("(Enter: no more):", "Das Vereinsheim in Kassel ist jeden Samstag von zehn bis vierzehn Uhr geöffnet.\n"),
        ("(Enter: no more):", "\n"),
        ("or any [de]:", "\x04"),
    )
    assert person.at_terminal("init", says=says).code == 2


def test_a_verb_that_waits_for_a_text_says_so(tmp_path: Path) -> None:
    """`check` and `post -` at a terminal tell how to end the text; nothing seems to hang."""
    person = Person(tmp_path / "home")
    assert person.in_script("init", "--yes", "--no-dry-run", "--note", NOTE).code == 0
    end = "type the text, then Ctrl-D on a line of its own"
    checked = person.at_terminal("check", says=[(end, "We are open.\n\x04")])
    assert checked.code == 0 and "12 of" in checked.out
    posted = person.at_terminal("post", "-", says=[(end, "We are open.\n\x04")])
    assert posted.code == 0 and "Queued as draft 1" in posted.out


SLIPS: Sequence[tuple[str, str]] = (
    ("init", "init asks its questions at a terminal, and there is none."),
    ("init --bot two --source /nowhere", "at a terminal"),
    ("init --yes --bot two --source /nowhere", "/nowhere is not there."),
    ("init --yes --bot two --source http://nowhere.invalid/", "Check the place, or give another."),
    ("init --yes --bot club --note Open.", "club.toml). Take another"),
    ("init --yes --bot club", "club.toml). Take another"),
    ("init --yes", "--bot: is missing"),
    ("init --yes --bot club --mastodon https://a.example", "MASTODON_ACCESS_TOKEN is not set"),
    ("init --yes --bot", "--bot needs a value."),
    ("init --yes --sorce x", "Did you mean --source?"),
)


def test_a_script_hears_of_the_dead_mans_switch(tmp_path: Path) -> None:
    """The help names it, and so does the end, in one line that says what it is for and how, until it is set up."""
    assert "PING_URL" in program(tmp_path, "init", "--help").out
    words = ("init", "--yes", "--no-dry-run", "--note", NOTE)
    [line] = [line for line in program(tmp_path / "a", *words).out.splitlines() if "PING_URL" in line]
    assert "dead-man's switch writes to you" in line and "docs/operations.md" in line
    address = "PING_URL=https://hc-ping.com/9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d\n"
    done = program(tmp_path / "b", *words, "--keys-stdin", stdin=address)
    assert done.code == 0 and "Next:" in done.out and "PING_URL" not in done.out
    assert address in (tmp_path / "b" / ".env").read_text()


def test_a_script_is_told_on_one_line(tmp_path: Path) -> None:
    """Exit code 2, one line that says what is wrong, and the bot that is there stays as it is."""
    assert program(tmp_path, "init", "--yes", "--bot", "club", "--note", NOTE, "--no-dry-run").code == 0
    before = contents(tmp_path)
    for words, said in SLIPS:
        done = program(tmp_path, *words.split())
        assert (done.code, done.err.count("\n")) == (2, 1) and said in done.err and "Errno" not in done.err, done
    assert contents(tmp_path) == before
    assert "  not looked at yet" in program(tmp_path, "sources").out
