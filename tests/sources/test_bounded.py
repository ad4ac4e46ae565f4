"""Reading within limits: hostile inputs end in time, cost themselves alone, and leave nothing behind."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.home import ROOT
from tests.sources import jobs
from tests.sources.looks import NOW
from tests.sources.test_documents import PROSE, put
from tests.sources.web import Site, fetcher
from twitter_manager.errors import SourceError
from twitter_manager.sources import Collected, Look, Source, bounded, documents, limits
from twitter_manager.sources.bounded import Reader
from twitter_manager.sources.limits import Overgrown, refuse_deep_xml

GOOD = f"# Slate\n\n{PROSE}\n"


@pytest.fixture
def reader(site: Site) -> Iterator[Reader]:
    with closing(Reader(fetcher(site.port))) as made:
        yield made


def look(reader: Reader, source: Source, *, seconds: float = 100.0) -> tuple[Collected, list[str]]:
    warnings: list[str] = []
    until = time.monotonic() + seconds
    found = reader.look(Look(source, {}, NOW, fetcher(), warnings.append, lambda: until - time.monotonic()))
    return found, warnings


def do(reader: Reader, job: Callable[..., Any], seconds: float = 30.0) -> Any:
    until = time.monotonic() + seconds
    return reader.do(job, (), "the place", lambda: until - time.monotonic(), lambda line: None)


def merges() -> str:
    """Front matter of YAML that unfolds to 2^25 pairs."""
    lines = ["a0: &a0 {k: 1}", *(f"a{n}: &a{n} {{<<: [*a{n - 1}, *a{n - 1}]}}" for n in range(1, 26))]
    return "---\n" + "\n".join(lines) + f"\n---\n{PROSE}\n"


def pages_of_one_stream(count: int = 400) -> bytes:
    """A PDF all of whose pages show the same long stream."""
    stream = zlib.compress(b"BT /F1 12 Tf 10 10 Td " + b"(word word) Tj " * 300_000 + b"ET")
    pages = b" ".join(b"%d 0 R" % (5 + number) for number in range(count))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count %d/Kids[%s]>>" % (count, pages),
        b"<</Length %d/Filter/FlateDecode>>stream\n%s\nendstream" % (len(stream), stream),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        *[b"<</Type/Page/Parent 2 0 R/Contents 3 0 R/Resources<</Font<</F1 4 0 R>>>>>>"] * count,
    ]
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(b"%010d 00000 n \n" % len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(places) + 1, b"".join(places))
    return out + table + b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(places) + 1, len(out))


# -- one document ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("merge.md", merges()),
        ("tags.html", "<b><p>" * 300_000),
        ("links.html", "<a>x" * 300_000),
        ("attributes.html", f"<p {' '.join(f'a{n}=1' for n in range(100_000))}>{PROSE}</p>"),
        ("deep.html", "<div>" * 100_000 + PROSE),
    ],
    ids=lambda value: value if len(value) < 20 else "",
)
def test_an_overgrown_document_is_named_and_left_out_at_once(
    tmp_path: Path, reader: Reader, name: str, content: str
) -> None:
    """Before a parser spends its time on it; the others of its folder are read."""
    put(tmp_path, name, content)
    put(tmp_path, "good.md", GOOD)
    found, warnings = look(reader, Source("files", "docs", path=tmp_path))
    assert [item.key for item in found.items] == ["good.md#slate"]
    assert [line.split()[0] for line in warnings] == [name] and "left out" in warnings[0]


@pytest.mark.parametrize(
    ("ending", "content"), [(".md", b"[" * 1_900_000), (".pdf", pages_of_one_stream())], ids=["brackets", "pages"]
)
def test_a_document_that_takes_too_long_is_given_up(ending: str, content: bytes) -> None:
    """Whatever its parser catches: the clock stops it from within."""
    with pytest.raises(limits.Overgrown, match="more than 1 seconds"), limits.within(1):
        documents.FORMATS[ending](content, "name")


def test_a_document_that_hangs_its_parser_is_named_and_skipped(
    tmp_path: Path, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process that reads is ended; a new one reads the others, and the document is not read again unchanged."""
    monkeypatch.setattr(bounded, "SILENT_SECONDS", 3.0)
    put(tmp_path, "brackets.md", b"[" * 1_900_000)
    put(tmp_path, "good.md", GOOD)
    found, warnings = look(reader, Source("files", "docs", path=tmp_path))
    assert [item.key for item in found.items] == ["good.md#slate"]
    assert warnings == ["brackets.md takes too long to read; it is left out."]
    assert found.state["files"]["brackets.md"][0] > 0


# -- feeds, pages, patterns --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "body", "reason"),
    [
        ("/channel", "<rss><channel {attributes}><item><title>A title</title></item></channel></rss>", "attributes"),
        ("/item", "<rss><channel><item><title {attributes}>A title</title></item></channel></rss>", "attributes"),
        ("/deep", f"<rss><channel><item>{'<a>' * 9_000}</item></channel></rss>", "within each other"),
        ("/tags", f"<rss><channel>{'<a/>' * 250_000}<item><title>A title</title></item></channel></rss>", "tags"),
    ],
)
def test_a_hostile_feed_is_named_and_the_next_source_is_read(
    tmp_path: Path, reader: Reader, site: Site, path: str, body: str, reason: str
) -> None:
    """180,000 attributes, elements within each other, or too many of them."""
    attributes = " ".join(f'a{number}="x"' for number in range(180_000))
    url = site.put(path, body.replace("{attributes}", attributes), content_type="application/rss+xml")
    with pytest.raises(SourceError, match=rf"{path}.*{reason}"):
        look(reader, Source("rss", "feed", (url,)))
    put(tmp_path, "good.md", GOOD)
    assert look(reader, Source("files", "docs", path=tmp_path))[0].items


