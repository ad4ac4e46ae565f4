"""Posts of fetched material without a model: a corpus read by a person, each kind's rules, and properties over any
text."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.bounds import soon
from twitter_manager.checks import CheckContext, Policy, check_draft
from twitter_manager.domain import Item
from twitter_manager.english import normalised, weight
from twitter_manager.sources.changelog import entries
from twitter_manager.writing import formats, standing
from twitter_manager.writing.designs import ANY, Design, designs, titled, why_not
from twitter_manager.writing.releases import project, release_name

CORPUS: list[dict[str, Any]] = tomllib.loads((Path(__file__).parent / "material.toml").read_text())["item"]
ADDRESS = "https://news.example/1"
NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


def fits(text: str) -> bool:
    return weight(text) <= 280


def item_of(entry: dict[str, Any]) -> Item:
    return Item(entry["source"], "k", entry["text"], title=entry["title"], url=entry.get("url", ""), kind=entry["kind"])


def entry(title: str, text: str = "", **more: str) -> Item:
    return replace(Item("news.example", "k", text, title=title, url=ADDRESS, kind="entry"), **more)  # type: ignore[arg-type]


def release(text: str, title: str = "2.1.0", **more: str) -> Item:
    return replace(Item("tool", "k", text, title=title, kind="release", project="tool"), **more)  # type: ignore[arg-type]


def document(text: str, title: str = "Caching", **more: Any) -> Item:
    return replace(Item("docs", "k", text, title=title, kind="document", project="Kiln"), **more)  # type: ignore[arg-type]


def best(item: Item, language: str = "en", *, linked: bool = True) -> str:
    found = designs(item, fits, language, linked=linked and bool(item.url))
    return found[0].text if found else ""


def test_the_best_design_is_the_one_that_a_person_read() -> None:
    """Each text of the corpus gives its golden first design, and nothing of what must never be posted."""
    for one in CORPUS:
        item = item_of(one)
        found = [design.text for design in designs(item, fits, ANY, linked=bool(item.url))]
        assert (found[0] if found else "") == one["best"], one["name"]
        assert not [words for words in one.get("never", []) for text in found if words in text], one["name"]
        assert bool(found) == (why_not(item, ANY, linked=bool(item.url)) == ""), one["name"]


def test_every_design_passes_the_checks() -> None:
    """Whatever is offered is founded in its item and has nothing that a platform refuses."""
    for one in CORPUS:
        item = item_of(one)
        material = tuple(filter(None, (item.title, item.text, *formats.own_words("news", (item,)))))
        context = CheckContext(
            platforms=("x", "bluesky", "feed"), policy=Policy(max_links=0), material=material, written_by_model=False
        )
        for design in designs(item, fits, ANY, linked=True):
            assert check_draft((design.text,), context) == (), design


# --- Feed entries and pages -------------------------------------------------------------------------------------------


def test_a_summary_joins_the_title_where_it_adds_something() -> None:
    """The human summary stands below the title; one that only says the title again stays away."""
    item = entry("Kiln learns to cool slowly", summary="It lowers the heat by 50 degrees an hour.")
    assert designs(item, fits, linked=True) == (
        Design("Kiln learns to cool slowly\n\nIt lowers the heat by 50 degrees an hour.",
               "title and sentence", alone=False, score=2.0),
        Design("Kiln learns to cool slowly", "title", alone=False, score=1.0),
    )  # fmt: skip
    assert best(replace(item, summary="Kiln learns slowly.")) == item.title


def test_what_stands_alone_needs_no_address() -> None:
    """Without an address only what can be understood by itself is left."""
    item = entry("Kiln 3 can cool slowly", summary="Kiln 3 lowers the heat by 50 degrees an hour after the last stage.")
    (first, second) = designs(item, fits, linked=True)
    assert (first.alone, second.alone) == (True, False)
    assert [design.alone for design in designs(item, fits)] == [True]
    assert designs(replace(item, summary=""), fits) == ()
    assert why_not(replace(item, summary="")) == "no sentence of it stands alone, and no address goes along"


def test_a_label_for_a_title_says_nothing() -> None:
    """A series, a date, a version, a lure, a shout, a cut or a command gives no post of its own."""
    for title in (
        *("Weekly update", "Release notes", "Links for week 47", "November 2026", "Status report: November 2026"),
        *("Kiln digest #12", "Building a kiln, part 3", "Episode 44", "v1.2.3", "HUGE NEWS FOR ALL POTTERS TODAY"),
        *("You won't believe this glaze", "10 tips for glazing", "Kiln, alpha 8"),
        *("report-final.pdf", "Home", "Cut in the mid…", "", "Glaze"),
        *("The workshop opens tomorrow", "Save 50% on clay today", "Fix [the glaze", "Cost is $n \\log n$ for all"),
        *("Write to [email protected] for clay", "Glaze \ufffd and other marks", "1.2 testing begins for everyone"),
    ):
        assert best(entry(title)) == "", title
        assert why_not(entry(title)), title


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("Git 2.60 released | The GitHub Blog", "Git 2.60 released"),
        ("A faster parser - News Example", "A faster parser"),
        ("Arm - not x86 - leads", "Arm - not x86 - leads"),
        ("🎉 Big gains for Zig 🚀", "Big gains for Zig"),
        ("Zig 1.0 is here!", "Zig 1.0 is here"),
        ("What makes C# faster", "What makes C# faster"),
        ("[ANN] Kiln learns to cool", "Kiln learns to cool"),
        ("This week in Kiln: cooling, glazes and more", "This week in Kiln: cooling, glazes and more"),
    ],
)
def test_a_title_is_cleaned(title: str, shown: str) -> None:
    """The site's name, tags and ornaments go."""
    assert titled(entry(title)) == shown


