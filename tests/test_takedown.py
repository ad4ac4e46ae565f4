"""A post that is out is taken down or gets other words: by the program as a process, on stand-ins over HTTP."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.home import Home, mastodon_settings, x_settings
from tests.standins.mastodon import MastodonStandIn
from tests.standins.x import XStandIn


@pytest.fixture
def x() -> Iterator[XStandIn]:
    with XStandIn() as standin:
        yield standin


@pytest.fixture
def mastodon() -> Iterator[MastodonStandIn]:
    with MastodonStandIn() as standin:
        yield standin


@pytest.fixture
def home(tmp_path: Path, x: XStandIn, mastodon: MastodonStandIn) -> Home:
    """A bot on X, Mastodon and the feed that writes nothing by itself."""
    made = Home(tmp_path / "home", **x_settings(x), **mastodon_settings(mastodon))
    made.bot("default", 'platforms = ["x", "mastodon", "feed"]\n[topics]\nnothing-has-this-label = 1\n')
    return made


def posted(home: Home, *words: str) -> None:
    done = home("post", *words, "--now")
    assert done.code == 0, done


def test_a_thread_is_taken_down_everywhere_and_never_comes_back(
    home: Home, x: XStandIn, mastodon: MastodonStandIn
) -> None:
    """The last part first, once; what it cost counts; history, status and the database say so; its words are free."""
    posted(home, "We meet on Sunday.", "--part", "Bring a lamp.")
    done = home("delete", "1", "--yes", "--json")
    assert (done.code, done.err) == (0, ""), done
    assert {each["status"] for each in done.json["amendments"]} == {"done"}
    assert (x.texts(), mastodon.texts(), home.feed().count("<entry")) == ([], [], 0)
    assert "Bring a lamp" not in (home.path / "data" / "feed.html").read_text()
    deleted = [request["target"].rpartition("/")[2] for request in x.requests if request["method"] == "DELETE"]
    assert len(deleted) == 2
    assert deleted == sorted(deleted, key=int, reverse=True)
    assert home.rows("SELECT status, round(cost, 3) FROM posts") == [("taken down", 0.05)]
    assert home.rows("SELECT posting FROM costs") == [(0.05,)]
    assert "x part 2 was taken down" in home("history").out
    assert "taken down" in home("explain", "1").out
    home.next_slot()
    assert home("run").code in (0, 1)
    assert (x.texts(), mastodon.texts()) == ([], [])
    assert home("post", "We meet on Sunday.", "--part", "Bring a lamp.").code == 0
    assert home("delete", "1", "--yes").code == 2
    assert "The trail" in home("audit", "--json").out or home("audit").code == 0


def test_one_platform_can_be_named_and_a_person_is_asked_once(
    home: Home, x: XStandIn, mastodon: MastodonStandIn
) -> None:
    """With nobody to ask and no --yes nothing happens."""
    posted(home, "Open today.")
    asked = home("delete", "1", "--platform", "x")
    assert (asked.code, x.texts()) == (2, ["Open today."])
    assert "--yes" in asked.err
    assert home("delete", "1", "--platform", "x", "--yes").code == 0
    assert (x.texts(), mastodon.texts()) == ([], ["Open today."])
    assert home("delete", "1", "--platform", "bluesky", "--yes").code == 2


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["delete", "7"], "no draft 7"),
        (["delete", "1"], "drafts drop 1"),
        (["correct", "1", "Other words."], "drafts drop 1"),
        (["delete", "0"], "from 1"),
    ],
)
def test_what_is_not_out_is_named_in_one_line(home: Home, words: list[str], told: str) -> None:
    """A draft that waits is to be skipped; a number that nobody has is said to be none."""
    assert home("post", "Soon.").code == 0
    done = home(*words, "--yes")
    assert (done.code, done.err.count("\n")) == (2, 1) or "usage" in done.err
    assert told in done.err


def test_an_account_that_is_not_set_up_any_more_is_named_with_the_address(
    home: Home, x: XStandIn, mastodon: MastodonStandIn
) -> None:
    """The other platforms' posts are taken down all the same."""
    posted(home, "Open today.")
    home.settings(GENERATORS="excerpt", **mastodon_settings(mastodon))
    done = home("delete", "1", "--yes")
    assert done.code == 1
    assert "x is not set up" in done.err
    assert "https://x.com/" in done.err
    assert (x.texts(), mastodon.texts()) == (["Open today."], [])


