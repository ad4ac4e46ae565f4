"""Grounding: what the material says passes in any usual form, what it doesn't say is named."""

from __future__ import annotations

import itertools
import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import twitter_manager
from tests.bounds import soon
from tests.checks.texts import PIECES
from twitter_manager.checks import CheckContext, Policy, check_draft
from twitter_manager.checks.grounding import claims, grounding

ANY = Policy(max_links=None, max_mentions=None, max_hashtags=None)


def ungrounded(text: str, *material: str, policy: Policy = ANY) -> str:
    """What the grounding rule says about `text`."""
    found = grounding((text,), CheckContext(material=material, policy=policy))
    return " ".join(violation.message for violation in found)


@pytest.mark.parametrize(
    ("text", "material"),
    [
        ("It takes 1,000,000 rows.", "a million rows: 1000000 of them"),
        ("It takes 1 million rows.", "1,000,000 rows"),
        ("It takes 1\u202f000 rows.", "1000 rows"),
        ("There are two kinds.", "There are 2 kinds."),
        ("There are 25 kinds.", "There are twenty-five kinds."),
        ("About 205 of them.", "two hundred and five of them"),
        ("About 10k stars.", "10,000 stars"),
        ("One of the files is lost.", "A file is lost."),
        ("It is 50 percent faster.", "It is 50% faster."),
        ("Set it to −5 degrees.", "set it to -5 degrees"),
        ("Pages 3–7 tell it.", "pages 3-7"),
        ("Sorting takes O(n²) steps.", "O(n^2) steps"),
        ("Use ٣ files.", "3 files"),
        ("Since v3.12 it works.", "new in 3.12"),
        ("Try 3.13.0rc1 now.", "3.13.0rc1 is out"),
        ("Out on 21 November 2026.", "released 2026-11-21"),
        ("Out on Nov. 21st, 2026.", "released on 21 November 2026"),
        ("Out in November 2026.", "released 2026-11-21"),
        ("Out in November.", "released 2026-11-21"),
        ("At 2030-01-15T00:00 it ends.", "2030-01-15T00:00"),
        ("See https://Example.com/a/ for more.", "https://example.com/a"),
        ("See example.com.", "https://example.com/a"),
        ("He said “it works”.", "And then he said: It works!"),
        ("It's the users' data and the others' too.", "data of users and others"),
        ("Run `git  stash -u` first.", "git stash -u takes untracked files"),
        ("Use --force-with-lease.", "git push --force-with-lease"),
        ("Call list.sort() there.", "list.sort() is stable"),
        ("Call sort() there.", "list.sort() is stable"),
        ("Set MAX_SIZE and x86_64.", "MAX_SIZE on x86_64"),
        ("See /etc/hosts.", "the file /etc/hosts"),
        ("See /var/log.", "the folder /var/log/"),
        ("We like JavaScript and SQLite.", "javascript, sqlite"),
        ("Linus Torvalds made it.", "Linus Torvalds wrote it"),
        ("Is Linux's kernel big?", "linux"),
        ("All Linux-based ones.", "Linux"),
        ("They are APIs, and it's NOT an API.", "an API"),
        ("Tip: Use it. Always use it!\nNever lose it. 🎉 Enjoy.", "whatever"),
        ("I think so, and I'm right; OK?", "whatever"),
        ("i.e. this, e.g. at 5 p.m.", "at 5"),
        ("Thanks @Bob.example!", "by @bob.example"),
        ("About #PythonTips and #HTTPServer3.", "python tips for an HTTP server: 3"),
        ("Zürich and Örebro.", "ZÜRICH, örebro"),
        ("漢字も日本語も", "whatever"),
        ("", "whatever"),
    ],
)
def test_grounded(text: str, material: str) -> None:
    """The same fact in another usual form is no new claim."""
    assert ungrounded(text, material) == ""


