"""Pictures of material: a generated post shows its entry's own, with the alt text that its author wrote, or none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import pytest

from tests.fakes import FakeClock
from tests.fresh import new_database
from tests.home import Home, bluesky_settings, mastodon_settings, x_settings
from tests.pictures import noise, photo, saved
from tests.sources.test_feeds import RSS, rss
from tests.sources.web import Site, fetcher, serve
from tests.standins.mastodon import MastodonStandIn
from tests.standins.pds import Account, Pds
from tests.standins.x import XStandIn
from tests.test_cards import BAD_PICTURES, hangs, serve_bad
from tests.test_sources import FACTS, Program, feed_entry
from twitter_manager.checks import CheckContext
from twitter_manager.domain import Item, TimeLeft
from twitter_manager.errors import SourceError
from twitter_manager.media import MediaStore
from twitter_manager.pipeline.outside import SLOW, Outside
from twitter_manager.pipeline.pictures import PictureMaker
from twitter_manager.sources import Source
from twitter_manager.sources.fetch import Fetcher
from twitter_manager.store import items

ALT = "Three riders on a wet bridge"
SECRET = "planted-secret-0123456789abcdefghij"


@pytest.fixture
def site() -> Iterator[Site]:
    with serve() as made:
        yield made


@pytest.fixture
def maker(tmp_path: Path, site: Site) -> Iterator[PictureMaker]:
    """Of a feed and of a folder with documents, where a picture may take two seconds."""
    (tmp_path / "docs").mkdir()
    sources = {
        "feed": Source("rss", "feed", (site.url,), images=True),
        "off": Source("rss", "off", (site.url,)),
        "docs": Source("files", "docs", path=tmp_path / "docs", images=True),
    }
    outside = Outside(lambda left: fetcher(site.port, seconds=2), lambda: 60.0)
    rules = CheckContext(platforms=("x", "bluesky", "mastodon", "feed"), secrets=(SECRET,))
    with closing(outside):
        yield PictureMaker(sources, rules, outside, MediaStore(tmp_path / "media").save)


def of(source: str, image: str, alt: str = ALT) -> Item:
    return Item(source, "k", "Text.", title="A ride", image=image, image_alt=alt)


def served(site: Site, content: bytes, path: str = "/p.jpg") -> str:
    return site.put(path, content, content_type="image/jpeg")


def test_the_picture_is_cleaned_and_kept_with_its_alt_text(maker: PictureMaker, site: Site, tmp_path: Path) -> None:
    """Fetched once for several posts; an animation stays one."""
    url = served(site, photo(900, 600, comment=b"Anna's garden"))
    media, again = maker.of_item(of("feed", url)), maker.of_item(of("feed", url, "Another view"))
    assert media and again and (media.alt, again.alt, media.digest == again.digest) == (ALT, "Another view", True)
    assert b"Anna" not in MediaStore(tmp_path / "media").read(media)
    assert len(site.seen) == 1
    two = saved(noise(300, 240), "GIF", save_all=True, append_images=[noise(300, 240)])
    gif = maker.of_item(of("feed", served(site, two, "/a.gif")))
    assert gif and gif.mime == "image/gif"


@pytest.mark.parametrize(
    ("item", "why"),
    [
        (of("feed", "", ""), "shows none"),
        (of("feed", "http://127.0.0.1:9/p.jpg", ""), "no alt text"),
        (of("feed", "http://127.0.0.1:9/p.jpg", f"My key is {SECRET}"), "alt text"),
        (of("feed", "http://127.0.0.1:9/p.jpg", "Kill all of them, the foreigners, they are vermin"), "alt text"),
        (of("feed", "http://127.0.0.1:9/p.jpg", "x" * 1001), "alt texts of at most 1,000"),
        (of("feed", "/etc/hostname"), "no web address"),
        (of("feed", "http://169.254.169.254/latest"), "refused"),
        (of("off", "http://127.0.0.1:9/p.jpg"), ""),
        (of("gone", "http://127.0.0.1:9/p.jpg"), ""),
    ],
)
def test_what_may_not_go_along_says_why(maker: PictureMaker, site: Site, item: Item, why: str) -> None:
    """Nothing is fetched where the words alone forbid it, or where nobody said that pictures may be used."""
    assert maker.of_item(item) is None
    assert why in maker.why_not and bool(why) == bool(maker.why_not)
    assert not site.seen


@pytest.mark.parametrize("what", BAD_PICTURES)
def test_a_bad_picture_is_none(maker: PictureMaker, site: Site, what: str) -> None:
    """Whatever stands at its address, and why is known."""
    serve_bad(site, what)
    assert maker.of_item(of("feed", f"{site.url}/p.jpg")) is None
    assert maker.why_not and "\n" not in maker.why_not


def test_a_host_whose_pictures_hang_is_waited_for_once(maker: PictureMaker, site: Site) -> None:
    """For all items of a run, and by the cards too; of a short run no more than a share is waited for."""
    site.pages |= {"/1.jpg": hangs, "/2.jpg": hangs}
    given: list[float] = []

    def fetches(left: TimeLeft) -> Fetcher:
        given.append(left())
        return fetcher(site.port, seconds=given[-1])

    maker.outside = Outside(fetches, lambda: 5 * (SLOW + 0.5))
    with closing(maker.outside):
        for path in ("/1.jpg", "/2.jpg"):
            assert maker.of_item(of("feed", f"{site.url}{path}")) is None
        assert "too slow" in maker.why_not
        with pytest.raises(SourceError, match="too slow"), maker.outside.picture(f"{site.url}/3.jpg"):
            pass
    assert given[0] <= SLOW + 0.5
    assert [request.path for request in site.seen] == ["/1.jpg"]


def test_a_document_s_picture_comes_from_its_folder_alone(maker: PictureMaker, tmp_path: Path) -> None:
    """Links within it are followed, and none that leads out; a site's top may be a folder of its own."""
    docs, outside = tmp_path / "docs", tmp_path / "secret.jpg"
    outside.write_bytes(photo(300, 300))
    (docs / "static").mkdir()
    (docs / "static" / "a.jpg").write_bytes(photo(400, 300))
    (docs / "in.jpg").symlink_to(docs / "static" / "a.jpg")
    (docs / "out.jpg").symlink_to(outside)
    (docs / "loop.jpg").symlink_to(docs / "loop.jpg")
    (docs / "zero.jpg").symlink_to("/dev/zero")
    (docs / "up").symlink_to(tmp_path)
    for path in ("static/a.jpg", "/a.jpg", "in.jpg"):
        assert maker.of_item(of("docs", path)), maker.why_not
    for path in (
        "out.jpg",
        "loop.jpg",
        "zero.jpg",
        "up/secret.jpg",
        "../secret.jpg",
        "/../secret.jpg",
        "no.jpg",
        "static",
    ):
        assert maker.of_item(of("docs", path)) is None, path
        assert maker.why_not