def test_on_x_an_unclear_end_is_looked_up_and_never_charged_twice(home: Home, x: XStandIn) -> None:
    """The answer to the deletion is lost: the post is read, and there is no second request to delete it."""
    posted(home, "Open today.", "--platform", "x")
    x.fault("store_then_drop", method="DELETE", path="*")
    assert home("delete", "1", "--yes").code == 0
    assert [request["method"] for request in x.requests].count("DELETE") == 1
    assert home.rows("SELECT usd FROM charges WHERE kind = 'deletion'") == [(0.01,)]
    assert home.rows("SELECT draft_id, usd FROM charges WHERE kind = 'read'") == []  # it is gone: nothing was shown


def test_trouble_is_gone_on_with_by_the_next_run_and_a_refusal_is_told_once(
    home: Home, x: XStandIn, mastodon: MastodonStandIn
) -> None:
    """What a limit holds up waits for the run; a scope that lacks is told."""
    posted(home, "Open today.", "--platform", "x")
    posted(home, "Closed today.", "--platform", "mastodon")
    x.fault("rate_limited", method="DELETE", path="*", times=1)
    mastodon.fault("scopes", method="DELETE", path="*", times=0)
    first = home("delete", "1", "--yes")
    assert first.code == 1
    assert "the next run goes on by itself" in first.err
    assert "is to be taken down" in home("status").out
    refused = home("delete", "2", "--yes")
    assert refused.code == 1
    assert "write:statuses" in refused.err
    assert (x.texts(), mastodon.texts()) == (["Open today."], ["Closed today."])


def test_mastodon_edits_and_the_others_get_a_new_post(home: Home, x: XStandIn, mastodon: MastodonStandIn) -> None:
    """The post on Mastodon keeps its id; X and the feed have the corrected one alone; before and after are kept."""
    posted(home, "We meet on Sunday at ten.")
    status = next(iter(mastodon.posts))
    done = home("correct", "1", "We meet on Sunday at noon.", "--yes")
    assert done.code == 0, done
    assert list(mastodon.posts) == [status]
    assert mastodon.texts() == x.texts() == ["We meet on Sunday at noon."]
    assert "noon" in home.feed()
    assert "at ten" not in home.feed()
    changed = home.rows("SELECT before, text FROM amendments WHERE kind = 'edit' AND status = 'done'")
    assert changed == [("We meet on Sunday at ten.", "We meet on Sunday at noon.")]
    assert home.rows("SELECT platforms, replaces, status FROM drafts WHERE id = 2") == [('["feed", "x"]', 1, "posted")]
    for words in ("We meet on Sunday at ten.", "We meet on Sunday at noon."):
        assert home("post", words).code == 1


def test_a_part_of_a_thread_is_corrected_only_where_it_can_be_edited(
    home: Home, x: XStandIn, mastodon: MastodonStandIn
) -> None:
    """Elsewhere it is refused, with the ways that there are."""
    posted(home, "We meet on Sunday.", "--part", "Bring a lamp.", "--platform", "x", "--platform", "mastodon")
    refused = home("correct", "1", "Bring two lamps.", "--part", "2", "--yes")
    assert refused.code == 2
    assert "delete 1" in refused.err
    assert "--platform mastodon" in refused.err
    assert home("correct", "1", "Bring two lamps.", "--part", "2", "--platform", "mastodon", "--yes").code == 0
    assert mastodon.texts() == ["We meet on Sunday.", "Bring two lamps."]
    assert x.texts() == ["We meet on Sunday.", "Bring a lamp."]
    assert home("correct", "1", "Bring four lamps.", "--yes").code == 2


def test_a_post_that_a_person_took_down_by_hand_is_noticed_where_it_is_to_be_edited(
    home: Home, mastodon: MastodonStandIn
) -> None:
    """It is put on record as gone and nothing comes in its place."""
    posted(home, "Open today.", "--platform", "mastodon")
    mastodon.posts.clear()
    done = home("correct", "1", "Open tomorrow.", "--yes")
    assert done.code == 1
    assert home.rows("SELECT kind, status, origin FROM amendments") == [
        ("edit", "refused", "person"),
        ("deletion", "done", "platform"),
    ]
    assert "deleted there by hand; noticed" in home("history").out
    assert mastodon.texts() == []


