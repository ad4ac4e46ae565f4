"""The index of one bot over a real database, with a ten-line embedder: kept in step, taken up again after a kill,
answering what writing asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.fakes import START
from tests.fresh import new_database
from tests.retrieval.fake import FakeEmbedder
from twitter_manager.content import plain
from twitter_manager.domain import Item
from twitter_manager.errors import GeneratorError
from twitter_manager.retrieval.embedder import Embedded
from twitter_manager.retrieval.indexing import BATCH, Counts
from twitter_manager.retrieval.retrieval import Retrieval
from twitter_manager.store import drafts, items
from twitter_manager.store.database import Database, connect, to_text
from twitter_manager.store.schema import MIGRATIONS, migrate

CACHE = "The cache keeps answers on the disk for a day and never grows beyond fifty megabytes."
CACHE_2 = "Answers stay in the cache on the disk for a day, and the cache grows to fifty megabytes at most."
GIT = "Git keeps the tip of a deleted branch in its reflog for ninety days before it prunes it."
TREE = "An oak drops its acorns in autumn, and jays bury thousands of them across the forest."
LONG = " ".join(f"Sentence {number} of this long text speaks about subject {number} alone." for number in range(60))


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with closing(new_database(tmp_path / "twitter.db")) as made:
        yield made


def put(db: Database, *found: Item, bot: str = "b", complete: bool = True) -> None:
    with db.transaction():
        items.refresh(db, bot, "docs", found, START, complete=complete)


def doc(key: str, text: str, **more: object) -> Item:
    return replace(Item("docs", key, text, title=f"About {key}", kind="document"), **more)  # type: ignore[arg-type]


def post(db: Database, text: str, bot: str = "b") -> int:
    with db.transaction():
        new = drafts.NewDraft(bot, "person", plain(text.split("|")), ("feed",), timedelta(hours=9))
        return drafts.add(db, new, START)


def update(made: Retrieval, time_left: Callable[[], float] = lambda: 900.0) -> Counts:
    return made.update(lambda line: None, time_left)


def numbers(db: Database, sql: str = "SELECT count(*) FROM passages") -> int:
    return int(db.value(sql))


def test_what_is_new_is_indexed_once(db: Database) -> None:
    """A first update indexes all; a second finds nothing to do and asks nobody."""
    put(db, doc("cache", CACHE), doc("git", GIT), doc("long", LONG))
    embedder = FakeEmbedder()
    made = Retrieval(db, "b", embedder)
    first = update(made)
    assert (first.items, first.left) == (3, 0)
    assert first.passages == numbers(db) > 8
    assert update(made) == Counts()
    assert len(embedder.asked) == 1


def test_a_changed_item_is_indexed_again_and_a_retired_one_goes(db: Database) -> None:
    """Only the changed one is embedded anew; the vanished one's passages are dropped, and come back with it."""
    put(db, doc("cache", CACHE), doc("git", GIT), doc("tree", TREE))
    embedder = FakeEmbedder()
    made = Retrieval(db, "b", embedder)
    update(made)
    kept = db.rows("SELECT id, vector FROM passages WHERE text = ?", GIT)
    put(db, doc("cache", CACHE_2), doc("git", GIT))
    assert update(made) == Counts(items=1, passages=1)
    assert embedder.asked[1:] == [[f"About cache\n{CACHE_2}"]]
    assert db.rows("SELECT id, vector FROM passages WHERE text = ?", GIT) == kept
    assert numbers(db) == 2
    put(db, doc("cache", CACHE_2), doc("git", GIT), doc("tree", TREE))
    assert update(made).items == 1


def test_notes_and_other_bots_are_left_alone(db: Database) -> None:
    """A bot of notes alone asks no embedder, not even for its posts; each bot indexes its own."""
    put(db, Item("docs", "n", GIT), bot="b")
    put(db, doc("cache", CACHE), bot="other")
    post(db, GIT)
    embedder = FakeEmbedder()
    assert update(Retrieval(db, "b", embedder)) == Counts()
    assert Retrieval(db, "b", embedder).likeness(Item("docs", "n", GIT)) == 0.0
    assert embedder.asked == []


def test_another_model_indexes_everything_anew(db: Database) -> None:
    """Vectors of two models never meet: under a new name all is embedded again, and the old vectors are gone."""
    put(db, doc("cache", CACHE), doc("git", GIT))
    post(db, CACHE)
    update(Retrieval(db, "b", FakeEmbedder()))
    second = Retrieval(db, "b", FakeEmbedder(model="fake 2", size=64))
    assert second.likeness(doc("cache", CACHE)) == 0.0
    assert update(second) == Counts(items=2, passages=2, posts=1)
    assert {row["model"] for row in db.rows("SELECT model FROM passages UNION SELECT model FROM post_vectors")} == {
        "fake 2"
    }
    assert second.likeness(doc("cache", CACHE)) > 0.9


def test_a_model_that_changed_behind_its_name(db: Database) -> None:
    """A service that gives vectors of another size under the same name: the old ones go, and are made again."""
    put(db, doc("cache", CACHE), doc("git", GIT))
    update(Retrieval(db, "b", FakeEmbedder(size=256)))
    put(db, doc("cache", CACHE), doc("git", GIT), doc("tree", TREE))
    made = Retrieval(db, "b", FakeEmbedder(size=32))
    update(made)
    update(made)
    assert {row["dimensions"] for row in db.rows("SELECT dimensions FROM passages")} == {32}
    assert numbers(db) == 3


