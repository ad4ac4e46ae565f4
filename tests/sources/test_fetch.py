"""The guarded client against real servers on this machine, most of them hostile, and a long list of addresses that it
must never go to."""

from __future__ import annotations

import gzip
import socket
import zlib
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from tests.sources.web import Site, Waits, fetcher, loopback_policy, serve
from twitter_manager.errors import SourceError
from twitter_manager.sources import fetch
from twitter_manager.sources.fetch import EITHER, FEED, MOST_BYTES, MOST_FEED_BYTES, PAGE, Answer, Fetcher, Gone, shown

REFUSED = [
    # this machine, in every spelling
    "http://127.0.0.1/", "http://127.0.0.1:8080/", "http://127.1/", "http://127.0.1/", "http://2130706433/",
    "http://0177.0.0.1/", "http://0x7f.0.0.1/", "http://0x7f000001/", "http://017700000001/", "http://127.000.000.001/",
    "http://127.0.0.1./", "http://127.255.255.254/", "http://localhost/", "http://LOCALHOST/", "http://localhost./",
    "http://[::1]/", "http://[0:0:0:0:0:0:0:1]/", "http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/",
    "http://[::127.0.0.1]/", "http://[::7f00:1]/", "http://[64:ff9b::7f00:1]/", "http://[64:ff9b::127.0.0.1]/",
    "http://[2002:7f00:1::]/", "http://[2001:0:7f00:1::]/", "http://[::]/", "http://0.0.0.0/", "http://0/",
    "http://①②⑦.⓪.⓪.①/", "http://127。0。0。1/", "http://127%2e0%2e0%2e1/", "http://%31%32%37.0.0.1/",
    # networks of one's own
    "http://10.0.0.1/", "http://10.255.255.255/", "http://172.16.0.1/", "http://172.31.255.255/", "http://192.168.0.1/",
    "http://192.168.1.254:8080/", "http://3232235777/", "http://0xc0a80101/", "http://[fc00::1]/", "http://[fd12:3456::1]/",
    "http://[::ffff:10.0.0.1]/", "http://[64:ff9b::a00:1]/", "http://[64:ff9b:1::a00:1]/", "http://[fec0::1]/",
    # link-local, the clouds' metadata, carriers' networks, multicast, reserved
    "http://169.254.169.254/latest/meta-data/", "http://169.254.0.1/", "http://[fe80::1]/", "http://[fe80::1%25eth0]/",
    "http://[fd00:ec2::254]/", "http://2852039166/", "http://0xa9fea9fe/", "http://[::ffff:a9fe:a9fe]/",
    "http://100.64.0.1/", "http://100.100.100.200/", "http://168.63.129.16/", "http://[::ffff:168.63.129.16]/",
    "http://[64:ff9b::a83f:8110]/", "http://224.0.0.1/", "http://239.255.255.250/", "http://[ff02::1]/",
    "http://255.255.255.255/", "http://240.0.0.1/", "http://198.18.0.1/", "http://192.0.2.1/", "http://[2001:db8::1]/",
    "http://192.88.99.1/", "http://192.0.0.170/",
    # not the web
    "file:///etc/passwd", "ftp://example.org/", "gopher://example.org/", "data:text/html,x", "javascript:alert(1)",
    "unix:///var/run/docker.sock", "//example.org/", "example.org", "", "http://", "http:///x", "https://[::1", "http://[::g]/",
    # credentials, ports, odd characters
    "http://user:pass@example.org/", "http://example.org@127.0.0.1/", "http://example.org:22/", "http://example.org:25/",
    "http://example.org:6379/", "http://example.org:0/", "http://example.org:99999/", "http://example.org:80:80/",
    "http://exa mple.org/", "http://example.org\t.evil/", "http://example.org\n/", "http://example.org\\@127.0.0.1/",
    "http://" + "a" * 300 + ".org/", "http://example.org/" + "a" * 3000, "http://ex\u202eample.org\u0000/",
]  # fmt: skip