def test_a_thread_whose_beginning_was_taken_down_by_hand_does_not_go_on(home: Home, x: XStandIn) -> None:
    """The reply is refused and the post it hangs on isn't there: that is noticed, and nothing more goes out there."""
    x.fault("rate_limited", skip=1)
    assert home("post", "We meet on Sunday.", "--part", "Bring a lamp.", "--platform", "x", "--now").code == 1
    x.posts.clear()
    home.next_slot()
    assert home("run").code == 1
    assert home.rows("SELECT kind, origin, status FROM amendments") == [("deletion", "platform", "done")]
    assert home.rows("SELECT count(*) FROM deliveries WHERE removed_at IS NOT NULL") == [(1,)]
    assert home("resume", "1").code == 2
    home.next_slot()
    home("run")
    assert x.texts() == []


def test_an_edit_keeps_language_and_warning(tmp_path: Path, mastodon: MastodonStandIn) -> None:
    """What the form leaves out Mastodon takes away, so all of it is said again."""
    made = Home(tmp_path / "home", MASTODON_CONTENT_WARNING="Rides", **mastodon_settings(mastodon))
    made.bot("default", 'platforms = ["mastodon"]\n[topics]\nnothing-has-this-label = 1\n')
    posted(made, "We meet on Sunday.")
    assert made("correct", "1", "We meet on Monday.", "--yes").code == 0
    [post] = mastodon.posts.values()
    assert (post.text, post.body["spoiler_text"], post.body["language"]) == ("We meet on Monday.", "Rides", "en")
    [request] = [request for request in mastodon.requests if request["method"] == "PUT"]
    assert request["body"]["language"] == "en"


def test_what_still_waits_elsewhere_goes_out_no_more_with_a_deletion_nor_with_the_old_words(
    home: Home, x: XStandIn, mastodon: MastodonStandIn
) -> None:
    """X had no time for the post yet: a correction names it, and a deletion ends it there too."""
    x.fault("rate_limited", method="POST")
    assert home("post", "We meet on Sunday at ten.", "--now").code == 1
    refused = home("correct", "1", "We meet on Sunday at noon.", "--yes")
    assert (refused.code, "waits for x" in refused.err) == (2, True), refused
    assert home("delete", "1", "--yes").code == 0
    assert home.rows("SELECT status FROM drafts") == [("skipped",)]
    home.next_slot()
    home("run")
    assert (x.texts(), mastodon.texts(), home.feed().count("<entry")) == ([], [], 0)


def test_a_corrected_post_never_stands_beside_the_old_one(home: Home, x: XStandIn) -> None:
    """While the old one can't be taken down, neither resume nor an edit of its replacement lets that one out."""
    posted(home, "We meet on Sunday at ten.", "--platform", "x")
    x.fault("rate_limited", method="DELETE", path="*", times=0)
    assert home("correct", "1", "We meet on Sunday at noon.", "--yes").code == 1
    assert home("resume", "2").code == 2
    assert "Draft 2 is waiting for approval, and has no place yet" in home("drafts", "move", "2", "--last").err
    assert home("drafts", "edit", "2", "--text", "We meet on Sunday at one.").code == 0
    home.next_slot()
    home("run")
    assert x.texts() == ["We meet on Sunday at ten."]
    x.faults.clear()
    home.next_slot()
    home("run")
    home.next_slot()
    home("run")
    assert x.texts() == ["We meet on Sunday at one."]


@pytest.mark.parametrize("platforms", [("x",), ("x", "mastodon", "feed")])
def test_a_second_correction_reaches_what_waits_from_the_first(
    home: Home, x: XStandIn, mastodon: MastodonStandIn, platforms: tuple[str, ...]
) -> None:
    """While the old post can't be taken down, the newest words take the place of those that wait."""
    posted(home, "We meet at ten.", *(word for name in platforms for word in ("--platform", name)))
    x.fault("rate_limited", method="DELETE", path="*", times=0)
    assert home("correct", "1", "We meet at noon.", "--yes").code == 1
    done = home.at_terminal("correct", "1", "We meet at one.", typed="y\n")
    assert "draft 2, which waits in its place, gets these words" in done.out, done
    assert (done.code, "x: not yet" in done.out) == (1, True), done
    x.faults.clear()
    for _ in range(2):
        home.next_slot()
        home("run")
    assert x.texts() == ["We meet at one."]
    assert mastodon.texts() == ["We meet at one."] * ("mastodon" in platforms)
    if "feed" in platforms:
        assert ("We meet at one." in home.feed(), "noon" in home.feed()) == (True, False)
    assert home("audit").code == 0


