"""Which posts stand out of an account's own."""

from __future__ import annotations

from datetime import UTC, datetime

from twitter_manager.learning.evergreen import did_well
from twitter_manager.social import Figures
from twitter_manager.store.engagement import BANDS, Reading

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)


def out(draft_id: int, likes: int, platform: str = "bluesky", band: str = "7d", reposts: int = 0) -> Reading:
    number = 2 * draft_id + (platform == "mastodon")
    return Reading(number, draft_id, platform, band, AT + BANDS[band], AT, Figures(likes, 0, reposts, 0))


def test_the_best_tenth_with_twice_the_usual_did_well() -> None:
    """Best first, told in words; who had a little more than usual did not."""
    posts = [out(number, 4) for number in range(38)]
    assert did_well(posts) == []
    found = did_well([*posts, out(50, 12, reposts=1), out(51, 40)])
    assert [(post.draft_id, post.words) for post in found] == [(51, "40 likes"), (50, "12 likes and 1 repost")]
    assert did_well([*posts, out(50, 7)]) == []


def test_a_small_account_does_not_chase_noise() -> None:
    """Two likes where others have none are chance; and of few posts none stands out."""
    posts = [out(number, 0) for number in range(30)]
    assert did_well([*posts, out(50, 2)]) == []
    assert [post.draft_id for post in did_well([*posts, out(50, 3)])] == [50]
    assert did_well([*posts[:18], out(50, 90)]) == []


def test_each_platform_counts_beside_its_own_usual_and_the_older_age_counts() -> None:
    """A hundred likes are usual where all posts have a hundred; the reading at seven days replaces that at three."""
    large = [out(number, 100, "mastodon") for number in range(20)]
    small = [out(number, 1) for number in range(20)]
    assert did_well([*large, *small]) == []
    found = did_well([*large, *small, out(60, 3, band="3d"), out(60, 9)])
    assert [(post.draft_id, post.words) for post in found] == [(60, "9 likes")]
