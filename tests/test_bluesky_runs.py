"""The program as a process against the reference Bluesky server, behind a proxy that cuts the line: whatever goes wrong
with the line, the session, the limits, the clock or the account, each part is there once, marked up and hung right."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.faults.clock import SharedClock
from tests.home import Done
from tests.moving import START
from tests.standins.pds import Account, Pds
from tests.standins.proxy import Fault, FaultProxy, Reply, Seen
from tests.threads import KillingProxy, broken_links, home_for, post_words
from twitter_manager.domain import Json

LOGIN, REFRESH, RESOLVE, GET = "createSession", "refreshSession", "resolveHandle", "repo.getRecord"
CUT, LOST = Fault(), Fault(forward=True)
MAIN = "import sys; from twitter_manager.cli import main; main(sys.argv[1:])"


def at(**wrong_by: float) -> str:
    """The program with its clock wrong by so much."""
    moved = f"app.utc_now = lambda: datetime.now(UTC) + timedelta(**{wrong_by})"
    return f"from datetime import *; from twitter_manager import app; {moved}; {MAIN}"


class Gate(FaultProxy):
    """Past the server's limits once `open`, or when it `may_pass`: what the passing of time would do."""

    open = False
    may_pass: Callable[[], bool] = staticmethod(lambda: False)
    bypass_key = ""

    def _pass_on(self, request: Seen) -> Reply:
        past = self.open or self.may_pass()
        headers = {**request.headers, **({"x-ratelimit-bypass": self.bypass_key} if past else {})}
        return super()._pass_on(Seen(request.method, request.path, headers, request.body))

    def faults_end(self) -> None:
        self._faults.clear()

    def writes(self) -> int:
        return self.count("repo.putRecord") + self.count("repo.applyWrites")


@pytest.fixture(scope="module")
def friend(pds: Pds) -> Account:
    return pds.create_account("a-friend")


@pytest.fixture
def gate(pds: Pds) -> Iterator[Gate]:
    with Gate(pds.url) as proxy:
        proxy.bypass_key = pds.bypass_key
        yield proxy


@pytest.fixture(params=[1, 3], ids=["single", "thread"])
def parts(request: pytest.FixtureRequest, friend: Account) -> tuple[str, ...]:
    """A post, or a thread of three, with all that counts otherwise in bytes than in characters."""
    first = f"Grüße 👩‍👩‍👧 an @{friend.handle}: https://example.com/ü #日本語"
    return (first, "世界, the 2nd part: #git", "🏁 The 3rd: https://example.org/?a=1&b=2")[: request.param]