def test_a_correction_that_does_not_reach_what_waits_says_how(home: Home, x: XStandIn) -> None:
    """A thread that a person made of the waiting post is not the one part that is corrected."""
    posted(home, "We meet at ten.", "--platform", "x")
    x.fault("rate_limited", method="DELETE", path="*", times=0)
    assert home("correct", "1", "We meet at noon.", "--yes").code == 1
    assert home("drafts", "edit", "2", "--text", "We meet at noon.", "--text", "Bring a lamp.").code == 0
    done = home("correct", "1", "We meet at one.", "--yes")
    assert (done.code, "drafts edit 2" in done.err) == (2, True), done


def test_a_deletion_ends_a_correction_that_waits(home: Home, x: XStandIn) -> None:
    """Who takes a post down after all wants its corrected words out no more."""
    posted(home, "We meet on Sunday at ten.", "--platform", "x")
    x.fault("rate_limited", method="DELETE", path="*", times=1)
    assert home("correct", "1", "We meet on Sunday at noon.", "--yes").code == 1
    home("delete", "1", "--yes")
    for _ in range(2):
        home.next_slot()
        home("run")
    assert x.texts() == []
    assert home.rows("SELECT status FROM drafts WHERE id = 2") == [("skipped",)]


def test_a_wrong_address_is_gone_from_what_a_person_writes_anew(home: Home, mastodon: MastodonStandIn) -> None:
    """The new one has the parameters, which do not bring the old one back, out or waiting; a given end stays."""
    home.bot("default", 'platforms = ["mastodon"]\n[link_params]\nutm_source = "club"\n[topics]\nno-label = 1\n')
    posted(home, "The route: https://club.example/old")
    assert home("correct", "1", "The route: https://club.example/new", "--yes").code == 0
    assert home("post", "The map: https://club.example/old", "--expires", "in 72 hours").code == 0
    [(end,)] = home.rows("SELECT expires_at FROM drafts WHERE id = 2")
    assert home("drafts", "edit", "2", "--text", "The map: https://club.example/new").code == 0
    assert home.rows("SELECT expires_at FROM drafts WHERE id = 2") == [(end,)] != [(None,)]
    home.next_slot()
    assert home("run").code == 0
    new = "https://club.example/new?utm_source=club"
    assert sorted(mastodon.texts()) == [f"The map: {new}", f"The route: {new}"]


def test_what_stands_there_now_is_told_after_an_edit(home: Home, mastodon: MastodonStandIn) -> None:
    """history, explain, delete's question and the view tell the new words; the old ones stay as what was before."""
    posted(home, "We meet on Sunday at ten.", "--platform", "mastodon")
    assert home("correct", "1", "We meet on Sunday at noon.", "--yes").code == 0
    for told in (home("history").out, home("explain", "1").out, home("explain", "1", "--full").out):
        assert "    We meet on Sunday at noon.\n" in told
        assert "    We meet on Sunday at ten.\n" not in told
        assert "“We meet on Sunday at ten.” became “We meet on Sunday at noon.”" in told
    asked = home.at_terminal("delete", "1", typed="n\n")
    assert "    We meet on Sunday at noon.\n" in asked.out
    assert "Sunday at ten" not in asked.out
    assert home.rows("SELECT content FROM posts") == [("We meet on Sunday at noon.",)]


def test_where_an_edit_reached_one_platform_only_each_ones_words_are_told(
    home: Home, x: XStandIn, mastodon: MastodonStandIn
) -> None:
    """The part of a thread that X can't edit is quoted apart."""
    posted(home, "We meet on Sunday.", "--part", "Bring a lamp.", "--platform", "x", "--platform", "mastodon")
    assert home("correct", "1", "Bring two lamps.", "--part", "2", "--platform", "mastodon", "--yes").code == 0
    assert "“Bring a lamp.” became “Bring two lamps.”" in home("history").out
    asked = home.at_terminal("delete", "1", typed="n\n").out
    assert (
        asked.index("mastodon:") < asked.index("    Bring two lamps.") < asked.index("x:") < asked.index("Bring a lamp")
    )