def test_a_changed_picture_changes_its_item_and_makes_no_news(tmp_path: Path) -> None:
    """As its other words do; the posts that were made from it stay its own."""
    with closing(new_database(tmp_path / "t.db")) as db:
        first = Item("s", "k", "Text.", image="https://a.example/a.jpg", image_alt=ALT)
        for item, added in ((first, 1), (replace(first, image_alt="Another"), 0)):
            with db.transaction():
                change = items.refresh(db, "b", "s", [item], FakeClock()())
            assert (change.added, change.changed) == (added, 0)
            [(_, stored)] = items.available(db, "b")
            assert (stored.image, stored.image_alt) == (item.image, item.image_alt)


BODY = "<p>The club rides along the river on Sunday, and all who own a bicycle may come along.</p>"


def with_picture(number: int, link: str, picture: str, alt: str | None) -> dict[str, str]:
    shown = f"<img src={quoteattr(picture)}" + (f" alt={quoteattr(alt)}>" if alt is not None else ">")
    title = f"The club rides along the river for the {number}th time"
    return feed_entry(number, 1) | {"title": title, "link": link, "description": shown + BODY}


def picturing(tmp_path: Path, site: Site, alt: str | None, platforms: str, **settings: Any) -> Program:
    """A bot with a feed of one entry with a picture."""
    program = Program(Home(tmp_path / "home"), site)
    page = site.put("/ride", '<title>The ride</title><meta property="og:image" content="/p.jpg">')
    picture = site.put("/p.jpg", saved(noise(900, 600), "JPEG"), content_type="image/jpeg")
    site.put("/feed", rss(with_picture(1, page, picture, alt)), content_type=RSS)
    program.home.settings(GENERATORS="excerpt", **settings)
    source = f'[[sources]]\nkind = "rss"\nname = "club"\nurl = "{site.url}/feed"\nimages = true'
    program.home.bot("default", f"platforms = [{platforms}]\nlinks = [{platforms}]\npool = 1\n{source}")
    return program