class Nobody:
    """Looks names up without a network: `localhost` is this machine, numbers are what the system makes of them, and
    other names are not there."""

    def __call__(self, host: str, port: int = 0, *rest: Any, **more: Any) -> Any:
        try:
            address = socket.inet_ntoa(socket.inet_aton("127.1" if host.rstrip(".").lower() == "localhost" else host))
        except OSError:
            raise socket.gaierror(socket.EAI_NONAME, "unknown") from None
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]


def _strict(resolver: Any = None) -> Fetcher:
    waits = Waits()
    return Fetcher(sleep=waits.sleep, monotonic=waits.monotonic, time_left=lambda: 60.0, resolver=resolver or Nobody())


@pytest.mark.parametrize("url", REFUSED, ids=[repr(url)[:50] for url in REFUSED])
def test_an_address_that_is_not_the_public_web_is_refused(url: str) -> None:
    """Each hostile spelling leaves as one clear line, as a refusal and not as a failed connection."""
    with pytest.raises(SourceError) as caught:
        _strict().get(url, PAGE)
    assert "is refused" in caught.value.message
    assert "\n" not in str(caught.value) and "pass" not in str(caught.value).replace("passwd", "")


@pytest.mark.parametrize("url", ["http://example.org/", "http://example.org:80/", "https://example.org/"])
def test_a_plain_address_of_the_public_web_is_allowed(url: str) -> None:
    """Port 80 and port 443 get as far as the look-up of the name, which nobody knows here."""
    with pytest.raises(SourceError) as caught:
        _strict().get(url, PAGE)
    assert "is refused" not in caught.value.message


def test_the_list_is_long() -> None:
    """At least sixty addresses, none of them twice."""
    assert len(set(REFUSED)) == len(REFUSED) >= 60


@pytest.mark.parametrize(
    "addresses",
    [["127.0.0.1"], ["10.0.0.7"], ["169.254.169.254"], ["168.63.129.16"], ["93.184.216.34", "127.0.0.1"], ["::1"]],
    ids=str,
)
def test_a_name_that_leads_to_a_private_address_is_refused(addresses: list[str]) -> None:
    """What the name's owner says is checked, all of it."""

    def resolver(host: str, port: int = 0, *rest: Any, **more: Any) -> Any:
        return [
            (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (one, port, 0, 0))
            if ":" in one
            else (socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port))
            for one in addresses
        ]

    with pytest.raises(SourceError, match="is refused"):
        _strict(resolver).get("http://rebind.example/", PAGE)


def test_a_name_that_moves_between_check_and_connection_moves_nothing(site: Site) -> None:
    """A name is looked up once for each connection, which goes to what was checked then; when it has moved to a private
    address by the next connection, that is refused."""
    site.put("/", "<p>the one that was checked</p>")
    asked: list[str] = []
    address = "127.0.0.1"

    def resolver(host: str, port: int = 0, *rest: Any, **more: Any) -> Any:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    def get() -> Answer | None:
        waits, policy = Waits(), loopback_policy(site.port)
        client = Fetcher(
            sleep=waits.sleep, monotonic=waits.monotonic, time_left=lambda: 60.0, policy=policy, resolver=resolver
        )
        return client.get(f"http://rebind.example:{site.port}/", PAGE)

    answer = get()
    assert answer is not None and b"checked" in answer.content
    assert len(asked) == site.connections
    address = "127.0.0.2"
    with pytest.raises(SourceError, match=r"is refused: 127\.0\.0\.0/8"):
        get()


@pytest.mark.parametrize(
    "location",
    ["http://127.0.0.2/", "http://169.254.169.254/", "http://[::1]/", "file:///etc/passwd", "http://10.0.0.1/",
     "//2130706434/", "http://user:secret@127.0.0.1/", "gopher://x/", "http://localhost:22/"],
)  # fmt: skip
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_to_where_we_must_not_go_is_refused(site: Site, location: str, status: int) -> None:
    """Every hop is checked like the first address."""
    with pytest.raises(SourceError, match="is refused") as caught:
        fetcher(site.port).get(site.redirect("/", location, status), PAGE)
    assert "secret" not in str(caught.value)