class Bot:
    """One account's home, and what must stand on the server in the end."""

    def __init__(
        self, path: Path, pds: Pds, account: Account, url: str, parts: tuple[str, ...], friend: Account
    ) -> None:
        self.pds, self.account, self.parts, self.friend, self.url = pds, account, parts, friend, url
        self.home = home_for(path, account, url)
        self.home.bot("default", f'platforms = ["bluesky"]\nallowed_mentions = ["{friend.handle}"]\n')

    def keys(self, account: Account, password: str = "", **more: str) -> None:
        self.home.settings(
            GENERATORS="excerpt",
            BLUESKY_IDENTIFIER=account.handle,
            BLUESKY_PASSWORD=password or account.password,
            BLUESKY_SERVICE_URL=self.url,
            **more,
        )

    @property
    def session(self) -> Path:
        return self.home.path / "data" / "sessions" / "bluesky-default"

    @property
    def write(self) -> str:
        """The request that publishes."""
        return "repo.putRecord" if len(self.parts) == 1 else "repo.applyWrites"

    def warm(self) -> Json:
        """One post goes out, so that there is a session; gives its tokens."""
        assert self.home("post", "A post before.", "--now").code == 0
        self.pds.wipe(self.account)
        kept: Json = json.loads(self.session.read_text())
        return kept

    def expire(self, *names: str) -> None:
        """End these tokens (`access`, `refresh`) of the kept session."""
        kept = json.loads(self.session.read_text())
        self.session.write_text(json.dumps(kept | {name: self.pds.expired(kept[name]) for name in names}))

    def post(self, code: str = "") -> Done:
        return self.home(*post_words(self.parts), code=code)

    def run(self, times: int = 1, code: str = "") -> Done:
        for _ in range(times):
            done = self.home("run", code=code)
        return done

    def statuses(self) -> set[str]:
        rows = self.home.rows(
            "SELECT DISTINCT d.status FROM deliveries d JOIN drafts ON drafts.id = draft_id WHERE origin = 'person'"
            " AND d.text <> 'A post before.'"
        )
        return {row[0] for row in rows}

    def is_out(self) -> bool:
        """Exactly once, whole, with the right facets and the right chain, and reported so."""
        records = [one for one in self.pds.records(self.account) if one["value"]["text"] in self.parts]
        assert broken_links(records, self.parts) == []
        for record in records:
            assert cut_out(record["value"]) == self.marked()[record["value"]["text"]]
        rows = self.home.rows(
            "SELECT remote_id, extra, status FROM deliveries WHERE text <> 'A post before.' ORDER BY part"
        )
        saved = [row for row in rows if row[0] in {one["uri"] for one in records}]
        assert [(uri, json.loads(extra)["cid"], status) for uri, extra, status in saved] == [
            (one["uri"], one["cid"], "posted") for one in reversed(records)
        ]
        assert self.home.rows("PRAGMA integrity_check") == [("ok",)]
        return True

    def nothing_is_out(self) -> bool:
        return not any(one["value"]["text"] in self.parts for one in self.pds.records(self.account))

    def marked(self) -> dict[str, list[tuple[str, str, str]]]:
        """The words that each part marks up, with what they stand for."""
        found = [
            [
                (f"@{self.friend.handle}", "mention", self.friend.did),
                ("https://example.com/ü", "link", "https://example.com/ü"),
                ("#日本語", "tag", "日本語"),
            ],
            [("#git", "tag", "git")],
            [("https://example.org/?a=1&b=2", "link", "https://example.org/?a=1&b=2")],
        ]
        return dict(zip(self.parts, found, strict=False))


def cut_out(record: Json) -> list[tuple[str, str, str]]:
    raw, found = record["text"].encode(), []
    for facet in record["facets"]:
        [feature] = facet["features"]
        kind = feature["$type"].rpartition("#")[2]
        value = feature[{"mention": "did", "link": "uri", "tag": "tag"}[kind]]
        found.append((raw[facet["index"]["byteStart"] : facet["index"]["byteEnd"]].decode(), kind, value))
    return found


single = pytest.mark.parametrize("parts", [1], ids=["single"], indirect=True)
"""For what is decided before anybody asks how many parts there are: the session, the limits, the account."""
thread = pytest.mark.parametrize("parts", [3], ids=["thread"], indirect=True)


@pytest.fixture
def bot(tmp_path: Path, pds: Pds, account: Account, gate: Gate, parts: tuple[str, ...], friend: Account) -> Bot:
    return Bot(tmp_path / "home", pds, account, gate.url, parts, friend)


def test_all_is_well(bot: Bot, gate: Gate) -> None:
    """One request to log in, one for the mention, one for all parts."""
    done = bot.post()
    assert (done.code, done.err) == (0, "")
    assert bot.is_out()
    asked = [seen.path.partition("?")[0].rpartition(".")[2] for seen in gate.seen]
    assert asked == [LOGIN, RESOLVE, "putRecord" if len(bot.parts) == 1 else "applyWrites"]


# The line


@pytest.mark.parametrize("fault", [CUT, LOST], ids=["before", "after"])
def test_a_cut_at_the_write_is_settled_in_the_same_run(bot: Bot, gate: Gate, fault: Fault) -> None:
    """Looked up, and sent once more only where it is proved not to be there."""
    bot.warm()
    gate.fail(bot.write, fault)
    before = gate.count(bot.write)
    assert bot.post().code == 0
    assert bot.is_out()
    assert gate.count(bot.write) == before + (2 if fault is CUT else 1)
    assert gate.count(GET) == len(bot.parts)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_kill_at_the_write_leaves_nothing_or_all_and_the_next_run_settles_it(
    bot: Bot, pds: Pds, account: Account, after: bool
) -> None:
    """SIGKILL on either side of the server's commit: readers see no half, and one run later all is there once."""
    with KillingProxy(pds.url, 1, after) as proxy:
        bot.url = proxy.url
        bot.keys(account)
        proxy.process = bot.home.start(*post_words(bot.parts))
        proxy.process.communicate()
        assert (proxy.killed, proxy.process.returncode) == (True, -9)
        assert len(pds.records(account)) == (len(bot.parts) if after else 0)
        bot.run()
    assert bot.is_out()


