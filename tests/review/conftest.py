"""The console for tests: the real verb as a process, people who log in by its link, and a real browser.

`console` is one over a home of the test's own; `open_console` starts it with other words or settings. A `Visitor` is a
program that keeps its cookie and says where it comes from, as a browser would. `browser` is Chromium, shared by a
session's tests; `page` is a page of it that has logged in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

import httpx
import pytest

from tests.home import Done, Home, Process

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

CHROMIUM = Path("/usr/bin/chromium")


@dataclass
class Console:
    """A console that runs."""

    home: Home
    process: Process
    link: str
    """Lets one in, once."""
    _unused: str = field(init=False)

    def __post_init__(self) -> None:
        self._unused = self.link

    @property
    def address(self) -> str:
        parts = urlsplit(self.link)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def port(self) -> int:
        return urlsplit(self.link).port or 0

    def new_link(self) -> str:
        """Another link, as a person gets it in another terminal."""
        done = self.home("review", "--link")
        assert done.code == 0, done
        return done.out.strip()

    def way_in(self) -> str:
        """A link that lets one in: the one that it printed, later another."""
        link, self._unused = self._unused, ""
        return link or self.new_link()

    def visitor(self) -> Visitor:
        """Somebody who has not logged in."""
        return Visitor(self.address)

    def log_in(self) -> Visitor:
        """Somebody who came by a link."""
        visitor = self.visitor()
        answer = visitor.get(self.way_in())
        assert answer.status_code == 200, answer.text
        visitor.csrf = csrf_of(visitor.get("/logout").text)
        return visitor

    def stop(self) -> Done:
        """As Ctrl-C does; gives what it said to its end."""
        if self.process.poll() is None:
            self.process.terminate()
        out, err = self.process.communicate(timeout=30)
        return Done(self.process.wait(), out, err)

    def log(self) -> str:
        """The console's log."""
        return (self.home.path / "logs" / "review.log").read_text()


class Visitor(httpx.Client):
    """A program at the console, with its cookie."""

    def __init__(self, address: str, **settings: object) -> None:
        super().__init__(base_url=address, timeout=30, trust_env=False, **settings)  # type: ignore[arg-type]
        self.address = address
        self.csrf = ""

    def __enter__(self) -> Self:  # a client that asked something already can't be entered
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def send_form(self, path: str, **fields: str) -> httpx.Response:
        """A form of a page of the console's own."""
        return self.post(path, data={"csrf": self.csrf, **fields}, headers={"Origin": self.address})


def csrf_of(page: str) -> str:
    """The token in a page's form."""
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found, page
    return found[1]


@contextmanager
def open_console(home: Home, *words: str, **settings: str) -> Iterator[Console]:
    """Start it on a free port; it is ended with the block."""
    process = home.start("review", "--no-browser", *([] if "--port" in words else ["--port", "0"]), *words, **settings)
    try:
        yield Console(home, process, _link(process))
    finally:
        if process.poll() is None:
            process.terminate()
            process.communicate(timeout=30)


def _link(process: Process) -> str:
    """The link that it prints; an address alone where it takes none."""
    assert process.stdout and process.stderr
    seen = ""
    while line := process.stdout.readline():
        seen += line
        if found := re.search(r"https?://\S+/\S*", line):
            return found[0]
    raise AssertionError(f"no address: {seen}{process.stderr.read()}")


@pytest.fixture
def console(home: Home) -> Iterator[Console]:
    with open_console(home) as opened:
        yield opened


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium. Where there is none the test skips."""
    if not CHROMIUM.exists():
        pytest.skip(f"no Chromium at {CHROMIUM}")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"])
        yield chromium
        chromium.close()


@contextmanager
def person(browser: Browser, console: Console, *, width: int = 1280, height: int = 900) -> Iterator[Page]:
    """A page of a browser of one's own, logged in by the console's link. Whatever goes wrong in the page's scripts, or
    is refused by its policy, fails the test."""
    context: BrowserContext = browser.new_context(viewport={"width": width, "height": height})
    context.set_default_timeout(15_000)
    page = context.new_page()
    faults = list[str]()
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if "Content Security Policy" in said.text else None)
    page.goto(console.way_in())
    page.wait_for_url(re.compile(r"^(?!.*token=)"))
    yield page
    context.close()
    assert not faults, faults


@pytest.fixture
def page(browser: Browser, console: Console) -> Iterator[Page]:
    with person(browser, console) as opened:
        yield opened