@pytest.mark.parametrize("error", [KeyboardInterrupt(), GeneratorError("gone")])
def test_an_update_that_breaks_off_is_taken_up_again(db: Database, error: BaseException) -> None:
    """Whatever ends it, the batches before are kept; the next update embeds the rest, and no passage twice."""
    many = [doc(f"d{number}", f"{GIT} Number {number}.") for number in range(3 * BATCH)]
    put(db, *many)
    broken = FakeEmbedder(fail_at=2, error=error)
    with pytest.raises(type(error)):
        update(Retrieval(db, "b", broken))
    assert numbers(db) == 2 * BATCH
    assert "Number 383." in broken.asked[0][0], "the newest come first"
    whole = FakeEmbedder()
    assert update(Retrieval(db, "b", whole)) == Counts(items=BATCH, passages=BATCH)
    before = {text for batch in broken.asked[:2] for text in batch}
    assert not before & {text for batch in whole.asked for text in batch}
    assert numbers(db, "SELECT count(DISTINCT item_id) FROM passages") == len(many)


def test_time_runs_out(db: Database) -> None:
    """An update ends in time, says what is left, and the next one goes on."""
    put(db, *[doc(f"d{number}", f"{GIT} Number {number}.") for number in range(2 * BATCH)])
    left = iter([100.0, 0.0])
    made = Retrieval(db, "b", FakeEmbedder())
    assert update(made, lambda: next(left)) == Counts(items=BATCH, passages=BATCH, left=BATCH)
    assert update(made, lambda: 3.0) == Counts(left=BATCH), "too little to load a model"
    assert update(made).left == 0


def test_what_costs_is_told_and_asked_for(db: Database) -> None:
    """A paid embedder is asked only while it may cost; each batch tells its cost with the vectors it is for."""
    put(db, *[doc(f"d{number}", f"{GIT} Number {number}.") for number in range(3 * BATCH)])
    spent: list[tuple[float | None, int]] = []

    def paid(embedded: Embedded, texts: int) -> None:
        spent.append((embedded.cost_usd, texts))

    made = Retrieval(db, "b", FakeEmbedder(free=False))
    done = made.update(lambda line: None, lambda: 900.0, paid, may_ask=lambda: len(spent) < 2)
    assert spent == [(0.25, BATCH)] * 2
    assert (done.items, done.left) == (2 * BATCH, BATCH)

    def refusing(embedded: Embedded, texts: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        made.update(lambda line: None, lambda: 900.0, refusing)
    assert numbers(db) == 2 * BATCH, "no vectors without their cost"


def test_related_material(db: Database) -> None:
    """An item's background is what other items say on its subject, not what is about something else, nor itself
    again, nor retired."""
    put(
        db,
        doc("cache", CACHE),
        doc("cache2", CACHE_2, postable=False),
        doc("copy", CACHE),
        doc("git", GIT),
        doc("tree", TREE),
    )
    made = Retrieval(db, "b", FakeEmbedder())
    update(made)
    (number,) = [one for one, item in items.available(db, "b") if item.key == "cache"]
    assert made.related([number], 3) == (f"About cache2\n{CACHE_2}",)
    assert made.related([number], 0) == ()
    assert made.related([999], 3) == ()
    put(db, doc("cache", CACHE))
    update(made)
    assert made.related([number], 3) == ()


def test_the_nearest_posts(db: Database) -> None:
    """The posts that say the same are found among others, a thread as one; what came to nothing is not among them."""
    put(db, doc("cache", CACHE), doc("tree", TREE))
    post(db, f"{CACHE_2}|And that is all.")
    post(db, GIT)
    dead = post(db, f"{CACHE_2} Indeed.")
    post(db, CACHE, bot="other")
    made = Retrieval(db, "b", FakeEmbedder())
    update(made)
    (number,) = [one for one, item in items.available(db, "b") if item.key == "cache"]
    with db.transaction():
        db.update("UPDATE drafts SET status = 'skipped' WHERE id = ?", dead)
    assert made.near_posts([number], 5) == (f"{CACHE_2}\nAnd that is all.",)
    assert made.likeness(doc("cache", CACHE)) > 0.5 > made.likeness(doc("tree", TREE))
    assert made.likeness(doc("unknown", CACHE)) == 0.0


def test_without_vectors_nothing_is_near(db: Database) -> None:
    """Before the first update, and for an item without a word, the answers are empty, and nothing fails."""
    put(db, doc("cache", CACHE), doc("blank", "\u200b", title=""))
    post(db, CACHE)
    made = Retrieval(db, "b", FakeEmbedder())
    assert made.related([1], 3) == ()
    assert made.near_posts([1], 3) == ()
    assert update(made).items == 2
    assert made.related([2], 3) == ()
    assert made.likeness(doc("blank", "\u200b", title="")) == 0.0
    assert update(made) == Counts(), "an item without passages is indexed too"


def test_an_old_database_is_indexed_after_the_upgrade(tmp_path: Path) -> None:
    """Material of a database from before the index is kept by the migration and indexed by the next update."""
    with closing(connect(tmp_path / "twitter.db")) as db:
        migrate(db, START, None, MIGRATIONS[:6])
        old = {"bot": "b", "source": "docs", "key": "cache", "text": CACHE, "title": "About cache", "kind": "document"}
        old |= {"url": "", "label": "", "wordings": "[]", "content_hash": "x"}
        old |= {"first_seen_at": to_text(START), "changed_at": to_text(START)}
        with db.transaction():
            db.insert("items", **old)
        migrate(db, START, tmp_path / "backups")
        made = Retrieval(db, "b", FakeEmbedder())
        assert update(made) == Counts(items=1, passages=1)
        assert [text for (text,) in db.rows("SELECT text FROM passages")] == [CACHE]
