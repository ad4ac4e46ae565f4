"""The console as a process: how it starts, who is told of it, and how it ends."""

from __future__ import annotations

import fcntl
import json
import os
import re
import signal
import socket
import ssl
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.forked import plain_environment
from tests.home import Home, RealHome
from tests.review.conftest import Console, Visitor, csrf_of, open_console
from tests.talking import Person
from twitter_manager.app import App
from twitter_manager.errors import TwitterManagerError
from twitter_manager.review.console import serve

PASSWORD = "four words in a row"
IMPATIENT = (
    "import sys; from twitter_manager.review.console import serve; serve.MINUTE = {minute}; "
    "from twitter_manager.cli import main; sys.exit(main(sys.argv[1:]))"
)
"""The program with shorter minutes."""


def until_end(console: Console, seconds: float) -> str:
    """What it says as it ends by itself."""
    out, err = console.process.communicate(timeout=seconds)
    assert (console.process.wait(), err) == (0, "")
    return out.strip()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_person_ends_it(home: Home, number: int) -> None:
    """Ctrl-C, or SIGTERM: exit code 0, one plain line, and nothing of it is left that would mislead the next."""
    with open_console(home) as console, console.log_in():
        os.kill(console.process.pid, number)
        assert until_end(console, 10).splitlines()[-1] == "The console ended."
    assert home("review", "--link").code == 2
    with open_console(home, "--port", str(console.port)) as again:
        assert again.port == console.port


@pytest.mark.slow
def test_it_ends_when_nobody_uses_it(home: Home) -> None:
    """After the minutes of the setting; who was at work in time keeps it alive, and nothing but a person does: not what
    a page asks for by itself, not a stranger, not a stylesheet, not a program that watches."""
    home.settings(GENERATORS="excerpt", REVIEW_IDLE_MINUTES="2")
    watching = {"Authorization": f"Bearer {home('review', 'token', 'watch').out.strip()}"}
    with open_console(home, code=IMPATIENT.format(minute=1.5)) as console:
        with console.log_in() as visitor:
            for _ in range(20):
                used = time.time()
                assert visitor.get("/logout").status_code == 200
                time.sleep(0.2)
            while console.process.poll() is None:
                try:
                    visitor.get("/logout", headers={"X-By-Itself": "yes"})
                    visitor.get("/static/console.css")
                    console.visitor().get("/login")
                    console.visitor().get("/api/health")
                    assert console.visitor().get("/api/metrics", headers=watching).status_code == 200
                except httpx.TransportError:
                    break
                time.sleep(0.1)
        assert until_end(console, 5).splitlines()[-1] == "The console ended: nobody used it for 2 minutes."
        assert time.time() - used > 3, "sooner than the setting says"


def test_one_console_a_home(home: Home) -> None:
    """Who starts a second one is led into the first: it runs on, and the new link works there."""
    with open_console(home) as console:
        done = home("review", "--no-browser", "--port", "0")
        assert (done.code, done.err) == (0, "")
        assert "runs already" in done.out
        found = re.search(r"http\S+", done.out)
        assert found and found[0].startswith(console.address)
        assert console.visitor().get(found[0]).status_code == 200
        assert console.new_link().startswith(console.address)


