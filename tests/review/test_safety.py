"""Attacks on the console, as a page elsewhere, another program on the machine or somebody in the network would try
them: each is refused, changes nothing and says nothing that it should not."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Iterator

import httpx
import pytest

from tests.bounds import soon
from tests.home import Home
from tests.review.conftest import Console, Visitor, csrf_of, open_console

WRITE = "/logout"
"""Something that a session can do, and that shows whether it was done."""
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """One console for all that is refused."""
    with open_console(Home(tmp_path_factory.mktemp("safety") / "home")) as console:
        yield console


@pytest.fixture(scope="module")
def logged_in(shared: Console) -> Iterator[Visitor]:
    with shared.log_in() as visitor:
        yield visitor


@pytest.fixture
def anna(logged_in: Visitor) -> Iterator[Visitor]:
    """Somebody who is logged in, and still is at the end: what was refused did nothing."""
    yield logged_in
    assert is_in(logged_in), "the session ended"


def is_in(visitor: Visitor) -> bool:
    return visitor.get("/logout").status_code == 200


def raw(console: Console, request: bytes, *, patience: float = 15) -> bytes:
    """What comes back for these bytes, until the other side closes."""
    with socket.create_connection(("127.0.0.1", console.port), timeout=patience) as connection:
        connection.sendall(request)
        answer = b""
        try:
            while piece := connection.recv(65536):
                answer += piece
        except TimeoutError:
            answer += b"(open)"
        return answer


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "localhost.evil.example:{port}", "",
                                  "127.0.0.1:{port}.evil.example", "0.0.0.0:{port}", "user@127.0.0.1:{port}",
                                  "127.0.0.1:{port}, evil.example", "127.1:{port}", "2130706433:{port}"])  # fmt: skip
def test_a_foreign_host_is_refused(shared: Console, anna: Visitor, host: str) -> None:
    """By whatever name another site leads a browser here (DNS rebinding), it gets nothing, even with the cookie."""
    for path in ("/", "/login", "/static/console.css", "/nothing", "/api/drafts"):
        answer = anna.get(path, headers={"Host": host.format(port=shared.port)})
        assert answer.status_code in (400, 421), (path, answer)


@pytest.mark.parametrize("host", ["127.0.0.1:{port}", "localhost:{port}", "[::1]:{port}", "LOCALHOST:{port}"])
def test_own_hosts_are_let_in(shared: Console, host: str) -> None:
    """All names of this machine lead to the console."""
    assert shared.visitor().get("/static/console.css", headers={"Host": host.format(port=shared.port)}).is_success


@pytest.mark.parametrize("origin", [None, "null", "http://evil.example", "http://127.0.0.1", "http://127.0.0.1:1",
                                    "https://127.0.0.1:{port}", "http://localhost:{port}", "", "http://127.0.0.1:{port}/",
                                    "http://127.0.0.1:{port}.evil.example", "file://"])  # fmt: skip
def test_a_write_from_elsewhere_is_refused(shared: Console, anna: Visitor, origin: str | None) -> None:
    """Cookie and token are right, but the page that sends them isn't the console's, or doesn't say."""
    headers = FORM if origin is None else FORM | {"Origin": origin.format(port=shared.port)}
    answer = anna.post(WRITE, content=f"csrf={anna.csrf}", headers=headers)
    assert answer.status_code == 403
    assert "another page" in answer.text