@pytest.mark.parametrize("platforms", [("x", "mastodon"), ("x", "feed"), ("x", "mastodon", "feed")])
def test_what_failed_elsewhere_is_resumed_in_the_corrected_words(
    home: Home, x: XStandIn, mastodon: MastodonStandIn, platforms: tuple[str, ...]
) -> None:
    """Whether the others were edited or posted anew."""
    x.fault("not_permitted")
    named = [word for name in platforms for word in ("--platform", name)]
    assert home("post", "We meet on Sunday at ten.", *named, "--now").code == 1
    foretold = home.at_terminal("correct", "1", "We meet on Sunday at noon.", typed="y\n")
    assert "x: not out there" in foretold.out
    assert home("resume", "1").code == 0
    home.next_slot()
    home("run")
    assert x.texts() == ["We meet on Sunday at noon."]
    assert mastodon.texts() == ["We meet on Sunday at noon."] * ("mastodon" in platforms)
    assert home("audit").code == 0


def test_a_correction_of_one_part_leaves_the_words_of_the_others_that_are_not_out(
    home: Home, x: XStandIn, mastodon: MastodonStandIn
) -> None:
    """What an earlier correction said of another part is what is resumed."""
    x.fault("not_permitted", times=0)
    words = ("We meet on Sundai.", "--part", "Bring a lemp.", "--platform", "x", "--platform", "mastodon")
    assert home("post", *words, "--now").code == 1
    assert home("correct", "1", "We meet on Sunday.", "--part", "1", "--yes").code == 0
    assert home("correct", "1", "Bring a lamp.", "--part", "2", "--yes").code == 0
    x.faults.clear()
    assert home("resume", "1").code == 0
    home.next_slot()
    home("run")
    assert x.texts() == mastodon.texts() == ["We meet on Sunday.", "Bring a lamp."]


def test_what_may_be_out_in_the_old_words_is_not_resumed_after_a_correction(
    home: Home, x: XStandIn, mastodon: MastodonStandIn
) -> None:
    """It would be sent in them if it is not found: the command says what to do instead."""
    x.fault("drop")
    x.fault("unauthorized", method="GET", path="*", times=0)
    assert home("post", "We meet on Sunday at ten.", "--platform", "x", "--platform", "mastodon", "--now").code == 1
    for _ in range(4):
        home.next_slot()
        home("run")
    assert home.rows("SELECT status FROM deliveries WHERE platform = 'x'") == [("held",)]
    assert home("correct", "1", "We meet on Sunday at noon.", "--platform", "mastodon", "--yes").code == 0
    x.faults.clear()
    refused = home("resume", "1")
    assert refused.code == 2
    assert "old words on x" in refused.err
    assert "skip 1" in refused.err
    home.next_slot()
    home("run")
    assert x.texts() == []


def backed_up(home: Home) -> str:
    """Where the only backup, one of now, lies."""
    folder = home.path / "data" / "backups"
    for backup in folder.glob("*"):
        backup.unlink()
    home("run")
    [backup] = folder.glob("twitter-*.db")
    return str(backup)


def test_an_edit_that_waited_in_a_backup_overwrites_no_newer_one(home: Home, mastodon: MastodonStandIn) -> None:
    """After restore the person is told, and what stands on the server stays."""
    posted(home, "We meet at ten.", "--platform", "mastodon")
    mastodon.fault("rate_limited", method="PUT", path="*", times=0)
    assert home("correct", "1", "We meet at noon.", "--yes").code == 1
    backup = backed_up(home)
    mastodon.faults.clear()
    assert home("correct", "1", "We meet at one.", "--yes").code == 0
    assert "correct 1 TEXT" in home.at_terminal("restore", backup).out
    home.next_slot()
    home("run")
    assert mastodon.texts() == ["We meet at one."]
    assert home.rows("SELECT status FROM amendments") == [("refused",)]


