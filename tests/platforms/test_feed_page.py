"""The feed's page: what it says, that nothing in a post can act on it, and how a real browser shows it."""

from __future__ import annotations

import html
import json
import re
import threading
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.home import Home
from tests.pictures import saved
from tests.platforms.test_feed import NOW, make, outgoing, put
from tests.standins.chromium import Chromium, chromium, first_pixel
from twitter_manager.content import Part
from twitter_manager.domain import Elsewhere, ReplyTo
from twitter_manager.media import prepared
from twitter_manager.platforms import feed_atom as atom
from twitter_manager.platforms import feed_page

HOSTILE = [
    '<script>window.owned=1;document.title="owned"</script>',
    '<img src=x onerror="window.owned=1"> <svg onload=window.owned=1> </p></article><style>*{display:none}</style>',
    'https://example.com/"onmouseover="window.owned=1 javascript:window.owned=1 http://',
    "👨‍👩‍👧‍👦🇩🇪😀" * 100,
    "W" + "o" * 600 + "rd",
    "https://example.com/" + "a" * 600,
    "سجل التغييرات في Git يحفظ كل شيء: راجع https://example.org/ar ثم أكمل.",
    "\u202eturned round\u2066 and never turned back",
    "漢字" * 300,
]


class Reader(HTMLParser):
    """What a browser would see: elements with attributes, and the text of each post."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.posts: list[str] = []
        self._inside = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag == "p":
            self._inside = dict(attrs).get("class") == "text"
            if self._inside:
                self.posts.append("")

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag != "p"

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.posts[-1] += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def page_of(*texts: str, folder: Path = Path("/nowhere")) -> Reader:
    feed = make(folder)
    entries = tuple(
        atom.Entry(feed.prepare(outgoing(n))["entry_id"], n, "t", text, NOW) for n, text in enumerate(texts)
    )
    return Reader(b"".join(feed_page.render_page(feed._header, atom.Contents(entries), {})).decode())


# -- the document ----------------------------------------------------------------------------------


def test_the_page_has_what_an_accessible_page_needs(tmp_path: Path) -> None:
    """Language, title, one main heading, landmarks, a heading and a machine-readable UTC time for each post."""
    feed = make(tmp_path, language="de")
    put(feed, 1)
    put(feed, 2)
    page = Reader((tmp_path / "feed.html").read_text())
    assert page.all("html") == [{"lang": "de"}]
    assert len(page.all("h1")) == len(page.all("main")) == len(page.all("title")) == 1
    assert len(page.all("h2")) == len(page.all("article")) == 2
    assert page.all("time")[0] == {"datetime": "2026-11-12T14:09:30.000250Z"}
    assert "12 Nov 2026, 14:09 UTC</time>" in (tmp_path / "feed.html").read_text()
    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in page.all("meta")
    assert all(post["dir"] == "auto" and post["lang"] == "en" for post in page.all("p") if post.get("class") == "text")
    assert page.posts == ["post 2", "post 1"]


def test_the_policy_allows_nothing_but_the_pages_own_style_and_script() -> None:
    """default-src 'none', the hashes of the one style and the one script; no style attribute, nothing fetched but
    pictures beside the page."""
    page = page_of("x")
    (policy,) = [meta["content"] for meta in page.all("meta") if meta.get("http-equiv") == "Content-Security-Policy"]
    rules = (
        r"default-src 'none'; style-src 'sha256-[\w+/]{43}='; script-src 'sha256-[\w+/]{43}='; img-src 'self';"
        r" base-uri 'none'; form-action 'none'"
    )
    assert re.fullmatch(rules, policy)
    assert page.all("script") == [{}]
    assert {tag for tag, _ in page.elements}.isdisjoint({"img", "iframe", "form", "object", "base"})
    assert not any(name.startswith("on") or name in ("style", "src") for _, attrs in page.elements for name in attrs)


def test_threads_stand_together_in_reading_order(tmp_path: Path) -> None:
    """A thread is one section, first part first, though another post came in between; the newest is on top."""
    feed = make(tmp_path)
    root = put(feed, 1, "one")
    put(feed, 2, "between")
    second = put(feed, 3, "two", reply=ReplyTo(root, root))
    put(feed, 4, "three", reply=ReplyTo(root, second))
    text = (tmp_path / "feed.html").read_text()
    assert Reader(text).posts == ["one", "two", "three", "between"]
    assert Reader(text).all("section") == [{"lang": "en", "aria-label": "Thread of 3 posts"}]
    assert "2 of 3" in text


def test_a_thread_whose_first_part_is_gone_still_shows(tmp_path: Path) -> None:
    """Parts behind a deleted one stay, as a thread of their own; replies in a circle don't hang the page."""
    feed = make(tmp_path)
    root = put(feed, 1, "one")
    second = put(feed, 2, "two", reply=ReplyTo(root, root))
    put(feed, 3, "three", reply=ReplyTo(root, second))
    feed.delete(root.remote_id)
    assert Reader((tmp_path / "feed.html").read_text()).posts == ["two", "three"]
    circle = (atom.Entry("a", 1, "", "a", NOW, "", "b"), atom.Entry("b", 2, "", "b", NOW, "", "a"))
    assert len(b"".join(feed_page.render_page(feed._header, atom.Contents(circle), {}))) > 0


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("see https://a.example/x.", ["https://a.example/x"]),
        ("(https://a.example/x_(y)) and http://b.example!", ["https://a.example/x_(y)", "http://b.example"]),
        ("https://a.example/?a=1&b=<c>", ["https://a.example/?a=1&b="]),
        ("見て https://a.example/。つぎ", ["https://a.example/"]),
        ("https://a.example/\u202egpj.exe", ["https://a.example/"]),
        ("javascript:alert(1) data:text/html,x ftp://a.example xhttps://a.example https:// //a.example", []),
        ("https://a.example/" + "x" * 3000, []),
        ("https://a.example" + ")" * 1900 + " " + "https://b" + "!" * 60_000, ["https://a.example"]),
    ],
)
def test_only_web_addresses_become_links(text: str, links: list[str]) -> None:
    """http and https only, without the sentence's punctuation; the visible text never changes."""
    page = page_of(text)
    found = [link["href"] for link in page.all("a") if link.get("rel")]
    assert found == links
    assert page.posts == [text]


