"""What a model, a web server or a person wrote can't act on the terminal that shows it, nor show a secret."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.home import Home
from twitter_manager.terminal import Screen, command, fitted, harmless, program

EVIL = (
    "\x1b]0;owned\x07\x1b[2J\x1b[8mhidden\x9b31m\x85\x08\x08\x00\x7f\x0b\x0c\r\u202egnp.exe\u2066\u2069\u200e\u200f\u061c"
    "\u2028\u2029\u200b\ufeff\ud800\U000e0041\U000e0042"
)
ACTS = {
    *map(chr, (*range(9), *range(11, 32), *range(127, 160), *range(0xD800, 0xE000), *range(0x202A, 0x202F))),
    *map(chr, (*range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C, 0x2028, 0x2029, 0x200B, 0xFEFF, 0xE0041, 0xE0042)),
}


@given(st.text(st.characters() | st.sampled_from(sorted(ACTS))))
def test_nothing_that_acts_is_left_and_all_else_stays(text: str) -> None:
    """Each such character becomes its escape, and JSON stays the same JSON."""
    shown = harmless(text)
    assert not ACTS & set(shown)
    assert all(character in ACTS or character in shown for character in text if character.isprintable())
    assert json.loads(harmless(json.dumps(text, ensure_ascii=False))) == text


@pytest.mark.parametrize(
    "text",
    [
        "Grüße, 日本語 🎉 👩‍👩‍👧 ❤️ می‌خواهم",
        "tab\there\nand there",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f!",
    ],
)
def test_what_people_write_stays(text: str) -> None:
    """Letters of any language, emoji with their joiners, the flag of England, tabs and line breaks."""
    assert harmless(text) == text


def test_a_line_break_cannot_make_a_line_of_the_programs_own(capsys: pytest.CaptureFixture[str]) -> None:
    """What follows it is indented; on standard error a message is one line."""
    screen = Screen()
    screen.lines(["  a title\nDraft 1: posted\r\nnext", "end"])
    screen.trouble("X said: no\ntwitter_manager: all is well")
    out, err = capsys.readouterr()
    assert out == "  a title\n    Draft 1: posted\n    next\nend\n"
    assert err == "twitter_manager: X said: no twitter_manager: all is well\n"


@pytest.mark.parametrize(
    "words",
    [("status",), ("history",), ("explain", "1"), ("sources", "list"), ("drafts",), ("preview",), ("doctor",)],
    ids=" ".join,
)
def test_lines_fit_the_terminal_and_commands_stay_whole(tmp_path: Path, words: tuple[str, ...]) -> None:
    """No line is wider than the terminal but those with a command or an address to copy."""
    home = Home(tmp_path)
    home("run", "--force")
    shown = home.at_terminal(*words, COLUMNS="60").out.splitlines()
    wide = [line for line in shown if len(line) > 60]
    assert all("twitter_manager" in line or "://" in line or str(tmp_path) in line for line in wide), wide


@pytest.mark.parametrize("interpreter", ["python", "python3", "a long folder/.venv/bin/python3.11"])
def test_a_command_stays_whole_whichever_interpreter_it_names(
    monkeypatch: pytest.MonkeyPatch, interpreter: str
) -> None:
    """It can be copied from a narrow terminal; other words are broken between lines."""
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setattr("sys.executable", f"/opt/{interpreter}")
    monkeypatch.setattr("sys.argv", ["/opt/twitter_manager/__main__.py"])
    line = f"  posts by themselves: {command('install-cron')}"
    assert fitted(line, "    ") == f"  posts by themselves:\n    {command('install-cron')}"
    assert fitted(f"{'words ' * 20}{command('status')}", "  ").splitlines()[-1] == f"  {command('status')}"
    assert max(map(len, fitted(f"{'words ' * 20}{command('status')}", "  ").splitlines()[:-1])) <= 40
    cron = f"0,30 * * * * cd /home && /usr/bin/env A=/home {command('run')} # twitter_manager: /home"
    assert fitted(f"  {cron}", "    ") == f"  {cron}" and fitted(f"Taken out: {cron}", "  ") == f"Taken out:\n  {cron}"
    assert "\n" in fitted("words " * 20, "    ")
    assert "\n" in fitted("  30 4 1,15 * 5 runs a command on the 1st and the 15th", "    ")  # a post about cron


@pytest.mark.parametrize("words", [("run", "--dry-run"), ("preview",)], ids=" ".join)
def test_a_rehearsal_shows_nothing_that_looks_like_publishing(tmp_path: Path, words: tuple[str, ...]) -> None:
    """No platform is named in a line of progress."""
    progress = [line for line in Home(tmp_path).at_terminal(*words).out.splitlines() if "…" in line[:6]]
    assert not any("feed" in line for line in progress), progress


def test_a_step_that_goes_on_is_named_once(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The same line several times in a row is one step."""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    screen = Screen()
    for line in ("writing 1 post", "writing 1 post", "reading", "writing 1 post"):
        screen.progress(line)
    assert capsys.readouterr().err == "  … writing 1 post\n  … reading\n  … writing 1 post\n"