def test_a_replacement_in_a_backup_does_not_stand_beside_the_old_post(home: Home, x: XStandIn) -> None:
    """A person's resume after restore waits for the deletion too, and so does what they write anew, which says so."""
    posted(home, "We meet at ten.", "--platform", "x")
    x.fault("rate_limited", method="DELETE", path="*", times=0)
    assert home("correct", "1", "We meet at noon.", "--yes").code == 1
    edited = home("drafts", "edit", "2", "--text", "We meet about noon.", "--json").json["done"]
    assert edited == ["Draft 2 is changed, and goes out once draft 1 is taken down."]
    backup = backed_up(home)
    assert home("restore", backup).code == 0
    edited = home("drafts", "edit", "2", "--text", "We meet at noon.", "--json").json["done"]
    assert "after" in edited[0], edited
    assert "resume 2, once draft 1 is taken down" in edited[0], edited
    assert "Draft 2 needs attention, and has no place yet" in home("drafts", "move", "2", "--last").err
    refused = home("resume", "2")
    assert (refused.code, "once draft 1 is taken down" in refused.err) == (2, True), refused
    assert x.texts() == ["We meet at ten."]
    x.faults.clear()
    home.next_slot()
    home("run")
    assert home("resume", "2").code == 0
    home.next_slot()
    home("run")
    assert x.texts() == ["We meet at noon."]


def test_what_comes_in_the_place_of_another_is_dropped_by_its_number_alone(home: Home, x: XStandIn) -> None:
    """skip --all leaves it, status does not ask about it, drafts shows it as on its way."""
    for text in ("We meet at ten.", "We swim at ten."):
        posted(home, text, "--platform", "x")
    x.fault("rate_limited", method="DELETE", path="*", times=0)
    assert home("correct", "1", "We meet at noon.", "--yes").code == 1
    assert home("correct", "2", "We swim at noon.", "--yes").code == 1
    assert "No draft needs attention" in home.at_terminal("skip", "--all").out
    assert "needs attention" not in home("status").out
    assert [draft["waits"] for draft in home("drafts", "--json").json["drafts"]] == ["on_its_way"] * 2
    assert "draft 2, in whose place it was to come, is taken down all the same" in home.at_terminal("skip", "4").out
    x.faults.clear()
    for _ in range(3):
        home.next_slot()
        home("run")
    assert x.texts() == ["We meet at noon."]


def test_when_a_platform_takes_requests_again_is_told_by_the_bots_clock(home: Home, x: XStandIn) -> None:
    """A person reads no UTC."""
    home.bot("default", 'time_zone = "Asia/Kathmandu"\n')
    posted(home, "We meet at ten.", "--platform", "x")
    x.fault("rate_limited", method="DELETE", path="*", times=0)
    assert home("delete", "1", "--yes").code == 1
    database = sqlite3.connect(home.database)
    with closing(database), database:
        [[until]] = database.execute("SELECT until FROM service_limits WHERE operation = 'write'")
    home("run")
    shown = datetime.fromisoformat(until) + timedelta(hours=5, minutes=45)
    assert f"x takes changes again at {shown:%Y-%m-%d %H:%M} +0545" in home.log()


def test_the_verbs_for_what_waits_name_those_for_what_is_out(home: Home, x: XStandIn) -> None:
    """An edit or a move names correct, a drop names delete; half out, a drop says what stays."""
    posted(home, "We meet at ten.")
    for words in (("edit", "1", "--text", "We meet at noon."), ("move", "1", "--first")):
        refused = home("drafts", *words)
        assert (refused.code, 'correct 1 "New words"' in refused.err) == (2, True), refused
    for verb in (("drafts", "drop"), ("skip",)):
        assert "delete 1" in home(*verb, "1").err
    assert home("delete", "1", "--yes").code == 0
    assert "explain 1" in home("drafts", "drop", "1").err
    x.fault("not_permitted")
    assert home("post", "We swim at ten.", "--now").code == 1
    dropped = home.at_terminal("drafts", "drop", "2").out
    assert "what is out stays there, until" in dropped
    assert "delete 2" in dropped


@pytest.mark.parametrize(("budget", "text", "dear"), [("0.041", "at noon", False), ("0.04", "at noon", True),
                                                       ("0.2", "https://club.example", True)])  # fmt: skip
def test_nothing_is_taken_down_for_a_new_post_that_the_budget_does_not_allow(
    home: Home, x: XStandIn, budget: str, text: str, dear: bool
) -> None:
    """On X the deletion and the new post count together, one with an address as what it costs; the cost is told."""
    home.bot("default", f'platforms = ["x"]\n[topics]\nno-label = 1\n[limits]\nusd_per_month = {budget}\n')
    posted(home, "We meet at ten.")
    done = home.at_terminal("correct", "1", f"We meet {text}", typed="y\n")
    assert x.texts() == ["We meet at ten." if dear else "We meet at noon"]
    assert ("$0.026" in done.out, done.code) == (text == "at noon", 1 if dear else 0), done
    assert ("usd_per_month" in done.out) is ("delete 1" in done.out) is dear