def test_two_origins_are_none(shared: Console, anna: Visitor) -> None:
    """The right one beside a foreign one does not help."""
    headers = [*FORM.items(), ("Origin", shared.address), ("Origin", "http://evil.example")]
    assert anna.post(WRITE, content=f"csrf={anna.csrf}", headers=headers).status_code == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_the_browser_tells_on_another_site(shared: Console, anna: Visitor, site: str) -> None:
    """What the browser itself says of where a request comes from is the second net: writes, and what a page elsewhere
    embeds or fetches. Another port of this machine counts as elsewhere."""
    headers = {"Origin": shared.address, "Sec-Fetch-Site": site, "Sec-Fetch-Mode": "navigate"}
    assert anna.post(WRITE, data={"csrf": anna.csrf}, headers=headers).status_code == 403
    assert anna.get("/logout", headers={"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "no-cors"}).status_code == 403
    assert anna.get("/logout", headers={"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "navigate"}).status_code == 200


@pytest.mark.parametrize("kind", ["text/plain", "text/plain;charset=UTF-8", "", None, "application/json",
                                  "application/xml", "text/plain; application/x-www-form-urlencoded"])  # fmt: skip
def test_other_kinds_of_bodies_are_refused(shared: Console, anna: Visitor, kind: str | None) -> None:
    """A page takes what a form of its own sends, and nothing that a page elsewhere may send unasked."""
    headers = {"Origin": shared.address} | ({} if kind is None else {"Content-Type": kind})
    assert anna.post(WRITE, content=f"csrf={anna.csrf}", headers=headers).status_code == 415


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_the_api_takes_json(shared: Console, anna: Visitor, kind: str) -> None:
    """What any page may send without being asked is refused there too, as problem details."""
    headers = {"Origin": shared.address, "Content-Type": kind, "X-CSRF-Token": anna.csrf}
    answer = anna.post("/api/logout", content='{"a": 1}', headers=headers)
    assert answer.status_code == 415
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("token", ["", "x", "{csrf}x", "é", "{csrf}\0"])
def test_a_form_without_its_token_is_refused(anna: Visitor, token: str) -> None:
    """The cookie alone does nothing."""
    answer = anna.send_form(WRITE, csrf=token.format(csrf=anna.csrf))
    assert answer.status_code == 403
    assert "not of your session" in answer.text


def test_a_form_of_another_session_is_refused(shared: Console, anna: Visitor) -> None:
    """Each session has its own token, be it of the same person."""
    with shared.log_in() as ben:
        assert ben.csrf != anna.csrf
        assert anna.send_form(WRITE, csrf=ben.csrf).status_code == 403
        assert anna.post(WRITE, headers=FORM | {"Origin": shared.address, "X-CSRF-Token": ben.csrf}).status_code == 403


def test_the_token_in_the_address_does_not_count(shared: Console, anna: Visitor) -> None:
    """It would end up in histories and logs."""
    answer = anna.post(f"{WRITE}?csrf={anna.csrf}", data={"a": "b"}, headers={"Origin": shared.address})
    assert answer.status_code == 403


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "GETX"])
def test_other_methods_are_refused(shared: Console, anna: Visitor, method: str) -> None:
    """No method goes round the checks of writes; a browser's question before a request from elsewhere gets no yes."""
    headers = {"Origin": "http://evil.example", "Access-Control-Request-Method": "POST"}
    answer = anna.request(method, "/logout", headers=headers)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD, POST"
    assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize("path", ["/", "/queue", "/draft/1", "/history", "/media/abc", "/logout", "/nothing"])
def test_nobody_sees_a_page_without_a_session(shared: Console, path: str) -> None:
    """Who has no session is led to the login page, whether or not there is such a page."""
    for cookie in ("", f"console-{shared.port}=", f"console-{shared.port}=x", f"console-{shared.port}=\xff"):
        headers = [(b"Cookie", cookie.encode("latin-1"))]
        answer = shared.visitor().get(path, headers=headers)
        assert (answer.status_code, answer.headers["location"]) == (303, "/login")


@pytest.mark.parametrize("path", ["/api/drafts", "/api/bots", "/api/nothing", "/api/metrics"])
def test_nobody_asks_the_api_without_a_session(shared: Console, path: str) -> None:
    """A program is told so in JSON."""
    for headers in ({}, {"Authorization": "Bearer x"}, {"Authorization": "Basic YTpi"}):
        answer = shared.visitor().get(path, headers=headers)
        assert answer.status_code == 401
        assert answer.json()["type"].endswith("not-signed-in")


@pytest.mark.parametrize("folder", ["/static", "/media"])
@pytest.mark.parametrize("path", ["/../../../../../../../../etc/passwd", "/..%2f..%2f..%2f..%2fetc%2fpasswd",
                                  "/%2e%2e/%2e%2e/web.py", "/....//....//etc/passwd", "//etc/passwd",
                                  "/..%5c..%5cweb.py", "/%252e%252e%252fweb.py", "/../web.py", "/console.css%00.png",
                                  "/%ff%fe", "/../../../../../../.env", "/" + "a" * 5000,
                                  "/" + "a/" * 2000])  # fmt: skip
def test_no_path_leads_out_of_a_folder(shared: Console, anna: Visitor, folder: str, path: str) -> None:
    """However the way up is written."""
    cookie = f"console-{shared.port}={anna.cookies[f'console-{shared.port}']}"
    head = f"GET {folder}{path} HTTP/1.1\r\nHost: 127.0.0.1:{shared.port}\r\nCookie: {cookie}\r\nConnection: close\r\n"
    answer = raw(shared, head.encode() + b"\r\n")
    assert re.match(rb"HTTP/1.1 (303|400|404) ", answer), answer[:300]
    assert b"root:" not in answer
    assert b"import" not in answer
    assert b"GENERATORS" not in answer


@pytest.mark.parametrize("digits", [19, 40, 5000])
@pytest.mark.parametrize("path", ["/draft/", "/runs/", "/api/drafts/", "/api/runs/"])
def test_a_number_that_no_draft_has_is_not_found(anna: Visitor, path: str, digits: int) -> None:
    """However long it is."""
    assert anna.get(path + "9" * digits).status_code == 404


def test_a_session_is_never_taken_over(shared: Console) -> None:
    """Session fixation: the id that a browser brought along is not the one it has after the login, lets nobody in
    before or after, and the session that it had is over."""
    name = f"console-{shared.port}"
    with shared.visitor() as visitor:
        visitor.cookies.set(name, "chosen-by-somebody-else", domain="127.0.0.1")
        visitor.get(shared.new_link())
        first = visitor.cookies[name]
        assert first != "chosen-by-somebody-else"
        visitor.get(shared.new_link())
        assert visitor.cookies[name] != first
    for old in ("chosen-by-somebody-else", first):
        assert shared.visitor().get("/logout", headers={"Cookie": f"{name}={old}"}).status_code == 303


def test_two_cookies_are_none(shared: Console, anna: Visitor) -> None:
    """Another program on this machine may set a cookie of the same name, which must not choose the session."""
    name = f"console-{shared.port}"
    headers = {"Cookie": f"{name}=x; {name}={anna.cookies[name]}"}
    assert shared.visitor().get("/logout", headers=headers).status_code == 303


def test_a_link_works_once(shared: Console) -> None:
    """Replayed, guessed or cut short it lets nobody in, and says how to get another."""
    link = shared.new_link()
    assert shared.visitor().get(link).status_code == 200
    for token in (link, link[:-1], f"{shared.address}/login?token=x", f"{shared.address}/login?token=../users.json"):
        visitor = shared.visitor()
        answer = visitor.get(token)
        assert answer.status_code == 403
        assert "review --link" in answer.text
        assert not visitor.cookies


def test_a_look_ahead_leaves_the_link(shared: Console) -> None:
    """What only looks (HEAD, or a page that a browser fetches because it may be wanted) does not use it up."""
    link = shared.new_link()
    shared.visitor().head(link)
    shared.visitor().get(link, headers={"Sec-Purpose": "prefetch;prerender"})
    with shared.visitor() as visitor:
        visitor.get(link)
        assert is_in(visitor)


def test_a_link_raced_for_lets_one_in(shared: Console) -> None:
    """Twenty at the same moment: one."""
    link = shared.new_link()
    answers = list[int]()
    threads = [
        threading.Thread(target=lambda: answers.append(shared.visitor().get(link).status_code)) for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200] + [403] * 19


def test_the_cookie_is_locked_up(shared: Console) -> None:
    """No script sees it, no other site's page makes the browser send it, and its name is this port's."""
    [cookie] = shared.visitor().get(shared.new_link()).headers.get_list("set-cookie")
    value, *flags = cookie.split("; ")
    assert re.fullmatch(rf"console-{shared.port}=[\w-]{{43}}", value)
    assert sorted(flag.lower() for flag in flags) == ["httponly", "path=/", "samesite=strict"]


def test_logging_out_ends_the_session(shared: Console) -> None:
    """In the browser and here: the old cookie is worth nothing."""
    with shared.log_in() as visitor:
        cookie = visitor.cookies[f"console-{shared.port}"]
        answer = visitor.send_form("/logout")
        assert "Logged out" in answer.text
        assert not visitor.cookies
        visitor.cookies.set(f"console-{shared.port}", cookie, domain="127.0.0.1")
        assert not is_in(visitor)


@pytest.mark.parametrize("path", ["/login", "/", "/static/console.css", "/static/nothing", "/api/drafts", "/logout"])
def test_every_answer_has_the_headers(shared: Console, path: str) -> None:
    """Pages, files, errors, redirects and the API alike: no script but the console's own, in no frame, kept nowhere."""
    answer = shared.visitor().get(path)
    headers = answer.headers
    csp = dict(entry.strip().partition(" ")[::2] for entry in headers["content-security-policy"].split(";"))
    assert csp["default-src"] == csp["base-uri"] == csp["frame-ancestors"] == "'none'"
    assert {csp[name] for name in ("script-src", "style-src", "form-action", "connect-src")} == {"'self'"}
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == headers["cross-origin-resource-policy"] == "same-origin"
    assert ("no-store" in headers["cache-control"]) != path.startswith("/static/")
    assert "server" not in headers


def test_a_large_form_is_refused(shared: Console, anna: Visitor) -> None:
    """Before it is read, where it says how large it is; as soon as it is too large, where it doesn't."""
    headers = FORM | {"Origin": shared.address, "X-CSRF-Token": anna.csrf}
    assert anna.post(WRITE, content=b"a=" + b"b" * 1_100_000, headers=headers).status_code == 413
    cookie = f"console-{shared.port}={anna.cookies[f'console-{shared.port}']}"
    head = (
        f"POST {WRITE} HTTP/1.1\r\nHost: 127.0.0.1:{shared.port}\r\nOrigin: {shared.address}\r\n"
        f"Content-Type: {FORM['Content-Type']}\r\nCookie: {cookie}\r\n"
    )
    assert b" 413 " in raw(shared, f"{head}Content-Length: 99999999999999999999\r\n\r\n".encode())
    chunk = b"10000\r\n" + b"a" * 65536 + b"\r\n"
    assert b" 413 " in raw(shared, f"{head}Transfer-Encoding: chunked\r\n\r\n".encode() + chunk * 16)


def test_before_the_login_little_is_read(shared: Console) -> None:
    """Who is not logged in can't make the console keep much, and other pages read nothing of theirs at all."""
    headers = FORM | {"Origin": shared.address}
    assert shared.visitor().post("/login", content=b"name=" + b"a" * 20_000, headers=headers).status_code == 413
    head = f"POST /queue HTTP/1.1\r\nHost: 127.0.0.1:{shared.port}\r\nOrigin: {shared.address}\r\n"
    head += f"Content-Type: {FORM['Content-Type']}\r\nContent-Length: 900000\r\n\r\n"
    assert b" 401 " in raw(shared, head.encode())


@soon
@pytest.mark.parametrize(
    "body",
    [
        "&".join(f"a{n}=b" for n in range(80_000)),
        "a" * 100 + "=" + "%" * 900_000,
        "=&=&" * 200_000,
    ],
    ids=["fields", "percent", "empty"],
)
def test_a_form_of_many_fields_is_bounded(anna: Visitor, body: str) -> None:
    """It is refused, and not taken apart for ever."""
    answer = anna.post(WRITE, content=body, headers=FORM | {"Origin": anna.address})
    assert answer.status_code in (400, 403)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--x\r\n",
        b"--x\r\nContent-Disposition: form-data\r\n\r\na\r\n--x--\r\n",
        b'--x\r\nContent-Disposition: form-data; name="a"; filename="../../x"\r\n\r\na\r\n--x--\r\n' * 50,
        b"--x\r\n" + b"A: b\r\n" * 20000 + b"\r\n--x--\r\n",
        b'--x\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n' + b"a" * 2_000_000 + b"\r\n--x--\r\n",
    ],
    ids=["empty", "cut", "nameless", "files", "headers", "long"],
)
def test_a_bad_multipart_body_is_refused(anna: Visitor, body: bytes) -> None:
    """One that is cut, says nothing, or says too much."""
    for kind in ("multipart/form-data; boundary=x", "multipart/form-data"):
        answer = anna.post(WRITE, content=body, headers={"Origin": anna.address, "Content-Type": kind})
        assert answer.status_code in (400, 403), answer.text


