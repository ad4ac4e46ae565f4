"""The page of a report, in a real browser: whole on a telephone and on a desk, light and dark, on paper, and inert."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pypdf import PdfReader

from tests.accessible import broken
from tests.reports.weeks import Weeks
from tests.review.hostile import STRIKE, strings
from twitter_manager.domain import Json
from twitter_manager.errors import UsageError
from twitter_manager.reports import page

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CHROMIUM = Path("/usr/bin/chromium")
SIZES = {"telephone": (390, 844), "desk": (1280, 900)}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    playwright = pytest.importorskip("playwright.sync_api")
    if not CHROMIUM.exists():
        pytest.skip("no Chromium at /usr/bin/chromium")
    with playwright.sync_playwright() as started:
        made = started.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield made
        made.close()


@pytest.fixture
def reports(berlin: Weeks, tmp_path: Path) -> list[Json]:
    """A week with trouble, and its month, with all that a page can show."""
    with berlin.opened(tmp_path) as db:
        made = [berlin.report(db), berlin.report(db, "month")]
    for each in made:
        each["topics"] = each["formats"] = [{"name": f"Topic number {n}", "times": 30 - n} for n in range(12)]
        each["checks"] = {"candidates": 50, "rules": [{"name": "too_long", "times": 4}], "judges": []}
        each["cost"] = {
            "usd": 1.5,
            "by_kind": [{"service": "x", "kind": "post_with_link", "calls": 3, "units": 3, "usd": 1.5}],
        }
        each["stages"] = [{"stage": "collect", "times": 7, "seconds": 2.5}]
        each["published"][0]["status"] = "failed"
        each["published"][0]["platforms"][0] |= {"status": "failed", "url": None, "error": "it is down"}
    return made


def html(reports: list[Json], weeks: Weeks) -> str:
    return page.html(reports, weeks.now, lambda text: text)


@pytest.mark.parametrize("size", SIZES)
def test_axe_finds_nothing_and_nothing_is_cut_off(
    browser: Browser, berlin: Weeks, reports: list[Json], tmp_path: Path, size: str
) -> None:
    """No rule of axe is broken, in the light and in the dark, no page need be scrolled sideways, and nothing is asked
    of any network."""
    file = tmp_path / "report.html"
    page.write(file, html(reports, berlin))
    width, height = SIZES[size]
    with browser.new_context(viewport={"width": width, "height": height}, bypass_csp=True) as context:
        shown = context.new_page()
        asked: list[str] = []
        shown.on("request", lambda request: asked.append(request.url))
        shown.goto(file.as_uri())
        assert asked == [file.as_uri()]
        assert shown.evaluate("document.documentElement.scrollWidth") <= width
        tables = shown.locator(".scroll").evaluate_all("all => all.map(each => each.scrollWidth - each.clientWidth)")
        assert tables and max(tables) == 0, "no table is cut off"
        texts = shown.locator("svg text").evaluate_all("all => all.map(each => each.getBoundingClientRect().height)")
        assert texts and min(texts) > 10, "no letter is too small to read"
        assert broken(shown) == []


def test_it_prints_on_a4(browser: Browser, berlin: Weeks, reports: list[Json], tmp_path: Path) -> None:
    """Each bot's report begins a page of its own, and all of the receipt is there, in dark too."""
    file = tmp_path / "report.html"
    page.write(file, html(reports, berlin))
    with browser.new_context(color_scheme="dark") as context:
        shown = context.new_page()
        shown.goto(file.as_uri())
        shown.emulate_media(media="print")
        ground = shown.evaluate("getComputedStyle(document.body).backgroundColor")
        ink = shown.evaluate("getComputedStyle(document.body).color")
        shown.pdf(path=tmp_path / "report.pdf", prefer_css_page_size=True)
    assert (ground, ink) == ("rgb(255, 255, 255)", "rgb(29, 31, 35)")
    printed = PdfReader(tmp_path / "report.pdf").pages
    assert [round(float(side)) for side in printed[0].mediabox[2:]] == [595, 842]
    begins = [number for number, sheet in enumerate(printed) if re.match(r"\s*b\s", sheet.extract_text())]
    assert len(begins) == 2 and begins[0] == 0
    assert all(name in " ".join(sheet.extract_text() for sheet in printed) for name in ("Receipt", "Sent twice"))


