"""The same text never on two bots: X forbids it, and a person's own posts count. And `check` shows every rule."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.fakes import START
from tests.fresh import new_database
from tests.home import Home, mastodon_settings
from tests.standins.mastodon import OTHER, TOKEN, MastodonStandIn
from twitter_manager.checks import RULES, CheckContext, check_draft
from twitter_manager.content import normalised_hash, plain
from twitter_manager.domain import Receipt
from twitter_manager.errors import TextKnown
from twitter_manager.social import Heard, Kind, SeenPost
from twitter_manager.store import comments, drafts
from twitter_manager.store.database import Database, connect
from twitter_manager.store.schema import MIGRATIONS, migrate

NOTES = """
[[note]]
id = "one"
label = "Tea"
text = "Green tea turns bitter when the water is too hot."

[[note]]
id = "two"
label = "Tea"
text = "A teapot keeps its warmth longer under a cosy."
"""


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with closing(new_database(tmp_path / "d.db")) as made:
        yield made


def new(bot: str, *parts: str, origin: str = "generator") -> drafts.NewDraft:
    return drafts.NewDraft(bot, origin, plain(parts), ("feed",), timedelta(hours=1))


@pytest.mark.parametrize("origin", ["generator", "person"])
def test_what_one_bot_said_is_known_to_all(db: Database, origin: str) -> None:
    """Whoever wrote the first, a second bot can't save the same words in other clothes."""
    with db.transaction():
        drafts.add(db, new("a", "Green tea turns bitter.", origin=origin), START)
    assert drafts.text_known(db, normalised_hash(["GREEN tea turns — bitter!"]))
    with pytest.raises(TextKnown), db.transaction():
        drafts.add(db, new("b", "Green tea turns bitter"), START)


def test_a_text_is_known_with_its_link_too(db: Database) -> None:
    """A post that ended with its link in its own words (read back, or of an older program) is not made a second time
    by a draft whose link goes along."""
    link = "https://example.org/1"
    with db.transaction():
        drafts.add(db, new("a", f"Green tea turns bitter.\n{link}", origin="person"), START)
    texts = ("Green tea turns bitter.",)
    again = replace(new("a", *texts), links={"feed": link})
    with pytest.raises(TextKnown), db.transaction():
        drafts.add(db, again, START)
    context = CheckContext(used_hashes=lambda digest: drafts.text_known(db, digest), material=texts)
    assert "duplicate" not in {one.rule for one in check_draft(texts, context)}
    assert "duplicate" in {one.rule for one in check_draft(texts, replace(context, links=again.links))}
    with db.transaction():
        drafts.add(db, replace(again, links={"feed": "https://example.org/2"}), START)


def test_texts_of_others(db: Database) -> None:
    """The other bots' newest, without the bot's own and without what was given up; answers are said to one person."""

    def texts_of_others(bot: str, limit: int) -> list[str]:
        return [draft.text for draft in drafts.of_others(db, bot, limit)]

    with db.transaction():
        drafts.add(db, new("a", "One."), START)
        drafts.add(db, new("b", "Two."), START)
        given_up = drafts.add(db, new("b", "Three."), START)
        drafts.add(db, new("c", "Four.", "Five."), START)
        db.update("UPDATE drafts SET status = 'skipped' WHERE id = ?", given_up)
        said = SeenPost(Receipt("1", "https://a.example/1"), "ann", "7", "Ann", "Why?", START)
        comment = comments.add(db, comments.Whose("c", "mastodon", "me"), Heard(Kind.MENTION, said), START)
        drafts.add(db, replace(new("c", "Because."), comment_id=comment), START)
    assert texts_of_others("a", 10) == ["Four.\nFive.", "Two."]
    assert texts_of_others("a", 1) == ["Four.\nFive."]
    assert texts_of_others("b", 10) == ["Four.\nFive.", "One."]


CLUB = "On Saturday at ten we clear the towpath between the lock and the old mill."
AGAIN = "Between the lock and the old mill we clear the towpath on Saturday at ten!"


@pytest.fixture
def two_accounts(tmp_path: Path) -> Iterator[tuple[Home, MastodonStandIn]]:
    """One person with two bots, each with an account of its own on one server."""
    with MastodonStandIn() as server:
        home = Home(tmp_path / "home")
        for name, token in (("club", TOKEN), ("town", OTHER)):
            home.bot(
                name,
                'platforms = ["mastodon", "feed"]\n',
                **mastodon_settings(server) | {"MASTODON_ACCESS_TOKEN": token},
            )
        yield home, server


@pytest.mark.parametrize("words", [CLUB, AGAIN])
def test_a_person_says_nearly_the_same_on_one_of_their_accounts_only(
    two_accounts: tuple[Home, MastodonStandIn], words: str
) -> None:
    """Refused in one line that names the other post and the ways out, in a file of posts and for an edit too; not on
    another platform, and not on all platforms of one bot."""
    home, server = two_accounts
    assert home("post", CLUB, "--bot", "club", "--now").code == 0
    for _ in range(26):
        home.next_slot()
    refused = home("post", words, "--bot", "town")
    assert (refused.code, refused.err.count("\n")) == (1, 1), refused
    assert "Draft 1 of the bot club says nearly the same on Mastodon: “On Saturday at ten" in refused.err
    assert "or only elsewhere: --platform feed" in refused.err
    file = home.path / "posts.csv"
    file.write_text(f"text\n{words}\n")
    assert "the bot club says nearly the same" in home("post", "--file", str(file), "--bot", "town").err
    assert home("post", "We meet on Sunday in the hall.", "--bot", "town", "--platform", "mastodon").code == 0
    [(waiting,)] = home.rows("SELECT id FROM drafts WHERE bot = 'town'")
    edited = home("drafts", "edit", str(waiting), "--text", words)
    assert edited.code == 1
    assert "the bot club says nearly the same" in edited.err
    if words == AGAIN:
        assert home("post", words, "--bot", "town", "--platform", "feed").code == 0
        assert home("post", f"{words} Come!", "--bot", "club").code == 0, "one's own account is one's own to repeat"
    assert server.texts() == [CLUB]