@pytest.mark.parametrize(
    "head",
    [
        "GET /logout HTTP/1.1\r\nHost: {host}\r\nHost: {host}\r\n",
        "GET /logout HTTP/1.1\r\nHost: {host}\r\nHost: evil.example\r\n",
        "GET /logout HTTP/1.1\r\n",
        "GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\n",
        "GET /logout HTTP/1.1\r\nHost: {host}\r\n Host: evil.example\r\n",
        "GET /logout HTTP/1.1\r\nHost : {host}\r\n",
        "GET /logout HTTP/1.1\r\nHost: {host}\r\nX: a\rb\r\n",
        "GET /logout HTTP/1.0\r\n",
        "GET /logout HTTP/0.9\r\nHost: {host}\r\n",
        "POST /login HTTP/1.1\r\nHost: {host}\r\nContent-Length: 4\r\nContent-Length: 5\r\n",
        "POST /login HTTP/1.1\r\nHost: {host}\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n",
        "POST /login HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
        "POST /login HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: xchunked\r\n",
        "POST /login HTTP/1.1\r\nHost: {host}\r\nContent-Length: -1\r\n",
        "POST /login HTTP/1.1\r\nHost: {host}\r\nContent-Length: +4\r\n",
        "GET /logout HTTP/1.1\r\nHost: {host}\r\nX: " + "a" * 100_000 + "\r\n",
        "GET /" + "a" * 100_000 + " HTTP/1.1\r\nHost: {host}\r\n",
    ],
)
def test_a_request_with_two_meanings_is_refused(shared: Console, head: str) -> None:
    """What one program reads as one request and another as two, or under another name, is none here; the connection is
    closed, so that nothing that follows is taken for a request of its own."""
    inner = f"GET /static/console.css HTTP/1.1\r\nHost: 127.0.0.1:{shared.port}\r\n\r\n"
    answer = raw(shared, head.format(host=f"127.0.0.1:{shared.port}").encode() + b"\r\n" + inner.encode())
    assert re.match(rb"HTTP/1.1 (400|421|431|501|505) ", answer), answer[:200]
    assert answer.count(b"HTTP/1.1 ") == 1
    assert not answer.endswith(b"(open)")