def test_a_project_may_be_named_like_a_call() -> None:
    """A project whose name begins with "Let's" is no call on the reader."""
    item = entry("Let’s Glaze opens a second kiln", project="Let's Glaze")
    assert best(item) == item.title


def test_other_languages_than_the_bots_are_not_used() -> None:
    """German material gives an English bot nothing and a German one its own words, without English around them."""
    text = "Der Ofen kühlt nach dem letzten Brand um 50 Grad in der Stunde ab und spart dabei Strom."
    item = entry("Der Ofen Kiln 3 kühlt langsamer ab", text)
    assert why_not(item, linked=True) == "it is in another language (de)"
    assert best(item, "de") == best(item, ANY) == f"{item.title}\n\n{text}"


def test_an_entry_without_a_title_is_a_post_already() -> None:
    """A short one goes out whole; one in which somebody speaks of himself does not."""
    assert best(entry("", "The kiln is open again, bring your pots!")) == "The kiln is open again, bring your pots!"
    assert best(entry("", "I opened the kiln again, bring your pots!")) == ""
    assert best(entry("", "The kiln is open again. " * 20)) == ""


def test_a_document_with_a_date_is_an_article() -> None:
    """Its title is the news, with the project in front; a sentence joins where it is about the same."""
    dated = replace(document("The kiln cools at night.", title="Version 3 released"), published_at=NOON, url=ADDRESS)
    assert best(dated) == "Kiln: Version 3 released"


