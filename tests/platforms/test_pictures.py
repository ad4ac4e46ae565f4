"""Pictures on X, Bluesky and Mastodon: uploaded, shown with their alt text, refused, lost, forgotten."""

from __future__ import annotations

import hashlib
import json
import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from tests.platforms.test_contract import (  # noqa: F401  (fixtures)
    NETWORKED,
    NONE_CLAIMED,
    Bench,
    bench,
    bluesky_bench,
    mastodon_bench,
    networked,
    now,
    x_bench,
)
from tests.standins.mastodon import TOKEN, MastodonStandIn
from tests.standins.x import CREDENTIALS, XStandIn
from twitter_manager.content import Card, Media, Part
from twitter_manager.domain import Draft, DraftStatus, Json, MediaPlatform, Outgoing, Receipt, ReplyTo, ThreadPlatform
from twitter_manager.errors import (
    AlreadyThere,
    Doubtful,
    MediaGone,
    NeedsPerson,
    NotSent,
    OutcomeUnknown,
    PlatformError,
    Refused,
    Unreadable,
)
from twitter_manager.platforms import SPECS
from twitter_manager.platforms.mastodon import Mastodon
from twitter_manager.platforms.x import X
from twitter_manager.platforms.x_prices import COST_POST_USD

Picture = tuple[Media, bytes]


def picture(colour: str, *, kind: str = "png", alt: str | None = None, noise: int = 0) -> Picture:
    """`noise`: a picture of so many pixels a side that can't be packed."""
    from PIL import Image

    image = Image.effect_noise((noise, noise), 100) if noise else Image.new("RGB", (60, 40), colour)
    file = BytesIO()
    image.save(file, kind)
    content = file.getvalue()
    digest = hashlib.sha256(content).hexdigest()
    return Media(
        digest, f"image/{kind}", len(content), *image.size, alt=f"A {colour} field" if alt is None else alt
    ), content


PICTURES = [picture("red"), picture("green", kind="jpeg"), picture("blue", alt=""), picture("white")]
TEXTS = ("Look & see.", "Look at https://example.org/a?b=1&c=2")


def upload(platform: Any, pictures: Sequence[Picture]) -> dict[str, Json]:
    assert isinstance(platform, MediaPlatform)
    return {media.digest: json.loads(json.dumps(platform.upload(media, content))) for media, content in pictures}


def outgoing(text: str, pictures: Sequence[Picture], given: dict[str, Json], *, number: int = 1,
             reply: ReplyTo | None = None, at: datetime | None = None) -> Outgoing:  # fmt: skip
    part = Part(text, tuple(media for media, _ in pictures))
    return Outgoing(number, part, at or now(), reply=reply, uploads=given)


def told(pictures: Sequence[Picture]) -> list[tuple[str, str]]:
    return [(media.alt, media.digest) for media, _ in pictures]


@networked
@pytest.mark.parametrize("text", TEXTS, ids=["plain", "link"])
@pytest.mark.parametrize("count", [1, 4])
def test_a_post_shows_its_pictures_and_is_found_again(bench: Bench, count: int, text: str) -> None:  # noqa: F811
    """In their order, to the byte, each with its alt text; found by its text, and read back without X's address for
    them; and it costs what the text costs."""
    platform, since, pictures = bench.make(), now() - timedelta(seconds=1), PICTURES[:count]
    request = platform.prepare(outgoing(text, pictures, upload(platform, pictures)))
    assert platform.look_up(request, since, NONE_CLAIMED) is None
    receipt = platform.publish(json.loads(json.dumps(request)))
    assert (bench.texts(), bench.pictures()) == ([text], [told(pictures)])
    assert bench.make().look_up(request, since, NONE_CLAIMED) == receipt
    assert [post.text for post in platform.recent(since)] == [text]
    if isinstance(platform, ThreadPlatform):
        assert platform.foresee(request) == receipt


