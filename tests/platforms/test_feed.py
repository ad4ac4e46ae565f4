"""The local feed as a platform: what is in the Atom file, exactly once, and valid."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
import unicodedata
from datetime import UTC, datetime, timedelta
from pathlib import Path

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from twitter_manager.content import Card, Media, Part
from twitter_manager.domain import Outgoing, Receipt, ReplyTo
from twitter_manager.errors import MediaGone, NeedsPerson, Refused
from twitter_manager.platforms import feed_atom as atom
from twitter_manager.platforms.feed import MAX_TEXT_BYTES, Feed
from twitter_manager.platforms.feed_atom import NotOurs, Picture

NOW = datetime(2026, 11, 12, 14, 7, 30, 250, tzinfo=UTC)
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
FEED_ID = "urn:uuid:7d3c1f52-4b1c-4c6b-9d0f-0b0f4f2f6a11"
A = "{http://www.w3.org/2005/Atom}"
SCHEMA = Path(__file__).parents[1] / "data" / "atom.rng"


def make(folder: Path, **changes: object) -> Feed:
    settings = {"title": "Facts", "feed_id": FEED_ID, "author": "A bot", "clock": lambda: NOW} | changes
    return Feed(folder / "feed.xml", **settings)


def outgoing(number: int, text: str = "", *, reply: ReplyTo | None = None, minutes: int | None = None) -> Outgoing:
    created = NOW + timedelta(minutes=number if minutes is None else minutes)
    return Outgoing(number, Part(text or f"post {number}"), created, "en", reply)


def put(feed: Feed, number: int, text: str = "", **more: object) -> Receipt:
    return feed.publish(feed.prepare(outgoing(number, text, **more)))


def valid(data: bytes) -> etree._Element:
    """Parse with a conforming parser and hold it against RFC 4287: the grammar, and the rules that are only prose."""
    root = etree.fromstring(data)
    schema = etree.RelaxNG(etree.parse(str(SCHEMA)))
    assert schema.validate(root), schema.error_log
    ids = [element.text for element in root.iter(f"{A}id")]
    assert len(ids) == len(set(ids))
    assert root.find(f"{A}author/{A}name").text.strip()
    assert all(entry.find(f"{A}content") is not None for entry in root.iter(f"{A}entry"))
    for element in root.iter(f"{A}updated", f"{A}published"):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", element.text)
    return root


def texts(folder: Path) -> list[str]:
    root = valid((folder / "feed.xml").read_bytes())
    return [element.text or "" for element in root.iterfind(f"{A}entry/{A}content")]


# -- publishing ------------------------------------------------------------------------------------


def test_posts_come_newest_first_in_a_valid_feed(tmp_path: Path) -> None:
    """Three posts give a valid Atom file, newest first, and a receipt that leads to the page."""
    feed = make(tmp_path)
    receipts = [put(feed, number) for number in (1, 2, 3)]
    assert texts(tmp_path) == ["post 3", "post 2", "post 1"]
    root = valid((tmp_path / "feed.xml").read_bytes())
    assert root.find(f"{A}id").text == FEED_ID
    assert root.find(f"{A}updated").text == "2026-11-12T14:07:30.000250Z"
    assert root.find(f"{A}generator").text == "twitter_manager"
    url, _, anchor = receipts[0].url.partition("#")
    assert url == (tmp_path / "feed.html").as_uri()
    assert f'id="{anchor}"' in (tmp_path / "feed.html").read_text()


def test_publishing_again_changes_no_byte(tmp_path: Path) -> None:
    """The same request, stored as JSON and sent again by another object, is the same post and the same files."""
    feed = make(tmp_path)
    request = json.loads(json.dumps(feed.prepare(outgoing(1))))
    first = feed.publish(request)
    put(feed, 2)
    before = {path: (path.read_bytes(), path.stat().st_ino) for path in tmp_path.iterdir()}
    assert make(tmp_path, clock=lambda: NOW + timedelta(days=1)).publish(request) == first
    assert {path: (path.read_bytes(), path.stat().st_ino) for path in tmp_path.iterdir()} == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["feed.html", "feed.xml"]


def test_entry_ids_are_stable_and_differ_between_feeds(tmp_path: Path) -> None:
    """An id follows from the feed's and the delivery's alone: not from the text, the time or the process."""
    one = make(tmp_path).prepare(outgoing(1, "a", minutes=5))["entry_id"]
    assert one == make(tmp_path).prepare(outgoing(1, "b"))["entry_id"]
    assert one != make(tmp_path).prepare(outgoing(2, "a"))["entry_id"]
    assert one != make(tmp_path, feed_id="urn:uuid:other").prepare(outgoing(1, "a"))["entry_id"]


def test_a_reused_delivery_number_is_not_taken_for_the_old_post(tmp_path: Path) -> None:
    """After the database was put back from an old copy its numbers come again: a person is asked."""
    feed = make(tmp_path)
    put(feed, 1, "the old one")
    request = feed.prepare(outgoing(1, "a new one"))
    with pytest.raises(NeedsPerson, match=re.escape(str(tmp_path / "feed.xml"))):
        feed.publish(request)
    assert feed.look_up(request, LONG_AGO, frozenset()) is None
    assert texts(tmp_path) == ["the old one"]


def test_a_thread_is_linked_by_rfc_4685(tmp_path: Path) -> None:
    """A reply names the entry it answers, by id and by its place on the page."""
    feed = make(tmp_path)
    root = put(feed, 1)
    put(feed, 2, reply=ReplyTo(root, root))
    (reply,) = valid((tmp_path / "feed.xml").read_bytes()).iter("{http://purl.org/syndication/thread/1.0}in-reply-to")
    assert reply.get("ref") == root.remote_id
    assert reply.get("href") == "feed.html#" + root.remote_id.removeprefix("urn:uuid:")
    assert [post.reply_to for post in feed.recent(LONG_AGO)] == [root.remote_id, ""]


def test_a_new_file_obeys_the_umask_and_an_old_one_keeps_its_mode(tmp_path: Path) -> None:
    """0644 less the umask at first; a mode that a person set stays."""
    old = os.umask(0o027)
    try:
        feed = make(tmp_path)
        put(feed, 1)
        assert stat.S_IMODE((tmp_path / "feed.xml").stat().st_mode) == 0o640
        (tmp_path / "feed.xml").chmod(0o604)
        put(feed, 2)
        assert stat.S_IMODE((tmp_path / "feed.xml").stat().st_mode) == 0o604
    finally:
        os.umask(old)


def test_the_folder_is_made_when_it_is_missing(tmp_path: Path) -> None:
    """A feed in a folder that does not exist yet can be verified, looked into and published to."""
    feed = make(tmp_path / "a" / "b")
    assert "0 posts" in feed.verify()
    assert feed.recent(LONG_AGO) == []
    assert not (tmp_path / "a").exists()
    put(feed, 1)
    assert texts(tmp_path / "a" / "b") == ["post 1"]


# -- finding, listing, deleting --------------------------------------------------------------------


def test_look_up_finds_the_request_and_only_it(tmp_path: Path) -> None:
    """Nothing before it is published, the same receipt after, and never a post that belongs to another delivery."""
    feed = make(tmp_path)
    request = feed.prepare(outgoing(1))
    put(feed, 2, "post 1")
    assert feed.look_up(request, LONG_AGO, frozenset()) is None
    receipt = feed.publish(request)
    assert feed.look_up(request, LONG_AGO, frozenset()) == receipt
    assert feed.look_up(request, LONG_AGO, frozenset({receipt.remote_id})) is None


def test_recent_gives_text_and_time(tmp_path: Path) -> None:
    """Own posts come newest first, no older than asked, no more than asked, with the time they were prepared."""
    feed = make(tmp_path)
    for number in range(1, 6):
        put(feed, number)
    assert [post.text for post in feed.recent(NOW + timedelta(minutes=3))] == ["post 5", "post 4", "post 3"]
    assert [post.created_at for post in feed.recent(LONG_AGO, limit=1)] == [NOW + timedelta(minutes=5)]


def test_delete_takes_it_out_of_both_files(tmp_path: Path) -> None:
    """A deleted post is in neither file; deleting it again, or from a feed that is not there, is no error."""
    feed = make(tmp_path)
    feed.delete("urn:uuid:nothing")
    assert not any(tmp_path.iterdir())
    receipt = put(feed, 1)
    feed.delete(receipt.remote_id)
    feed.delete(receipt.remote_id)
    assert texts(tmp_path) == []
    page = (tmp_path / "feed.html").read_text()
    assert "post 1" not in page
    assert "No posts yet" in page


# -- the newest `keep` -----------------------------------------------------------------------------


def test_a_post_that_left_the_feed_is_still_known(tmp_path: Path) -> None:
    """Trimmed posts are found and not published again, even after a delete made room and `keep` was raised."""
    feed = make(tmp_path, keep=3)
    requests = [feed.prepare(outgoing(number)) for number in range(1, 6)]
    receipts = [feed.publish(request) for request in requests]
    assert texts(tmp_path) == ["post 5", "post 4", "post 3"]
    feed.delete(receipts[4].remote_id)
    wider = make(tmp_path, keep=100)
    for request, receipt in zip(requests[:2], receipts, strict=False):
        assert wider.look_up(request, LONG_AGO, frozenset()) == receipt
        assert wider.publish(request) == receipt
    assert texts(tmp_path) == ["post 4", "post 3"]


def test_a_late_post_takes_its_place_in_a_feed_that_never_trimmed(tmp_path: Path) -> None:
    """A delivery prepared first but published last (an outage) is not mistaken for one that left."""
    feed = make(tmp_path)
    late = feed.prepare(outgoing(1))
    put(feed, 2)
    assert feed.look_up(late, LONG_AGO, frozenset()) is None
    feed.publish(late)
    assert texts(tmp_path) == ["post 2", "post 1"]


def test_posts_of_the_same_moment_are_told_apart(tmp_path: Path) -> None:
    """With one time for all (a thread, a stopped clock) the delivery's number decides, and trimming stays exact."""
    feed = make(tmp_path, keep=2)
    requests = [feed.prepare(outgoing(number, minutes=0)) for number in range(1, 6)]
    for request in requests:
        assert feed.look_up(request, LONG_AGO, frozenset()) is None
        feed.publish(request)
        assert feed.look_up(request, LONG_AGO, frozenset()) is not None
    assert texts(tmp_path) == ["post 5", "post 4"]
    assert all(feed.look_up(request, LONG_AGO, frozenset()) for request in requests)


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), max_size=25), st.integers(1, 4))
def test_any_order_of_arrivals_ends_in_the_newest_posts(arrivals: list[tuple[int, bool]], keep: int) -> None:
    """Whatever the order of times, and with any post tried twice, the feed is the newest `keep`, each once."""
    contents = atom.Contents()
    all_entries = []
    for number, (minute, twice) in enumerate(arrivals):
        entry = atom.Entry(f"id{number}", number, "t", "t", NOW + timedelta(minutes=minute))
        all_entries.append(entry)
        for _ in range(1 + twice):
            if not contents.find(entry.entry_id) and not contents.is_past(entry):
                contents = contents.with_entry(entry, keep)
    newest = sorted(all_entries, key=lambda entry: entry.order, reverse=True)
    assert list(contents.entries) == newest[:keep]
    assert [entry for entry in newest if contents.is_past(entry)] == newest[keep:]