@pytest.mark.slow
@single
def test_a_mention_that_can_not_be_resolved_yet_waits(bot: Bot, gate: Gate) -> None:
    """Cut before anything is written: nothing is in doubt, and the mention is marked up when it goes out."""
    gate.fail(RESOLVE, *[CUT] * 99)
    assert bot.post().code == 1
    assert (bot.statuses(), gate.writes()) == ({"queued"}, 0)
    gate.faults_end()
    bot.run()
    assert bot.is_out()


@pytest.mark.slow
@thread
def test_a_server_that_is_down_for_a_while(bot: Bot, gate: Gate) -> None:
    """Nothing but cut lines for a run, after the server took it: unknown, never sent again, found when it's back."""
    bot.warm()
    before = gate.count(bot.write)
    gate.fail(bot.write, LOST)
    gate.fail(GET, *[CUT] * 99)
    assert bot.post().code == 1
    assert bot.statuses() == {"unknown"}
    bot.run()
    assert bot.statuses() == {"unknown"}
    gate.faults_end()
    bot.run()
    assert bot.is_out()
    assert gate.count(bot.write) == before + 1


@pytest.mark.slow
@thread
def test_a_part_that_a_person_deletes_before_the_answer_is_known_is_put_back(
    bot: Bot, gate: Gate, pds: Pds, account: Account
) -> None:
    """The commit's answer is lost, the last part deleted: that part comes back in its place, the others stay."""
    kept = bot.warm()
    gate.fail(bot.write, LOST)
    gate.fail(GET, *[CUT] * 99)
    bot.post()
    newest = pds.records(account)[0]
    key = {"repo": account.did, "collection": "app.bsky.feed.post", "rkey": newest["uri"].rpartition("/")[2]}
    pds.call("com.atproto.repo.deleteRecord", key, kept["access"])
    gate.faults_end()
    bot.run()
    assert bot.is_out()


# The session


def test_an_access_token_that_ran_out_is_renewed(bot: Bot, gate: Gate) -> None:
    """The server's 400 ExpiredToken: renewed by the refresh token, without the password, and sent again."""
    bot.warm()
    bot.expire("access")
    before = (gate.count(LOGIN), gate.count(REFRESH))
    done = bot.post()
    assert (done.code, done.err) == (0, "")
    assert bot.is_out()
    assert (gate.count(LOGIN), gate.count(REFRESH)) == (before[0], before[1] + 1)


@pytest.mark.slow
@single
@pytest.mark.parametrize("how", ["both ran out", "signed out elsewhere"])
def test_a_session_that_can_not_be_renewed_is_replaced_by_a_login(bot: Bot, gate: Gate, pds: Pds, how: str) -> None:
    kept = bot.warm()
    if how == "signed out elsewhere":
        pds.call("com.atproto.server.deleteSession", {}, kept["refresh"])
    bot.expire("access", "refresh") if how == "both ran out" else bot.expire("access")
    before = gate.count(LOGIN)
    assert bot.post().code == 0
    assert bot.is_out()
    assert gate.count(LOGIN) == before + 1


@pytest.mark.slow
@single
def test_a_session_that_runs_out_between_a_lost_answer_and_the_look_up(bot: Bot, gate: Gate) -> None:
    """Nothing of it is sent again: posts are public, and the kept session says whose they are."""
    bot.warm()
    gate.fail(bot.write, LOST)
    gate.fail(GET, *[CUT] * 99)
    bot.post()
    gate.faults_end()
    bot.expire("access", "refresh")
    before = gate.count(bot.write)
    bot.run()
    assert bot.is_out()
    assert gate.count(bot.write) == before