def test_what_a_replacement_costs_is_kept_for_it(home: Home, x: XStandIn) -> None:
    """While the old post can't be taken down, nothing else takes the money; a smaller budget later fails each run, and
    is told once."""
    settings = 'platforms = ["x"]\n[topics]\nno-label = 1\n[limits]\nusd_per_month = '
    home.bot("default", f"{settings}0.05\n")
    posted(home, "We meet at ten.")
    x.fault("rate_limited", method="DELETE", path="*", times=0)
    assert home("correct", "1", "We meet at noon.", "--yes").code == 1
    assert home("post", "Bring a lamp.", "--now").code == 1
    assert x.texts() == ["We meet at ten."]
    x.faults.clear()
    home.bot("default", f"{settings}0.03\n")
    home.next_slot()
    ran = home("run")
    assert ran.code == 1
    assert "draft 2 waits in the place of draft 1, which is taken down: x can't take it" in ran.err, ran
    home.next_slot()
    again = home("run")
    assert (again.code, again.out, again.err) == (1, "", "")
    assert "drafts edit 2" in home("correct", "1", "We meet at one.", "--yes").err
    home.bot("default", f"{settings}0.05\n")
    home.next_slot()
    home("run")
    assert x.texts() == ["We meet at noon."]


def test_a_post_that_was_deleted_by_hand_is_noticed_where_a_person_looks(
    home: Home, x: XStandIn, mastodon: MastodonStandIn
) -> None:
    """history --check puts it on record; X is asked where it is named alone, and the price is told; no run and no
    resume posts it again; a thread with a gap is told, with the command for the rest."""
    posted(home, "Open today.", "--part", "Until six.", "--part", "Or seven.")
    for posts in (mastodon.posts, x.posts):
        posts.pop(sorted(posts)[1])
    asked = len(x.requests)
    assert "mastodon: 0 posts looked at, 0 gone. 3 too new to tell." in home.at_terminal("history", "--check").out
    home.next_slot()
    looked = home.at_terminal("history", "--check")
    assert looked.code == 0, looked
    assert "mastodon: 3 posts looked at, 1 gone." in looked.out
    assert "mastodon part 2 was deleted there by hand; noticed" in looked.out
    assert "part 2 is gone from the thread" in looked.out
    assert "delete 1 --platform mastodon" in looked.out
    assert len(x.requests) == asked
    assert "history --check x" in looked.out
    paid = home.at_terminal("history", "--check", "x").out
    assert "x: 3 posts looked at ($0.003), 1 gone." in paid
    assert "mastodon: 2 posts looked at, 0 gone." in home.at_terminal("history", "--check").out
    assert "deleted there by hand" in home("explain", "1").out
    home.next_slot()
    home("run")
    assert (len(x.posts), len(mastodon.posts)) == (2, 2)
    assert home("delete", "1", "--yes").code == 0
    assert (x.texts(), mastodon.texts()) == ([], [])


@pytest.mark.parametrize("fault", ["rate_limited", "bad_id", "html", "unauthorized", "drop"])
def test_a_platform_that_can_not_be_asked_proves_nothing(home: Home, mastodon: MastodonStandIn, fault: str) -> None:
    """The post counts as there, and the reason is told."""
    posted(home, "Open today.", "--platform", "mastodon")
    home.next_slot()
    mastodon.posts.clear()
    mastodon.fault(fault, method="GET", path="*", times=0)
    looked = home("history", "--check")
    assert (looked.code, "mastodon: not all posts could be looked at" in looked.err) == (1, True), looked
    assert home.rows("SELECT count(*) FROM amendments") == [(0,)]
    assert home("history", "--check", "bluesky").code == 0
    assert home("history", "--check", "mastadon").code == 2