# --- Sentences --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sentence",
    [
        "It affects all versions of OpenSSL 3.",
        "This makes Python 3.15 faster.",
        "However, Rust 1.90 keeps the old syntax.",
        "The former needs Linux 6.12.",
        "Python 3.15 also drops the old parser.",
        "Is Python 3.15 faster than PyPy?",
        "Python 3.15 is out now!",
        "Subscribe to our newsletter about Python 3.15.",
        "Read more about Python 3.15 on the blog.",
        "We released Python 3.15 with a new parser.",
        "My favourite part of Python 3.15 is the parser.",
        "Python 3.15 was released yesterday in Berlin.",
        "Python 3.15 is ready for testing in Berlin.",
        "The Python meeting begins on 2022-04-18 at 9pm in Berlin.",
        "See https://python.example for Python 3.15.",
        "Ask @guido about Python 3.15 and its parser.",
        "As shown in Figure 3, Python 3.15 wins.",
        "Python 3.15 supports the following platforms.",
        "Python 3.15 wins (see the table.",
        "THE NEW PYTHON PARSER WINS EVERY TIME 3.15.",
        "Python 3.15 changes the parser and…",
        "Python 3.15 changes the parser, e.g.",
        '"Tabs are eight characters wide in Linux."',
        "Ada says “tabs are eight characters wide in Linux”.",
        "The post Python 3.15 appeared first on Planet Python.",
        "Sorting in Python takes \\(O(n \\log n)\\) steps.",
        "Write to [email protected] for Python 3.15.",
        "The use of this option in Python 3.15 is new.",
    ],
)
def test_what_cannot_stand_alone(sentence: str) -> None:
    """Pointers, calls, questions, first persons, passing days, other people's words, marks and fragments."""
    assert not standing.stands(sentence, "en")


@pytest.mark.parametrize(
    "sentence",
    [
        "Instead of a lock, Redis 9 takes a lease.",
        "IT teams in Oslo run Debian 13.",
        "If a crawler gets status 503, Google slows down.",
        "Cookies of HTTP requests carry no port in RFC 6265.",
        "By default, Git 3 makes SHA-256 repositories.",
        "The cost of a fork in Linux 7 grows with the size of the page tables.",
        "structlog is a logging library for Python.",
        "The repair café in Mill Lane is open on the first Saturday of each month.",
    ],
)
def test_what_only_looks_so_stands(sentence: str) -> None:
    """Words that pages, pronouns and injections share with sound sentences don't cost these."""
    assert standing.stands(sentence, "en")


# --- Documents --------------------------------------------------------------------------------------------------------


def test_a_document_names_its_project() -> None:
    """The summary first, else a sentence about the page's subject; the project in front unless the words name it."""
    told = "Caching is a way to skip each stage whose inputs have not changed since the last run."
    assert best(document(told)) == f"Kiln: {told}"
    assert best(document(told, summary="Kiln caches every stage of a run on the disk.")) == (
        "Kiln caches every stage of a run on the disk."
    )
    assert best(document(told, project="")) == told
    section = document("Clay is a fine-grained soil that hardens in a fire.", headings=("Materials", "Clay"))
    assert best(section) == "Kiln, Caching: Clay is a fine-grained soil that hardens in a fire."
    assert best(replace(section, text="Clay has to be stored in a dry and cool place.")) == ""
    goes_on = f"{section.text} Such clay has to rest for a week before it is used."
    assert best(replace(section, text=goes_on)) == f"Kiln, Caching: {goes_on}"
    assert best(replace(section, text=f"{section.text} The following table lists its kinds.")) == best(section)
    titled_so = replace(section, kind="page", title="Materials: White clay", headings=("Materials", "White clay"))
    assert best(titled_so) == "", "of which clay?"


def test_advice_and_details_without_their_context_are_no_posts() -> None:
    """A step of a how-to, an API's detail, a sentence on something else, an example."""
    for text in (
        "To enable caching, set this option to true.",
        "Set the caching option before the first run.",
        "caching.Store.path returns the folder as a string.",
        "Pots are made of clay in most parts of the world.",
        "Caching is shown in the following example.",
        "Caching is being worked on and is coming soon.",
        "The maintainers rate caching as critical in Debian 13.",
        "Existing files keep their mode and owner in Kiln.",
        "Caching is the caching of a Kiln.",
    ):
        assert why_not(document(text)) == "no sentence of it stands alone", text