@pytest.mark.slow
@single
def test_a_changed_password_waits_for_a_person_and_then_goes_out(
    bot: Bot, gate: Gate, pds: Pds, account: Account
) -> None:
    """Every token is revoked and the old password refused: told with the settings to mend; mended and resumed: out."""
    bot.warm()
    pds.set_password(account, "a-new-password")
    bot.expire("access")
    done = bot.post()
    assert done.code == 1
    assert "BLUESKY_PASSWORD" in done.err
    assert bot.statuses() == {"failed"}
    logins = gate.count(LOGIN)
    bot.run()
    assert gate.count(LOGIN) == logins, "a password that was refused is not tried again and again"
    assert bot.nothing_is_out()
    bot.keys(account, "a-new-password")
    [[draft]] = bot.home.rows("SELECT max(id) FROM drafts WHERE origin = 'person'")
    assert bot.home("resume", str(draft)).code == 0
    bot.run()
    assert bot.is_out()


@pytest.mark.slow
@single
def test_a_spoilt_session_file_costs_a_login_and_no_post(bot: Bot, gate: Gate) -> None:
    """Spoilt while the outcome is open: the look-up logs in anew, and finds what is there."""
    bot.warm()
    gate.fail(bot.write, LOST)
    gate.fail(GET, *[CUT] * 99)
    bot.post()
    gate.faults_end()
    bot.session.write_bytes(b"\xff\xfe garbage")
    before = gate.count(LOGIN), gate.count(bot.write)
    bot.run()
    assert bot.is_out()
    assert (gate.count(LOGIN), gate.count(bot.write)) == (before[0] + 1, before[1])


# The limits


def test_the_servers_limit_on_writes_puts_it_off(bot: Bot, gate: Gate, pds: Pds, account: Account) -> None:
    """The real server's 429: told, not asked again before the time that it named, out in the first run after."""
    bot.warm()
    pds.use_up_writes(account)
    before = gate.writes()
    bot.post()
    assert bot.statuses() == {"queued"}
    assert gate.writes() == before + 1
    [[not_before]] = bot.home.rows(
        "SELECT DISTINCT not_before FROM deliveries WHERE status = 'queued' AND not_before > ''"
    )
    wait = datetime.fromisoformat(not_before) - datetime.now(UTC)
    assert timedelta(minutes=50) < wait <= timedelta(hours=1)
    bot.run()
    assert gate.writes() == before + 1, "asked again before the time that the server named"
    assert bot.nothing_is_out()
    gate.open = True
    bot.home.next_slot()
    bot.run()
    assert bot.is_out()


@pytest.mark.slow
@single
def test_the_servers_limit_on_logins_puts_it_off(bot: Bot, gate: Gate, pds: Pds, account: Account) -> None:
    """No session and no login left: nothing is in doubt, and it goes out when the limit is over."""
    bot.keys(account, RUN_SECONDS="60")  # less than the limit takes to pass
    pds.use_up_logins(account)
    bot.post()
    assert bot.statuses() == {"queued"}
    assert gate.writes() == 0
    logins = gate.count(LOGIN)
    bot.run()
    assert gate.count(LOGIN) == logins, "asked again before the time that the server named"
    gate.open = True
    bot.home.next_slot()
    bot.run()
    assert bot.is_out()


@pytest.mark.slow
@single
def test_a_limit_that_ends_within_the_runs_time_is_waited_for(
    bot: Bot, gate: Gate, pds: Pds, account: Account, tmp_path: Path
) -> None:
    """The real server's five minutes: two logins asked for, with the whole of its time between them, and the post is
    out. Its clock is not ours: what it would do after that time it does when we have slept."""
    # A slot of a day: one of an hour may well end in this time, and then nothing is sent.
    bot.home.bot("default", 'platforms = ["bluesky"]\n[schedule]\nevery_hours = 24\n')
    pds.use_up_logins(account)
    clock, gate.may_pass = SharedClock(tmp_path / "clock"), lambda: clock.time() - time.time() > 240
    done = bot.post(START.format(clock=str(tmp_path / "clock"), more=""))
    assert (done.code, done.err) == (0, "")
    assert bot.is_out()
    assert gate.count(LOGIN) == 2
    assert 240 < clock.time() - time.time() < 330


# The clock

WRONG = {"an hour behind": {"hours": -1}, "a day ahead": {"days": 1}, "thirty years behind": {"days": -30 * 365}}


clocks = pytest.mark.parametrize("wrong_by", WRONG.values(), ids=WRONG.keys())
far_off = pytest.mark.parametrize("wrong_by", list(WRONG.values())[1:], ids=list(WRONG)[1:])


