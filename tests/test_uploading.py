"""Pictures in the outbox: an upload that was lost is repeated, a post never."""

from __future__ import annotations

import contextlib
import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.fakes import Crash, CrashingDatabase, FakePlatform
from tests.outbox import World
from twitter_manager.content import Card, Media, MediaLimits, Part
from twitter_manager.delivery import Policy
from twitter_manager.domain import Actor, DraftStatus, Json
from twitter_manager.errors import MediaError, MediaGone, NeedsPerson, NotSent, OutcomeUnknown, Refused
from twitter_manager.platforms import SPECS, exact
from twitter_manager.store import approvals, deliveries, drafts, events
from twitter_manager.store.approvals import Approval

LIMITS = MediaLimits(count=4, max_bytes=1000, max_side=100, max_alt=1000)
PICTURES = tuple(Media(letter * 64, "image/jpeg", 9, 3, 2, letter) for letter in "abc")
LINKED = Part("one", card=Card("https://a.example", "A", thumb=PICTURES[0]))
"""Shown with its thumbnail on Bluesky alone."""
REWRITTEN = "delivery_rewritten"
THREAD = (Part("one", PICTURES[:1]), Part("two"), Part("three", PICTURES[1:]))


@pytest.fixture(autouse=True)
def taken(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("x", "bluesky"):
        monkeypatch.setitem(SPECS, name, replace(SPECS[name], media=LIMITS))


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "t.db")


def shown(platform: FakePlatform) -> list[list[Media | None]]:
    """The pictures of each post, as the server has them."""
    return [[platform.uploaded[name] for name in post.get("pictures", ())] for post in platform.posts]


def test_the_pictures_of_a_whole_thread_are_there_before_its_first_part(world: World) -> None:
    """While the last part's picture can't be uploaded, no part goes out; then each shows its own, uploaded once."""
    for platform in world.platforms.values():
        platform.upload_faults = [None, None, *[NotSent("no route")] * 4]
    draft = world.draft(*THREAD)
    world.run(draft)
    assert (world.texts("x"), world.texts("bluesky")) == ([], [])
    world.later(minutes=5)
    world.run()
    for platform in world.platforms.values():
        assert shown(platform) == [list(part.media) for part in THREAD]
        assert len(platform.uploaded) == 3
    assert world.draft_status(draft) is DraftStatus.POSTED
    assert world.db.value("SELECT count(*) FROM uploads") == 0


@pytest.mark.parametrize("end", [NotSent("503"), OutcomeUnknown("timeout"), ("stored", OutcomeUnknown("reset"))])
def test_an_upload_without_a_clear_yes_is_repeated_in_the_same_run(world: World, end: object) -> None:
    """Nobody sees an upload, so that none needs to be looked up."""
    world.platforms["x"].upload_faults = [end]
    draft = world.draft(THREAD[0])
    world.run(draft)
    assert shown(world.platforms["x"]) == [[PICTURES[0]]]
    assert world.draft_status(draft) is DraftStatus.POSTED


def test_a_picture_that_is_refused_stops_the_whole_thread_there(world: World) -> None:
    """Half of it would be out for ever, and a person wrote it with that picture."""
    world.platforms["x"].upload_faults = [None, Refused("not a picture we like")]
    draft = world.draft(*THREAD, origin="person")
    world.run(draft)
    assert (world.texts("x"), world.statuses(draft)["x"]) == ([], ["failed"] * 3)
    assert world.texts("bluesky") == ["one", "two", "three"]


def test_a_picture_that_is_lost_here_fails_and_is_named(world: World) -> None:
    """Without it the post is not what its person wrote."""
    draft = world.draft(THREAD[0], origin="person")
    world.pictures = lost
    world.run(draft)
    assert {delivery.error for delivery in deliveries.of_draft(world.db, draft)} == {"The picture a.jpg is gone."}


def test_what_expired_before_the_request_was_made_is_uploaded_again(world: World) -> None:
    """The picture of the first part waited while the second could not be uploaded."""
    world.platforms["x"].upload_faults = [None, *[NotSent("503")] * 4]
    draft = world.draft(*THREAD)
    world.run(draft)
    world.platforms["x"].forget_pictures()
    world.later(hours=2)
    world.run()
    assert shown(world.platforms["x"]) == [list(part.media) for part in THREAD]


