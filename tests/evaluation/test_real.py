"""The real set's own code, from tiny inputs and without a network: its sources, its sheet, the table of marks."""

from __future__ import annotations

import json
import tomllib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.evaluation import packages, real, sheet, sources
from tests.evaluation.sheet import OURS, SENTENCE, TITLE, BadMarks, Mark, Nothing, Shown
from twitter_manager.domain import Item

CHANGELOG = """# Changelog

## [2.1.0] - 2026-03-04

### Added

- A pool can be closed while requests are waiting; each of them ends with PoolClosed.

## 2.0.1 (2026-01-02)

- Fixed a leak of file handles when a connection is refused.
"""


def a_set(**bot: object) -> dict[str, object]:
    given = {"name": "tern", "title": "Tern", "language": "en", "package": "npm:tern==1", "posts": 2}
    return {"packages": {"npm:tern==1": ""}, "bot": [given | bot]}


def a_cache(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        path = folder / "npm-tern==1" / "package" / f"{name}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


@pytest.mark.parametrize("form", ["atom", "rss", "json"])
def test_a_changelog_becomes_posts_of_its_feed(tmp_path: Path, form: str) -> None:
    """Packaged file, feed, server, bot file, store, refill: every post belongs to a version and shows its material."""
    wanted = a_set(source="releases", form=form, files=["*/CHANGELOG.md"], home="https://tern.example")
    made, without = real.run(wanted, a_cache(tmp_path, CHANGELOG=CHANGELOG), (), chooser=False)
    assert {one.item["url"] for one in made} <= {f"https://tern.example/releases/tag/{v}" for v in ("2.1.0", "2.0.1")}
    assert len(made) + len(without) == 2 and made
    assert all(one.kind == "release" and {TITLE, SENTENCE} < one.designs.keys() for one in made)
    assert "bluesky" in made[0].designs and made[0].item["url"] in made[0].designs["bluesky"]


@pytest.mark.parametrize(
    ("source", "kind"), [("pages", "page"), ("files", "document"), ("git", "release"), ("articles", "entry")]
)
def test_every_other_source_is_a_real_one(tmp_path: Path, source: str, kind: str) -> None:
    """Pages over HTTP, files of a folder, a repository with a changelog, documents as a feed: items of their kind."""
    text = (
        "# Idle connections\n\nTern keeps idle connections open for ten minutes, and then it closes them one by one.\n"
    )
    page = "<title>Tern</title><main><h1>Tern</h1><p>" + text.split("\n\n")[1] * 4 + "</p></main>"
    cache = a_cache(tmp_path, README=text, CHANGELOG=CHANGELOG)
    (cache / "npm-tern==1" / "package" / "index.html").write_text(page)
    files = {"pages": ["*/*.html"], "files": ["*/README.md"], "articles": ["*/README.md"], "git": ["*/*.md"]}[source]
    made, without = real.run(a_set(source=source, form="atom", files=files), cache, (), chooser=False)
    assert {one.kind for one in made} | {one.kind for one in without} == {kind}


def test_a_feed_of_releases_is_cut_at_versions() -> None:
    """What stands below a version is its body, with the headings of groups; what stands before the first is none."""
    entries = list(sources.releases(_written(CHANGELOG), "https://tern.example"))
    assert [entry.title for entry in entries] == ["2.1.0", "2.0.1"]
    assert "<h3>Added</h3>" in entries[0].html and "PoolClosed" in entries[0].html and "leak" not in entries[0].html


def _written(text: str) -> Path:
    import tempfile

    path = Path(tempfile.mkdtemp()) / "CHANGELOG.md"
    path.write_text(text)
    return path


def test_roles_are_shown_as_their_site_would(tmp_path: Path) -> None:
    """A reader of the built site sees no Sphinx role; a directive that docutils does not know says nothing."""
    (page := tmp_path / "a.rst").write_text(
        "Tern\n====\n\nSee :doc:`the guide\n<guide>` and :func:`~a.b`.\n\n.. odd:: x\n"
    )
    html = sources.html_of(page)
    assert "the guide" in html and "a.b" in html and ":doc:" not in html and "odd" not in html


def test_what_can_not_be_fetched_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A client that fails (here: a version that can't be) leaves its package out; what is cached is used as it is."""
    (tmp_path / "npm-tern==1").mkdir()
    found = packages.unpacked({"npm:tern==1": "", "deb:no-such-package-here==0": ""}, tmp_path)
    assert list(found) == ["npm:tern==1"]
    assert capsys.readouterr().err.count("\n") == 1


def test_the_set_is_as_large_as_it_must_be() -> None:
    """Two and thirty bots and more, all pinned, at least 150 posts, five languages, each kind of source."""
    wanted = tomllib.loads(real.SET.read_text())
    assert len(wanted["bot"]) >= 32 and sum(bot["posts"] for bot in wanted["bot"]) >= 150
    assert {bot["language"] for bot in wanted["bot"]} >= {"en", "de", "fr", "es", "it", "ja"}
    assert {bot["package"] for bot in wanted["bot"] if "package" in bot} == set(wanted["packages"])
    assert all(len(pin) == 64 and "==" in name for name, pin in wanted["packages"].items())


ITEM = Item(
    "Tern", "k", "It is out. Ten more words.", "Tern 2", "https://tern.example/2", kind="entry", published_at=None
)


def test_trivial_designs() -> None:
    """Title and address; title, first sentence and address; a note, which has no title, is its own first sentence."""
    assert sheet.trivial(ITEM) == {
        TITLE: "Tern 2\nhttps://tern.example/2",
        SENTENCE: "Tern 2: It is out.\nhttps://tern.example/2",
    }
    assert sheet.trivial(Item("s", "k", "One fact. Another.")) == {TITLE: "One fact.", SENTENCE: "One fact."}
    assert sheet.trivial(replace(ITEM, text="出ました。新しい版です。"))[SENTENCE].startswith("Tern 2: 出ました。\n")


def shown(name: str, kind: str, **designs: str) -> Shown:
    return Shown(name, kind, "en", designs | sheet.trivial(ITEM), sheet.material(ITEM), "news")


def test_the_sheet_shows_what_a_reader_needs() -> None:
    """The post on each platform, or that it is left out there; both trivial designs; the material; what gave none."""
    made = [shown("a-1", "entry", bluesky="Tern 2 is out\nhttps://tern.example/2")]
    without = [Nothing("a", "entry", "wip", "dull", ("a: wip",))]
    lines = sheet.markdown(made, without).splitlines()
    assert [line for line in lines if "left out" in line] == ["    — left out —"]
    assert "    Tern 2 is out" in lines and "    title: Tern 2" in lines and "    Tern 2: It is out." in lines
    assert "1 posts: feeds 1." in lines and "1 of them only with their link. 1 items were tried and gave none:" in lines
    assert any("'wip': dull" in line for line in lines)


def test_material_shows_a_date_and_is_cut() -> None:
    """A reader sees how old it is; a page of a megabyte does not fill the sheet."""
    long = replace(ITEM, text="a" * 5000, published_at=datetime(2026, 5, 6, tzinfo=UTC))
    found = sheet.material(long)
    assert found["date"] == "2026-05-06" and len(found["text"]) < 1600 and "summary" not in found


def test_marks_become_a_table(tmp_path: Path) -> None:
    """Shares by kind and design, faults of ours, a line for all; marks of posts that are not in the set don't count."""
    made = json.loads(sheet.as_json([shown("a-1", "entry"), shown("a-2", "entry"), shown("b-1", "document")], []))
    marks = [
        {"id": "a-1", "ok": True},
        {"id": "a-2", "ok": False, "fault": "dull"},
        {"id": "a-1", "design": TITLE, "ok": True},
        {"id": "b-1", "ok": False, "fault": "markup"},
        {"id": "gone-1", "ok": True},
    ]
    path = tmp_path / "marks.jsonl"
    path.write_text("\n".join(map(json.dumps, marks)) + "\n\n")
    assert sheet.table(sheet.read_marks(path), made).splitlines()[2:] == [
        "| feeds | 2 | 50 % | 100 % | – | dull 1 |",
        "| documents | 1 | 0 % | – | – | markup 1 |",
        "| all | 3 | 33 % | 100 % | – | dull 1, markup 1 |",
    ]
    assert sheet.read_marks(path)[0] == Mark(OURS, "a-1", ok=True)


@pytest.mark.parametrize(
    "line",
    ["no JSON", '{"id": "a"}', '{"id": "a", "ok": false, "fault": "boring"}', '{"id": "a", "ok": true, "design": "x"}'],
)
def test_bad_marks_are_told_with_their_line(tmp_path: Path, line: str) -> None:
    """A slip of the reader is named and not counted as something else."""
    path = tmp_path / "marks.jsonl"
    path.write_text('{"id": "a", "ok": true}\n' + line)
    with pytest.raises(BadMarks, match="line 2"):
        sheet.read_marks(path)


def test_the_command_prints_the_table_or_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader's file becomes the table; one that can't be counted, or a bot that is not there, one line and code 2."""
    (posts := tmp_path / "real.json").write_text(sheet.as_json([shown("a-1", "entry")], []))
    (marks := tmp_path / "marks.jsonl").write_text('{"id": "a-1", "ok": true}')

    def command(*words: str) -> int:
        monkeypatch.setattr("sys.argv", ["real", *words])
        return real.main()

    assert command("--marks", str(marks), "--json", str(posts)) == 0
    assert "| feeds | 1 | 100 % |" in capsys.readouterr().out
    marks.write_text("well done")
    assert command("--marks", str(marks), "--json", str(posts)) == command("--only", "nobody") == 2
    assert capsys.readouterr().err.count("\n") == 2
