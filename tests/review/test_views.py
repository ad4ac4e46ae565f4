"""What the console's pages say: groups, places and moments of the queue, and all that a draft stands on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.home import Home
from tests.review import filled
from twitter_manager import invisible
from twitter_manager.content import Card, Part
from twitter_manager.domain import Actor, Generation
from twitter_manager.platforms import SPECS, exact
from twitter_manager.review.actions import Actions
from twitter_manager.review.console.views.draft import DraftView, changes, view
from twitter_manager.review.console.views.queue import Queue, of_group, overview
from twitter_manager.review.console.views.shown import ShownPart, Words, shown, words_of
from twitter_manager.store import drafts, generations
from twitter_manager.store.database import Database
from twitter_manager.store.dialect import Row, Value
from twitter_manager.store.listing import Group


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return filled.set_up(Home(tmp_path / "home"))


@contextmanager
def acting(home: Home) -> Iterator[Actions]:
    with filled.opened(home) as (app, db):
        yield Actions(app, db, Actor("anna", "console"))


def look(home: Home, number: int) -> DraftView:
    with filled.opened(home) as (app, db):
        draft = drafts.get(db, number)
        assert draft is not None
        return view(db, draft, app.session.bot(draft.bot), app.clock())


def listed(home: Home, group: Group | None = None, page: int = 1) -> Queue:
    with filled.opened(home) as (app, db):
        bots, now = app.settings.bots, app.clock()
        return of_group(db, bots, now, group, page) if group else overview(db, bots, now)


# -- the queue ---------------------------------------------------------------------------------------


def test_the_queue_has_each_draft_once_in_its_group(home: Home) -> None:
    """What waits for a person comes first; a person's own post comes before the bot's; each says when it goes out, or
    until when it waits."""
    names = filled.everything(home)
    sections = {section.group: section for section in listed(home).sections}
    assert list(sections) == [Group.PENDING, Group.ATTENTION, Group.DATED, Group.QUEUED]
    found = {group: [entry.id for entry in section.entries] for group, section in sections.items()}
    assert found[Group.PENDING] == [names["judged"], names["pictured"], names["thread"]]
    assert found[Group.ATTENTION] == [names["doubted"], names["failed"]] and found[Group.DATED] == [names["dated"]]
    assert found[Group.QUEUED] == [names["own"], names["queued"]]
    first, second = sections[Group.QUEUED].entries
    assert (first.place, second.place) == (1, 2)
    assert first.moment == "goes out in the next run" and second.moment.startswith("goes out ")
    waiting = sections[Group.PENDING].entries[0]
    assert waiting.moment.startswith("expires ") and waiting.can_approve and waiting.can_skip
    assert not first.can_approve and first.can_skip
    assert sections[Group.PENDING].entries[2].parts == 3


def test_lengths_are_those_of_the_longest_part_with_its_link(home: Home) -> None:
    """As each platform counts what it gets, the address that goes along included."""
    filled.add(home, "Short.", "The second part is the longer one.", links={"mastodon": "https://library.org/a"})
    [entry] = listed(home).sections[0].entries
    counted = {length.title: length.counted for length in entry.lengths}
    assert counted["X"] == len("The second part is the longer one.")
    assert counted["Mastodon"] == len("The second part is the longer one.\n") + 23


class CountingRows(Database):
    """Counts what is read."""

    read = 0

    def rows(self, sql: str, *parameters: Value) -> list[Row]:
        rows = super().rows(sql, *parameters)
        self.read += len(rows)
        return rows


@pytest.mark.parametrize("status", ["pending", "approved", "dated", "needs_attention"])
def test_ten_thousand_drafts_are_not_read_for_a_page(home: Home, status: str) -> None:
    """The first page, the last one, the beginning of all groups and the page of a draft read some hundred rows, however
    many drafts wait and whatever for. (`make bench` tells how long that takes.)"""
    filled.many(home, 10_000, status)
    group = {"pending": Group.PENDING, "approved": Group.QUEUED, "dated": Group.DATED}.get(status, Group.ATTENTION)
    with filled.opened(home) as (app, db):
        bots, now = app.settings.bots, app.clock()
        for page in (0, 1, 400):
            counting = CountingRows(db._connection, db.name)
            shown = of_group(counting, bots, now, group, page) if page else overview(counting, bots, now)
            [section] = [section for section in shown.sections if section.group is group]
            assert shown.totals[group] >= 10_000 and section.entries
            assert counting.read < 1_000, (status, page)
        for number in (1, 9_999):
            counting, draft = CountingRows(db._connection, db.name), drafts.get(db, number)
            assert draft is not None and view(counting, draft, bots[0], now).id == number
            assert counting.read < 1_000, (status, number)


def test_pages_join_to_the_whole_and_one_too_far_is_the_last(home: Home) -> None:
    """Nothing is left out between two pages, nothing stands on both; places go on counting."""
    filled.many(home, 59, "approved")
    pages = [listed(home, Group.QUEUED, page) for page in (1, 2, 3, 99)]
    assert [(page.page, page.pages) for page in pages] == [(1, 3), (2, 3), (3, 3), (3, 3)]
    places = [entry.place for page in pages[:3] for entry in page.sections[0].entries]
    assert places == list(range(1, 61))
    numbers = [entry.id for page in pages[:3] for entry in page.sections[0].entries]
    assert len(set(numbers)) == 60


def test_two_bots_have_queues_of_their_own_on_one_page(home: Home) -> None:
    """A page that ends one bot's queue goes on with the next one's, whose places begin anew."""
    filled.many(home, 29, "approved")
    with filled.opened(home) as (_, db), db.transaction():
        db.update("UPDATE drafts SET bot = 'second' WHERE id > 20")
    home.bot("second", f'{filled.BOT}platforms = ["feed"]\n')
    first, second = listed(home, Group.QUEUED, 1), listed(home, Group.QUEUED, 2)
    got = [(entry.bot, entry.place) for page in (first, second) for entry in page.sections[0].entries]
    assert got == [("library", n) for n in range(1, 21)] + [("second", n) for n in range(1, 11)]


# -- as it goes out ------------------------------------------------------------------------------------


def _json(part: ShownPart) -> dict[str, object]:
    media = [picture.digest for picture in part.media]
    card = (part.card.title, part.card.description, part.card.url) if part.card else None
    return {"text": "".join(words.text for words in part.words), "media": media, "card": card}


def test_a_draft_is_shown_exactly_as_each_platform_gets_it(home: Home) -> None:
    """Text, pictures and card are those of `exact.contents`, platform by platform; those that get the same stand
    together."""
    number = filled.pictured(home)
    with filled.opened(home) as (_, db):
        draft = drafts.get(db, number)
    assert draft is not None
    seen = {title: group for group in shown(draft, {}) for title in group.titles}
    for name, content in exact.contents(draft).items():
        title = {"x": "X", "mastodon": "Mastodon", "feed": "Feed"}[name]
        wanted = [
            {
                "text": part["text"],
                "media": [picture["digest"] for picture in part.get("media", ())],
                "card": tuple(part["card"].get(key, "") for key in ("title", "description", "url"))
                if "card" in part
                else None,
            }
            for part in content
        ]
        assert [_json(part) for part in seen[title].parts] == wanted
    assert set(seen) == {"X", "Mastodon", "Feed"} and SPECS["x"].title == "X"


def test_the_queue_names_a_card_only_where_a_platform_gets_it(home: Home) -> None:
    """Beside a picture the feed shows none, and X makes its own."""
    filled.pictured(home)
    filled.add(
        home, Part("See the rules.", (), Card("https://library.org/rules", "House rules")), platforms=["bluesky"]
    )
    pictured, plain = listed(home).sections[0].entries
    assert (pictured.card, plain.card) == ("", "House rules")


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "//evil.example", "https://" + "a" * 3000, "ftp://x.example"]
)
def test_only_web_addresses_can_be_followed(home: Home, url: str) -> None:
    """Neither a card nor a text gives a link to anything else."""
    number = filled.add(home, Part(f"See {url} now", (), Card(url, "t")), platforms=("feed",))
    [feed] = look(home, number).shown
    [part] = feed.parts
    assert part.card is None or part.card.url == ""
    assert not any(words.is_address for words in part.words)


# -- what it stands on ---------------------------------------------------------------------------------


def test_the_words_that_support_each_claim_are_marked(home: Home) -> None:
    """The judge's quotations stand in the material where the program found them, with the claims' numbers."""
    material = look(home, filled.judged(home)).material
    assert material is not None and material.is_judged
    marked = [(piece.text, piece.claims) for piece in material.pieces if piece.claims]
    assert marked == [
        ("The reading room opens at 10 o'clock", (1,)),
        ("Guide dogs are allowed", (2,)),
        ("in the reading room too", (2,)),
    ]
    assert [(claim.verdict, claim.is_borne) for claim in material.claims] == [
        ("supported", True),
        ("supported", True),
        ("no claim", False),
    ]
    assert "".join(piece.text for piece in material.pieces).endswith("in the reading room too.")


def test_a_quotation_that_the_material_has_no_more_is_told(home: Home) -> None:
    """The source changed since: nothing is marked, and the claim says so."""
    number = filled.judged(home)
    with filled.opened(home) as (_, db), db.transaction():
        db.update("UPDATE items SET text = 'The reading room is closed for good.'")
    material = look(home, number).material
    assert material is not None and not any(piece.claims for piece in material.pieces)
    assert material.claims[0].verdict == "supported, says the judge, but the material has no such words now"


def test_what_is_true_by_construction_shows_the_sentences_it_comes_from(home: Home) -> None:
    """Nobody judged it: each of its sentences is marked where its words stand in the material."""
    number = filled.add(home, "Guide dogs are allowed. Nobody knows the weather tomorrow.", item=True)
    material = look(home, number).material
    assert material is not None and not material.is_judged
    [marked] = [piece for piece in material.pieces if piece.claims]
    assert marked.text.startswith("Guide dogs are allowed") and marked.claims == (1,)
    assert [claim.is_borne for claim in material.claims] == [True, False]


def test_a_judge_that_gives_numbers_is_shown_with_them(home: Home) -> None:
    """Sentence by sentence, as `nli` keeps them; what is no answer is told as such."""
    number = filled.add(home, "Guide dogs are allowed.", item=True)
    raw = '[{"sentence": "Guide dogs are allowed.", "entailed": 0.97, "against": 0.01}]'
    with filled.opened(home) as (app, db), db.transaction():
        for answer in (raw, "I think so."):
            judge = Generation("judge nli", "model", raw=answer)
            generations.add(db, judge, [], "judged", app.clock(), run_id=None, draft_id=number)
    newest, older = look(home, number).judgements
    assert older.scores == (("Guide dogs are allowed.", 0.97, 0.01),) and not older.unusable
    assert newest.unusable == "it is not the JSON object that was asked for"


def test_candidates_come_best_first_with_what_was_against_them(home: Home) -> None:
    """The one that was taken, then the sound ones, then the refused, each with its reasons once."""
    candidates = look(home, filled.judged(home)).candidates
    assert [candidate.verdict for candidate in candidates] == ["taken", "sound", "refused"]
    assert candidates[0].is_chosen and candidates[2].against == (
        "The material says otherwise than “Dogs are welcome in the hall!”",
    )


# -- edits and history ---------------------------------------------------------------------------------


def test_an_edit_is_shown_word_by_word_with_who_made_it(home: Home) -> None:
    """What went and what came, and whether an alt text was changed."""
    number = filled.pictured(home, alt="Red")
    with acting(home) as actions:
        words = "The new wing is closed. https://library.example/rules"
        actions.edit(number, [words], alts=[["Red and blue"]])
    [edit] = look(home, number).edits
    assert edit.by == "anna, by console" and edit.alts == (("Red", "Red and blue"),)
    kinds = [(change.kind, change.text) for change in edit.parts[0] if change.kind != "same"]
    assert kinds == [("gone", "open."), ("new", "closed.")]


def test_what_hides_in_a_text_is_shown() -> None:
    """Characters that turn a text round or that nobody sees get a name; those that emoji and scripts need stay."""
    told = [(words.text, words.is_unseen) for words in words_of("Pay \u202eevil\u200b https://a.example/x now")]
    assert told[:4] == [("Pay ", False), ("U+202E", True), ("evil", False), ("U+200B", True)]
    assert Words("https://a.example/x", True) in words_of("Pay \u202eevil\u200b https://a.example/x now")
    family = "\N{WOMAN}\u200d\N{GIRL} می\u200cخواهم"
    assert words_of(family) == (Words(family),)


@given(st.text(max_size=200))
def test_nothing_of_a_text_is_left_out(text: str) -> None:
    """What is seen of it stands there as it is, whatever it is."""
    seen = "".join(words.text for words in words_of(text) if not words.is_unseen)
    assert seen == invisible.remove(text)


@given(st.text(max_size=80), st.text(max_size=80))
def test_changes_join_to_both_texts(before: str, after: str) -> None:
    """Whatever the texts are: what stayed and went is the one, what stayed and came is the other."""
    found = list(changes(before, after))
    assert "".join(change.text for change in found if change.kind != "new") == before
    assert "".join(change.text for change in found if change.kind != "gone") == after


def test_what_happened_is_told_in_plain_words(home: Home) -> None:
    """Each step with who took it and when, on the bot's clock; nothing of how it is stored."""
    number = filled.add(home, "Books may be kept for four weeks.", reason="the first posts wait for you")
    with acting(home) as actions:
        actions.approve(number)
        actions.move(number, first=True)
        actions.move(number, at="in 5 hours")
        actions.skip(number)
    told = [(line.what, line.who) for line in look(home, number).history]
    me = "anna, by console"
    assert told == [
        ("Made", ""),
        ("Waits for approval", ""),
        ("Approved", me),
        ("Moved", me),
        ("Moved", me),
        ("Skipped", me),
    ]
    history = look(home, number).history
    assert history[1].why == "the first posts wait for you" and history[2].why == ""
    assert history[3].why == "to the front of the queue" and "T" not in history[4].why.removeprefix("to T")
    assert all(line.at.endswith(("CET", "CEST")) for line in history)


def test_a_draft_says_what_may_be_done_with_it(home: Home) -> None:
    """What is over can't be changed; what waits can be approved, what is approved can be moved."""
    number = filled.judged(home)
    assert look(home, number).may.approve and not look(home, number).may.queue
    with acting(home) as actions:
        actions.approve(number)
    approved = look(home, number).may
    assert not approved.approve and approved.queue and approved.skip and approved.regenerate
    with acting(home) as actions:
        actions.skip(number)
    over = look(home, number).may
    assert not any((over.approve, over.skip, over.edit, over.regenerate, over.date, over.queue, over.resume))