def test_nothing_that_others_wrote_acts_on_the_page(
    browser: Browser, berlin: Weeks, reports: list[Json], tmp_path: Path
) -> None:
    """Hundreds of hostile texts as posts, topics, errors, addresses and reasons: none runs, each is shown as text, and
    no address leads anywhere but to the web."""
    hostile = strings()
    report = reports[0]
    like = report["published"][0]
    where = like["platforms"][0]
    report["published"] = [
        like
        | {"text": text, "topic": text, "reason": text, "status": "failed"}
        | {
            "platforms": [
                where | {"status": "posted", "url": text},
                where | {"status": "failed", "url": None, "error": text},
            ]
        }
        for text in hostile
    ]
    for names in ("topics", "formats", "sources"):
        report[names] = [{"name": text, "times": 3} for text in hostile[:: len(hostile) // 40]]
    report["checks"]["rules"] = [{"name": text, "times": 1} for text in hostile[:20]]
    report["bot"] = '"><script>top.struck=1</script>'
    file = tmp_path / "report.html"
    page.write(file, page.html([report], berlin.now, lambda text: text))
    with browser.new_context(bypass_csp=True) as context:
        shown = context.new_page()
        shown.goto(file.as_uri())
        shown.mouse.move(200, 200)
        assert shown.evaluate("top.struck") is None, STRIKE
        assert shown.locator("script, iframe, object, img, form, base").count() == 0
        assert shown.locator(".posts li").count() == len(hostile)
        links = shown.locator("a").evaluate_all("all => all.map(each => each.protocol)")
        assert set(links) <= {"http:", "https:"}


def test_the_page_is_one_file_without_script_or_address_of_a_resource(berlin: Weeks, reports: list[Json]) -> None:
    """Nothing is loaded: no source, style sheet, font or image."""
    text = html(reports, berlin)
    assert not re.search(r"<(script|link|img|iframe|object|embed)\b|\bsrc=|url\(|@import|@font-face", text)


def test_a_secret_is_blacked_out(berlin: Weeks, reports: list[Json]) -> None:
    """Wherever it stands in the figures."""
    reports[0]["published"][0]["text"] = "my key is hunter2-hunter2"
    reports[0]["topics"][0]["name"] = "hunter2-hunter2"
    text = page.html(reports, berlin.now, lambda text: text.replace("hunter2-hunter2", "***"))
    assert "hunter2" not in text and "my key is ***" in text


# -- the file ------------------------------------------------------------------------------------------


def test_a_report_is_replaced_and_nothing_else_is(berlin: Weeks, reports: list[Json], tmp_path: Path) -> None:
    """The file is this user's alone. Another file, a folder, a link and a folder that is not there are refused with a
    remedy, and stay as they are."""
    text = html(reports, berlin)
    mine = tmp_path / "report.html"
    page.write(mine, text)
    page.write(mine, text.replace("Posts", "Again"))
    assert "Again" in mine.read_text() and mine.stat().st_mode & 0o777 == 0o600
    other = tmp_path / "thesis.html"
    other.write_text("<p>years of work")
    link = tmp_path / "link.html"
    link.symlink_to(mine)
    for path, told in (
        (other, "is no report"),
        (tmp_path, "is a folder"),
        (link, "is a link"),
        (tmp_path / "there" / "report.html", "There is no folder"),
        (other / "report.html", "can't be read"),
    ):
        with pytest.raises(UsageError, match=told) as refusal:
            page.write(path, text)
        assert refusal.value.remedy
    assert other.read_text() == "<p>years of work" and link.is_symlink()
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix == ".html") == [
        "link.html",
        "report.html",
        "thesis.html",
    ]