def test_what_was_taken_down_may_be_said_on_another_account(two_accounts: tuple[Home, MastodonStandIn]) -> None:
    """It stands nowhere any more."""
    home, _ = two_accounts
    assert home("post", CLUB, "--bot", "club", "--platform", "mastodon", "--now").code == 0
    assert home("post", AGAIN, "--bot", "town").code == 1
    assert home("delete", "1", "--yes").code == 0
    assert home("post", AGAIN, "--bot", "town").code == 0


def test_no_bot_writes_nearly_what_another_said(home: Home) -> None:
    """Two bots, each with its own note, which differ in the order of their clauses: one post is made, not two."""
    for name, text in (("a", CLUB), ("b", AGAIN)):
        (home.path / f"{name}.toml").write_text(f'[[note]]\nid = "{name}"\nlabel = "Club"\ntext = "{text}"\n')
        source = f'[[sources]]\nkind = "notes"\npath = "{name}.toml"\n'
        home.bot(name, f'platforms = ["feed"]\npool = 1\n{source}')
    home("run")
    assert home.rows("SELECT count(*) FROM drafts WHERE status NOT IN ('skipped', 'failed')") == [(1,)]


def test_an_old_database_knows_its_texts_after_the_upgrade(tmp_path: Path) -> None:
    """The step that made the index one for all bots loses nothing, and the index serves the question."""
    with closing(connect(tmp_path / "old.db")) as db:
        migrate(db, START, None, MIGRATIONS[:4])
        with db.transaction():
            db.update(
                "INSERT INTO drafts (bot, origin, status, topic, format, platforms, language, text_hash, approved_hash,"
                " normalised_hash, choice, created_at, expires_at)"
                " VALUES ('a', 'person', 'posted', '', '', '[]', 'en', 'h', 'h', ?, '{}', '2026', '2027')",
                normalised_hash(["Old words."]),
            )
        migrate(db, START, None)
        assert drafts.text_known(db, normalised_hash(["old words"]))
        plan = db.rows("EXPLAIN QUERY PLAN SELECT 1 FROM drafts WHERE normalised_hash = 'x' AND id <> 0")
        assert "drafts_by_hash" in str([tuple(row) for row in plan])


def test_two_bots_share_their_notes_and_never_a_post(home: Home) -> None:
    """With two notes and three bots, the third has nothing left to say, and a person can't say it again either."""
    (home.path / "notes.toml").write_text(NOTES)
    for name in ("a", "b", "c"):
        home.bot(name, 'platforms = ["feed"]\npool = 1\n[[sources]]\nkind = "notes"\npath = "notes.toml"\n')
    done = home("run", "--json")
    texts = [text for (text,) in home.rows("SELECT p.text FROM parts p JOIN drafts d ON d.id = p.draft_id")]
    assert len(texts) == len({*texts}) == 2, done
    again = home("post", texts[0], "--bot", "c")
    assert again.code != 0
    assert "same words" in again.err


def test_check_lists_every_rule(home: Home) -> None:
    """Name, why, whose texts, and the value of each setting, as a table and as JSON; no text is read."""
    home.bot("default", 'blocked_terms = ["spam"]\nlinks = []\nallowed_personal = ["hello@club.org"]\n')
    rules = {one["name"]: one for one in home("check", "--rules", "--json").json["rules"]}
    assert [*rules] == [rule.name for rule in RULES]
    assert rules["blocked_terms"]["settings"] == {"blocked_terms": ["spam"]}
    assert rules["links"]["settings"] == {"links": [], "max_links": 1}
    assert rules["personal"]["settings"] == {"allowed_personal": ["hello@club.org"]}
    assert all(one["why"] and one["applies_to"] for one in rules.values())
    table = home("check", "--rules").out
    assert 'blocked_terms = ["spam"]' in table
    assert all(rule.name in table and rule.why in table for rule in RULES)


def test_check_against_material(home: Home, tmp_path: Path) -> None:
    """A text is held against a file as a model's would be; a file that can't be read is named in one line."""
    source = tmp_path / "m.txt"
    source.write_text("The shop never opens on Sundays. It sells tea.")
    good = home("check", "--material", str(source), "--json", stdin="On Sundays the shop never opens.")
    bad = home("check", "--material", str(source), "--json", stdin="On Mondays the shop opens.")
    assert (good.code, bad.code) == (0, 1)
    assert [one["rule"] for one in bad.json["violations"]] == ["grounding"]
    missing = home("check", "--material", str(tmp_path / "nowhere"), stdin="x")
    assert (missing.code, missing.err.count("\n")) == (2, 1)


def test_a_text_is_checked_by_the_named_bots_rules(home: Home) -> None:
    """With several bots one must be named: each has rules of its own."""
    home.bot("strict", 'blocked_terms = ["shop"]\n')
    home.bot("mild")
    for words in (["check"], ["check", "--rules"]):
        done = home(*words, stdin="The shop is open.")
        assert done.code == 2 and done.err.strip() == "twitter_manager: Say which bot, with --bot. Bots: mild, strict."
    assert home("check", "--bot", "mild", stdin="The shop is open.").code == 0
    assert home("check", "--bot", "strict", stdin="The shop is open.").code == 1
    rules = home("check", "--rules", "--json", "--bot", "strict").json["rules"]
    assert ["shop"] in [rule["settings"].get("blocked_terms") for rule in rules]
