"""Style learned from a person's own posts: what is read, what is counted, what a model is told, how a text compares."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.home import Home
from tests.standins.llm import LlmServer
from twitter_manager.domain import Brief, Item, Persona
from twitter_manager.writing.brief import render
from twitter_manager.writing.style import TRAITS, BadSample, learn, read_posts

DRY = [
    "Disks fill up. Always on a Friday.",
    "Backups nobody restored are wishes.",
    "Logs tell the truth. People tell stories.",
    "A cron job without a log never ran.",
    "Who watches the monitoring? Nobody, mostly.",
    "Disks fill quietly. Alerts come late.",
    "Certificates expire on holidays. Logs show it.",
]
LOUD = [f"OMG I just LOVE the new {thing}!!! 🎉 #wow" for thing in ("disk", "cable", "router", "fan", "screen", "pen")]


def file(folder: Path, posts: list[str], name: str = "posts.txt") -> Path:
    path = folder / name
    path.write_text("\n\n".join(posts), encoding="utf-8")
    return path


def archive(posts: list[str]) -> str:
    tweets: list[dict[str, object]] = [{"tweet": {"full_text": post}} for post in posts]
    tweets.append({"tweet": {"full_text": "@bob quite so", "in_reply_to_status_id": "7"}})
    tweets.append({"tweet": {"full_text": "RT @bob: his own words"}})
    return "window.YTD.tweets.part0 = " + json.dumps(tweets)


WRITERS: dict[str, Callable[[list[str]], str]] = {
    "posts.txt": lambda posts: "\r\n\r\n".join(posts),
    "posts.jsonl": lambda posts: "\n".join(json.dumps({"text": post, "likes": 3}) for post in posts) + "\n\n",
    "posts.csv": lambda posts: "id,Text\n" + "\n".join(f'{n},"{post}"' for n, post in enumerate(posts)),
    "tweets.js": archive,
}


@pytest.mark.parametrize("name", WRITERS)
def test_every_kind_of_file_gives_the_same_posts(tmp_path: Path, name: str) -> None:
    """Text blocks, JSON lines, CSV and X's archive (without replies and reposts) are read alike."""
    path = tmp_path / name
    path.write_text(WRITERS[name](DRY), encoding="utf-8", newline="")
    assert read_posts(path) == DRY


def test_entities_and_short_links_of_the_archive_are_undone(tmp_path: Path) -> None:
    """`&amp;` is a sign again, and t.co addresses, which are no words of the person, are gone."""
    path = tmp_path / "tweets.js"
    path.write_text(archive(["A &amp; B https://t.co/abc123"]))
    assert read_posts(path) == ["A & B"]


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("posts.txt", b"One.\n\nTwo.", "holds 2 posts"),
        ("posts.txt", b"One.\n\xff", r"not UTF-8 text \(line 2\)"),
        ("posts.doc", b"One.", "of a kind that is not known"),
        ("posts.jsonl", b'{"text": "a"}\n{"text":', "line 2 is no JSON"),
        ("posts.jsonl", b'[1]\n{"words": 7}\nnull', "holds 0 posts"),
        ("posts.csv", b"a,b\n1,2", "no column is called"),
        ("tweets.js", b"alert(1)", "does not begin as tweets.js"),
        ("tweets.js", b"window.x = [[[[{", r"can't be read as \.js"),
        ("tweets.js", b"window.x = " + b"[" * 100_000, r"can't be read as \.js"),
        ("posts.csv", b'text\n"' + b"x" * 200_000, "can't be read as"),
    ],
    ids=range(10),
)
def test_a_bad_file_is_named_with_what_to_do(tmp_path: Path, name: str, content: bytes, told: str) -> None:
    """Too few, another encoding, another form: one error with the path and a remedy."""
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BadSample, match=told) as caught:
        learn(tmp_path / name)
    assert str(tmp_path / name) in caught.value.message and caught.value.remedy


def test_a_file_that_is_gone_is_named(tmp_path: Path) -> None:
    """A missing file is the same kind of error, not a crash."""
    with pytest.raises(BadSample, match="can't be read"):
        learn(tmp_path / "posts.txt")