def test_a_step_that_takes_long_tells_its_seconds(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """From three seconds on, when the next line comes, and not again."""
    times = iter((0.0, 2.9, 2.9, 14.2))
    monkeypatch.setattr("time.monotonic", lambda: next(times))
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    screen = Screen()
    screen.progress("short")
    screen.progress("long")
    screen.lines(["done", "bye"])
    assert capsys.readouterr().err == "  … short\n  … long\n    11 s\n"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["post", "We", "are", "open"], 'twitter_manager post "We are open"'),
        (["correct", "3", "new", "words"], 'twitter_manager correct 3 "new words"'),
        (["post", "hi", "--platform", "mastadon"], "Did you mean mastodon?"),
        (["post", "We", "are", "open", "--now"], 'twitter_manager post "We are open" --now'),
        (["correct", "5", "We", "are", "open"], 'twitter_manager correct 5 "We are open"'),
        (["pause", "until", "Monday"], 'twitter_manager pause "until Monday"'),
        (["post", "It's", "$5"], "twitter_manager post 'It'\"'\"'s $5'"),
        (["tweet"], "There is no verb 'tweet'. See: "),
        (["histroy"], "Did you mean history?"),
        (["run", "--dry"], "Did you mean --dry-run?"),
        (["post"], "post needs TEXT"),
    ],
    ids=lambda words: " ".join(words) if isinstance(words, list) else "",
)
def test_a_slip_is_told_with_what_was_meant(tmp_path: Path, words: list[str], told: str) -> None:
    """One line, exit code 2, and the words that would have been right."""
    done = Home(tmp_path)(*words)
    assert (done.code, done.err.count("\n")) == (2, 1) and told in done.err


def test_secrets_in_any_value_of_an_object_are_blacked_out(capsys: pytest.CaptureFixture[str]) -> None:
    """In values, in keys, in lists; the object stays JSON."""
    Screen(lambda text: text.replace("hunter22", "***")).json({"a": ["hunter22", {"hunter22": 1}], "b": None})
    assert json.loads(capsys.readouterr().out) == {"a": ["***", {"***": 1}], "b": None}


def clean(text: str) -> bool:
    return not ACTS & set(text.replace("\r\n", "\n"))


def test_no_verb_prints_what_acts(tmp_path: Path) -> None:
    """A note, its title and its file's name, a bot's reason and a person's words: through every verb that shows them,
    to a pipe and to a terminal, as lines and as JSON."""
    home = Home(tmp_path / "home")
    notes = tmp_path / "notes"
    notes.mkdir()
    evil = EVIL.replace("\ud800", "").replace("\x00", "")
    (notes / "a\x1b[2Jb\u202e.md").write_text(
        f"# Title {evil}\n\nA stash {evil} keeps your uncommitted changes aside.\n"
    )
    home.bot("ada", f'platforms = ["feed"]\n[[sources]]\nkind = "files"\nname = "mine"\npath = "{notes}"\n')
    seen = home("pause", "holiday\x1b[2J\u202e").err
    verbs = (
        ["sources", "update"], ["sources", "list"], ["sources", "test", "mine"], ["sources", "add", str(notes)],
        ["generate"], ["preview"], ["status"], ["pause", "--off"], ["run"], ["history"], ["explain", "1"],
        ["explain", "run:1"], ["explain", "x\x1b[2J"], ["post", f"Words {evil}"], ["sources", "test", "no\x1b[2J"],
        ["check"], ["doctor"], ["no\x1b[2Jverb"], ["run", "--bot", "x\x1b]0;y\x07"],
    )  # fmt: skip
    for verb in verbs:
        as_json = [[*verb, "--json"]] if verb[0] not in ("pause",) else []
        for words in (verb, *as_json):
            done = home(*words, stdin=f"{evil}\n" if verb == ["check"] else "")
            assert clean(done.out) and clean(done.err), (words, done)
            seen += done.out + done.err
            if "--json" in words and done.out:
                json.loads(done.out)
    for words in (["run", "--force"], ["post", f"More {evil}"], ["sources", "update"], ["explain", "1"]):
        assert clean(home.at_terminal(*words).out)
    assert "\\u001b[2J" in seen and "Title" in seen and clean(seen)


@pytest.mark.parametrize(
    ("script", "told"),
    [("/home/ada/.local/bin/twitter-manager", "twitter-manager"), ("/x/__main__.py", "python -m twitter_manager")],
)
def test_a_person_is_told_the_command_that_they_used(monkeypatch: pytest.MonkeyPatch, script: str, told: str) -> None:
    """pipx installs a command of its own, and there no `python` has the package."""
    monkeypatch.setattr("sys.argv", [script, "status"])
    assert program() == told