def test_what_came_in_a_posts_place_is_named_and_is_one_post_with_it(
    home: Home, x: XStandIn, mastodon: MastodonStandIn
) -> None:
    """After a correction on Mastodon and X the two go by two numbers: each command names the other, and the words of
    the one, the first ones too, may be given to the other."""
    home.bot("default", 'platforms = ["x", "mastodon"]\n[topics]\nno-label = 1\n')
    posted(home, "We meet at ten.")
    assert home("correct", "1", "We meet at noon.", "--yes").code == 0
    again = home.at_terminal("correct", "1", "We meet at one.", typed="y\n")
    assert again.code == 0
    assert again.out.count("In its place there is draft 2 on x") == 2
    assert (x.texts(), mastodon.texts()) == (["We meet at noon."], ["We meet at one."])
    for text in ("We meet at one.", "We meet at ten."):
        number = home.rows("SELECT max(id) FROM drafts")[0][0]
        assert home("correct", str(number), text, "--yes").code == 0
        assert x.texts() == [text]
    assert home("correct", "1", "We meet at ten.", "--yes").code == 0
    assert mastodon.texts() == x.texts() == ["We meet at ten."]
    assert home("post", "We meet at noon.").code == 1
    assert "In its place there is draft 4 on x" in home.at_terminal("delete", "1", typed="y\n").out
    assert "delete 4" in home("delete", "1", "--yes").err
    assert home("delete", "4", "--yes").code == 0
    assert (x.texts(), mastodon.texts()) == ([], [])


def test_what_is_gone_is_shown_without_its_address(home: Home, x: XStandIn, mastodon: MastodonStandIn) -> None:
    """And with nothing left the post stands as taken down."""
    posted(home, "We meet at ten.", "--platform", "x", "--platform", "mastodon")
    assert home("delete", "1", "--platform", "x", "--yes").code == 0
    half = home("history").out
    assert "published" in half
    assert "https://x.com" not in half
    assert home("delete", "1", "--yes").code == 0
    assert "  taken down\n" in home("history").out
    assert "Draft 1 of default: taken down" in home("explain", "1").out


def test_a_correction_brings_back_nothing_that_was_deleted_by_hand(
    home: Home, x: XStandIn, mastodon: MastodonStandIn
) -> None:
    """On X it is looked for first; elsewhere the correction goes on; with nothing left it is refused."""
    posted(home, "We meet at ten.", "--platform", "x", "--platform", "feed")
    home.next_slot()
    x.posts.clear()
    assert home("correct", "1", "We meet at noon.", "--yes").code == 0
    assert x.texts() == []
    assert "noon" in home.feed()
    assert home.rows("SELECT platforms FROM drafts WHERE id = 2") == [('["feed"]',)]
    assert "x was deleted there by hand; noticed" in home("history").out
    posted(home, "We swim at ten.", "--platform", "x")
    home.next_slot()
    x.posts.clear()
    gone = home("correct", "3", "We swim at noon.", "--yes")
    assert (gone.code, "taken down already" in gone.err, x.texts()) == (2, True, [])
    assert "Draft 3 is taken down: there is nothing to resume" in home("resume", "3").err


def test_a_half_taken_down_thread_is_told_as_it_stands(home: Home, x: XStandIn, mastodon: MastodonStandIn) -> None:
    """A part that never got out leaves no gap, and while the fate of one is open the post is not taken down."""
    x.fault("rate_limited", skip=1)
    assert home("post", "One.", "--part", "Two.", "--platform", "x", "--now").code == 1
    assert home("delete", "1", "--yes").code == 0
    assert "is gone from the thread" not in home("history").out
    x.fault("drop")
    x.fault("rate_limited", method="GET", path="*", times=0)
    assert home("post", "Three.", "--platform", "x", "--platform", "mastodon", "--now").code == 1
    assert home("delete", "2", "--platform", "mastodon", "--yes").code == 0
    assert "publishing" in home("history", "--limit", "1").out
    assert home.rows("SELECT status FROM posts ORDER BY id") == [("taken down",), ("publishing",)]


def test_an_account_or_a_bot_that_is_gone_from_the_settings_is_named(
    home: Home, x: XStandIn, mastodon: MastodonStandIn
) -> None:
    """A look does not say that nothing is there; a deletion names the addresses."""
    posted(home, "Open today.", "--platform", "x", "--platform", "mastodon")
    home.settings(GENERATORS="excerpt", **mastodon_settings(mastodon))
    looked = home("history", "--check", "x")
    assert (looked.code, "x: not set up for default any more" in looked.err) == (1, True), looked
    (home.path / "data" / "bots" / "default.toml").unlink()
    home.bot("second", 'platforms = ["feed"]\n')
    assert "not set up for default any more" in home("history", "--check").err
    for words in (("delete", "1"), ("correct", "1", "Closed today.")):
        refused = home(*words, "--yes")
        assert (refused.code, "no bot any more" in refused.err, "https://x.com/" in refused.err) == (2, True, True)