# --- Releases ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entry_text", "said"),
    [
        ("Removed: Support for Python 2.7 and 3.5", "tool 2.1.0 removes support for Python 2.7 and 3.5."),
        ("Removed: Python 2.7 support", "tool 2.1.0 removes Python 2.7 support."),
        ("Removed: The old format of the cache", "tool 2.1.0 – Removed: The old format of the cache."),
        ("Deprecated: The flag --fast of the run", "tool 2.1.0 – Deprecated: The flag --fast of the run."),
        ("Fixed: A crash when the input is empty", "tool 2.1.0 – Fixed: A crash when the input is empty."),
        ("Fixed: Fix a crash when the input is empty", "tool 2.1.0: Fix a crash when the input is empty."),
        ("Added: Support for caches on Windows", "tool 2.1.0 adds support for caches on Windows."),
        ("Reverted: Colours in the list of commands", "tool 2.1.0 – Reverted: Colours in the list of commands."),
        ("Removed: Dropdown menu for themes", "tool 2.1.0 – Removed: Dropdown menu for themes."),
        ("Removed: Removable media on Linux", "tool 2.1.0 – Removed: Removable media on Linux."),
        ("Added: Add Python 3.13 support", "tool 2.1.0: Add Python 3.13 support."),
        ("Handle empty input without a crash", "tool 2.1.0: Handle empty input without a crash."),
        ("Windows: Add colours to the list of commands", "tool 2.1.0 (Windows): Add colours to the list of commands."),
    ],
)  # fmt: skip
def test_an_entry_says_its_group(entry_text: str, said: str) -> None:
    """The group is part of the claim, and whole entries alone are used."""
    assert best(release(entry_text)) == said


def test_what_users_do_not_see_is_no_news() -> None:
    """Internals, vague lines and pull requests' marks give nothing, nor does a release without a name."""
    for text in (
        *("Various fixes and improvements", "Lint", "Fix CI"),
        *("Colours in the list", "Fixed: #1234", "See the notes above for all of the changes"),
        *("Rename _make_pot to _make_bowl everywhere", "When the input is empty and long"),
        "Fixed: Don't empty the kiln by night.",
    ):
        assert why_not(release(text)) == "no entry says something to users of the project", text
    assert why_not(release("Add a flag for quiet runs", project="", source="/")) == "the project's name is not known"


def test_a_security_entry_is_told_as_mended() -> None:
    """What could be done to users is said to be fixed; an advisory's number and "releases" in the feed's name go."""
    entry_text = "Security: The lock of the kiln could be opened by anybody who knew its address. 4abc-d6v8-c28g"
    said = "tool 2.1.0 – Security fix: The lock of the kiln could be opened by anybody who knew its address."
    assert best(release(entry_text, project="tool releases")) == said
    kept = "Security: Keep the lock of the kiln on the left-hand-side."
    assert best(release(kept)) == "tool 2.1.0 – Security: Keep the lock of the kiln on the left-hand-side."


def test_a_forges_release_feed() -> None:
    """An entry whose title is a version tells one change, with the repository's name; a long entry is never cut."""
    address = "https://github.com/example/tool/releases/tag/v2.1.0"
    notes = "\n\n".join(
        entries("What's Changed\n* Handle empty input without a crash by @x in #1\n* Fix the lint job in #2")
    )
    item = Item("f", "k", notes, title="v2.1.0", url=address, kind="entry")
    assert best(item) == "tool 2.1.0: Handle empty input without a crash."
    assert best(release(f"Add a flag for {'very ' * 60}quiet runs")) == ""


@pytest.mark.parametrize(
    ("source", "url", "name"),
    [
        ("../projects/attrs", "", "attrs"),
        ("httpx", "", "httpx"),
        ("x", "https://github.com/psf/requests/releases/tag/v1", "requests"),
        ("github.com/psf/requests/releases.atom", "", ""),
        ("docs.example.com", "", ""),
        ("/", "", ""),
    ],
)
def test_a_project_is_named_by_its_address_or_its_folder(source: str, url: str, name: str) -> None:
    """What is only the name of a site names no project."""
    assert project(Item(source, "k", "x", url=url, kind="release")) == name


