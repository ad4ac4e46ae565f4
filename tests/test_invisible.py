"""What nobody sees goes, what changes the picture stays."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from twitter_manager import invisible
from twitter_manager.checks import CheckContext, Policy, check_draft, repair
from twitter_manager.sources.plain import clean

ENGLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"
SCOTLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"
WALES = "\U0001f3f4\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f"
HIDDEN = [
    "\u00ad",
    "\u034f",
    "\u061c",
    "\u115f",
    "\u1160",
    "\u180e",
    "\u200b",
    "\u200c",
    "\u200d",
    "\u200e",
    "\u202e",
    "\u2060",
    "\u2066",
    "\u2800",
    "\u3164",
    "\ufeff",
    "\uffa0",
    "\ufff9",
    "\ufe00",
    "\ufe0f",
    "\U000e0001",
    "\U000e0041",
    "\U000e0100",
    "\U000e01ef",
]
SEEN = [
    ENGLAND,
    SCOTLAND,
    WALES,
    "👨‍👩‍👧‍👦",
    "🏳️‍🌈 and 🏴‍☠️",
    "👩🏽‍🚀",
    "1️⃣ #️⃣ *️⃣",
    "❤️ ☎️ ❤️‍🔥 ™️ ↔️",
    "می‌خواهم کتاب‌ها را بخوانم",
    "क्‍ष और र्‍य",
    "葛󠄀城市",
    "naïve façade, Übergröße, 東京, 한국어",
]


@pytest.mark.parametrize("character", HIDDEN, ids=lambda one: f"{ord(one):04X}")
def test_what_nobody_sees(character: str) -> None:
    """It is taken out of material and answers, refused in a post, and hides no blocked term."""
    text = f"A sec{character}ret word."
    assert clean(text) == repair(text) == "A secret word."
    context = CheckContext(material=(text,), policy=Policy(blocked_terms=("secret",)))
    assert {"characters", "blocked_terms"} <= {one.rule for one in check_draft((text,), context)}
    person = CheckContext(policy=Policy(blocked_terms=("secret",)))
    assert "blocked_terms" in {one.rule for one in check_draft((text,), person)}


@pytest.mark.parametrize("text", SEEN)
def test_what_changes_the_picture(text: str) -> None:
    """Flags, families, keycaps, skin tones, Persian, Hindi and Japanese names stay as they are, and are no fault."""
    assert clean(text) == repair(text) == text
    assert invisible.first(text) == ""
    context = CheckContext(material=(text,), language="")
    assert "characters" not in {one.rule for one in check_draft((text,), context)}


def test_a_long_payload_behind_a_picture() -> None:
    """One selector belongs to an emoji; what follows it carries a message."""
    assert invisible.remove("😀️" + "\U000e0110\U000e0120" * 50) == "😀️"
    assert invisible.remove("葛" + "\U000e0100" * 20) == "葛\U000e0100"
    assert invisible.remove(ENGLAND + "\U000e0061\U000e0062") == ENGLAND
    assert invisible.remove("🏴\U000e0068\U000e0069\U000e007f") == "🏴"


_PIECES = st.sampled_from([*HIDDEN, *SEEN, "a", " ", "é", "1", "#", "\u20e3", "😀", "葛", "م", "क"])


@given(st.lists(_PIECES, max_size=12).map("".join) | st.text(max_size=30))
@example("👨\u200d👩\u200d\u2800")
@example("م\u200d\xad😀")  # what stood behind the joiner goes, and something else stands there
def test_any_text(text: str) -> None:
    """A second time removes nothing, nothing but the unseen goes, and the first of it is named."""
    shown = invisible.remove(text)
    assert invisible.remove(shown) == shown
    assert bool(invisible.first(text)) == (shown != text)
    bare = "".join(c for c in text if not invisible.is_unseen(c))
    assert "".join(c for c in shown if not invisible.is_unseen(c)) == bare