@networked
def test_a_thread_shows_each_picture_with_its_part(bench: Bench) -> None:  # noqa: F811
    """Also where it goes out whole: the foreseen names are those that the server gives."""
    platform = bench.make()
    parts = [("The first part.", PICTURES[:1]), ("The second part.", []), ("The third part.", PICTURES[1:3])]
    whole: list[tuple[Json, Receipt]] = []
    for number, (text, pictures) in enumerate(parts):
        reply = ReplyTo(whole[0][1], whole[-1][1]) if whole else None
        request = platform.prepare(outgoing(text, pictures, upload(platform, pictures), number=number, reply=reply))
        foreseen = platform.foresee(request) if isinstance(platform, ThreadPlatform) else platform.publish(request)
        whole.append((request, foreseen))
    if isinstance(platform, ThreadPlatform):
        assert platform.publish_thread([request for request, _ in whole]) == [receipt for _, receipt in whole]
    assert bench.pictures() == [told(pictures) for _, pictures in parts]


@networked
@pytest.mark.parametrize("how", ["lost", "cut", "limited", "broken", "unreadable", "odd"])
def test_an_upload_that_went_wrong_shows_nothing_and_is_made_again(bench: Bench, how: str) -> None:  # noqa: F811
    """Whatever its end, it counts as not sent; the same again gives what the post needs."""
    platform, pictures = bench.make(), PICTURES[:1]
    platform.verify()
    bench.upload_fails(how)
    with pytest.raises(NotSent) as caught:
        upload(platform, pictures)
    assert (caught.value.retry_at is not None) is (how == "limited")
    assert "\n" not in str(caught.value)
    platform.publish(platform.prepare(outgoing("Look.", pictures, upload(platform, pictures))))
    assert bench.pictures() == [told(pictures)]


@networked
def test_a_picture_that_is_not_taken_and_keys_that_are_wrong_are_told_apart(bench: Bench) -> None:  # noqa: F811
    """The one is for this post, the other for every post; both have a remedy."""
    bench.make().verify()
    bench.upload_fails("refused")
    with pytest.raises(Refused) as refused:
        upload(bench.make(), PICTURES[:1])
    with pytest.raises(NeedsPerson) as wrong:
        upload(bench.make(wrong=True), PICTURES[:1])
    assert type(refused.value) is Refused
    assert refused.value.remedy and wrong.value.remedy
    assert not any(secret in str(wrong.value) for secret in bench.secrets)