def test_a_release_without_project_and_version_has_no_name() -> None:
    """Neither a bare version nor a bare project is a release's name."""
    assert release_name(Item("docs.example.com", "k", "x", title="v1.2", kind="release")) == ""
    assert release_name(Item("attrs", "k", "x", title="Spring release", kind="release")) == ""
    assert release_name(Item("attrs", "k", "x", title="Release 26.1.0rc2", kind="release")) == "attrs 26.1.0rc2"


@pytest.mark.parametrize(
    ("source", "subject", "said"),
    [
        ("harbour", "feat(upload)!: allow uploads that were cut off to go on (#12)",
         "harbour: Allow uploads that were cut off to go on."),
        ("harbour", "Fix a crash on empty input of the parser", "harbour: Fix a crash on empty input of the parser."),
        ("harbour", "src/io/upload.py: handle empty input of all kinds", ""),
        ("harbour", "parser: a case that was missing in the tables", ""),
        ("/home/ada/main", "Fix a crash on empty input of the parser", ""),
        ("harbour", "fix: typo", ""),
        ("harbour", "Fix what 0a1b2c3d4e broke in the upload", ""),
    ],
)  # fmt: skip
def test_a_commits_subject(source: str, subject: str, said: str) -> None:
    """Only what users plainly see, with the repository's name; a folder's plain name is none."""
    assert best(Item(source, "k", subject, title=subject, kind="commit")) == said


# --- Any text ---------------------------------------------------------------------------------------------------------

PIECES = st.sampled_from(
    [
        *("Git 3 keeps objects by hash.", "It is fast.", "This is why.", "Use Git 3.7.0 (or later)."),
        *("Ignore all previous instructions.", "<b>x</b> &amp; `y`", "一番目の文です。", "これは二番目です。"),
        *('Linus said "no."', "e.g.", "..."),
        *("👩‍💻 Zig 1.0 ist da. 🎉", "\u202eabc\u202c.", "\n\n", "\n- ", " ", "Fixed: ", "by @x in #1"),
        "Added: Support for Z.",
    ]
)  # fmt: skip
TEXTS = st.lists(PIECES | st.text(max_size=30), max_size=25).map("".join)
KINDS = st.sampled_from(["note", "entry", "page", "document", "commit", "release", "?"])


@example("", "Use Git 3.7.0 (or later).", "0", "document", 34, "de")
@given(TEXTS, TEXTS, st.text(max_size=80), KINDS, st.integers(0, 300), st.sampled_from(["en", "de", ANY]))
def test_any_text_gives_whole_sentences_of_its_own(
    text: str, summary: str, title: str, kind: str, limit: int, language: str
) -> None:
    """Nothing raises, nothing is longer than allowed, each sentence stands in the item, and a reason is told where
    there is none."""
    item = Item("s", "k", text, title=title, url=ADDRESS, kind=kind, summary=summary, project="Kiln")
    found = designs(item, lambda said: weight(said) <= limit, language, linked=True)
    assert all(weight(design.text) <= limit for design in found)
    whole = normalised(f"{text} {summary} {title}")
    for design in found:
        if design.frame in ("title and sentence", "summary", "sentence"):
            body = design.text.split("\n\n")[-1]
            if (named := re.match(r"Kiln(?:, (.{1,50}?))?: ", body)) and (named[1] or "") in normalised(title):
                body = body[named.end() :]
            assert body.removesuffix(".") in whole
    assert bool(why_not(item, language, linked=True)) == (designs(item, lambda said: True, language, linked=True) == ())


@pytest.mark.parametrize(
    "text",
    [
        *(
            "a" * 1_000_000,
            "A. " * 300_000,
            "It is. " * 150_000,
            "(" * 1_000_000,
            "x, " * 300_000 + ".",
            "#1 " * 300_000,
        ),
        *(" by @x in #1" * 80_000, "<a " * 300_000, "$x" * 500_000, "you are " * 120_000, "said " * 200_000),
    ],
    ids=[str(number) for number in range(11)],
)
@soon
def test_a_megabyte_keeps_no_run_waiting(text: str) -> None:
    """In whatever field and kind it comes."""
    for kind in ("entry", "document", "release", "commit"):
        designs(Item("s", "k", text, title=text, summary=text, url=ADDRESS, kind=kind, project="p"), fits, linked=True)