def test_an_upgrade_is_no_way_in(shared: Console) -> None:
    """There are no web sockets, which no Origin check would stop."""
    head = f"GET /queue HTTP/1.1\r\nHost: 127.0.0.1:{shared.port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    head += "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    assert raw(shared, head.encode(), patience=1).startswith(b"HTTP/1.1 303 ")


PATIENT = (
    "import sys; from twitter_manager.review.console import guard, serve; "
    "serve.HEAD_SECONDS = guard.FORM_SECONDS = 1.0; from twitter_manager.cli import main; sys.exit(main(sys.argv[1:]))"
)


def test_slow_ones_are_given_up(home: Home) -> None:
    """A hundred connections that say their words one by one are closed after a while, and a body that never ends is
    told so: somebody else is served meanwhile and after."""
    with open_console(home, code=PATIENT) as console:
        host = f"Host: 127.0.0.1:{console.port}\r\n".encode()
        slow = [socket.create_connection(("127.0.0.1", console.port), timeout=10) for _ in range(80)]
        for connection in slow:
            connection.sendall(b"GET / HTTP/1.1\r\n" + host)
        assert console.visitor().get("/login").status_code == 401
        for connection in slow:
            assert connection.recv(100) == b""
            connection.close()
        head = b"POST /login HTTP/1.1\r\n" + host + f"Origin: {console.address}\r\n".encode()
        head += f"Content-Type: {FORM['Content-Type']}\r\nContent-Length: 100\r\n\r\nname".encode()
        assert b" 408 " in raw(console, head)
        head = b"GET /static/console.css HTTP/1.1\r\n" + host + b"Content-Length: 1000000\r\n\r\n"
        assert not raw(console, head, patience=5).endswith(b"(open)")