# -- texts -----------------------------------------------------------------------------------------

NASTY = [
    "<script>alert(1)</script> & ]]> &amp; <!-- --> <![CDATA[x]]> <!DOCTYPE x>",
    "line\r\nline\rline\n\n  two spaces\t\ttabs  ",
    " leading and trailing \n",
    "\n",
    "\u202eright to left\u202c \u0085 \u2028 \ufeff \x7f \x80 \ufdd0 \U0001ffff",
    "👨‍👩‍👧‍👦🇩🇪" * 50,
    "e" + "\u0301" * 300,
    "'\"`{}$posts ${title}$$ %s {0}",
    "W" * 5000,
]


@pytest.mark.parametrize("text", NASTY)
def test_nasty_texts_come_back_byte_for_byte(tmp_path: Path, text: str) -> None:
    """A conforming parser gives back exactly what was posted, and so does the feed's own reading."""
    feed = make(tmp_path)
    put(feed, 1, text)
    assert texts(tmp_path) == [text]
    assert [post.text for post in feed.recent(LONG_AGO)] == [text]


@given(st.lists(st.text(max_size=200), min_size=1, max_size=4), st.text(max_size=30), st.text(max_size=12))
def test_any_text_is_refused_or_comes_back(bodies: list[str], title: str, language: str) -> None:
    """For any texts at all: refused by name of the character, or in a valid file and the same again."""
    feed = make(Path("/nowhere"), title=title, author=title, language=language)
    entries = []
    for number, text in enumerate(bodies):
        legal = all(c in "\t\n\r" or " " <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd" or c > "\uffff" for c in text)
        try:
            request = feed.prepare(Outgoing(number, Part(text), NOW, language))
        except Refused as error:
            assert not legal
            assert "U+" in str(error)
            continue
        assert legal
        moment = atom.moment_from(request["published"])
        entries.append(atom.Entry(request["entry_id"], number, request["title"], text, moment, request["language"]))
    contents = atom.Contents(tuple(entries), (NOW, 3), FEED_ID)
    data = b"".join(atom.render_atom(feed._header, contents, NOW))
    found = [element.text or "" for element in valid(data).iterfind(f"{A}entry/{A}content")]
    assert found == [entry.text for entry in entries]
    assert atom.parse(data) == contents


@pytest.mark.parametrize(
    ("text", "named"),
    [("a\0b", "U+0000"), ("x\x1b[0m", "U+001B"), ("\ufffe", "U+FFFE"), ("\ud800", "U+D800"), ("ab\x0c", "U+000C")],
)
def test_a_character_that_xml_cannot_hold_is_refused_by_name(tmp_path: Path, text: str, named: str) -> None:
    """It is refused when it is prepared, with its code and place, and nothing is written."""
    with pytest.raises(Refused, match=re.escape(named)) as caught:
        make(tmp_path).prepare(outgoing(1, text))
    assert not isinstance(caught.value, NeedsPerson)
    assert not any(tmp_path.iterdir())


def test_a_text_beyond_all_measure_is_refused(tmp_path: Path) -> None:
    """64 kB go in, one byte more does not."""
    feed = make(tmp_path)
    put(feed, 1, "x" * MAX_TEXT_BYTES)
    with pytest.raises(Refused, match=str(MAX_TEXT_BYTES)):
        feed.prepare(outgoing(2, "x" * (MAX_TEXT_BYTES + 1)))


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"entry_id": "urn:uuid:x"},
        {"entry_id": '"/><script>'},
        {"text": None},
        {"text": "a\0"},
        {"published": "soon"},
        {"published": "2026-01-01T00:00:00"},
        {"published": "0001-01-01T00:00:00+23:00"},
        {"delivery_id": "1"},
        {"reply_to": "not an id"},
    ],
)
def test_a_broken_request_is_refused_and_nothing_is_written(tmp_path: Path, broken: dict[str, object]) -> None:
    """A request that was damaged in the database can't damage the feed."""
    feed = make(tmp_path)
    request = feed.prepare(outgoing(1)) | broken if broken else {}
    with pytest.raises(Refused, match=r"^[^.]*(broken|U\+0000)"):
        feed.publish(request)
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Short.", "Short."),
        ("\n\n  First   line \nsecond", "First line"),
        ("word " * 30, "word " * 15 + "word…"),
        ("\u202eab\u2066c", "ab c"),
        ("\u202e\n\t", "Facts"),
        ("x" * 100, "x" * 79 + "…"),
        ("x" * 80, "x" * 80),
    ],
)
def test_titles(tmp_path: Path, text: str, title: str) -> None:
    """A title is the first visible line, cut between words, without anything that turns the reading direction."""
    assert make(tmp_path).prepare(outgoing(1, text))["title"] == title


