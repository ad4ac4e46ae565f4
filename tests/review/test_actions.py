"""What a person does with drafts: each decision holds for exactly what they saw, whatever goes on meanwhile."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from tests.home import Home, bluesky_settings, mastodon_settings, x_settings
from tests.pictures import photo
from tests.sources.web import serve
from tests.standins.mastodon import MastodonStandIn
from tests.standins.pds import Account, Pds
from tests.standins.x import XStandIn
from tests.test_material_pictures import picturing
from twitter_manager.app import App
from twitter_manager.delivery import Outbox
from twitter_manager.domain import Actor, Draft, DraftStatus, Outcome
from twitter_manager.errors import LockHeld, Meanwhile, TwitterManagerError, UsageError
from twitter_manager.operations.lock import locked
from twitter_manager.operations.own_posts import OwnPost
from twitter_manager.pipeline.report import Report
from twitter_manager.pipeline.run import run_bot
from twitter_manager.platforms import exact
from twitter_manager.review.actions import Actions
from twitter_manager.store import approvals, drafts, edits, events

FEED = 'platforms = ["feed"]\npool = 4\n'
STARTER = '[[sources]]\nkind = "starter"\n'
ANNA, BERT = Actor("anna", "console"), Actor("bert", "api")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Four drafts wait for an approval."""
    made = Home(tmp_path / "home")
    made.bot("club", f'approve = "always"\n{FEED}{STARTER}')
    assert made("run").code == 0
    return made


def app(home: Home) -> App:
    return App.load(home.path, {**os.environ, "EMBEDDINGS": "off"}, lambda line: None)


@contextmanager
def acting(home: Home, by: Actor = ANNA) -> Iterator[Actions]:
    opened = app(home)
    with closing(opened.session.open_store()) as db:
        yield Actions(opened, db, by)


def draft(actions: Actions, number: int) -> Draft:
    found = drafts.get(actions.db, number)
    assert found
    return found


def by_whom(home: Home, number: int) -> list[tuple[str, str]]:
    with acting(home) as actions:
        return [(event["kind"], event["by"]) for event in events.of_draft(actions.db, number) if "by" in event]


# -- approval ------------------------------------------------------------------------------------------


def test_nothing_goes_out_before_it_was_approved(home: Home) -> None:
    """A slot with nothing approved waits for review; what is approved goes out in the next."""
    first = home("run", "--json").json["bots"][0]
    assert (first["outcome"], first["draft"]["status"]) == ("waiting_for_review", "pending")
    assert home("drafts", "approve", "3", "2").code == 0
    assert home("run", "--json").json["bots"][0]["draft"]["id"] == 2
    assert home("drafts", "approve", "2").code == 2


def test_an_approval_holds_for_what_was_seen_and_says_who(home: Home) -> None:
    """With the hash of something else nothing happens; twice is once; the audit trail knows who and through what."""
    with acting(home) as actions:
        seen = exact.content_hash(draft(actions, 1))
        with pytest.raises(Meanwhile):
            actions.approve(1, seen="0" * 64)
        assert actions.approve(1, seen=seen).startswith("is approved")
        assert actions.approve(1, seen=seen) == "is approved already"
        approval = approvals.newest(actions.db, draft(actions, 1))
        assert approval and (approval.by, approval.hashes) == (ANNA, exact.hashes(draft(actions, 1)))
    assert by_whom(home, 1) == [("draft_approved", "anna")]


def test_an_edit_needs_approval_again_and_leaves_a_pair(home: Home) -> None:
    """Whether it was approved or not, unless the edit itself approves; before and after are kept with who wrote it."""
    with acting(home) as actions:
        before = draft(actions, 1)
        actions.approve(1)
        assert "waits for an approval" in actions.edit(1, ["The pool opens at nine."])
        assert draft(actions, 1).status is DraftStatus.PENDING
        assert approvals.newest(actions.db, draft(actions, 1)) is None
        assert "waits" not in actions.edit(1, ["The pool opens at ten."], approve=True)
        assert draft(actions, 1).status is DraftStatus.APPROVED
        first, second = edits.of_draft(actions.db, 1)
        assert (first.by, first.before, first.after[0].text) == (ANNA, before.parts, "The pool opens at nine.")
        assert (second.before, second.after[0].text) == (first.after, "The pool opens at ten.")
    assert home("run", "--json").json["bots"][0]["deliveries"][0]["text"] == "The pool opens at ten."