def test_redirects_are_followed_five_times_and_no_more(site: Site) -> None:
    """A chain within the limit arrives, with the address where it ended; a loop ends with a clear line."""
    for number in range(6):
        site.redirect(f"/{number}", f"/{number + 1}")
    site.put("/5", "<p>there</p>")
    answer = fetcher(site.port).get(site.url + "/0", PAGE)
    assert answer is not None and answer.url.endswith("/5")
    site.redirect("/loop", "/loop")
    with pytest.raises(SourceError, match="more than 5 redirects"):
        fetcher(site.port).get(site.url + "/loop", PAGE)
    with pytest.raises(SourceError, match=r"no answer|is refused"):
        fetcher(site.port).get(site.redirect("/odd", "http://[::1"), PAGE)


def test_a_page_comes_whole_with_its_type_and_validators(site: Site) -> None:
    """Content, charset, ETag and Last-Modified arrive; the program names itself and asks for gzip alone."""
    when = "Fri, 20 Nov 2026 10:00:00 GMT"
    url = site.put("/", "grüß", content_type="text/html; charset=UTF-8", ETag='"a1"', Last_Modified=when)
    answer = fetcher(site.port).get(url, PAGE)
    assert answer == Answer(url, "grüß".encode(), "text/html", "UTF-8", '"a1"', when)
    headers = site.seen[0].headers
    assert headers["user-agent"].startswith("twitter_manager/") and headers["accept-encoding"] == "gzip"
    assert "cookie" not in headers and "authorization" not in headers


def test_what_has_not_changed_is_not_sent_again(site: Site) -> None:
    """With the validators of the last answer the server may answer 304, and that gives None."""
    url = site.put_versioned("/", "text", '"v1"')
    client = fetcher(site.port)
    first = client.get(url, PAGE)
    assert first is not None
    assert client.get(url, PAGE, etag=first.etag, modified=first.modified) is None
    assert site.seen[1].headers["if-none-match"] == '"v1"'
    assert client.get(url, PAGE, etag='"v0"') is not None


def test_cookies_are_not_kept(site: Site) -> None:
    """What one answer sets the next request doesn't carry."""
    url = site.put("/", "x", Set_Cookie="a=b")
    client = fetcher(site.port)
    client.get(url, PAGE)
    client.get(url, PAGE)
    assert "cookie" not in site.seen[1].headers


@pytest.mark.parametrize(
    ("status", "error", "words"),
    [
        (404, Gone, "nothing any more"), (410, Gone, "nothing any more"), (403, SourceError, "403"),
        (401, SourceError, "not let in"), (429, SourceError, "429"), (500, SourceError, "500"),
        (503, SourceError, "next look"),
        (304, SourceError, "304"), (204, SourceError, "204"), (418, SourceError, "418"),
    ],
)  # fmt: skip
def test_an_answer_that_is_no_page_says_its_status(
    site: Site, status: int, error: type[SourceError], words: str
) -> None:
    """One line with the status and what to do; gone is told from failed."""
    with pytest.raises(SourceError, match=words) as caught:
        fetcher(site.port).get(site.put("/", b"", status), PAGE)
    assert type(caught.value) is error


@pytest.mark.parametrize("media_type", ["image/png", "application/zip", "application/pdf", "video/mp4", "text/css"])
def test_a_wrong_type_is_refused(site: Site, media_type: str) -> None:
    """Each caller says which types it takes; a page is no feed's picture."""
    with pytest.raises(SourceError, match=media_type):
        fetcher(site.port).get(site.put("/", "x", content_type=media_type), PAGE)
    with pytest.raises(SourceError, match=media_type):
        fetcher(site.port).get(site.put("/", "x", content_type=media_type), FEED)


