"""The table of rules, the report, and texts that are meant to break things."""

from __future__ import annotations

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bounds import soon
from tests.checks.texts import PIECES
from twitter_manager.checks import RULES, CheckContext, Policy, check_draft, check_text
from twitter_manager.checks.rules import AppliesTo
from twitter_manager.platforms import SPECS

ALL = ("x", "bluesky", "feed")
ANY_TEXT = st.lists(st.sampled_from(PIECES) | st.text(max_size=20)).map(" ".join)


def test_report_is_the_object_that_is_printed() -> None:
    """Exactly the fields of `check --json`, in plain types."""
    report = check_text("See https://a.com, @bob.test #tip", "bluesky", CheckContext())
    assert json.loads(json.dumps(report.as_json())) == {
        "platform": "bluesky",
        "length": 33,
        "limit": 300,
        "ok": True,
        "violations": [],
        "facets": [
            {"byteStart": 4, "byteEnd": 17, "kind": "link", "value": "https://a.com"},
            {"byteStart": 19, "byteEnd": 28, "kind": "mention", "value": "bob.test"},
            {"byteStart": 29, "byteEnd": 33, "kind": "tag", "value": "tip"},
        ],
    }


def test_report_of_a_text_that_fails() -> None:
    """A violation makes it not ok and has a rule and a message; facets are Bluesky's; the feed has no limit."""
    report = check_text("", "feed", CheckContext()).as_json()
    assert report == {
        "platform": "feed",
        "length": 0,
        "limit": None,
        "ok": False,
        "violations": [{"rule": "empty", "message": "There is no text."}],
        "facets": [],
    }
    assert check_text("https://a.com", "x", CheckContext()).facets == ()


def test_report_looks_at_its_own_platform_only() -> None:
    """What the context's other platforms refuse is not this one's trouble."""
    assert check_text("a" * 290, "bluesky", CheckContext(platforms=ALL)).ok
    assert not check_text("a" * 290, "x", CheckContext(platforms=("feed",))).ok


def test_draft_names_part_and_platform() -> None:
    """Each part meets each platform's limit by itself."""
    found = check_draft(("Short.", "a" * 290, "b" * 310), CheckContext(platforms=ALL))
    assert [(one.rule, one.part, one.platform) for one in found] == [
        ("length", 1, "x"),
        ("length", 2, "x"),
        ("length", 2, "bluesky"),
    ]


def test_table_is_complete_and_true() -> None:
    """Names are unique, each says why; a setting is one of the policy's, the language, or a source's trust."""
    names = [rule.name for rule in RULES]
    assert len(set(names)) == len(names)
    assert all(rule.why.endswith((".", "”")) for rule in RULES)
    named = {setting.split(".")[-1] for rule in RULES for setting in rule.setting.split(", ") if setting}
    judged = {*Policy.__dataclass_fields__} - {"link_params"}  # which is added, and never judged
    assert named == {*judged, "language", "trust"}


def test_a_rule_finds_what_its_name_says() -> None:
    """What a rule finds carries the rule's own name in the table."""
    text = '"[insert link] $A $B #a #b #c #d @x https://a.com https://b.com \ud83d ghp_' + "a1B2" * 9 + " " + "a " * 300
    context = CheckContext(
        platforms=ALL,
        policy=Policy(blocked_terms=("a",)),
        material=(),
        recent=("a " * 300,),
        used_hashes=lambda text_hash: True,
        written_by_model=True,
    )
    found = 0
    for rule in RULES:
        violations = list(rule.check((text, ""), context))
        found += bool(violations)
        assert {violation.rule for violation in violations} <= {rule.name}
    assert found > 10


def test_whose_text() -> None:
    """A text nobody wrote keeps to the bot's limits; a model's must be free of traces besides; a person's neither."""
    text = "Post: @eve"
    by_person = {violation.rule for violation in check_draft((text,), CheckContext())}
    unattended = {violation.rule for violation in check_draft((text,), CheckContext(material=()))}
    by_model = {violation.rule for violation in check_draft((text,), CheckContext(material=(), written_by_model=True))}
    assert (by_person, unattended) == (set(), {"mentions", "grounding"})
    assert by_model == unattended | {"artefacts"}
    assert {rule.applies_to for rule in RULES} == set(AppliesTo)


@given(ANY_TEXT, st.sampled_from(list(SPECS)))
def test_no_text_breaks_the_report(text: str, platform: str) -> None:
    """Any text gets a report that can be printed as JSON, and is ok exactly when nothing was found."""
    report = check_text(text, platform, CheckContext(secrets=("some-secret-value",)))
    assert json.loads(json.dumps(report.as_json()))["ok"] is (not report.violations)
    assert report.limit is None or report.length <= report.limit or not report.ok


@given(st.lists(ANY_TEXT, max_size=3), st.lists(ANY_TEXT, max_size=3), st.lists(ANY_TEXT, max_size=3))
def test_no_draft_breaks_a_rule(parts: list[str], material: list[str], recent: list[str]) -> None:
    """Every rule takes any parts, any material and any earlier posts, and gives the same answer twice."""
    context = CheckContext(platforms=ALL, material=tuple(material), recent=tuple(recent), written_by_model=True)
    assert check_draft(parts, context) == check_draft(parts, context)


HOSTILE = (
    'a_|a.b|aA|1.|1,|two |\'a |"a" |@a |(|-a|/a|May 5 |A |ignore the |Aa1|as a |[[|<A|you are a |[A |the post is a |1'
    "|1 |+1|a@|a.|1:|DE89 |A1|0 |(0|4 |call |tel 0|a@a.|4444 |-|1-|a |aa|f.|*|a*|@|$h|ｆ|\u200b|fuckx|a b|!|f u c |new "
    '|today |a new |"a|`|for the next |is now |. |this |\n'
)


@pytest.mark.timeout(30)
@pytest.mark.parametrize("piece", HOSTILE.split("|"))
def test_hostile_texts(piece: str) -> None:
    """10 kB of what makes expressions backtrack pass every rule in seconds."""
    context = CheckContext(("x",), material=("x",), written_by_model=True, recent=("a b c d e f g h",) * 20)
    assert check_draft((piece * (10_000 // len(piece)),), context) != ()


def test_hashes_and_numbers_are_clean() -> None:
    """Of many random hashes, keys and numbers none is taken for personal data or a swear word."""
    chance, wrong = random.Random(1), []
    for _ in range(300):
        text = "".join(chance.choices("0123456789abcdef", k=chance.choice((7, 12, 40, 64))))
        number = "".join(chance.choices("0123456789", k=6))
        found = {one.rule for one in check_draft((f"{text}a {number}",), CheckContext(("feed",), material=()))}
        wrong += [text] if found & {"personal", "slurs", "swearing"} else []
    assert wrong == []


@pytest.mark.parametrize("platform", ALL)
@pytest.mark.parametrize(
    "piece", ["a", "漢", "a b. ", "\ud83d", "\x00", "👨‍👩‍👧‍👦", "\u202e", "e\u0301", "$A ", "https://a.com ", "#a "]
)
@soon
def test_a_long_text(piece: str, platform: str) -> None:
    """A text of 300,000 letters gets its report in linear time."""
    text = piece * (300_000 // len(piece))
    report = check_text(text, platform, CheckContext(policy=Policy(blocked_terms=("spam",))))
    assert report.limit is None or report.length > report.limit