@pytest.mark.slow
@single
@clocks
def test_what_a_wrong_clock_sent_is_found_by_the_right_one(bot: Bot, gate: Gate, wrong_by: dict[str, float]) -> None:
    """The answer to the wrong clock's request is lost; the right clock finds it, and sends nothing."""
    bot.warm()
    gate.fail(bot.write, LOST)
    gate.fail(GET, *[CUT] * 99)
    bot.post(at(**wrong_by))
    assert bot.statuses() == {"unknown"}
    gate.faults_end()
    before = gate.count(bot.write)
    bot.run()
    assert bot.is_out()
    assert gate.count(bot.write) == before


@pytest.mark.slow
@single
@far_off
def test_what_a_wrong_clock_could_not_send_is_sent_by_the_right_one(
    bot: Bot, gate: Gate, wrong_by: dict[str, float]
) -> None:
    """A person's post never expires by itself, however old its clock says that it is."""
    bot.warm()
    gate.fail(bot.write, CUT)
    gate.fail(GET, *[CUT] * 99)
    bot.post(at(**wrong_by))
    gate.faults_end()
    bot.run()
    assert bot.is_out()


@pytest.mark.slow
@thread
@clocks
def test_a_clock_that_is_always_wrong(bot: Bot, gate: Gate, wrong_by: dict[str, float]) -> None:
    """Keys and dates are off, the post is not: also when the session has run out and the first answer is lost."""
    wrong = at(**wrong_by)
    assert bot.home("post", "A post before.", "--now", code=wrong).code == 0
    bot.pds.wipe(bot.account)
    bot.expire("access")
    gate.fail(bot.write, LOST)
    bot.post(wrong)
    bot.run(1, wrong)
    assert bot.is_out()


@pytest.mark.slow
@single
@far_off
def test_a_limit_under_a_wrong_clock_is_waited_for_but_not_for_ever(
    bot: Bot, gate: Gate, pds: Pds, account: Account, wrong_by: dict[str, float]
) -> None:
    """The time that the server names is far off or long past on this machine: it costs a day at the most."""
    wrong = at(**wrong_by)
    pds.use_up_writes(account)
    bot.post(wrong)
    assert bot.statuses() == {"queued"}
    gate.open = True
    for _ in range(2 if wrong_by != WRONG["thirty years behind"] else 25):
        bot.home.next_slot()
    bot.run(1, wrong)
    assert bot.is_out()


# The account


@pytest.mark.slow
@single
def test_an_account_taken_down_holds_the_post_until_it_is_back(
    bot: Bot, pds: Pds, account: Account, gate: Gate
) -> None:
    """With a session at hand: refused, told; reinstated and resumed: out once."""
    bot.warm()
    pds.take_down(account)
    done = bot.post()
    assert done.code == 1
    assert "taken down" in done.err
    assert bot.statuses() == {"failed"}
    pds.take_down(account, applied=False)
    [[draft]] = bot.home.rows("SELECT max(id) FROM drafts WHERE origin = 'person'")
    assert bot.home("resume", str(draft)).code == 0
    bot.run()
    assert bot.is_out()


@pytest.mark.slow
@thread
def test_an_account_taken_down_before_a_lost_answer_is_known(bot: Bot, pds: Pds, account: Account, gate: Gate) -> None:
    """It can be read by nobody: not taken for absent, not sent again; found when the account is back."""
    bot.warm()
    gate.fail(bot.write, LOST)
    gate.fail(GET, *[CUT] * 99)
    bot.post()
    gate.faults_end()
    pds.take_down(account)
    before = gate.count(bot.write)
    bot.run()
    assert bot.statuses() == {"unknown"}
    pds.take_down(account, applied=False)
    bot.run()
    assert bot.is_out()
    assert gate.count(bot.write) == before


@pytest.mark.slow
@single
def test_the_account_is_changed_while_a_post_is_on_its_way(bot: Bot, pds: Pds, account: Account, gate: Gate) -> None:
    """What was made for the old account never goes out on the new one; a person is told."""
    bot.warm()
    gate.fail(bot.write, CUT)
    gate.fail(GET, *[CUT] * 99)
    bot.post()
    gate.faults_end()
    other = pds.create_account()
    bot.keys(other)
    done = bot.run()
    assert done.code == 1
    assert bot.statuses() == {"held"}
    assert pds.records(other) == pds.records(account) == []