def test_a_hostile_page_costs_itself_alone(reader: Reader, site: Site) -> None:
    """The other pages of its source are read, and it is named."""
    bad = site.put("/bad", "<b><p>" * 600_000)
    good = site.put("/good", f"<h1>Slate</h1><p>{PROSE * 4}</p>")
    found, warnings = look(reader, Source("web", "pages", (bad, good)))
    assert {item.url for item in found.items} == {good} and len(warnings) == 1 and "/bad: it has" in warnings[0]


@pytest.mark.parametrize("pattern", ["**/a" * 14, "*a" * 30])
def test_a_pattern_that_fits_in_too_many_ways_is_refused(tmp_path: Path, reader: Reader, pattern: str) -> None:
    """With its remedy, and before it is tried."""
    put(tmp_path, "a/" * 30 + "b.md", GOOD)
    with pytest.raises(SourceError, match="Write a simpler one"):
        look(reader, Source("files", "docs", path=tmp_path, patterns=(pattern,)))


def test_a_pattern_of_any_folders_many_times_over_is_that_of_once(tmp_path: Path, reader: Reader) -> None:
    """Fourteen times any folders are any folders."""
    put(tmp_path, "a/" * 30 + "b.md", GOOD)
    assert look(reader, Source("files", "docs", path=tmp_path, patterns=("**/" * 14 + "*.md",)))[0].items


# -- the process -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("job", "reason"),
    [
        (jobs.spin, "not read within"),
        (jobs.spin_at_a_part, "the bad part was not read within"),
        (jobs.devour, "1024 MB of memory"),
        (jobs.die, "for want of memory"),
        (jobs.babble, "answers nonsense"),
        (jobs.flood, "more than 64 MB of text"),
    ],
)
def test_what_goes_wrong_in_the_process_is_one_clear_line(
    reader: Reader, monkeypatch: pytest.MonkeyPatch, job: Callable[..., Any], reason: str
) -> None:
    """It names the place and the limit, and the next job is done by a fresh process."""
    monkeypatch.setattr(bounded, "SILENT_SECONDS", 2.0)
    do(reader, jobs.surroundings)
    with pytest.raises(SourceError, match=f"the place: .*{reason}"):
        do(reader, job, 3.0 if job is jobs.spin else 30.0)
    assert do(reader, jobs.surroundings)


def test_the_process_knows_no_keys_and_has_no_lock(
    tmp_path: Path, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the environment nor a file of its parent's reaches it."""
    monkeypatch.setenv("TWITTER_API_KEY", "hunter2")
    with (tmp_path / "lock").open("w") as lock:
        os.set_inheritable(lock.fileno(), True)
        assert "hunter2" not in str(do(reader, jobs.surroundings))
        files = do(reader, jobs.open_files)
    assert not [file for file in files if "lock" in file] and len(files) <= 4


@pytest.mark.parametrize("job", ["sleep", "spin"])
def test_no_process_outlives_a_run_that_was_killed(job: str) -> None:
    """Not even one that is computing: it ends with its parent, whatever ended that."""
    code = (
        "import sys, threading, time; from tests.sources import jobs; from tests.sources.web import fetcher;"
        "from twitter_manager.sources.bounded import Reader; reader = Reader(fetcher());"
        "reader.do(jobs.surroundings, (), 'p', lambda: 60.0, print); print(reader._process.pid, flush=True);"
        f"reader.do(jobs.{job}, (), 'p', lambda: 60.0, print)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=ROOT, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    time.sleep(0.3)
    assert _is_alive(child)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    until = time.monotonic() + 10
    while _is_alive(child) and time.monotonic() < until:
        time.sleep(0.05)
    assert not _is_alive(child)


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_closing_leaves_no_process(reader: Reader) -> None:
    """Neither a running one nor one that nobody waited for."""
    do(reader, jobs.surroundings)
    assert reader._process is not None
    pid = reader._process.pid
    reader.close()
    assert not Path(f"/proc/{pid}").exists()


@pytest.mark.parametrize(
    "body",
    ['<img alt="File > Save"/>', "<br>" * 6, "<p>" * 6, "<b/>", "<a title='x > y'>z</a>"],
    ids=["arrow", "breaks", "paragraphs", "empty", "quoted"],
)
def test_a_long_feed_of_careless_markup_is_not_deep(body: str) -> None:
    """What an entry leaves open ends with it, and an arrow in an attribute ends no tag."""
    refuse_deep_xml(f"<rss><channel>{f'<item>{body}</item>' * 300}</channel></rss>".encode())


def test_a_feed_that_is_deep_is_refused() -> None:
    """In an entry, around entries, and by entries within each other."""
    for opening in (b"<b>" * 300, b"<item>" * 300, b"<item>" + b"<c>" * 300):
        with pytest.raises(Overgrown):
            refuse_deep_xml(b"<rss>" + opening)