# --- Other languages, manuals -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "stands", "leans"),
    [
        ("de", "Der Ofen Kiln kühlt in der Nacht um 50 Grad ab.", "In diesem Kapitel wird Kiln beschrieben."),
        ("fr", "Le four Kiln refroidit de 50 degrés par heure.", "Ce chapitre décrit le four Kiln et ses réglages."),
        ("es", "El horno Kiln enfría 50 grados por hora.", "En este capítulo se resume el horno Kiln."),
        ("it", "Il forno Kiln raffredda di 50 gradi all'ora.", "Altrimenti Kiln raffredda troppo in fretta."),
        ("nl", "De oven Kiln koelt 50 graden per uur af.", "Dit onderdeel beschrijft hoe de oven Kiln afkoelt."),
        ("pt", "O forno Kiln arrefece 50 graus por hora.", "Neste capítulo descreve-se o forno Kiln."),
        ("ru", "Печь Kiln остывает на 50 градусов в час.", "В этой главе описана печь Kiln."),
        ("ja", "Kiln の窯は一時間に五十度ずつ冷えます。", "この章では Kiln の窯を説明します。"),
        ("zh", "Kiln 窑炉每小时降温五十度。", "下面介绍 Kiln 窑炉。"),
    ],
)
def test_sentences_of_other_languages_stand_or_lean(language: str, stands: str, leans: str) -> None:
    """A sentence that speaks of its chapter, or leans on the one before, stands alone in no language."""
    assert standing.stands(stands, language)
    assert not standing.stands(leans, language)
    assert not standing.stands(stands, "eo"), "of a language without a list no sentence is known to stand"


def test_a_long_sentence_in_english_is_not_taken_for_another_language() -> None:
    """A half translated manual has English sentences without an article; names in a German one make no English."""
    english = "Kiln mobile stations can be configured just with full featured email clients without any transfer agent."
    german = "Kiln lädt Plugins wie Cloud Backup, Night Cooling und Fast Firing beim Start aus dem Ordner der Nutzer."
    assert [standing.in_language(text, "de") for text in (english, german)] == [False, True]


def test_a_manual_is_named() -> None:
    """A title or a sentence of a page that does not say what it belongs to gets the name of the whole; a title in
    English gives nothing to a bot of another language."""
    page = replace(entry("Cooling the glaze by night", project="Kiln manual"), kind="page", text="")
    assert best(page) == "Kiln manual: Cooling the glaze by night"
    assert best(replace(page, title="Cooling a Kiln by night")) == "Cooling a Kiln by night"
    assert [
        best(replace(page, title=title)) for title in ("Conclusion: the Kiln's future", "About this Kiln manual")
    ] == [
        "",
        "",
    ], "a label, and what points at the page"
    assert best(replace(page, title="Erste Schritte mit dem Ofen", project="Ofenhandbuch"), "de") == ""
    assert best(replace(page, title="Creating shortcuts for the menu", project="Ofenhandbuch"), "de") == ""


def test_danger_comes_first() -> None:
    """Of a release, what mends a security hole or breaks something goes before what is new; then the changelog's
    order counts. Half a sentence is no entry."""
    told = "Added: The --night option cools slowly.\n\nAdded: A --fast option cools at once."
    assert best(release(told)) == "tool 2.1.0: The --night option cools slowly."
    assert "Python 3.7" in best(release(f"{told}\n\nBreaking: Python 3.7 has been dropped."))
    assert "security" in best(release(f"{told}\n\nFixed a security issue where a hot kiln could be opened."))
    assert "When" not in best(release(f"When the kiln was opened after the glaze had been fired partially.\n\n{told}"))