def test_an_edit_of_something_else_than_was_seen_is_refused(home: Home) -> None:
    """Nobody writes over what they never saw, and an edit that the checks refuse changes nothing."""
    with acting(home) as actions:
        seen = exact.content_hash(draft(actions, 1))
        actions.edit(1, ["The pool opens at nine."], seen=seen)
        with pytest.raises(Meanwhile):
            actions.edit(1, ["The pool opens at ten."], seen=seen)
        with pytest.raises(TwitterManagerError, match="Not changed"):
            actions.edit(1, [f"The key is {'AKIA' + 'Q7' * 8}."])
        assert draft(actions, 1).text == "The pool opens at nine."


@pytest.mark.parametrize(
    ("approve", "before", "after"),
    [("never", "approved", "approved"), ("always", "pending", "pending"), ("never", "needs_attention", "approved")],
)
def test_what_an_edit_approves_follows_the_bots_setting(tmp_path: Path, approve: str, before: str, after: str) -> None:
    """A person's words go out at once where nobody has to approve, and wait where somebody has."""
    home = Home(tmp_path / "home")
    home.bot("club", f'approve = "{approve}"\n{FEED}{STARTER}')
    assert home("run").code == 0
    with closing(sqlite3.connect(home.database)) as db, db:
        db.execute("UPDATE drafts SET status = ? WHERE id = 3", (before,))
    with acting(home) as actions:
        actions.edit(3, ["The pool opens at nine."])
        assert draft(actions, 3).status == after


def test_a_proposal_waits_whatever_the_bot_says(tmp_path: Path) -> None:
    """A post that a program proposes goes out when a person approved it, not before."""
    home = Home(tmp_path / "home")
    home.bot("club", f"{FEED}{STARTER}")
    with acting(home, Actor("helper", "mcp")) as actions:
        queued = actions.post("club", OwnPost(("The pool opens at nine.",)), pending=True)
        assert (queued.draft.status, "helper proposed it by mcp" in queued.draft.reason) == (DraftStatus.PENDING, True)
    assert home("run", "--json").json["bots"][0]["draft"]["id"] != queued.draft.id
    with acting(home) as actions:
        actions.approve(queued.draft.id)
    home.next_slot()
    assert home("run", "--json").json["bots"][0]["draft"]["id"] == queued.draft.id


# -- byte for byte ---------------------------------------------------------------------------------------


def test_what_goes_out_is_byte_for_byte_what_was_approved(
    tmp_path: Path, x: XStandIn, pds: Pds, account: Account
) -> None:
    """On X, Bluesky, Mastodon and the feed: text, link, picture and alt text are those of the approved content."""
    with MastodonStandIn() as mastodon, serve() as site:
        keys = x_settings(x) | bluesky_settings(pds, account) | mastodon_settings(mastodon)
        program = picturing(
            tmp_path, site, "Three riders — on a wet bridge ☔", '"x", "bluesky", "mastodon", "feed"', **keys
        )
        bot = program.home.path / "data" / "bots" / "default.toml"
        bot.write_text(
            'approve = "always"\nhashtags = ["club"]\nlink_params = { from = "{platform}" }\n' + bot.read_text()
        )
        assert program("run").code == 0
        assert not (x.posts or mastodon.posts or pds.records(account) or program.home.feed_exists())
        with acting(program.home) as actions:
            promised = exact.contents(draft(actions, 1))
        assert promised.keys() == {"x", "bluesky", "mastodon", "feed"}
        assert program("drafts", "approve", "1").code == 0
        assert program("run").code == 0
        kept = program.home.rows("SELECT platform, text, attached FROM deliveries WHERE draft_id = 1")
        assert {name: [{"text": text, **json.loads(attached or "{}")}] for name, text, attached in kept} == promised
        texts = {name: content[0]["text"] for name, content in promised.items()}
        alt = promised["x"][0]["media"][0]["alt"]
        [tweet], [toot], [record] = x.posts.values(), mastodon.posts.values(), pds.records(account)
        sent = {"x": tweet.text, "mastodon": toot.text, "bluesky": record["value"]["text"]}
        assert sent == {name: texts[name] for name in sent}
        assert all(f"from={name}" in text for name, text in sent.items())
        alts = (tweet.media[0].alt, toot.media[0].alt, record["value"]["embed"]["images"][0]["alt"])
        assert alts == (alt, alt, alt) and "☔" in program.home.feed()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE parts SET text = text || '!' WHERE draft_id = 1",
        """UPDATE drafts SET links = '{"feed": "https://evil.example/"}' WHERE id = 1""",
        """UPDATE approvals SET platforms = '{"feed": "other"}' WHERE draft_id = 1""",
        """UPDATE drafts SET platforms = '["feed", "x"]' WHERE id = 1""",
    ],
)
def test_what_is_not_what_was_approved_does_not_go_out(home: Home, change: str) -> None:
    """A text, a link or a platform that came in by another way is set aside, and a person is told."""
    assert home("drafts", "approve", "1").code == 0
    with closing(sqlite3.connect(home.database)) as db, db:
        db.execute(change)
    done = home("run", "--json")
    assert (done.code, done.json["bots"][0]["outcome"]) == (1, "waiting_for_review"), done
    assert home.rows("SELECT status FROM drafts WHERE id = 1") == [("needs_attention",)]
    assert not home.rows("SELECT id FROM deliveries")