@networked
def test_a_picture_that_was_dropped_there_is_a_definite_no(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    """Nothing is out, and uploaded again it goes out with a new request. On Mastodon only after its day is over."""
    platform, pictures = bench.make(), PICTURES[:2]
    given = upload(platform, pictures)
    platform.publish(platform.prepare(outgoing("Look.", pictures, given)))
    stale = platform.prepare(outgoing("Look again.", pictures, given, number=2, at=now() - timedelta(days=2)))
    bench.forget()
    before = bench.texts()
    with pytest.raises(MediaGone):
        platform.publish(stale)
    assert bench.texts() == before
    platform.publish(platform.prepare(outgoing("Look again.", pictures, upload(platform, pictures), number=2)))
    assert bench.pictures()[-1] == told(pictures)


@pytest.mark.parametrize("bench", ["x", "mastodon"], indirect=True)
@pytest.mark.parametrize("ids", [[], ["../a"], [7], "17", {}])
def test_damaged_pictures_in_a_stored_request_are_not_sent(bench: Bench, ids: object) -> None:  # noqa: F811
    """Half a post would be worse."""
    platform = bench.make()
    request = platform.prepare(outgoing("Look.", PICTURES[:1], upload(platform, PICTURES[:1])))
    {"x": lambda: request["body"]["media"], "mastodon": lambda: request["form"]}[platform.name]()["media_ids"] = ids
    with pytest.raises(Refused, match="stored request"):
        platform.publish(request)
    with pytest.raises(Unreadable, match="stored request"):
        platform.look_up(request, now(), NONE_CLAIMED)
    assert bench.texts() == []


@pytest.mark.parametrize("name", NETWORKED)
def test_what_is_too_much_is_refused_by_name_before_anything_is_sent(name: str) -> None:
    """Five pictures, one twice, an alt text of 5,000 characters; X takes an animated GIF alone."""
    spec, media, gif = SPECS[name], PICTURES[0][0], picture("red", kind="gif")[0]
    assert spec.refusal(Part("Look.", tuple(media for media, _ in PICTURES))) == ""
    assert "at most 4 pictures" in spec.refusal(Part("Look.", (media,) * 5))
    assert "twice" in spec.refusal(Part("Look.", (media, replace(media, alt="Another"))))
    assert "alt text" in spec.refusal(Part("Look.", (picture("red", alt="x" * 5000)[0],)))
    assert ("GIF" in spec.refusal(Part("Look.", (media, gif)))) is (name == "x")
    assert spec.refusal(Part("Look.", (gif,))) == ""


def test_pictures_win_over_a_card_on_bluesky() -> None:
    """A post there has one embed."""
    card = Card("https://example.org", "A title")
    for pictures, kept in (((PICTURES[0][0],), None), ((), card)):
        draft = Draft(
            1, "b", None, "person", DraftStatus.APPROVED, "", "", None, (Part("Look.", pictures, card),), ("bluesky",),
            "en", None, {}, datetime(2026, 1, 1, tzinfo=UTC), None, None, "",
        )  # fmt: skip
        assert SPECS["bluesky"].parts_of(draft)[-1].card == kept


@pytest.mark.parametrize("bench", ["bluesky"], indirect=True)
def test_a_cards_picture_stands_in_the_record_or_the_card_stands_alone(bench: Bench) -> None:  # noqa: F811
    """As the server gives it to anyone; dropped there it is a definite no; not uploaded, the card has none."""
    platform, [(media, content)] = bench.make(), PICTURES[:1]
    part = Part("Read this.", card=Card("https://example.org", "A title", thumb=media))
    given = upload(platform, [(media, content)])
    request, alone = (platform.prepare(Outgoing(1, part, now(), uploads=known)) for known in (given, {}))
    about = {"uri": "https://example.org", "title": "A title", "description": ""}
    assert request["record"]["embed"]["external"] == about | {"thumb": given[media.digest]["blob"]}
    assert alone["record"]["embed"]["external"] == about
    platform.publish(request)
    platform.publish(alone)
    bench.forget()
    with pytest.raises(MediaGone):
        platform.publish(request)


# -- X -------------------------------------------------------------------------------------------------


def x_client(standin: XStandIn, **how: Any) -> X:
    return X(*CREDENTIALS, base_url=standin.url, clock=now, **({"connect_timeout": 2, "read_timeout": 5} | how))


@pytest.mark.parametrize("large", [picture("red", kind="gif"), picture("noisy", noise=1500)], ids=["gif", "png"])
def test_x_gets_gifs_and_large_pictures_in_pieces(large: Picture) -> None:
    """Each of at most 1 MB, and it is waited for as X asks; the alt text comes after that."""
    slept: list[float] = []
    with XStandIn(processing=3) as standin:
        x = x_client(standin, sleep=slept.append)
        x.publish(x.prepare(outgoing("Look.", [large], upload(x, [large]))))
        [[shown]] = [post.media for post in standin.posts.values()]
        paths = [request["target"].partition("?")[0].rpartition("/")[2] for request in standin.requests]
    pieces, looks = (1, 3) if large[0].mime == "image/gif" else (-(-len(large[1]) // 2**20), 0)
    appended, looked = ["append"] * pieces, ["upload"] * looks
    assert paths == ["initialize", *appended, "finalize", *looked, "metadata", "tweets"]
    assert (shown.content, shown.alt, slept) == (large[1], large[0].alt, [1.0] * looks)
    assert max(len(piece) for piece in shown.parts.values()) <= 2**20


def test_x_is_not_waited_for_without_end() -> None:
    """A GIF that is processed for ever: not sent, within a minute."""
    slept: list[float] = []
    with XStandIn(processing=-1) as standin, pytest.raises(NotSent, match="busy"):
        upload(x_client(standin, sleep=slept.append), [picture("red", kind="gif")])
    assert 30 < sum(slept) <= 60


@pytest.mark.parametrize("path", ["/2/media/upload/initialize", "/2/media/upload/*/append",
                                  "/2/media/upload/*/finalize", "/2/media/metadata"])  # fmt: skip
@pytest.mark.parametrize("fault", ["drop", "store_then_drop", "error_503", "html", "rate_limited"])
def test_every_step_of_an_upload_to_x_may_fail(path: str, fault: str) -> None:
    """Nothing of it is out; made again whole it is there."""
    gif = picture("red", kind="gif")
    with XStandIn() as standin:
        x = x_client(standin, sleep=lambda seconds: None)
        standin.fault(fault, path=path)
        with pytest.raises(NotSent):
            upload(x, [gif])
        x.publish(x.prepare(outgoing("Look.", [gif], upload(x, [gif]))))
        assert [media.alt for post in standin.posts.values() for media in post.media] == [gif[0].alt]


def test_a_read_only_app_is_named_when_a_picture_is_uploaded() -> None:
    """By the same words as for a post."""
    with XStandIn(access_level="read") as standin, pytest.raises(NeedsPerson, match="may only read"):
        upload(x_client(standin), PICTURES[:1])


def test_the_same_words_with_and_without_pictures_are_two_posts_and_leave_a_doubt() -> None:
    """A post of text alone is never adopted for one with pictures, nor the other way round."""
    with XStandIn() as standin:
        x, since = x_client(standin), now()
        given = upload(x, PICTURES[:1])
        pictured = x.prepare(outgoing("Look.", PICTURES[:1], given))
        plain = x.prepare(outgoing("Look.", [], {}))
        for sent, other in ((plain, pictured), (pictured, plain)):
            standin.posts.clear()
            x.publish(sent)
            with pytest.raises(Doubtful):
                x.look_up(other, since, NONE_CLAIMED)
            assert x.look_up(sent, since, NONE_CLAIMED)


def test_a_text_that_ends_with_a_picture_s_address_is_found_as_it_stands() -> None:
    """A person quotes another post's picture: X shows that address as it shows its own."""
    text = "Look at https://x.com/someone/status/1/photo/1"
    with XStandIn() as standin:
        x, since = x_client(standin), now()
        request = x.prepare(outgoing(text, [], {}))
        receipt = x.publish(request)
        [link] = standin.posts[receipt.remote_id].entities["urls"]
        link |= {"display_url": "pic.x.com/abc", "media_key": "3_1"}
        assert x.look_up(request, since, NONE_CLAIMED) == receipt


def test_a_picture_is_no_address_that_costs() -> None:
    """The text alone sets the price."""
    assert X(*CREDENTIALS, clock=now).price("Look.") == COST_POST_USD


def test_a_slow_line_has_its_time_for_each_piece_of_a_picture() -> None:
    """Two seconds for the whole, and none of its pieces waits longer than the second that a connection may take."""
    received = bytearray()

    def serve(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            while b"--\r\n" not in received[-8:]:
                received.extend(connection.recv(40_000))
                threading.Event().wait(0.05)
            connection.sendall(b"HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n")

    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
    listener.bind(("127.0.0.1", 0))
    with listener:
        listener.listen()
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        x = X(*CREDENTIALS, base_url=f"http://127.0.0.1:{listener.getsockname()[1]}", clock=now, connect_timeout=0.5)
        with pytest.raises(NotSent, match="503"):
            upload(x, [picture("noisy", noise=950)])
        thread.join()
    assert len(received) > 800_000


# -- Mastodon ------------------------------------------------------------------------------------------


def mastodon_client(standin: MastodonStandIn, folder: Path, clock: Callable[[], datetime] = now,
                    sleep: Callable[[float], None] = lambda seconds: None) -> Mastodon:  # fmt: skip
    return Mastodon(standin.url, TOKEN, installation="here", state_file=folder / "state", clock=clock, sleep=sleep,
                    connect_timeout=2, read_timeout=5)  # fmt: skip


@pytest.mark.parametrize(("processing", "ready"), [(3, True), (-1, False)])
def test_mastodon_is_waited_for_but_not_without_end(tmp_path: Path, processing: int, ready: bool) -> None:
    """202 and 206 until it is there, for a minute at most."""
    slept: list[float] = []
    with MastodonStandIn(processing=processing) as standin:
        mastodon = mastodon_client(standin, tmp_path, sleep=slept.append)
        if ready:
            mastodon.publish(mastodon.prepare(outgoing("Look.", PICTURES[:1], upload(mastodon, PICTURES[:1]))))
            assert [media.alt for post in standin.posts.values() for media in post.media] == [PICTURES[0][0].alt]
        else:
            with pytest.raises(NotSent, match="busy"):
                upload(mastodon, PICTURES[:1])
    assert 0 < sum(slept) <= 60


def test_a_token_that_may_not_upload_is_told_beforehand_and_by_its_scope(tmp_path: Path) -> None:
    """`doctor` says it where the server tells; a post of text alone needs no more than before."""
    with MastodonStandIn(scopes=("read", "write:statuses")) as standin:
        mastodon = mastodon_client(standin, tmp_path)
        assert "write:media" in mastodon.verify()
        with pytest.raises(NeedsPerson, match="write:media"):
            upload(mastodon, PICTURES[:1])
        mastodon.publish(mastodon.prepare(outgoing("Words.", [], {})))
        standin.settings.scopes = ("read", "write")
        assert "write:media" not in mastodon.verify()


def test_an_instance_s_own_limits_are_kept(tmp_path: Path) -> None:
    """Of bytes, description and count; nothing is uploaded that it would refuse."""
    with MastodonStandIn(image_bytes=1000, description_characters=10, max_media=1) as standin:
        mastodon = mastodon_client(standin, tmp_path)
        given = upload(mastodon, [picture("red", alt="Red")])
        for wrong in (
            picture("noisy", noise=50, alt="x"),
            picture("red", alt="x" * 11),
            picture("red", kind="bmp", alt=""),
        ):
            with pytest.raises(Refused, match="server takes"):
                upload(mastodon, [wrong])
        two = [picture("red", alt="Red")] * 2
        with pytest.raises(Refused, match="takes 1"):
            mastodon.prepare(outgoing("Look.", two, given))
        assert [request["method"] for request in standin.requests].count("POST") == 1


@pytest.mark.parametrize(("hours", "error"), [(2, AlreadyThere), (30, MediaGone)])
@pytest.mark.parametrize("old", [False, True], ids=["4.3", "before 4.3"])
def test_pictures_that_mastodon_has_no_more_are_in_a_post_or_past_their_day(
    tmp_path: Path, hours: float, error: type[PlatformError], old: bool
) -> None:
    """The post went out, the answer was lost, the list does not show it and the key is forgotten. Within the day that
    an unused picture is kept, its absence says that a post has it; a server that would leave it out is not asked to."""
    with MastodonStandIn(keeps_keys=False, leaves_out=old) as standin:
        mastodon = mastodon_client(standin, tmp_path)
        request = mastodon.prepare(outgoing("Look.", PICTURES[:1], upload(mastodon, PICTURES[:1])))
        standin.fault("store_then_drop", hide=-1)
        with pytest.raises(OutcomeUnknown):
            mastodon.publish(request)
        later = mastodon_client(standin, tmp_path, clock=lambda: now() + timedelta(hours=hours))
        with pytest.raises(error):
            later.publish(request)
        assert len(standin.posts) == 1


def test_what_stays_in_sight_is_told_with_the_description(tmp_path: Path) -> None:
    """Mastodon crops a picture around its focus; one without has none, and its hash is what it was."""
    media, content = PICTURES[0]
    with MastodonStandIn() as standin:
        mastodon = mastodon_client(standin, tmp_path)
        for focus in ("", "-0.5,0.25"):
            mastodon.upload(replace(media, focus=focus), content)
        assert [(one.alt, one.focus) for one in standin.shelf.stored.values()] == [
            (media.alt, ""),
            (media.alt, "-0.5,0.25"),
        ]
    assert "focus" not in Part("Look.", (media,)).attached["media"][0]


def test_within_its_hour_the_key_gives_the_post_with_its_pictures_back(tmp_path: Path) -> None:
    """Though they are in a post by then."""
    with MastodonStandIn() as standin:
        mastodon = mastodon_client(standin, tmp_path)
        request = mastodon.prepare(outgoing("Look.", PICTURES[:2], upload(mastodon, PICTURES[:2])))
        assert mastodon.publish(request) == mastodon.publish(request)
        assert len(standin.posts) == 1
