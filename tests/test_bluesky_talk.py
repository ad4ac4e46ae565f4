"""A conversation on Bluesky from end to end: the program as a process, the reference server with an AppView of ours
beside it, and another account that answers, likes and asks again."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.home import Home, Json, Process, bluesky_settings
from tests.platforms.social_bluesky import BlueskyPeople
from tests.standins.llm import LlmServer
from tests.standins.pds import Account, Pds
from tests.standins.proxy import FaultProxy, Reply, Seen
from tests.threads import home_for
from tests.writing.test_judge import kind
from tests.writing.verdicts import claim, verdict

MAIN = "import sys; from twitter_manager.cli import main; main(sys.argv[1:])"
QUIET = 'platforms = ["bluesky"]\n# It has no sources: all that goes out is asked for.\n'


def at(**later: float) -> str:
    """The program with its clock so much later."""
    moved = f"app.utc_now = lambda: datetime.now(UTC) + timedelta(**{later})"
    return f"from datetime import *; from twitter_manager import app; {moved}; {MAIN}"


@pytest.fixture
def people(pds: Pds, account: Account) -> Iterator[BlueskyPeople]:
    yield BlueskyPeople(pds, account)
    pds.appview.reset()


@pytest.fixture
def home(tmp_path: Path, pds: Pds, account: Account) -> Home:
    home = home_for(tmp_path, account, pds.url)
    home.bot("default", QUIET)
    return home


def test_what_people_did_is_read_an_hour_later(home: Home, people: BlueskyPeople) -> None:
    """Posted, liked and answered by others, an hour goes by: `figures` tells of both; of a post that its person deleted
    on the web it tells that it is gone."""
    for text in ("A post that people like.", "A post that is taken down."):
        assert home("post", text, "--now").code == 0
    gone, liked = people.posts()
    people.like(liked, "ann")
    people.like(liked, "bob")
    people.reply(liked, "So it is.", "ann")
    people.delete(gone)
    done = home("run", code=at(hours=1.1))
    assert done.code == 0, done
    there, removed = sorted(
        (post["platforms"][0] for post in home("figures", "--json").json["bots"][0]["posts"]),
        key=lambda on: on["removed_at"] or "",
    )
    [reading] = there["readings"]
    assert (reading["band"], reading["likes"], reading["replies"], reading["engagement"]) == ("1h", 2, 1, 3)
    assert removed["removed_at"] is not None
    assert removed["readings"] == []


def answers(people: BlueskyPeople) -> list[Json]:
    """What the bot said beneath what others said, as its server stores it."""
    return [record["value"] for record in people.pds.records(people.bot) if "reply" in record["value"]]


def hangs_beneath(people: BlueskyPeople, remote_id: str, root: str) -> Json:
    """What a record must say that answers this post."""
    return {
        name: {"uri": uri, "cid": people.stored(uri)["cid"]} for name, uri in (("root", root), ("parent", remote_id))
    }


def test_a_person_answers_from_the_inbox(home: Home, people: BlueskyPeople) -> None:
    """Heard by the next run, answered in the person's own words, published by the run after it: beneath the comment, in
    the thread of the first post, once, and the other account sees it as a reply. An hour later the figures are read."""
    assert home("post", "What I have to say.", "--now").code == 0
    [mine] = people.posts()
    comment = people.reply(mine, "How does it work?", "ann")
    assert home("run").code == 0
    [waiting] = home("inbox", "--json").json["comments"]
    assert (waiting["text"], waiting["author"]) == ("How does it work?", people.handle_of("ann"))
    assert home("inbox", "answer", str(waiting["id"]), "With a file and a clock.").code == 0
    for _ in range(3):
        assert home("run").code == 0
    [answer] = answers(people)
    assert answer["text"] == "With a file and a clock."
    assert answer["reply"] == hangs_beneath(people, comment, mine)
    [told] = people.notifications("ann", "reply")[:1]
    assert told["record"] == answer
    assert home("inbox", "--json").json["comments"] == []
    people.like(mine, "bob")
    assert home("run", code=at(hours=1.1)).code == 0
    [post] = [post for post in home("figures", "--json").json["bots"][0]["posts"] if post["text"] != answer["text"]]
    newest = post["platforms"][0]["newest"]
    assert (newest["band"], newest["likes"], newest["replies"]) == ("1h", 1, 1)


class Killing(FaultProxy):
    """Kills `process` at its next request whose path holds `part`, before the server has it or after it answered."""

    process: Process | None = None
    part = ""
    after = False

    def answer(self, request: Seen) -> Reply | None:
        if not self.part or self.part not in request.path:
            return super().answer(request)
        self.part = ""
        if self.after:
            super().answer(request)
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        return None

    def kill(self, home: Home, part: str, *, after: bool) -> None:
        """Run the program and have it killed there."""
        self.part, self.after = part, after
        self.process = home.start("run")
        self.process.communicate()
        assert self.process.returncode == -signal.SIGKILL, f"it never asked for {part}"


@pytest.mark.slow
def test_killed_at_each_step_it_is_one_answer(tmp_path: Path, pds: Pds, people: BlueskyPeople) -> None:
    """While it listens, and while it publishes, before and after the server has done its part: the next run goes on,
    and each comment has its answer once, where it belongs."""
    expected = []
    with Killing(pds.url) as proxy:
        home = home_for(tmp_path, people.bot, proxy.url)
        home.bot("default", f"{QUIET}[answers]\nper_hour = 20\nper_thread = 20\n")
        assert home("post", "What I have to say.", "--now").code == 0
        [mine] = people.posts()
        for number, after in enumerate([False, True]):
            comment = people.reply(mine, f"Question {number}?", "ann")
            proxy.kill(home, "listNotifications", after=after)
            assert home("run").code == 0
            [waiting] = home("inbox", "--json").json["comments"]
            assert home("inbox", "answer", str(waiting["id"]), f"Answer {number}.").code == 0
            proxy.kill(home, "putRecord", after=after)
            for _ in range(2):
                assert home("run").code == 0
            expected.append((f"Answer {number}.", hangs_beneath(people, comment, mine)))
    assert [(answer["text"], answer["reply"]) for answer in reversed(answers(people))] == expected


NOTE = "Git stash saves uncommitted changes on a stack, but it does not save untracked files."
ANSWER = "Git stash saves uncommitted changes on a stack. It does not save untracked files."
SAYS = {
    "answer": json.dumps({"answer": ANSWER}),
    "claims": verdict(
        claim("Git stash saves uncommitted changes on a stack.", "Git stash saves uncommitted changes on a stack"),
        claim("It does not save untracked files.", "it does not save untracked files"),
    ),
}


@pytest.mark.slow
def test_an_answer_that_a_model_drafts_waits_and_goes_out_once(tmp_path: Path, pds: Pds, people: BlueskyPeople) -> None:
    """Killed while the model writes and while the answer is published: what the post's own material says waits for its
    person, and after their yes it stands beneath the question once."""
    with LlmServer() as llm, Killing(pds.url) as server, Killing(llm.url) as model:
        llm.answer = lambda body: SAYS[kind(body)]
        home = home_for(tmp_path, people.bot, server.url)
        (home.path / "notes.toml").write_text(f'[[note]]\nid = "stash"\nlabel = "git"\ntext = "{NOTE}"\n')
        home.bot("default", f'{QUIET}pool = 1\n[formats]\ntip = 1\n[[sources]]\nkind = "notes"\npath = "notes.toml"\n')
        assert home("run").code == 0
        [mine] = people.posts()
        keys = {**bluesky_settings(pds, people.bot), "BLUESKY_SERVICE_URL": server.url}
        writer = {"GENERATORS": "openai,excerpt", "JUDGE": "self", "OPENAI_BASE_URL": f"{model.url}/v1"}
        home.settings(**keys | writer)
        question = people.reply(mine, "What does git stash do with files that are not tracked yet?", "ann")
        for after in (False, True):
            model.kill(home, "completions", after=after)
        for _ in range(2):
            assert home("run").code == 0
        assert answers(people) == []
        [waiting] = home("inbox", "--json").json["comments"]
        assert home("inbox", "approve", str(waiting["id"])).code == 0
        for after in (False, True):
            server.kill(home, "putRecord", after=after)
            assert answers(people) == [] or after
        for _ in range(2):
            assert home("run").code == 0
    [answer] = answers(people)
    assert answer["text"] == ANSWER
    assert answer["reply"] == hangs_beneath(people, question, mine)