# -- a run meanwhile -------------------------------------------------------------------------------------


def run_while(home: Home, act: Callable[[Actions], object]) -> Report:
    """A run, in which a person acts between the choice of the post and its claim."""
    opened, done = app(home), list[object]()

    class Overtaken(Outbox):
        def publish(self, *words: object, **more: object) -> None:
            if not done:
                with acting(home, BERT) as actions:
                    done.append(act(actions))
            super().publish(*words, **more)  # type: ignore[arg-type]

    with opened.session.at_work(dry_run=False) as db:
        context = replace(opened.factory.run_context(db, opened.session.bot("club")), outbox=Overtaken)
        return run_bot(context)


@pytest.mark.parametrize(
    "act",
    [
        lambda actions: actions.skip(1),
        lambda actions: actions.edit(1, ["The pool opens at nine."]),
        lambda actions: actions.edit(1, ["The pool opens at nine."], approve=True),
        lambda actions: actions.move(1, at="in 3 hours"),
        lambda actions: actions.regenerate(1),
    ],
    ids=["skip", "edit", "edit and approve", "move", "regenerate"],
)
def test_what_a_person_decides_while_a_run_chose_holds(home: Home, act: Callable[[Actions], object]) -> None:
    """The run publishes what is approved by then, and nothing as it was before."""
    assert home("drafts", "approve", "1", "2").code == 0
    with acting(home) as actions:
        old = draft(actions, 1)
    report = run_while(home, act)
    assert report.outcome is Outcome.POSTED and report.draft
    assert report.draft.texts != old.texts
    assert len(home.rows("SELECT DISTINCT draft_id FROM deliveries")) == 1


def test_what_a_run_has_begun_is_no_longer_decided_on(home: Home) -> None:
    """An edit, a skip, an approval and a move come too late, and say so; a resume waits for the run's end."""
    assert home("drafts", "approve", "1").code == 0
    with acting(home) as actions:
        seen = draft(actions, 1)
        assert home("run").code == 0
        for refused in (
            lambda: actions.edit(1, ["Too late."]),
            lambda: actions.skip(1),
            lambda: actions.approve(1, seen=exact.content_hash(seen)),
            lambda: actions.move(1, first=True),
            lambda: actions.regenerate(1),
        ):
            with pytest.raises(UsageError, match="published"):
                refused()
        with locked(actions.app.settings.lock), closing(sqlite3.connect(home.database)) as db:
            with db:
                db.execute("UPDATE drafts SET status = 'failed' WHERE id = 2")
            with pytest.raises(LockHeld):
                actions.resume(2)