def test_a_lock_that_another_user_made_is_refused(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where others could write they can hold it and write an address of theirs into it: no link is made for that."""
    app = App.load(home.path, {"TWITTER_MANAGER_HOME": str(home.path)}, lambda line: None)
    place = serve.Place.of(app)
    place.folder.mkdir(parents=True)
    place.lock.write_text('{"address": "http://evil.example/", "takes_links": true}')
    with place.lock.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert serve.running(place) == serve.Running("http://evil.example/", takes_links=True)
        monkeypatch.setattr(os, "geteuid", lambda: place.lock.stat().st_uid + 1)
        with pytest.raises(TwitterManagerError, match="belongs to another user"):
            serve.running(place)


def test_no_console_no_link(home: Home) -> None:
    """A link is not made for whatever else listens there."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        code = "from twitter_manager.review.console import serve; serve.WAKING_SECONDS = 0.3; "
        code += "import sys; from twitter_manager.cli import main; sys.exit(main(sys.argv[1:]))"
        done = home("review", "--link", "--port", str(other.getsockname()[1]), code=code)
    assert done.code == 2
    assert "No console runs here" in done.err
    assert not list((home.path / "data" / "review").glob("links/*"))


def test_a_port_that_is_taken(home: Home) -> None:
    """One that was asked for is refused in a line; instead of the usual one another is taken."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = home("review", "--no-browser", "--port", str(port))
        assert done.code == 2
        assert done.err.count("\n") == 1
        assert f"port {port}" in done.err
        home.settings(GENERATORS="excerpt", REVIEW_PORT=str(port))
        process = home.start("review", "--no-browser")
        assert process.stdout
        seen = "".join(process.stdout.readline() for _ in range(2))
        process.terminate()
        process.communicate(timeout=20)
        found = re.search(r"127\.0\.0\.1:(\d+)/", seen)
        assert found and int(found[1]) != port


def test_bad_settings_are_told_first(home: Home) -> None:
    """As by every verb: exit code 78, and nothing listens."""
    home.settings(REVIEW_IDLE_MINUTES="soon", REVIEW_PORT="80")
    done = home("review", "--no-browser")
    assert done.code == 78
    assert "REVIEW_IDLE_MINUTES" in done.err
    assert "REVIEW_PORT" in done.err
    assert not (home.path / "data" / "review").exists()


def test_a_run_goes_on_beside_it(home: Home) -> None:
    """The console holds no lock of the runs', and its log is a file of its own, which no run writes to."""
    home.bot("default")
    with open_console(home) as console:
        assert home("run").code == 0
        with console.log_in() as visitor:
            visitor.get("/nothing")
    logs = {path.name: path for path in (home.path / "logs").iterdir()}
    assert "console" in logs["review.log"].read_text()
    assert "console" not in logs["twitter_manager.log"].read_text()
    assert stat.S_IMODE(logs["review.log"].stat().st_mode) == 0o600
    assert all(json.loads(line)["time"] for line in logs["review.log"].read_text().splitlines())


def test_the_line_for_ssh(home: Home) -> None:
    """Who is on another machine is told what to type on their own."""
    process = home.start("review", "--port", "0", SSH_CONNECTION="203.0.113.9 50000 198.51.100.7 2222", DISPLAY=":9")
    assert process.stdout
    seen = "".join(process.stdout.readline() for _ in range(5))
    process.terminate()
    process.communicate(timeout=20)
    port = re.search(r":(\d+)/login", seen)
    assert port
    assert re.search(rf"ssh -N -L {port[1]}:127\.0\.0\.1:{port[1]} -p 2222 \S+@198\.51\.100\.7\n", seen), seen


BROWSER = """#!/bin/sh
echo "$@" > {told}
exec sleep 60 > /dev/null 2>&1
"""


@pytest.mark.slow
def test_the_browser_is_given_no_token(home: Home, tmp_path: Path) -> None:
    """Where there is a display and a terminal the browser opens, and isn't waited for; the link is in a file of this
    user alone, for the words of a command can be read by everybody. The file is gone at the end."""
    told = tmp_path / "told"
    browser = tmp_path / "browser"
    browser.write_text(BROWSER.format(told=told))
    browser.chmod(0o755)
    home.settings(GENERATORS="excerpt", REVIEW_IDLE_MINUTES="2")
    code = IMPATIENT.format(minute=1.0).replace("import sys; ", "import sys; sys.stdout.isatty = lambda: True; ")
    shown = {"DISPLAY": ":9", "BROWSER": f"{browser} %s &"}
    with open_console(home, code=code, **shown) as console:
        pass
    # `open_console` says --no-browser: nothing opened
    assert not told.exists()
    process = home.start("review", "--port", "0", code=code, **shown)
    try:
        deadline = time.monotonic() + 10
        while not (told.exists() and told.read_text().endswith("\n")) and time.monotonic() < deadline:
            time.sleep(0.05)
        words = told.read_text()
        page = Path(words.strip().removeprefix("file://"))
        assert stat.S_IMODE(page.stat().st_mode) == 0o600
        link = re.search(r"url=(\S+?)\"", page.read_text())
        assert link
        token = link[1].partition("token=")[2]
        assert token
        assert token not in words
        assert httpx.get(link[1], trust_env=False).status_code == 200
        out, _ = process.communicate(timeout=15)
        assert out.startswith("The console opens in your browser.")
        assert not page.exists()
    finally:
        if process.poll() is None:
            process.terminate()
            process.communicate(timeout=20)
    assert console.home is home


def handed_over(home: Home, listening: socket.socket, *words: str, pid: str = "os.getpid()") -> subprocess.Popen[str]:
    """The program as systemd starts it: the socket is its fd 3."""
    code = f"import os, sys; os.environ.update(LISTEN_PID=str({pid}), LISTEN_FDS='1', LISTEN_FDNAMES='x'); "
    code += (
        f"from twitter_manager.review.console import serve; serve.MINUTE = {'3' if pid == 'os.getpid()' else '60'}; "
    )
    code += "from twitter_manager.cli import main; sys.exit(main(sys.argv[1:]))"
    handle = listening.fileno()

    def as_fd_3() -> None:
        os.dup2(handle, 3)

    return subprocess.Popen(
        [sys.executable, "-c", code, "review", "--no-browser", *words],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, close_fds=False, preexec_fn=as_fd_3,
        env=plain_environment() | home.environment(),
    )  # fmt: skip


@pytest.mark.slow
def test_systemd_hands_over_the_socket(home: Home) -> None:
    """A request that waits in systemd's socket is answered by the console that it starts; a link comes from another
    command; nothing is printed but how it ended, for the journal is no place for links; when nobody uses it, it leaves,
    and the socket stays for the next."""
    home.settings(GENERATORS="excerpt", REVIEW_IDLE_MINUTES="2")
    home("review", "users")  # what starts the verbs of tests is there before the console waits for them
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        for _ in range(2):
            waiting = socket.create_connection(("127.0.0.1", port), timeout=30)
            waiting.sendall(f"GET /login HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode())
            process = handed_over(home, listening)
            assert waiting.recv(100).startswith(b"HTTP/1.1 401 ")
            waiting.close()
            link = home("review", "--link", "--port", str(port)).out.strip()
            assert link.startswith(f"http://127.0.0.1:{port}/login?token=")
            with Visitor(f"http://127.0.0.1:{port}") as visitor:
                assert visitor.get(link).status_code == 200
                assert visitor.get("/logout").status_code == 200
            out, err = process.communicate(timeout=30)
            assert (process.returncode, err) == (0, "")
            assert out == "The console ended: nobody used it for 2 minutes.\n"


@pytest.mark.parametrize(
    ("address", "family", "words"),
    [("0.0.0.0", socket.AF_INET, "needs a name and a password"), ("", socket.AF_UNIX, "no listening TCP socket")],
)
def test_an_unfit_socket_is_refused(home: Home, tmp_path: Path, address: str, family: int, words: str) -> None:
    """One that the network reaches needs what --host needs; one of another kind can't be used."""
    where = (address, 0) if address else str(tmp_path / "socket")
    with socket.socket(family) as listening:
        listening.bind(where)
        listening.listen()
        process = handed_over(home, listening)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 2
    assert words in err


def test_a_socket_for_another_process_is_left_alone(home: Home) -> None:
    """What systemd meant for a parent is not taken."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        process = handed_over(home, listening, "--port", "0", pid="1")
        assert process.stdout
        process.stdout.readline()
        link = process.stdout.readline()
        process.terminate()
        process.communicate(timeout=20)
        assert f":{listening.getsockname()[1]}/" not in link


def test_the_units_start_this_home(tmp_path: Path) -> None:
    """What `--systemd` prints names this home and this interpreter, whatever characters are in its path, and every line
    is whole."""
    home = RealHome(tmp_path / "ho me%$")
    done = home("review", "--systemd", "--port", "9001")
    assert done.code == 0, done
    assert "ListenStream=127.0.0.1:9001\n" in done.out
    percent = str(home.path).replace("%", "%%")
    assert f'Environment="TWITTER_MANAGER_HOME={percent}"\n' in done.out
    assert f'ExecStart="{sys.executable}" "-m" "twitter_manager" "review" "--no-browser"\n' in done.out
    files = re.findall(r"^# (/\S+-review\.(?:socket|service))$", done.out, re.MULTILINE)
    assert len(files) == 2
    assert Path(files[0]).stem == Path(files[1]).stem, "systemd starts the service of the socket's name"
    assert f"enable --now {Path(files[0]).name}" in done.out


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files of a certificate for console.example."""
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", folder / "key.pem", "-out",
         folder / "cert.pem", "-days", "3", "-subj", "/CN=console.example", "-addext",
         "subjectAltName=DNS:console.example"],
        check=True, capture_output=True,
    )  # fmt: skip
    return folder