@given(st.lists(st.text(max_size=200) | st.sampled_from(HOSTILE), max_size=4))
def test_any_text_stays_text(texts: list[str]) -> None:
    """Whatever is posted, the page shows just that (line ends aside) and gains no element but web links."""
    texts = [atom.illegal().sub("", text) for text in texts]
    page = page_of(*texts)
    assert page.posts == [re.sub("\r\n?", "\n", text) for text in texts]
    usual = {tag for tag, _ in page_of("x", "").elements} | {"a"}
    assert {tag for tag, _ in page.elements} <= usual
    assert all(re.match("https?://|#|feed.xml", str(link["href"])) for link in page.all("a"))


def test_a_hostile_title_and_author_stay_text(tmp_path: Path) -> None:
    """Settings are a person's words, and are escaped all the same, in both files."""
    evil = '</title><script>alert(1)</script>"\0\ud800'
    put(make(tmp_path, title=evil, author=evil, language='"><script>'), 1)
    assert Reader((tmp_path / "feed.html").read_text()).all("script") == [{}]
    assert Reader((tmp_path / "feed.html").read_text()).all("html") == [{}]


# -- where else, and when --------------------------------------------------------------------------


def test_the_page_says_where_else_each_post_went(tmp_path: Path) -> None:
    """A link where it is out, a word where it is not; a thread has one line, which counts the parts; an address that is
    none of the web's is no link, and a state is only text."""
    bluesky, x = Elsewhere("Bluesky", "https://bsky.app/1", ""), Elsewhere("X", "", "failed")
    places = {
        1: [bluesky, x],
        2: [Elsewhere("<b>M", "javascript:alert(1)", ""), Elsewhere("X", "", "<i>no")],
        4: [bluesky, Elsewhere("X", "https://x.com/4", "")],
        5: [Elsewhere("Bluesky", "https://bsky.app/5", ""), x],
    }
    feed = make(tmp_path, elsewhere=lambda: places)
    put(feed, 1)
    put(feed, 2)
    put(feed, 3)
    root = put(feed, 4)
    put(feed, 5, reply=ReplyTo(root, root))
    lines = re.findall('<ul class="places".*?>(.*?)</ul>', (tmp_path / "feed.html").read_text())
    shown = [re.sub(' rel="[^"]*"', "", line) for line in lines]
    state = '<span class="state">{}</span>'
    assert shown == [
        '<li><a href="https://bsky.app/1">Bluesky</a></li>'
        f'<li><a href="https://x.com/4">X</a> {state.format("1 of 2")}</li>',
        f"<li>&lt;b&gt;M</li><li>X {state.format('&lt;i&gt;no')}</li>",
        f'<li><a href="https://bsky.app/1">Bluesky</a></li><li>X {state.format("failed")}</li>',
    ]