@pytest.mark.parametrize("parts", [THREAD[:1], THREAD], ids=["single", "thread"])
def test_pictures_that_are_gone_there_are_uploaded_again_after_a_definite_no(world: World, parts: list[Part]) -> None:
    """The request is made anew with what the platform knows; the refused try stays on record."""
    for platform in world.platforms.values():
        platform.faults = [NotSent("503", retry_at=world.clock() + timedelta(hours=2))]
    draft = world.draft(*parts)
    world.run(draft)
    before = {one.id: one.request for one in deliveries.of_draft(world.db, draft)}
    for platform in world.platforms.values():
        platform.forget_pictures()
    world.later(hours=3)
    world.run()
    for platform in world.platforms.values():
        assert shown(platform) == [list(part.media) for part in parts]
    assert all(one.request != before[one.id] for one in deliveries.of_draft(world.db, draft) if one.content.media)
    outcomes = Counter(one["outcome"] for one in deliveries.attempts_of_draft(world.db, draft))
    assert outcomes[deliveries.MEDIA_GONE] == 1 + len(parts)
    assert world.draft_status(draft) is DraftStatus.POSTED


@pytest.mark.parametrize("arrived", [True, False])
def test_an_unclear_end_is_looked_up_before_any_request_is_made_anew(world: World, arrived: bool) -> None:
    """Even where the pictures are gone by then: the stored request is what is looked for, and sent."""
    unclear = OutcomeUnknown("reset")
    x = world.platforms["x"]
    x.faults = [("stored", unclear) if arrived else unclear]
    if arrived:
        x.unreadable = NotSent("503")
    draft = world.draft(THREAD[0])
    world.run(draft)
    [request] = [one.request for one in deliveries.of_draft(world.db, draft) if one.platform == "x"]
    x.forget_pictures()
    x.unreadable = None
    x.upload_faults = [NotSent("must not be asked before the look-up")] if arrived else []
    world.later(hours=1)
    world.run()
    kinds = [
        (one["kind"], one["outcome"]) for one in deliveries.attempts_of_draft(world.db, draft) if one["platform"] == "x"
    ]
    assert world.texts("x") == ["one"]
    assert world.draft_status(draft) is DraftStatus.POSTED
    if arrived:
        assert kinds[-1] == ("look_up", "found")
        assert [one.request for one in deliveries.of_draft(world.db, draft) if one.platform == "x"] == [request]
    else:
        assert kinds[-3:] == [("look_up", "absent"), ("send", "media_gone"), ("send", "posted")]


def lost(media: Media, limits: MediaLimits) -> tuple[Media, bytes]:
    raise MediaError("The picture a.jpg is gone.")


def refused(media: Media, content: bytes) -> Json:
    raise NeedsPerson("it needs the scope write:media.", "Make a new token.")


@pytest.mark.parametrize("fault", ["lost here", "refused there", "down"])
@pytest.mark.parametrize("parts", [THREAD[:1], THREAD], ids=["single", "thread"])
def test_no_picture_costs_a_generated_post(
    world: World, monkeypatch: pytest.MonkeyPatch, parts: Sequence[Part], fault: str
) -> None:
    """It goes without, in the same run or, where the platform takes none for now, in a second one; its story says so,
    and the run's person is told."""
    world.pictures = lost if fault == "lost here" else world.pictures
    for platform in world.platforms.values():
        platform.upload_faults = [NotSent("503")] * 20 if fault == "down" else []
        if fault == "refused there":
            monkeypatch.setattr(platform, "upload", refused)
    draft, outbox = world.draft(*parts), world.outbox()
    [wanted] = [found for found in [drafts.get(world.db, draft)] if found]
    outbox.publish(wanted, world.clock().replace(minute=0), world.platforms)
    if fault == "down":
        assert world.texts("x") == [] and outbox.notes == []
        world.later(hours=1)
        outbox = world.outbox()
        outbox.resume()
    for platform in world.platforms.values():
        assert [post["text"] for post in platform.posts] == [part.text for part in parts]
        assert shown(platform) == [[] for _ in parts]
    assert world.draft_status(draft) is DraftStatus.POSTED
    pictured = [part for part in parts if part.media]
    assert len(outbox.notes) == 2 * len(pictured) and f"x: draft {draft} goes without its picture: " in outbox.notes[-1]
    told = [event["reason"] for event in events.of_run(world.db, outbox.run_id) if event["kind"] == REWRITTEN]
    assert len(told) == 2 * len(pictured) and all(reason.startswith("without its picture: ") for reason in told)