@pytest.mark.parametrize(
    ("text", "material", "claim"),
    [
        ("It has 12 parts.", "It has 120 parts and 312 more.", "number “12”"),
        ("Since 3.1 it works.", "since 3.11", "number “3.1”"),
        ("Version 3.13.0 is out.", "3.13.0rc1 is out", "number “3.13.0”"),
        ("It took 5.", "It took 5 million.", "number “5”"),
        ("At 10:30 it ends.", "At 10 it begins, 30 stay.", "time “10:30”"),
        ("Out on 2026-11-21.", "in 2026, 11 of 21", "date “2026-11-21”"),
        ("Out on 12 November 2026.", "released 2026-11-21", "date “12 November 2026”"),
        ("See https://a.com/evil.", "https://a.com/good", "link “https://a.com/evil”"),
        ("See https://a.com/A.", "https://a.com/a", "link “https://a.com/A”"),
        ("See evil.example.", "https://a.com", "code “evil.example”"),
        ("It is 48% faster.", "48 files", "number “48”"),
        ("It fell to -5.", "It fell to 5.", "number “-5”"),
        ("It is “truly web scale”.", "It truly scales on the web.", "quotation “truly web scale”"),
        ("It is 'truly web scale'.", "It truly scales on the web.", "quotation “truly web scale”"),
        ("It was made by Guido van Rossum.", "Somebody made it.", "name “Guido Rossum”"),
        ("Es kostet 40 Euro.", "Es kostet 45 Euro, 12 ermäßigt.", "number “40”"),
        ("Only for 7 guests.", "Only for 6 guests.", "number “7”"),
        ("Keeps for 5 days.", "Keeps for three days. Fry it 5 minutes.", "number “5”"),
        ("On 3 or 4 May.", "On 3 or 5 May.", "date “3 or 4 May”"),
        ("Closed on Monday.", "Closed on Sunday.", "weekday “Monday”"),
        ("Write to me@club.example.", "Write to us@club.example.", "address “me@club.example”"),
        ("Run `git push`.", "Run git pull.", "code “git push”"),
        ("Use --force.", "Use --force-with-lease.", "code “--force”"),
        ("Use -x here.", "Use -xz here.", "code “-x”"),
        ("Set max_size.", "Set max_size_mb.", "code “max_size”"),
        ("Call getitem() or getItem().", "getitem()", "code “getItem()”"),
        ("Use os.path.", "use os.walk", "code “os.path”"),
        ("See /etc/passwd.", "/etc/hosts", "code “/etc/passwd”"),
        ("She died at 62 on 6 May 2020.", "at 62 on 5 May 2020, with 6 children", "date “6 May 2020”"),
        ("Tickets cost €45 from 6 May.", "€45 from 5 May, for 6 people", "date “6 May”"),
        ("In room 45, 6 May.", "In room 45, 5 May, at 6", "date “6 May”"),
        ("See /etc/hosts.", "/usr/etc/hosts", "code “/etc/hosts”"),
        ("It needs IPv6.", "It needs IPv4, 6 times.", "code “IPv6”"),
        ("Ask @eve for it.", "Ask @alice.", "mention “@eve”"),
    ],
)
def test_ungrounded(text: str, material: str, claim: str) -> None:
    """What the material doesn't say is named with its kind, and nothing else is."""
    assert ungrounded(text, material) == f"Not in the material: {claim}."


def test_a_post_within_its_material_starts_where_a_word_does() -> None:
    """The end of a number of the material is another number."""
    assert "number “5" in ungrounded("5 percent of members voted for it.", "75 percent of members voted for it.")
    assert ungrounded("75 percent of members voted.", "In all, 75 percent of members voted. It rained.") == ""


@pytest.mark.parametrize("language", ["ca", "th", "tr", "xx"])
def test_a_language_that_a_library_knows_by_half_is_no_crash(language: str) -> None:
    """What is not known of it is not compared."""
    context = CheckContext(material=("The kiln has 12 shelves.",), language=language, written_by_model=True)
    assert isinstance(check_draft(("The kiln has 12 shelves and 700 pots.",), context), tuple)


def test_numbers_in_words_of_seven_languages() -> None:
    """Digits may stand for words of the material, whatever their accents and joins; for no other number."""
    said = {
        "en": ("There are twenty-five cats.", 25),
        "de": ("Es sind dreiundzwanzig Katzen.", 23),
        "fr": ("Il y a quatre-vingt-dix-sept chats.", 97),
        "es": ("Son veintidós gatos.", 22),
        "it": ("Sono ventitré gatti.", 23),
        "nl": ("Er zijn drieëntwintig katten.", 23),
        "pt": ("São duzentas e vinte e três. São duzentos e vinte e três.", 223),
    }
    for language, (material, number) in said.items():
        for post in (number, number + 1):
            context = CheckContext(material=(material,), language=language)
            found = [one.rule for one in check_draft((f"{post}!",), context)]
            assert found == ([] if post == number else ["grounding"]), material