def test_the_page_is_drawn_anew_when_another_platform_is_heard_of_and_the_feed_is_not(tmp_path: Path) -> None:
    """What a feed reader reads keeps every byte; a page that says it already is not written again."""
    places: dict[int, list[Elsewhere]] = {1: [Elsewhere("X", "", "not yet")]}
    feed = make(tmp_path, elsewhere=lambda: places)
    feed.redraw()
    assert list(tmp_path.iterdir()) == []
    put(feed, 1)
    read = (tmp_path / "feed.xml").read_bytes()
    assert "not yet" in (tmp_path / "feed.html").read_text()
    places[1] = [Elsewhere("X", "https://x.com/1", "")]
    feed.redraw()
    assert "https://x.com/1" in (tmp_path / "feed.html").read_text()
    assert (tmp_path / "feed.xml").read_bytes() == read
    drawn = (tmp_path / "feed.html").stat().st_ino
    feed.redraw()
    assert (tmp_path / "feed.html").stat().st_ino == drawn


def test_times_stand_in_the_bots_zone_where_no_script_runs(tmp_path: Path) -> None:
    """Each by the zone's clock on its day, with the zone's name."""
    feed = make(tmp_path, time_zone="America/New_York")
    put(feed, 1)
    put(feed, 2, minutes=60 * 24 * 150)
    page = (tmp_path / "feed.html").read_text()
    assert "11 Apr 2027, 10:07 EDT</time>" in page and "12 Nov 2026, 09:08 EST</time>" in page
    assert '<span id="zone">America/New York</span>' in page


@pytest.mark.parametrize(
    ("bot", "settings", "name"),
    [
        ("default", "", "Posts"),
        ("default", '[persona]\nname = "Cycling <Club>"\n', "Cycling <Club>"),
        ("club", "", "club"),
    ],
)
def test_the_feed_has_one_name_everywhere(tmp_path: Path, bot: str, settings: str, name: str) -> None:
    """As heading, in the window's title, in what a browser calls the feed, in the feed, and as its author. "default" is
    a file's name and nobody's."""
    home = Home(tmp_path)
    home.bot(bot, settings)
    assert home("run").code == 0
    files = (tmp_path / "data").glob("feed*.html"), (tmp_path / "data").glob("feed*.xml")
    page, feed = (next(found).read_text() for found in files)
    shown = html.escape(name, quote=False)
    for words in (f'<h1 dir="auto">{shown}</h1>', f"<title>{shown}</title>", f'title="{shown}" href="feed'):
        assert words in page
    assert f"<title>{shown}</title>" in feed and f"<author><name>{shown}</name></author>" in feed


# -- in a browser ----------------------------------------------------------------------------------

