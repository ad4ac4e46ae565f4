"""A report at a terminal, in a pipe and as JSON: what a person reads, and what they hear when they ask amiss."""

from __future__ import annotations

import pytest

from tests.home import Home
from tests.reports.weeks import Weeks
from twitter_manager import phrases
from twitter_manager.reports import words
from twitter_manager.show.charts import ASCII, BLOCKS, Charts


@pytest.fixture(scope="module")
def lived_in(berlin: Weeks) -> Home:
    """A home folder over the weeks."""
    return berlin.home


def test_the_lines_name_what_happened(lived_in: Home, berlin: Weeks) -> None:
    """Posts against the week before, the slots that were missed and why, the days with gaps, and the receipt with the
    commands that prove it; the figures are those of --json."""
    words_of = ("report", "--of", f"{berlin.monday:%Y-%m-%d}", "--bot", "b")
    lines = lived_in(*words_of).out.splitlines()
    [report] = lived_in(*words_of, "--json").json["reports"]
    assert lines[0] == "b: 23 to 29 March 2026 (Europe/Berlin)"
    whole = "\n".join(lines)
    assert f"posts         {report['posts']}" in whole
    assert f"{report['slots']['filled']} of {report['slots']['due']} had their post" in whole
    assert "no run took place: the machine was off, or cron stood still" in whole
    assert "Wed 25" in whole and "of 23 hours" in whole
    assert "Sent twice                                0" in whole
    assert "audit verify" in whole and "history --bot b --limit" in whole
    assert report["time_zone"] == "Europe/Berlin" and report["since"] == "2026-03-22T23:00:00Z"


def test_a_month_and_a_terminal_without_blocks(lived_in: Home) -> None:
    """--monthly; where the output can't take Unicode, the charts are of ASCII alone."""
    done = lived_in("report", "--monthly", "--of", "2026-03-05", PYTHONIOENCODING="ascii")
    assert done.out.startswith("b: March 2026 (Europe/Berlin)\n")
    assert done.out.isascii() and "\\u" not in done.out and "####" in done.out


def test_the_default_is_the_last_week_that_is_over(lived_in: Home) -> None:
    """Long after the last run: a week in which nothing took place, in which every slot was missed."""
    [report] = lived_in("report", "--json").json["reports"]
    assert (report["over"], report["kind"], report["posts"], report["success_rate"]) == (True, "week", 0, None)
    assert report["slots"]["reasons"][0] == {
        "reason": "no_run",
        "words": "no run took place: the machine was off, or cron stood still",
        "slots": report["slots"]["all"],
        "missed": True,
    }


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (("--of", "2999-01-01"), "2999-01-01 is in the future. Say a day that is past, or today."),
        (("--of", "9999-12-31"), "9999-12-31 is in the future."),
        (("--of", "0001-01-01"), "0001-01-01 is too long ago. Say a day from 2000 on."),
        (("--of", "1999-12-31", "--monthly"), "1999-12-31 is too long ago."),
        (("--of", ""), "'' is not a day."),
        (("--html", ""), "--html names no file."),
        (("--list", "--html", "page.html"), "--list and --html don't go together. Leave one of them out."),
        (("--list", "--of", "2026-03-25"), "--list and --of don't go together."),
        (("--list", "--monthly"), "--list and --monthly don't go together."),
        (("--of", "yesterday"), "'yesterday' is not a day. Write it as 2026-11-30."),
        (("--weekly", "--monthly"), "Say --weekly or --monthly, not both."),
        (("--bot", "nobody"), "There is no bot 'nobody'. Bots: b."),
        (("--html", "/nowhere/at/all.html"), "There is no folder /nowhere/at."),
        (("--html", "/tmp"), "/tmp is a folder."),
    ],
)
def test_slips_are_told_in_a_line(lived_in: Home, asked: tuple[str, ...], told: str) -> None:
    done = lived_in("report", *asked)
    assert done.code == 2 and done.out == "" and told in done.err and done.err.count("\n") == 1, done


def test_the_first_hour(home: Home) -> None:
    """Before the first run there is nothing to report; after it the week that is on, and no week before."""
    done = home("report")
    assert done.code == 2 and "There is nothing to report yet." in done.err
    assert home("run").code == 0
    done = home("report")
    assert done.code == 0 and "Its first run came later." in done.out and done.out.count("\n") == 2
    file = home.path / "page.html"
    assert home("report", "--html", str(file)).code == 0 and "Its first run came later." in file.read_text()
    assert home("report", "--list").out.startswith("No report was kept yet")


def test_a_page_is_written_in_silence(lived_in: Home) -> None:
    """As cron would: nothing is printed, and the page is this user's alone."""
    file = lived_in.path / "page.html"
    done = lived_in("report", "--of", "2026-03-25", "--html", str(file))
    assert (done.code, done.out, done.err) == (0, "", "")
    assert "23 to 29 March 2026" in file.read_text() and file.stat().st_mode & 0o777 == 0o600
    assert lived_in("report", "--html", str(file), "--json").json["file"] == str(file)


@pytest.mark.parametrize("look", [BLOCKS, ASCII])
def test_charts(look: Charts) -> None:
    """More than nothing shows, the most is full, and nothing is more than full."""
    assert look.line([0, 5, 10]) == look.steps[0] + look.steps[round(0.5 * (len(look.steps) - 1))] + look.steps[-1]
    assert look.line([]) == "" and look.line([0, 0]) == look.steps[0] * 2
    assert look.bar(1, 10_000, 10) == look.full + look.rest * 9
    assert look.bar(7, 7, 10) == look.full * 10 and look.bar(0, 0, 3) == look.rest * 3
    assert look.bar(9, 7, 10) == look.full * 10


def test_the_times_are_named_plainly() -> None:
    assert words.span("week", "2026-11-16", "2026-11-22") == "16 to 22 November 2026"
    assert words.span("week", "2026-11-30", "2026-12-06") == "30 November to 6 December 2026"
    assert words.span("week", "2026-12-28", "2027-01-03") == "28 December 2026 to 3 January 2027"
    assert words.span("month", "2026-11-01", "2026-11-30") == "November 2026"
    assert [words.change(3, 5), words.change(5, 3), words.change(5, 5), words.change(1, None)] == [
        "−2",
        "+2",
        "as before",
        "",
    ]
    assert words.change(0.1, 0.3, money=True) == "−$0.200" and phrases.usd(0.0004) == "$0.0004"