@pytest.mark.parametrize(
    "media_type",
    ["binary/octet-stream", "application/rss", "text/rss", "application/atom", "application/x-xml", "text/plain", "",
     "application/octet-stream", "application/x-rss+xml", "text/xml", "feed", "application/x-gzip"],
)  # fmt: skip
def test_a_feed_may_be_called_anything(site: Site, media_type: str) -> None:
    """Servers have many names for a feed; what is no picture, film or document is looked into."""
    answer = fetcher(site.port).get(site.put("/", "<rss/>", content_type=media_type), FEED)
    assert answer is not None and answer.content == b"<rss/>"


def _raw(site: Site, path: str, *pieces: bytes, pause: float = 0.0) -> str:
    """Serve these bytes as they are, headers included."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        import time

        handler.close_connection = True
        for piece in pieces:
            handler.wfile.write(piece)
            handler.wfile.flush()
            time.sleep(pause)

    site.pages[path] = answer
    return site.url + path


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"


def test_an_answer_that_is_too_large_is_cut_off(site: Site) -> None:
    """Declared or not, no more than the limit is read."""
    url = _raw(site, "/", HEAD + b"\r\n", *([b"x" * 2**20] * 8))
    with pytest.raises(SourceError, match="larger than 5 MB"):
        fetcher(site.port).get(url, PAGE)
    with pytest.raises(SourceError, match="larger than 5 MB"):
        fetcher(site.port).get(site.put("/b", b"x" * (MOST_BYTES + 1)), PAGE)
    answer = fetcher(site.port).get(site.put("/c", b"x" * MOST_BYTES), PAGE)
    assert answer is not None and len(answer.content) == MOST_BYTES


def test_a_feed_may_be_larger_than_a_page(site: Site) -> None:
    """Up to 25 MB, no more."""
    whole = site.put("/", b"x" * MOST_FEED_BYTES, content_type="text/xml")
    answer = fetcher(site.port).get(whole, FEED)
    assert answer is not None and len(answer.content) == MOST_FEED_BYTES
    with pytest.raises(SourceError, match="larger than 25 MB"):
        fetcher(site.port).get(site.put("/b", b"x" * (MOST_FEED_BYTES + 1), content_type="text/xml"), FEED)


def test_gzip_is_unpacked(site: Site) -> None:
    """What we asked for we can read, whatever the size of its pieces."""
    text = b"<p>hello</p>" * 10_000
    answer = fetcher(site.port).get(site.put("/", gzip.compress(text), Content_Encoding="gzip"), PAGE)
    assert answer is not None and answer.content == text


def bomb() -> bytes:
    """A gigabyte in a megabyte, which never was in memory whole; nobody reads as far as its end, which is left off."""
    packer = zlib.compressobj(9, wbits=-15)
    block = packer.compress(b"\0" * 2**20) + packer.flush(zlib.Z_FULL_FLUSH)
    return b"\x1f\x8b\x08" + bytes(7) + block * 1024


@pytest.mark.parametrize(
    ("content", "encoding", "words"),
    [
        (bomb(), "gzip", "larger than 5 MB"),
        (gzip.compress(bomb()), "gzip, gzip", "larger than 5 MB"),
        (gzip.compress(gzip.compress(gzip.compress(gzip.compress(b"x")))), "gzip", "many times"),
        (zlib.compress(b"\0" * 2**26, 9), "deflate", "larger than 5 MB"),
        (b"\x1b" * 100, "br", "nobody asked for"),
        (b"\x28\xb5\x2f\xfd" + b"x" * 100, "zstd", "nobody asked for"),
        (gzip.compress(b"x" * 10_000)[:-20], "gzip", "broke off"),
        (b"\x1f\x8b\x08" + b"this is no gzip" * 9, "gzip", "can't be unpacked|broke off"),
    ],
    ids=["bomb", "bomb in a bomb", "layers", "deflate", "br", "zstd", "cut", "none"],
)
def test_a_packed_answer_can_not_fill_the_memory(site: Site, content: bytes, encoding: str, words: str) -> None:
    """A gigabyte in a megabyte is stopped where it passes the limit; what nobody asked for is not unpacked."""
    import resource

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(SourceError, match=words):
        fetcher(site.port).get(site.put("/", content, Content_Encoding=encoding), PAGE)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 * 1024  # kB


RAW_DEFLATE = zlib.compressobj(wbits=-15)


@pytest.mark.parametrize(
    ("pack", "encoding"),
    [
        (lambda text: text, "gzip"),
        (lambda text: text, "deflate"),
        (lambda text: text, "br"),
        (lambda text: text, "UTF-8"),
        (gzip.compress, ""),
        (gzip.compress, "identity"),
        (gzip.compress, "deflate"),
        (gzip.compress, "br"),
        (lambda text: gzip.compress(gzip.compress(text)), "gzip"),
        (zlib.compress, "deflate"),
        (lambda text: RAW_DEFLATE.compress(text) + RAW_DEFLATE.flush(), "deflate"),
        (lambda text: gzip.compress(zlib.compress(text)), "deflate, gzip"),
    ],
    ids=[
        "plain as gzip",
        "plain as deflate",
        "plain as br",
        "charset",
        "gzip as nothing",
        "gzip as identity",
        "gzip as deflate",
        "gzip as br",
        "twice",
        "zlib",
        "raw deflate",
        "both",
    ],
)
def test_a_content_encoding_that_lies_is_seen_through(
    site: Site, pack: Callable[[bytes], bytes], encoding: str
) -> None:
    """What the bytes are counts, not what they are called."""
    text = b"<rss version='2.0'></rss>" * 50
    headers = {"Content_Encoding": encoding} if encoding else {}
    answer = fetcher(site.port).get(site.put("/", pack(text), content_type="text/xml", **headers), FEED)
    assert answer is not None and answer.content == text


@pytest.mark.parametrize("where", ["body", "headers", "status"])
def test_an_answer_that_drips_is_left(site: Site, where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The time is for the whole answer: one byte now and then doesn't prolong it, in whichever part they come."""
    monkeypatch.setattr(fetch, "SECONDS", 0.5)
    beginning = {"body": HEAD + b"\r\n", "headers": HEAD + b"X-Slow: ", "status": b"HT"}[where]
    url = _raw(site, "/", beginning, *([b"x"] * 200), pause=0.05)
    with pytest.raises(SourceError, match="took longer"):
        fetcher(site.port).get(url, PAGE)