@pytest.mark.parametrize(
    ("language", "text", "material", "kind"),
    [
        ("en", "Doors open at half past 7.", "Doors open at 19:30.", "number"),
        ("de", "Beginn ist um halb 8.", "Beginn 19:30 Uhr", "number"),
        ("en", "It starts around 8.", "It starts at 7:45 pm.", "number"),
        ("en", "The fair is on 3 May 2024.", "The fair is on 3 May.", "number"),
        ("en", "It has three changes.", "Adds a. Fixes b. Drops c.", "number"),
        ("en", "Since 3.11 it works.", "since 3.11.2", "number"),
        ("en", "Nearly 3,500 came.", "3,487 came.", "number"),
        ("en", "The festival takes 3 days.", "From 4 May to 7 May.", "number"),
        ("en", "It was made by Guido.", "It was made by someone.", "name"),
        ("en", "They at NASA use it.", "They use it.", "name"),
        ("en", "Now 50% faster.", "Now faster by half.", "number"),
        ("en", "A “web scale” thing.", "It scales on the web.", "quotation"),
        ("en", "See you on Friday.", "On 11 December.", "weekday"),
        ("de", "Los geht es um 19:30.", "Beginn: halb 8.", "time"),
        ("fr", "Fermé le lundi.", "Ouvert du mardi au dimanche.", "weekday"),
        ("ja", "11のグループが参加。", "AとBとC。", "number"),
        ("en", "Good for #Gardeners.", "For all who dig.", "hashtag"),
    ],
)
def test_uncertain(language: str, text: str, material: str, kind: str) -> None:
    """What may be counted, rounded, reckoned or the writer's own word is no refusal: the judge is told instead."""
    assert check_draft((text,), CheckContext(material=(material,), language=language)) == ()
    assert [one.kind for one in claims(text, (material,), language) if not one.holds] == [kind]


@soon
@pytest.mark.parametrize(
    "unit", ["3 May ", "12.345 ", "1 1,", "'a ", '"a', "a.", "a-", "_a", "@a ", "\n", "Aa Bb ", "7月"]
)
def test_linear(unit: str) -> None:
    """A long text of one kind is read in linear time, as material and as a post."""
    text = unit * (60_000 // len(unit))
    assert ungrounded("a", text) == ""
    ungrounded(text, "b")


def test_all_material_counts() -> None:
    """Claims may come from different pieces, but no claim from the seam between two."""
    assert ungrounded("Linus gave 7 talks.", "Linus", "7 talks") == ""
    assert "quotation" in ungrounded("He said “one two three”.", "he said one", "two three he said")


def test_allowed_mentions_need_no_material() -> None:
    """The bot's own handles are the person's choice."""
    assert ungrounded("Thanks @us.example!", "", policy=Policy(allowed_mentions=("@US.example",))) == ""


def test_a_persons_text_answers_to_nobody() -> None:
    """Without material there is no grounding; with none at all every claim is unfounded."""
    assert check_draft(("Guido said 12.",), CheckContext()) == ()
    assert "number “12”" in ungrounded("It said 12.")


def test_long_lists_of_claims_are_short() -> None:
    """Six claims are named, the rest is counted, each one once."""
    message = ungrounded(" and ".join(f"{n}{n}" for n in range(1, 10)) + " and 11 and 11", "")
    assert message.count("number") == 6
    assert message.endswith("and 3 more.")


def test_messages_are_fit_to_print_and_store() -> None:
    """What a message quotes is one short printable line without a secret."""
    context = CheckContext(material=(), secrets=("some-secret-value-" * 9,))
    text = f"He said “\ud83d\x1b[31m” of some_secret, `{'some-secret-value-' * 9}` and `" + "x" * 500 + "`."
    message = next(one.message for one in check_draft((text,), context) if one.rule == "grounding")
    assert message.isprintable() and message.encode()
    assert "some-secret-value" not in message
    assert len(message) < 300


OPENERS = ("", "{} tip: ", "TIL: ", "Did you know? ")


def starter_notes() -> list[dict[str, object]]:
    path = Path(twitter_manager.__file__).parent / "sources" / "starter_notes.toml"
    notes: list[dict[str, object]] = tomllib.loads(path.read_text())["note"]
    return notes


def test_human_wordings_of_the_starter_notes_pass() -> None:
    """Every rule lets through what people wrote, with openers and label, even where it is not in the note's text."""
    wrong, openers = [], itertools.cycle(OPENERS)
    for note in starter_notes():
        label, wordings = str(note["label"]), note["wordings"]
        assert isinstance(wordings, list)
        context = CheckContext(
            platforms=("x", "bluesky", "feed"),
            policy=Policy(max_links=None),
            material=(str(note["text"]), label, str(note["source"])),
            written_by_model=True,
        )
        for wording in (note["text"], *wordings):
            text = f"{next(openers).format(label)}{wording}"
            wrong += [f"{note['id']}: {text}: {one.message}" for one in check_draft((text,), context)]
    assert wrong == []


def test_notes_are_not_grounded_in_each_other() -> None:
    """Many starter notes fail on the material of a note about something else: the rule has teeth on texts with few
    figures too."""
    notes = starter_notes()[::14]
    pairs = [(one, other) for one in notes for other in notes if one["label"] != other["label"]]
    failing = sum(ungrounded(str(one["text"]), str(other["text"])) != "" for one, other in pairs)
    assert failing > 0.5 * len(pairs)


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=10), max_size=8).map(" ".join))
def test_any_text_is_grounded_in_itself(text: str) -> None:
    """No text makes the rule fail, and what the material says word for word always passes."""
    assert ungrounded(text, f"before\n{text}\nafter") == ""


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_a_number_is_grounded_by_itself_alone(said: int, given_: int) -> None:
    """With and without separators; no other number will do, but one that it may be rounded to."""
    assert ungrounded(f"It is {said:,} now.", f"now {said}") == ""
    if not 0 < abs(said - given_) * 10 <= given_:
        assert (ungrounded(f"It is {said} now.", f"now {given_:,}") == "") == (said == given_)