def test_a_generated_post_shows_its_entry_s_picture_everywhere(
    tmp_path: Path, site: Site, x: XStandIn, pds: Pds, account: Account
) -> None:
    """On X, Bluesky, Mastodon and in the feed, each with the author's alt text; on Bluesky in the place of a card, so
    that the address stands in the text. A dry run says so and keeps nothing."""
    with MastodonStandIn() as server:
        keys = x_settings(x) | bluesky_settings(pds, account) | mastodon_settings(server)
        program = picturing(tmp_path, site, ALT, '"x", "bluesky", "mastodon", "feed"', **keys)
        rehearsed = program("run", "--dry-run")
        assert f"picture: {ALT}" in rehearsed.out, rehearsed
        assert not (program.home.path / "data" / "media").exists()
        assert program("sources", "update").code == 0
        assert "1 of these with a picture" in program("sources", "list").out
        assert "with a picture" in program("preview", "--runs", "2").out
        assert program("run").code == 0
        [record] = pds.records(account)
        [image] = record["value"]["embed"]["images"]
        assert image["alt"] == ALT
        assert record["value"]["text"].endswith(f"\n{site.url}/ride")
        assert [[one.alt for one in post.media] for post in x.posts.values()] == [[ALT]]
        assert [[one.alt for one in post.media] for post in server.posts.values()] == [[ALT]]
    feed = (program.home.path / "data" / "feed.xml").read_text()
    assert 'rel="enclosure" type="image/jpeg"' in feed and "media:thumbnail" not in feed.partition("<entry>")[2]
    assert len(list((program.home.path / "data" / "media").iterdir())) == 1


def test_no_card_is_made_where_a_picture_takes_its_place(
    tmp_path: Path, site: Site, pds: Pds, account: Account
) -> None:
    """The page is not even asked; an alt text of 5,000 characters in the feed is cut, and costs nothing."""
    program = picturing(tmp_path, site, f"{ALT}. " * 170, '"bluesky"', **bluesky_settings(pds, account))
    assert program("run").code == 0
    [record] = pds.records(account)
    [image] = record["value"]["embed"]["images"]
    assert ALT in image["alt"] and 500 < len(image["alt"]) <= 1000
    assert "/ride" not in [request.path for request in site.seen]


@pytest.mark.parametrize(("alt", "picture"), [(None, b""), ("IMG_1234.jpg", b""), (ALT, b"%PDF-1.7")])
def test_without_a_picture_the_post_goes_out_with_its_card(
    tmp_path: Path, site: Site, pds: Pds, account: Account, alt: str | None, picture: bytes
) -> None:
    """No alt text, or a file that is none: the address stands in the card, and `explain` says why."""
    program = picturing(tmp_path, site, alt, '"bluesky"', **bluesky_settings(pds, account))
    if picture:
        site.put("/p.jpg", picture, content_type="image/jpeg")
    assert program("run").code == 0
    [record] = pds.records(account)
    assert record["value"]["embed"]["external"]["uri"] == f"{site.url}/ride"
    assert "without a picture: " in program("explain", "1", "--full").out


def test_a_note_of_a_folder_shows_the_picture_beside_it(tmp_path: Path, site: Site) -> None:
    """Taken from the disk; a section shows the one below its own heading, and none where two are called alike."""
    program = Program(Home(tmp_path / "home"), site)
    notes = program.home.path / "notes"
    (notes / "img").mkdir(parents=True)
    (notes / "img" / "a.jpg").write_bytes(photo(600, 400))
    (notes / "tool.md").write_text(FACTS.partition("## ")[0] + f"\n\n![{ALT}](img/a.jpg)\n")
    twice = "## Names\n\nThe tool keeps each name as it is written.\n\n![Two names on a wall](img/a.jpg)\n\n"
    (notes / "names.md").write_text(f"# Names of it\n\n{twice}{twice.replace('keeps', 'shows')}")
    program.home.settings(GENERATORS="excerpt")
    program.home.bot("default", 'platforms = ["feed"]\n[[sources]]\nkind = "files"\npath = "notes"\nimages = true')
    assert program("sources", "update").code == 0
    assert "1 of these with a picture" in program("sources", "list").out
    for _ in range(3):
        program("run", "--force")
    feed = (program.home.path / "data" / "feed.xml").read_text()
    assert feed.count('rel="enclosure"') == 1 and f'title="{ALT}"' in feed


@pytest.mark.parametrize("fault", ["no scope", "short alt texts", "damaged"])
def test_a_picture_that_cannot_be_uploaded_costs_no_post(tmp_path: Path, site: Site, fault: str) -> None:
    """A token for texts alone, a server that takes shorter alt texts, a file that is damaged since: the post is out
    without its picture, and the run and `explain` say why."""
    scopes = ("read", "write:statuses") if fault == "no scope" else ("read", "write")
    with MastodonStandIn(scopes=scopes) as server:
        if fault == "short alt texts":
            server.settings.description_characters = 10
        program = picturing(tmp_path, site, ALT, '"mastodon"', **mastodon_settings(server))
        if fault == "damaged":
            server.fault("reset", method="POST", path="/api/v2/media", times=0)
            program("run")
            assert not server.posts
            server.faults.clear()
            program.home.next_slot()
            for path in (program.home.path / "data" / "media").iterdir():
                path.write_bytes(b"x")
        ran = program("run", "--json")
        [post] = server.posts.values()
        assert ran.code == 0 and not post.media, ran
        assert program.home.rows("SELECT status FROM deliveries") == [("posted",)]
        assert "mastodon: draft 1 goes without its picture: " in ran.out
        assert "rewritten (without its picture: " in program("explain", "1", "--full").out