@pytest.mark.parametrize(
    "bytes_sent",
    [b"", b"\0" * 100, b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort", b"SSH-2.0-x\r\n", HEAD + b"X" * 200_000,
     b"HTTP/1.1 999999 X\r\n\r\n", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n"],
    ids=["nothing", "nul", "short", "ssh", "headers", "status", "chunks"],
)  # fmt: skip
def test_an_answer_that_is_no_http_is_one_line(site: Site, bytes_sent: bytes) -> None:
    """Whatever comes over the line leaves as a SourceError."""
    with pytest.raises(SourceError, match="no answer") as caught:
        fetcher(site.port).get(_raw(site, "/", bytes_sent), PAGE)
    assert "\n" not in caught.value.message


def test_a_server_that_is_not_there_is_one_line() -> None:
    """Nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(SourceError, match="no answer"):
        fetcher(port).get(f"http://127.0.0.1:{port}/", PAGE)


# -- manners -------------------------------------------------------------------------------------------


def test_robots_rules_hold(site: Site) -> None:
    """What a site's robots.txt forbids us is not fetched; its rules for others are not ours; it is read once a run."""
    site.put("/robots.txt", "User-agent: *\nDisallow: /private\n\nUser-agent: other\nDisallow: /")
    site.put("/open", "x")
    site.put("/private/page", "x")
    client = fetcher(site.port)
    assert client.get(site.url + "/open", PAGE) is not None
    with pytest.raises(SourceError, match=r"robots\.txt does not allow it"):
        client.get(site.url + "/private/page", PAGE)
    assert [request.path for request in site.seen] == ["/open"] and site.robots_asked == 1
    site.put("/robots.txt", "User-agent: Twitter_Manager\nDisallow: /\n\nUser-agent: *\nAllow: /")
    with pytest.raises(SourceError, match=r"robots\.txt does not allow it"):
        fetcher(site.port).get(site.url + "/open", PAGE)


def test_a_feed_that_a_person_named_is_read_whatever_robots_say(site: Site) -> None:
    """robots.txt is for crawlers: it is not even fetched for a feed or for what a person types; for pages it holds."""
    site.put("/robots.txt", "User-agent: *\nDisallow: /")
    url = site.put("/feed", "<rss/>", content_type="text/xml")
    client = fetcher(site.port)
    assert client.get(url, FEED) is not None and client.get(url, EITHER) is not None and site.robots_asked == 0
    with pytest.raises(SourceError, match=r"robots\.txt does not allow it"):
        client.get(url, PAGE)


@pytest.mark.parametrize(
    ("status", "allowed"), [(404, True), (403, True), (410, True), (429, False), (500, False), (503, False)]
)
def test_robots_that_can_not_be_read(site: Site, status: int, allowed: bool) -> None:
    """RFC 9309: none there means all is allowed, one that can't be reached means nothing is."""
    site.put("/robots.txt", "", status)
    url = site.put("/", "x")
    if allowed:
        assert fetcher(site.port).get(url, PAGE) is not None
    else:
        with pytest.raises(SourceError, match="nothing is fetched"):
            fetcher(site.port).get(url, PAGE)
        assert not site.seen


def test_robots_that_are_garbage_or_huge_forbid_nothing(site: Site) -> None:
    """Bytes that are no rules are none; half a million kilobytes is as far as they are read."""
    site.put(
        "/robots.txt",
        bytes(range(256)) * 100 + b"\nCrawl-delay: soon\n" + b"#" * 600_000 + b"\nUser-agent: *\nDisallow: /",
    )
    assert fetcher(site.port).get(site.put("/", "x"), PAGE) is not None


def test_a_redirect_obeys_the_other_site_too(site: Site) -> None:
    """The rules are those of the site that a redirect leads to."""
    with serve() as other:
        other.put("/robots.txt", "User-agent: *\nDisallow: /")
        site.redirect("/", other.put("/x", "x"))
        with pytest.raises(SourceError, match="does not allow"):
            fetcher(site.port, other.port).get(site.url + "/", PAGE)
        assert not other.seen


def test_a_host_is_not_asked_twice_at_once(site: Site) -> None:
    """A pause of a second between two requests to one host, as long as its robots.txt asks for (up to half a minute),
    and none where there is no time for it."""
    for asked, kept in (("", 1.0), ("Crawl-delay: 7", 7.0), ("Crawl-delay: 100000", 30.0)):
        site.put("/robots.txt", f"User-agent: *\n{asked}\nDisallow:")
        url, waits = site.put("/", "x"), Waits()
        client = fetcher(site.port, waits=waits)
        client.get(url, PAGE)
        client.get(url, PAGE)
        assert len(waits.slept) == 1 and kept - 0.5 < waits.slept[0] <= kept
    hurried = fetcher(site.port, seconds=5.0)
    hurried.get(url, PAGE)
    with pytest.raises(SourceError, match="no time left"):
        hurried.get(url, PAGE)


def test_an_address_is_shown_without_its_secrets() -> None:
    """No credentials and no query in a message, nothing that a terminal would act on."""
    assert shown("https://u:p@host.org/a/b?token=t#f") == "https://host.org/a/b"
    assert "\x1b" not in shown("https://host.org/\x1b[2J") and len(shown("https://h/" + "a" * 5000)) <= 120
    assert shown("http://[") == "the address"