@pytest.mark.parametrize("fault", ["lost here", "refused there", "down"])
def test_what_a_person_approved_with_its_picture_never_goes_out_without(
    world: World, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    """A generated post that a person said yes to is what they saw, or it stays here and they are told."""
    world.pictures = lost if fault == "lost here" else world.pictures
    for platform in world.platforms.values():
        platform.upload_faults = [NotSent("503")] * 40 if fault == "down" else []
        if fault == "refused there":
            monkeypatch.setattr(platform, "upload", refused)
    draft = world.draft(THREAD[0])
    [wanted] = [found for found in [drafts.get(world.db, draft)] if found]
    with world.db.transaction():
        by = Actor("anna", "console")
        approvals.add(world.db, draft, Approval(world.clock(), by, exact.hashes(wanted)))
    world.run(draft)
    for _ in range(6):
        world.later(hours=1)
        world.run()
    assert (world.texts("x"), world.texts("bluesky")) == ([], [])
    assert world.draft_status(draft) is DraftStatus.FAILED
    assert all(one.content == THREAD[0] and one.error for one in deliveries.of_draft(world.db, draft))


@pytest.mark.parametrize("may", [True, False])
def test_what_was_sent_with_its_picture_stays_so(world: World, may: bool) -> None:
    """After a first request nothing is changed, whether it surely did not arrive or may have."""
    x = world.platforms["x"]
    x.faults = [OutcomeUnknown("reset")] if may else [NotSent("503", retry_at=world.clock() + timedelta(hours=2))]
    draft = world.draft(THREAD[0])
    world.run(draft)
    x.forget_pictures()
    world.pictures = lost
    world.later(hours=3)
    world.run_twice(draft)
    [delivery] = [one for one in deliveries.of_draft(world.db, draft) if one.platform == "x"]
    assert delivery.content == THREAD[0]
    assert world.texts("x") == []


def _until_one_run_after_it_is_out(world: World, draft: int) -> Iterator[None]:
    """Six runs at most."""
    for _ in range(6):
        was_out = world.draft_status(draft) is DraftStatus.POSTED
        yield
        if was_out:
            return


@pytest.mark.parametrize("parts", [THREAD[:1], THREAD], ids=["single", "thread"])
def test_a_death_at_any_commit_leaves_exactly_one_post_without_the_picture(tmp_path: Path, parts: list[Part]) -> None:
    """Between the rewriting and the request, too: the next run goes on."""
    counted, _ = _faulty(tmp_path / "count.db", "refused", parts, -1, False)
    assert isinstance(counted.db, CrashingDatabase)
    for crash_at, after in itertools.product(range(counted.db.commits), (False, True)):
        world, draft = _faulty(tmp_path / f"{crash_at}{after}.db", "refused", parts, crash_at, after)
        for _ in _until_one_run_after_it_is_out(world, draft):
            world.reopen()
            world.later(hours=1)
            world.run(draft)
        assert [world.texts(name) for name in ("x", "bluesky")] == [[part.text for part in parts]] * 2
        assert world.draft_status(draft) is DraftStatus.POSTED
        world.db.close()


def test_a_thumbnail_that_is_lost_here_or_refused_there_costs_no_post(world: World) -> None:
    """The card goes without, in the same run."""
    first, second = world.draft(LINKED), world.draft(replace(LINKED, text="two"))
    world.platforms["bluesky"].upload_faults = [Refused("not a picture we like")]
    world.run(first)
    world.pictures = lost
    world.later(hours=1)
    world.run(second)
    assert shown(world.platforms["bluesky"]) == [[], []]
    assert world.texts("bluesky") == world.texts("x") == ["one", "two"]
    assert world.draft_status(first) is world.draft_status(second) is DraftStatus.POSTED


@pytest.mark.parametrize(("runs", "there"), [(1, True), (2, False)])
def test_a_thumbnail_that_cannot_be_uploaded_is_tried_in_two_runs(world: World, runs: int, there: bool) -> None:
    """In the second one the card goes without."""
    tries = Policy().attempts
    world.platforms["bluesky"].upload_faults = [NotSent("503")] * (tries + 2 * (runs - 1))
    draft = world.draft(LINKED)
    world.run(draft)
    assert (world.texts("bluesky"), world.texts("x")) == ([], ["one"])
    world.later(hours=1)
    world.run()
    assert shown(world.platforms["bluesky"]) == [[PICTURES[0]] if there else []]
    assert world.draft_status(draft) is DraftStatus.POSTED


@pytest.mark.parametrize(("times", "there"), [(1, True), (9, False)])
def test_a_thumbnail_that_is_gone_there_is_uploaded_again_once(world: World, times: int, there: bool) -> None:
    """Gone again, the card goes without; a definite no is all that a request is made anew for."""
    bluesky = world.platforms["bluesky"]
    bluesky.definite = True

    def forgets(media: Media, content: bytes, send: Callable[..., Json] = bluesky.upload) -> Json:
        given = send(media, content)
        if len(bluesky.uploaded) <= times:
            bluesky.forget_pictures()
        return given

    bluesky.upload = forgets  # type: ignore[method-assign]
    draft = world.draft(LINKED)
    world.run_twice(draft)
    assert shown(bluesky) == [[PICTURES[0]] if there else []]
    assert world.draft_status(draft) is DraftStatus.POSTED


FAULTS: dict[str, tuple[list[object], list[object]]] = {
    "none": ([], []),
    "uploads lost": ([NotSent("503"), ("stored", OutcomeUnknown("reset"))], []),
    "answer lost": ([], [("stored", OutcomeUnknown("reset"))]),
    "request lost": ([], [OutcomeUnknown("reset")]),
    "gone": ([], [MediaGone("400")]),
    "gone after a lost request": ([], [OutcomeUnknown("reset"), MediaGone("400")]),
    "die in an upload": ([("stored", Crash())], []),
    "die in the request": ([], [("stored", Crash())]),
}
REFUSED: dict[str, tuple[list[object], list[object]]] = {"refused": ([Refused("no")] * 9, [])}


def _faulty(path: Path, fault: str, parts: Sequence[Part], crash_at: int, after: bool) -> tuple[World, int]:
    world = World(path)
    for platform in world.platforms.values():
        platform.upload_faults, platform.faults = (list(faults) for faults in (FAULTS | REFUSED)[fault])
    draft = world.draft(*parts)
    world.reopen()
    world.db.__class__ = CrashingDatabase
    assert isinstance(world.db, CrashingDatabase)
    world.db.crash_at, world.db.after = crash_at, after
    with contextlib.suppress(Crash):
        world.run(draft)
    return world, draft


@pytest.mark.parametrize("parts", [THREAD, (LINKED,)], ids=["thread", "card"])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_death_at_any_commit_under_any_fault_leaves_exactly_one_of_each(
    tmp_path: Path, fault: str, parts: Sequence[Part]
) -> None:
    """A thread with pictures in two parts, on a platform that takes it whole and on one that does not; a card, whose
    thumbnail is there but where uploads are lost for two runs."""
    counted, _ = _faulty(tmp_path / "count.db", fault, parts, -1, False)
    assert isinstance(counted.db, CrashingDatabase)
    for crash_at, after in itertools.product(range(counted.db.commits), (False, True)):
        world, draft = _faulty(tmp_path / f"{crash_at}{after}.db", fault, parts, crash_at, after)
        for _ in _until_one_run_after_it_is_out(world, draft):
            world.reopen()
            world.later(hours=1)
            with contextlib.suppress(Crash):  # the deadly faults that are left kill the recovery too
                world.run(draft)
        for platform in world.platforms.values():
            files = [list(part.pictures if platform.name == "bluesky" else part.media) for part in parts]
            assert shown(platform) == files, (crash_at, after, platform.name)
        assert world.draft_status(draft) is DraftStatus.POSTED
        world.db.close()