def own_address() -> str:
    """An address of this machine that others can reach."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("198.51.100.1", 9))
        except OSError:
            pytest.skip("this machine has no network address")
        return str(probe.getsockname()[0])


def test_a_network_needs_names_and_tls(home: Home, certificate: Path) -> None:
    """Without both nothing listens, and the line says what is missing."""
    tls = ("--tls-cert", str(certificate / "cert.pem"), "--tls-key", str(certificate / "key.pem"))
    for words, told in (
        (("--host", "0.0.0.0", *tls), "needs a name and a password"),
        (("--host", "no.such.host.invalid", *tls), "is not known here"),
        (("--tls-cert", str(certificate / "cert.pem")), "needs a certificate and its key"),
        (("--tls-cert", "nowhere.pem", "--tls-key", "nowhere.pem"), "can't be used (No such file"),
        (("--tls-cert", tls[3], "--tls-key", tls[1]), "not a certificate and its key"),
    ):
        done = home("review", "--no-browser", "--port", "0", *words)
        assert done.code == 2, (words, done)
        assert told in done.err
    home("review", "adduser", "anna", stdin=PASSWORD)
    for words, told in (
        (("--host", "0.0.0.0"), "needs TLS"),
        (("--host", "0.0.0.0", *tls), "no name by which a browser comes"),
    ):
        done = home("review", "--no-browser", "--port", "0", *words)
        assert done.code == 2, (words, done)
        assert told in done.err


@pytest.fixture
def networked(home: Home, certificate: Path) -> Iterator[Console]:
    """A console for named users at an address of this machine, under the name console.example."""
    assert home("review", "adduser", "anna", stdin=PASSWORD).code == 0
    tls = ("--tls-cert", str(certificate / "cert.pem"), "--tls-key", str(certificate / "key.pem"))
    with open_console(home, "--host", own_address(), "--host", "console.example", *tls) as console:
        yield console


class Remote(Visitor):
    """Somebody on the network, whose browser knows the console as console.example."""

    def __init__(self, console: Console, certificate: Path) -> None:
        context = ssl.create_default_context(cafile=str(certificate / "cert.pem"))
        host = httpx.URL(console.address).host

        class Resolved(httpx.HTTPTransport):
            def handle_request(self, request: httpx.Request) -> httpx.Response:
                extensions = {**request.extensions, "sni_hostname": "console.example"}
                url = request.url.copy_with(host=host)
                there = httpx.Request(
                    request.method, url, headers=request.headers, stream=request.stream, extensions=extensions
                )
                return super().handle_request(there)

        super().__init__(f"https://console.example:{console.port}", transport=Resolved(verify=context))

    def log_in(self, name: str, password: str) -> httpx.Response:
        answer = self.send_form("/login", name=name, password=password)
        if answer.status_code == 200:
            self.csrf = csrf_of(self.get("/logout").text)
        return answer


def test_a_named_user_comes_over_the_network(home: Home, networked: Console, certificate: Path) -> None:
    """By TLS, name and password; the cookie is bound to TLS and to this host; the actor is the user. Links are neither
    made nor taken there."""
    assert networked.link.endswith(f":{networked.port}/")
    assert home("review", "--link").code == 2
    with Remote(networked, certificate) as remote:
        assert "Password" in remote.get("/login").text
        answer = remote.log_in("anna", PASSWORD)
        [cookie] = answer.headers.get_list("set-cookie")
        assert cookie.startswith(f"__Host-console-{networked.port}=")
        assert {"secure", "httponly", "samesite=strict", "path=/"} <= set(cookie.lower().split("; "))
        assert "domain" not in cookie.lower()
        assert "You are here as anna." in remote.get("/logout").text
        with pytest.raises(httpx.TransportError):
            httpx.get(f"http://{httpx.URL(networked.address).host}:{networked.port}/", trust_env=False)
        assert remote.get("/", headers={"Host": f"127.0.0.1:{networked.port}"}).status_code == 421


def test_a_session_dies_with_its_user(home: Home, networked: Console, certificate: Path) -> None:
    """Who is removed, or gets another password, is out with the next click."""
    for words, stdin in ((("adduser", "anna"), "another long password"), (("removeuser", "anna"), "")):
        with Remote(networked, certificate) as remote:
            assert remote.log_in("anna", PASSWORD if words[0] == "adduser" else "another long password").is_success
            assert home("review", *words, stdin=stdin).code == 0
            assert remote.get("/logout").status_code == 303
            assert remote.log_in("anna", PASSWORD).status_code in (403, 429)


STRICT = (
    "import sys; from twitter_manager.review.console.users import Attempts; Attempts.FREE = -5; "
    "from twitter_manager.cli import main; sys.exit(main(sys.argv[1:]))"
)
"""The program that makes one wait a minute after the first wrong password."""


def test_guessing_passwords_is_slowed_down(home: Home) -> None:
    """Who must wait, waits with the right password too, under another name too, and is told how long; no answer tells a
    known name from another. On this machine named users log in at the same page."""
    home("review", "adduser", "anna", stdin=PASSWORD)
    for name in ("anna", "nobody"):
        with open_console(home, code=STRICT) as console, console.visitor() as visitor:
            wrong = visitor.send_form("/login", name=name, password="a wrong password")
            assert wrong.status_code == 403
            assert "The name or the password is wrong." in wrong.text
            for then in (name, "anna", "somebody"):
                answer = visitor.send_form("/login", name=then, password=PASSWORD)
                assert answer.status_code == 429
                assert 0 < int(answer.headers["retry-after"]) <= 64
                assert "Wait" in answer.text
    with open_console(home) as console, console.visitor() as visitor:
        assert visitor.send_form("/login", name="anna", password=PASSWORD).status_code == 200
        assert "You are here as anna." in visitor.get("/logout").text


def test_users_are_named(home: Home) -> None:
    """Added, listed, given another password, removed; each slip is one line with exit code 2."""
    assert home("review", "adduser", "anna", stdin=f"{PASSWORD}\n") == home("review", "adduser", "ben", stdin=PASSWORD)
    assert re.fullmatch(r"anna \(since [\d-]{10}\)\nben \(since [\d-]{10}\)\n", home("review", "users").out)
    assert home("review", "removeuser", "anna").code == 0
    assert home("review", "users").out.startswith("ben")
    for words, stdin in (
        (("adduser", "Ben Smith"), PASSWORD),
        (("adduser", "cy"), "short"),
        (("adduser", "cy"), ""),
        (("adduser",), PASSWORD),
        (("removeuser", "anna"), ""),
        (("users", "anna"), ""),
    ):
        done = home("review", *words, stdin=stdin)
        assert (done.code, done.err.count("\n"), done.out) == (2, 1, ""), (words, done)


def test_a_password_is_typed_twice_unseen(home: Home) -> None:
    """At a terminal it is asked for without being shown; two that differ change nothing."""
    person = Person(home.path)
    says = [("Password: ", f"{PASSWORD}\n"), ("Once more: ", f"{PASSWORD}\n")]
    done = person.at_terminal("review", "adduser", "anna", says=says)
    assert done.code == 0, done
    assert "anna can log in now." in done.out
    assert PASSWORD not in done.out
    done = person.at_terminal("review", "adduser", "ben", says=[says[0], ("Once more: ", f"{PASSWORD}!\n")])
    assert done.code == 2
    assert "not the same" in done.out
    assert home("review", "users").out.count("\n") == 1


def test_the_home_says_nothing_of_links(home: Home) -> None:
    """What stands in the home while it runs lets nobody in: the folder is this user's, and no file holds a token."""
    with open_console(home) as console:
        token = console.link.partition("token=")[2]
        folder = home.path / "data" / "review"
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert not [path for path in folder.rglob("*") if path.is_file() and token in path.read_text()]
        with (folder / "console.lock").open() as lock, pytest.raises(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