# The name


def renamed(bot: Bot) -> Account:
    """The account under another handle, which nobody has told the program yet; the session is lost."""
    new = bot.pds.rename(bot.account, f"heron{bot.account.handle}")
    bot.session.unlink(missing_ok=True)
    return new


def newest_draft(bot: Bot) -> str:
    [[draft]] = bot.home.rows("SELECT max(id) FROM drafts WHERE origin = 'person'")
    return str(draft)


def test_a_renamed_account_is_the_same_account(bot: Bot) -> None:
    """Refused under the old handle; with the new one in .env and resumed it goes out once, on the account that it was
    meant for, as its earlier post shows."""
    bot.warm()
    new = renamed(bot)
    assert bot.post().code == 1
    assert bot.statuses() == {"failed"}
    bot.keys(new)
    assert bot.home("resume", newest_draft(bot)).code == 0
    assert bot.run().code == 0
    assert bot.is_out()
    bot.run()
    assert bot.is_out()


@pytest.mark.parametrize("fault", [CUT, LOST], ids=["before", "after"])
def test_a_post_whose_outcome_is_open_is_settled_under_the_new_name(bot: Bot, gate: Gate, fault: Fault) -> None:
    """The request names the account, whatever its handle is: looked up, and sent again only where it is not there."""
    gate.fail(bot.write, fault)
    gate.fail(GET, *[CUT] * 99)
    bot.post()
    assert bot.statuses() == {"unknown"}
    gate.faults_end()
    bot.keys(renamed(bot))
    before = gate.count(bot.write)
    bot.run()
    assert bot.is_out()
    assert gate.count(bot.write) == before + (fault is CUT)


@single
def test_another_account_never_gets_the_post(bot: Bot, pds: Pds, account: Account) -> None:
    """However often it is resumed it is held; with the account that it was meant for back in .env it goes out once."""
    bot.warm()
    bot.keys(account, "a-wrong-password")
    bot.session.unlink()
    assert bot.post().code == 1
    other = pds.create_account()
    bot.keys(other)
    for _ in range(2):
        assert bot.home("resume", newest_draft(bot)).code == 0
        done = bot.run()
        assert (done.code, bot.statuses()) == (1, {"held"})
        assert f"nothing shows that {other.handle} is the same account: put the old one back" in done.err
        assert re.search(rf"resume {newest_draft(bot)}\b.*skip {newest_draft(bot)}\b", done.err)
    assert pds.records(other) == pds.records(account) == []
    bot.keys(account)
    assert bot.home("resume", newest_draft(bot)).code == 0
    bot.run()
    assert bot.is_out()
    assert pds.records(other) == []


@single
def test_a_name_alone_proves_nothing(bot: Bot, pds: Pds, account: Account) -> None:
    """A first post, refused before anything named its account, is held after the rename; skipped and posted anew it
    goes out once: the advice works."""
    bot.keys(account, "a-wrong-password")
    assert bot.post().code == 1
    bot.keys(renamed(bot))
    assert bot.home("resume", newest_draft(bot)).code == 0
    done = bot.run()
    assert (done.code, bot.statuses()) == (1, {"held"})
    assert "or skip it and post its words anew" in done.err
    assert bot.nothing_is_out()
    assert bot.home("skip", newest_draft(bot)).code == 0
    assert bot.post().code == 0
    assert bot.is_out()


@single
def test_a_restore_after_a_rename_takes_nothing_in_twice(bot: Bot) -> None:
    """What is known under the old handle is not adopted once more under the new one."""
    assert bot.post().code == 0
    bot.keys(renamed(bot))
    assert bot.home("post", "A post after.", "--now").code == 0
    [backup] = (bot.home.path / "data" / "backups").glob("twitter-*.db")
    assert bot.home("restore", str(backup)).code == 0
    posted = bot.home.rows("SELECT remote_id FROM deliveries WHERE status = 'posted'")
    assert sorted(posted) == sorted((one["uri"],) for one in bot.pds.records(bot.account))
    assert len(posted) == 2