def test_of_two_who_decide_at_once_one_wins(home: Home) -> None:
    """Two people approve, skip and edit one draft: one decision stands, and who comes too late is told."""

    def decide(by: Actor, act: Callable[[Actions], str]) -> str:
        with acting(home, by) as actions:
            try:
                return act(actions)
            except UsageError as error:
                return f"refused: {error}"

    for number in (1, 2, 3, 4):
        with acting(home) as actions:
            seen = exact.content_hash(draft(actions, number))
        text = f"The pool opens at {number}."
        with ThreadPoolExecutor(3) as pool:
            tries = (
                pool.submit(decide, ANNA, lambda each, n=number, s=seen: each.approve(n, seen=s)),
                pool.submit(decide, BERT, lambda each, n=number, s=seen: each.skip(n, seen=s)),
                pool.submit(decide, BERT, lambda each, n=number, s=seen, t=text: each.edit(n, [t], seen=s)),
            )
            told = [each.result() for each in tries]
        with acting(home) as actions:
            after = draft(actions, number)
        won = [line for line in told if not line.startswith("refused")]
        assert won, told
        if after.status is DraftStatus.SKIPPED:
            assert any("skipped" in line for line in won)
        elif after.text == text:  # who edits what another just approved takes that back: the words are others
            assert ("changed" in won[-1], after.status) == (True, DraftStatus.PENDING), told
        else:
            assert (len(won), after.status) == (1, DraftStatus.APPROVED), told


# -- the others ------------------------------------------------------------------------------------------


def test_regenerating_makes_another_post_of_the_same_material(home: Home) -> None:
    """In the place of the old one, which is skipped."""
    notes = '[[note]]\nid = "a"\nlabel = "club"\ntext = "Our pool opens at nine."\nwordings = ["Doors open at nine."]\n'
    (home.path / "notes.toml").write_text(notes)
    table = '[[sources]]\nkind = "notes"\npath = "notes.toml"\n'
    home.bot("club", f'approve = "always"\n{FEED}{table}')
    home("run")
    [[old, item]] = home.rows("SELECT max(id), item_id FROM drafts WHERE status = 'pending'")
    done = home("drafts", "regenerate", str(old))
    [[new, same_item, text]] = home.rows(
        "SELECT d.id, d.item_id, p.text FROM drafts d JOIN parts p ON p.draft_id = d.id WHERE d.status = 'pending'"
    )
    assert (done.code, new > old, same_item) == (0, True, item)
    assert home.rows(f"SELECT text FROM parts WHERE draft_id = {old}") != [(text,)]
    assert home.rows(f"SELECT status FROM drafts WHERE id = {old}") == [("skipped",)]


def test_what_has_no_other_wording_stays_as_it_is(home: Home) -> None:
    """Who asks for another is told why there is none, and the draft goes on waiting."""
    (home.path / "notes.toml").write_text('[[note]]\nid = "a"\nlabel = "club"\ntext = "Our pool opens at nine."\n')
    home.bot("club", f'approve = "always"\n{FEED}[[sources]]\nkind = "notes"\npath = "notes.toml"\n')
    home("run")
    [[number]] = home.rows("SELECT max(id) FROM drafts WHERE status = 'pending'")
    done = home("drafts", "regenerate", str(number))
    assert (done.code, "nothing else came of its material" in done.err) == (1, True), done
    assert home.rows(f"SELECT status FROM drafts WHERE id = {number}") == [("pending",)]


def test_the_checks_of_unsaved_words_count_for_each_platform(home: Home) -> None:
    """Lengths and violations of what is being typed; nothing is saved."""
    with acting(home) as actions:
        before = draft(actions, 1)
        checked = actions.check(1, ["Short.", "x" * 40])
        assert checked.lengths == {"feed": [(6, None), (40, None)]}
        assert not checked.violations or all(violation.message for violation in checked.violations)
        assert draft(actions, 1) == before


def test_alt_texts_are_edited_with_their_pictures(tmp_path: Path) -> None:
    """The picture stays, its words change, and another number of them is refused."""
    home = Home(tmp_path / "home")
    home.bot("club", f"{FEED}{STARTER}")
    (home.path / "a.jpg").write_bytes(photo())
    assert home("post", "The flag is out.", "--image", str(home.path / "a.jpg"), "--alt", "A flag.").code == 0
    with acting(home) as actions:
        [media] = draft(actions, 1).parts[0].media
        actions.edit(1, ["The flag is out."], alts=[["A red flag."]])
        [after] = draft(actions, 1).parts[0].media
        assert (after.digest, after.alt) == (media.digest, "A red flag.")
        with pytest.raises(UsageError, match="alt texts"):
            actions.edit(1, ["The flag is out."], alts=[[]])
        [edit] = edits.of_draft(actions.db, 1)
        assert (edit.before[0].media[0].alt, edit.after[0].media[0].alt) == ("A flag.", "A red flag.")
