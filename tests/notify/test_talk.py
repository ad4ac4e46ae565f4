"""That comments wait is told: all at once, again only where somebody said something since, without their addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from tests.fakes import START, FakeClock
from tests.home import Home
from tests.notify.test_notifier import URL, World
from twitter_manager.content import plain
from twitter_manager.domain import DraftStatus, Receipt
from twitter_manager.notify.talk import without_addresses
from twitter_manager.social import Heard, Kind, SeenPost
from twitter_manager.store import comments, drafts
from twitter_manager.store.comments import Status, Whose


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    home = Home(tmp_path / "home", NOTIFY_URLS=URL)
    home.bot("default")
    made = World(home, FakeClock(START))
    with closing(made.db):
        yield made


def said(world: World, text: str, *, status: Status = Status.NEW, author: str = "mia@books.example") -> int:
    db, now = world.db, world.clock()
    with db.transaction():
        remote_id = str(db.value("SELECT count(*) FROM comments"))
        post = SeenPost(Receipt(remote_id, "https://evil.example/1", {}), author, author, "Mia", text, now)
        number = comments.add(db, Whose("default", "mastodon", "@us"), Heard(Kind.REPLY, post), now)
        assert number is not None
        comment = comments.get(db, number)
        assert comment is not None
        if status is not Status.NEW:
            comments.move(db, comment, status, "it is hostile" * (status is Status.FLAGGED))
        return number


def drafted(world: World, comment: int) -> int:
    with world.db.transaction():
        new = drafts.NewDraft(
            "default", "generator", plain([f"Answer to {comment}."]), ("feed",), timedelta(hours=72),
            status=DraftStatus.PENDING, comment_id=comment,
        )  # fmt: skip
        return drafts.add(world.db, new, world.clock())


def test_what_waits_is_told_at_once_and_again_only_after_the_cooldown(world: World) -> None:
    """Three comments make one message, which says how many have an answer drafted and why one is flagged; what comes
    soon after waits for the cooldown, and silence is not told again."""
    drafted(world, said(world, "When do you open?", status=Status.DRAFTED))
    said(world, "You are all crooks.", status=Status.FLAGGED, author="eve")
    said(world, "Nice.", status=Status.DISMISSED)
    world.hour()
    [message] = world.messages
    assert message.title.endswith("comments wait for you")
    assert "2 comments wait for you, 1 with an answer drafted." in message.body
    assert "2. eve on mastodon (it is hostile): You are all crooks." in message.body
    assert "1. mia on mastodon: When do you open?" in message.body
    assert re.search(r"To look into it: .* inbox\Z", message.body)
    assert "Nice." not in message.body
    world.hour()
    said(world, "And on Sundays?")
    for _ in range(21):
        world.hour()
    assert len(world.messages) == 1
    for _ in range(3):
        world.hour()
    assert "3 comments wait for you" in world.messages[1].body
    for _ in range(60):
        world.hour()
    assert len(world.messages) == 2


def test_a_person_who_switched_it_off_hears_of_no_comment(tmp_path: Path) -> None:
    """By `comments = false` in `[notify]`; an answer that waits is no draft that waits either."""
    home = Home(tmp_path / "home", NOTIFY_URLS=URL)
    home.bot("default", "[notify]\ncomments = false\n")
    world = World(home, FakeClock(START))
    with closing(world.db):
        drafted(world, said(world, "When do you open?", status=Status.DRAFTED))
        world.hour()
        assert world.messages == []


def test_what_is_answered_or_on_its_way_waits_for_nobody(world: World) -> None:
    """With an approved answer there is nothing left to tell."""
    number = said(world, "When?", status=Status.DRAFTED)
    draft = drafts.get(world.db, drafted(world, number))
    assert draft is not None
    with world.db.transaction():
        drafts.move(world.db, draft, DraftStatus.APPROVED, world.clock())
    world.hour()
    assert world.messages == []


@pytest.mark.parametrize("text", [
    "https://evil.example/a", "evil.example", "(evil.example/login)", "www.evil", "mailto:eve@evil", "eve@evil.example",
    "hxxp://evil", "见https://evil.example吧", "javascript:alert(1)", "EVIL.EXAMPLE", "[x](https://evil.example)",
    "evil\u200b.example", "ev\u202eil.example", "evil\uff0eexample", "h\u00adttps://evil.example",
])  # fmt: skip
def test_no_address_of_a_stranger_reaches_a_message(text: str) -> None:
    """Neither with a scheme nor bare: programs that show messages make links of both."""
    shown = without_addresses(f"See {text} now, at 10.30, e.g. with Ann.")
    assert shown == "See [an address] now, at 10.30, e.g. with Ann."


def test_a_handle_that_is_an_address_is_told_by_its_first_part(world: World) -> None:
    """On Bluesky a handle is a domain's name."""
    said(world, "Look. " * 200, author="login.evil.example")
    world.hour()
    [message] = world.messages
    assert "1. login on mastodon: Look." in message.body
    assert "evil" not in message.body
    assert max(map(len, message.body.splitlines())) < 300