# Loads a page of the same origin in a frame of the given width and writes down what it finds there.
HARNESS = """<!doctype html><iframe id=f width=WIDTH height=900 style="border:0" src="PAGE"></iframe>
<pre id=found></pre>
<script>
onload = () => {
  const w = document.getElementById("f").contentWindow, d = w.document;
  const color = (e, what) => e ? w.getComputedStyle(e)[what] : "";
  const find = s => d.querySelector(s);
  document.getElementById("found").textContent = JSON.stringify({
    width: w.innerWidth, scrollWidth: d.documentElement.scrollWidth, owned: w.owned === 1, title: d.title,
    posts: d.querySelectorAll("p.text").length, scripts: d.querySelectorAll("main script, main img, main svg").length,
    time: find("time") ? find("time").textContent : "", zone: find("#zone") ? find("#zone").textContent : "",
    state: color(find(".state"), "color"), place: color(find(".places a"), "color"),
    hidden: color(find("article"), "display") === "none",
    ground: color(d.body, "backgroundColor"), card: color(find("article"), "backgroundColor"),
    ink: color(find("p.text"), "color"), soft: color(find("h2 a"), "color"), quiet: color(find("header p"), "color"),
    link: color(find("p.text a"), "color"),
    drawn: [...d.querySelectorAll(".pictures img")].map(
      i => [i.width, i.height, i.naturalWidth, w.getComputedStyle(i).objectFit, i.closest("a").href === i.src]),
    rtl: [...d.querySelectorAll("p.text")].filter(p => p.matches(":dir(rtl)")).length,
  });
};
</script>"""


@pytest.fixture
def browser(tmp_path: Path) -> Chromium:
    return chromium(tmp_path / "profile")


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder and the loopback URL that serves it."""
    folder = tmp_path / "site"
    folder.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield folder, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def look(browser: Chromium, site: tuple[Path, str], page: str, width: int, *, dark: bool = False) -> dict[str, object]:
    folder, url = site
    (folder / "harness.html").write_text(HARNESS.replace("WIDTH", str(width)).replace("PAGE", page))
    found = re.search(r'<pre id="found">(.*?)</pre>', browser.dom(f"{url}/harness.html", dark=dark))
    assert found
    return dict(json.loads(html.unescape(found[1])))


def contrast(one: object, other: object) -> float:
    """https://www.w3.org/TR/WCAG21/#dfn-contrast-ratio of two `rgb(r, g, b)` colours."""

    def luminance(color: object) -> float:
        parts = [int(part) / 255 for part in re.findall(r"\d+", str(color))[:3]]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_hostile_posts_neither_act_nor_overflow(browser: Chromium, site: tuple[Path, str], dark: bool) -> None:
    """At 320 px nothing is wider than the page, no markup of a post is alive, and contrast is 4.5 or more."""
    places = {
        n: [Elsewhere(text, "https://x.com/1", ""), Elsewhere("X", "", text)] for n, text in enumerate(HOSTILE, 1)
    }
    feed = make(site[0], elsewhere=lambda: places)
    for number, text in enumerate(HOSTILE, 1):
        put(feed, number, text)
    seen = look(browser, site, "feed.html", 320, dark=dark)
    assert (seen["width"], seen["scrollWidth"]) == (320, 320)
    assert (seen["owned"], seen["scripts"], seen["hidden"], seen["title"]) == (False, 0, False, "Facts")
    assert (seen["posts"], seen["rtl"]) == (len(HOSTILE), 1)
    assert seen["ground"] == ("rgb(21, 23, 26)" if dark else "rgb(246, 245, 242)")
    for ink, ground in (
        ("ink", "card"),
        ("soft", "card"),
        ("link", "card"),
        ("quiet", "ground"),
        ("state", "card"),
        ("place", "card"),
    ):
        assert contrast(seen[ink], seen[ground]) >= 4.5


SHAPES = [(64, 64), (4000, 300), (900, 2400), (1600, 900)]


