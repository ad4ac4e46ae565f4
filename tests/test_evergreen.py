"""A post that did well is offered again in other words, for approval, once, after its rest."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.home import Home
from tests.test_experiment import Program
from twitter_manager.content import plain
from twitter_manager.domain import Draft, DraftStatus
from twitter_manager.pipeline import evergreen
from twitter_manager.social import Figures
from twitter_manager.store import drafts, engagement
from twitter_manager.store.database import to_text

WORDINGS = ["A hot stone bakes a crust.", "Loaves like stones that are warm.", "Crusts come from heated slabs."]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.bot("default", "[formats]\ntip = 1.0\n")
    assert home("run").code == 0
    return home


class Kitchen:
    """A bot whose posts went out a hundred days ago, a day apart; one of them did well."""

    def __init__(self, home: Home, *, days: int = 100, text: str = "", likes: int = 12) -> None:
        self.program = Program(home)
        self.db, self.now = self.program.db, datetime.now(UTC)
        [first] = drafts.newest(self.db, "default", 1)
        assert first.item_id is not None
        self.liked = first
        with self.db.transaction():
            self.db.update("UPDATE drafts SET created_at = ?", to_text(self.now - timedelta(days=days)))
            if text:
                self.db.update("UPDATE parts SET text = ? WHERE draft_id = ?", text, first.id)
            self.db.update("UPDATE items SET wordings = ? WHERE id = ?", json.dumps(WORDINGS), first.item_id)
            self._out(first.id, days, likes)
            for number in range(30):
                new = drafts.NewDraft(
                    *("default", "person", plain([f"Old post number {number}."]), ("bluesky",), None),
                    status=DraftStatus.APPROVED,
                )
                self._out(drafts.add(self.db, new, self.now - timedelta(days=days)), days, 2)

    def _out(self, draft_id: int, days: int, likes: int) -> None:
        out = to_text(self.now - timedelta(days=days))
        self.db.update("UPDATE drafts SET status = 'posted', published_at = ? WHERE id = ?", out, draft_id)
        delivery = self.db.add(
            "deliveries",
            **{"draft_id": draft_id, "bot": "default", "platform": "bluesky", "part": 0, "account": "me"},
            **{"status": "posted", "text": "", "remote_id": f"r{draft_id}", "created_at": out},
            **{"posted_at": out, "extra": "{}", "url": ""},
        )
        engagement.add(self.db, delivery, "7d", Figures(likes, 0, 0, 0), self.now)

    def offer(self, after: timedelta = timedelta()) -> list[Draft]:
        """What is offered, after a look at that time."""
        now = self.now + after
        evergreen.offer_again(self.db, self.program.bot, now, self.program.filler)
        rows = self.db.rows("SELECT draft_id FROM offered_again WHERE draft_id IS NOT NULL ORDER BY draft_id")
        offered: Sequence[Draft | None] = [drafts.get(self.db, row["draft_id"]) for row in rows]
        return [draft for draft in offered if draft]

    @property
    def why_not(self) -> list[str]:
        return [row["reason"] for row in self.db.rows("SELECT reason FROM offered_again WHERE draft_id IS NULL")]


def test_a_post_that_did_well_is_offered_in_other_words(home: Home) -> None:
    """Though the bot asks for no approval it waits, tells why, is of the same material, and is no repetition; `drafts`
    and `explain` say so, the choice can be replayed, and no second one is offered beside it, nor later."""
    kitchen = Kitchen(home)
    found = kitchen.offer()
    assert len(found) == 1, kitchen.why_not
    [offered] = found
    day = f"{kitchen.now - timedelta(days=100):%Y-%m-%d}"
    assert offered.status is DraftStatus.PENDING
    assert offered.reason == f"did well on {day} (12 likes), offered again"
    assert (offered.item_id, offered.choice["again_of"]) == (kitchen.liked.item_id, kitchen.liked.id)
    assert offered.text != kitchen.liked.text
    assert f"did well on {day} (12 likes), offered again" in home("drafts").out
    assert f"draft {kitchen.liked.id} did well on {day} (12 likes)" in home("explain", str(offered.id)).out
    assert home("replay", str(offered.id)).code == 0
    assert kitchen.offer(timedelta(days=2)) == [offered]
    assert home("drafts", "skip", str(offered.id)).code == 0
    assert [draft.id for draft in kitchen.offer(timedelta(days=200))] == [offered.id]


def test_a_real_run_offers_it(home: Home) -> None:
    """Once the slot's post is out, a run looks for one."""
    kitchen = Kitchen(home)
    assert home("run", "--force").code == 0
    assert len(home.rows("SELECT 1 FROM offered_again WHERE draft_id IS NOT NULL")) == 1
    assert kitchen.why_not == []


@pytest.mark.parametrize(
    "file", ["[learn]\nagain_days = 0\n", '[learn]\nmode = "off"\n', "[learn]\nagain_days = 120\n"]
)
def test_the_setting_is_obeyed(home: Home, file: str) -> None:
    """0 and off: never; and the rest lasts as long as it says."""
    home.bot("default", file)
    kitchen = Kitchen(home)
    assert kitchen.offer() == [] and kitchen.why_not == []


def test_what_was_usual_is_not_offered(home: Home) -> None:
    """A post that did as the others did."""
    assert Kitchen(home, likes=3).offer() == []


def test_what_is_bound_to_its_day_is_not_offered(home: Home) -> None:
    """The reason is on record, and it is not tried again."""
    kitchen = Kitchen(home, text="Join us on Saturday.")
    assert kitchen.offer() == kitchen.offer(timedelta(days=3)) == []
    assert kitchen.why_not == ["“Join us” may be over by now"]


def test_material_that_left_or_was_used_since_is_not_offered(home: Home) -> None:
    """What its source has no more, and what another post said meanwhile."""
    kitchen = Kitchen(home)
    with kitchen.db.transaction():
        kitchen.db.update("UPDATE items SET retired_at = ?", to_text(kitchen.now))
    assert kitchen.offer() == []
    with kitchen.db.transaction():
        kitchen.db.update("UPDATE items SET retired_at = NULL")
        recent = to_text(kitchen.now - timedelta(days=10))
        new = drafts.NewDraft(
            "default", "generator", plain(["Said since."]), ("feed",), None, item_id=kitchen.liked.item_id
        )
        number = drafts.add(kitchen.db, new, kitchen.now)
        kitchen.db.update("UPDATE drafts SET created_at = ? WHERE id = ?", recent, number)
    assert kitchen.offer() == [] and kitchen.why_not == []


def test_without_another_wording_there_is_none(home: Home) -> None:
    """A note whose wordings are all nearly one can't be said in others where no model writes; that is on record."""
    kitchen = Kitchen(home)
    with kitchen.db.transaction():
        other = json.dumps([f"Remember: {kitchen.liked.text}"])
        kitchen.db.update("UPDATE items SET wordings = ?, text = ?", other, kitchen.liked.text)
    assert kitchen.offer() == []
    assert len(kitchen.why_not) == 1


def test_another_wording_of_the_offer_waits_too(home: Home) -> None:
    """`drafts regenerate` of it gives one that must be approved as well, is still the one offer, and says why."""
    kitchen = Kitchen(home)
    [offered] = kitchen.offer()
    new, reason = kitchen.program.filler().write_again(offered)
    assert new is not None, reason
    written = drafts.get(kitchen.db, new)
    assert written is not None and written.status is DraftStatus.PENDING
    assert written.reason == offered.reason
    assert [draft.id for draft in kitchen.offer(timedelta(days=2))] == [new]