JAPANESE = "市議会は五月に新しい橋を承認した。工事は来年始まる。費用は3億円である。UTF8とPython 3.14を使う。"
ARABIC = "قال المجلس إن الجسر سيفتح في مايو. لم يعلن عن التكلفة، وهي 5 ملايين."


@pytest.mark.parametrize(
    ("text", "material", "claim"),
    [
        ("“市議会は五月に新しい橋を承認した。” — 新聞", JAPANESE, ""),
        ("「工事は来年始まる。」と新聞は伝えた。", JAPANESE, ""),
        ("『工事は来年始まる』", JAPANESE, ""),
        ("費用は3億円になるという。", JAPANESE, ""),
        ("東京でPythonとUTF8を使う。", JAPANESE, ""),
        ("“工事は来年終わる。”", JAPANESE, "quotation “工事は来年終わる。”"),
        ("「工事は来年終わる」", JAPANESE, "quotation “工事は来年終わる”"),
        ("費用は30億円。", JAPANESE, "number “30”"),
        ("UTF16を使う。", JAPANESE, "code “UTF16”"),
        ("“الجسر سيفتح في مايو.”", ARABIC, ""),
        ("«لم يعلن عن التكلفة»", ARABIC, ""),
        ("التكلفة 5 ملايين.", ARABIC, ""),
        ("“الجسر سيغلق في مايو.”", ARABIC, "quotation “الجسر سيغلق في مايو.”"),
        ("التكلفة 6 ملايين.", ARABIC, "number “6”"),
    ],
)
def test_other_scripts(text: str, material: str, claim: str) -> None:
    """A sentence quoted from the middle of a text without spaces is found, with its own full stop or without; numbers
    and names beside such letters are told from them."""
    assert ungrounded(text, material) == (f"Not in the material: {claim}." if claim else "")


@given(
    st.lists(st.sampled_from("漢字かなカナ。、「」"), min_size=3, max_size=12).map("".join),
    st.text("漢字。", max_size=9),
)
def test_any_stretch_of_unspaced_text_may_be_quoted(quote: str, around: str) -> None:
    """Whatever stands beside it in the material, a stretch of it is no new claim."""
    inner = re.sub("[「」]", "", quote)
    assert ungrounded(f"“{inner}”", f"{around}{inner}{around}") == ""