def test_habits_are_counted(tmp_path: Path) -> None:
    """Shares, favourites and vocabulary are what a person counts by hand."""
    dry, loud = learn(file(tmp_path, DRY)), learn(file(tmp_path, LOUD, "loud.txt"))
    assert dry.traits["questions"] == pytest.approx(1 / 7) and dry.traits["emoji"] == dry.traits["exclamations"] == 0
    assert {name for name, share in loud.traits.items() if share == 1} == {
        "emoji",
        "hashtags",
        "exclamations",
        "first person",
    }
    assert loud.emoji == (("🎉", 6),) and loud.hashtags == (("#wow", 6),) and loud.openings[0] == ("omg i", 6)
    assert ("disks", 2) in dry.vocabulary and ("nobody", 2) in dry.vocabulary
    assert dry.lengths[0] <= dry.lengths[1] <= dry.lengths[2] <= max(map(len, DRY))


def test_a_text_in_the_same_style_is_closer(tmp_path: Path) -> None:
    """Each of two styles finds its own new text closer than the other's, and closeness stays within 0 and 1."""
    dry, loud = learn(file(tmp_path, DRY)), learn(file(tmp_path, LOUD, "loud.txt"))
    plain, shouted = ("Tapes rot. Nobody reads the labels.",), ("OMG I LOVE this new tape!!! 🎉",)
    assert 0 <= dry.closeness(shouted) < dry.closeness(plain) <= 1
    assert 0 <= loud.closeness(plain) < loud.closeness(shouted) <= 1


@given(st.lists(st.text(max_size=80), max_size=4), st.lists(st.text(min_size=1, max_size=60), min_size=5, max_size=9))
def test_any_posts_and_any_text_give_a_share(parts: list[str], posts: list[str]) -> None:
    """Whatever the characters, learning either refuses or gives shares from 0 to 1 for whatever is compared."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "posts.jsonl"
        path.write_text("\n".join(json.dumps(post) for post in posts))
        try:
            style = learn(path)
        except BadSample:
            return
    assert set(style.traits) == set(TRAITS) and all(0 <= share <= 1 for share in style.traits.values())
    assert 0 <= style.closeness(parts) <= 1


def test_a_prompt_tells_the_style_and_shows_the_nearest_posts(tmp_path: Path) -> None:
    """A model is told the habits and given posts of the same form: a question for a question."""
    style = learn(file(tmp_path, DRY))
    brief = Brief("bot", "git", "question", (Item("n", "k", "Git."),), Persona(samples=("My own.",)), 280, 1)
    prompt = render(style.dress(brief)).system
    assert "Posts never have: emoji" in prompt and "My own." in prompt
    assert prompt.index("Who watches the monitoring?") < prompt.index("My own.")
    assert "How this account's posts look" not in render(brief).system


def test_style_show_and_a_writing_model_use_the_file(tmp_path: Path) -> None:
    """The verb shows what was learned, as text and as data; the service is told; a wrong path stops the start."""
    home = Home(tmp_path / "home")
    file(home.path, DRY)
    assert "no posts to learn from" in home("style", "show").err
    home.bot("default", '[style]\nlearn_from = ""\n')
    assert home("status").code == 0
    home.bot("default", '[style]\nlearn_from = "posts.txt"\n')
    assert "learned from 7 posts" in home("style", "show").out
    assert home("style", "show", "--json").json["posts"] == 7
    with LlmServer() as server:
        home.settings(GENERATORS="openai", OPENAI_BASE_URL=server.openai_url, JUDGE="self")
        home("generate", "-n", "1")
        assert "Posts never have: emoji" in server.requests[0]["body"]["messages"][0]["content"]
        (home.path / "posts.txt").write_text("One.")
        done = home("generate", "-n", "1")
        assert "1 candidate," in done.out and "the style is not learned" in home.log()
    (home.path / "posts.txt").unlink()
    done = home("generate")
    assert done.code == 78 and "style.learn_from: is no file that is there" in done.err