def test_a_flood_of_connections_leaves_the_log_readable(home: Home) -> None:
    """More than the system lets the console have: that is said once, and who comes afterwards is served."""
    few = f"import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (60, 60)); {PATIENT}"
    with open_console(home, code=few) as console:
        flood = [socket.create_connection(("127.0.0.1", console.port), timeout=10) for _ in range(100)]
        time.sleep(2.5)
        for connection in flood:
            connection.close()
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            try:
                answer = console.visitor().get("/login")
                break
            except httpx.HTTPError:
                time.sleep(0.5)
        assert answer.status_code == 401
        assert console.log().count("out of system resource") == 1


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("body", ["Content-Length: 9", "Transfer-Encoding: chunked"])
def test_a_look_takes_no_body(shared: Console, method: str, body: str) -> None:
    """What nobody reads is refused and the connection closed, or its sender could keep it for as long as they like."""
    head = f"{method} /static/console.css HTTP/1.1\r\nHost: 127.0.0.1:{shared.port}\r\n{body}\r\n\r\n"
    answer = raw(shared, head.encode(), patience=5)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert not answer.endswith(b"(open)")


@pytest.mark.parametrize("charset", ["undefined", "punycode", "utf-7", "unicode_escape"])
def test_a_form_is_utf_8(anna: Visitor, charset: str) -> None:
    """Python's stranger codecs fail at what is sent, or make half letters of it, which no database takes."""
    body = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n+2AA-\r\n--x--\r\n'
    kind = f'multipart/form-data; boundary=x; charset="{charset}"'
    answer = anna.post(WRITE, content=body, headers={"Origin": anna.address, "Content-Type": kind})
    assert answer.status_code == 415


