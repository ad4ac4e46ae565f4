"""Whether an account calls itself automated: asked of at the terminal, set on a yes alone, told by `auth check` and
`doctor`; on the real Bluesky server and our stand-ins."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.home import Home, bluesky_settings, mastodon_settings, x_settings
from tests.standins.mastodon import ACCOUNT, MastodonStandIn
from tests.standins.pds import Account, Pds
from tests.standins.x import XStandIn
from tests.talking import Person

MARK = "for all to see (“This is an automated account” in its profile)? [y/N]"


def person(home: Home) -> Person:
    return Person(home.path, environment={"TWITTER_MANAGER_HOME": str(home.path)})


def told(home: Home, *words: str) -> str:
    """All that is printed, as one line."""
    return " ".join(home(*words).out.split())


def patched(server: MastodonStandIn) -> int:
    return sum(request["method"] == "PATCH" for request in server.requests)


@pytest.mark.parametrize(("typed", "is_bot"), [("y\n", True), ("\n", False), ("no\n", False), ("\x04", False)])
def test_login_marks_the_account_on_a_yes_alone(tmp_path: Path, typed: str, is_bot: bool) -> None:
    """The keys are tried and written first; then one question, whose Enter and Ctrl-D are no, and which the program's
    own words answer as little as a run does."""
    with MastodonStandIn() as server:
        home = Home(tmp_path)
        keys = mastodon_settings(server)
        says = [
            ("(Enter: no Mastodon):", keys["MASTODON_BASE_URL"] + "\n"),
            ("access token:", keys["MASTODON_ACCESS_TOKEN"] + "\n"),
            (MARK, typed),
        ]
        done = person(home).at_terminal("auth", "login", "mastodon", says=says)
        assert done.code == 0, done
        assert "logs in as @standin_bot" in " ".join(done.out.split())
        assert (ACCOUNT in server.people.bots, patched(server)) == (is_bot, int(is_bot))
        assert ("Let its bio say" in " ".join(done.out.split())) == (typed != "\x04")
        assert home("post", "We meet on Sunday.").code == home("run", "--force").code == 0
        assert server.texts() == ["We meet on Sunday."]
        assert patched(server) == int(is_bot), "a run marks nothing"
        for verb in ("auth check", "doctor"):
            assert f"500 characters, {'' if is_bot else 'not '}marked as automated" in told(home, *verb.split())


def test_an_account_that_is_there_is_marked_by_a_verb_of_its_own(tmp_path: Path) -> None:
    """At a terminal it asks; a script has to say --yes; marked once, nothing is asked or sent any more."""
    with MastodonStandIn() as server:
        home = Home(tmp_path, **mastodon_settings(server))
        refused = home("auth", "label", "mastodon")
        assert (refused.code, refused.err.count("\n"), patched(server)) == (2, 1, 0)
        assert "--yes" in refused.err
        declined = person(home).at_terminal("auth", "label", says=[(MARK, "\n")])
        assert (declined.code, patched(server)) == (0, 0)
        assert "auth label mastodon" in " ".join(declined.out.split())
        done = home("auth", "label", "--yes")
        assert (done.code, done.out, patched(server)) == (0, "", 1)
        again = home("auth", "label", "--yes", "--json")
        assert again.json["done"] == ["Mastodon: the account is marked as automated."]
        assert patched(server) == 1


def test_with_several_accounts_it_asks_which_only_where_somebody_can_answer(tmp_path: Path) -> None:
    """A script is told to name the platform, and nothing but JSON is printed with --json; Ctrl-D at a terminal changes
    nothing, in one line."""
    with MastodonStandIn() as server, XStandIn() as x:
        home = Home(tmp_path, **mastodon_settings(server), **x_settings(x))
        script = home("auth", "label", "--yes", "--json", stdin="mastodon\n")
        assert (script.code, script.json["errors"]) == (2, ["auth label needs a platform. Say x or mastodon."])
        ended = person(home).at_terminal("auth", "label", says=[("Which platform: x or mastodon:", "\x04")])
        assert (ended.code, ended.out.splitlines()[-1]) == (2, "twitter_manager: Nothing was changed.")
        assert patched(server) == 0


def test_a_token_that_may_not_mark_is_told_which_scope_it_lacks(tmp_path: Path) -> None:
    """The login holds; one line says what to tick."""
    with MastodonStandIn(scopes=("read", "write:statuses")) as server:
        home = Home(tmp_path, **mastodon_settings(server))
        done = home("auth", "label", "--yes")
        assert (done.code, done.err.count("\n")) == (1, 1)
        assert "Give it the scope write:accounts:" in done.err


def test_bluesky_s_label_is_set_on_the_real_server(tmp_path: Path, pds: Pds, account: Account) -> None:
    """The same question, the same lines."""
    home = Home(tmp_path, **bluesky_settings(pds, account))
    assert "not marked as automated" in told(home, "auth", "check")
    done = person(home).at_terminal("auth", "label", says=[("which it gives itself)? [y/N]", "yes\n")])
    assert done.code == 0, done
    checked = told(home, "auth", "check")
    assert ", marked as automated" in checked


def test_x_is_explained_and_its_bio_is_read_with_what_is_asked_anyway(tmp_path: Path, x: XStandIn) -> None:
    """No program can set X's label: the steps are told. The bio comes with the request that tries the keys."""
    home = Home(tmp_path, **x_settings(x))
    done = person(home).at_terminal("auth", "label", "x")
    assert done.code == 0
    words = " ".join(done.out.split())
    assert "Your account, Automation, Managing account" in words
    assert "Let its bio say that it is automated and who is behind it" in words
    assert not x.requests
    assert "names no account" not in told(home, "auth", "check")
    x.settings.bio = "Facts about maps."
    assert "its bio names no account of who runs it" in told(home, "auth", "check")
    assert "its bio names no account of who runs it" in told(home, "doctor")
    assert len(x.requests) == 3
