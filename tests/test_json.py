"""What `--json` prints fits the JSON Schema that the program and docs/json.md give."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests.home import Home
from tests.notify.receivers import hook_server
from tests.review.filled import add, opened
from tests.review.talk import draft_answer, hear
from tests.standins import mastodon
from tests.standins.mastodon import MastodonStandIn
from twitter_manager.domain import Actor
from twitter_manager.review.actions import Actions
from twitter_manager.show.verb_shapes import SHAPES, json_schema
from twitter_manager.verbs import VERBS, load

WITHOUT = {"init", "mcp", "review", "schema"}
"""Verbs that ask, or print JSON anyway, or speak a protocol."""
ANSWERS = [
    ("run", "--dry-run"), ("run",), ("run", "--force"), ("post", "We meet on Sunday."),
    ("post", "We meet at ten.", "--part", "Bring a lamp.", "--now"), ("status",),
    ("drafts", "list"), ("drafts", "show", "2"), ("drafts", "edit", "3", "--text", "We meet at noon."),
    ("drafts", "move", "3", "--first"), ("drafts", "approve", "3"),
    ("drafts", "regenerate", "6"), ("drafts", "skip", "7"),
    ("drafts", "drop", "--all-generated"),
    ("history",), ("report", "--of", "TODAY"), ("report", "--list"), ("notify", "list"), ("notify", "test"),
    ("explain", "1"), ("explain", "run:1"), ("generate",), ("generate", "--topic", "Python"), ("replay", "1"),
    ("figures",), ("tune", "learn.mode", "on"),
    ("preview", "--runs", "30"), ("check", "--rules"), ("check",), ("costs",),
    ("sources", "list"), ("sources", "update"), ("topics",), ("topics", "--set", "tip", "2"),
    ("sources", "test", "starter"), ("sources", "add", "NOTES"), ("sources", "add", "NOTES", "--yes"),
    ("sources", "remove", "notes"), ("sources", "remove", "notes", "--yes"),
    ("delete", "1", "--yes"), ("correct", "2", "New words.", "--yes"), ("uninstall-cron",), ("style", "show"),
    ("style",), ("doctor",), ("health",), ("auth", "check"),
    ("models", "list"), ("models", "fetch"), ("models", "check"), ("models", "prune"), ("pause", "a holiday"),
    ("status",), ("run",), ("pause", "--off"), ("skip", "--all"), ("resume", "1"), ("audit", "verify"),
    ("backup", "list"), ("backup", "now"), ("maintain",), ("restore", "--list"), ("explain", "999"), ("restore",),
    ("inbox", "list"), ("inbox", "show", "1"), ("inbox", "answer", "1", "At ten."), ("inbox", "approve", "2"),
    ("lessons", "list"), ("lessons", "accept", "1"), ("lessons", "drop", "2"),
    ("inbox", "dismiss", "3"), ("inbox", "reopen", "3"), ("inbox", "--all"),
    ("auth", "login", "mastodon", "--keys-stdin"), ("auth", "rotate", "mastodon", "--keys-stdin"),
    ("auth", "label", "mastodon", "--yes"),
    ("experiment", "start", "opener", "none", "Worth knowing:"), ("experiment", "status"), ("experiment", "list"),
    ("experiment", "stop"),
    ("auth", "login", "mastodon", "--keys-stdin"), ("social", "timeline"), ("social", "thread", "THEIRS"),
    ("social", "author", "ann"), ("social", "like", "THEIRS"), ("social", "repost", "THEIRS"),
    ("social", "reply", "THEIRS", "Just so."), ("social", "delete", "OWN", "--yes"),
    ("auth", "rotate", "mastodon", "--keys-stdin"),
]  # fmt: skip
"""In this order, over one home."""
ACTIONS = {
    f"{verb.name} {action}"
    for verb in map(load, VERBS)
    if "--json" in verb.options
    for names, settings in verb.arguments
    if names == ("action",)
    for action in settings["choices"]
} - {"audit export"}  # which prints the trail as it is stored


def test_each_verb_that_answers_has_a_shape() -> None:
    """A new verb is documented, or fails here."""
    verbs = [load(name) for name in VERBS]
    assert [verb.name for verb in verbs] == list(VERBS)
    assert {verb.name for verb in verbs if "--json" in verb.options} == set(SHAPES) == set(VERBS) - WITHOUT


def test_every_answer_fits_its_schema(tmp_path: Path) -> None:
    """Of each verb, in a home with posts, a pause, slips and a note of one's own; and it is one line."""
    home = Home(tmp_path / "home")
    home.bot("default", '[style]\nlearn_from = "posts.txt"\n')
    (home.path / "posts.txt").write_text("\n\n".join(f"We ride to hut number {n} today." for n in range(1, 40)))
    notes = home.path / "notes"
    notes.mkdir()
    (notes / "tea.md").write_text("# Tea\n\nTea is served in the hut on every ride of the club.\n")
    answered, today = set[str](), f"{datetime.now(UTC):%Y-%m-%d}"
    with hook_server() as hook, MastodonStandIn() as server:
        typed = {
            "login": f"MASTODON_BASE_URL={server.url}\nMASTODON_ACCESS_TOKEN={mastodon.TOKEN}\n",
            "rotate": f"MASTODON_ACCESS_TOKEN={mastodon.RENEWED}\n",
        }
        own = server.add_post("Of the person's.").id
        theirs = server.add_post("What they say.", author=server.people.account("ann")).id
        for words in ANSWERS:
            if words == ("lessons", "list"):
                teach(home)
            if words == ("inbox", "list"):
                numbers = [hear(home, bot="default", platform="feed") for _ in range(3)]
                draft_answer(home, numbers[1])
            done = home(
                *(
                    word.replace("NOTES", str(notes)).replace("TODAY", today).replace("THEIRS", theirs)
                    for word in (own if word == "OWN" else word for word in words)
                ),
                "--json",
                stdin=typed[words[1]] if "--keys-stdin" in words else "Hello https://a.example #there",
                NOTIFY_URLS=hook.url,
            )
            assert done.out.count("\n") == 1, (words, done)
            Draft202012Validator(json_schema(words[0])).validate(json.loads(done.out))
            answered |= {words[0], " ".join(words[:2])} if done.code == 0 else set()
    assert sorted(ACTIONS - answered) == []


def teach(home: Home) -> None:
    """A person took hashtags and exclamation marks out of five drafts."""
    with opened(home) as (app, db):
        for number in range(5):
            text = f"We ride to hill number {number}"
            draft = add(home, f"{text}! #hills", platforms=["feed"], bot="default")
            Actions(app, db, Actor("anna", "console")).edit(draft, [f"{text}."], approve=True)


@pytest.mark.parametrize("verb", ["bot", *SHAPES])
def test_the_program_prints_each_schema(tmp_path: Path, verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    """`schema VERB` gives a sound JSON Schema."""
    Draft202012Validator.check_schema(Home(tmp_path)("schema", verb).json)


def test_an_unknown_key_does_not_fit() -> None:
    """The schema is strict: this suite can fail."""
    answer = {"ok": True, "checks": [], "surprise": 1}
    assert not Draft202012Validator(json_schema("doctor")).is_valid(answer)
    assert Draft202012Validator(json_schema("doctor")).is_valid({"ok": True, "checks": []})