@pytest.mark.parametrize("width", [390, 1280])
def test_no_picture_is_blown_up_or_cut_where_it_stands_alone(
    browser: Chromium, site: tuple[Path, str], width: int
) -> None:
    """An icon keeps its size, a panorama and a tall one are seen whole; among others only usual shapes are cropped.
    Each leads to its file."""
    feed = make(site[0])
    pictures = [prepared(saved(Image.new("RGB", shape), "PNG")) for shape in SHAPES]
    uploads = {media.digest: feed.upload(media, content) for media, content in pictures}
    together = tuple(media for media, _ in pictures)
    for number, shown in enumerate([together, *((media,) for media in together)], start=1):
        feed.publish(feed.prepare(replace(outgoing(number), part=Part("Look.", shown), uploads=uploads)))
    seen = look(browser, site, "feed.html", width)
    assert (seen["width"], seen["scrollWidth"], seen["scripts"]) == (width, width, 8)
    drawn = seen["drawn"]
    assert isinstance(drawn, list)
    alone, among = drawn[:4][::-1], drawn[4:]  # the newest first
    for (across, down, natural, _, is_link), shape in zip(alone, SHAPES, strict=True):
        assert (natural, is_link) == (shape[0], True)
        assert across <= shape[0] + 2 and down <= 30 * 17
        assert down - 2 == pytest.approx((across - 2) * shape[1] / shape[0], abs=5), "in its own proportions"
    assert [fit for *_, fit, _ in among] == ["scale-down"] * 3 + ["cover"]
    assert len({(across, down) for across, down, *_ in among}) == 1


def test_the_browser_test_can_fail(browser: Chromium, site: tuple[Path, str]) -> None:
    """The same look at a bad page reports a script that ran and a line that is too wide."""
    (site[0] / "bad.html").write_text('<script>window.owned=1</script><p style="width:500px">x</p>')
    seen = look(browser, site, "bad.html", 320)
    assert seen["owned"] is True
    assert int(str(seen["scrollWidth"])) > 400


def test_the_policy_stops_a_script_even_in_the_page(browser: Chromium, site: tuple[Path, str]) -> None:
    """Were the escaping broken, the page's own policy would still keep a script from running."""
    put(make(site[0]), 1)
    page = site[0] / "feed.html"
    page.write_text(
        page.read_text().replace("<main>", "<main><script>window.owned=1</script><img src=x onerror=owned=1>")
    )
    seen = look(browser, site, "feed.html", 320)
    assert seen["owned"] is False
    assert seen["scripts"] == 2


@pytest.mark.parametrize(("dark", "ground"), [(False, (246, 245, 242)), (True, (21, 23, 26))], ids=["light", "dark"])
def test_it_opens_from_disk(browser: Chromium, tmp_path: Path, dark: bool, ground: tuple[int, int, int]) -> None:
    """Opened as a file, without any server, the page is drawn with its own style in both colour schemes."""
    put(make(tmp_path), 1, unicodedata.lookup("SNOWMAN") + " hello")
    png = tmp_path / "page.png"
    browser.screenshot((tmp_path / "feed.html").as_uri(), png, 1200, 600, dark=dark)
    assert first_pixel(png) == ground


@pytest.mark.parametrize(("zone", "shown"), [("UTC", "14:08 UTC"), ("Asia/Kathmandu", "19:53 GMT+5:45")])
def test_a_browser_shows_times_in_the_readers_zone(
    browser: Chromium, site: tuple[Path, str], monkeypatch: pytest.MonkeyPatch, zone: str, shown: str
) -> None:
    """The page's own script runs under its policy, and says whose clock it is."""
    monkeypatch.setenv("TZ", zone)
    put(make(site[0], time_zone="America/New_York"), 1)
    seen = look(browser, site, "feed.html", 390)
    assert seen["time"] == f"12 Nov 2026, {shown}" and seen["zone"] == "your time zone"