def test_no_traceback_reaches_a_page(shared: Console, anna: Visitor) -> None:
    """What nobody foresaw is told in one sentence; where it happened stands in the log alone."""
    users = shared.home.path / "data" / "review" / "users.json"
    users.write_text("{}")
    users.chmod(0o644)
    try:
        answer = shared.visitor().get("/login")
    finally:
        users.unlink()
    assert answer.status_code == 500
    assert "Traceback" not in answer.text
    assert "users.json" not in answer.text
    assert "users.json" in shared.log()


def test_the_log_holds_no_secret(shared: Console) -> None:
    """Neither a link's token nor a session nor a form's token nor a password that was tried is in the log."""
    link = shared.new_link()
    with shared.visitor() as visitor:
        visitor.get(link)
        visitor.csrf = csrf_of(visitor.get("/logout").text)
        visitor.get("/nothing?token=abc123def456ghi")
        visitor.send_form("/nothing")
        visitor.post("/login", data={"name": "anna", "password": "my secret words"}, headers={"Origin": shared.address})
        secrets = [link.partition("token=")[2], visitor.csrf, visitor.cookies[f"console-{shared.port}"]]
        anna = shared.visitor()
        anna.post("/login", data={"name": "anna", "password": "my secret words"}, headers={"Origin": shared.address})
    log = shared.log()
    assert "as 'anna' failed" in log
    assert not [secret for secret in [*secrets, "my secret words", "abc123def456ghi"] if secret in log]


def test_a_program_shows_its_session_in_a_header(shared: Console) -> None:
    """The API's way in for programs: what only they can send needs neither Origin nor a form's token; a foreign Origin
    is refused all the same, and pages take no such header."""
    token = shared.new_link().partition("token=")[2]
    program = httpx.Client(base_url=shared.address, trust_env=False)
    foreign = {"Origin": "http://evil.example"}
    assert program.post("/api/login", json={"token": token}, headers=foreign).status_code == 403
    answer = program.post("/api/login", json={"token": token})
    assert not answer.cookies
    assert answer.status_code == 200, answer.text
    bearer = {"Authorization": f"Bearer {answer.json()['session']}"}
    assert program.get("/logout", headers=bearer).status_code == 303
    assert program.post("/api/logout", json={}, headers=bearer | {"Origin": "http://evil.example"}).status_code == 403
    assert program.post("/api/logout", json={}, headers=bearer).json() == {"done": "logged out"}
    assert program.post("/api/logout", json={}, headers=bearer).status_code in (401, 403)
