"""A real browser comes in, and a page elsewhere can do nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.review.conftest import Console, person

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


def test_the_link_leads_in_and_is_gone(console: Console, page: Page) -> None:
    """The browser ends on a page of the console, with no token in its address, and a form of its own is taken: the
    policy of the pages lets the browser say where the form comes from."""
    assert "token" not in page.url
    page.goto(f"{console.address}/logout")
    page.get_by_role("button", name="Log out").click()
    page.get_by_role("heading", name="Logged out").wait_for()
    page.goto(f"{console.address}/logout")
    assert page.url == f"{console.address}/login"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_a_link_on_another_page_leads_in(console: Console, browser: Browser, host: str) -> None:
    """A link in a web mail, or in the page that the command gives the browser, comes from elsewhere: the cookie, which
    no other site may make a browser send, is taken all the same."""
    link = console.new_link().replace("127.0.0.1", host)
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"data:text/html,<a href='{link}'>in</a>")
    page.get_by_role("link").click()
    page.wait_for_url(re.compile(r"^(?!.*(token=|^data))"))
    page.goto(f"{console.address.replace('127.0.0.1', host)}/logout")
    assert page.get_by_role("button", name="Log out").is_visible()
    context.close()


ELSEWHERE = """<!doctype html><title>elsewhere</title>
<form id="form" method="post" action="{address}/logout" target="frame"><input name="csrf" value="{csrf}"></form>
<iframe name="frame" src="{address}/logout"></iframe>
<img id="image" src="{address}/logout">
<script>
window.said = [];
const tries = [
  () => fetch("{address}/logout", {{method: "POST", mode: "no-cors", credentials: "include", body: "csrf={csrf}"}}),
  () => fetch("{address}/logout", {{method: "POST", credentials: "include", headers: {{"X-CSRF-Token": "{csrf}"}}}}),
  () => fetch("{address}/logout", {{credentials: "include"}}).then(answer => answer.text()),
  () => fetch("{address}/api/logout", {{method: "POST", credentials: "include", mode: "no-cors"}}),
];
document.getElementById("form").submit();
(async () => {{
  for (const attempt of tries) {{
    try {{ const answer = await attempt(); window.said.push(typeof answer === "string" ? answer : answer.type); }}
    catch (error) {{ window.said.push("refused"); }}
  }}
  window.done = true;
}})();
</script>"""


def test_a_page_elsewhere_can_do_nothing(console: Console, browser: Browser) -> None:
    """Another port of this very machine counts as the same site for a browser, which sends it the cookie: with it, and
    even with the form's token, its page can neither act, read nor frame the console."""
    import http.server
    import threading

    with person(browser, console) as page:
        page.goto(f"{console.address}/logout")
        csrf = page.locator("input[name=csrf]").input_value()
        content = ELSEWHERE.format(address=console.address, csrf=csrf).encode()

        class Elsewhere(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                pass

        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            other = page.context.new_page()
            other.goto(f"http://127.0.0.1:{server.server_port}/")
            other.wait_for_function("window.done")
            said = other.evaluate("window.said")
            framed = [frame.url for frame in other.frames if frame.url.startswith(console.address)]
            texts = [frame.content() for frame in other.frames[1:]]
            server.shutdown()
        assert set(said) <= {"refused", "opaque"}, said
        assert not [text for text in texts if "Log out" in text], (framed, texts)
        page.goto(f"{console.address}/logout")
        assert page.get_by_role("button", name="Log out").is_visible(), "the session was ended from elsewhere"