@given(st.text(min_size=1, max_size=300))
def test_titles_are_short_lines_without_controls(text: str) -> None:
    """For any text: one line, at most 80 code points, something to read, no control character, and XML can hold it."""
    title = atom.shortened(atom.first_line(text) or "Facts")
    assert 0 < len(title) <= atom.TITLE_CHARS
    assert not any(unicodedata.category(c) in ("Cc", "Cs") for c in title)
    assert title == " ".join(title.split())
    assert not atom.illegal().search(title)


def test_a_title_is_never_cut_inside_a_family(tmp_path: Path) -> None:
    """A long run of joined emoji is cut between two of them."""
    family = "👨‍👩‍👧‍👦"
    title = make(tmp_path).prepare(outgoing(1, family * 40))["title"]
    assert title == family * (len(title) // len(family)) + "…"


# -- cost ------------------------------------------------------------------------------------------

LIGHT = r"""
import re, sys
from datetime import UTC, datetime
from pathlib import Path
from twitter_manager.content import Part
from twitter_manager.domain import Outgoing
from twitter_manager.platforms.feed import Feed
now = datetime.now(UTC)
feed = Feed(Path(sys.argv[1]) / "feed.xml", title="Facts", feed_id=sys.argv[2], author="A", clock=lambda: now)
feed.publish(feed.prepare(Outgoing(900, Part("one more"), now)))
heavy = {"httpx", "lxml", "torch", "tweepy", "atproto", "rich", "typer", "regex", "requests", "html"}
peak = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1]  # ru_maxrss is inherited
print(peak, *sorted(heavy & sys.modules.keys()))
"""


def full(folder: Path) -> None:
    """A feed of 500 posts of 3 kB each, with links and characters that must be escaped."""
    body = "Plain words with an accent é, an ampersand & and a <tag>. " * 50 + "https://example.com/a?b=1&c=2."
    feed = make(folder)
    put(feed, 1, body)
    entries = tuple(
        atom.Entry(feed.prepare(outgoing(n))["entry_id"], n, f"title {n}", body, NOW + timedelta(minutes=n))
        for n in range(500, 0, -1)
    )
    data = b"".join(atom.render_atom(feed._header, atom.Contents(entries), NOW))
    (folder / "feed.xml").write_bytes(data)


def test_a_full_feed_takes_one_more_and_lets_the_oldest_go(tmp_path: Path) -> None:
    full(tmp_path)
    put(make(tmp_path), 501, "one more")
    assert len(texts(tmp_path)) == 500
    assert "one more" in texts(tmp_path)


def test_a_whole_process_stays_light(tmp_path: Path) -> None:
    """A fresh process that publishes into a full feed peaks under 50 MB and imports nothing heavy."""
    full(tmp_path)
    command = [sys.executable, "-c", LIGHT, str(tmp_path), FEED_ID]
    peak, *heavy = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert heavy == []
    assert int(peak) < 50_000
    assert "one more" in texts(tmp_path)


def test_a_feed_goes_on_under_its_own_id_when_the_database_was_lost(tmp_path: Path) -> None:
    """A new database brings another feed_id: the file keeps its id and its entries, and takes new ones."""
    old = make(tmp_path)
    old.publish(old.prepare(outgoing(1, "before")))
    new = make(tmp_path, feed_id="urn:uuid:another")
    new.publish(new.prepare(outgoing(1, "after")))
    root = valid((tmp_path / "feed.xml").read_bytes())
    assert root.findtext(f"{A}id") == FEED_ID
    assert {element.text for element in root.iterfind(f"{A}entry/{A}content")} == {"before", "after"}


def test_a_post_that_is_taken_down_takes_its_pictures_along(tmp_path: Path) -> None:
    """At once, for whoever took it down wants them gone; not one that another post shows too."""
    place, shared, own = make(tmp_path), picture(1), picture(2)
    uploads = {media.digest: place.upload(media, b"content") for media in (shared, own)}
    posts = [
        place.publish(place.prepare(Outgoing(number, Part(f"Post {number}", pictures), NOW, uploads=uploads)))
        for number, pictures in enumerate([(shared,), (shared, own)], start=1)
    ]
    place.delete(posts[1].remote_id)
    assert [path.stem for path in (tmp_path / "feed-pictures").iterdir()] == [shared.digest]
    place.delete(posts[0].remote_id)
    assert not list((tmp_path / "feed-pictures").iterdir())


def test_a_feed_reader_shows_the_pictures_with_their_words(tmp_path: Path) -> None:
    """The document stays valid Atom, and a reader finds the text, each picture's alt text and its file."""
    place, flag, hut = make(tmp_path), picture(1, 'A "flag"\n& <more>'), picture(2)
    uploads = {media.digest: place.upload(media, b"content") for media in (flag, hut)}
    card = Card("https://example.org/?a=1&b=2", "A <page>", "About it")
    part = Part("The flag <is> out.\n & so on", (flag, hut), card)
    place.publish(place.prepare(Outgoing(1, part, NOW, uploads=uploads)))
    valid((tmp_path / "feed.xml").read_bytes())
    headers = {"content-location": "http://a/b/", "content-type": "application/atom+xml"}
    read = feedparser.parse((tmp_path / "feed.xml").read_bytes(), response_headers=headers)
    assert (read.bozo, read.feed.title, read.feed.author, read.version) == (False, "Facts", "A bot", "atom10")
    [entry] = read.entries
    assert [(file["type"], file["length"]) for file in entry.enclosures] == [("image/jpeg", "7")] * 2
    assert entry.enclosures[0]["href"] == f"http://a/b/feed-pictures/{flag.digest}.jpg"
    shown = etree.HTML(entry.content[0].value)
    assert shown.findtext(".//p") == part.text
    assert [image.get("alt") for image in shown.iter("img")] == [flag.alt, ""]
    assert [image.get("src") for image in shown.iter("img")] == [file["href"] for file in entry.enclosures]
    assert entry.link == f"http://a/b/feed.html#{entry.id.removeprefix('urn:uuid:')}"


def picture(number: int, alt: str = "") -> Media:
    return Media(f"{number:064x}", "image/jpeg", 7, 640, 480, alt)


def test_pictures_lie_beside_the_feed_and_are_shown_in_it_and_on_the_page(tmp_path: Path) -> None:
    """As an enclosure and inline, with alt text and size; the file is read back as it was written."""
    now = datetime(2026, 3, 1, tzinfo=UTC)
    place = Feed(tmp_path / "feed.xml", title="b", feed_id="urn:b", author="b", clock=lambda: now)
    media = Media("ab" * 32, "image/jpeg", 7, 640, 480, 'A "flag"\n& more')
    uploaded = place.upload(media, b"content")
    post = Outgoing(1, Part("The flag <is> out.", (media,)), now, uploads={media.digest: uploaded})
    request = place.prepare(post)
    place.publish(request)
    place.publish(request)
    assert (tmp_path / uploaded["href"]).read_bytes() == b"content"
    [entry] = atom.parse((tmp_path / "feed.xml").read_bytes()).entries
    assert (entry.text, entry.pictures[0].alt, entry.pictures[0].width) == ("The flag <is> out.", media.alt, 640)
    assert 'width="640" height="480" alt="A &quot;flag&quot;' in (tmp_path / "feed.html").read_text()
    xml = (tmp_path / "feed.xml").read_text()
    assert f'rel="enclosure" type="image/jpeg" length="7" href="{uploaded["href"]}"' in xml
    assert "&lt;img src=" in xml
    assert place.look_up(request, now, frozenset()) is not None
    os.utime(tmp_path / uploaded["href"], (0, 0))
    place.delete(request["entry_id"])
    place.publish(place.prepare(Outgoing(2, Part("Another."), now)))
    assert not (tmp_path / uploaded["href"]).exists()
    with pytest.raises(MediaGone):
        place.publish(request)


def test_a_cards_picture_lies_beside_the_feed_and_leaves_with_its_entry(tmp_path: Path) -> None:
    """As media:thumbnail in a valid feed, which is read back as it was written; a card without one is as before."""
    place, media = make(tmp_path), Media("ab" * 32, "image/png", 7, 640, 480)
    uploaded = place.upload(media, b"content")
    card = Card("https://a.example/1", "A title", thumb=media)
    first = place.prepare(Outgoing(1, Part("Read this.", card=card), NOW, uploads={media.digest: uploaded}))
    place.publish(json.loads(json.dumps(first)))
    place.publish(place.prepare(Outgoing(2, Part("Read it again.", card=card), NOW)))
    xml = (tmp_path / "feed.xml").read_bytes()
    [thumb] = valid(xml).iter("{http://search.yahoo.com/mrss/}thumbnail")
    assert dict(thumb.attrib) == {"url": uploaded["href"], "width": "640", "height": "480"}
    again, entry = atom.parse(xml).entries
    assert entry.thumb == Picture(uploaded["href"], 640, 480)
    assert (again.thumb, again.card) == (None, entry.card)
    page = (tmp_path / "feed.html").read_text()
    assert page.count(f'"><img src="{uploaded["href"]}" width="640" height="480" alt=""><span class="title"') == 1
    with pytest.raises(NotOurs):
        atom.parse(xml.replace(b'url="feed-pictures', b'url="../feed-pictures'))
    os.utime(tmp_path / uploaded["href"], (0, 0))
    place.delete(first["entry_id"])
    place.publish(place.prepare(Outgoing(3, Part("Another."), NOW)))
    assert not (tmp_path / uploaded["href"]).exists()
    with pytest.raises(MediaGone):
        place.publish(first)
